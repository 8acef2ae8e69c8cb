import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";
const LISTING = `${APP}/kustomization.yaml`;
const open = (extra: string[] = []) =>
  ks("player", "kubernetes/$" + "{PART}/media/player/app", ["targetNamespace: media", ...extra]);

/** The player's folder has a variable in it, and nothing here says its value. */
const tree = (more: Files = {}): Files => ({ ...homeTree(), [PLAYER]: open(), ...more });
const bump = { [`${APP}/helmrelease.yaml`]: release("player", ["values: {replicas: 2}"]) };
const without = { [LISTING]: kustomization(["helmrelease.yaml"]) };

function answer(edits: Edits, files: Files = tree()) {
  const { verdict, unknown } = judge(files, edits).safety;
  return [verdict, ...unknown.map(({ what }) => what.replace(/ \(.*/, ""))];
}
const OPEN = ["unproven", expect.stringMatching(/neither before this change, which may touch it, nor after$/)];
const SAFE = ["safe"];

test("a path with a variable is no matter where the change lies in no folder that it fits", () => {
  expect(answer({ "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess", ["timeout: 5m"]) })).toEqual(
    SAFE,
  );
  expect(answer(bump)).toEqual(OPEN);
  expect(answer(without)).toEqual(OPEN);
  expect(answer({ "kubernetes/other/media/player/app/map.yaml": object("ConfigMap", "map") })).toEqual(OPEN);
  // A value may be empty, and hold a slash.
  expect(answer({ "kubernetes/media/player/app/map.yaml": object("ConfigMap", "map") })).toEqual(OPEN);
  expect(answer({ "kubernetes/a/b/media/player/app/map.yaml": object("ConfigMap", "map") })).toEqual(OPEN);
});

test("it reads what such a folder reads elsewhere", () => {
  const files = tree({
    [LISTING]: kustomization(["helmrelease.yaml", "../../../../../base"]),
    "base/kustomization.yaml": kustomization(["map.yaml"]),
    "base/map.yaml": object("ConfigMap", "map"),
  });
  expect(answer({ "base/map.yaml": object("ConfigMap", "card") }, files)).toEqual(OPEN);
});

test("its own fields count where they say what is applied", () => {
  expect(answer({ [PLAYER]: open(["retryInterval: 1m", "timeout: 2m"]) })).toEqual(SAFE);
  expect(answer({ [PLAYER]: open(["namePrefix: new-"]) })).toEqual(OPEN);
  expect(answer({ [PLAYER]: open().replace("PART", "OTHER") })).toEqual(OPEN);
});

test("a path that is all variable may be any folder", () => {
  const files = tree({ [PLAYER]: ks("player", "kubernetes/$" + "{PART}", ["targetNamespace: media"]) });
  expect(
    answer({ "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess", ["timeout: 5m"]) }, files),
  ).toEqual(OPEN);
});

test("what the source leaves out of its artifact reaches nobody", () => {
  const source = "kubernetes/flux/config/cluster.yaml";
  const ignored = homeTree()[source]!.replace(
    "  ref: {branch: main}\n",
    "  ref: {branch: main}\n  ignore: /kubernetes/other\n",
  );
  const files = tree({ [source]: ignored });
  expect(answer({ "kubernetes/other/media/player/app/map.yaml": object("ConfigMap", "map") }, files)).toEqual(SAFE);
});

test("a path or a source that is no text is told in words", () => {
  const files = homeTree();
  const plain = files[PLAYER]!;
  const nameless = plain.replace("    name: home\n", "");
  for (const [before, after] of [
    [plain, plain.replace(/path: .*/, "path: {}")],
    [nameless, nameless.replace("targetNamespace: media", "targetNamespace: other")],
  ]) {
    const { safety, ...said } = judge({ ...files, [PLAYER]: before! }, { [PLAYER]: after! });
    expect(JSON.stringify([safety.unknown, said])).not.toMatch(/\[object|undefined/);
  }
});
