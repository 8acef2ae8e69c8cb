import { expect, test } from "vitest";
import { makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll, runPhase } from "./run-phases.ts";

const APP = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n";
const SCRIPT = `#!/bin/sh
flux bootstrap git --branch=main \\
  --path=./clusters/green
flux bootstrap git --path clusters/blue/
flux bootstrap git --path clusters/$1
flux bootstrap git --path clusters/blue-old
`;

const tree: Files = {
  ...makeFluxSystem("clusters/blue"),
  ...makeFluxSystem("clusters/green"),
  "clusters/blue/app.yaml": APP,
  "clusters/green/app.yaml": APP,
  "up.sh": SCRIPT,
};

const installers = (files: ReturnType<typeof runPhase>["findings"]) =>
  files.filter(({ rule, at }) => rule === "automation-installs-flux" && at?.file === "up.sh");
const clusterOf = (next: string | undefined) => /clusters\/(\w+)\/flux-system\/flux-instance/.exec(next ?? "")?.[1];

test("a flux bootstrap that names the folder of a cluster gets that cluster's commands, another says whose it shows", () => {
  const own = installers(runAll(tree).cutover.findings);
  expect(
    own.map(({ at, next }) => [at?.line, clusterOf(next), next?.includes("the cluster that is meant; for blue:")]),
  ).toEqual([
    [2, "green", false],
    [4, "blue", false],
    [5, "blue", true],
    [6, "blue", true],
  ]);
});

test("one that installs a cluster which keeps its old install is not named", () => {
  const { files } = runPhase(tree, "install", { clusters: ["blue"] });
  const own = installers(runPhase(files, "cutover", { clusters: ["blue"] }).findings);
  expect(own.map(({ at }) => at?.line)).toEqual([4, 5, 6]);
});
