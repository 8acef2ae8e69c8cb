import { expect, test } from "vitest";
import { verifyChange } from "../../src/safety/verify.ts";
import { makeRepo } from "../support/repo.ts";
import { commit } from "./built.ts";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization } from "./home-tree.ts";
import type { Edits } from "./judge.ts";

const APPS = "kubernetes/apps/media";
const PLAYER = homeTree()[`${APPS}/player/ks.yaml`]!;

test.each<[string, Edits]>([
  ["nothing", {}],
  ["a file as it was", { [`${APPS}/player/ks.yaml`]: PLAYER }],
  ["a file that goes", { [`${APPS}/player/app/pvc.yaml`]: undefined }],
  ["an application that goes", { [`${APPS}/kustomization.yaml`]: kustomization(["namespace.yaml"]) }],
  ["files that come", { "kubernetes/z/ks.yaml": ks("z", "kubernetes/z"), "a.md": "Hello\n" }],
  ["an object of another path", { [`${APPS}/player/ks.yaml`]: PLAYER.replace("player/app", "palyer/app") }],
  ["other line endings", { [`${APPS}/player/ks.yaml`]: PLAYER.replaceAll("\n", "\r\n") }],
  ["what is no text any more", { [`${APPS}/player/app/pvc.yaml`]: "\0" }],
  ["what is ignored", { ".sourceignore": "/kubernetes/apps/\n" }],
  ["letters beyond ASCII", { [`${APPS}/player/app/pvc.yaml`]: "# Größe\n", "ü.yaml": "a: ü\n" }],
])("says of trees in memory what it says of commits: %s", (_what, edits) => {
  const root = makeRepo(homeTree());
  commit(root, edits);
  const { report } = verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [] });
  expect(withoutIds(report)).toEqual(withoutIds(verifyEdits(edits)));
});

function withoutIds(report: object): unknown {
  return JSON.parse(JSON.stringify(report, (key, value) => (key === "commit" ? undefined : value)));
}
