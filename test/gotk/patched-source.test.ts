import { expect, test } from "vitest";
import { fluxKustomization, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const [, source, root] = makeSync("./flux").split("---\n");
const bare = (text: string) => text.replace(/ {2}sourceRef:\n(?: {4}.*\n)+/, "").replace(/ {2}interval: .*\n/, "");
/** Every FluxKustomization gets its source from a component that all folders include. */
const COMPONENT = `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target:
      kind: Kustomization
    patch: |-
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata:
        name: _
      spec:
        interval: 10m
        sourceRef:
          kind: GitRepository
          name: flux-system
          namespace: flux-system
`;
const files: Files = {
  "flux/kustomization.yaml": kustomization(
    "resources: [gotk-components.yaml, source.yaml, root.yaml, apps.yaml]\ncomponents: [../common]\n",
  ),
  "flux/gotk-components.yaml": makeGotk(),
  "flux/source.yaml": source!,
  "flux/root.yaml": bare(root!),
  "flux/apps.yaml": bare(fluxKustomization("apps", "./apps")),
  "common/kustomization.yaml": COMPONENT,
  "apps/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: default\n",
};

test("a root whose source a shared component names is found with it, and moved", () => {
  expect(files["flux/root.yaml"]).not.toContain("sourceRef");
  const { install, cleanup } = runAll(files);
  expect(install.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(install.changed).toContain("flux/flux-instance.yaml");
  expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  const left = Object.keys(cleanup.files).filter((path) => path.startsWith("flux/") && !path.includes("flux-"));
  expect(left).toEqual(["flux/kustomization.yaml", "flux/apps.yaml"]);
  expect(cleanup.files["flux/apps.yaml"]).toBe(files["flux/apps.yaml"]);
});
