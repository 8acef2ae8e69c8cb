import { describe, expect, test } from "vitest";
import { madeRoot, stateOf } from "../../src/cluster/instances.ts";
import { buildModel } from "../../src/cluster/model.ts";
import type { RepoModel } from "../../src/cluster/types.ts";
import { writeComponents } from "../../src/cluster/unfilled/texts.ts";
import { CORE_COMPONENTS, parseFluxVersion } from "../../src/release/releases.ts";
import { CONFIG } from "../gotk/make-gotk.ts";
import { memoryTree } from "../support/memory.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

function read(files: Record<string, string>, remotes: string[] = []): RepoModel {
  return buildModel({ tree: memoryTree(files), remotes, options: { layout: "auto" } });
}

const namesOf = ({ clusters }: RepoModel) => clusters.map(({ name }) => name).sort();
const leftOut = ({ leftOut: places }: RepoModel) => places.map(({ object, why }) => `${object.file} ${why}`);

describe("a root whose source lies far from it", () => {
  /** Two clusters whose source stands once, in a base that a child of each root delivers. */
  const shared = (dir: string): Record<string, string> => ({
    [`clusters/${dir}/root.yaml`]: flux("cluster", `./clusters/${dir}`),
    [`clusters/${dir}/base.yaml`]: flux("base", `./overlays/${dir}/flux`),
    [`overlays/${dir}/flux/kustomization.yaml`]: list("../../../bases/sources/git"),
  });
  const source = {
    "bases/sources/git/home-ops.yaml": gitRepository("home-ops", URL),
    "bases/sources/git/kustomization.yaml": list("./home-ops.yaml"),
  };
  const kind = {
    "dev/flux.yaml":
      gitRepository("local", "https://git.invalid/owner/local") + flux("local", "./dev", "GitRepository local"),
  };

  test("is found where a child of it delivers the source", () => {
    expect(namesOf(read({ ...source, ...shared("one"), ...shared("two") }))).toEqual(["one", "two"]);
  });

  test("is found where the source has the URL of the git remote, and a local environment does not hide it", () => {
    const files = {
      "bases/sources/home-ops.yaml": gitRepository("home-ops", URL),
      "clusters/one/root.yaml": flux("cluster", "./clusters/one"),
      ...kind,
    };
    expect(namesOf(read(files, [`${URL}.git`]))).toEqual(["default"]);
    expect(read(files, [`${URL}.git`]).clusters[0]!.root.file).toBe("clusters/one/root.yaml");
    expect(namesOf(read({ ...source, ...shared("one"), ...shared("two"), ...kind }, [URL]))).toEqual(["one", "two"]);
  });

  test("is none where it only is an app that nothing lists", () => {
    const files = {
      ...source,
      ...shared("one"),
      "apps/echo/ks.yaml": flux("echo", "./apps/echo/app"),
      "apps/echo/app/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: echo\n",
    };
    const model = read(files, [URL]);
    expect(model.clusters.map(({ root }) => root.file)).toEqual(["clusters/one/root.yaml"]);
    expect(leftOut(model)).toEqual([]);
  });
});

test("what reads an artifact that the cluster makes is left out as that, where no root is recognised", () => {
  const all = gitRepository("all", URL) + flux("all", "./", "ExternalArtifact all");
  expect(leftOut(read({ "clusters/one/all.yaml": all, "apps/cm.yaml": CONFIG }, [URL]))).toEqual([
    "clusters/one/all.yaml builds ./ of ExternalArtifact all, which something in the cluster makes, and which no FluxInstance can sync",
  ]);
});

test("a base whose overlays say the path does not build the whole repository, roots and all, from a source of its own", () => {
  const whole = flux("app", "./", "GitRepository app").replace("  path: ./\n", "");
  expect(whole).not.toContain("path:");
  const kind = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
  const files = {
    "clusters/one/sync.yaml":
      gitRepository("flux-system", URL) + flux("flux-system", "./clusters/one", "GitRepository flux-system"),
    "clusters/one/apps.yaml": flux("apps", "./apps/one", "GitRepository flux-system"),
    "apps/one/kustomization.yaml": `${list("../base")}patches:\n  - path: path.yaml\n    target: {kind: Kustomization}\n`,
    "apps/one/path.yaml": `${kind}metadata: {name: app, namespace: flux-system}\nspec: {path: ./src/deploy/one}\n`,
    "apps/base/kustomization.yaml": list("app.yaml", "source.yaml"),
    "apps/base/app.yaml": whole,
    "apps/base/source.yaml": gitRepository("app", URL),
    "src/deploy/one/cm.yaml": CONFIG,
  };
  const model = read(files, [URL]);
  expect(model.clusters.map(({ root }) => root.file)).toEqual(["clusters/one/sync.yaml"]);
  expect(leftOut(model)).toEqual([]);
});

