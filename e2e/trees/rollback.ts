import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlanJson } from "../world/fluxlift.ts";
import type { ClusterHandle, World } from "../world/world.ts";

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

/** Runs commands of a runbook against a cluster, in order; one that fails is a failure of the run. */
function runCommands(world: World, cluster: ClusterHandle, what: string, commands: readonly string[]): void {
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
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, KUBECONFIG: world.kubeconfig(cluster) },
    });
    world.log(`    $ ${command.slice(0, 140)} -> ${ran.status}`);
    if (ran.status !== 0)
      world.failures.push(`${what}: ${command}: exit ${ran.status}: ${ran.stderr.trim().slice(-300)}`);
  }
}

export interface WayBack {
  phase: string;
  /** What the step forward was called. */
  name: string;
  plan: PlanJson;
  args: string[];
}

/**
 * Goes back from a phase by the steps of its runbook, and then forward again by merging it a second time. Both are
 * changes like any other: verify or the plan predicts, the watch tells.
 */
export async function goBack(world: World, cluster: ClusterHandle, way: WayBack): Promise<void> {
  const { phase, name, plan, args } = way;
  const steps = plan.phases.flatMap((one) => one.clusters.flatMap(({ runbook }) => runbook?.rollback ?? []));
  const at = steps.findIndex(({ commands = [] }) => commands.some(isRevert));
  if (at < 0) return void world.failures.push(`${phase}: the runbook has no way back`);
  const merged = world.repo.head();
  const back = `way back from ${name}`;
  runCommands(world, cluster, back, steps.slice(0, at).flatMap(commandsOf));
  await world.change(back, () => void world.repo.git("revert", "--no-edit", merged));
  // What is only for good would take away what the way forward needs, and that comes later.
  const [later, again] = [/^(Only for good|Or )/, /^Or take the phase up again/];
  const after = steps.slice(at).filter(({ title }) => !later.test(title));
  runCommands(world, cluster, back, after.flatMap(commandsOf));
  const forward = steps.filter(({ title }) => again.test(title)).flatMap(commandsOf);
  await world.phase(phase, args, {
    name: `${name} again`,
    after: async (one) => {
      if (one === cluster) runCommands(world, cluster, `${name} again`, forward);
    },
  });
}

const isRevert = (command: string) => command.startsWith("git revert");
const commandsOf = ({ commands = [] }: { commands?: string[] }) => commands.filter((one) => !isRevert(one));
