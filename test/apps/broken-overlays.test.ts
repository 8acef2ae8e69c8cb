import { describe, expect, test } from "vitest";
import { runPhase } from "../gotk/run-phases.ts";
import { homeTree, ks, kustomization } from "../verify/home-tree.ts";

const MEDIA = "kubernetes/apps/media/kustomization.yaml";
const GAMES = "kubernetes/apps/games/kustomization.yaml";
const PLAYER_APP = "kubernetes/apps/media/player/app";

const broken = (files: Record<string, string>) =>
  runPhase({ ...homeTree(), ...files }, "install")
    .findings.filter(({ rule }) => rule === "kustomization-broken")
    .map(({ level, at }) => `${level} ${at?.file}`)
    .sort();

describe("several overlays that do not build", () => {
  const both = [`blocker ${GAMES}`, `blocker ${MEDIA}`];
  const list = (app: string, extra: string[] = []) => kustomization(["namespace.yaml", `${app}/ks.yaml`], extra);

  test.each<[string, (app: string) => string]>([
    ["hold a patch that is none", (app) => list(app, ["patches: [{patch: 'a: b'}]"])],
    [
      "hold a patch that does not fit",
      (app) => list(app, [`patches: [{target: {kind: Namespace}, patch: '[{"op": "remove", "path": "/spec/x"}]'}]`]),
    ],
    ["list a file twice", (app) => kustomization(["namespace.yaml", "namespace.yaml", `${app}/ks.yaml`])],
    ["are no YAML, and hide what they list", () => "resources: [\n"],
  ])("are each named: they %s", (_, make) => {
    expect(broken({ [MEDIA]: make("player"), [GAMES]: make("chess") })).toEqual(both);
    expect(broken({ [MEDIA]: make("player") })).toEqual(both.slice(1));
  });

  test("stop nothing in the folder of an app", () => {
    expect(broken({ [`${PLAYER_APP}/kustomization.yaml`]: "resources: [\n" })).toEqual([
      `caution ${PLAYER_APP}/kustomization.yaml`,
    ]);
    const inside = { [`${PLAYER_APP}/more.yaml`]: ks("more", "kubernetes/more") };
    expect(broken({ ...inside, [`${PLAYER_APP}/kustomization.yaml`]: "resources: [\n" })).toEqual([
      `blocker ${PLAYER_APP}/kustomization.yaml`,
    ]);
  });
});