test("a root gets its path from a replacement in the folder that it builds, also by a file of its own", () => {
  const where = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: where, namespace: flux-system}\n";
  const entry = `- source: {kind: ConfigMap, name: where, fieldPath: data.path}
  targets:
  - select: {kind: Kustomization, name: flux-system}
    fieldPaths: [spec.path]
`;
  const cluster = (name: string, more: string) => ({
    [`clusters/${name}/kustomization.yaml`]: `${list("../base", "where.yaml")}${more}`,
    [`clusters/${name}/where.yaml`]: `${where}data: {path: ./clusters/${name}}\n`,
  });
  const model = read({
    "clusters/base/kustomization.yaml": list("sync.yaml"),
    "clusters/base/sync.yaml":
      gitRepository("flux-system", URL) + flux("flux-system", "./clusters/none", "GitRepository flux-system"),
    ...cluster("one", `replacements:\n${entry}`),
    ...cluster("two", "replacements:\n- path: ../path.yaml\n"),
    "clusters/path.yaml": entry,
  });
  expect(namesOf(model)).toEqual(["one", "two"]);
  expect(leftOut(model)).toEqual([]);
});

describe("a manifest of the root that an earlier bootstrap to the folder below has left", () => {
  const sync = (url: string, path: string) =>
    gitRepository("flux-system", url) + flux("flux-system", path, "GitRepository flux-system");
  const files = {
    "clusters/one/apps.yaml": flux("apps", "./apps", "GitRepository flux-system"),
    "clusters/one/flux-system/flux-system/gotk-sync.yaml": sync(
      "ssh://git@github.com/owner/home-ops",
      "./clusters/one/flux-system",
    ),
    "clusters/one/flux-system/gotk-sync.yaml": sync(URL, "./clusters/one"),
    "clusters/one/flux-system/kustomization.yaml": list("gotk-sync.yaml", "../apps.yaml"),
    "clusters/one/kustomization.yaml": list("flux-system"),
    "apps/cm.yaml": CONFIG,
  };

  test("is what Flux has replaced by the one that it brings, whose source lies beside it", () => {
    const model = read(files, [URL]);
    expect(model.clusters.map(({ root, source }) => [root.file, source?.data.spec?.url])).toEqual([
      ["clusters/one/flux-system/gotk-sync.yaml", URL],
    ]);
    expect(leftOut(model)).toEqual([
      expect.stringMatching(/^clusters\/one\/flux-system\/flux-system\/gotk-sync\.yaml .* nothing delivers this$/),
    ]);
  });

  test("is the root where what it brings is named otherwise", () => {
    const child = gitRepository("flux-system", URL) + flux("all", "./clusters/one", "GitRepository flux-system");
    const model = read({ ...files, "clusters/one/flux-system/gotk-sync.yaml": child }, [URL]);
    expect(model.clusters.map(({ root }) => root.name)).toEqual(["flux-system"]);
  });
});

describe("two manifests of one root that differ in the branch they read", () => {
  const on = (branch: string) =>
    gitRepository("flux-system", URL).replace("branch: main", `branch: ${branch}`) +
    flux("flux-system", "./clusters/one", "GitRepository flux-system");
  const tree = memoryTree({
    "flux/sync.yaml": on("main"),
    "clusters/sync.yaml": on("staging"),
    "clusters/one/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: echo\n",
  });

  test.each([
    ["main", "flux/sync.yaml"],
    ["staging", "clusters/sync.yaml"],
    ["other", "clusters/sync.yaml"],
  ])("on %s the root is that of %s", (branch, file) => {
    const { clusters } = buildModel({ tree, remotes: [URL], branch, options: { layout: "auto" } });
    expect(clusters.map(({ root }) => root.file)).toEqual([file]);
  });
});

describe("a FluxKustomization of another repository", () => {
  const instance =
    "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n" +
    "  distribution:\n    version: 2.7.x\n    registry: ghcr.io/fluxcd\n" +
    "  sync:\n    kind: OCIRepository\n    url: oci://ghcr.io/example/fleet\n    ref: latest\n    path: ./clusters/one\n";

  test("starts no cluster of this one, also where only a FluxInstance says what is synced", () => {
    const model = read({
      "clusters/one/instance.yaml": instance,
      "crds/snapshot.yaml":
        gitRepository("snapshotter", "https://git.invalid/other/snapshotter") +
        flux("crds", "./client/config/crd", "GitRepository snapshotter"),
    });
    expect(namesOf(model)).toEqual(["default"]);
    expect(leftOut(model)).toEqual([]);
  });
});

