import { describe, expect, test } from "vitest";
import { makeFluxSystem, makeSync } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

const DIR = "clusters/home/flux-system";
const SYNC = `${DIR}/gotk-sync.yaml`;
const URL = "https://git.example.org/fleet.git";

const object = (apiVersion: string, kind: string, rest: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: flux\n${rest}\n`;
const OBJECTS: [name: string, make: (dir: string) => string][] = [
  [
    "Config Sync",
    (dir) => object("configsync.gke.io/v1beta1", "RootSync", `spec:\n  git:\n    repo: ${URL}\n    dir: ${dir}`),
  ],
  [
    "kapp-controller",
    (dir) =>
      object("kappctrl.k14s.io/v1alpha1", "App", `spec:\n  fetch:\n  - git:\n      url: ${URL}\n      subPath: ${dir}`),
  ],
  ["Rancher Fleet", (dir) => object("fleet.cattle.io/v1alpha1", "GitRepo", `spec:\n  repo: ${URL}\n  paths: [${dir}]`)],
  [
    "Open Cluster Management",
    (dir) =>
      object(
        "apps.open-cluster-management.io/v1",
        "Subscription",
        `  annotations: {apps.open-cluster-management.io/git-path: ${dir}}`,
      ),
  ],
  [
    "Kluctl",
    (dir) =>
      object(
        "gitops.kluctl.io/v1beta1",
        "KluctlDeployment",
        `spec:\n  prune: true\n  source:\n    git:\n      url: ${URL}\n      path: ${dir}`,
      ),
  ],
  [
    "Sveltos",
    (dir) =>
      object(
        "config.projectsveltos.io/v1beta1",
        "ClusterProfile",
        `spec:\n  kustomizationRefs:\n  - {kind: GitRepository, name: fleet, namespace: hub, path: ./${dir}}`,
      ),
  ],
];

/** What is said in each phase, which is planned when its turn comes. */
function* found(files: Files, url?: string): Generator<string[], void, void> {
  const phases = runAll({
    ...makeFluxSystem("clusters/home"),
    ...(url ? { [SYNC]: makeSync("./clusters/home", { url }) } : {}),
    ...files,
  });
  for (const phase of ["install", "cutover", "cleanup"] as const) {
    const said = phases[phase].findings.filter(({ rule }) => rule === "pruner-applies-flux");
    yield said.map(({ level, at, what }) => `${level} ${at?.line} ${/with it (\S+);/.exec(what)?.[1]}`);
  }
}

describe.each(OBJECTS)("%s", (_name, make) => {
  test("stops the phase in which the files go that it applies, and is named before", () => {
    for (const dir of [DIR, "clusters"]) {
      const [install, cutover] = found({ "hub/flux.yaml": make(dir) });
      expect(install).toEqual([expect.stringMatching(/^caution \d+ .*gotk-components\.yaml$/)]);
      expect(cutover).toEqual([expect.stringMatching(/^blocker \d+ .*gotk-components\.yaml$/)]);
    }
  });

  test("applies something else, or what another repository has", () => {
    expect([...found({ "hub/flux.yaml": make("clusters/home/apps") })].flat()).toEqual([]);
    const other = make(DIR).replace("fleet.git", "apps.git");
    if (other !== make(DIR)) expect([...found({ "hub/flux.yaml": other })].flat()).toEqual([]);
    expect([...found({ "archive/flux.yaml": make(DIR) })].flat()).toEqual([]);
  });
});

test("nothing is read that does not prune, or lies in another repository of Flux", () => {
  const kluctl = object(
    "gitops.kluctl.io/v1beta1",
    "KluctlDeployment",
    `spec:\n  source:\n    git:\n      url: ${URL}\n      path: ${DIR}`,
  );
  const sveltos = object(
    "config.projectsveltos.io/v1beta1",
    "Profile",
    `spec:\n  policyRefs:\n  - {kind: ConfigMap, name: a}\n  - {kind: GitRepository, name: apps, namespace: hub, path: ${DIR}}`,
  );
  const source = object(
    "source.toolkit.fluxcd.io/v1",
    "GitRepository",
    "  namespace: hub\nspec:\n  url: https://a.b/apps",
  ).replace("name: flux", "name: apps");
  const files = { "hub/kluctl.yaml": kluctl, "hub/sveltos.yaml": sveltos, "hub/source.yaml": source };
  expect([...found(files)].flat()).toEqual([]);
});

test("the whole repository of Rancher Fleet", () => {
  const [install] = found({
    "hub/flux.yaml": object("fleet.cattle.io/v1alpha1", "GitRepo", `spec:\n  repo: ${URL}`),
  });
  expect(install).toHaveLength(1);
});

/** The levels of what the first two phases say. */
function levels(files: Files, url?: string): string[] {
  const [install = [], cutover = []] = found(files, url);
  return [install, cutover].map((phase) => phase.map((said) => said.split(" ")[0]).join());
}
const fleet = (spec: string, repo = URL) =>
  object("fleet.cattle.io/v1alpha1", "GitRepo", `spec:\n  repo: ${repo}\n  ${spec}`);

test.each([
  ["bundles: [{base: apps}]", ["", ""]],
  [`bundles: [{base: ${DIR}}]`, ["caution", "blocker"]],
  ["paths: []", ["caution", "blocker"]],
  ["paused: true", ["caution", "caution"]],
  ["paths: [clusters/*]", ["caution", "blocker"]],
  ['paths: ["/cl*/h?me/flux-[a-z]*"]', ["caution", "blocker"]],
  ["paths: [apps/*]", ["", ""]],
  ["paths: [clusters/*/*/*]", ["", ""]],
])("a GitRepo of Fleet with %s", (spec, said) => {
  expect(levels({ "hub/flux.yaml": fleet(spec) })).toEqual(said);
});

test("what is a sample, or reads the repository of somebody else on the same host, stops nothing", () => {
  expect(levels({ "examples/flux.yaml": fleet("paths: [clusters]") })[1]).toBe("caution");
  const [own, other] = ["https://git.example.org/me/fleet", "https://git.example.org/you/fleet"];
  expect(levels({ "hub/flux.yaml": fleet("branch: main", own) }, own)[1]).toBe("blocker");
  expect(levels({ "hub/flux.yaml": fleet("branch: main", other) }, own)[1]).toBe("caution");
  const mirror = "https://mirror.example.org/you/fleet";
  expect(levels({ "hub/flux.yaml": fleet("branch: main", mirror) }, own)[1]).toBe("blocker");
});

test("a Subscription reads the repository of its Channel", () => {
  const subscription = object(
    "apps.open-cluster-management.io/v1",
    "Subscription",
    "  annotations: {apps.open-cluster-management.io/git-path: clusters}\nspec: {channel: hub/flux}",
  );
  const channel = (url: string) =>
    object("apps.open-cluster-management.io/v1", "Channel", `  namespace: hub\nspec: {type: Git, pathname: "${url}"}`);
  expect(levels({ "hub/flux.yaml": subscription, "hub/channel.yaml": channel(URL) })[1]).toBe("blocker");
  expect(levels({ "hub/flux.yaml": subscription, "hub/channel.yaml": channel("https://a.example.org/apps") })[1]).toBe(
    "",
  );
});

test.each([
  [`kapp deploy -y -a flux -f ${DIR}`, 1],
  [`kapp deploy -a flux \\\n  -f ${DIR}/gotk-components.yaml`, 1],
  [`kpt live apply ${DIR}`, 1],
  [`kubectl apply --prune -l app.kubernetes.io/part-of=flux -k ${DIR}`, 1],
  [`KUBECTL_APPLYSET=true kubectl apply -n flux-system --prune --applyset=flux -f ./${DIR}/`, 1],
  [`kapp delete -a flux && ls ${DIR}`, 0],
  ["kapp deploy -a apps -f clusters/home/apps", 0],
  [`kubectl apply --prune=false -k ${DIR}`, 0],
  [`kubectl apply --prune -k apps && kubectl get -f ${DIR}`, 0],
  [`kubectl apply --prune -k apps # not ${DIR}`, 0],
  [`kubectl apply --prune --dry-run=server -k ${DIR}`, 0],
  [`kubectl apply --prune --dry-run=none -k ${DIR}`, 1],
  [`kapp deploy --diff-run -a flux -f ${DIR}`, 0],
  [`cd x; kustomize build ${DIR} | kubectl apply --prune -l a=b -f -`, 1],
  [`kubectl apply --prune-allowlist=v1/ConfigMap -k ${DIR}`, 0],
])("a script that runs %s", (command, count) => {
  const [install, cutover] = found({ "up.sh": `#!/bin/sh\n${command}\n` });
  expect(install).toHaveLength(count);
  expect(cutover).toHaveLength(count);
  expect([install, cutover].flat().every((said) => said?.startsWith("caution 2 "))).toBe(true);
});

