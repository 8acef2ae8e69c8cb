import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlanJson } from "../world/fluxlift.ts";
import type { World } from "../world/world.ts";

/**
 * `flux` as the runbook uses it, spoken with kubectl: suspend, resume and reconcile. Anything else fails, so that no
 * command of the runbook passes unseen; `flux get` only shows.
 */
const FLUX = `#!/bin/sh
set -e
namespace=flux-system
if [ "$1" = -n ]; then namespace=$2; shift 2; fi
verb=$1; kind=$2; name=$3
case "$verb" in
  get|trace|version) exit 0 ;;
esac
[ "$verb" = reconcile ] && [ "$kind" = source ] && { kind=$3; name=$4; }
case "$kind" in
  helmrelease|hr) resource=helmreleases.helm.toolkit.fluxcd.io ;;
  kustomization|ks) resource=kustomizations.kustomize.toolkit.fluxcd.io ;;
  git) resource=gitrepositories.source.toolkit.fluxcd.io ;;
  oci) resource=ocirepositories.source.toolkit.fluxcd.io ;;
  *) echo "flux: unknown kind $kind" >&2; exit 64 ;;
esac
case "$verb" in
  suspend) kubectl -n "$namespace" patch "$resource" "$name" --type merge -p '{"spec":{"suspend":true}}' ;;
  resume) kubectl -n "$namespace" patch "$resource" "$name" --type merge -p '{"spec":{"suspend":false}}' ;;
  reconcile) kubectl -n "$namespace" annotate --overwrite "$resource" "$name" reconcile.fluxcd.io/requestedAt="$(date +%s%N)" ;;
  *) echo "flux: unknown command $verb" >&2; exit 64 ;;
esac
`;

/** Runs commands of a runbook against the first cluster, in order; one that fails is a failure of the run. */
export function runCommands(world: World, what: string, commands: readonly string[]): void {
  const bin = join(world.dir, "runbook-bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "flux"), FLUX);
  chmodSync(join(bin, "flux"), 0o755);
  spawnSync("ln", ["-sf", world.binary("kubectl"), join(bin, "kubectl")]);
  for (const command of commands) {
    const ran = spawnSync("sh", ["-c", command], {
      cwd: world.repo.dir,
      encoding: "utf8",
      timeout: 180_000,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, KUBECONFIG: world.kubeconfig() },
    });
    world.log(`    $ ${command.slice(0, 140)} -> ${ran.status}`);
    if (ran.status !== 0)
      world.failures.push(`${what}: ${command}: exit ${ran.status}: ${ran.stderr.trim().slice(-300)}`);
  }
}

/**
 * Goes back from a phase by the steps of its runbook, and then forward again by taking the revert back. Both are
 * changes like any other: verify predicts, the watch tells.
 */
export async function goBack(world: World, phase: string, plan: PlanJson, args: string[]): Promise<void> {
  const steps = plan.phases.flatMap((one) => one.clusters.flatMap(({ runbook }) => runbook?.rollback ?? []));
  if (steps.length === 0) return void world.failures.push(`${phase}: the runbook has no way back`);
  const isRevert = (command: string) => command.startsWith("git revert");
  const at = steps.findIndex(({ commands = [] }) => commands.some(isRevert));
  const phaseCommit = world.repo.head();
  const own = (from: number, to: number) =>
    steps.slice(from, to).flatMap(({ title, commands = [] }) =>
      // What is only for good would take away what the way forward needs, and that comes later.
      /^(Only for good|Or )/.test(title) ? [] : commands.filter((command) => !isRevert(command)),
    );
  runCommands(world, `way back from ${phase}`, own(0, at));
  await world.change(`way back from ${phase}`, () => revert(world, phaseCommit));
  runCommands(world, `way back from ${phase}`, own(at, steps.length));
  const again = steps.filter(({ title }) => title.startsWith("Or take the phase up again"));
  await forward(
    world,
    phase,
    args,
    again.flatMap(({ commands = [] }) => commands),
  );
}

const revert = (world: World, commit: string) => void world.repo.git("revert", "--no-edit", commit);

/** The phase once more, and what the runbook says to do then. */
async function forward(world: World, phase: string, args: string[], again: string[]): Promise<void> {
  await world.phase(phase, args, {
    name: `${phase} again`,
    after: async () => runCommands(world, `${phase} again`, again),
  });
}