describe("a root that a FluxInstance lies below, and that does not build its own folder", () => {
  const sync = (kind: string, url: string, ref: string) => `    kind: ${kind}\n    url: ${url}\n    ref: ${ref}\n`;
  const instance = (path: string, sync: string) =>
    "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n" +
    "  distribution:\n    version: 2.7.x\n    registry: ghcr.io/fluxcd\n" +
    `  sync:\n    name: flux\n${sync}    path: ${path}\n`;
  const starts = ({ clusters }: RepoModel) => clusters.map(({ root, rootFrom }) => [root.file, rootFrom]);

  test("is the root where both lie in the folder that is published", () => {
    const source = gitRepository("home-ops", "oci://ghcr.io/owner/home-ops")
      .replace("GitRepository", "OCIRepository")
      .replace("branch: main", "tag: main");
    const model = read({
      "publish.sh": "flux push artifact oci://ghcr.io/owner/home-ops:main --path=./deploy\n",
      "deploy/start/flux.yaml": source + flux("flux", "./cluster", "OCIRepository home-ops"),
      "deploy/cluster/instance.yaml": instance(
        "cluster",
        sync("OCIRepository", "oci://ghcr.io/owner/home-ops", "main"),
      ),
    });
    expect(starts(model)).toEqual([["deploy/start/flux.yaml", "manifest"]]);
  });

  test("is the root where what it starts delivers it", () => {
    const model = read({
      "components/flux/source.yaml": gitRepository("home-ops", URL),
      "components/flux/start.yaml": flux("apps", "./gitops"),
      "components/flux/instance.yaml": instance("components/flux", sync("GitRepository", URL, "refs/heads/main")),
      "gitops/flux.yaml": flux("flux", "./components/flux"),
      "gitops/echo.yaml": flux("echo", "./components/echo"),
      "components/echo/cm.yaml": CONFIG,
    });
    expect(starts(model)).toEqual([["gitops/flux.yaml", "manifest"]]);
  });
});

describe("a root far from the folder that it builds, beside a FluxInstance", () => {
  const clustersOf = (file: string, branch: string) =>
    read({
      [file]: gitRepository("home-ops", URL) + flux("home", "./cluster"),
      "cluster/apps.yaml": flux("apps", "./apps"),
      "cluster/flux/kustomization.yaml": list("../cm.yaml"),
      "cluster/cm.yaml": CONFIG,
      "cluster/instance.yaml":
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n" +
        `  sync:\n    kind: GitRepository\n    url: ${URL}.git\n    ref: refs/heads/${branch}\n    path: cluster\n`,
      "apps/cm.yaml": CONFIG,
    }).clusters;
  const startOf = (file: string, branch: string) =>
    clustersOf(file, branch).map(({ root, rootFrom }) => `${root.file} ${rootFrom}`);

  test("is what the instance replaces where both build the same folder of the same branch", () => {
    expect(startOf("boot/sync.yaml", "main")).toEqual(["boot/sync.yaml manifest"]);
  });

  test("has one of another name beside it, or in its place, that the operator alone makes", () => {
    for (const file of ["boot/sync.yaml", "archive/sync.yaml"])
      expect(clustersOf(file, "main").map((cluster) => madeRoot(cluster)?.name)).toEqual(["flux-system"]);
  });

  test("is an example of one by its name, also in the folder that is built", () => {
    for (const file of [
      "boot/sync.example.yaml",
      "cluster/flux/sync.sample.yml",
      "cluster/flux/sync.yaml.example.yaml",
    ])
      expect(startOf(file, "main")).toEqual(["cluster/instance.yaml instance"]);
  });

  test("is not this cluster's where it is archived, or reads another branch", () => {
    expect(startOf("archive/sync.yaml", "main")).toEqual(["cluster/instance.yaml instance"]);
    expect(startOf("boot/sync.yaml", "staging")).toEqual(["cluster/instance.yaml instance"]);
  });
});

