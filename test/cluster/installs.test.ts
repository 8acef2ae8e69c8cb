import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { writeComponents, writeSync } from "../../src/cluster/unfilled/texts.ts";
import { CORE_COMPONENTS, parseFluxVersion } from "../../src/release/releases.ts";
import { memoryTree } from "../support/memory.ts";
import {
  APPS,
  blockers,
  CLUSTER,
  change,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  INSTANCE,
  instanceOf,
  list,
  migrate,
  planOf,
  run,
  yamlOf,
} from "../traps/support.ts";

const CONFIG = "kubernetes/flux/config/kustomization.yaml";
const read = (files: Files) => buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } });

describe("the base of one component beside the install", () => {
  const base = "github.com/fluxcd/flux2/manifests/bases/source-watcher?ref=v2.7.5";
  const watcher = `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ./cluster.yaml
  - ./flux.yaml
  - ${base}
patches:
  - target:
      kind: Deployment
      name: source-watcher
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=7
`;
  const files = { ...homeOps({ version: "v2.7.5" }), [CONFIG]: watcher };

  test("adds a component, and its patches belong to it", () => {
    const result = run(files);
    expect(blockers(result)).toEqual([]);
    const { components, kustomize } = instanceOf(result.files);
    expect(components).toContain("source-watcher");
    expect(JSON.stringify(kustomize.patches)).toContain("--concurrent=7");
  });

  test("a patch of its kustomization goes to that component alone, and one for other kinds to none", () => {
    const wide = `  - target:
      kind: Deployment
      labelSelector: app.kubernetes.io/part-of=flux
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=8
  - target:
      kind: Namespace
    patch: |
      - op: add
        path: /metadata/labels
        value: {team: home}
`;
    const result = run({ ...files, [CONFIG]: watcher + wide });
    expect(blockers(result)).toEqual([]);
    const patches: { patch: string; target: unknown }[] = instanceOf(result.files).kustomize.patches;
    const targets = patches.filter(({ patch }) => /concurrent=8|team/.test(patch)).map(({ target }) => target);
    expect(targets).toEqual([expect.objectContaining({ kind: "Deployment", name: "source-watcher" })]);
  });

  test("a patch beside two of them goes to both, and one of several documents as a whole", () => {
    const second = "github.com/fluxcd/flux2/manifests/bases/image-reflector-controller?ref=v2.7.5";
    const both = `${watcher.replace(base, `${base}\n  - ${second}`)}  - target:
      kind: Deployment
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=8
  - patch: |
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: beside
      data: {}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: source-watcher
        namespace: flux-system
      spec:
        replicas: 0
`;
    const { patches } = instanceOf(run({ ...files, [CONFIG]: both }).files).kustomize;
    const wide = patches.filter(({ patch }: { patch: string }) => patch.includes("concurrent=8"));
    expect(wide).toMatchObject([{ target: { name: "(source-watcher|image-reflector-controller)" } }]);
    expect(JSON.stringify(patches)).toContain("replicas: 0");
  });

  test("goes with the install", () => {
    const result = migrate(files, { phase: "all", direct: true });
    expect(Object.values(result.files).some((text) => text.includes(base))).toBe(false);
  });
});

describe("an install file that the kustomization beside the root leaves out", () => {
  test("is not applied", () => {
    const chart = {
      "kubernetes/apps/flux-system/flux/release.yaml":
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  chart:\n    spec:\n      chart: flux2\n      version: 2.16.0\n      sourceRef:\n        kind: HelmRepository\n        name: fluxcd-community\n",
    };
    const files = {
      ...homeOps(),
      ...chart,
      [CONFIG]: list("./cluster.yaml").concat("#  - ./flux.yaml\n"),
      [`${APPS}/kustomization.yaml`]: list("./namespace.yaml", "./addons/ks.yaml", "./flux/release.yaml"),
    };
    const [cluster] = read(files).clusters;
    expect(cluster!.install?.style).toBe("community-chart");
    expect(cluster!.findings).toEqual([]);
  });

  test("counts all the same where nothing else installs Flux", () => {
    const files = { ...homeOps(), [CONFIG]: list("./cluster.yaml") };
    expect(read(files).clusters[0]!.install?.style).toBe("oci-manifests");
  });
});

