import { expect, test } from "vitest";
import { ks, kustomization, object } from "./home-tree.ts";
import type { Edits } from "./judge.ts";
import { CLUSTER, cm, h, PLAYER, PVC, player, sayOf } from "./odd-tree.ts";

const V = "kubernetes/flux/vars";
const LIST = `${V}/kustomization.yaml`;
const SETTINGS = `${V}/cluster-settings.yaml`;
const inFlux = ["  namespace: flux-system"];
const settings = (data: string) => cm("cluster-settings", data, inFlux);
const listed = (files: string[], ...more: string[]) => kustomization(["settings.sops.yaml", ...files], more);
const own = "cluster-settings.yaml";

/** The claim is called what the settings say. */
const tree: Edits = {
  ...h,
  [PLAYER]: player("postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}"),
  [PVC]: h[PVC]!.replace("name: player", "name: ${CLAIM}"),
  [SETTINGS]: settings("{CLAIM: one, DOMAIN: a.example}"),
  [LIST]: listed([own]),
};
const patched = "patches: [{target: {kind: ConfigMap}, path: patch.yaml}]";
const patch = (value: string) => `- {op: replace, path: /data/CLAIM, value: ${value}}\n`;
const replaced =
  "replacements: [{source: {kind: ConfigMap, name: names, fieldPath: data.claim}, targets: [{select: {name: cluster-settings}, fieldPaths: [data.CLAIM]}]}]";
const chained = settings("{CLAIM: '${BASE}'}");

test.each<[string, Edits, Edits]>([
  [
    "a patch",
    { [LIST]: listed([own], patched), [`${V}/patch.yaml`]: patch("one") },
    { [`${V}/patch.yaml`]: patch("two") },
  ],
  [
    "a replacement",
    { [LIST]: listed([own, "names.yaml"], replaced), [`${V}/names.yaml`]: cm("names", "{claim: one}", inFlux) },
    { [`${V}/names.yaml`]: cm("names", "{claim: two}", inFlux) },
  ],
  [
    "another file of that name",
    { [`${V}/other.yaml`]: settings("{CLAIM: two, DOMAIN: a.example}") },
    { [LIST]: listed(["other.yaml"]) },
  ],
  [
    "a variable in them that is set inline",
    { [SETTINGS]: chained, [CLUSTER]: h[CLUSTER]!.replace("postBuild: {", "postBuild: {substitute: {BASE: one}, ") },
    { [CLUSTER]: h[CLUSTER]!.replace("postBuild: {", "postBuild: {substitute: {BASE: two}, ") },
  ],
  [
    "a variable in them that another ConfigMap sets",
    {
      [SETTINGS]: chained,
      [CLUSTER]: h[CLUSTER]!.replace("name: cluster-settings", "name: base"),
      [`${V}/base.yaml`]: cm("base", "{BASE: one}", inFlux),
      [LIST]: listed([own, "base.yaml"]),
    },
    { [`${V}/base.yaml`]: cm("base", "{BASE: two}", inFlux) },
  ],
])("settings get another value by %s, and a name hangs on it", (_, more, edits) => {
  expect(sayOf({ ...tree, ...more }, edits)).toBe(
    "unsafe | wanted-may-go PersistentVolumeClaim media/one | deleted PersistentVolumeClaim media/one",
  );
});

test.each<[string, Edits, Edits]>([
  [
    "another key",
    { [LIST]: listed([own], patched), [`${V}/patch.yaml`]: patch("one") },
    { [`${V}/patch.yaml`]: patch("b.example").replace("CLAIM", "DOMAIN") },
  ],
  ["a file that says the same", { [`${V}/other.yaml`]: settings("{CLAIM: one}") }, { [LIST]: listed(["other.yaml"]) }],
])("settings change by %s, and the name stays", (_, more, edits) => {
  const before: Edits = { ...tree, [SETTINGS]: settings("{CLAIM: one}"), ...more };
  if (LIST in more) before[SETTINGS] = tree[SETTINGS];
  expect(sayOf(before, edits)).toMatch(/^safe/);
});

