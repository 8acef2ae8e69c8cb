import { describe, expect, it } from "vitest";
import { joinBeside } from "../../bench/corpus/gate/beside.ts";
import { checkFolders, checkNeighbour } from "../../bench/corpus/gate/identities.ts";
import { checkTreeLeftovers } from "../../bench/corpus/gate/leftovers.ts";
import { checkReferences, fileReferences, isIgnored } from "../../bench/corpus/gate/references.ts";
import { findInstalls, findRoots } from "../../bench/corpus/gate/sights.ts";
import type { GateItem, GateResult } from "../../bench/corpus/gate/types.ts";
import { goneNames, judgeCluster, readAfter, readBefore } from "../../bench/corpus/judge-cluster.ts";
import { bench, type Files, INSTANCE_VALUES, migrated, OLD, tree } from "./trees.ts";

const tools = bench();

async function judge(after: Files, old: Files = OLD, cleaned = true): Promise<GateResult[]> {
  const original = tree(old);
  const [root] = findRoots(original);
  if (!root) throw new Error("no root");
  const before = await readBefore(tools, original, root);
  return judgeCluster(tools, { before, after: await readAfter(tools, tree(after), before), cleaned, findings: [] });
}

const reasons = (results: GateResult[], item: GateItem): string => {
  const own = results.filter((result) => result.item === item);
  return own.length > 0 ? own.flatMap((result) => result.reasons).join("\n") : "missing";
};
const change = (from: string, to: string): Files => {
  if (!INSTANCE_VALUES.includes(from)) throw new Error(`no ${from}`);
  return migrated(INSTANCE_VALUES.replace(from, to));
};

describe("what the gate sees by itself", () => {
  it("finds the root with its source, and the install", () => {
    const original = tree(OLD);
    expect(findRoots(original).map((root) => [root.file, root.data.metadata.name, root.source.metadata.name])).toEqual([
      ["flux/cluster.yaml", "cluster", "fleet"],
    ]);
    expect(findInstalls(original)).toEqual([
      { style: "oci-manifests", file: "flux/flux.yaml", line: 2, version: "2.6.4" },
    ]);
  });

  it("takes a second start for a part of the cluster that cannot do without it", () => {
    const start = (name: string) =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  path: ./${name}\n  sourceRef:\n    kind: GitRepository\n    name: fleet\n`;
    const source = (kind: string, name: string) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  url: https://example.com/team/${name}.git\n`;
    const release =
      "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\n  namespace: app\nspec:\n  chart:\n    spec:\n      chart: app\n      sourceRef:\n        kind: HelmRepository\n        name: charts\n";
    const files = {
      "sources/start.yaml": start("sources"),
      "sources/git.yaml": source("GitRepository", "fleet"),
      "home/start.yaml": start("home"),
      "home/app.yaml": release,
    };
    const seen = (more: Files) => {
      const all = tree({ ...files, ...more });
      return joinBeside(all, findRoots(all)).map(({ file, beside = [] }) => [file, ...beside.map((one) => one.file)]);
    };
    expect(seen({ "sources/charts.yaml": source("HelmRepository", "charts") })).toEqual([
      ["home/start.yaml", "sources/start.yaml"],
    ]);
    const others = { "sources/charts.yaml": source("HelmRepository", "charts"), "sources/apps.yaml": start("apps") };
    expect(seen(others).map(([file]) => file)).toContain("sources/start.yaml");
    expect(seen({ "home/charts.yaml": source("HelmRepository", "charts") })).toHaveLength(2);
  });
});

