import { describe, expect, it } from "vitest";
import { checkIdle, checkIdleObjects } from "../../bench/corpus/gate/idle.ts";
import type { Finding } from "../../bench/corpus/gate/plan-json.ts";
import type { Data } from "../../bench/corpus/gate/snapshot.ts";
import type { GateResult } from "../../bench/corpus/gate/types.ts";
import { bench, type Files, tree } from "./trees.ts";

const tools = bench();

/** The item over two trees; Flux builds `flux` in both. */
function judge(before: Files, after: Files, findings: Finding[] = []): Promise<GateResult> {
  const [was, is] = [tree(before), tree(after)];
  const inFlux = (paths: readonly string[]): string[] => paths.filter((path) => path.startsWith("flux/"));
  const delivered = { before: inFlux(was.paths), after: inFlux(is.paths) };
  return checkIdle({ before: was, after: is, delivered, findings, ...tools });
}

const says = (file: string, line: number): Finding =>
  ({ rule: "own/rule", level: "caution", what: "w", why: "y", next: "n", at: { file, line, col: 1 } }) as Finding;
const list = (...resources: string[]): string =>
  `kind: Kustomization\nresources: [${resources.map((name) => `./${name}`).join(", ")}]\n`;
const map = (name: string, data = "a: b"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: {${data}}\n`;

describe("item 14: files that nothing reads any more", () => {
  const values: Files = {
    "helmfile.yaml": "releases:\n  - name: flux\n    chart: community/flux2\n    values: [values/flux.yaml]\n",
    "values/flux.yaml": "a: 1\n",
    "values/other.yaml": "a: 1\n",
  };

  it("fails a values file whose release is gone, and lets one that nobody ever read alone", async () => {
    const result = await judge(values, { ...values, "helmfile.yaml": "releases: []\n" });
    expect(result.reasons).toEqual(["values/flux.yaml is read by nothing any more"]);
  });

  it("accepts a values file that a task reads instead", async () => {
    const after = {
      ...values,
      "helmfile.yaml": "releases: []\n",
      "Taskfile.yaml": "cmds: [helm -f values/flux.yaml]\n",
    };
    expect((await judge(values, after)).status).toBe("ok");
  });

  it("lets a folder of old things alone whose path ends like one that goes", async () => {
    const folder = (dir: string): Files => ({
      [`${dir}/boot/kustomization.yaml`]: list("map.yaml"),
      [`${dir}/boot/map.yaml`]: map("flux"),
    });
    const before = {
      ...folder("k8s"),
      ...folder(".archive/k8s"),
      "Taskfile.yaml": "cmds: [kubectl apply -k $DIR/boot]\n",
    };
    expect((await judge(before, { ...folder(".archive/k8s"), "Taskfile.yaml": "cmds: []\n" })).status).toBe("ok");
  });

  it("accepts a file of which a finding speaks", async () => {
    const result = await judge(values, { ...values, "helmfile.yaml": "releases: []\n" }, [says("values/flux.yaml", 1)]);
    expect([result.status, result.notes]).toEqual([
      "ok",
      ["values/flux.yaml is read by nothing any more, and a finding says so"],
    ]);
  });

  it("fails values that a template of the helmfile reads for a release that is gone", async () => {
    const before: Files = {
      "boot/helmfile.yaml": "releases:\n  - {name: flux, namespace: x, chart: c/f, values: [./values.yaml.gotmpl]}\n",
      "boot/values.yaml.gotmpl": `{{ readFile (printf "../apps/%s/%s/values.yaml" .Release.Namespace .Release.Name) }}\n`,
      "apps/x/flux/values.yaml": "a: 1\n",
    };
    const after = {
      ...before,
      "boot/helmfile.yaml": "releases:\n  - {name: new, namespace: x, chart: c/n, values: [./values.yaml.gotmpl]}\n",
    };
    expect((await judge(before, after)).reasons).toEqual(["apps/x/flux/values.yaml is read by nothing any more"]);
  });

  it("fails what a FluxKustomization built, and a script that only a task ran", async () => {
    const before: Files = {
      "flux/kustomization.yaml": list("../base"),
      "base/kustomization.yaml": list("map.yaml"),
      "base/map.yaml": map("echo"),
      "Taskfile.yaml": "cmds: [./scripts/flux.sh]\n",
      "scripts/flux.sh": "flux install\n",
    };
    const flux = { "flux/kustomization.yaml": list("map.yaml"), "flux/map.yaml": map("echo") };
    const [was, is] = [tree(before), tree({ ...before, ...flux, "Taskfile.yaml": "cmds: []\n" })];
    const delivered = {
      before: ["flux/kustomization.yaml", "base/kustomization.yaml", "base/map.yaml"],
      after: is.paths.filter((path) => path.startsWith("flux/")),
    };
    const result = await checkIdle({ before: was, after: is, delivered, findings: [], ...tools });
    expect(result.reasons).toEqual(
      ["base/kustomization.yaml", "base/map.yaml", "scripts/flux.sh"].map(
        (path) => `${path} is read by nothing any more`,
      ),
    );
  });

  it("knows a folder behind a variable", async () => {
    const before: Files = {
      "k8s/boot/flux/kustomization.yaml": list("map.yaml"),
      "k8s/boot/flux/map.yaml": map("flux"),
      "Taskfile.yaml": "vars:\n  DIR: '{{.ROOT_DIR}}/k8s'\ncmds:\n  - kubectl apply -k {{.DIR}}/boot/flux\n",
    };
    expect((await judge(before, before)).status).toBe("ok");
    const result = await judge(before, { ...before, "Taskfile.yaml": "cmds: []\n" });
    expect(result.reasons).toHaveLength(2);
  });

  it("fails a repository of a helmfile that no release uses any more", async () => {
    const repositories =
      "repositories:\n  - {name: community, url: https://example.com}\n  - {name: idle, url: https://example.com}\n";
    const before = { "helmfile.yaml": `${repositories}releases:\n  - {name: flux, chart: community/flux2}\n` };
    const after = { "helmfile.yaml": `${repositories}releases:\n  - {name: flux, chart: oci://example.com/flux}\n` };
    expect((await judge(before, after)).reasons).toEqual([
      "helmfile.yaml keeps the repository community, which no release uses",
    ]);
  });
});

