import { describe, expect, test } from "vitest";
import { ks, object } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const INSTANCE = "base/instance.yaml";
const instance = (path: string) =>
  object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  distribution: {version: 2.7.x, registry: ghcr.io/fluxcd}",
    "  sync:",
    "    kind: GitRepository",
    "    url: https://git.example.invalid/me/home.git",
    "    ref: refs/heads/main",
    `    path: ${path}`,
  ]);
const member = (name: string): Files => ({
  [`clusters/${name}/flux/apps.yaml`]: ks("apps", `clusters/${name}/apps`, [], "flux-system"),
  [`clusters/${name}/apps/instance.yaml`]: ks("instance", "base", [], "flux-system"),
  [`clusters/${name}/apps/cm.yaml`]: object("ConfigMap", `of-${name}`, "v1", ["  namespace: default"]),
});
const SHARED = "clusters/$" + "{CLUSTER}/flux";

describe("two clusters that share the manifest of their FluxInstance", () => {
  const tree: Files = { ...member("one"), ...member("two"), [INSTANCE]: instance(SHARED) };
  const goes = (edits: Edits, index: number) =>
    judge(tree, edits, index).safety.dangers.map(({ resource }) => resource);

  test("lose what their own folder loses", () => {
    const edits = { "clusters/two/apps/cm.yaml": undefined };
    expect([goes(edits, 0), goes(edits, 1)]).toEqual([[], ["ConfigMap default/of-two"]]);
  });

  test("lose nothing when what they share changes in no way that counts", () => {
    const edits = { [INSTANCE]: instance(SHARED).replace("2.7.x", "2.8.x") };
    expect([goes(edits, 0), goes(edits, 1)]).toEqual([[], []]);
  });

  test("keep their own folder when all folders move together", () => {
    const moved = Object.entries({ ...member("one"), ...member("two") });
    const edits: Edits = { [INSTANCE]: instance(SHARED.replace("clusters", "fleet")) };
    for (const [file, text] of moved) {
      edits[file] = undefined;
      edits[file.replace("clusters", "fleet")] = text.replace("./clusters", "./fleet");
    }
    expect([goes(edits, 0), goes(edits, 1)]).toEqual([[], []]);
  });

  test("both read the one folder that the manifest names from now on", () => {
    const { outcomes } = judge(tree, { [INSTANCE]: instance("clusters/one/flux") }, 1).safety;
    expect(outcomes.deleted?.names).toContain("ConfigMap default/of-two");
  });
});