test.each<[file: string, text: string, count: number]>([
  ["up.sh", `cd ${DIR} && kubectl apply --prune -l a=b -f .`, 1],
  ["up.sh", `cd ${DIR}\nkubectl apply --prune -l a=b -f ./`, 1],
  ["up.sh", "cd clusters/home && kapp deploy -a flux -f flux-system", 1],
  ["up.sh", "cd clusters/home && kapp deploy -a flux -n flux-system -f apps.yaml", 0],
  ["up.sh", "cd clusters/apps && kubectl apply --prune -l a=b -f .", 0],
  ["up.sh", "kubectl apply --prune -l a=b -f .", 0],
  ["up.sh", `echo "run: kapp deploy -a flux -f ${DIR}"`, 0],
  ["up.sh", `cat <<EOF\nkapp deploy -a flux -f ${DIR}\nEOF`, 0],
  ["up.sh", `(cd ${DIR} && kapp deploy -a flux -f .)`, 1],
  ["up.sh", "(cd clusters/home; ls)\nkapp deploy -a flux -f flux-system", 0],
  ["up.sh", "cd clusters/home\nls\ncd -\nkapp deploy -a flux -f flux-system", 0],
  ["up.sh", "cd clusters/home\nls\ncd ../..\nkapp deploy -a flux -f flux-system", 0],
  ["up.sh", "pushd clusters/home\nls\npopd\nkapp deploy -a flux -f flux-system", 0],
  ["up.sh", "(\n  cd clusters/home\n  ls\n)\nkapp deploy -a flux -f flux-system", 0],
  [
    "Taskfile.yaml",
    `tasks:\n  a:\n    dir: ${DIR}\n    cmds:\n      - ls\n  b:\n    cmds:\n      - kubectl apply --prune -l a=b -f .`,
    0,
  ],
  [
    ".github/workflows/up.yaml",
    `defaults:\n  run:\n    working-directory: ${DIR}\njobs:\n  up:\n    steps:\n      - run: kapp deploy -a x -f .`,
    1,
  ],
  ...[
    `- run: kapp deploy -a x -f .\n        working-directory: ${DIR}`,
    `- run: |\n          ls\n\n          kapp deploy -a x -f .\n        working-directory: ${DIR}`,
    `- run: kapp deploy -a x -f flux-system\n        name: up\n        working-directory: clusters/home`,
    `- working-directory: ${DIR}\n        run: kapp deploy -a x -f .`,
    "- run: kubectl apply --prune -R -l a=b -f .",
    "- run: kapp deploy -a x -f .\n      - run: ls\n        working-directory: clusters/home",
  ].map((step): [string, string, number] => [
    ".github/workflows/up.yaml",
    `jobs:\n  up:\n    steps:\n      ${step}`,
    1,
  ]),
  ...[
    "- run: kapp deploy -a x -f .\n        working-directory: clusters/apps",
    `- working-directory: ${DIR}\n        run: ls\n      - run: kubectl apply --prune -l a=b -f .`,
    `- run: kubectl apply --prune -l a=b -f .\n      - run: ls\n        working-directory: ${DIR}`,
    "- run: kubectl apply --prune -l a=b -f .",
    "- run: kubectl apply --prune -l a=b -k .",
  ].map((step): [string, string, number] => [
    ".github/workflows/up.yaml",
    `jobs:\n  up:\n    steps:\n      ${step}`,
    0,
  ]),
  ["Makefile", "up:\n\tkubectl apply --prune -R -l a=b -f .", 1],
  ["up.sh", `DRY=--dry-run=server\nkubectl apply --prune $DRY -l a=b -k ${DIR}`, 0],
  ["up.sh", `kubectl apply --prune $DRY -l a=b -k ${DIR}`, 1],
  ["up.sh", `PRUNE=--prune\nkubectl apply $PRUNE -l a=b -k ${DIR}`, 1],
  ["up.sh", `DIR=${DIR}\nkapp deploy -a flux -f "$DIR"`, 1],
  ["up.sh", "DIR=clusters/apps\nkapp deploy -a flux -f $DIR", 0],
  ["Makefile", `DIR := ${DIR}\nup:\n\tkapp deploy -a flux -f $(DIR)`, 1],
  ["Makefile", `DIR ?= ${DIR}\nup:\n\t$(KUBECTL) apply --prune -l a=b -k \${DIR}`, 1],
  ["Makefile", `up:\n\tcd ${DIR}\n\tkubectl apply --prune -l a=b -f .`, 0],
  ["Makefile", `up:\n\tcd ${DIR} && kubectl apply --prune -l a=b -f .`, 1],
  ["Taskfile.yaml", `vars:\n  DIR: ${DIR}\ntasks:\n  up:\n    cmds:\n      - kapp deploy -a flux -f {{.DIR}}`, 1],
  ["Taskfile.yaml", `tasks:\n  up:\n    dir: ${DIR}\n    cmds:\n      - kapp deploy -a flux -f .`, 1],
  // One shell runs a whole script of GitLab, and each command of a Taskfile one of its own.
  [".gitlab-ci.yml", `up:\n  script:\n  - cd ${DIR}\n  - ls\n  - kapp deploy -a x -f .`, 1],
  [".gitlab-ci.yml", `up:\n  before_script:\n    - cd ${DIR}\n  script:\n    - kapp deploy -a x -f .`, 1],
  [".gitlab-ci.yml", "up:\n  before_script:\n    - cd apps/a\n  script:\n    - kapp deploy -a x -f .", 0],
  [".gitlab-ci.yml", "up:\n  script:\n  - cd apps/a\n  - ls\n  - kapp deploy -a x -f .", 0],
  [".gitlab-ci.yml", `a:\n  script:\n  - cd apps/a\nb:\n  script:\n  - kapp deploy -a x -f .`, 1],
  ["Taskfile.yaml", `tasks:\n  up:\n    cmds:\n      - cd apps/a\n      - kapp deploy -a x -f .`, 1],
  ["apps/a/Makefile", "up:\n\tkapp deploy -a x -f .", 0],
  [`${DIR}/Makefile`, "up:\n\tkapp deploy -a x -f .", 1],
  [`${DIR}/Makefile`, "up:\n\tkubectl apply --prune -l a=b -f .", 1],
  ["clusters/home/Makefile", "up:\n\tkubectl apply --prune -l a=b -f .", 0],
  ...[
    'cd "$(dirname "$0")"',
    'cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 1',
    'cd "${0%/*}"',
    'cd "$(dirname "$(readlink -f "$0")")"',
    'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\ncd "$HERE"',
    'readonly HERE=$(dirname "$0")\npushd ${HERE} > /dev/null',
  ].flatMap((entering): [string, string, number][] => [
    [`${DIR}/up.sh`, `${entering}\nkapp deploy -a x -f .`, 1],
    ["apps/a/up.sh", `${entering}\nkapp deploy -a x -f .`, 0],
  ]),
  ["clusters/home/scripts/up.sh", 'cd "$(dirname "$0")/../flux-system"\nkapp deploy -a x -f .', 1],
])("%s with %s", (file, text, count) => {
  const [install, cutover] = found({ [file]: `${text}\n` });
  expect([install?.length, cutover?.length]).toEqual([count, count]);
  expect([install, cutover].flat().every((said) => said?.endsWith("gotk-components.yaml"))).toBe(true);
});

