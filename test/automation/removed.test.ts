import { describe, expect, test } from "vitest";
import { overlayTree } from "../../src/files/overlay.ts";
import { planRemoval } from "../../transforms/shared/automation/removed.ts";
import { clusterFiles, contextOf } from "./support.ts";

const BOOTSTRAP = "kubernetes/bootstrap/flux/kustomization.yaml";
const CONFIG = "kubernetes/flux/config";

describe("planRemoval", () => {
  test("takes bootstrap, source and root with the kustomizations that list nothing else", () => {
    const context = contextOf(clusterFiles("kubernetes"));
    expect(planRemoval(context)).toMatchObject({
      files: [BOOTSTRAP, `${CONFIG}/cluster.yaml`, `${CONFIG}/kustomization.yaml`],
      folders: ["kubernetes/bootstrap", CONFIG],
      builds: ["kubernetes/bootstrap/flux", CONFIG],
      trimmed: [],
    });
  });

  test("is worked out once for all transforms that ask, and anew on another tree or for another cluster", () => {
    const context = contextOf(clusterFiles("kubernetes"));
    const removal = planRemoval(context);
    expect(planRemoval({ ...context, edited: new Set(["a.yaml"]) })).toBe(removal);
    const tree = overlayTree(context.tree, [{ path: "a.yaml", after: "a: b\n" }]);
    const others: Partial<typeof context>[] = [
      { tree },
      { cluster: { ...context.cluster, name: "other" } },
      { agreed: { ...context.agreed } },
    ];
    for (const other of others) expect(planRemoval({ ...context, ...other })).not.toBe(removal);
  });

  test("takes nothing in the install phase, and no source, root or bootstrap at cutover", () => {
    const context = contextOf(clusterFiles("kubernetes"));
    const nothing = { files: [], folders: [] };
    expect(planRemoval({ ...context, phase: "install" })).toMatchObject(nothing);
    expect(planRemoval({ ...context, phase: "cutover" })).toMatchObject(nothing);
  });

  test("leaves a key beside the bootstrap, and so its folder", () => {
    const files = clusterFiles("kubernetes");
    files["kubernetes/bootstrap/flux/age-key.sops.yaml"] = "kind: Secret\n";
    const removal = planRemoval(contextOf(files));
    expect(removal.files).toContain(BOOTSTRAP);
    expect(removal.files).not.toContain("kubernetes/bootstrap/flux/age-key.sops.yaml");
    expect(removal.folders).toEqual([CONFIG]);
  });

  test("takes what says the licence of a file that goes, and so the folder", () => {
    const files = clusterFiles("kubernetes");
    files[`${BOOTSTRAP}.license`] = "SPDX-License-Identifier: MIT\n";
    const removal = planRemoval(contextOf(files));
    expect(removal.files).toContain(`${BOOTSTRAP}.license`);
    expect(removal.folders).toEqual(["kubernetes/bootstrap", CONFIG]);
  });

  test("only trims a bootstrap kustomization that applies a key too", () => {
    const files = clusterFiles("kubernetes");
    files[BOOTSTRAP] += "  - ./age-key.yaml\n";
    files["kubernetes/bootstrap/flux/age-key.yaml"] = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: sops-age\n";
    const removal = planRemoval(contextOf(files));
    expect(removal.trimmed).toEqual([BOOTSTRAP]);
    expect(removal.files).not.toContain(BOOTSTRAP);
    expect(removal.builds).toEqual([CONFIG]);
  });

  test("removes by document: a second FluxKustomization keeps the file", () => {
    const files = clusterFiles("kubernetes");
    files[`${CONFIG}/cluster.yaml`] += "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n";
    const removal = planRemoval(contextOf(files));
    expect(removal.files).toEqual([BOOTSTRAP]);
    expect(removal.documents.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "GitRepository/home-kubernetes",
      "Kustomization/cluster",
    ]);
  });

  test("keeps source and root where the instance generates none", () => {
    const files = clusterFiles("kubernetes");
    const release = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";
    files[release] = files[release]!.replace(
      / {4}instance:[\s\S]*/,
      "    instance:\n      components: [source-controller]\n",
    );
    expect(planRemoval(contextOf(files)).files).toEqual([BOOTSTRAP]);
  });

  test("takes the kustomization of a folder only together with the FluxKustomization that builds it", () => {
    const files = clusterFiles("kubernetes");
    const dir = "kubernetes/install";
    files["kubernetes/flux/install.yaml"] = files["kubernetes/flux/apps.yaml"]!.replace(
      "cluster-apps",
      "install",
    ).replace("kubernetes/apps", dir);
    files[`${dir}/kustomization.yaml`] = "kind: Kustomization\nresources:\n  - ./flux.yaml\n";
    files[`${dir}/flux.yaml`] =
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  path: ./\n  prune: true\n  sourceRef:\n    kind: OCIRepository\n    name: flux-manifests\n";
    expect(planRemoval({ ...contextOf(files), phase: "cutover" })).toMatchObject({
      files: ["kubernetes/flux/install.yaml", `${dir}/flux.yaml`, `${dir}/kustomization.yaml`],
      trimmed: [],
    });
    files[`${dir}/kustomization.yaml`] += "configMapGenerator:\n  - name: settings\n    literals: [a=b]\n";
    expect(planRemoval({ ...contextOf(files), phase: "cutover" })).toMatchObject({
      files: [`${dir}/flux.yaml`],
      builds: [],
      trimmed: [`${dir}/kustomization.yaml`],
    });
  });

  test("leaves a bootstrap that a cluster without an instance still shares", () => {
    const files = { ...clusterFiles("kubernetes/main"), ...clusterFiles("kubernetes/edge") };
    delete files["kubernetes/main/bootstrap/flux/kustomization.yaml"];
    delete files["kubernetes/edge/bootstrap/flux/kustomization.yaml"];
    files[BOOTSTRAP] = clusterFiles("kubernetes")[BOOTSTRAP]!;
    expect(planRemoval(contextOf(files, "main")).files).toContain(BOOTSTRAP);
    for (const path of Object.keys(files)) if (/edge\/apps\/.*flux-instance/.test(path)) delete files[path];
    expect(planRemoval(contextOf(files, "main")).files).not.toContain(BOOTSTRAP);
  });
});
