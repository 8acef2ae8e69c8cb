import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll, runPhase } from "./run-phases.ts";

const JOB = ".github/workflows/flux-update.yaml";
const job = (on: string, run: string) =>
  `name: Update\non:\n${on}jobs:\n  update:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          ${run}\n`;
const SCHEDULE = '  schedule:\n    - cron: "0 * * * *"\n';
const EXPORT = "flux install --export > clusters/home/flux-system/gotk-components.yaml";

function said(files: Files) {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { findings } = runPhase({ ...home, ...files }, "install");
  return findings.filter(({ rule }) => rule === "automation-installs-flux");
}

test("a scheduled job that writes the install again is named before the first merge", () => {
  const [found, ...more] = said({ [JOB]: job(SCHEDULE, EXPORT) });
  expect(more).toEqual([]);
  expect(found).toMatchObject({ level: "caution", at: { file: JOB, line: 10 } });
  expect(found!.next).toContain("before this phase is merged");
});

test("one that somebody starts, or that only installs Flux in a cluster of its own, waits for the cutover", () => {
  expect(said({ [JOB]: job("  workflow_dispatch:\n", EXPORT) })).toEqual([]);
  expect(said({ [JOB]: job(SCHEDULE, "flux install") })).toEqual([]);
  expect(said({ [JOB]: job(SCHEDULE, `# ${EXPORT}`) })).toEqual([]);
});

test("a job that downloads the manifests of a release into a folder writes the install as well", () => {
  const release = "https://github.com/fluxcd/flux2/releases/download/v2.8.0/install.yaml";
  const file = "clusters/home/flux-system/install.yaml";
  for (const run of [`curl -sL ${release} -o ${file}`, `wget -O ${file} ${release}`, `curl -sL ${release} > ${file}`])
    expect(said({ [JOB]: job(SCHEDULE, run) })).toMatchObject([{ level: "caution", at: { file: JOB, line: 10 } }]);
  for (const run of [
    `curl -sLO ${release}`,
    `curl -sL ${release} -o /tmp/x/y`,
    `curl -sL ${release} | kubectl apply -f -`,
  ])
    expect(said({ [JOB]: job(SCHEDULE, run) })).toEqual([]);
});

test("the update action of ControlPlane writes the install as well, which its other actions do not", () => {
  const uses = (action: string, on = SCHEDULE) =>
    `on:\n${on}jobs:\n  update:\n    steps:\n      - name: Update\n        uses: ${action}\n        with:\n          path: clusters/home/flux-system\n`;
  const action = "controlplaneio-fluxcd/distribution/actions";
  const found = { level: "caution", at: { file: JOB, line: 8 } };
  expect(said({ [JOB]: uses(`${action}/update@main`) })).toMatchObject([found]);
  const inline = uses(`${action}/update@main`, "").replace(
    "on:\n",
    "on: {schedule: [{cron: '0 7 * * 1'}], push: {}}\n",
  );
  expect(said({ [JOB]: inline })).toMatchObject([{ level: "caution", at: { file: JOB } }]);
  for (const other of ["setup", "push", "migrate"])
    expect(said({ [JOB]: uses(`${action}/${other}@main`) })).toEqual([]);
  const { cutover } = runAll({
    ...makeFluxSystem("clusters/home"),
    [JOB]: uses(`${action}/update@main`, "  workflow_dispatch:\n"),
  });
  const later = cutover.findings.filter(({ rule }) => rule === "automation-installs-flux");
  expect(later).toMatchObject([{ ...found, at: { file: JOB, line: 7 } }]);
  expect(later[0]!.what).toContain("writes the manifests");
});

test.each([
  ["a rule for schedules", `  rules:\n    - if: $CI_PIPELINE_SOURCE == "schedule"\n`],
  ["only schedules", "  only:\n    - schedules\n"],
  ["only schedules, in a row", "  only: [schedules, web]\n"],
])("of GitLab as well, whose schedules are not in the file, and so is flux bootstrap: %s", (_title, when) => {
  for (const run of [EXPORT, "flux bootstrap gitlab --owner=plat --repository=fleet --path=clusters/home"]) {
    const [found] = said({ ".gitlab-ci.yml": `upgrade:\n${when}  script:\n    - ${run}\n` });
    expect(found).toMatchObject({ level: "caution", at: { file: ".gitlab-ci.yml" } });
    expect(found!.what).toContain("scheduled job");
  }
  expect(said({ ".gitlab-ci.yml": `upgrade:\n  script:\n    - ${EXPORT}\n` })).toEqual([]);
});

test("of the jobs of GitLab, those count that ask for a schedule, by themselves or by what they extend", () => {
  const by = "flux bootstrap gitlab --owner=plat --repository=fleet --path=clusters/home";
  const rule = `  rules:\n    - if: $CI_PIPELINE_SOURCE == "schedule"\n`;
  const start = `start:\n  when: manual\n  script:\n    - ${by}\n`;
  const linesOf = (text: string) => said({ ".gitlab-ci.yml": text }).map(({ at }) => at?.line);
  expect(linesOf(`${start}update:\n${rule}  script:\n    - ${EXPORT}\n`)).toEqual([9]);
  expect(linesOf(`${start}check:\n${rule}  script:\n    - flux check\n`)).toEqual([]);
  expect(linesOf(`.nightly: &nightly\n${rule}${start}`)).toEqual([7]);
  expect(linesOf(`.write:\n  script:\n    - ${EXPORT}\nupdate:\n  extends: .write\n${rule}`)).toEqual([3]);
  expect(linesOf(`workflow:\n${rule}${start}`)).toEqual([7]);
});