describe("a FluxInstance that leaves something to its cluster", () => {
  const release = (path: string, more = "") =>
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-instance\nspec:\n" +
    "  url: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-instance\n---\n" +
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: flux-instance\n${more}spec:\n` +
    "  chartRef:\n    kind: OCIRepository\n    name: flux-instance\n  values:\n    instance:\n      sync:\n" +
    `        kind: GitRepository\n        url: ${URL}\n        ref: refs/heads/main\n        path: ${path}\n`;
  const OPS = "GitRepository gitops";
  const SYSTEM = "GitRepository flux-system";
  const roots = ({ clusters }: RepoModel) =>
    clusters.map(({ name, root }) => `${name} ${root.namespace}/${root.name} ${root.data?.spec?.path}`);

  test("gets its namespace, and its source a name, from what delivers it", () => {
    const files = {
      "flux/cluster/apps.yaml": flux("apps", "./apps", OPS),
      "apps/ks.yaml": flux("instance", "./base/instance", OPS, "  targetNamespace: gitops\n"),
      "base/instance/release.yaml": release("flux/cluster"),
    };
    expect(roots(read(files))).toEqual(["default gitops/gitops flux/cluster"]);
    const [cluster] = read(files).clusters;
    expect(cluster!.local.map(({ object }) => object.name)).toEqual(["gitops", "apps", "instance"]);
    const twice = { ...files, "apps/more.yaml": flux("more", "./base/instance", OPS, "  targetNamespace: other\n") };
    expect(roots(read(twice))).toEqual([]);
  });

  test("may name its source and its root by patches", () => {
    const rename = (kind: string, at: string, name: string) =>
      `          - target: {kind: ${kind}}\n            patch: |\n              - {op: replace, path: ${at}, value: ${name}}\n`;
    const patches = (...all: string[]) =>
      `${release("./flux/cluster", "  namespace: flux-system\n")}      kustomize:\n        patches:\n${all.join("")}`;
    const files = {
      "flux/cluster/apps.yaml": flux("apps", "./apps"),
      "apps/ks.yaml": flux("instance", "./base/instance"),
      "base/instance/release.yaml": patches(
        rename("GitRepository", "/metadata/name", "home-ops"),
        rename("Kustomization", "/spec/sourceRef/name", "home-ops"),
        rename("Kustomization", "/metadata/name", "cluster"),
      ),
    };
    expect(roots(read(files))).toEqual(["default flux-system/cluster ./flux/cluster"]);
    const [cluster] = read(files).clusters;
    expect(cluster!.root.data?.spec?.sourceRef).toEqual({ kind: "GitRepository", name: "home-ops" });
    expect(cluster!.local.map(({ object }) => object.name)).toEqual(["cluster", "apps", "instance"]);
    // Nothing is generated by the old name.
    expect(roots(read({ ...files, "base/instance/release.yaml": patches() }))).toEqual([]);
  });

  test("is the cluster's own where the folder it syncs reads what it generates, though nothing delivers it", () => {
    const files = {
      "flux/cluster/apps.yaml": flux("apps", "./apps", SYSTEM),
      "apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: apps\n",
      "bootstrap/instance.yaml": release("flux/cluster", "  namespace: flux-system\n"),
    };
    expect(roots(read(files))).toEqual(["default flux-system/flux-system flux/cluster"]);
    expect(read(files).clusters[0]!.findings.map(({ rule, at }) => `${rule} ${at?.file}`)).toEqual([
      "instance-undelivered bootstrap/instance.yaml",
    ]);
    const { "bootstrap/instance.yaml": text, ...rest } = files;
    expect(roots(read({ ...rest, "archive/instance.yaml": text }))).toEqual([]);
    expect(roots(read({ ...files, "flux/cluster/apps.yaml": flux("apps", "./apps", OPS) }))).toEqual([]);
    // Where the source is declared, the instance is only prepared.
    const source = { "flux/cluster/source.yaml": gitRepository("flux-system", URL) };
    expect(read({ ...files, ...source }).clusters.map(({ rootFrom }) => rootFrom)).not.toContain("instance");
  });

  test("is the cluster's own where it syncs this repository by its URL, and nothing is read from what it generates", () => {
    const files = {
      "flux/cluster/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: apps\n",
      "bootstrap/instance.yaml": release("flux/cluster", "  namespace: flux-system\n"),
    };
    expect(roots(read(files, [`${URL}.git`]))).toEqual(["default flux-system/flux-system flux/cluster"]);
    expect(roots(read(files, ["https://github.com/owner/other"]))).toEqual([]);
    const empty = { "bootstrap/instance.yaml": files["bootstrap/instance.yaml"] };
    expect(roots(read(empty, [URL]))).toEqual([]);
  });

  describe("shared, and completed by a patch of each cluster", () => {
    const patched = (path: string) =>
      `  patches:\n    - target: {kind: HelmRelease}\n      patch: |-\n        - op: replace\n          path: /spec/values/instance/sync/path\n          value: ${path}\n`;
    const member = (name: string, more = patched(`clusters/${name}/flux`)) => ({
      [`clusters/${name}/flux/apps.yaml`]: flux("apps", `./clusters/${name}/apps`, SYSTEM),
      [`clusters/${name}/apps/instance.yaml`]: flux("instance", "./base/instance", SYSTEM, more),
    });
    const base = { "base/instance/release.yaml": release("clusters/none/flux", "  namespace: flux-system\n") };

    test("is that of each of them", () => {
      const model = read({ ...base, ...member("one"), ...member("two") });
      expect(roots(model)).toEqual([
        "one flux-system/flux-system clusters/one/flux",
        "two flux-system/flux-system clusters/two/flux",
      ]);
      expect(leftOut(model)).toEqual([]);
    });

    test("is the one cluster's where there is only one", () => {
      const model = read({ ...base, ...member("one") });
      expect(roots(model)).toEqual(["default flux-system/flux-system clusters/one/flux"]);
      expect(model.clusters[0]!.instances.map(({ filled, spec }) => [filled, spec.sync.path])).toEqual([
        [undefined, "clusters/one/flux"],
      ]);
    });

    test("and of the one that takes it as it is", () => {
      const plain = { "base/instance/release.yaml": release("clusters/two/flux", "  namespace: flux-system\n") };
      const model = read({ ...plain, ...member("one"), ...member("two", "") });
      expect(roots(model)).toEqual([
        "one flux-system/flux-system clusters/one/flux",
        "two flux-system/flux-system clusters/two/flux",
      ]);
    });

    test("is left alone by patches of something else", () => {
      const plain = { "base/instance/release.yaml": release("clusters/one/flux", "  namespace: flux-system\n") };
      const other =
        "  patches: [{target: {kind: HelmRelease}, patch: '[{op: add, path: /spec/suspend, value: false}]'}]\n";
      expect(roots(read({ ...plain, ...member("one", other) }))).toEqual([
        "default flux-system/flux-system clusters/one/flux",
      ]);
    });
  });

  describe("with a variable in its path", () => {
    const member = (name: string) => ({
      [`clusters/${name}/flux/apps.yaml`]: flux("apps", `./clusters/${name}/apps`, SYSTEM),
      [`clusters/${name}/apps/instance.yaml`]: flux("instance", "./base/instance", SYSTEM),
      [`clusters/${name}/apps/own.yaml`]: flux("own", `./clusters/${name}/own`, SYSTEM),
      [`clusters/${name}/own/cm.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: a\n`,
    });
    const files = {
      ...member("one"),
      ...member("two"),
      "base/instance/release.yaml": release("clusters/$" + "{CLUSTER}/flux", "  namespace: flux-system\n"),
    };

    test("is that of every cluster whose folder fits and delivers it", () => {
      const model = read({ ...files, "clusters/three/flux/cm.yaml": "a: b\n" });
      expect(roots(model)).toEqual([
        "one flux-system/flux-system ./clusters/one/flux",
        "two flux-system/flux-system ./clusters/two/flux",
      ]);
      expect(model.clusters.map(({ instances }) => instances.map(({ filled }) => filled?.values))).toEqual([
        [["one"]],
        [["two"]],
      ]);
      expect(leftOut(model)).toEqual([]);
    });

    test("makes no cluster of the base that the others build from", () => {
      const based = {
        "clusters/two/apps/kustomization.yaml": list("./own.yaml", "../../base/apps"),
        "clusters/base/apps/kustomization.yaml": list("./instance.yaml"),
      };
      const base = Object.entries(member("base")).filter(([file]) => !file.endsWith("own.yaml"));
      const two = Object.entries(files).filter(([file]) => file !== "clusters/two/apps/instance.yaml");
      const model = read(Object.fromEntries([...two, ...base, ...Object.entries(based)]));
      expect(namesOf(model)).toEqual(["one", "two"]);
    });

    test("is settled for each cluster in later phases", () => {
      const tree = memoryTree(files);
      const before = buildModel({ tree, remotes: [], options: { layout: "auto" } });
      const after = buildModel({ tree, remotes: [], options: { layout: "auto" }, settled: before });
      expect(roots(after)).toEqual(roots(before));
    });
  });
});

describe("a child that builds the path of its root from another repository", () => {
  const infra =
    gitRepository("infra", "https://git.example.org/infra") + flux("infra", "./clusters/home", "GitRepository infra");
  const own = { "clusters/home/own.yaml": flux("own", "./own", "GitRepository flux-system"), "own/app.yaml": CONFIG };
  const sync = gitRepository("flux-system", URL) + flux("flux-system", "./clusters/home", "GitRepository flux-system");
  const files = { ...own, "clusters/home/infra.yaml": infra };
  const instance = (url: string) => ({
    "clusters/home/flux.yaml": `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution:\n    version: 2.7.x\n  sync:\n    kind: GitRepository\n    url: ${url}\n    path: clusters/home\n    ref: refs/heads/main\n`,
  });
  const rivals = (tree: Record<string, string>, remotes?: string[]) =>
    read(tree, remotes).clusters.map(({ root, rivals }) => [root.name, ...rivals.map(({ name }) => name)]);

  test("is no second root before, between and after the phases", () => {
    const root = { "clusters/home/sync.yaml": sync };
    expect(rivals({ ...files, ...root }, [URL])).toEqual([["flux-system"]]);
    for (const remotes of [[URL], []]) {
      expect(rivals({ ...files, ...root, ...instance(URL) }, remotes)).toEqual([["flux-system"]]);
      expect(rivals({ ...files, ...instance(URL) }, remotes)).toEqual([["flux-system"]]);
    }
  });

  test("is none where the URL of the instance is filled in later, and fits this repository then", () => {
    const tree = (url: string) => ({ "clusters/home/infra.yaml": infra, ...instance(url) });
    for (const url of ["https://github.com/${OWNER}/home-ops.git", "https://${HOST}.com/owner/home-ops"])
      expect(rivals(tree(url), [URL])).toEqual([["flux-system"]]);
    for (const url of ["https://github.com/${OWNER}/apps", "https://github.com/${OWNER}/${REPOSITORY}"])
      expect(rivals(tree(url), [URL])).toEqual([["infra"]]);
  });

  test("is the root where the instance that syncs the path names a repository that nothing else does", () => {
    const tree = { "clusters/home/infra.yaml": infra, ...instance("https://git.example.org/elsewhere") };
    expect(rivals(tree, ["https://git.example.org/infra"])).toEqual([["infra"]]);
  });
});

describe("a tenant", () => {
  const files = {
    "tenants/dev/sync.yaml":
      gitRepository("dev", URL).replace("branch: main", "branch: dev") +
      flux("dev", "./", "GitRepository dev", "  serviceAccountName: dev\n"),
    "clusters/prod/tenants.yaml": flux("tenants", "./tenants/dev", "GitRepository flux-system"),
  };
  const sync = {
    "clusters/prod/flux-system/gotk-sync.yaml":
      gitRepository("flux-system", URL) + flux("flux-system", "./clusters/prod", "GitRepository flux-system"),
  };

  test("never hides the fleet", () => {
    const model = read({ ...files, ...sync });
    expect(model.clusters.map(({ root }) => root.name)).toEqual(["flux-system"]);
  });

  test("is no cluster where bootstrap has not filled the fleet in", () => {
    expect(read(files).clusters).toEqual([]);
  });

  test("whose FluxKustomization names no account is delivered by what waits for bootstrap", () => {
    const open = {
      ...files,
      "tenants/dev/sync.yaml": files["tenants/dev/sync.yaml"].replace("  serviceAccountName: dev\n", ""),
    };
    expect(read(open).clusters).toEqual([]);
  });
});

describe("what goes through a kubeconfig", () => {
  const files = {
    "clusters/hub/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./clusters/hub"),
    "clusters/hub/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
    "clusters/hub/source.yaml":
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n",
    "clusters/hub/spoke.yaml": flux(
      "spoke",
      "./spokes/one",
      undefined,
      "  kubeConfig:\n    secretRef:\n      name: one\n",
    ),
    "spokes/one/flux.yaml": flux("spoke-flux", "./", "OCIRepository flux-manifests"),
    "clusters/hub/direct.yaml": flux(
      "other-flux",
      "./",
      "OCIRepository flux-manifests",
      "  kubeConfig:\n    secretRef:\n      name: two\n",
    ),
  };

  test("is another cluster's install, and listed as left out", () => {
    const model = read(files);
    const [hub] = model.clusters;
    expect(hub!.install?.at.file).toBe("clusters/hub/flux.yaml");
    expect(hub!.findings).toEqual([]);
    expect(hub!.files.has("spokes/one/flux.yaml")).toBe(false);
    expect(leftOut(model)).toEqual([
      "clusters/hub/direct.yaml applies its folder to another cluster through a kubeconfig",
      "clusters/hub/spoke.yaml applies its folder to another cluster through a kubeconfig",
    ]);
  });

  const hub = {
    "clusters/hub/sync.yaml": files["clusters/hub/sync.yaml"],
    "clusters/hub/flux.yaml": files["clusters/hub/flux.yaml"],
    "clusters/hub/source.yaml": files["clusters/hub/source.yaml"],
    "clusters/hub/spoke.yaml": files["clusters/hub/spoke.yaml"],
  };
  const SPOKE = "clusters/hub/spoke.yaml applies its folder to another cluster through a kubeconfig";

  test("is no bootstrap of this cluster, whatever form of an install it holds", () => {
    const base = {
      "spokes/one/kustomization.yaml": list("https://github.com/fluxcd/flux2/manifests/install?ref=v2.6.4"),
    };
    const text = writeComponents(parseFluxVersion("v2.6.4")!, CORE_COMPONENTS, "flux-system")!;
    for (const spoke of [base, { "spokes/one/gotk-components.yaml": text }]) {
      const model = read({ ...hub, ...spoke });
      expect(model.clusters[0]!.bootstraps).toEqual([]);
      expect(model.findings).toEqual([]);
      expect(leftOut(model)).toEqual([SPOKE]);
    }
  });

  test("may be a FluxInstance, which is listed with what delivers it", () => {
    const instance =
      "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n" +
      `  sync:\n    kind: GitRepository\n    url: ${URL}\n    ref: refs/heads/main\n    path: clusters/spoke\n`;
    const model = read({
      ...hub,
      "spokes/one/instance.yaml": instance,
      "clusters/spoke/more.yaml": flux("more", "./more"),
      "more/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n",
    });
    expect(namesOf(model)).toEqual(["default"]);
    expect(leftOut(model)).toEqual([SPOKE]);
  });

  test("may be a release of a chart, which is no install of this cluster", () => {
    const release = (chart: string) =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: spoke-${chart}\n  namespace: flux-system\nspec:\n  kubeConfig:\n    secretRef:\n      name: one\n  chart:\n    spec:\n      chart: ${chart}\n      version: 2.16.0\n`;
    const charts = ["flux2", "flux-operator", "flux-instance"];
    const model = read({
      ...hub,
      ...Object.fromEntries(charts.map((chart) => [`clusters/hub/${chart}.yaml`, release(chart)])),
    });
    const [cluster] = model.clusters;
    expect(cluster!.install?.style).toBe("oci-manifests");
    expect(cluster!.findings).toEqual([]);
    expect([cluster!.operators, cluster!.instances]).toEqual([[], []]);
    const installs = "installs Flux in another cluster through a kubeconfig";
    expect(leftOut(model).filter((line) => line !== SPOKE)).toEqual([
      `clusters/hub/flux-instance.yaml ${installs}`,
      `clusters/hub/flux2.yaml ${installs}`,
    ]);
  });
});

