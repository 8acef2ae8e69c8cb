import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { poke } from "../cluster/settle.ts";
import { PRIVATE_HOST } from "../install/pki.ts";
import type { PlanJson } from "../world/fluxlift.ts";
import { runJob } from "../world/job.ts";
import { condition } from "../world/kube.ts";
import { runCommands } from "../world/runbook.ts";
import { until } from "../world/wait.ts";
import type { StepOptions, World } from "../world/world.ts";
import { migrate } from "./edits.ts";
import { startGotk } from "./gotk.ts";
import { startHomeOps } from "./home-ops.ts";
import { configMap } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

export const REGISTRY = `oci://${PRIVATE_HOST}/acme/fleet`;
const PULLS = "a token that pulls";
const PUSHES = "a token that pushes";

/** What a person who follows the runbook has set. */
export const PERSON = { REGISTRY_TOKEN: PULLS, COSIGN_PASSWORD: "none" };

export interface Move {
  /** What every phase is called with. */
  args: string[];
  /** Path of the job that prepare writes. */
  job: string;
  /** Of the generated source. */
  source: string;
  secrets: Record<string, string>;
  /** A ConfigMap that a later commit changes. */
  settings: { path: string; namespace: string; name: string };
}

export type RunbookStep = { title: string; commands?: string[] };

/** What one phase of `oci` tells a person to do: before the merge, around it, and to go back. */
export function runbookOf(
  world: World,
  phase: string,
  { args }: Move,
): { steps: RunbookStep[]; rollback: RunbookStep[] } {
  const ran = world.fluxlift("oci", "--phase", phase, ...args, "--dry-run", "--format", "json");
  if (ran.status === 2) throw new Error(`oci ${phase}: ${ran.stderr.trim().slice(-500)}`);
  const plan = JSON.parse(ran.stdout) as PlanJson;
  const clusters = plan.phases.flatMap((one) => one.clusters);
  const { preChecks = [], steps = [], rollback = [] } = (clusters[0]?.runbook ?? {}) as Record<string, RunbookStep[]>;
  return { steps: [...preChecks, ...steps], rollback };
}

/** Runs the steps with these titles, and fails where the runbook has none of them. */
export async function follow(world: World, phase: string, steps: RunbookStep[], title: RegExp, cwd = world.repo.dir) {
  const chosen = steps.filter((one) => title.test(one.title));
  world.expect(chosen.length > 0, `the runbook of ${phase} has a step ${title}`);
  const env = { REGISTRY_TOKEN: PULLS, COSIGN_PASSWORD: "none" };
  await runCommands(
    world,
    world.clusters[0]!,
    phase,
    chosen.flatMap(({ commands = [] }) => commands),
    { env, cwd },
  );
}

export const publish = (world: World, { job, secrets }: Move, branch = "main") =>
  runJob(world, { file: job, branch, secrets });

/** One phase: written by fluxlift, judged by verify, merged, published by its own job. */
export async function phase(world: World, name: string, move: Move, options: StepOptions = {}): Promise<void> {
  await world.change(
    `oci ${name}`,
    () => {
      const before = world.repo.head();
      const ran = world.fluxlift("oci", "--phase", name, ...move.args, "--yes", "--commit");
      if (world.repo.head() === before) throw new Error(`oci ${name} wrote nothing: ${ran.stderr.trim().slice(-800)}`);
    },
    { ...options, during: async () => void (await publish(world, move)) },
  );
}

/** The registry knows who pulls and who pushes, and nobody else. */
export function letIn({ registry }: World): void {
  registry.accounts.set(PRIVATE_HOST, [
    { user: "flux", password: PULLS, pushes: false },
    { user: "ci", password: PUSHES, pushes: true },
  ]);
}

/** Everything from prepare to cleanup, as the runbooks say it, then a change that only the artifact brings. */
async function toOci(world: World, move: Move, signs: boolean): Promise<void> {
  const { repo } = world;
  const keys = join(world.dir, "keys");
  mkdirSync(keys, { recursive: true });
  letIn(world);

  const prepare = runbookOf(world, "prepare", move).steps;
  await follow(world, "prepare", prepare, /^Everything is Ready/);
  await follow(world, "prepare", prepare, signs ? /^(Create Secret|Make the key)/ : /^Create Secret/, keys);
  if (signs) {
    move.secrets.COSIGN_PRIVATE_KEY = readFileSync(join(keys, "cosign.key"), "utf8");
    move.secrets.COSIGN_PASSWORD = "none";
    rmSync(join(keys, "cosign.key"));
  }
  world.artifact = REGISTRY;
  await phase(world, "prepare", move);
  const clone = join(world.dir, "clone");
  repo.checkout(clone);
  await follow(world, "prepare", prepare, /^(Merge prepare|The artifact is published)/, clone);

  const turn = runbookOf(world, "switch", move).steps;
  await follow(world, "switch", turn, /^(Everything is Ready|The artifact is published)/, clone);
  await phase(world, "switch", move, { before: () => trial(world, move, turn) });
  await follow(world, "switch", turn, /^(Merge the switch|Check that)/);
  await reads(world, move, "switch");

  const tidy = runbookOf(world, "cleanup", move).steps;
  await follow(world, "cleanup", tidy, /^(Everything is Ready|The operator owns)/);
  await phase(world, "cleanup", move);
  await follow(world, "cleanup", tidy, /^(Merge cleanup|Delete the branch)/);
  await reads(world, move, "cleanup");

  const { path, namespace, name } = move.settings;
  await world.change(
    "a change after the move",
    () => world.write({ [path]: configMap(name, { page: "two" }, namespace) }),
    { during: async () => void (await publish(world, move)) },
  );
  const live = await world.live("ConfigMap", namespace, name);
  world.expect(live?.data?.page === "two", "what is published after the move arrives");
}

