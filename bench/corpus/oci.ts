// Takes every cluster of the corpus that Flux Operator runs, or that fluxlift brings there, on to OCI.
// Use: npx tsx bench/corpus/oci.ts FOLDER_WITH_STATES [NAME…]; each state is a folder with a tree. Exit 1 below 90 %.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import { composeChanges } from "../../src/engine/changes.ts";
import { makeOciPlan } from "../../src/engine/oci-plan.ts";
import { makePlan } from "../../src/engine/plan.ts";
import { type FileChange, OCI_PHASES, type Options, PHASES, type Plan } from "../../src/engine/types.ts";
import { describe } from "../../src/flux/kinds.ts";
import { buildModel } from "../../src/flux/model.ts";
import { isYamlPath } from "../../src/flux/objects.ts";
import { sourceRefOf } from "../../src/flux/sources.ts";
import { buildDiskTree } from "../../src/workspace/disk-tree.ts";
import { walkFolder } from "../../src/workspace/walk.ts";
import { writeChanges } from "../../src/workspace/write.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { commitAll, makeRepo, type RepoFacts } from "./repo.ts";

const OPTIONS: Options = {
  ...({ phase: "prepare", sync: "adopt", clusters: [], direct: false, only: [], skip: [] } as const),
  ...({ serviceMonitor: false, layout: "auto" } as const),
};

interface Verdict {
  cluster: string;
  /** `passed`, or what went wrong: a blocker's rule with its place, or a check that failed. */
  result: string;
  level: "passed" | "blocked" | "failed" | "not-there";
}

async function planOf(dir: string, changes: Partial<Options>, oci: boolean): Promise<Plan> {
  const workspace = await openWorkspace(dir);
  const options = { ...OPTIONS, ...changes };
  return oci ? makeOciPlan(workspace, options) : makePlan(workspace, options);
}

async function write(dir: string, plan: Plan, message: string, facts: RepoFacts): Promise<readonly FileChange[]> {
  const changes = composeChanges(plan);
  if (changes.length === 0) return changes;
  writeChanges(await openWorkspace(dir), changes, { label: message, validate: () => undefined });
  commitAll(dir, facts, message);
  return changes;
}

function blockersOf(plan: Plan): Map<string, string> {
  const found = new Map<string, string>();
  for (const { phase, clusters } of plan.phases) {
    for (const { cluster, findings } of clusters) {
      const blocker = findings.find(({ level }) => level === "blocker");
      if (blocker && !found.has(cluster))
        found.set(
          cluster,
          `${phase} ${blocker.rule} ${blocker.at?.file ?? ""}:${blocker.at?.line ?? ""} ${blocker.what}`,
        );
    }
  }
  return found;
}

/** The branch and the remote that the syncs of a tree name. */
function factsOf(origin: string): RepoFacts {
  const tree = buildDiskTree({ root: origin, paths: walkFolder(origin), unsearched: [], search: () => undefined });
  const { clusters } = buildModel({ tree, remotes: [], options: OPTIONS });
  const branches = [...new Set(clusters.flatMap(({ branch }) => branch ?? []))];
  const branch = branches.find((name) => name === "main" || name === "master") ?? branches[0] ?? "main";
  const url = clusters.map(({ source }) => source?.data?.spec?.url).find((value) => typeof value === "string");
  return { branch, branches: [branch, ...branches.filter((name) => name !== branch)], url };
}

async function judge(origin: string, name: string): Promise<Verdict[]> {
  const dir = join(tmpdir(), `fluxlift-oci-${process.pid}`, name);
  const facts = factsOf(origin);
  makeRepo(origin, dir, facts);
  for (const phase of PHASES) await write(dir, await planOf(dir, { phase }, false), phase, facts);
  const verdicts = new Map<string, Verdict>();
  const set = (cluster: string, level: Verdict["level"], result: string) => {
    const known = verdicts.get(cluster);
    if (!known || known.level === "passed") verdicts.set(cluster, { cluster, level, result });
  };
  for (const phase of OCI_PHASES) {
    const plan = await planOf(dir, { phase, oci: { sign: false } }, true);
    const blocked = blockersOf(plan);
    for (const { cluster, state } of plan.phases[0]!.clusters) {
      const what = blocked.get(cluster);
      if (what?.includes("oci-before-operator")) set(cluster, "not-there", state);
      else if (what) set(cluster, "blocked", what);
      else set(cluster, "passed", "");
    }
    const broken = (await write(dir, plan, phase, facts)).find(
      ({ path, after }) => after !== undefined && isYamlPath(path) && !readYaml(after).ok,
    );
    if (broken) for (const cluster of verdicts.keys()) set(cluster, "failed", `${broken.path} does not parse`);
    const again = composeChanges(await planOf(dir, { phase, oci: { sign: false } }, true));
    if (again.length > 0)
      for (const cluster of verdicts.keys()) set(cluster, "failed", `${phase} again changes ${again[0]!.path}`);
  }
  for (const [cluster, left] of await leftOnGit(dir)) set(cluster, "failed", left);
  rmSync(dir, { recursive: true, force: true });
  return [...verdicts.values()];
}

/** FluxKustomizations of a switched cluster that still read the GitRepository of the sync, as the cluster would see them. */
async function leftOnGit(dir: string): Promise<[string, string][]> {
  const { tree } = await openWorkspace(dir);
  return buildModel({ tree, remotes: [], options: OPTIONS }).clusters.flatMap((cluster) => {
    const sync = cluster.root.data?.spec?.sourceRef;
    if (cluster.rootFrom !== "instance" || sync?.kind !== "OCIRepository") return [];
    const left = cluster.kustomizations.find(({ effective, namespace }) => {
      const ref = sourceRefOf(effective?.spec, namespace);
      return ref?.kind === "GitRepository" && ref.name === sync.name;
    });
    return left ? [[cluster.name, `${describe(left.object)} reads Git: ${left.object.file}`] as [string, string]] : [];
  });
}

async function main([folder, ...names]: string[]): Promise<void> {
  if (folder === undefined || !existsSync(folder)) throw new Error("Name the folder with the states.");
  const counts = { passed: 0, blocked: 0, failed: 0, "not-there": 0 };
  const states = readdirSync(folder).filter(
    (state) => names.length === 0 || names.some((part) => state.includes(part)),
  );
  for (const state of states) {
    try {
      for (const { cluster, level, result } of await judge(join(folder, state), state)) {
        counts[level]++;
        console.log(`${level.padEnd(9)} ${state} ${cluster}${result ? `: ${result.slice(0, 220)}` : ""}`);
      }
    } catch (error) {
      counts.failed++;
      console.log(`failed    ${state}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  const reached = counts.passed + counts.blocked + counts.failed;
  console.log(
    `${counts.passed} passed, ${counts.blocked} blocked, ${counts.failed} failed; ${counts["not-there"]} are not run by the operator`,
  );
  process.exitCode = counts.failed > 0 || counts.passed < reached * 0.9 ? 1 : 0;
}

await main(process.argv.slice(2));
