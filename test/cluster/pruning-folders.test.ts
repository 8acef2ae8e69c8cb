import { describe, expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

const DIR = "clusters/home/flux-system";
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
];

function found(files: Files): string[][] {
  const { install, cutover, cleanup } = runAll({ ...makeFluxSystem("clusters/home"), ...files });
  return [install, cutover, cleanup].map(({ findings }) =>
    findings
      .filter(({ rule }) => rule === "pruner-applies-flux")
      .map(({ level, at, what }) => `${level} ${at?.line} ${/with it (\S+);/.exec(what)?.[1]}`),
  );
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
    expect(found({ "hub/flux.yaml": make("clusters/home/apps") }).flat()).toEqual([]);
    const other = make(DIR).replace("fleet.git", "apps.git");
    if (other !== make(DIR)) expect(found({ "hub/flux.yaml": other }).flat()).toEqual([]);
    expect(found({ "archive/flux.yaml": make(DIR) }).flat()).toEqual([]);
  });
});

test("the whole repository of Rancher Fleet", () => {
  const [install] = found({
    "hub/flux.yaml": object("fleet.cattle.io/v1alpha1", "GitRepo", `spec:\n  repo: ${URL}`),
  });
  expect(install).toHaveLength(1);
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
  [`kubectl apply --prune-allowlist=v1/ConfigMap -k ${DIR}`, 0],
])("a script that runs %s", (command, count) => {
  const [install, cutover] = found({ "up.sh": `#!/bin/sh\n${command}\n` });
  expect(install).toHaveLength(count);
  expect(cutover).toHaveLength(count);
  expect([install, cutover].flat().every((said) => said?.startsWith("caution 2 "))).toBe(true);
});

test.each([
  ["clusters/home/**/*.yaml", 1],
  ["/**/*.yaml", 1],
  ["apps/*.yaml", 0],
])("the agent of GitLab reads %s", (glob, count) => {
  const text = `gitops:\n  manifest_projects:\n  - id: a/b\n    paths:\n    - glob: '${glob}'\n`;
  expect(found({ ".gitlab/agents/home/config.yaml": text })[0]).toHaveLength(count);
});

test("a line that is to run after others loses its flag first", () => {
  const { cutover } = runAll({
    ...makeFluxSystem("clusters/home"),
    "up.sh": `kubectl apply --prune -l a=b -k ${DIR}\n`,
  });
  const said = cutover.findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(said).toMatchObject([{ next: expect.stringMatching(/^Never let it prune again/) }]);
});
