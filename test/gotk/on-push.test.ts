import { describe, expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
const APPLY = "kubectl apply -k clusters/home/flux-system";
const BOOTSTRAP = "flux bootstrap github --owner=me --repository=fleet --path=clusters/home";
const UP = "Drop it for a cluster that is up";

const workflow = (on: string, run: string) =>
  `${on}\njobs:\n  up:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${run}\n`;

function nextOf(files: Files): string[] {
  const { cutover } = runAll({ ...home, ...files });
  return cutover.findings.filter(({ rule }) => /^automation-(applies|installs)/.test(rule)).map(({ next }) => next);
}

describe("a job that installed Flux and runs with each push", () => {
  test.each([APPLY, BOOTSTRAP])("is to go for a cluster that is up: %s", (command) => {
    for (const on of [
      "on: push",
      "on: [push, workflow_dispatch]",
      "on:\n  push:\n    branches: [main]",
      "on:\n  - push",
    ]) {
      const [next] = nextOf({ ".github/workflows/up.yaml": workflow(on, command) });
      expect(next).toContain(UP);
      expect(next).toContain("helm upgrade --install flux-operator");
    }
    expect(nextOf({ ".gitlab-ci.yml": `up:\n  script:\n    - ${command}\n` })[0]).toContain(UP);
  });

  test.each([APPLY, BOOTSTRAP])("is replaced where a person starts it, or it makes the cluster: %s", (command) => {
    const byHand = { ".github/workflows/up.yaml": workflow("on: workflow_dispatch # no push", command) };
    const waits = { ".gitlab-ci.yml": `up:\n  when: manual\n  script:\n    - ${command}\n` };
    const makes = { ".github/workflows/up.yaml": workflow("on: push", `kind create cluster && ${command}`) };
    for (const files of [byHand, waits, makes, { "up.sh": `${command}\n` }])
      expect(nextOf(files).filter((next) => next.includes(UP))).toEqual([]);
  });
});

test("an install beside the commands that another cluster of the run writes is to go", () => {
  const two = { ...home, ...makeFluxSystem("clusters/away"), "clusters/away/apps.yaml": APP };
  const text = "up:\n\tflux install\n\tkubectl apply -f clusters/home/flux-system/gotk-sync.yaml\n";
  const { cleanup } = runAll({ ...two, Makefile: text });
  expect(cleanup.files.Makefile).toContain("clusters/home/flux-system/flux-operator/");
  const [found] = cleanup.findings.filter(({ rule }) => rule === "automation-installs-flux");
  expect(found?.next).toMatch(/^Take it out: the lines beside it install operator and instance/);
});
