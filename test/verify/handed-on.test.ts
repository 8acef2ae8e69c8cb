import { describe, expect, test } from "vitest";
import { ks, kustomization, release } from "./home-tree.ts";
import type { Files } from "./judge.ts";
import { APP, CAPP, CHESS, h, LIST, PLAYER, PVC, sayOf } from "./odd-tree.ts";

const CLIST = `${CAPP}/kustomization.yaml`;
const TARGET = "targetNamespace: media";
const on = (name: string, more = "") => `dependsOn: [{name: ${name}${more}}]`;
const MAY_GO =
  "unsafe | wanted-may-go PersistentVolumeClaim media/player | recreated PersistentVolumeClaim media/player";

/** The claim goes from player to chess. */
const tree = (player: string[], chess: string[] = [], more: Files = {}): Files => ({
  ...h,
  [PLAYER]: ks("player", APP, [TARGET, ...player]),
  [CHESS]: ks("chess", CAPP, [TARGET, ...chess]),
  [`${CAPP}/helmrelease.yaml`]: release("chess"),
  ...more,
});
const move = {
  [LIST]: kustomization(["helmrelease.yaml"]),
  [CLIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
  [PVC]: undefined,
  [`${CAPP}/pvc.yaml`]: h[PVC],
};

describe("what moves to another Kustomization", () => {
  test("bears its labels by the time that the one which depends on it prunes", () => {
    expect(sayOf(tree([on("chess")]), move)).toBe("safe");
    const between = { "kubernetes/flux/between.yaml": ks("between", "kubernetes/flux/vars", [on("chess")]) };
    expect(sayOf(tree([on("between")], [], between), move)).toBe("safe");
  });

  test("may be pruned before where nothing waits for the new one, or that waits itself", () => {
    expect(sayOf(tree([]), move)).toBe(MAY_GO);
    expect(sayOf(tree([], [on("player")]), move)).toBe(MAY_GO);
  });

  test("may be pruned before where the wait comes with it, goes with it, or is over before", () => {
    expect(sayOf(tree([]), { ...move, [PLAYER]: tree([on("chess")])[PLAYER] })).toBe(MAY_GO);
    expect(sayOf(tree([on("chess")]), { ...move, [PLAYER]: tree([])[PLAYER] })).toBe(MAY_GO);
    expect(sayOf(tree([on("chess", ", readyExpr: 'true'")]), move)).toContain(MAY_GO);
  });

  test("goes where the one that it depended on does not apply it", () => {
    const kept = `  annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}\n`;
    expect(sayOf(tree([on("chess")]), { ...move, [`${CAPP}/pvc.yaml`]: `${h[PVC]}${kept}` })).toContain(MAY_GO);
    expect(sayOf(tree([on("chess")], ["suspend: true"]), move)).toContain("PersistentVolumeClaim media/player");
  });

  test("goes where its old Kustomization goes, whatever that depends on", () => {
    const gone = {
      ...move,
      [PLAYER]: undefined,
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
    };
    expect(sayOf(tree([on("chess")]), gone)).toContain("recreated PersistentVolumeClaim media/player");
  });

  test("may be pruned before where the new one is led there by the change, or comes or resumes with it", () => {
    const [own, elsewhere] = [tree([on("chess")]), "kubernetes/apps/games/other"];
    const away = { ...own, [CHESS]: ks("chess", elsewhere, [TARGET]), [`${elsewhere}/release.yaml`]: release("other") };
    const led = sayOf(away, { ...move, [CHESS]: own[CHESS] });
    expect(led).toContain("recreated PersistentVolumeClaim media/player");
    const games = "kubernetes/apps/games/kustomization.yaml";
    const without = { ...own, [CHESS]: undefined, [games]: kustomization(["namespace.yaml"]) };
    expect(sayOf(without, { ...move, [CHESS]: own[CHESS], [games]: h[games] })).toContain(MAY_GO);
    const held = tree([on("chess")], ["suspend: true"]);
    expect(sayOf(held, { ...move, [CHESS]: own[CHESS] })).toContain(MAY_GO);
  });

  test("may be pruned before where only one of two ways in which it is applied waits", () => {
    const both = tree([on("chess")], [], { "kubernetes/flux/again.yaml": ks("player", APP, [TARGET]) });
    expect(sayOf(both, move)).toContain("PersistentVolumeClaim media/player");
  });

  test("may be pruned before where both read different sources", () => {
    const other = h["kubernetes/flux/config/cluster.yaml"]!.split("---\n")[1]!.replace("name: home", "name: second");
    const more = { "kubernetes/flux/second.yaml": `---\n${other}` };
    const before = tree([on("chess")], [], more);
    expect(sayOf({ ...before, [CHESS]: before[CHESS]!.replace("name: home", "name: second") }, move)).toContain(MAY_GO);
  });
});