describe("item 14: kustomizations that build nothing", () => {
  const before: Files = {
    "boot/kustomization.yaml": list("flux.yaml"),
    "boot/flux.yaml": map("flux"),
    "Taskfile.yaml": "cmds:\n  - kubectl apply -k boot\n",
  };
  const { "boot/flux.yaml": _gone, ...rest } = before;
  const empty = { ...rest, "boot/kustomization.yaml": "kind: Kustomization\nresources: []\n" };

  it("fails one that a task applies, also where it shields a secret", async () => {
    const after = { ...empty, "boot/secret.yaml": "kind: Secret\n" };
    expect((await judge({ ...before, "boot/secret.yaml": "kind: Secret\n" }, after)).reasons).toEqual([
      "Taskfile.yaml:2 applies boot/kustomization.yaml, which builds nothing",
    ]);
  });

  it("accepts one that shields a secret and that nothing applies, or whose command a finding lists", async () => {
    const after = { ...empty, "boot/secret.yaml": "kind: Secret\n" };
    const result = await judge(before, { ...after, "Taskfile.yaml": "cmds: []\n" });
    expect([result.status, result.notes]).toEqual([
      "ok",
      ["boot/kustomization.yaml is empty, so that boot/secret.yaml are not delivered"],
    ]);
    expect((await judge(before, after, [says("Taskfile.yaml", 2)])).status).toBe("ok");
  });

  it("fails one that is there for nothing", async () => {
    const result = await judge(before, { ...empty, "Taskfile.yaml": "cmds: []\n" });
    expect(result.reasons).toContain("boot/kustomization.yaml builds nothing and keeps nothing from being delivered");
  });
});

