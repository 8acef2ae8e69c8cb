import { describe, expect, it } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { CLUSTER, type Files, fluxKustomization, homeOps, migrate, migrateAll } from "../traps/support.ts";

const APPS_SOURCE = "kubernetes/flux/apps-source.yaml";
const READS_APPS = "  sourceRef:\n    kind: GitRepository\n    name: apps-git\n";

/** A home-ops repository whose apps come through a source of their own, which reads a ref of the same repository. */
function withApps(ref: string, settings: { source?: string } = {}): Files {
  const source = homeOps()
    [CLUSTER]!.split("---\n")[1]!
    .replace("name: home\n", "name: apps-git\n")
    .replace("  ref:\n    branch: main\n", ref);
  return { ...homeOps({ apps: READS_APPS, ...settings }), [APPS_SOURCE]: source };
}

const read = (files: Files) =>
  buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } }).clusters[0]!;
const builds = (files: Files) => read(files).local.map(({ object }) => object.name);
const said = (files: Files, phase: "install" | "cutover" | "cleanup") => {
  const { findings } = migrate(files, { phase });
  return findings.filter(({ rule }) => rule === "other-revision");
};

describe("a second source of the same repository", () => {
  it.each(["  ref:\n    branch: main\n", "  ref:\n    name: refs/heads/main\n", "  ref:\n    branch: ${BRANCH}\n"])(
    "is this repository, where it reads the branch of the root: %s",
    (ref) => {
      expect(builds(withApps(ref))).toContain("echo");
      expect(builds(migrateAll(withApps(ref)))).toContain("echo");
    },
  );

  it.each(["  ref:\n    branch: staging\n", "  ref:\n    tag: v1.0.0\n", ""])(
    "holds other files, where it reads something else: %s",
    (ref) => {
      const files = withApps(ref);
      expect(builds(files)).toEqual(["cluster"]);
      expect(builds(withApps(ref, { source: ref || "  ref: {}\n" }))).toContain("echo");
      // What the operator is installed by must arrive with the merge.
      const added = Object.keys(migrate(files).files).filter((path) => !(path in files));
      expect(added.filter((path) => path.startsWith("kubernetes/apps/"))).toEqual([]);
      expect(Object.keys(migrateAll(files)).filter((path) => path.includes("flux-instance")).length).toBeGreaterThan(0);
    },
  );

  it("is told apart from one of the same name that another cluster has", () => {
    const of = (name: string, ref: string) => {
      const files = { ...withApps(ref), "kubernetes/flux/preview.yaml": fluxKustomization(name, "kubernetes/apps") };
      return Object.entries(files).map(([path, text]) => [
        path.replace("kubernetes/", `kubernetes/${name}/`),
        text.replaceAll("./kubernetes/", `./kubernetes/${name}/`),
      ]);
    };
    const both = Object.fromEntries([
      ...of("one", "  ref:\n    branch: main\n"),
      ...of("two", "  ref:\n    branch: staging\n"),
    ]);
    const { clusters } = buildModel({ tree: memoryTree(both), remotes: [], options: { layout: "auto" } });
    const reads = clusters.map(({ name, local }) => [name, local.some(({ object }) => object.name === "cluster-apps")]);
    expect(reads).toEqual([
      ["one", true],
      ["two", false],
    ]);
  });

  it("is named in every phase, where the old name may stand on its branch", () => {
    const files = withApps("  ref:\n    branch: staging\n");
    const [finding, ...others] = said(files, "install");
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ level: "caution", at: { file: "kubernetes/flux/apps.yaml" } });
    expect(finding!.what).toContain("builds branch staging of this repository");
    expect(finding!.next).toContain("Search branch staging for GitRepository home, and write cluster there");
    const installed = migrate(files).files;
    expect(said(installed, "cutover")).toHaveLength(1);
    expect(said(migrate(installed, { phase: "cutover" }).files, "cleanup")).toHaveLength(1);
    expect(said(withApps("  ref:\n    branch: main\n"), "install")).toEqual([]);
    const kept = migrate(files, { sync: "keep" }).findings.map(({ rule }) => rule);
    expect(kept).not.toContain("other-revision");
  });
});
