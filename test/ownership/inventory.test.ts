import { describe, expect, test } from "vitest";
import { readInventoryId } from "../../src/safety/fate/inventory.ts";
import { homeTree, ks, kustomization } from "../verify/home-tree.ts";
import { type Files, judge } from "../verify/judge.ts";

test.each([
  ["media_player__PersistentVolumeClaim", "|PersistentVolumeClaim|media|player"],
  ["_media__Namespace", "|Namespace||media"],
  ["a_b.c_apps_Deployment", "apps|Deployment|a|b.c"],
  ["_system__node_rbac.authorization.k8s.io_ClusterRole", "rbac.authorization.k8s.io|ClusterRole||system:node"],
  ["nonsense", undefined],
  ["a_b_apps_Deployment_", undefined],
])("%s", (id, key) => {
  expect(readInventoryId(id)?.key).toBe(key);
});

const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";
const player = (...spec: string[]) => ks("player", APP, ["targetNamespace: media", ...spec]);
const LISTING = "kubernetes/apps/media/kustomization.yaml";
const gone = { [PLAYER]: undefined, [LISTING]: kustomization(["namespace.yaml"]) };
const held = (...ids: string[]) => ({ inventories: { "flux-system/player": ids } });

describe("what was measured", () => {
  test("is pruned when a suspended Kustomization resumes", () => {
    const tree: Files = { ...homeTree(), [PLAYER]: player("suspend: true") };
    expect(judge(tree, { [PLAYER]: player() }).safety.unknown).toHaveLength(1);
    const known = judge(tree, { [PLAYER]: player() }, 0, held("media_old__PersistentVolumeClaim"));
    expect(known.safety.unknown).toEqual([]);
    expect(known.meant).toEqual(["deleted PersistentVolumeClaim media/old"]);
    expect(judge(tree, { [PLAYER]: player() }, 0, held("media_player__PersistentVolumeClaim")).meant).toEqual([]);
  });

  test("is that of the cluster which it is applied to today", () => {
    const far = "kubeConfig: {secretRef: {name: far}}";
    const tree: Files = { ...homeTree(), [PLAYER]: player("suspend: true", far) };
    const measured = held("media_old__PersistentVolumeClaim");
    expect(judge(tree, { [PLAYER]: player(far) }, 0, measured).meant).toEqual([
      expect.stringMatching(/^deleted PersistentVolumeClaim media\/old in the cluster of /),
    ]);
    const home: Files = { ...homeTree(), [PLAYER]: player("suspend: true") };
    const moved = judge(home, { [PLAYER]: player(far) }, 0, measured);
    expect([...moved.meant, ...moved.wanted].join()).not.toContain("media/old");
  });

  test("goes with a Kustomization whose base cannot be seen here", () => {
    const remote = kustomization(["https://git.example.invalid/you/player?ref=v1"]);
    const tree: Files = { ...homeTree(), [`${APP}/kustomization.yaml`]: remote };
    expect(judge(tree, gone).safety.unknown[0]?.what).toContain("remote base");
    const known = judge(tree, gone, 0, held("media_deep__PersistentVolumeClaim"));
    expect(known.safety.unknown).toEqual([]);
    expect(known.meant).toContain("deleted PersistentVolumeClaim media/deep");
  });

  test("stays with a remote base that stays, and goes with one that goes or is another", () => {
    const list = `${APP}/kustomization.yaml`;
    const base = (ref: string) => `https://git.example.invalid/you/player?ref=${ref}`;
    const tree: Files = { ...homeTree(), [list]: kustomization(["pvc.yaml", base("v1")]) };
    const measured = held("media_deep__PersistentVolumeClaim", "media_player__PersistentVolumeClaim");
    const change = (resources: string[]) => judge(tree, { [list]: kustomization(resources) }, 0, measured);
    const beside = judge(tree, { [`${APP}/pvc.yaml`]: `${tree[`${APP}/pvc.yaml`]}# more\n` }, 0, measured);
    expect([...beside.meant, ...beside.wanted, ...beside.safety.unknown]).toEqual([]);
    for (const other of [["pvc.yaml"], ["pvc.yaml", base("v2")]])
      expect(change(other).meant).toContain("deleted PersistentVolumeClaim media/deep");
  });

  test("is still wanted when another Kustomization delivers it", () => {
    const other = "kubernetes/apps/games/chess/ks.yaml";
    const tree: Files = { ...homeTree(), [other]: ks("chess", APP, ["targetNamespace: media"]) };
    tree[`${APP}/kustomization.yaml`] = kustomization(["pvc.yaml"]);
    tree[PLAYER] = ks("player", "kubernetes/apps/games/chess/app", ["targetNamespace: games"]);
    const known = judge(tree, gone, 0, held("media_player__PersistentVolumeClaim"));
    expect(known.wanted).toContain("recreated PersistentVolumeClaim media/player");
    expect(judge(tree, gone).wanted).not.toContain("recreated PersistentVolumeClaim media/player");
  });
});