test.each<[text: string, count: number]>([
  ['kapp deploy -a flux -f "$1"', 1],
  ["kapp deploy -a flux -f .", 1],
  ["kubectl apply --prune -R -l a=b -f .", 1],
  ["kubectl apply --prune -l a=b -f .", 0],
  ["cd /tmp/made && kapp deploy -a flux -f .", 1],
  ["cd clusters/$1\nkapp deploy -a flux -f .", 1],
  ["cd apps/$1\nkapp deploy -a flux -f .", 0],
  ["for app in apps/*; do\n  (cd $app; kapp deploy -a flux -f .)\ndone", 0],
  ['HERE=$(dirname "$0")\nHERE=$1\ncd $HERE\nkapp deploy -a flux -f .', 1],
  [`kapp deploy -a flux -f "\${DIR:-${DIR}}"`, 1],
  ["DIR=clusters/a\nDIR=clusters/b\nkapp deploy -a flux -f $DIR/flux-system", 1],
  ["kapp deploy -a flux -f apps/$1", 0],
  ["kapp deploy -a $1 -f apps", 0],
  ['kubectl apply --prune -l a=b -f "$MANIFEST_URL"', 0],
])("a path that only a run of %s knows is said to be open", (text, count) => {
  const { install } = runAll({ ...makeFluxSystem("clusters/home"), "up.sh": `${text}\n` });
  const said = install.findings.filter(({ rule }) => rule === "pruner-applies-flux").map(({ what }) => what);
  expect(said).toEqual(Array(count).fill(expect.stringContaining("is not known here")));
});