describe("the chart of Flux by way of a HelmChart in a file of its own", () => {
  const dir = `${APPS}/flux`;
  const release = (name: string) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  chartRef:\n    kind: HelmChart\n    name: ${name}\n`;
  const chart = (name: string) =>
    `apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  chart: flux2\n  version: 2.16.0\n  sourceRef:\n    kind: HelmRepository\n    name: community\n`;

  const repository =
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: community\n  namespace: flux-system\nspec:\n  url: https://example.com/charts\n";
  const files = (name: string) => ({
    ...homeOps(),
    [CONFIG]: list("./cluster.yaml"),
    [`${APPS}/kustomization.yaml`]: list("./namespace.yaml", "./addons/ks.yaml", "./flux"),
    [`${dir}/kustomization.yaml`]: list("./release.yaml", "./chart.yaml", "./repository.yaml"),
    [`${dir}/release.yaml`]: release(name),
    [`${dir}/chart.yaml`]: chart(name),
    [`${dir}/repository.yaml`]: repository,
  });

  test.each(["flux2", "gitops"])("is found under the name %s", (name) => {
    const [cluster] = read(files(name)).clusters;
    expect(cluster!.install).toMatchObject({ style: "community-chart", chartVersion: { value: "2.16.0" } });
  });

  test("goes with its chart and the repository of that, unless another release reads them", () => {
    const left = (before: Files) =>
      Object.keys(migrate(migrate(before).files, { phase: "cutover" }).files).filter((path) =>
        path.startsWith(`${dir}/`),
      );
    expect(left(files("gitops"))).toEqual([]);
    const other = release("podinfo").replace("name: flux\n", "name: podinfo\n");
    const shared = `${other}---\n${chart("podinfo").replace("chart: flux2", "chart: podinfo")}`;
    const more = {
      [`${APPS}/podinfo.yaml`]: shared,
      [`${dir}/kustomization.yaml`]: list("./release.yaml", "./chart.yaml", "./repository.yaml", "../podinfo.yaml"),
    };
    expect(left({ ...files("gitops"), ...more })).toEqual([`${dir}/kustomization.yaml`, `${dir}/repository.yaml`]);
  });
});

describe("a prepared app", () => {
  const ks = `${APPS}/flux-instance/ks.yaml`;

  test("that says already what would be written, but is not listed, is completed", () => {
    const planned = run(homeOps()).files;
    const prepared = { ...homeOps(), [ks]: `# prepared by hand\n${planned[ks]!}` };
    const result = run(prepared);
    expect(blockers(result)).toEqual([]);
    expect(result.files[ks]).toBe(prepared[ks]);
    expect(result.files[INSTANCE]).toBe(planned[INSTANCE]);
    expect(result.files[`${APPS}/kustomization.yaml`]).toBe(planned[`${APPS}/kustomization.yaml`]);
  });

  test("that says something else stands in the way, and no parent is blamed for it", () => {
    const postBuild =
      "  patches:\n    - target:\n        kind: Kustomization\n      patch: |\n        - op: add\n          path: /spec/postBuild\n          value:\n            substitute:\n              A: b\n";
    const files = homeOps({ apps: postBuild });
    const planned = run(files).files;
    const result = run({ ...files, [ks]: planned[ks]!.replace("prune: false", "prune: true") });
    expect(blockers(result)).toEqual([`path-taken ${ks}`]);
  });
});

describe("namespaces of generated objects", () => {
  test("are written where no generated FluxKustomization sets one", () => {
    const target = "  targetNamespace: flux-system\n";
    const files = {
      ...homeOps(),
      "kubernetes/apps/default/echo/ks.yaml": fluxKustomization("echo", "kubernetes/apps/default/echo/app", target),
      [`${APPS}/addons/ks.yaml`]: fluxKustomization("addons", `${APPS}/addons/app`, target),
    };
    const apps = run(files).files;
    expect(yamlOf(apps, `${APPS}/flux-operator/ks.yaml`)[0].spec.targetNamespace).toBe("flux-system");
    expect(yamlOf(apps, `${APPS}/flux-operator/app/helmrelease.yaml`)[0].metadata.namespace).toBeUndefined();
  });
});