describe("places that look like a cluster", () => {
  const real = {
    "clusters/one/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./clusters/one"),
  };
  const child = {
    "clusters/one/apps.yaml": flux("apps", "./apps"),
    "apps/echo.yaml": flux("echo", "./echo"),
    "infra/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: infra\n",
    "echo/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: echo\n",
  };
  const lines: [string, Record<string, string>, string][] = [
    [
      "a copy",
      { "old/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./clusters/one") },
      "old/sync.yaml builds ./clusters/one, which cluster default delivers already, and nothing delivers this",
    ],
    [
      "a folder that is not there",
      { "old/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./old/gone") },
      "old/sync.yaml builds ./old/gone of GitRepository flux-system/home-ops, and there is no such folder",
    ],
    [
      "a root without a source",
      { "two/root.yaml": flux("cluster", "./two", "GitRepository gone") },
      "two/root.yaml builds ./two, but its source GitRepository gone is not in this repository",
    ],
    [
      "a template's path",
      { "two/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./$" + "{CLUSTER}") },
      "two/sync.yaml builds ./$" + "{CLUSTER}, which something fills in before Flux reads it",
    ],
    [
      "a path for envsubst",
      { "two/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./$CLUSTER") },
      "two/sync.yaml builds ./$CLUSTER, which something fills in before Flux reads it",
    ],
  ];
  const more: typeof lines = [
    [
      "a template's URL",
      {
        "tmpl/sync.yaml":
          gitRepository("other", "$" + "{URL}") + flux("cluster", "./kubernetes", "GitRepository other"),
      },
      "tmpl/sync.yaml builds ./kubernetes of GitRepository flux-system/other, whose URL something fills in before Flux reads it",
    ],
    [
      "one beside the root, applied by hand like it",
      {
        "start/sync.yaml": gitRepository("fleet", URL) + flux("cluster", "./clusters/two", "GitRepository fleet"),
        "start/infra.yaml": flux("infra", "./infra", "GitRepository fleet"),
        "clusters/two/apps.yaml": flux("two", "./two", "GitRepository fleet"),
        "two/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: two\n",
        ...child,
      },
      "start/infra.yaml builds ./infra of GitRepository flux-system/fleet, as cluster two does, and nothing in this repository delivers it",
    ],
    [
      "a start of what is delivered already",
      { "new/apps.yaml": flux("apps", "./apps"), ...child },
      "new/apps.yaml builds ./apps, which cluster default delivers already, and nothing delivers this",
    ],
    [
      "a folder beside that of a cluster, once",
      {
        "clusters/two/apps.yaml": flux("apps", "./apps"),
        "clusters/two/infra.yaml": flux("infra", "./infra"),
        ...child,
      },
      "clusters/two/apps.yaml builds ./apps and lies in clusters/two, beside the folder of cluster default, but no root builds clusters/two",
    ],
  ];
  test("are none in the folder of another cluster, or of a FluxInstance, that does not list them", () => {
    const two = {
      "clusters/two/start/sync.yaml": gitRepository("home-ops", URL) + flux("cluster", "./clusters/two"),
      "clusters/two/kustomization.yaml": list("./start/sync.yaml"),
      "clusters/two/off.yaml": flux("off", "./off"),
    };
    expect(leftOut(read({ ...real, ...child, ...two }))).toEqual([]);
  });

  test("is none in a folder that the cluster builds from another branch", () => {
    const preview = (url: string) => ({
      ...child,
      "clusters/two/apps.yaml": flux("apps-two", "./apps-two"),
      "clusters/one/preview.yaml":
        gitRepository("preview", url).replace("branch: main", "branch: preview") +
        flux("preview", "./clusters/two", "GitRepository preview"),
    });
    expect(leftOut(read({ ...real, ...preview(URL) }))).toEqual([]);
    expect(leftOut(read({ ...real, ...preview("https://git.example.org/elsewhere") }))).toHaveLength(1);
  });

  for (const [what, files, line] of [...lines, ...more]) {
    test(what, () => {
      expect(leftOut(read({ ...real, ...files }))).toEqual([line]);
    });
  }
});

