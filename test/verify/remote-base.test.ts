import { describe, expect, test } from "vitest";
import { judge } from "./judge.ts";

const LIST = "clusters/prod/flux-system/kustomization.yaml";

const TREE = {
  "clusters/prod/flux-system/sync.yaml": `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: flux-system, namespace: flux-system }
spec:
  interval: 1m
  ref: { branch: main }
  url: https://example.com/acme/fleet
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: flux-system, namespace: flux-system }
spec:
  interval: 10m
  path: ./clusters/prod
  prune: true
  sourceRef: { kind: GitRepository, name: flux-system }
`,
};

const listing = (...bases: string[]) =>
  `resources:\n${[...bases, "sync.yaml"].map((one) => `  - ${one}\n`).join("")}patches:
  - target: { kind: Deployment, name: source-controller }
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=9
`;

const INSTALL = "github.com/fluxcd/flux2/manifests/install?ref=v2.6.4";
const FILE = "https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml";

const VERSION = "https://github.com/fluxcd/flux2//manifests/install/?timeout=120&version=v2.6.4";

describe.each([INSTALL, FILE, VERSION])("Flux itself as the remote base %s", (base) => {
  const tree = { ...TREE, [LIST]: listing(base) };

  test("is known at an exact version: a change beside it leaves nothing open", () => {
    const { safety, blockers } = judge(tree, { [LIST]: listing(base).replace("=9", "=10") });
    expect(safety.unknown).toEqual([]);
    expect(blockers).toEqual([]);
  });

  test("a newer release keeps every object", () => {
    const { safety, wanted } = judge(tree, { [LIST]: listing(base.replace("v2.6.4", "v2.7.5")) });
    expect(safety.unknown).toEqual([]);
    expect(wanted).toEqual([]);
  });

  test("taken out of the list, Flux deletes itself", () => {
    const { blockers, wanted } = judge(tree, { [LIST]: "resources:\n  - sync.yaml\n" });
    expect(blockers).not.toEqual([]);
    expect(wanted.join("\n")).toContain("Deployment flux-system/kustomize-controller");
  });
});

test.each([
  "github.com/fluxcd/flux2/manifests/install",
  "github.com/fluxcd/flux2/manifests/install?ref=main",
  "github.com/fluxcd/flux2/manifests/install?version=v2.6.4&ref=main",
  "github.com/fluxcd/flux2/manifests/install?ref=v9.9.9",
  "github.com/acme/other//base?ref=v1.0.0",
])("what %s holds stays unknown", (base) => {
  const tree = { ...TREE, [LIST]: listing(base) };
  expect(judge(tree, { [LIST]: listing(base).replace("=9", "=10") }).safety.unknown).not.toEqual([]);
});

test("what cannot be read is said once, also where the change moves it to another line", () => {
  const list = listing("github.com/acme/other//base?ref=v1.0.0", "extra.yaml");
  const extra = "kind: ConfigMap\napiVersion: v1\nmetadata: { name: extra, namespace: flux-system }\n";
  const tree = { ...TREE, [LIST]: list, "clusters/prod/flux-system/extra.yaml": extra };
  const { unknown } = judge(tree, {
    [LIST]: `---\n${list.replace("  - extra.yaml\n", "").replace("=9", "=10")}`,
  }).safety;
  expect(unknown).toMatchObject([{ at: { file: LIST, line: 3 } }]);
});
