import { expect, test } from "vitest";
import { homeTree, kustomization } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "../references/tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;

test("another folder of a file that a generator reads breaks the build, though its name stood there before", () => {
  const generator = (path: string) =>
    kustomization(["helmrelease.yaml", "pvc.yaml"], [`configMapGenerator: [{name: player, files: [run.sh=${path}]}]`]);
  const tree = { ...homeTree(), [LIST]: generator("./scripts/run.sh"), [`${PLAYER_APP}/scripts/run.sh`]: "true\n" };
  expect(inShort(tree, { [LIST]: generator("./script/run.sh") })).toBe(
    "unsafe | build-breaks Kustomization flux-system/player",
  );
  // A file that is kept out of Git, and was before, is another matter.
  const kept = { ...tree, [LIST]: generator("./.env") };
  expect(inShort(kept, { [LIST]: generator("./.env").replace("name: player", "name: other") })).not.toContain(
    "build-breaks",
  );
});
