import { expect, test } from "vitest";
import { judge } from "./judge.ts";

const FLUX = "clusters/home/flux/release.yaml";
const ROOT = "clusters/home/flux/sync.yaml";

/** A cluster whose Flux is a release of the community chart, delivered by its root. */
const tree = (more = "") => ({
  [ROOT]: `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: home, namespace: flux-system }
spec:
  interval: 1m
  ref: { branch: main }
  url: https://example.com/acme/home
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: home, namespace: flux-system }
spec:
  interval: 10m
  path: ./clusters/home
  prune: true
  sourceRef: { kind: GitRepository, name: home }
`,
  [FLUX]: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: flux, namespace: flux-system }
spec:
${more}  interval: 1h
  chart:
    spec:
      chart: flux2
      version: 2.14.1
      sourceRef: { kind: HelmRepository, name: community }
`,
});

test("the release of the chart that Flux came with takes Flux along", () => {
  const { blockers, wanted, findings } = judge(tree(), { [FLUX]: undefined });
  expect(findings[0]?.why).toContain("prunes it; then HelmRelease flux-system/flux is uninstalled, and");
  expect(blockers).toEqual(["flux-may-go"]);
  expect(wanted).toContain("deleted Deployment flux-system/kustomize-controller");
  expect(wanted).toContain("deleted CustomResourceDefinition kustomizations.kustomize.toolkit.fluxcd.io");
});

test("a controller that its values switch off goes", () => {
  const values = (text: string) => `${tree()[FLUX]}  values:\n    ${text}\n`;
  const off = judge(tree(), { [FLUX]: values("helmController: { create: false }") });
  expect(off.blockers).toEqual(["instance-harms"]);
  const told = judge({ ...tree(), [FLUX]: values("helmController: { create: false }") }, { [FLUX]: tree()[FLUX] });
  expect(told.blockers).toEqual([]);
  expect(judge(tree(), { [FLUX]: values("helmController: { priorityClassName: high }") }).blockers).toEqual([]);
  const patch = '[{"op": "add", "path": "/spec/values", "value": {"helmController": {"create": false}}}]';
  const list = (more: string) => ({
    "clusters/home/flux/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [release.yaml, sync.yaml]\n${more}`,
  });
  const patched = list(`patches: [{target: {kind: HelmRelease}, patch: '${patch}'}]\n`);
  expect(judge({ ...tree(), ...list("") }, patched).blockers).toEqual(["instance-harms"]);
});

test("it also goes, for good, where the release gets another name in Helm", () => {
  const { blockers } = judge(tree(), { [FLUX]: tree("  releaseName: engine\n")[FLUX] });
  expect(blockers).toContain("flux-may-go");
});

test("a suspended release is left alone by helm-controller, and takes nothing along", () => {
  expect(judge(tree("  suspend: true\n"), { [FLUX]: undefined }).blockers).toEqual([]);
});
