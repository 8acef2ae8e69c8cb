import { expect, test } from "vitest";
import { type Files, runPhase } from "../gotk/run-phases.ts";

const DIR = "kubernetes/flux/config";
const BOOTSTRAP = "kubernetes/bootstrap/flux/kustomization.yaml";

const WORKERS = `- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --concurrent=8
  target:
    kind: Deployment
    name: kustomize-controller
`;
const NO_POLICIES = `- patch: |
    $patch: delete
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: all
  target:
    kind: NetworkPolicy
`;

/** What is said of patches that the bootstrap has, beside those of the install that Flux keeps applying. */
function said(bootstrap: string, install: string) {
  const indent = (text: string) => text.replace(/^(?=.)/gm, "    ");
  const files: Files = {
    [`${DIR}/kustomization.yaml`]: "resources:\n  - flux.yaml\n  - cluster.yaml\n",
    [`${DIR}/cluster.yaml`]:
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: home\n  namespace: flux-system\nspec:\n  interval: 1m\n  url: https://github.com/example/home\n  ref:\n    branch: main\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: cluster\n  namespace: flux-system\nspec:\n  interval: 1m\n  path: ./kubernetes/flux\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: home\n",
    [`${DIR}/flux.yaml`]: `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  interval: 1h\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  interval: 1h\n  path: ./\n  prune: true\n  sourceRef:\n    kind: OCIRepository\n    name: flux-manifests\n  patches:\n${indent(install)}`,
    [BOOTSTRAP]: `resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\npatches:\n${bootstrap}`,
  };
  return runPhase(files, "install").findings.filter(({ rule }) => rule === "bootstrap-differs");
}

test("patches of the bootstrap that Flux takes back with its first run are named", () => {
  const [found, ...others] = said(`${NO_POLICIES}${WORKERS}`, NO_POLICIES);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ level: "info", at: { file: BOOTSTRAP, line: 12 } });
  expect(found!.what).toContain(`${BOOTSTRAP}:12`);
  expect(found!.next).toContain("give them to that install");
});

test.each([
  ["the install has them all", NO_POLICIES, `${NO_POLICIES}${WORKERS}`],
  ["it says the same in other words", NO_POLICIES.replace("name: all", "name: not-used"), NO_POLICIES],
  ["a comment alone differs", WORKERS, WORKERS.replace("- op: add", "# ours\n    - op: add")],
  ["they reach nothing", WORKERS.replace("kustomize-controller", "no-such-controller"), NO_POLICIES],
])("nothing is said where %s", (_why, bootstrap, install) => {
  expect(said(bootstrap, install)).toEqual([]);
});
