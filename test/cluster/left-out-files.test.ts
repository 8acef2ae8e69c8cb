import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { blockers, type Files, homeOps, list, run } from "../traps/support.ts";

const SOURCE = "kubernetes/flux/config/cluster.yaml";
const BOOT = "kubernetes/flux/first/kustomization.yaml";
const read = (files: Files) =>
  buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } }).clusters[0]!;

/** A tree whose root walks a folder with a by-hand install in it, and whose source says what it leaves out. */
function leavingOut(ignore: string): Files {
  const files = homeOps();
  const spec = files[SOURCE]!.replace("  interval: 30m\n", `  interval: 30m\n  ignore: |\n${ignore}`);
  return { ...files, [SOURCE]: spec, [BOOT]: list("github.com/fluxcd/flux2/manifests/install?ref=v2.6.4") };
}

describe("a folder below the root that the source leaves out", () => {
  const ignored = leavingOut("    /*\n    !/kubernetes\n    /kubernetes/flux/first/*\n");

  test("is delivered to nobody: what installs Flux there is the by-hand bootstrap", () => {
    const cluster = read(ignored);
    expect(cluster.findings).toEqual([]);
    expect(cluster.install?.style).toBe("oci-manifests");
    expect(cluster.bootstraps.map(({ at }) => at.file)).toContain(BOOT);
    expect(cluster.files.has(BOOT)).toBe(false);
    expect(blockers(run(ignored))).toEqual([]);
  });

  test("is delivered to nobody either where a sparse checkout does not fetch it", () => {
    const files = leavingOut("    /*\n    !/kubernetes\n");
    const sparse = (...folders: string[]): Files => ({
      ...files,
      [SOURCE]: files[SOURCE]!.replace("  ignore:", `  sparseCheckout: [${folders.join(", ")}]\n  ignore:`),
    });
    expect(read(sparse("kubernetes/apps", "./kubernetes/flux/config")).files.has(BOOT)).toBe(false);
    expect(read(sparse("kubernetes")).files.has(BOOT)).toBe(true);
  });

  test("counts where the source keeps it", () => {
    const cluster = read(leavingOut("    /*\n    !/kubernetes\n"));
    expect(cluster.findings.map(({ rule }) => rule)).toEqual(["install-contradiction"]);
  });

  test("an ignore that leaves nothing of the root does not hide the cluster", () => {
    expect(read(leavingOut("    /*\n")).files.size).toBeGreaterThan(0);
  });
});