test("a workflow that has entered a folder which only its run knows applies what is not known", () => {
  const text = "jobs:\n  up:\n    steps:\n      - run: cd $(mktemp -d) && kapp deploy -a x -f .\n";
  const { install } = runAll({ ...makeFluxSystem("clusters/home"), ".github/workflows/up.yaml": text });
  const [said] = install.findings.filter(({ rule }) => rule === "pruner-applies-flux");
  expect(said?.what).toContain("kapp apply the folder that it is started in: whether it holds files of Flux");
});

test.each([
  ["apps", 0],
  ["clusters", 1],
])("a step that runs in what only its run knows below %s applies nothing of another folder", (dir, count) => {
  const step = `- run: kapp deploy -a x -f .\n        working-directory: ${dir}/\${{ matrix.one }}`;
  const text = `jobs:\n  up:\n    steps:\n      ${step}\n`;
  const [install] = found({ ".github/workflows/up.yaml": text });
  expect(install).toHaveLength(count);
});

test.each([
  ["clusters/home/**/*.yaml", 1],
  ["/**/*.yaml", 1],
  ["apps/*.yaml", 0],
])("the agent of GitLab reads %s", (glob, count) => {
  const text = `gitops:\n  manifest_projects:\n  - id: a/b\n    paths:\n    - glob: '${glob}'\n`;
  const [install] = found({ ".gitlab/agents/home/config.yaml": text });
  expect(install).toHaveLength(count);
});

test("a line that is to run after others loses its flag first", () => {
  const { cutover } = runAll({
    ...makeFluxSystem("clusters/home"),
    "up.sh": `kubectl apply --prune -l a=b -k ${DIR}\n`,
  });
  const said = cutover.findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(said).toMatchObject([{ next: expect.stringMatching(/^Never let it prune again/) }]);
});
