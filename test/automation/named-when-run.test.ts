import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const two = { ...makeFluxSystem("clusters/one"), ...makeFluxSystem("clusters/two") };
const taskfile = (folder: string) =>
  `version: "3"\ntasks:\n  up:\n    cmds:\n      - kubectl apply -f clusters/${folder}/flux-system/gotk-components.yaml\n      - kubectl apply -f clusters/${folder}/flux-system/gotk-sync.yaml\n`;
const rebuilds = (folder: string) =>
  runAll({ ...two, "Taskfile.yaml": taskfile(folder) }).cleanup.findings.filter(
    ({ rule }) => rule === "rebuild-by-hand",
  );

test("a task for a cluster that is named when it is run starts each of them, and nobody is told to", () => {
  expect(rebuilds("{{.CLI_ARGS}}")).toEqual([]);
});

test.each(['"$1"', '"${NAME}"', "$1"])("a variable in a path ends no word, quoted by itself or not: %s", (name) => {
  const line = `kubectl apply -f clusters/${name}/flux-system/gotk-components.yaml`;
  const { cutover } = runAll({ ...two, "up.sh": `${line}\n` });
  expect(cutover.files["up.sh"]).not.toContain(line);
  expect(cutover.files["up.sh"]).toContain("charts/flux-operator");
});
