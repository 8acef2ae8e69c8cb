import { describe, expect, it } from "vitest";
import type { ObjectFate } from "../../src/contract/safety.ts";
import { findStranded } from "../../src/safety/fate/stranded.ts";

const flux = (name: string) => `kustomize.toolkit.fluxcd.io|Kustomization|flux-system|${name}`;
const item = "|ConfigMap|web|page";
const outcomes = (list: [key: string, fate: ObjectFate, after: string[]][]) =>
  list.map(([key, fate, after]) => ({ key, fate, after }));
const strandedIn = (
  list: [key: string, fate: ObjectFate, after: string[]][],
  definedBy = () => undefined as string | undefined,
) => [...findStranded(outcomes(list), definedBy)].sort();

describe("what does not come back once it is deleted", () => {
  it("comes back while a FluxKustomization that stays delivers it, also one that is not looked at", () => {
    expect(strandedIn([[item, "recreated", ["flux-system/apps"]]])).toEqual([]);
    expect(
      strandedIn([
        [item, "recreated", ["flux-system/apps"]],
        [flux("apps"), "kept", ["flux-system/root"]],
      ]),
    ).toEqual([]);
  });

  it("goes with a FluxKustomization that is deleted", () => {
    expect(
      strandedIn([
        [item, "recreated", ["flux-system/apps"]],
        [flux("apps"), "deleted", []],
      ]),
    ).toEqual([item]);
  });

  it("does not come back through a FluxKustomization whose source is gone, made again or not", () => {
    const list = outcomes([
      [item, "recreated", ["flux-system/apps"]],
      [flux("apps"), "recreated", ["flux-system/root"]],
    ]);
    expect([...findStranded(list, () => undefined, new Set(["flux-system/apps"]))]).toEqual([item]);
    const shared = outcomes([[item, "recreated", ["flux-system/apps", "flux-system/other"]]]);
    expect([...findStranded(shared, () => undefined, new Set(["flux-system/apps"]))]).toEqual([]);
  });

  it("comes back with a FluxKustomization that another one makes again, through any depth", () => {
    expect(
      strandedIn([
        [item, "recreated", ["flux-system/apps"]],
        [flux("apps"), "recreated", ["flux-system/parent"]],
        [flux("parent"), "recreated", ["flux-operator"]],
      ]),
    ).toEqual([]);
  });

  it("does not come back with a root that only its own build delivers", () => {
    expect(
      strandedIn([
        [flux("root"), "recreated", ["flux-system/root"]],
        [flux("apps"), "recreated", ["flux-system/root"]],
        [item, "recreated", ["flux-system/apps"]],
      ]),
    ).toEqual([flux("apps"), flux("root"), item].sort());
  });

  it("does not come back without its Namespace or its CRD", () => {
    expect(
      strandedIn([
        [item, "recreated", ["flux-system/apps"]],
        ["|Namespace||web", "deleted", []],
      ]),
    ).toEqual([item]);
    const crd = "apiextensions.k8s.io|CustomResourceDefinition||pages.example.org";
    const page = "example.org|Page|web|one";
    const list: [string, ObjectFate, string[]][] = [
      [page, "recreated", ["flux-system/apps"]],
      [crd, "deleted", []],
    ];
    expect(strandedIn(list, () => crd)).toEqual([page]);
    expect(strandedIn([[page, "recreated", ["flux-system/apps"]]], () => crd)).toEqual([]);
  });

  it("does not come back through a ResourceSet or a release that is gone as well", () => {
    for (const [key, owner] of [
      ["fluxcd.controlplane.io|ResourceSet|flux-system|tenants", "ResourceSet flux-system/tenants"],
      ["helm.toolkit.fluxcd.io|HelmRelease|web|page", "HelmRelease web/page"],
    ] as const) {
      const made: [string, ObjectFate, string[]] = [item, "recreated", [owner]];
      expect(strandedIn([made, [key, "deleted", []]])).toEqual([item]);
      expect(strandedIn([made, [key, "recreated", ["flux-system/apps"]]])).toEqual([]);
      expect(strandedIn([made, [key, "recreated", ["flux-system/apps"]], [flux("apps"), "deleted", []]])).toEqual(
        [key, item].sort(),
      );
      expect(strandedIn([made, [`${key}|@far`, "deleted", []]])).toEqual([]);
    }
  });

  it("does not come back in another cluster without its Namespace there", () => {
    const far: [string, ObjectFate, string[]] = [`${item}|@far`, "recreated", ["flux-system/apps"]];
    expect(strandedIn([far, ["|Namespace||web|@far", "deleted", []]])).toEqual([`${item}|@far`]);
    expect(strandedIn([far, ["|Namespace||web", "deleted", []]])).toEqual([]);
    expect(
      strandedIn([
        [item, "recreated", ["flux-system/apps"]],
        ["|Namespace||web|@far", "deleted", []],
      ]),
    ).toEqual([]);
  });

  it("comes back where it has no namespace", () => {
    const role = "rbac.authorization.k8s.io|ClusterRole||page";
    expect(
      strandedIn([
        [role, "recreated", ["flux-system/apps"]],
        ["|Namespace||web", "deleted", []],
      ]),
    ).toEqual([]);
  });

  it("comes back in a Namespace that comes back", () => {
    expect(
      strandedIn([
        [item, "recreated", ["flux-system/apps"]],
        ["|Namespace||web", "recreated", ["flux-system/apps"]],
      ]),
    ).toEqual([]);
  });
});