describe("a FluxInstance that nobody has finished the move to", () => {
  const half = (source: string, root: string): Record<string, string> => ({
    "kubernetes/flux/config/cluster.yaml":
      gitRepository(source, URL) + flux(root, "./kubernetes/flux", `GitRepository ${source}`),
    "kubernetes/flux/config/flux.yaml": `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  interval: 10m\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n${flux("flux", "./", "OCIRepository flux-manifests")}`,
    "kubernetes/flux/instance.yaml": `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution:\n    version: 2.6.x\n    registry: ghcr.io/fluxcd\n  sync:\n    kind: GitRepository\n    url: ${URL}\n    ref: refs/heads/main\n    path: kubernetes/flux\n`,
  });
  const stateIn = (files: Record<string, string>) => {
    const [cluster] = read(files).clusters;
    return [cluster!.rootFrom, cluster!.root.name, stateOf(cluster!)];
  };

  test("is not done where the old source had the name that the operator gives by itself", () => {
    expect(stateIn(half("flux-system", "cluster"))).toEqual(["manifest", "cluster", "installed"]);
  });

  test("nor where source and root have other names", () => {
    expect(stateIn(half("home-ops", "cluster"))).toEqual(["manifest", "cluster", "installed"]);
  });
});

describe("another repository that has a folder of the same name", () => {
  const instance = `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  sync:\n    name: home-ops\n    kind: GitRepository\n    url: ${URL}\n    ref: refs/heads/main\n    path: ./kubernetes/flux\n`;
  const media =
    gitRepository("media", "https://github.com/owner/media") +
    flux("media", "./kubernetes/flux", "GitRepository media");
  const old = gitRepository("home-ops", URL) + flux("home-ops", "./kubernetes/flux");
  const common = {
    "kubernetes/flux/config/media.yaml": media,
    "kubernetes/flux/instance.yaml": instance,
    "kubernetes/flux/apps.yaml": flux("apps", "./kubernetes/apps"),
    "kubernetes/apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
  };
  const seen = (files: Record<string, string>) =>
    read(files, [URL]).clusters.map(({ root, rootFrom, rivals, findings }) => [root.name, rootFrom, rivals, findings]);

  test("starts nothing here once a FluxInstance syncs that folder", () => {
    const files = { ...common, "kubernetes/flux/config/cluster.yaml": old };
    expect(seen(files)).toEqual([["home-ops", "manifest", [], []]]);
  });

  test("nor when the manifest of the root is gone", () => {
    expect(seen(common)).toEqual([["home-ops", "instance", [], []]]);
  });
});

