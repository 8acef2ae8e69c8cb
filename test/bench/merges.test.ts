import { describe, expect, it } from "vitest";
import { judgeCluster } from "../../bench/merges/gone.ts";
import { type Cluster, heldOf } from "../../bench/merges/live.ts";
import { names } from "../../bench/merges/said.ts";
import type { ClusterVerdict, Live, Reading, Said } from "../../bench/merges/types.ts";
import { weigh } from "../../bench/merges/weigh.ts";

const object = (kind: string, name: string, more: object = {}) => ({
  apiVersion: kind === "HelmRelease" ? "helm.toolkit.fluxcd.io/v2" : "v1",
  kind,
  metadata: { name, namespace: "media" },
  ...more,
});

function live(name: string, objects: object[], spec: object = { prune: true }, reading: Reading = "built"): Live {
  const held = new Map(objects.map((data) => [heldOf(data, "").id, heldOf(data, "")]));
  const data = { metadata: { namespace: "flux-system", name }, spec };
  return { key: `flux-system/${name}`, data, target: "", reading, held, inputs: JSON.stringify(objects) };
}

const cluster = (...lives: Live[]): Cluster => new Map(lives.map((one) => [one.key, one]));
const source = { kind: "GitRepository", metadata: { name: "flux-system", namespace: "flux-system" } };
const root = { data: { metadata: { name: "flux-system" } }, source, prefix: "", file: "root.yaml" };
const judge = (before: Cluster, after: Cluster) => judgeCluster(root, "root", before, after);
const sayFates = ({ fates }: ClusterVerdict) => fates.map(({ how, resource }) => `${how} ${resource}`).sort();

describe("what a merge takes away", () => {
  const [a, b] = [object("ConfigMap", "a"), object("ConfigMap", "b")];

  it("is what a pruning FluxKustomization no longer applies", () => {
    const verdict = judge(cluster(live("apps", [a, b])), cluster(live("apps", [a])));
    expect(sayFates(verdict)).toEqual(["gone ConfigMap media/b"]);
  });

  it("is not what another one applies from now on", () => {
    const verdict = judge(cluster(live("apps", [a, b])), cluster(live("apps", [a]), live("more", [b])));
    expect(verdict.fates).toEqual([]);
    expect(verdict.handovers).toEqual(["ConfigMap media/b"]);
  });

  it("is everything that a deleted FluxKustomization holds, unless it leaves its inventory behind", () => {
    const rest = cluster(live("root", []));
    const gone = (spec: object) => sayFates(judge(cluster(live("root", []), live("apps", [a], spec)), rest));
    expect(gone({ prune: true })).toEqual(["gone ConfigMap media/a"]);
    expect(gone({ prune: false })).toEqual([]);
    expect(gone({ prune: true, suspend: true })).toEqual([]);
    expect(gone({ prune: true, deletionPolicy: "Orphan" })).toEqual([]);
  });

  it("is only perhaps what lies in a folder that cannot be read as a whole", () => {
    const verdict = judge(
      cluster(live("apps", [a, b], { prune: true }, "partial")),
      cluster(live("apps", [a], { prune: true }, "partial")),
    );
    expect(sayFates(verdict)).toEqual(["maybe ConfigMap media/b"]);
    expect(verdict.touched).toHaveLength(1);
  });

  it("follows namespaces", () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "media" } };
    const verdict = judge(
      cluster(live("infra", [namespace]), live("apps", [a])),
      cluster(live("infra", []), live("apps", [a])),
    );
    expect(sayFates(verdict)).toEqual(["gone ConfigMap media/a", "gone Namespace media"]);
  });

  it("counts releases that a HelmRelease leaves for another one", () => {
    const release = (releaseName: string) => object("HelmRelease", "plex", { spec: { releaseName } });
    const before = cluster(live("apps", [release("plex")]));
    expect(judge(before, cluster(live("apps", [release("plex")]))).fates).toEqual([]);
    expect(sayFates(judge(before, cluster(live("apps", [release("other")]))))).toEqual(["gone HelmRelease media/plex"]);
  });
});

describe("weighing the tool's answer", () => {
  const said: Said = {
    exit: 0,
    verdict: "safe",
    deleted: [],
    recreated: [],
    text: "",
    breaks: [],
    unknown: [],
    cut: false,
    clusters: 1,
    seconds: 0,
  };
  const verdict: ClusterVerdict = {
    root: "root",
    fates: [{ resource: "ConfigMap media/a", how: "gone", why: "pruned" }],
    handovers: [],
    before: ["ConfigMap media/a", "ConfigMap media/b"],
    after: ["ConfigMap media/b"],
    breaks: [],
    unread: [],
    touched: [],
  };
  const row = (more: Partial<Said>, truth: Partial<ClusterVerdict> = {}) =>
    weigh("pair-01", { clusters: [{ ...verdict, ...truth }], notes: [] }, { ...said, ...more }, 0);

  it("misses what is not named, and covers it where the verdict is unproven", () => {
    expect(row({}).missed).toEqual(["ConfigMap media/a: pruned"]);
    expect(row({ verdict: "unproven" })).toMatchObject({ missed: [], covered: ["ConfigMap media/a: pruned"] });
    expect(row({ text: '"ConfigMap media/a"' }).missed).toEqual([]);
  });

  it("takes a longer name for another one", () => {
    expect(names('"ConfigMap media/a-b"', "ConfigMap media/a")).toBe(false);
    expect(names("Flux deletes ConfigMap media/a.", "ConfigMap media/a")).toBe(true);
  });

  it("finds what is said to be deleted and stays", () => {
    expect(row({ text: "ConfigMap media/a", deleted: ["ConfigMap media/a", "ConfigMap media/b"] }).invented).toEqual([
      "ConfigMap media/b is said to be deleted, and stays",
    ]);
  });

  it("misses a build that breaks, and finds one that does not", () => {
    const named = { text: "ConfigMap media/a" };
    expect(row(named, { breaks: ["flux-system/apps"] }).missed).toEqual([
      "Kustomization flux-system/apps no longer builds",
    ]);
    expect(row({ ...named, breaks: ["Kustomization flux-system/apps breaks"] }).invented).toHaveLength(1);
  });
});
