import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { commitAll, makeRepo, readTree } from "../support/repo.ts";
import { type CliRun, realEngine, runCli } from "../support/run-cli.ts";

const EXAMPLE = join(PROJECT_ROOT, "examples/fleet");
const REMOTE = "git@github.com:lighthouse-keeper/fleet.git";

const cli = (argv: string[], cwd: string): Promise<CliRun> => runCli(argv, { loader: realEngine, cwd });

describe("the example of flux bootstrap", () => {
  test("goes phase by phase, and keeps what was never the install", async () => {
    const root = makeRepo(EXAMPLE, { remote: REMOTE });
    for (const phase of ["install", "cutover", "cleanup"]) {
      const run = await cli(["migrate", "--yes", "--phase", phase], root);
      expect(run.err).toContain("Wrote ");
      expect(run.code).toBe(0);
      commitAll(root, phase);
    }
    const files = readTree(root);
    expect(Object.keys(files).filter((path) => path.includes("gotk"))).toEqual([]);
    expect(files["clusters/home/flux-system/kustomization.yaml"]).toBe(
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - receiver.yaml\n  - flux-operator.yaml\n  - flux-instance.yaml\nlabels:\n  - pairs:\n      team: keepers\n",
    );
    const home = files["clusters/home/flux-system/flux-instance/release.yaml"];
    for (const carried of [
      "version: 2.6.x",
      "team: keepers",
      "--concurrent=8",
      "provider: sops",
      "path: ./clusters/home",
    ])
      expect(home).toContain(carried);
    const lab = files["clusters/lab/flux-system/flux-instance/release.yaml"];
    for (const read of ["version: 2.7.x", "ssh://git@github.com/lighthouse-keeper/fleet.git", "path: ./clusters/lab"])
      expect(lab).toContain(read);
  });

  test("goes in one merge on the direct route", async () => {
    const root = makeRepo(EXAMPLE, { remote: REMOTE });
    const run = await cli(["migrate", "--yes", "--phase", "all", "--direct", "--cluster", "home"], root);
    expect(run.code).toBe(0);
    const files = readTree(root);
    expect(files["clusters/home/flux-instance.yaml"]).toContain("kind: FluxInstance");
    expect(Object.keys(files).filter((path) => path.startsWith("clusters/home/flux-system/"))).toEqual([
      "clusters/home/flux-system/kustomization.yaml",
      "clusters/home/flux-system/receiver.yaml",
    ]);
  });
});
