import { describe, expect, test } from "vitest";
import { sayVerify } from "../../src/report/verify-headline.ts";
import type { VerifyReport } from "../../src/safety/verify.ts";
import { verifyEdits } from "./edited.ts";
import { gitSource, ks, kustomization, object } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

/** A fleet of three clusters; each has a folder that Flux starts from, and one of apps. */
const member = (name: string): Files => ({
  [`clusters/${name}/flux-system/sync.yaml`]: `${gitSource("flux-system")}---\n${ks("flux-system", `clusters/${name}`, [], "flux-system")}`,
  [`clusters/${name}/apps.yaml`]: ks("apps", `apps/${name}`, [], "flux-system"),
  [`apps/${name}/cm.yaml`]: object("ConfigMap", `of-${name}`, "v1", ["  namespace: default"]),
});
const fleet: Files = { ...member("one"), ...member("two"), ...member("three") };

const without = (tree: Files, ...folders: string[]): Edits =>
  Object.fromEntries(
    Object.keys(tree)
      .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
      .map((path) => [path, undefined]),
  );
const stops = ({ findings }: VerifyReport) =>
  findings.filter(({ level }) => level === "blocker").map(({ rule, cluster }) => `${rule} ${cluster}`);
const verdicts = ({ clusters }: VerifyReport) => clusters.map(({ cluster, safety }) => `${cluster} ${safety.verdict}`);
const TWO = without(fleet, "clusters/two", "apps/two");

describe("a whole cluster that goes", () => {
  test("is one blocker, whatever goes with it, and says how it is settled", () => {
    const report = verifyEdits(TWO, fleet);
    expect(stops(report)).toEqual(["cluster-goes two"]);
    const [found] = report.findings;
    expect(found).toMatchObject({ resource: "Kustomization flux-system/flux-system" });
    expect(found!.what).toBe(
      "The change takes this cluster out: Flux starts from clusters/two, and that folder goes. Kustomization flux-system/apps would not build either.",
    );
    expect(found!.why).toContain("it deletes nothing there, and applies nothing more");
    expect(found!.next).toMatch(/settle it with --accept 'cluster two'\. Where it still runs/);
    expect(sayVerify(report)).toBe("1 cluster is taken out: two");
  });

  test("is said alone where nothing else of it breaks", () => {
    const { "clusters/two/apps.yaml": _, ...alone } = fleet;
    const [found] = verifyEdits(without(alone, "clusters/two"), alone).findings;
    expect(found!.what).toMatch(/Flux starts from clusters\/two, and that folder goes\.$/);
  });

  test("is accepted by the name of the cluster, and so is all that would happen to it", () => {
    const report = verifyEdits({ ...TWO, "apps/two/cm.yaml": undefined }, fleet, ["cluster two"]);
    expect([report.verdict, ...stops(report)]).toEqual(["deletes"]);
    expect(verdicts(report).sort()).toEqual(["one safe", "three safe", "two deletes"]);
    expect(report.findings.map(({ rule, level }) => `${rule} ${level}`)).toEqual(["cluster-goes info"]);
    expect(report.findings[0]!.next).toBe("Nothing to do: it was accepted with --accept.");
    expect(sayVerify(report)).toBe("1 cluster given up: two");
    expect(stops(verifyEdits(TWO, fleet, ["unknown cluster two"]))).toEqual(["cluster-goes two"]);
  });

  test("takes no other one along, though all roots have one name", () => {
    const report = verifyEdits({ ...TWO, ...without(fleet, "clusters/one") }, fleet, ["cluster two"]);
    expect(stops(report)).toEqual(["cluster-goes one"]);
    const named = verifyEdits(TWO, fleet, ["Kustomization flux-system/flux-system"]);
    expect(stops(named)).toEqual(["cluster-goes two"]);
    expect(named.findings.map(({ rule }) => rule)).toContain("acceptance-idle");
  });

  test("is accepted with a loss elsewhere still to be judged", () => {
    const edits = { ...TWO, "apps/one/cm.yaml": "kind: ConfigMap\n" };
    expect(verifyEdits(edits, fleet, ["cluster two"]).verdict).toBe(
      verifyEdits({ "apps/one/cm.yaml": "kind: ConfigMap\n" }, fleet).verdict,
    );
  });

  test("settles what that cluster alone loses, and says both", () => {
    const shared: Files = {
      ...fleet,
      "clusters/two/apps.yaml": ks("apps", "shared", [], "flux-system"),
      "shared/cm.yaml": object("PersistentVolumeClaim", "data", "v1", ["  namespace: default"]),
      "shared/other.yaml": object("ConfigMap", "other", "v1", ["  namespace: default"]),
    };
    const edits = { ...without(shared, "clusters/two"), "shared/cm.yaml": undefined };
    const report = verifyEdits(edits, shared, ["cluster two"]);
    expect(stops(report)).toEqual([]);
    expect(sayVerify(report)).toBe(
      "1 object goes: PersistentVolumeClaim default/data; 1 accepted with --accept, 1 cluster given up: two",
    );
  });
});

