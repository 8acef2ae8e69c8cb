import { expect, test } from "vitest";
import { withoutTexts } from "../../transforms/shared/automation/sayings.ts";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const saidOf = (text: string) => {
  const { cleanup } = runAll({ ...makeFluxSystem("clusters/one"), "Taskfile.yaml": text });
  return cleanup.findings.filter(({ at }) => at?.file === "Taskfile.yaml").map(({ rule, at }) => `${rule} ${at?.line}`);
};

const task = (...lines: string[]) => ["version: 3", "tasks:", "  it:", ...lines, ""].join("\n");

test.each(["summary: |", "desc: >-", "prompt: |+ # asked"])(
  "a text of several lines tells of commands and runs none: %s",
  (key) => {
    const text = [`    ${key}`, "      Goes back by 'flux uninstall',", "", "      comes by 'flux install'."];
    expect(saidOf(task(...text))).toEqual([]);
    expect(saidOf(task(...text, "    cmds:", "      - flux uninstall"))).toEqual(["automation-uninstalls-flux 9"]);
    expect(saidOf(task(...text, "    cmds:", "      - flux install"))).toEqual(["automation-installs-flux 9"]);
  },
);

test("a block of commands is none of text", () => {
  expect(saidOf(task("    cmds:", "      - |", "        flux uninstall"))).toEqual(["automation-uninstalls-flux 6"]);
  expect(saidOf(task("    desc: One | two", "    cmds: [flux uninstall]"))).toEqual(["automation-uninstalls-flux 5"]);
});

test("the text of an item of a list ends with the next key beside it", () => {
  expect(withoutTexts("- name: >\n    a\n  run: b\n")).toBe("- name: >\n\n  run: b\n");
});
