import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";
import automation from "../../transforms/automation-mentions/index.ts";
import { clusterFiles, contextOf, type Files, HELMFILE, runTransform } from "../automation/support.ts";
import { FOLDERS, runScript, SHELLS } from "./shells.ts";

const APPLY = "kubectl apply -k kubernetes/bootstrap/flux";
/** Where a runner of tasks says that the root of the repository is. */
const ROOT = "/srv/repo";

/** A line that applies what goes, in everything people run their clusters with, and what a runner hands to its shell. */
const KINDS: Record<string, { text: string; script(text: string): string }> = {
  "run.sh": { text: `#!/bin/sh\n${APPLY}\n`, script: (text) => text },
  "Taskfile.yaml": {
    text: `version: "3"\ntasks:\n  up:\n    cmds:\n      - ${APPLY}\n      - '${APPLY}'\n      - "${APPLY}"\n      - cmd: ${APPLY}\n`,
    script: (text) =>
      dataOf(text)
        .tasks.up.cmds.map((item: string | { cmd: string }) => (typeof item === "string" ? item : item.cmd))
        .join("\n")
        .replaceAll("{{.ROOT_DIR}}", ROOT),
  },
  justfile: {
    text: `up:\n    ${APPLY}\n`,
    script: (text) => text.replace(/^up:.*\n/, "").replaceAll("{{ justfile_directory() }}", ROOT),
  },
  Makefile: {
    text: `up:\n\t${APPLY}\n`,
    script: (text) => `make -s -f - up <<'END OF THE MAKEFILE'\nSHELL := $(TESTED)\n${text}\nEND OF THE MAKEFILE\n`,
  },
  ".mise.toml": {
    text: `[tasks.up]\nrun = "${APPLY}"\n`,
    script: (text) => JSON.parse(/^run = (".*")$/m.exec(text)![1]!).replaceAll("{{ config_root }}", ROOT),
  },
  ".github/workflows/up.yaml": {
    text: `on: push\njobs:\n  up:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          ${APPLY}\n`,
    script: (text) =>
      dataOf(text)
        .jobs.up.steps.map(({ run }: { run: string }) => run)
        .join("\n"),
  },
};

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML
function dataOf(text: string): any {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new Error(`${parsed.reason}\n${text}`);
  return parsed.docs[0]!.data;
}

const LINES: Files = Object.fromEntries(Object.entries(KINDS).map(([path, { text }]) => [path, text]));

/** What each changed file runs, under each shell; files that stay are told about. */
function runChanged(files: Files) {
  const { texts, rules } = runTransform(automation, contextOf({ ...files, ...LINES }));
  const changed = Object.keys(KINDS).filter((path) => texts[path] !== undefined);
  if (changed.length < Object.keys(KINDS).length) expect(rules).not.toEqual([]);
  return changed.flatMap((path) =>
    SHELLS.map((shell) => {
      const script = `TESTED=/bin/${shell}; export TESTED\n${KINDS[path]!.script(texts[path]!)}`;
      return { path, text: texts[path]!, ...runScript(shell, script) };
    }),
  );
}

describe.each(FOLDERS)("%j", (name) => {
  test("as the folder of a helmfile is one word of each rewritten line", () => {
    for (const run of runChanged({ ...clusterFiles("kubernetes"), [`${name}/helmfile.yaml`]: HELMFILE })) {
      expect([run.path, run.made]).toEqual([run.path, ""]);
      expect(run.words.some((word) => word.endsWith(`${name}/helmfile.yaml`))).toBe(true);
    }
  });

  test("as a release of a helmfile is one word of each rewritten line", () => {
    const helmfile = HELMFILE.replace("name: flux-operator\n", () => `name: ${JSON.stringify(name)}\n`);
    for (const run of runChanged({ ...clusterFiles("kubernetes"), "boot/helmfile.yaml": helmfile })) {
      expect([run.path, run.text, run.made]).toEqual([run.path, run.text, ""]);
      expect([run.path, run.text, run.words]).toEqual([
        run.path,
        run.text,
        expect.arrayContaining([`name=${name}`, "name=flux-instance"]),
      ]);
    }
  });

  test("as the chart of a release without a helmfile is one word of each rewritten line", () => {
    const files = clusterFiles("kubernetes");
    const source = "kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml";
    files[source] = files[source]!.replace(/url: .*/, () => `url: ${JSON.stringify(`oci://h/${name}/flux-operator`)}`);
    for (const run of runChanged(files)) {
      expect([run.path, run.text, run.made]).toEqual([run.path, run.text, ""]);
      expect([run.text, run.words]).toEqual([run.text, expect.arrayContaining([`oci://h/${name}/flux-operator`])]);
    }
  });
});

test("plain names are written into everything that can be rewritten, and run", () => {
  const runs = runChanged({ ...clusterFiles("kubernetes"), "boot/helmfile.yaml": HELMFILE });
  const changed = [...new Set(runs.map(({ path }) => path))];
  expect(changed).toEqual(expect.arrayContaining(["run.sh", "Taskfile.yaml", "justfile", "Makefile", ".mise.toml"]));
  for (const { path, words, stderr } of runs) {
    expect([path, stderr]).toEqual([path, ""]);
    expect(words).toEqual(expect.arrayContaining(["--file", "name=flux-operator", "name=flux-instance", "sync"]));
  }
});
