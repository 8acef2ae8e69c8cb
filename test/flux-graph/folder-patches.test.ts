import { describe, expect, it } from "vitest";
import { deliverObject } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { type DeliveredFluxObject, readableSpec } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";

const child = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: echo
spec:
  path: ./apps/echo/app
`;

const patch = `patches:
  - target:
      kind: Kustomization
    patch: |
      - op: add
        path: /spec/sourceRef
        value: { kind: GitRepository, name: fleet }
`;

function kustomization(kind: string, ...lines: string[]): string {
  const version = kind === "Component" ? "v1alpha1" : "v1beta1";
  return `${[`apiVersion: kustomize.config.k8s.io/${version}`, `kind: ${kind}`, ...lines].join("\n")}\n`;
}

function parentOf(spec: object): DeliveredFluxObject {
  const object = { file: "root.yaml", doc: 0, apiVersion: "", kind: "Kustomization", name: "apps", namespace: "flux" };
  return {
    object: { ...object, data: {} },
    namespace: "flux",
    effective: { known: true, value: { spec: { path: "./apps", ...spec } } },
  };
}

function deliver(files: Record<string, string>, spec: object = {}): DeliveredFluxObject | undefined {
  const tree = memoryTree({ "apps/echo/ks.yaml": child, ...files });
  return deliverObject(tree, readObjects(tree, "apps/echo/ks.yaml").objects[0]!, parentOf(spec), "");
}

describe("deliverObject", () => {
  it("sees a source that a component of a component injects, and its namespace", () => {
    const delivered = deliver({
      "apps/kustomization.yaml": kustomization("Kustomization", "resources: [echo]"),
      "apps/echo/kustomization.yaml": kustomization("Kustomization", "resources: [ks.yaml]", "components: [../../a]"),
      "a/kustomization.yaml": kustomization("Component", "components: [../b]", "namespace: infra"),
      "b/kustomization.yaml": kustomization("Component", patch),
    });
    expect(readableSpec(delivered)?.sourceRef).toEqual({ kind: "GitRepository", name: "fleet" });
    expect(delivered?.namespace).toBe("infra");
  });

  it("sees the components that the parent's spec adds", () => {
    const files = {
      "apps/kustomization.yaml": kustomization("Kustomization", "resources: [echo/ks.yaml]"),
      "b/kustomization.yaml": kustomization("Component", patch),
    };
    expect(readableSpec(deliver(files, { components: ["../b"] }))?.sourceRef?.name).toBe("fleet");
    expect(readableSpec(deliver(files))?.sourceRef).toBeUndefined();
  });

  it("builds the folder where a transformer takes part", () => {
    const delivered = deliver({
      "apps/kustomization.yaml": kustomization("Kustomization", "resources: [echo/ks.yaml]", "transformers: [t.yaml]"),
      "apps/t.yaml": `apiVersion: builtin
kind: PatchTransformer
metadata:
  name: source
target:
  kind: Kustomization
patch: |
  - op: add
    path: /spec/suspend
    value: true
`,
    });
    expect(readableSpec(delivered)?.suspend).toBe(true);
  });

  it("sees the patches of an overlay that lists a base beside it", () => {
    const tree = memoryTree({
      "base/ks.yaml": child,
      "base/kustomization.yaml": kustomization("Kustomization", "resources: [ks.yaml]"),
      "apps/kustomization.yaml": kustomization("Kustomization", "resources: [prod]"),
      "apps/prod/kustomization.yaml": kustomization("Kustomization", "resources: [../../base]", patch),
    });
    const delivered = deliverObject(tree, readObjects(tree, "base/ks.yaml").objects[0]!, parentOf({}), "");
    expect(readableSpec(delivered)?.sourceRef).toEqual({ kind: "GitRepository", name: "fleet" });
  });

  it("ignores a kustomization that lies on the way but takes no part", () => {
    const delivered = deliver({
      "apps/kustomization.yaml": kustomization("Kustomization", "resources: [echo/ks.yaml]"),
      "apps/echo/kustomization.yaml": kustomization("Kustomization", "resources: [ks.yaml]", "namespace: infra", patch),
    });
    expect(readableSpec(delivered)?.sourceRef).toBeUndefined();
    expect(delivered?.namespace).toBe("");
  });
});