describe("one cluster after the migration", () => {
  it("passes every item when all was carried over", async () => {
    const results = await judge(migrated());
    expect(results.flatMap((result) => result.reasons.map((reason) => `${result.item}: ${reason}`))).toEqual([]);
    expect(results.map((result) => result.item)).toEqual(expect.arrayContaining([2, 3, 4, 5, 6, 8, 14]));
    expect(results).toHaveLength(8);
  });

  it("item 2 fails a FluxKustomization that reads a source which is gone", async () => {
    const after = { ...migrated(), "flux/apps.yaml": OLD["flux/apps.yaml"] ?? "" };
    expect(reasons(await judge(after), 2)).toContain("sourceRef GitRepository flux-system/fleet no longer resolves");
  });

  it("item 2 fails a path that the source ignores", async () => {
    const after = change("!/apps", "!/other");
    expect(reasons(await judge(after), 2)).toContain("path ./apps no longer resolves");
  });

  it("item 2 fails a chartRef to nothing", async () => {
    const files = migrated();
    const after = {
      ...files,
      "flux/operator.yaml": (files["flux/operator.yaml"] ?? "").replace("    name: flux-operator", "    name: typo"),
    };
    expect(reasons(await judge(after), 2)).toContain("chartRef OCIRepository flux-system/typo is new");
  });

  it("item 3 fails an object that is no longer delivered, and one that newly is", async () => {
    const files = migrated();
    const lost = { ...files, "apps/kustomization.yaml": "kind: Kustomization\nresources: []\n" };
    expect(reasons(await judge(lost), 3)).toContain("ConfigMap default/echo is no longer delivered");
    const extra = {
      ...files,
      "apps/echo.yaml": `${files["apps/echo.yaml"]}---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: stray\n`,
    };
    expect(reasons(await judge(extra), 3)).toContain("Secret /stray is delivered and was not before");
  });

  it("item 3 fails a folder that no longer builds", async () => {
    const after = { ...migrated(), "apps/kustomization.yaml": "kind: Kustomization\nresources: [./none.yaml]\n" };
    expect(reasons(await judge(after), 3)).toContain("flux-system/apps no longer builds");
  });

  it.each([
    ["a lost patch", "--concurrent=8", "--concurrent=9", '--concurrent: "8" -> "9"'],
    [
      "network policies that come back",
      "networkPolicy: false",
      "networkPolicy: true",
      "NetworkPolicy allow-egress is new",
    ],
    [
      "a lost component",
      "        - image-automation-controller\n",
      "",
      "component image-automation-controller is lost",
    ],
    ["a Flux minor that moves", "version: 2.6.x", "version: 2.7.x", "Flux minor moves"],
    ["a Flux that goes down", "version: 2.6.x", "version: 2.6.1", "Flux goes down from 2.6.4"],
    ["a patch that targets nothing and names nothing", "kind: Deployment\n", "kind: Deploy\n", '"8" -> nothing'],
    ["a patch that cannot build", "args/-", "nowhere/x", "does not build"],
    ["a size that nobody asked for", "networkPolicy: false", "networkPolicy: false\n        size: small", "resources"],
  ])("item 4 fails %s", async (_title, from, to, reason) => {
    expect(reasons(await judge(change(from, to)), 4)).toContain(reason);
  });

  it.each([
    ["prune", "                prune: false\n", "", "root spec.prune: false -> true"],
    ["decryption", "                decryption:\n                  provider: sops\n", "", "root spec.decryption"],
    ["a label", "team: platform", "team: other", "root metadata.labels.team"],
    ["the branch", "refs/heads/main", "refs/heads/edge", "source spec.ref.name"],
    ["ignore", "!/flux\n", "!/x\n", "source spec.ignore"],
    [
      "the interval of the source",
      "interval: 30m\n      kustomize",
      "interval: 31m\n      kustomize",
      "source spec.interval",
    ],
    ["the path", "path: ./flux", "path: ./apps", "root spec.path"],
  ])("item 5 fails when %s is lost", async (_title, from, to, reason) => {
    expect(reasons(await judge(change(from, to)), 5)).toContain(reason);
  });

  it.each([
    [
      "a misspelt chart value",
      "commonMetadata: {}",
      "comonMetadata: {}",
      "instance.comonMetadata is no value of the chart",
    ],
    ["an unknown component", "- helm-controller\n", "- helm-control\n", "FluxInstance: /spec/components/2"],
    ["a short ref", "refs/heads/main", "main", "no full ref name"],
    [
      "an unknown field of the instance",
      "networkPolicy: false",
      "networkPolicy: false\n        netpol: true",
      "netpol",
    ],
  ])("item 6 fails %s", async (_title, from, to, reason) => {
    const results = await judge(change(from, to)).catch((error: Error) => [
      { item: 6 as const, status: "FAIL" as const, reasons: [error.message], notes: [] },
    ]);
    expect(reasons(results, 6)).toContain(reason);
  });

  it("item 6 fails an API version the installed Flux does not serve", async () => {
    const files = migrated();
    const after = {
      ...files,
      "flux/operator.yaml": (files["flux/operator.yaml"] ?? "").replace(
        "helm.toolkit.fluxcd.io/v2",
        "helm.toolkit.fluxcd.io/v3",
      ),
    };
    expect(reasons(await judge(after), 6)).toContain("does not serve helm.toolkit.fluxcd.io/v3");
  });

  it("item 8 fails an old install, an old root or a second instance that is left", async () => {
    const files = migrated();
    const list = (name: string): string => `${files["flux/kustomization.yaml"]}  - ./${name}\n`;
    const withFlux = {
      ...files,
      "flux/flux.yaml": OLD["flux/flux.yaml"] ?? "",
      "flux/kustomization.yaml": list("flux.yaml"),
    };
    expect(reasons(await judge(withFlux), 8)).toContain("old install is still delivered");
    expect(reasons(await judge(withFlux, OLD, false), 8)).toBe("");
    const withRoot = {
      ...files,
      "flux/cluster.yaml": OLD["flux/cluster.yaml"] ?? "",
      "flux/kustomization.yaml": list("cluster.yaml"),
    };
    expect(reasons(await judge(withRoot), 8)).toContain("GitRepository flux-system/fleet is still delivered");
    const second =
      "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec: {}\n";
    const twice = { ...files, "flux/second.yaml": second, "flux/kustomization.yaml": list("second.yaml") };
    expect(reasons(await judge(twice), 8)).toContain("2 FluxInstances");
    const none = { ...files, "flux/instance.yaml": "" };
    expect(reasons(await judge(none), 8)).toContain("0 FluxInstances");
  });

  it.each([
    ["no prune protection", "prune: disabled", "prune: enabled", "is not protected by"],
    ["a wait for itself", "  upgrade:\n    disableWait: true\n", "", "waits on upgrade for Flux"],
    [
      "an uninstalling install",
      "  install:\n",
      "  install:\n    remediation:\n      retries: 3\n",
      "a failed install is remediated",
    ],
  ])("item 8 fails %s", async (_title, from, to, reason) => {
    const files = migrated();
    const text = files["flux/instance.yaml"] ?? "";
    expect(text).toContain(from);
    expect(reasons(await judge({ ...files, "flux/instance.yaml": text.replace(from, to) }), 8)).toContain(reason);
  });

  it("item 8 fails a protection that a parent's patch takes away", async () => {
    const patch = `            target:
              kind: Kustomization
`;
    const parent =
      "                patches:\n                  - patch: |\n                      - op: add\n                        path: /spec/install/remediation\n                        value: {retries: 3}\n                    target:\n                      kind: HelmRelease\n";
    const values = INSTANCE_VALUES.replace(
      `                decryption:\n                  provider: sops\n${patch}`,
      `${parent}${patch}`,
    );
    expect(values).toContain("op: add\n                        path: /spec/install");
    expect(reasons(await judge(migrated(values)), 8)).toContain("a failed install is remediated");
  });

  it("item 4 fails a variable that post-build substitution would take out of the instance", async () => {
    const values = INSTANCE_VALUES.replace("--concurrent=8", "--concurrent=${WORKERS}").replace(
      "                decryption:",
      "                postBuild:\n                  substitute: {A: b}\n                decryption:",
    );
    expect(reasons(await judge(migrated(values)), 4)).toContain("would replace ${WORKERS}");
  });

  it("item 4 fails metadata of the Namespace that another FluxKustomization delivers and adoption would freeze", async () => {
    const namespace =
      "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n  labels:\n    goldilocks: on\n";
    const add = (files: Files): Files => ({ ...files, "apps/echo.yaml": `${files["apps/echo.yaml"]}${namespace}` });
    expect(reasons(await judge(add(migrated()), add(OLD)), 4)).toContain("Namespace flux-system: metadata.labels");
  });

  it("item 5 lets a wait for the old install go, and fails a wait for anything else that comes instead", async () => {
    const old = {
      ...OLD,
      "flux/cluster.yaml": (OLD["flux/cluster.yaml"] ?? "").replace(
        "  prune: false\n",
        "  prune: false\n  dependsOn:\n    - name: flux\n",
      ),
    };
    expect(reasons(await judge(migrated(), old), 5)).toBe("");
    const wait = "                dependsOn:\n                  - name: flux-instance\n                prune: false\n";
    const after = change("                prune: false\n", wait);
    expect(reasons(await judge(after, old), 5)).toContain("root spec.dependsOn");
  });

  it("knows which names are gone", async () => {
    const original = tree(OLD);
    const [root] = findRoots(original);
    if (!root) throw new Error("no root");
    const before = await readBefore(tools, original, root);
    const gone = goneNames(before, await readAfter(tools, tree(migrated()), before)).map(
      ({ kind, name }) => `${kind} ${name}`,
    );
    expect(gone).toContain("GitRepository fleet");
    expect(gone).not.toContain("Kustomization cluster");
  });

  it("item 3 fails a neighbour that changes", async () => {
    const original = tree(OLD);
    const [root] = findRoots(original);
    if (!root) throw new Error("no root");
    const before = await readBefore(tools, original, root);
    const same = await readAfter(tools, tree(OLD), before);
    expect(checkNeighbour("edge", before.delivery, same.delivery).status).toBe("ok");
    const other = await readAfter(tools, tree(migrated()), before);
    expect(checkNeighbour("edge", before.delivery, other.delivery).reasons.join()).toContain(
      "Kustomization flux-system/apps changes",
    );
  });

  it("builds around what the archive leaves out, not around what the migration breaks", async () => {
    const gap = { ...OLD, "flux/kustomization.yaml": `${OLD["flux/kustomization.yaml"]}  - ./left-out.yaml\n` };
    const after = migrated();
    const list = `${after["flux/kustomization.yaml"]}  - ./left-out.yaml\n`;
    expect(reasons(await judge({ ...after, "flux/kustomization.yaml": list }, gap), 3)).toBe("");
    expect(reasons(await judge({ ...after, "flux/kustomization.yaml": list }, OLD), 3)).toContain("no longer builds");
  });

  it("item 3 fails a recorded folder that yields something else", async () => {
    const recorded = [
      { dir: "apps", ok: true, ids: [["v1", "ConfigMap", "default", "echo"]] as [string, string, string, string][] },
    ];
    const rest = {
      recorded,
      builder: tools.builder,
      removable: new Set<string>(),
      deliveredNow: new Set<string>(),
      fluxNamespaces: new Set(["flux-system"]),
    };
    const renamed = {
      ...migrated(),
      "apps/echo.yaml": (OLD["apps/echo.yaml"] ?? "").replace("name: echo", "name: other"),
    };
    const result = await checkFolders({ original: tree(OLD), after: tree(renamed), ...rest });
    expect(result.reasons).toEqual([
      "apps no longer yields ConfigMap default/echo",
      "apps newly yields ConfigMap default/other",
    ]);
    expect((await checkFolders({ original: tree(OLD), after: tree(migrated()), ...rest })).status).toBe("ok");
  });
});