test("a command over several lines that writes the install is named once, for all clusters", () => {
  const job = (name: string) =>
    `      - run: |\n          flux install \\\n            --export > ./clusters/${name}/flux-system/gotk-components.yaml\n`;
  const { cutover, cleanup } = runAll({
    ...makeFluxSystem("clusters/one"),
    ...makeFluxSystem("clusters/two"),
    [JOB]: `on: workflow_dispatch\njobs:\n  update:\n    steps:\n${job("one")}${job("two")}`,
  });
  for (const { findings } of [cutover, cleanup]) {
    const own = findings.filter(({ at }) => at?.file === JOB);
    expect(own.map(({ cluster }) => cluster)).toEqual(["one", "two"]);
    // There is nothing to install in a job that only writes files.
    expect(own[0]!.next).toContain("distribution.version");
    expect(own[0]!.next).not.toContain("install the");
    expect(own.map(({ rule, at }) => `${rule} ${at?.line}`)).toEqual([
      "automation-installs-flux 6",
      "automation-installs-flux 9",
    ]);
  }
});

const writing = (...folders: string[]) =>
  folders.map((folder) => `flux install --export > ${folder}/flux-system/gotk-components.yaml`).join("\n          ");
const ONE_AND_TWO = { ...makeFluxSystem("clusters/one"), ...makeFluxSystem("clusters/two") };

test.each([
  ["the second cluster", "./clusters/two", "two"],
  ["the second cluster by a variable", '"$DIR/two"', "two"],
  ["a folder that no cluster starts from", "clusters/three", undefined],
  ["a folder that nothing tells", '"$1"', undefined],
])("a line that writes to %s is not told as one of the first", (_title, folder, cluster) => {
  const text = `#!/bin/sh\nDIR=clusters\n${writing(folder)}\n`;
  const { cutover } = runAll({ ...ONE_AND_TWO, "up.sh": text });
  const found = cutover.findings.filter(({ rule }) => rule === "automation-installs-flux");
  expect(found.map((finding) => [finding.at, finding.cluster])).toEqual([
    [{ file: "up.sh", line: 3, col: 1 }, cluster],
  ]);
});

test("a scheduled job is told as that of the cluster that it writes to, and of none where it writes to several", () => {
  const owners = (...folders: string[]) => {
    const { findings } = runPhase({ ...ONE_AND_TWO, [JOB]: job(SCHEDULE, writing(...folders)) }, "install");
    return findings.filter(({ at }) => at?.file === JOB).map(({ cluster }) => cluster);
  };
  expect(owners("clusters/two")).toEqual(["two"]);
  expect(owners("clusters/one", "clusters/two")).toEqual([undefined]);
  expect(owners("clusters/three")).toEqual([undefined]);
});

test("a run of one cluster leaves alone what writes to another that still has its old install", () => {
  const files = { ...ONE_AND_TWO, [JOB]: job(SCHEDULE, writing("clusters/two")) };
  const own = (clusters: string[]) =>
    runPhase(files, "install", { clusters }).findings.filter(({ at }) => at?.file === JOB).length;
  expect([own(["one"]), own(["two"]), own([])]).toEqual([0, 1, 1]);
  // One job for each in the same file: the run of the second points to the second.
  const each = { ...ONE_AND_TWO, [JOB]: job(SCHEDULE, writing("clusters/one", "clusters/two")) };
  const found = runPhase(each, "install", { clusters: ["two"] }).findings.filter(({ at }) => at?.file === JOB);
  expect(found).toMatchObject([{ at: { file: JOB, line: 11 }, cluster: "two" }]);
  // What a variable has in the file is only what it has by default.
  const open = { ...ONE_AND_TWO, [JOB]: job(SCHEDULE, `DIR=clusters/two\n          ${writing('"$DIR"')}`) };
  expect(runPhase(open, "install", { clusters: ["one"] }).findings.filter(({ at }) => at?.file === JOB)).toHaveLength(
    1,
  );
});

test("a rule of Renovate that runs the command is named, and what only speaks of it is not", () => {
  const files = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const rules = JSON.stringify(
    {
      packageRules: [
        { description: [EXPORT], matchDepNames: ["fluxcd/flux2"], postUpgradeTasks: { commands: [EXPORT] } },
      ],
    },
    null,
    2,
  );
  const found = runAll({ ...files, "renovate.json": rules }).cutover.findings;
  const installs = found.filter(({ rule }) => rule === "automation-installs-flux");
  expect(installs).toMatchObject([{ level: "caution", at: { file: "renovate.json", line: 12 } }]);
  const last = rules.replace(/("commands": \[\n)/, '$1"[ -d clusters ] || mkdir clusters",\n');
  const { findings } = runAll({ ...files, "renovate.json": last }).cutover;
  const said = findings.filter(({ rule }) => rule === "automation-installs-flux");
  expect(said).toMatchObject([{ at: { file: "renovate.json", line: 13 } }]);
});