describe("no cluster is given up", () => {
  const NO = "cluster two";

  test("where its folder goes and what names it stays", () => {
    const { "clusters/two/flux-system/sync.yaml": sync = "", ...rest } = fleet;
    const tree = { ...rest, "bootstrap/two/sync.yaml": sync };
    const report = verifyEdits(without(tree, "clusters/two"), tree, [NO]);
    expect(stops(report)).toEqual(["build-breaks two"]);
    expect(report.findings.map(({ rule }) => rule)).toContain("acceptance-idle");
  });

  test("where its folder has moved", () => {
    const moved = Object.fromEntries(
      Object.entries(member("two"))
        .filter(([path]) => path.startsWith("clusters/"))
        .map(([path, text]) => [
          path.replace("clusters/two", "clusters/deux"),
          text.replaceAll("clusters/two", "clusters/deux"),
        ]),
    );
    const report = verifyEdits({ ...without(fleet, "clusters/two"), ...moved }, fleet, [NO]);
    expect(stops(report)).toEqual(["build-breaks two"]);
  });

  test("where only what it starts from is taken out", () => {
    const report = verifyEdits({ "clusters/two/flux-system/sync.yaml": undefined }, fleet, [NO]);
    expect(stops(report)).not.toContain("cluster-goes two");
    expect(report.verdict).not.toBe("safe");
    const root = { "clusters/two/flux-system/sync.yaml": undefined };
    // Nor does it go where the folder of its apps is gone, or where its own is there and builds no more.
    expect(stops(verifyEdits({ ...root, "apps/two/cm.yaml": undefined }, fleet, [NO]))).not.toContain(
      "cluster-goes two",
    );
    const broken = { "clusters/two/kustomization.yaml": kustomization(["none.yaml"]) };
    expect(stops(verifyEdits({ ...root, ...broken }, fleet, [NO]))).toEqual(["build-breaks two"]);
  });
});

describe("a cluster whose root is in no file", () => {
  const empty: Files = { ...member("one"), ...member("two"), "clusters/two/flux-system/sync.yaml": "" };
  const { "clusters/two/flux-system/sync.yaml": _, ...rest } = empty;
  const bootstrap: Files = { ...rest, "clusters/two/flux-system/gotk-sync.yaml": "" };

  test("goes with the file that says where Flux starts", () => {
    const edits = without(bootstrap, "clusters/two");
    expect(stops(verifyEdits(edits, bootstrap))).toEqual(["cluster-goes clusters/two"]);
    const taken = verifyEdits(edits, bootstrap, ["cluster clusters/two"]);
    expect([taken.verdict, ...stops(taken)]).toEqual(["deletes"]);
  });

  test("stays while Terraform names its folder", () => {
    const tree: Files = {
      ...rest,
      "main.tf": 'resource "flux_bootstrap_git" "this" {\n  path = "clusters/two"\n}\n',
    };
    const edits = without(tree, "clusters/two");
    expect(stops(verifyEdits(edits, tree))).toEqual(["build-breaks clusters/two"]);
    expect(stops(verifyEdits({ ...edits, "main.tf": undefined }, tree))).toEqual(["cluster-goes clusters/two"]);
  });
});

test("a cluster that shares its FluxInstance goes with its folder", () => {
  const shared = (name: string): Files => ({
    [`clusters/${name}/flux/apps.yaml`]: ks("apps", `clusters/${name}/apps`, [], "flux-system"),
    [`clusters/${name}/apps/instance.yaml`]: ks("instance", "base", [], "flux-system"),
  });
  const instance = object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  distribution: {version: 2.7.x, registry: ghcr.io/fluxcd}",
    "  sync:",
    "    kind: GitRepository",
    "    url: https://git.example.invalid/me/home.git",
    "    ref: refs/heads/main",
    "    path: clusters/$" + "{CLUSTER}/flux",
  ]);
  const tree: Files = { ...shared("one"), ...shared("two"), "base/instance.yaml": instance };
  const edits = without(tree, "clusters/two");
  expect(stops(verifyEdits(edits, tree))).toEqual(["cluster-goes two"]);
  expect(verifyEdits(edits, tree, ["cluster two"]).verdict).toBe("deletes");
});
