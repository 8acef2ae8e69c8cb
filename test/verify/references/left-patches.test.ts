import { expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { ks, kustomization } from "../home-tree.ts";
import { APP, type Case, CHESS, chess, cm, HR, h, LIST, PLAYER, PVC, player, sayOf } from "../odd-tree.ts";

const CLAIM =
  "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: any, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}}";
const labelled = (text: string, labels: string) => text.replace(/(metadata:\n)/, `$1  labels: ${labels}\n`);
const patched = (selector: string, kind = "PersistentVolumeClaim", patch = CLAIM) =>
  kustomization(
    ["helmrelease.yaml", "pvc.yaml"],
    [`patches: [{target: {kind: ${kind}, ${selector}}, patch: '${patch}'}]`],
  );
const guarded = { ...h, [LIST]: patched("labelSelector: data=kept"), [PVC]: labelled(h[PVC]!, "{data: kept}") };
const forGroup = (value: string) =>
  `{target: {kind: PersistentVolumeClaim, labelSelector: data=${value}}, patch: '${CLAIM}'}`;
const twoGroups = kustomization(
  ["helmrelease.yaml", "pvc.yaml"],
  [`patches: [${forGroup("kept")}, ${forGroup("spare")}]`],
);
const LOST = "unsafe | setting-lost Kustomization flux-system/player";

const ORPHAN =
  "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: any}, spec: {deletionPolicy: Orphan}}";
const marked = (apps: string) =>
  ks("cluster-apps", "kubernetes/apps", [
    `patches: [{target: {kind: Kustomization, labelSelector: ${apps}}, patch: '${ORPHAN}'}]`,
  ]);
const both = {
  ...h,
  "kubernetes/flux/apps.yaml": marked("example.invalid/data=true"),
  [PLAYER]: labelled(player(), "{example.invalid/data: 'true'}"),
  [CHESS]: labelled(chess(), "{example.invalid/data: 'true'}"),
};

const replaced = (name: string) =>
  kustomization(
    ["helmrelease.yaml", "cm.yaml"],
    [
      `replacements: [{source: {kind: ConfigMap, name: sizes, fieldPath: data.size}, targets: [{select: {kind: ConfigMap, name: ${name}}, fieldPaths: [data.x]}]}]`,
    ],
  );
const sizes = (name: string) => cm("sizes", "{size: 5Gi}") + cm(name, "{x: a}");

const CASES: Case[] = [
  [
    "the label that a patch selects by gets another value",
    LOST,
    guarded,
    { [PVC]: labelled(h[PVC]!, "{data: keeps}") },
  ],
  ["it goes", LOST, guarded, { [PVC]: h[PVC]! }],
  ["its name gets a slip", LOST, guarded, { [PVC]: labelled(h[PVC]!, "{dat: kept}") }],
  [
    "so does an annotation",
    LOST,
    {
      ...guarded,
      [LIST]: patched("annotationSelector: data=kept"),
      [PVC]: labelled(h[PVC]!, "{data: kept}").replace("labels", "annotations"),
    },
    { [PVC]: labelled(h[PVC]!, "{data: keeps}").replace("labels", "annotations") },
  ],
  ["it says that it is not meant", "safe", guarded, { [PVC]: labelled(h[PVC]!, "{data: 'no'}") }],
  ["another label changes", "safe", guarded, { [PVC]: labelled(h[PVC]!, "{data: kept, a: b}") }],
  [
    "an object is left out of a patch for all but some",
    "safe",
    { ...h, [LIST]: patched("labelSelector: data!=lost") },
    { [PVC]: labelled(h[PVC]!, "{data: lost}") },
  ],
  [
    "one of two that a patch selects gets a slip",
    "unsafe | setting-lost Kustomization flux-system/cluster-apps",
    both,
    { [PLAYER]: labelled(player(), "{example.invalid/data: 'ture'}") },
  ],
  [
    "one of two says that it is not meant and the other gets a slip",
    "unsafe | setting-lost Kustomization flux-system/cluster-apps",
    both,
    {
      [CHESS]: labelled(chess(), "{example.invalid/data: 'no'}"),
      [PLAYER]: labelled(player(), "{example.invalid/data: 'ture'}"),
    },
  ],
  [
    "its only object goes over to the patch beside it",
    "safe",
    { ...guarded, [LIST]: twoGroups },
    { [PVC]: labelled(h[PVC]!, "{data: spare}") },
  ],
  [
    "the only object of a patch for all but some is left out of it by a value",
    "safe",
    { ...h, [LIST]: patched("labelSelector: data!=lost"), [PVC]: labelled(h[PVC]!, "{data: kept}") },
    { [PVC]: labelled(h[PVC]!, "{data: lost}") },
  ],
  ["one of two gives its label up", "safe", both, { [PLAYER]: player() }],
  [
    "a patch in a list that others read loses its object by a label that goes",
    "safe",
    {
      ...h,
      [PLAYER]: player("components: [../../../../part]"),
      [CHESS]: chess("components: [../../../../part]"),
      "kubernetes/part/kustomization.yaml": `kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{target: {kind: HelmRelease, labelSelector: seen=true}, patch: '{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: any}, spec: {timeout: 5m}}'}]\n`,
      [HR]: labelled(h[HR]!, "{seen: 'true'}"),
    },
    { [HR]: h[HR]! },
  ],
  [
    "what a replacement is for gets another name",
    `${LOST} | deleted ConfigMap media/target`,
    { ...h, [LIST]: replaced("target"), [`${APP}/cm.yaml`]: sizes("target") },
    { [`${APP}/cm.yaml`]: sizes("other") },
  ],
  [
    "so does a replacement with it",
    "deletes | deleted ConfigMap media/target",
    { ...h, [LIST]: replaced("target"), [`${APP}/cm.yaml`]: sizes("target") },
    { [LIST]: replaced("other"), [`${APP}/cm.yaml`]: sizes("other") },
  ],
  [
    "a replacement is edited so that it is for nothing",
    LOST,
    { ...h, [LIST]: replaced("target"), [`${APP}/cm.yaml`]: sizes("target") },
    { [LIST]: replaced("targte") },
  ],
  [
    "it is for another one that is there",
    "safe",
    { ...h, [LIST]: replaced("target"), [`${APP}/cm.yaml`]: sizes("target") + cm("other", "{x: a}") },
    { [LIST]: replaced("other") },
  ],
];

test.each(CASES)("%s: %s", (_, expected, before, change) => {
  expect(sayOf(before, change)).toBe(expected);
});

test("several objects that leave a patch at once are counted", () => {
  const maps = (value: string) =>
    ["a", "b", "c"].map((name) => labelled(cm(name, "{x: y}"), `{data: ${value}}`)).join("");
  const list = kustomization(
    ["cm.yaml"],
    [`patches: [${forGroup("kept").replaceAll("PersistentVolumeClaim", "ConfigMap")}]`],
  );
  const before = { ...h, [LIST]: list, [`${APP}/cm.yaml`]: maps("kept") + labelled(cm("d", "{x: y}"), "{data: kept}") };
  const after = { [`${APP}/cm.yaml`]: maps("kpet") + labelled(cm("d", "{x: y}"), "{data: kept}") };
  const { findings } = verifyEdits(after, before as Record<string, string>);
  const said = findings.find(({ rule }) => rule === "setting-lost");
  expect(said?.what).toContain("applies a patch to 3 objects fewer: it is for ConfigMap media/a");
  expect(said?.what).toContain("and for 2 more that leave it");
});

test("a patch of the older list whose target is edited, or whose object gets another name", () => {
  const json = '[{"op": "add", "path": "/metadata/annotations", "value": {"a.invalid/b": "c"}}]';
  const older = (name: string) =>
    kustomization(
      ["helmrelease.yaml", "pvc.yaml"],
      [`patchesJson6902: [{target: {version: v1, kind: PersistentVolumeClaim, name: ${name}}, patch: '${json}'}]`],
    );
  const tree = { ...h, [LIST]: older("player") };
  const idle = (edits: Record<string, string>) =>
    verifyEdits(edits, tree)
      .findings.filter(({ rule }) => rule === "setting-lost")
      .map(({ what }) => what)
      .join();
  expect(idle({ [LIST]: older("plyer") })).toContain("applies a patch no more");
  expect(idle({ [PVC]: h[PVC]!.replace("name: player", "name: books") })).toContain("applies a patch no more");
  expect(idle({ [LIST]: older("pl.*") })).toBe("");
  // Its FluxKustomization gives it another namespace than its document, by which the target selects it.
  const placed = (name: string) => older(`${name}, namespace: books`);
  const there = {
    ...tree,
    [PVC]: h[PVC]!.replace("name: player", "name: player\n  namespace: books"),
    [LIST]: placed("player"),
  };
  expect(verifyEdits({ [LIST]: placed("plyer") }, there).findings.map(({ rule }) => rule)).toContain("setting-lost");
  expect(verifyEdits({ [LIST]: placed("pl.*") }, there).verdict).toBe("safe");
});