describe("namespaces of objects that the root itself delivers", () => {
  test("are written, whatever the siblings rely on", () => {
    const dir = "clusters/one/flux-system";
    const version = parseFluxVersion("v2.6.4")!;
    const sync = {
      url: "https://github.com/owner/repo",
      branch: "main",
      path: "./clusters/one",
      secretName: "flux-system",
    };
    const child = (name: string) =>
      fluxKustomization(
        name,
        `apps/${name}`,
        "  targetNamespace: default\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n",
      );
    const files: Files = {
      [`${dir}/gotk-components.yaml`]: writeComponents(version, CORE_COMPONENTS, "flux-system")!,
      [`${dir}/gotk-sync.yaml`]: writeSync({ ...sync, namespace: "flux-system" }),
      [`${dir}/kustomization.yaml`]: list("gotk-components.yaml", "gotk-sync.yaml"),
    };
    for (const name of ["echo", "web"]) {
      files[`clusters/one/${name}.yaml`] = child(name);
      files[`apps/${name}/cm.yaml`] = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
    }
    const after = run(files, { phase: "all", direct: true }).files;
    for (const file of ["helmrelease", "ocirepository"]) {
      const [object] = yamlOf(after, `clusters/one/flux-operator/${file}.yaml`);
      expect(object.metadata.namespace).toBe("flux-system");
    }
  });
});

describe("--layout apps", () => {
  test("is refused where there are no apps to follow", () => {
    const files = change(homeOps(), CLUSTER, "path: ./kubernetes/flux", "path: ./kubernetes/flux");
    for (const path of Object.keys(files)) if (path.startsWith("kubernetes/apps/default")) delete files[path];
    const flat = {
      ...files,
      "kubernetes/apps/kustomization.yaml": list("./one.yaml"),
      "kubernetes/apps/one.yaml": fluxKustomization("one", "kubernetes/one"),
      "kubernetes/one/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n",
    };
    for (const path of Object.keys(flat)) if (path.startsWith(`${APPS}/`)) delete (flat as Files)[path];
    const { findings } = planOf(flat, { layout: "apps" }).phases[0]!.clusters[0]!;
    expect(findings.map(({ rule }) => rule)).toContain("layout-refused");
  });
});

describe("a source that keeps only the folder of its cluster", () => {
  const ignore = "  ignore: |\n    /*\n    !/kubernetes/flux\n";
  const inside = (root: string, entries: string[]) => {
    const { [CLUSTER]: sync, [CONFIG]: _, [FLUX]: flux, ...rest } = homeOps({ source: ignore });
    const files: Files = {
      [`${root}cluster.yaml`]: sync!,
      [`${root}flux.yaml`]: flux!,
      "kubernetes/flux/kustomization.yaml": list(...entries),
      "kubernetes/flux/apps.yaml": fluxKustomization("cluster-apps", "kubernetes/flux/more"),
      "kubernetes/flux/more/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n",
    };
    for (const path of Object.keys(rest)) if (path.startsWith("kubernetes/apps")) delete rest[path];
    return { ...rest, ...files };
  };
  const arrangements: [string, Files][] = [
    ["in that folder", inside("kubernetes/flux/", ["./cluster.yaml", "./flux.yaml", "./apps.yaml"])],
    ["below it", inside("kubernetes/flux/sync/", ["./sync/cluster.yaml", "./sync/flux.yaml", "./apps.yaml"])],
  ];
  for (const [where, files] of arrangements) {
    test(`gets the apps in a folder of their own that its kustomization lists, with the root ${where}`, () => {
      expect(blockers(run(files))).toEqual([]);
      const after = migrate(files, { phase: "all", direct: true }).files;
      const instance = Object.keys(after).find((path) => path.endsWith("flux-instance/helmrelease.yaml"))!;
      expect(instance.startsWith("kubernetes/flux/")).toBe(true);
      const { resources } = yamlOf(after, "kubernetes/flux/kustomization.yaml")[0];
      expect(resources).toContain("./apps.yaml");
      for (const app of ["flux-operator", "flux-instance"]) expect(resources).toContain(`./${app}.yaml`);
    });
  }
});

describe("the source of the install", () => {
  const files = homeOps();
  const [, source = "", applies = ""] = files[FLUX]!.split(/^---\n/m);

  test("is none of that name in a folder that has nothing to do with the cluster", () => {
    expect([source, applies].map((text) => /kind: (\w+)/.exec(text)?.[1])).toEqual(["OCIRepository", "Kustomization"]);
    const far = { ...files, [FLUX]: `---\n${applies}`, "kubernetes/edge/flux/config/flux.yaml": `---\n${source}` };
    expect(blockers(run(far))).toEqual(["install-not-found kubernetes/flux/config/cluster.yaml"]);
    expect(read(far).clusters.map(({ install }) => install)).toEqual([undefined]);
  });

  test.each(["kubernetes/flux/config/source.yaml", "kubernetes/flux/sources/flux.yaml"])("may be in %s", (path) => {
    const near = { ...files, [FLUX]: `---\n${applies}`, [path]: `---\n${source}` };
    expect(read(near).clusters.map(({ install }) => install?.style)).toEqual(["oci-manifests"]);
  });
});
