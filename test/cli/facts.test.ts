import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { loadEngine, openWorkspace } from "../../src/cli/load-engine.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { commitAll, makeRepo } from "../support/repo.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";
import { homeTree } from "../verify/home-tree.ts";

const REMOTE = "https://git.example.invalid/me/home.git";

const run = (args: string[]): Promise<CliRun> => runCli(args, { loader: { openWorkspace, load: loadEngine } });

/** A repository whose install phase is merged. */
async function installed(): Promise<string> {
  const root = makeRepo(homeTree(), { remote: REMOTE });
  expect((await run(["migrate", "--yes", root])).code).toBe(0);
  commitAll(root, "Install");
  return root;
}

/** What `preflight.sh` prints for a cluster; `answers` maps a part of a `get` to its output, the first match counts. */
async function measure(root: string, answers: [part: string, output: string][]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "fluxlift-facts-"));
  const script = join(folder, "preflight.sh");
  expect((await run(["plan", "--phase", "cutover", "-o", script, root])).code).toBe(0);
  const cases = answers.map(([part, output]) => `  *'${part}'*) printf '${output}' ;;`);
  const fake = ["#!/bin/sh", 'case "$*" in', ...cases, "  *) exit 1 ;;", "esac", ""].join("\n");
  writeFileSync(join(folder, "kubectl"), fake);
  chmodSync(join(folder, "kubectl"), 0o755);
  const env = { ...process.env, CONTEXT: "", PATH: `${folder}${delimiter}${process.env.PATH}` };
  const { stdout } = spawnSync("sh", [script], { encoding: "utf8", env });
  const file = join(folder, "facts.json");
  writeFileSync(file, stdout);
  return file;
}

const HEALTHY: [string, string][] = [
  ["namespace flux-system", "namespace/flux-system"],
  ["deployment source-controller", "v2.6.4"],
  ["crd fluxinstances", "customresourcedefinition/fluxinstances.fluxcd.controlplane.io"],
  ["fluxinstances.", "flux True"],
  ["deployments,serviceaccounts", "Deployment/source-controller|Disabled|\\n"],
  ["customresourcedefinitions,clusterroles", "ClusterRole/crd-controller-flux-system|Disabled|\\n"],
];

async function planWith(root: string, facts?: string) {
  const args = ["plan", "--phase", "cutover", "--format", "json", ...(facts ? ["--facts", facts] : []), root];
  const result = await run(args);
  const [part] = (JSON.parse(result.out) as Plan).phases[0]!.clusters;
  const blockers = part!.findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule);
  return { code: result.code, blockers, going: part!.safety?.dangers.map(({ resource }) => resource).sort() };
}

const FLUX = ["Kustomization flux-system/flux", "OCIRepository flux-system/flux-manifests"];

test("what preflight.sh measured takes the place of what a plan assumes", async () => {
  const root = await installed();
  expect(await planWith(root)).toEqual({ code: 0, blockers: [], going: FLUX });

  const held = "flux-system/flux|media_old__PersistentVolumeClaim|flux-system_source-controller_apps_Deployment\\n";
  const more = await measure(root, [...HEALTHY, ["inventory", held]]);
  expect(JSON.parse(readFileSync(more, "utf8")).inventories["flux-system/flux"]).toHaveLength(2);
  expect(await planWith(root, more)).toEqual({
    code: 0,
    blockers: [],
    going: [...FLUX, "PersistentVolumeClaim media/old"].sort(),
  });
});

test("what the operator has not adopted would be pruned, so the plan stops", async () => {
  const root = await installed();
  const labelled: [string, string] = ["deployments,serviceaccounts", "Deployment/source-controller||flux\\n"];
  const { code, blockers } = await planWith(root, await measure(root, [labelled, ...HEALTHY]));
  expect(code).toBe(1);
  expect(blockers).toEqual(["facts-not-adopted"]);
});

test("a file whose name is longer than any is one that cannot be read", async () => {
  const root = makeRepo(homeTree(), { remote: REMOTE });
  const { code, err } = await run(["plan", "--facts", "x".repeat(300), root]);
  expect([code, err]).toEqual([2, expect.stringMatching(/The facts file x{300} cannot be read \(ENAMETOOLONG\)/)]);
});
