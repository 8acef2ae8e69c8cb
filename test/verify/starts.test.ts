import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
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

describe("a cluster that comes with the change", () => {
  const SYSTEM = "clusters/prod/flux-system";
  const source = object("GitRepository", "flux-system", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1m",
    "  url: https://git.example.invalid/me/home.git",
    "  ref: {branch: main}",
  ]);
  const components = object("Namespace", "flux-system");
  const apps = object("ConfigMap", "apps", "v1", ["  namespace: default"]);
  const tree: Files = {
    [`${SYSTEM}/gotk-components.yaml`]: components,
    "clusters/prod/apps.yaml": ks("apps", "apps", [], "flux-system"),
    "apps/cm.yaml": apps,
  };
  const sync = { [`${SYSTEM}/gotk-sync.yaml`]: source + ks("flux-system", "clusters/prod", [], "flux-system") };
  const listing = (...files: string[]) => ({ [`${SYSTEM}/kustomization.yaml`]: kustomization(files) });

  test("takes nothing away, and what it creates is said", () => {
    const report = verifyEdits({ ...sync, ...listing("gotk-components.yaml", "gotk-sync.yaml") }, tree);
    expect(report).toMatchObject({ verdict: "safe", clusters: [{ cluster: "default" }] });
    expect(report.clusters[0]!.safety.outcomes).toEqual({
      created: {
        count: 5,
        names: [
          "ConfigMap default/apps",
          "GitRepository flux-system/flux-system",
          "Kustomization flux-system/apps",
          "Kustomization flux-system/flux-system",
          "Namespace flux-system",
        ],
      },
    });
    expect(report.findings.map(({ rule, at }) => `${rule} ${at?.file}`)).toContain(
      `cluster-starts ${SYSTEM}/gotk-sync.yaml`,
    );
  });

  test("is no answer to what its new listing leaves out for whoever walks the folder today", () => {
    expect(verifyEdits({ ...sync, "apps/cm.yaml": undefined }, tree).verdict).toBe("unproven");
    expect(verifyEdits({ ...sync, ...listing("gotk-sync.yaml") }, tree).verdict).toBe("unproven");
    const renamed = { [`${SYSTEM}/kustomization.yaml`]: kustomization(["gotk-components.yaml"], ["namePrefix: a-"]) };
    expect(verifyEdits({ ...sync, ...renamed }, tree).verdict).toBe("unproven");
  });

  test("stands beside those that were there", () => {
    const report = verifyEdits({ ...tree, ...sync });
    expect(report.verdict).toBe("safe");
    expect(report.clusters.map(({ cluster, safety }) => `${cluster} ${safety.outcomes.created?.count ?? 0}`)).toEqual([
      "default 0",
      "clusters 5",
    ]);
  });

  test("is none where a root only moves into another file", () => {
    const config = "kubernetes/flux/config/cluster.yaml";
    const moved = { [config]: undefined, "kubernetes/flux/config/root.yaml": homeTree()[config] };
    const listed = { "kubernetes/flux/config/kustomization.yaml": kustomization(["root.yaml", "flux.yaml"]) };
    expect(verifyEdits({ ...moved, ...listed }).clusters.map(({ cluster }) => cluster)).toEqual(["default"]);
    const all = Object.entries({ ...tree, ...sync });
    const elsewhere: Edits = Object.fromEntries(all.map(([file]) => [file, undefined]));
    for (const [file, text] of all) elsewhere[file.replace("/prod", "/live")] = text.replace("/prod", "/live");
    expect(verifyEdits(elsewhere, { ...tree, ...sync }).clusters.map(({ cluster }) => cluster)).toEqual(["default"]);
  });
});
