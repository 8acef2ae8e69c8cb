import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";
import automation from "../../transforms/automation-mentions/index.ts";
import helmfile from "../../transforms/bootstrap-helmfile/index.ts";
import { clusterFiles, contextOf, type Files, HELMFILE, runTransform } from "../automation/support.ts";
import { FOLDERS, runScript, SHELLS } from "./shells.ts";

/** What people run their clusters with, each with a line that applies what goes. */
const APPLY = "kubectl apply -k kubernetes/bootstrap/flux";
const AUTOMATION: Files = {
  "run.sh": `#!/bin/sh\n${APPLY}\n`,
  "Taskfile.yaml": `version: "3"\ntasks:\n  up:\n    cmds:\n      - ${APPLY}\n      - '${APPLY}'\n      - "${APPLY}"\n`,
  justfile: `up:\n    ${APPLY}\n`,
  Makefile: `up:\n\t${APPLY}\n`,
  ".mise.toml": `[tasks.up]\nrun = "${APPLY}"\n`,
};

describe.each(FOLDERS)("a helmfile in the folder %j", (folder) => {
  const { texts, rules } = runTransform(
    automation,
    contextOf({ ...clusterFiles("kubernetes"), [`${folder}/helmfile.yaml`]: HELMFILE, ...AUTOMATION }),
  );

  test("is named whole in a script that is rewritten, or a person is told", () => {
    const script = texts["run.sh"];
    if (script === undefined) {
      expect(rules).not.toEqual([]);
      return;
    }
    for (const shell of SHELLS) {
      const { words, made } = runScript(shell, script);
      expect(made).toBe("");
      expect(words).toContain(`${folder}/helmfile.yaml`);
    }
  });

  test("changes nothing else in any file", () => {
    for (const [path, text] of Object.entries(texts)) {
      const lines = text.split("\n").filter((line) => !AUTOMATION[path]?.split("\n").includes(line));
      // A plain folder would be written; none of these is.
      expect(
        lines.filter(
          (line) => !/^[\s'"\w=-]*helmfile --file [\w.%/-]+( --selector name=[\w-]+)* sync['"]?$/.test(line),
        ),
      ).toEqual([]);
    }
  });
});

test("a helmfile in a plain folder is named in all of them", () => {
  const { texts } = runTransform(
    automation,
    contextOf({ ...clusterFiles("kubernetes"), "boot/helmfile.yaml": HELMFILE, ...AUTOMATION }),
  );
  expect(Object.keys(texts).sort()).toEqual(Object.keys(AUTOMATION).sort());
});

describe("a helmfile that is written", () => {
  const VALUES = [
    "a: b",
    "# x",
    "'",
    '"',
    "- x",
    "null",
    "1.0",
    "x\ny: z",
    "{{ exec `touch` (list `MARK`) }}",
    "*a",
    "&a",
    "!x",
  ];

  test.each(VALUES)("holds %j as the value it is, or a person is told", (value) => {
    const files = clusterFiles("kubernetes");
    const source = "kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml";
    files[source] = files[source]!.replace(/url: .*/, `url: ${JSON.stringify(`oci://h/${value}`)}`);
    delete files["kubernetes/bootstrap/helmfile.yaml"];
    const { texts, rules } = runTransform(helmfile, contextOf(files));
    const text = texts["kubernetes/bootstrap/helmfile.d/01-apps.yaml"];
    if (text === undefined) {
      expect(rules).toEqual(["helmfile-not-possible"]);
      return;
    }
    expect(value).not.toContain("{{");
    const parsed = readYaml(text);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { releases } = parsed.docs[0]!.data as { releases: { chart: string }[] };
    expect(releases.map(({ chart }) => chart)).toContain(`oci://h/${value}`);
    expect(Object.keys(parsed.docs[0]!.data as object)).toEqual(["helmDefaults", "releases"]);
  });
});