describe("a sync that a bootstrap has left in the folder of another cluster", () => {
  const left = gitRepository("flux-system", URL) + flux("flux-system", "./clusters/prod", "GitRepository flux-system");
  const instance = `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  sync:\n    kind: OCIRepository\n    url: oci://ghcr.io/owner/home-ops/manifests\n    ref: latest\n    path: ./clusters/prod\n`;
  const seen = (source: string, dir = "clusters/staging") =>
    read(
      {
        [`${dir}/flux-system/gotk-sync.yaml`]: left,
        "clusters/prod/apps.yaml": flux("apps", "./apps", source),
        "clusters/prod/instance.yaml": instance,
        "apps/cm.yaml": CONFIG,
      },
      [URL],
    ).clusters.map(({ root, rootFrom }) => [root.data.spec?.sourceRef?.kind, rootFrom]);

  test("is no root once all that it would start reads the artifact that the FluxInstance syncs", () => {
    expect(seen("OCIRepository flux-system")).toEqual([["OCIRepository", "instance"]]);
  });

  test("is one while something reads its own source, and where it lies in the folder that it builds", () => {
    expect(seen("GitRepository flux-system")).toEqual([["GitRepository", "manifest"]]);
    expect(seen("OCIRepository flux-system", "clusters/prod")).toEqual([["GitRepository", "manifest"]]);
  });
});
