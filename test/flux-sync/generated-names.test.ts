import { describe, expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runPhase } from "../gotk/run-phases.ts";

const TOP = "clusters/home/kustomization.yaml";
const CONFIGURATION = `nameReference:
  - kind: ConfigMap
    fieldSpecs:
      - kind: Kustomization
        path: spec/postBuild/substituteFrom/name
  - kind: Secret
    fieldSpecs:
      - kind: GitRepository
        path: spec/secretRef/name
`;

const VALUES = `configMapGenerator:
  - name: other
    namespace: flux-system
    literals: [A=b]
  - name: cluster-values
    namespace: flux-system
    literals: [DOMAIN=example.org]
`;

const patchRoot = (name: string) => `patches:
  - target: { kind: Kustomization }
    patch: |
      - op: add
        path: /spec/postBuild
        value: { substituteFrom: [{ kind: ConfigMap, name: ${name} }] }
`;

const plan = (top: string, more: Files = {}, sync: "adopt" | "keep" = "adopt") => {
  const list = kustomization(`configurations: [names.yaml]\nresources: [flux-system]\n${top}`);
  const files = { ...makeFluxSystem("clusters/home"), [TOP]: list, "clusters/home/names.yaml": CONFIGURATION, ...more };
  const { findings } = runPhase(files, "install", { sync });
  const blockers = findings.filter(({ level }) => level === "blocker");
  return blockers.map(({ rule, at, what }) => `${at?.file}:${at?.line} ${rule}: ${what}`);
};

describe("source and root that name what a generator makes", () => {
  test("the root would keep a name that the next change of the values prunes", () => {
    expect(plan(VALUES + patchRoot("cluster-values"))).toEqual([
      `${TOP}:9 sync-names-generated: Kustomization flux-system/flux-system names the ConfigMap cluster-values that this generator makes, whose name in the cluster ends in a hash of its content.`,
    ]);
    expect(plan(VALUES + patchRoot("cluster-values"), {}, "keep")).toEqual([]);
  });

  test("so would the source, with a key that lies encrypted beside the generator", () => {
    const key = "secretGenerator:\n  - name: flux-system\n    namespace: flux-system\n    files: [identity=key.enc]\n";
    expect(plan(key, { "clusters/home/key.enc": "ENC" })).toEqual([
      expect.stringMatching(
        /^\S+:6 sync-names-generated: GitRepository flux-system\/flux-system names the Secret flux-system /,
      ),
    ]);
  });

  test("a plain name, and one that only looks generated, stops nothing", () => {
    const plain = VALUES.replace(
      "[DOMAIN=example.org]",
      "[DOMAIN=example.org]\n    options: { disableNameSuffixHash: true }",
    );
    expect(plan(plain + patchRoot("cluster-values"))).toEqual([]);
    expect(plan(VALUES + patchRoot("cluster-abcdefghkm"))).toEqual([]);
    expect(plan(VALUES)).toEqual([]);
  });
});