test("settings are what a patch leaves of them, also where their own document is edited", () => {
  const before: Edits = { ...tree, [LIST]: listed([own], patched), [`${V}/patch.yaml`]: patch("one") };
  before[SETTINGS] = settings("{CLAIM: default, DOMAIN: a.example}");
  const edit = { [SETTINGS]: settings("{CLAIM: other, DOMAIN: a.example}") };
  expect(sayOf(before, edit)).toMatch(/^safe/);
  expect(sayOf(before, { ...edit, [`${V}/patch.yaml`]: patch("two") })).toBe(
    "unsafe | wanted-may-go PersistentVolumeClaim media/one | deleted PersistentVolumeClaim media/one",
  );
});

test.each([3, 60])("a name that hangs on settings over %i others is not called safe", (count) => {
  const names = Array.from({ length: count }, (_, index) => `step-${index}`);
  const step = (index: number, value: string) => cm(`step-${index}`, `{STEP_${index}: ${value}}`, inFlux);
  const steps = names.map((_, index) => [`${V}/step-${index}.yaml`, step(index, `'\${STEP_${index + 1}}'`)] as const);
  const from = [...names, "cluster-settings"].map((name) => `{kind: ConfigMap, name: ${name}}`).join(", ");
  const before: Edits = {
    ...tree,
    ...Object.fromEntries(steps),
    [`${V}/step-${count - 1}.yaml`]: step(count - 1, "one"),
    [SETTINGS]: settings("{CLAIM: '${STEP_0}'}"),
    [LIST]: listed([own, ...names.map((name) => `${name}.yaml`)]),
    [CLUSTER]: h[CLUSTER]!.replace(/substituteFrom: \[.*?\]/, `substituteFrom: [${from}]`),
  };
  expect(before[CLUSTER]).toContain("step-0");
  expect(sayOf(before, { [`${V}/step-${count - 1}.yaml`]: step(count - 1, "two") })).not.toMatch(/^safe/);
});

test("a ConfigMap that each namespace has under one name is read by the Kustomizations of its own", () => {
  const vars = (namespace: string, data: string) => ({
    [`kubernetes/apps/${namespace}/vars.yaml`]: cm("vars", data, [`  namespace: ${namespace}`]),
  });
  const app = (namespace: string, name: string): Edits => {
    const dir = `kubernetes/apps/${namespace}`;
    const values = "postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}";
    const by = ks(name, `${dir}/${name}/app`, [`targetNamespace: ${namespace}`, values])
      .replace("namespace: flux-system", `namespace: ${namespace}`)
      .replace("name: home", "name: home\n    namespace: flux-system");
    return {
      [`${dir}/kustomization.yaml`]: kustomization(["namespace.yaml", "vars.yaml", `${name}/ks.yaml`]),
      [`${dir}/${name}/ks.yaml`]: by,
      [`${dir}/${name}/app/kustomization.yaml`]: kustomization(["store.yaml"]),
      [`${dir}/${name}/app/store.yaml`]: object("PersistentVolumeClaim", "${CLAIM}"),
    };
  };
  const both: Edits = { ...h, ...app("media", "player"), ...app("games", "chess") };
  const before = { ...both, ...vars("media", "{CLAIM: one}"), ...vars("games", "{CLAIM: two}") };
  const goes = (claim: string) => `unsafe | wanted-may-go ${claim} | deleted ${claim}`;
  expect(sayOf(before, vars("media", "{CLAIM: three}"))).toBe(goes("PersistentVolumeClaim media/one"));
  expect(sayOf(before, vars("games", "{CLAIM: three}"))).toBe(goes("PersistentVolumeClaim games/two"));
  expect(sayOf(before, vars("media", "{CLAIM: one, MORE: a}"))).toBe("safe");
});