/** Somebody who has the token and not the key moves the tag: source-controller refuses, and nothing changes. */
async function forge(world: World, { source, settings }: Move): Promise<void> {
  const { kube } = world.clusters[0]!.plane;
  const { namespace, name, path } = settings;
  world.write({ [path]: configMap(name, { page: "forged" }, namespace) });
  const tools = `--creds=ci:${JSON.stringify(PUSHES)}`;
  const push = `flux push artifact ${REGISTRY}:forged --path=./ --source=none --revision=main@sha1:none ${tools}`;
  await runCommands(world, world.clusters[0]!, "forged", [
    push,
    `flux tag artifact ${REGISTRY}:forged --tag=latest ${tools}`,
  ]);
  world.repo.git("checkout", "-q", "--", path);
  const seen = await until(
    "source-controller refuses what nobody signed",
    120,
    async () => {
      await poke(kube, await kube.list("OCIRepository"));
      const ready = condition((await world.live("OCIRepository", "flux-system", source))!, "Ready");
      return ready?.status === "False" && ready;
    },
    3000,
  );
  world.log(`    refused: ${seen.reason} ${seen.message}`);
  const live = await world.live("ConfigMap", namespace, name);
  world.expect(
    seen.reason === "VerificationError" && live?.data?.page === "two",
    "an artifact without a signature changes nothing",
  );
}

/** The runbook's way: push the branch, let CI publish it, look, and only then merge. */
export async function trial(world: World, move: Move, steps: RunbookStep[]): Promise<void> {
  const commands = steps.find(({ title }) => title.startsWith("Publish the switch"))?.commands ?? [];
  const [push = "", ...look] = commands;
  world.expect(/^git push origin /.test(push), "the runbook pushes the switch as a branch of its own");
  const [cluster] = world.clusters;
  await runCommands(world, cluster!, "switch", [push]);
  await publish(world, move, push.split(":").at(-1)!.trim());
  await runCommands(world, cluster!, "switch", look, { env: PERSON });
}

/** Flux reads the artifact, and nothing reads Git any more. */
export async function reads(world: World, { source }: Move, after: string): Promise<void> {
  const { kube } = world.clusters[0]!.plane;
  const git = await world.live("GitRepository", "flux-system", source);
  const artifact = await world.live("OCIRepository", "flux-system", source);
  const root = await world.live("Kustomization", "flux-system", source);
  world.expect(git === undefined, `GitRepository ${source} is gone after ${after}`);
  world.expect(artifact?.spec.url === REGISTRY, `OCIRepository ${source} reads the artifact after ${after}`);
  world.expect(root?.spec.sourceRef.kind === "OCIRepository", `the root reads the artifact after ${after}`);
  const left = (await kube.list("Kustomization", "kustomize.toolkit.fluxcd.io")).filter(
    ({ spec }) => spec.sourceRef.kind === "GitRepository",
  );
  world.expect(left.length === 0, `no FluxKustomization reads Git after ${after}`);
}

const secrets = () => ({ REGISTRY_USER: "ci", REGISTRY_TOKEN: PUSHES });

export const homeOpsMove = (): Move => ({
  args: ["--forge", "github", "--registry", REGISTRY],
  job: ".github/workflows/publish-artifact.yaml",
  source: "cluster",
  secrets: secrets(),
  settings: { path: "kubernetes/apps/default/echo/app/configmap.yaml", namespace: "default", name: "echo" },
});

export const ociUnsigned = defineScenario({
  id: "oci-home-ops",
  layout: "home-ops",
  kind: "oci",
  what: "A home-ops repository to an artifact of a private registry; GitHub's job publishes it.",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    await toOci(world, homeOpsMove(), false);
  },
});

export const ociSigned = defineScenario({
  id: "oci-gotk-signed",
  layout: "gotk",
  kind: "oci",
  what: "What `flux bootstrap` left to an artifact that Forgejo's job signs with a key by the real cosign; then one that nobody signed.",
  async run(world) {
    await startGotk(world);
    await migrate(world);
    const move = {
      args: ["--forge", "forgejo", "--registry", REGISTRY, "--sign"],
      job: ".forgejo/workflows/publish-artifact.yaml",
      source: "flux-system",
      secrets: secrets(),
      settings: { path: "apps/docs.yaml", namespace: "web", name: "docs" },
    };
    await toOci(world, move, true);
    await forge(world, move);
  },
});