describe("the tree", () => {
  it("reads ignore patterns as source-controller does", () => {
    const patterns = "# all\n/*\n!/clusters/a\n";
    expect(isIgnored(patterns, "clusters/a/apps/x.yaml")).toBe(false);
    expect(isIgnored(patterns, "clusters/b/x.yaml")).toBe(true);
    expect(isIgnored(`${patterns}*.md\n`, "clusters/a/read.md")).toBe(true);
  });

  it("item 2 fails a kustomization that lists a deleted file, not one that was broken before", () => {
    const broken: Files = { ...OLD, "apps/kustomization.yaml": `${OLD["apps/kustomization.yaml"]}  - ./gone.yaml\n` };
    const { "flux/flux.yaml": _flux, ...after } = broken;
    const result = checkReferences(fileReferences(tree(broken)), fileReferences(tree(after)));
    expect(result.reasons).toEqual(["flux/kustomization.yaml: resources ./flux.yaml no longer resolves"]);
  });

  it("item 8 fails an undelivered old install that no finding names", () => {
    const after = tree({
      "bootstrap/kustomization.yaml": "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n",
    });
    const styles = new Set(["remote-install"] as const);
    expect(checkTreeLeftovers({ after, styles, mentioned: () => false }).status).toBe("FAIL");
    expect(
      checkTreeLeftovers({ after, styles, mentioned: (file) => file === "bootstrap/kustomization.yaml" }).status,
    ).toBe("ok");
  });
});
