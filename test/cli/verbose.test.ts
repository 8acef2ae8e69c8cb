import { join } from "node:path";
import { expect, test } from "vitest";
import { assembleTree } from "../support/fixture-tree.ts";
import { FIXTURES_ROOT } from "../support/project.ts";
import { makeRepo } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";

const CASE = join(FIXTURES_ROOT, "operator-app/follows-the-names-of-siblings");

test("--verbose says which habits the new files follow, with a file that shows each", async () => {
  const tree = assembleTree(CASE, { shows: "", base: "home-ops" });
  const cwd = makeRepo(tree);
  const short = await runCli(["plan"], { cwd, loader: realEngine });
  expect(short.err).not.toContain("conventions");
  for (const argv of [
    ["plan", "--verbose"],
    ["--verbose", "plan"],
  ]) {
    const { err } = await runCli(argv, { cwd, loader: realEngine });
    expect(err).toContain("conventions  file of a Kustomization: ks.yaml, as 5 of 5");
    expect(err).toContain("name of a Kustomization: cluster-apps-<app>, as 3 of 5");
    expect(err).toContain("kubernetes/apps/cinema/film/app/helm-release.yaml:1:1");
  }
  const { out } = await runCli(["plan", "--format", "json"], { cwd, loader: realEngine });
  expect(JSON.parse(out).phases[0].clusters[0].conventions).toContainEqual({
    about: "file of a HelmRelease",
    says: "helm-release, as 3 of 3",
    from: { file: "kubernetes/apps/cinema/film/app/helm-release.yaml", line: 1, col: 1 },
  });
});
