import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { adaptText } from "../../e2e/trees/adapt.ts";
import { catalogOf, concrete, placeOf } from "../../e2e/trees/catalog.ts";
import { readObjects } from "../../e2e/trees/documents.ts";
import { addHelmfiles } from "../../e2e/trees/helmfiles.ts";
import { TREES } from "../../e2e/trees/list.ts";
import { treesText } from "../../e2e/trees/page.ts";
import { addRemoteBases, remoteBase } from "../../e2e/trees/remote-bases.ts";
import { standInText, standInValue } from "../../e2e/trees/sops.ts";
import { place } from "../../e2e/trees/source-watcher.ts";
import { StandIns } from "../../e2e/trees/stand-ins.ts";
import { stubCrds } from "../../e2e/trees/stub-crds.ts";
import { Repo } from "../../e2e/world/repo.ts";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function tree(files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), "fluxlift-trees-"));
  dirs.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return readObjects(dir);
}

const source = (kind: string, name: string, url: string, more = "") =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n  url: ${url}\n${more}`;
const own = "https://github.com/acme/fleet";
const flux = { own, flux: "2.9.5" };

describe("real trees on the live bench", () => {
  it("knows a repository by host and path, however it is addressed", () => {
    for (const url of [
      "https://GitHub.com/acme/fleet.git",
      "ssh://git@github.com/acme/fleet",
      "git@github.com:acme/fleet.git",
      "ssh://git@github.com:2222/acme/fleet.git/",
    ])
      expect(placeOf(url)).toBe("github.com/acme/fleet");
  });

  it("takes a version that satisfies a range", () => {
    const said = {
      "1.2.3": "1.2.3",
      "v1.2.3-rc.1": "v1.2.3-rc.1",
      "1.x": "1.0.0",
      ">=1.2 <3": "1.2.0",
      ">1.2.3": "1.2.4",
    };
    for (const [range, version] of Object.entries(said)) expect(concrete(range)).toBe(version);
    expect(concrete("*")).toBe("1.0.0");
    expect(concrete("latest")).toBe("latest");
  });

  it("reads the own repository over HTTPS, and leaves other text alone", () => {
    expect(adaptText("  url: ssh://git@github.com/acme/fleet.git\n", flux)).toBe(`  url: ${own}\n`);
    expect(adaptText("  url: ssh://git@github.com/else/where\n", flux)).toBe("  url: https://github.com/else/where\n");
    expect(adaptText("tag: 1.2.3@sha256:00\n", flux)).toBe("tag: 1.2.3@sha256:00\n");
  });

  it("raises Flux and its API versions to what the release serves", () => {
    const text = source(
      "OCIRepository",
      "flux-manifests",
      "oci://ghcr.io/fluxcd/flux-manifests",
      "  ref:\n    tag: v2.3.0\n",
    );
    const done = new Map<string, number>();
    const changed = adaptText(text.replace("/v1\n", "/v1beta2\n"), flux, done);
    expect(changed).toBe(text.replace("v2.3.0", "v2.9.5"));
    expect([...done.values()]).toEqual([1, 1]);
  });

  it("raises the chart that installs Flux, and no other one", () => {
    const release = (chart: string) =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart:\n    spec:\n      chart: ${chart}\n      version: 2.14.1\n`;
    expect(adaptText(release("flux2"), flux)).toBe(release("flux2").replace("2.14.1", "2.19.0"));
    expect(adaptText(release("flux2-sync"), flux)).toBe(release("flux2-sync"));
    expect(
      adaptText("  - name: flux # flux2\n    chart: oci://ghcr.io/a/charts/flux2\n    version: 2.14.1\n", flux),
    ).toContain("version: 2.19.0");
  });

  it("copies into an artifact as source-watcher does, and refuses what it does not know", () => {
    const dir = mkdtempSync(join(tmpdir(), "fluxlift-watcher-"));
    dirs.push(dir);
    mkdirSync(join(dir, "repo/apps/base"), { recursive: true });
    writeFileSync(join(dir, "repo/apps/base/a.yaml"), "a");
    const out = join(dir, "out");
    const cases: Record<string, [from: string, to: string]> = {
      "x/base/a.yaml": ["@repo/apps/**", "@artifact/x/"],
      "apps/base/a.yaml": ["@repo/apps", "@artifact/"],
      "b.yaml": ["@repo/apps/base/a.yaml", "@artifact/b.yaml"],
    };
    for (const [path, [from, to]] of Object.entries(cases)) {
      place(dir, out, { from, to });
      expect(readFileSync(join(out, path), "utf8")).toBe("a");
    }
    expect(() => place(dir, out, { from: "@repo/*.yaml", to: "@artifact/" })).toThrow("no stand-in");
    expect(() => place(dir, out, { from: "@repo/none/**", to: "@artifact/" })).toThrow("matches nothing");
  });

  it("drops what only the real content could satisfy", () => {
    const more = "  ref:\n    tag: v1\n    digest: sha256:00\n  verify:\n    provider: cosign\n  interval: 1h\n";
    expect(adaptText(source("OCIRepository", "a", "oci://ghcr.io/a/b", more), flux)).toBe(
      source("OCIRepository", "a", "oci://ghcr.io/a/b", "  ref:\n    tag: v1\n  interval: 1h\n"),
    );
  });

  it("puts stand-ins of the same keys into encrypted files, encoded where a Secret wants it", () => {
    const enc = (type = "str") => `ENC[AES256_GCM,data:aa==,iv:bb=,tag:cc==,type:${type}]`;
    const text = `kind: Secret\ndata:\n  TOKEN: ${enc()}\nstringData:\n  SECRET_DOMAIN: ${enc()}\n  LB_IP: ${enc()}\n  PORT: ${enc("int")}\nsops:\n  mac: ${enc()}\n  encrypted_regex: ^(data|stringData)$\n`;
    const made = standInText(text)!;
    expect(made.regex).toBe("^(data|stringData)$");
    expect(made.plain).not.toContain("ENC[");
    expect(parse(made.plain)).toEqual({
      kind: "Secret",
      data: { TOKEN: Buffer.from("stand-in-token").toString("base64") },
      stringData: { SECRET_DOMAIN: "secret-domain.example.org", LB_IP: "192.0.2.10", PORT: 8080 },
    });
    expect(standInText("kind: Secret\n")).toBeUndefined();
    const whole = `apiVersion: ${enc()}\nkind: ${enc()}\nmetadata:\n  creationTimestamp: ${enc()}\ndata:\n  a: ${enc()}\nsops:\n  mac: ${enc()}\n`;
    expect(parse(standInText(whole, "apps/vault.sops.yaml")!.plain)).toEqual({
      ...{ apiVersion: "v1", kind: "Secret", type: "Opaque", metadata: { name: "vault", namespace: "default" } },
      data: { a: Buffer.from("stand-in-a").toString("base64") },
    });
    expect(standInValue("CLUSTER_CIDR")).toBe("192.0.2.0/24");
    expect(JSON.parse(standInValue(".dockerconfigjson"))).toEqual({ auths: {} });
  });

  it("stubs the kinds that nobody serves, and none that the tree defines", () => {
    const crd =
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: x\nspec:\n  group: own.example.org\n  names:\n    kind: Own\n";
    const kinds = [
      "cert-manager.io/v1 ClusterIssuer",
      "cert-manager.io/v1 Certificate",
      "kyverno.io/v1 ClusterPolicy",
      "own.example.org/v1 Own",
      "apps/v1 Deployment",
      "kustomize.toolkit.fluxcd.io/v1 Kustomization",
    ];
    const text = kinds.map(
      (one) => `apiVersion: ${one.split(" ")[0]}\nkind: ${one.split(" ")[1]}\nmetadata:\n  name: a\n`,
    );
    const stubs = stubCrds(tree({ "a.yaml": [...text, crd].join("---\n") }));
    expect(stubs.map(({ metadata, spec }) => [metadata.name, spec.scope])).toEqual([
      ["clusterissuers.cert-manager.io", "Cluster"],
      ["certificates.cert-manager.io", "Namespaced"],
      ["clusterpolicies.kyverno.io", "Cluster"],
    ]);
  });

  it("lists what the world outside has to answer for", () => {
    const objects = tree({
      "vars.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: vars\ndata:\n  ENV: staging\n",
      "team/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: team\n",
      "team/sync.yaml": `${source("GitRepository", "team", "https://git.example.org/team/app.git", "  ref:\n    branch: dev\n")}---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: team\nspec:\n  path: ./deploy/\${ENV}\n  sourceRef:\n    kind: GitRepository\n    name: team\n`,
      "own.yaml": source("GitRepository", "flux-system", "ssh://git@github.com/acme/fleet"),
      "chart.yaml":
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: a\nspec:\n  chart:\n    spec:\n      chart: podinfo\n      version: 6.x\n      sourceRef:\n        kind: HelmRepository\n        name: a\n",
    });
    const catalog = catalogOf(objects, own);
    expect([...catalog.foreign.keys()]).toEqual(["git.example.org/team/app"]);
    const foreign = catalog.foreign.get("git.example.org/team/app")!;
    expect([...foreign.folders]).toEqual([["deploy/staging", "team"]]);
    expect([...foreign.branches]).toEqual(["dev"]);
    expect(catalog.charts.get("podinfo")).toEqual(new Set(["6.0.0"]));
    expect(catalog.hosts).toEqual(new Set(["github.com", "git.example.org"]));
    const outside = new StandIns({ catalog, served: "", own: { url: own, name: "own" } });
    expect(outside.tags("ghcr.io/x/podinfo")).toEqual(["6.0.0"]);
    expect(outside.artifact("ghcr.io/x/podinfo", "6.0.0")?.configType).toContain("helm");
  });

  it("lists what helmfiles ask for before there is a Flux", () => {
    const dir = mkdtempSync(join(tmpdir(), "fluxlift-helmfile-"));
    dirs.push(dir);
    const releases = [
      { name: "cni", chart: "net/cni", version: "1.2.3" },
      { name: "dns", chart: "oci://charts.example.org/dns", version: "4.5.6" },
      { name: "own", chart: "./charts/own" },
    ];
    const repositories = [{ name: "net", url: "https://helm.example.org/net" }];
    writeFileSync(join(dir, "helmfile.yaml"), JSON.stringify({ repositories, releases }));
    const catalog = catalogOf([], own);
    addHelmfiles(catalog, dir);
    expect([...catalog.hosts]).toEqual(["github.com", "helm.example.org", "charts.example.org"]);
    expect(Object.fromEntries(catalog.charts)).toEqual({ cni: new Set(["1.2.3"]), dns: new Set(["4.5.6"]) });
  });

  it("knows a folder of somebody else's repository, however a kustomization writes it", () => {
    const place = "github.com/a/b";
    const said: Record<string, object | undefined> = {
      "github.com/a/b/deploy": { place, folder: "deploy", ref: "" },
      "https://github.com/a/b//config/crd?ref=v1.2.3": { place, folder: "config/crd", ref: "v1.2.3" },
      "https://github.com/a/b.git/deploy?ref=main&timeout=90s": { place, folder: "deploy", ref: "main" },
      "git::https://github.com/a/b?version=v1": { place, folder: ".", ref: "v1" },
      "git@github.com:a/b.git": { place, folder: ".", ref: "" },
      "https://github.com/a/b/releases/download/v1/crd.yaml": undefined,
      "../base/of/it": undefined,
    };
    for (const [entry, base] of Object.entries(said)) expect(remoteBase(entry), entry).toEqual(base);
  });

  it("makes a remote base with what the tree patches of it, and nothing that the tree has itself", () => {
    const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };
    const deployment = (name: string, more: object) =>
      JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, ...more });
    const containers = [{ name: "one", env: [] }];
    const objects = tree({
      "nfs/kustomization.yaml": JSON.stringify({
        ...kustomization,
        bases: ["github.com/a/b/deploy?ref=v1.2.3"],
        resources: ["./mine.yaml"],
        patchesStrategicMerge: ["./patches/theirs.yaml", deployment("mine", {})],
      }),
      "nfs/mine.yaml": deployment("mine", {}),
      "nfs/patches/theirs.yaml": deployment("theirs", { spec: { template: { spec: { containers } } } }),
    });
    const catalog = catalogOf(objects, own);
    addRemoteBases(catalog, objects);
    expect(catalog.hosts).toContain("github.com");
    const foreign = catalog.foreign.get("github.com/a/b")!;
    expect([...foreign.tags]).toEqual(["v1.2.3"]);
    const made = foreign.patched?.get("deploy") ?? [];
    expect(made.map(({ metadata }) => metadata.name)).toEqual(["theirs"]);
    expect(made[0]?.spec.template.spec.containers).toEqual([{ name: "one", image: "one" }]);
    expect(made[0]?.spec.selector.matchLabels).toEqual(made[0]?.spec.template.metadata.labels);
  });

  it("publishes the newest commit of a tree whose clusters read an artifact of it", () => {
    const served = mkdtempSync(join(tmpdir(), "fluxlift-served-"));
    dirs.push(served);
    const repo = new Repo(join(served, "work"), served, "", "own", own);
    const artifact = { name: "ghcr.io/acme/fleet", folder: "kubernetes" };
    const outside = new StandIns({ catalog: catalogOf([], own), served, own: { url: own, name: "own", artifact } });
    const revisions = ["a", "b"].map((text) => {
      repo.write({ "kubernetes/settings.yaml": `${text}\n`, "README.md": "" });
      const commit = repo.commit(text);
      repo.push();
      const published = outside.artifact(artifact.name, "latest");
      expect(published?.configType).toContain("flux");
      expect(published?.annotations?.["org.opencontainers.image.revision"]).toBe(`main@sha1:${commit}`);
      return published?.layer.toString("hex");
    });
    expect(new Set(revisions).size).toBe(2);
    expect(outside.moves(artifact.name)).toBe(true);
    expect(outside.moves("ghcr.io/acme/other")).toBe(false);
  });

  it("answers for Docker Hub under the names it is asked by", () => {
    const url = "oci://docker.io/acme/gateway-helm";
    const objects = tree({ "a.yaml": source("OCIRepository", "a", url, "  ref:\n    semver: 1.8.x\n") });
    const catalog = catalogOf(objects, own);
    expect(catalog.hosts).toEqual(new Set(["github.com", "index.docker.io", "registry-1.docker.io"]));
    const outside = new StandIns({ catalog, served: "", own: { url: own, name: "own" } });
    expect(outside.tags("index.docker.io/acme/gateway-helm")).toEqual(["1.8.0"]);
  });

  it("answers Git under the address of a repository, and for nothing else", async () => {
    const served = mkdtempSync(join(tmpdir(), "fluxlift-served-"));
    dirs.push(served);
    const catalog = catalogOf(
      tree({
        "a.yaml": `${source("GitRepository", "a", "https://git.example.org/a/b", "  ref:\n    tag: v1.2.3\n")}---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: a\n  namespace: web\nspec:\n  path: ./deploy\n  sourceRef:\n    kind: GitRepository\n    name: a\n`,
      }),
      own,
    );
    const repo = new Repo(join(served, "work"), served, "", "own", own);
    repo.branches = ["main", "edge"];
    repo.write({ "README.md": "own\n" });
    repo.commit("one");
    repo.push();
    const outside = new StandIns({ catalog, served, own: { url: own, name: "own" } });
    const server = createServer((incoming, outgoing) => {
      const [, host = "", ...path] = new URL(incoming.url ?? "/", "http://x").pathname.split("/");
      if (!outside.serve(host, `/${path.join("/")}`, incoming, outgoing)) outgoing.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const refs = async (place: string) =>
      (await promisify(execFile)("git", ["ls-remote", `http://127.0.0.1:${port}/${place}`])).stdout;
    try {
      expect(await refs("github.com/acme/fleet.git")).toMatch(/refs\/heads\/edge\n.*refs\/heads\/main\n/);
      expect(await refs("git.example.org/a/b")).toContain("refs/tags/v1.2.3");
      await expect(refs("github.com/acme/other")).rejects.toThrow();
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

  it("names each tree once, and writes a page without the machine's paths", () => {
    expect(new Set(TREES.map(({ state }) => state)).size).toBe(TREES.length);
    const page = treesText([
      {
        tree: "acme__fleet__live",
        install: "gotk",
        generation: "new",
        code: { commit: "abc", source: "x" },
        fluxlift: "0.1.0",
        rollback: true,
        steps: [],
        oldState: { default: { "HelmRelease a/b": "Failed: at /tmp/x/y: in /dev/shm/x/y" } },
        edits: ["one (1)"],
        stubs: 1,
        household: 2,
        misses: [],
        failures: ["install: broke"],
        seconds: 3,
      },
    ]);
    expect(page).toContain("**failed**");
    expect(page).toContain("HelmRelease a/b: Failed: at …: in …");
    // What was run on another machine stays on the page.
    expect(treesText([], page)).toBe(page);
    // A Flux that the bench brings up no more leaves it.
    const older = page.replaceAll("2.9.5", "2.9.3");
    expect(treesText([], older)).not.toContain("acme__fleet__live");
  });

  it.each([
    ["runbook", "rebuilt from zero"],
    ["owner", "rebuilt its own way"],
  ] as const)("says how much of a cluster is Ready that the %s rebuilt", (by, said) => {
    const ready = { main: { kustomizations: [8, 9] as [number, number], releases: [5, 5] as [number, number] } };
    const page = treesText([
      {
        ...{ tree: "acme__fleet__live", install: "gotk", generation: "new", fluxlift: "0.1.0", rollback: false },
        ...{ code: { commit: "abc", source: "x" }, steps: [], oldState: {}, edits: [], stubs: 0, household: 0 },
        ...{ misses: [], failures: [], seconds: 3, rebuilt: { by, ready, seconds: 2 } },
      },
    ]);
    expect(page).toContain(`| \`acme__fleet__live\`, ${said} | gotk |`);
    expect(page).toContain("- main: 8 of 9 FluxKustomizations, 5 of 5 HelmReleases");
    expect(treesText([], page)).toBe(page);
  });

  it("does not take a rebuild for a run through the phases", () => {
    const state = TREES[0]!.state;
    const run = (rebuilt: boolean) =>
      treesText([
        {
          ...{ tree: state, install: "chart", generation: "new", fluxlift: "0.1.0", rollback: false, steps: [] },
          ...{ code: { commit: "abc", source: "x" }, oldState: {}, edits: [], stubs: 0, household: 0 },
          ...{ misses: [], failures: [], seconds: 3 },
          ...(rebuilt ? { rebuilt: { by: "owner" as const, ready: {}, seconds: 2 } } : {}),
        },
      ]);
    const left = (page: string) => page.split("\n").find((one) => one.startsWith("Not run on Flux 2.9.5"));
    expect(left(run(true))).toContain(state);
    expect(left(run(false))).not.toContain(state);
  });

  it("keeps the runs of the page that have no result here", () => {
    const page = readFileSync(new URL("../../docs/live-trees.md", import.meta.url), "utf8");
    expect(treesText([], page)).toBe(page);
  });
});
