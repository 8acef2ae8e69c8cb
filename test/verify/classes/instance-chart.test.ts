import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { kustomization, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { CONFIG, chartTree, INSTANCE, INSTANCE_VALUES, inline, said } from "./instance-said.ts";

const CORE = ["source", "kustomize", "helm", "notification"];

describe("a FluxInstance that a release of its chart holds", () => {
  const tree = chartTree(inline);
  const edit = (from: string, to: string) => said(tree, { [INSTANCE]: tree[INSTANCE]!.replace(from, to) });

  test("is uninstalled by a failed upgrade", () => {
    const { verdict, texts } = edit("  values:", "  upgrade: {remediation: {strategy: uninstall}}\n  values:");
    expect(verdict).toBe("unsafe");
    expect(texts).toContain("A failed upgrade of the release uninstalls it from now on");
  });

  test("gets another name, so Helm deletes the old one", () => {
    const { verdict, texts } = edit("    instance:", "    fullnameOverride: other\n    instance:");
    expect(verdict).toBe("unsafe");
    expect(texts).toContain("Helm deletes the FluxInstance flux to make other");
    expect(edit("    instance:", "    fullnameOverride: flux\n    instance:").verdict).toBe("safe");
  });

  test("misspells a component, which its chart refuses, so nothing goes", () => {
    const names = CORE.map((name) => `${name}-controller`).join(", ");
    const list = (names: string) => [...inline, `    components: [${names}]`];
    const old = chartTree(list(`${names}, image-reflector-controller`));
    const misspelt = chartTree(list(`${names}, image-reflectr-controller`))[INSTANCE]!;
    const { blockers, meant, findings } = judge(old, { [INSTANCE]: misspelt });
    expect([blockers, meant]).toEqual([["instance-refused"], []]);
    expect(findings[0]).toMatchObject({
      what: "The FluxInstance is refused: there is no component image-reflectr-controller, so its release fails to upgrade.",
      next: "Write image-reflector-controller.",
    });
    const later = chartTree(list(`${names}, image-reflector-controller, policy-engine`))[INSTANCE]!;
    expect(judge(old, { [INSTANCE]: later }).blockers).toEqual([]);
  });

  test("is patched after Helm has rendered it", () => {
    const patch =
      '  postRenderers: [{kustomize: {patches: [{target: {kind: FluxInstance}, patch: "- {op: add, path: /metadata/labels, value: {a: b}}"}]}}]\n  values:';
    expect(edit("  values:", patch).verdict).toBe("unproven");
  });

  test("takes values from a Secret", () => {
    const from = "valuesFrom: [{kind: Secret, name: flux-values}]";
    expect(edit("  values:", `  ${from}\n  values:`).verdict).toBe("unproven");
    // Which may say all that stood in Git before; what is said there still counts.
    const moved = (...values: string[]) => said(tree, { [INSTANCE]: chartTree([from, ...values])[INSTANCE]! });
    expect(moved().verdict).toBe("unproven");
    expect(moved().blockers).toEqual(["safety-unknown"]);
    expect(moved("values: {instance: {sync: {path: kubernetes/apps}}}").blockers).toContain("flux-may-go");
  });

  test("retries, which is no harm", () => {
    expect(edit("  values:", "  upgrade: {remediation: {retries: 3}}\n  values:").verdict).toBe("safe");
  });

  test.each(["inline", "a generated ConfigMap", "a patch"])(
    "gets another name, or is left alone, by values in %s",
    (place) => {
      const marked = (lines: string[]): [Files, Edits] => {
        const values = [...lines, ...INSTANCE_VALUES];
        const own = `${CONFIG}/values.yaml`;
        const list = `${CONFIG}/kustomization.yaml`;
        if (place === "inline")
          return [tree, { [INSTANCE]: chartTree(["values:", ...values.map((one) => `  ${one}`)])[INSTANCE]! }];
        if (place === "a patch") {
          const patch = JSON.stringify([{ op: "add", path: "/spec/values", value: "VALUES" }]);
          const text = patch.replace('"VALUES"', JSON.stringify(parse(values.join("\n"))));
          return [tree, { [list]: `${tree[list]!}patches: [{target: {kind: HelmRelease}, patch: '${text}'}]\n` }];
        }
        const settings = "generatorOptions: {disableNameSuffixHash: true}\n";
        const generated = `${kustomization(["instance.yaml"])}configMapGenerator: [{name: values, files: [values.yaml]}]\n${settings}`;
        const before = chartTree(["valuesFrom: [{kind: ConfigMap, name: values}]"], {
          [own]: `${INSTANCE_VALUES.join("\n")}\n`,
          [list]: generated,
        });
        return [before, { [own]: `${values.join("\n")}\n` }];
      };
      const { verdict, texts } = said(...marked(["commonAnnotations: {fluxcd.controlplane.io/reconcile: disabled}"]));
      expect([verdict, texts]).toEqual(["unsafe", expect.stringContaining("The operator stops looking after Flux")]);
      expect(said(...marked(["fullnameOverride: other"])).texts).toContain("Helm deletes the FluxInstance flux");
      expect(said(...marked(["commonAnnotations: {team: one}"])).blockers).toEqual([]);
    },
  );

  test.each([
    ["sync: {", "sync: {interval: 1d, ", "instance.sync.interval is"],
    ["{version: 2.6.x,", "{version: ,", "instance.distribution.version is empty, which takes out"],
    ["kind: GitRepository,", "kind: ,", "instance.sync.kind is empty, which takes out"],
    ["    instance:\n", "    instance:\n      cluster: {size: huge}\n", "instance.cluster.size has to be one of"],
    [
      "    instance:\n",
      "    instance:\n      cluster: {multitenant: 'yes'}\n",
      "instance.cluster.multitenant has to be",
    ],
    ["    instance:\n", "    instance:\n      storage: {size: '', class: ''}\n", ""],
    ["    instance:\n", "    instance:\n      sharding: {shards: []}\n", ""],
    ["    instance:\n", "    instance:\n      cluster: {size: '${SIZE}'}\n", ""],
  ])("gets a value that no FluxInstance takes: %s becomes %s", (from, to, says) => {
    const { verdict, texts } = edit(from, to);
    if (says === "") expect(texts).toBe("");
    else expect([verdict, texts]).toEqual(["unsafe", expect.stringContaining(`The FluxInstance is refused: ${says}`)]);
  });

  test("gets a value that its chart does not know", () => {
    const slip = edit("distribution:", "distributon:");
    expect([slip.verdict, slip.texts]).toEqual([
      "unsafe",
      expect.stringContaining("no value instance.distributon (but for distribution)"),
    ]);
    expect(edit("    instance:", "    instanse:").verdict).toBe("unsafe");
    expect(edit("    instance:\n", "    instance:\n      networkPolicy: true\n").verdict).toBe("unsafe");
    expect(edit("    instance:\n", "    instance:\n      shiny: true\n").verdict).toBe("unproven");
    expect(edit("    instance:\n", "    instance:\n      cluster: {networkPolicy: true}\n").verdict).toBe("safe");
    expect(edit("    instance:\n", "    healthcheck: {enabled: true}\n    instance:\n").verdict).toBe("safe");
    const old = chartTree([...inline, "    shiny: true"]);
    expect(said(old, { [INSTANCE]: old[INSTANCE]!.replace("interval: 1h", "interval: 2h") }).verdict).toBe("safe");
  });

  test("gets another name by one key of a ConfigMap that is generated", () => {
    const from = "valuesFrom: [{kind: ConfigMap, name: names, valuesKey: own, targetPath: fullnameOverride}]";
    const list = `${CONFIG}/kustomization.yaml`;
    const names = (own: string) =>
      `${kustomization(["instance.yaml"])}configMapGenerator: [{name: names, namespace: flux-system, literals: [own=${own}]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n`;
    const before = chartTree([from, ...inline], { [list]: names("flux") });
    expect(said(before, { [list]: names("other") }).texts).toContain("Helm deletes the FluxInstance flux");
    expect(
      said(before, { [list]: names("flux").replace("literals", "options: {labels: {a: b}}, literals") }).verdict,
    ).toBe("safe");
  });

  test("has its values in a ConfigMap that is written out, and is recognised", () => {
    const file = `${CONFIG}/values.yaml`;
    const text = ["data:", "  values.yaml: |", ...INSTANCE_VALUES.map((line) => `    ${line}`)];
    const more = {
      [file]: object("ConfigMap", "flux-instance-values", "v1", ["  namespace: flux-system", ...text]),
      [`${CONFIG}/kustomization.yaml`]: kustomization(["instance.yaml", "values.yaml"]),
    };
    const plain = chartTree(["valuesFrom: [{kind: ConfigMap, name: flux-instance-values}]"], more);
    const edits = {
      "kubernetes/apps/games/chess/ks.yaml": undefined,
      "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml"]),
    };
    expect(judge(plain, edits).meant).toEqual([
      "deleted HelmRelease games/chess",
      "deleted Kustomization flux-system/chess",
    ]);
  });
});
