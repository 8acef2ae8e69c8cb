import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isBranchName } from "../../src/contract/names.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { hasHidden } from "../../src/contract/visible.ts";
import { inputOf } from "../support/fixtures.ts";
import { git, makeRepo } from "../support/repo.ts";
import type { Tree } from "../support/tree.ts";
import { FOLDERS, runScript, SHELLS } from "./shells.ts";
import { fluxlift, lookingOnce } from "./support.ts";

function edit(tree: Tree, change: (path: string, text: string) => [path: string, text: string]): Tree {
  return new Map(
    [...tree].map(([path, entry]) => {
      const [to, text] = change(path, entry.bytes.toString());
      return [to, { ...entry, bytes: Buffer.from(text) }];
    }),
  );
}

const GOTK = () => inputOf("port-patches/brings-those-around-gotk-files");
const PHASES = ["install", "cutover", "cleanup"].map((phase) => ["--phase", phase]);

/** Every plan of a repository. */
async function plansOf(lookAt: typeof fluxlift, repo: string): Promise<Plan[]> {
  const runs = [PHASES[0]!, ["--phase", "all", "--direct"]];
  const plans: Plan[] = [];
  for (const flags of runs) plans.push(JSON.parse((await lookAt(repo, "plan", "--format", "json", ...flags)).text));
  return plans;
}

/** Commands of a runbook that are no examples to fill in. */
function commandsOf(plans: readonly Plan[]): string[] {
  const clusters = plans.flatMap(({ phases }) => phases.flatMap((phase) => phase.clusters));
  return clusters
    .flatMap(({ runbook: { preChecks, steps, rollback, rebuild } }) =>
      [...preChecks, ...steps, ...rollback, ...rebuild].flatMap(({ commands }) => commands),
    )
    .filter((line) => !/<[a-z ]+>/.test(line));
}

const inFolder = (folder: string) =>
  edit(GOTK(), (path, text) => [
    path.replace("clusters/home", `clusters/${folder}`),
    text.replace("path: ./clusters/home", `path: ${JSON.stringify(`./clusters/${folder}`)}`),
  ]);

test.each(FOLDERS)(
  "a cluster in the folder %j gives commands and a preflight.sh that name it whole",
  async (folder) => {
    const repo = makeRepo(inFolder(folder));
    const lookAt = lookingOnce();
    const plans = await plansOf(lookAt, repo);
    const commands = commandsOf(plans);
    expect(commands.length).toBeGreaterThan(10);
    const preflight = (await lookAt(repo, "plan", "--format", "preflight")).text;
    for (const shell of SHELLS) {
      for (const script of [commands.join("\n"), preflight]) {
        const { words, made, stderr } = runScript(shell, script);
        expect({ made, stderr: stderr.match(/syntax|not found|unexpected/i) }).toEqual({ made: "", stderr: null });
        expect(words.length).toBeGreaterThan(10);
        const named = words.filter((word) => word.includes("clusters/"));
        expect(named.filter((word) => !word.includes(`clusters/${folder}`))).toEqual([]);
      }
    }
  },
);

test.each(["a\\", "a\nb", "a\u001b[2Kb", "a\u202eb", "::x\n::y"])(
  "a cluster in the folder %j is stopped",
  async (folder) => {
    const repo = makeRepo(inFolder(folder));
    const { code, text } = await fluxlift(repo, "plan");
    expect(code).toBe(1);
    expect(text).toContain("no name of a folder");
    expect(text.split("\n").filter((line) => hasHidden(line) || /^\s*::/.test(line))).toEqual([]);
  },
);

const NAMES = [
  "x$(touch MARK)",
  "x`id`",
  "x;y",
  "X",
  "x y",
  "x'y",
  'x"y',
  "-x",
  "x\ny",
  "x\u001b[2K",
  "x\u202ey",
  "${{x}}",
  "::x",
];

describe.each([
  ["the root", "kind: Kustomization\nmetadata:\n  name: "],
  ["the source", "kind: GitRepository\nmetadata:\n  name: "],
  ["the Secret of the source", "secretRef:\n    name: "],
  ["the branch", "branch: "],
  ["the namespace", "kind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: "],
])("a name for %s that Kubernetes and git refuse", (what, before) => {
  test.each(NAMES.filter((name) => what !== "the branch" || !isBranchName(name)))(
    "%j stops the cluster",
    async (name) => {
      const repo = makeRepo(
        edit(GOTK(), (path, text) => {
          const at = path.endsWith("gotk-sync.yaml") ? text.indexOf(before) + before.length : -1;
          if (at < before.length) return [path, text];
          const end = text.indexOf("\n", at);
          const written = JSON.stringify(name).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
          const changed = text.slice(0, at) + written + text.slice(end);
          return [
            path,
            what === "the source" ? changed.replace(/(sourceRef:\n.*\n {4}name: ).*/, `$1${written}`) : changed,
          ];
        }),
      );
      const lookAt = lookingOnce();
      for (const flags of [PHASES[0]!, ["--phase", "all", "--direct"]]) {
        const { code, text } = await lookAt(repo, "plan", "--format", "json", ...flags);
        const plan: Plan = JSON.parse(text);
        expect(code).toBe(1);
        expect(plan.phases.flatMap(({ files }) => files)).toEqual([]);
        const all = plan.phases.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings));
        expect([...all, ...plan.findings].some(({ level }) => level === "blocker")).toBe(true);
        const commands = commandsOf([plan]);
        for (const shell of SHELLS) expect(runScript(shell, commands.join("\n")).made).toBe("");
      }
      const { text } = await lookAt(repo, "plan");
      expect(text).not.toContain("\u001b");
      expect(text.split("\n").filter((line) => hasHidden(line) || /^\s*::/.test(line))).toEqual([]);
      expect(git(repo, "status", "--porcelain")).toBe("");
      expect(existsSync(join(repo, "MARK"))).toBe(false);
    },
  );
});