describe("item 14: entries that change nothing any more", () => {
  const folder = (patch: string, ...resources: string[]): string =>
    `kind: Kustomization\nresources: [${resources.join(", ")}]\npatches:\n  - path: ${patch}\n    target: {kind: ConfigMap, name: flux}\n`;
  const before: Files = {
    "flux/kustomization.yaml": folder("label.yaml", "flux.yaml", "other.yaml"),
    "flux/flux.yaml": map("flux"),
    "flux/other.yaml": map("other"),
    "flux/label.yaml": "- {op: add, path: /metadata/labels, value: {a: b}}\n",
  };
  const { "flux/flux.yaml": _gone, ...rest } = before;

  it("fails a patch whose target is gone", async () => {
    const result = await judge(before, { ...rest, "flux/kustomization.yaml": folder("label.yaml", "other.yaml") });
    expect(result.reasons).toEqual([
      "flux/kustomization.yaml keeps patches label.yaml, which changes nothing any more",
    ]);
  });

  it("accepts a patch that still changes something, and one that never did", async () => {
    const changed = { ...before, "flux/other.yaml": map("other", "c: d") };
    expect((await judge(before, changed)).status).toBe("ok");
    const idle = { ...rest, "flux/kustomization.yaml": folder("label.yaml", "other.yaml") };
    expect((await judge(idle, { ...idle, "flux/other.yaml": map("other", "c: d") })).status).toBe("ok");
  });

  it("fails the configuration of a generator that is gone", async () => {
    const release =
      "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec: {valuesFrom: [{kind: ConfigMap, name: values}]}\n";
    const start = "kind: Kustomization\nresources: [release.yaml]\nconfigurations: [config.yaml]\n";
    const files: Files = {
      "flux/release.yaml": release,
      "flux/values.yaml": "a: 1\n",
      "flux/config.yaml":
        "nameReference:\n  - kind: ConfigMap\n    version: v1\n    fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]\n",
    };
    const was = {
      ...files,
      "flux/kustomization.yaml": `${start}configMapGenerator: [{name: values, files: [values.yaml]}]\n`,
    };
    expect((await judge(was, { ...files, "flux/kustomization.yaml": start })).reasons).toEqual([
      "flux/kustomization.yaml keeps configurations config.yaml, which changes nothing any more",
    ]);
  });
});

describe("item 14: objects that nothing names any more", () => {
  const repository = (name: string): Data => ({
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "HelmRepository",
    metadata: { name, namespace: "flux-system" },
    spec: { url: "https://example.com" },
  });
  const values = (hash: string): Data => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `values-${hash}`, namespace: "flux-system" },
  });
  const release = (name: string, source: string): Data => ({
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name, namespace: "flux-system" },
    spec: {
      chart: { spec: { chart: name, sourceRef: { kind: "HelmRepository", name: source } } },
      valuesFrom: [{ kind: "ConfigMap", name: "values-b9t22k4t8h" }],
    },
  });
  const before = [repository("community"), repository("idle"), values("b9t22k4t8h"), release("flux2", "community")];
  const trees = { before: tree({}), after: tree({}) };

  it("fails a source and a generated ConfigMap that only the old release named, and no source that was idle before", () => {
    const after = [repository("community"), repository("idle"), values("b9t22k4t8h")];
    expect(checkIdleObjects({ before, after }, trees).reasons).toEqual([
      "ConfigMap flux-system/values is delivered, and what named it is gone",
      "HelmRepository flux-system/community is delivered, and what named it is gone",
    ]);
  });

  it("accepts a source that another release reads, or one of the tree that is switched off", () => {
    const after = [repository("community"), release("other", "community")];
    expect(checkIdleObjects({ before, after }, trees).status).toBe("ok");
    const off = tree({ "off.yaml": JSON.stringify(release("off", "community")) });
    expect(checkIdleObjects({ before, after: [repository("community")] }, { ...trees, after: off }).status).toBe("ok");
  });

  it("takes no word of a schema for a name", () => {
    const schema: Data = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "providers.notification.toolkit.fluxcd.io" },
      spec: { enum: ["values"] },
    };
    const after = [values("b9t22k4t8h")];
    expect(checkIdleObjects({ before: [...after, schema], after }, trees).status).toBe("ok");
  });
});
