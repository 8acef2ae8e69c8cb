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

test.each([
  ["--path=clusters/blue", false],
  ["--path=$DIR", true],
  ["--path=clusters/elsewhere", true],
  ["--path=$1", false],
  ["--path=./", false],
])("of one cluster, too, it is said where the folder is another: %s", (flag, isOpen) => {
  const home = { ...makeFluxSystem("clusters/blue"), "clusters/blue/app.yaml": APP };
  const script = `#!/bin/sh\nDIR=\${DIR:-clusters/workload}\nflux bootstrap git ${flag}\n`;
  const [found] = installers(runAll({ ...home, "up.sh": script }).cutover.findings);
  expect(found?.next?.includes("with the files of the cluster that is meant; for")).toBe(isOpen);
});

test.each([
  ["--repository=$REPO --path=$DIR", "info"],
  ["--repository=workload --path=clusters/$1", "info"],
  ["--url=ssh://git@example.com/team/workload.git --path=clusters/west", "info"],
  ["--repository=workload --path=clusters/blue", "caution"],
  ["--repository=Fleet --path=clusters/west", "caution"],
  ["--url=https://mirror.example.com/fleet.git --path=clusters/west", "caution"],
  ["--repository=$1 --path=clusters/west", "caution"],
  ["--repository=<name> --path=clusters/west", "caution"],
])("a flux bootstrap for another repository is no danger: %s", (flags, level) => {
  const home = { ...makeFluxSystem("clusters/blue"), "clusters/blue/app.yaml": APP };
  const up = `#!/bin/sh\nREPO=\${REPO:-workload}\nDIR=\${DIR:-clusters/west}\nflux bootstrap github ${flags}\n`;
  const { cutover, cleanup } = runAll({ ...home, "up.sh": up });
  for (const { findings } of [cutover, cleanup])
    expect(installers(findings).map((found) => found.level)).toEqual([level]);
});

test("a repository may be this one where a cluster reads an artifact", () => {
  const green = makeFluxSystem("clusters/green");
  const sync = "clusters/green/flux-system/gotk-sync.yaml";
  const artifact = green[sync]!.replaceAll("GitRepository", "OCIRepository")
    .replace(/url: .*/, "url: oci://ghcr.io/team/workload")
    .replace(/branch: .*/, "tag: latest");
  const home = {
    ...makeFluxSystem("clusters/blue"),
    ...green,
    "clusters/blue/app.yaml": APP,
    "clusters/green/app.yaml": APP,
  };
  const up = { "up.sh": "flux bootstrap github --repository=workload --path=clusters/west\n" };
  const levels = (files: Record<string, string>) =>
    new Set(installers(runAll({ ...home, ...up, ...files }).cutover.findings).map(({ level }) => level));
  expect([levels({}), levels({ [sync]: artifact })]).toEqual([new Set(["info"]), new Set(["caution"])]);
});

test("a variable that has one value says which cluster is meant", () => {
  const script = "#!/bin/sh\nexport DIR=clusters/green\nflux bootstrap git --path ${DIR}\n";
  const [found] = installers(runAll({ ...tree, "up.sh": script }).cutover.findings);
  expect(clusterOf(found?.next)).toBe("green");
  expect(found?.next).not.toContain("that is meant");
});

test("commands that a script of the repository runs by now are not told once more", () => {
  const told = (files: Files) =>
    runAll(files).cleanup.findings.flatMap(({ rule, cluster }) => (rule === "rebuild-by-hand" ? [cluster] : []));
  const dir = (cluster: string) => `clusters/${cluster}/flux-system`;
  const apply = (cluster: string, more = "") =>
    ["components", "sync"]
      .map((name) => `kubectl apply${more} -f ${dir(cluster)}/gotk-${name}.yaml\n`)
      .join("sleep 1\n");
  const both = { ...tree, "up.sh": `#!/bin/sh\n${apply("blue")}` };
  expect(told({ ...both, "other.sh": `#!/bin/sh\n${apply("green")}` })).toEqual([]);
  // What no line of it could be made into stays to be done by hand.
  expect(told({ ...both, "other.sh": `#!/bin/sh\n${apply("green").replaceAll("\n", " || exit 1\n")}` })).toEqual([
    "green",
  ]);
});
