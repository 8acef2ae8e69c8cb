import { expect, test } from "vitest";
import { APPS, homeOps, planOf, run } from "../traps/support.ts";

const KS = `${APPS}/flux-operator/ks.yaml`;

test.each([
  [
    /^ {2}wait: true\n/m,
    "",
    ["Let Kustomization flux-system/flux-operator be Ready only once flux-operator is, for flux-instance to wait for."],
  ],
  [
    /^( {4}name: )home\S*$/m,
    "$1elsewhere",
    ["Let Kustomization flux-system/flux-operator deliver flux-operator from the source of this cluster."],
  ],
])("what completes a prepared flux-operator says what it does: %s", (from, to, whys) => {
  const { files } = run(homeOps());
  const text = files[KS]!.replace(from, to);
  expect(text).not.toBe(files[KS]);
  const { clusters } = planOf({ ...files, [KS]: text }, { phase: "install" }).phases[0]!;
  const edits = clusters.flatMap((cluster) => cluster.edits).filter(({ path }) => path === KS);
  expect(edits.map(({ why }) => why)).toEqual(whys);
});
