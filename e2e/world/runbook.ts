import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryPath } from "../install/build.ts";
import { HELM } from "../install/components.ts";
import type { ClusterHandle, World } from "./world.ts";

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
export function runCommands(world: World, cluster: ClusterHandle, what: string, commands: readonly string[]): void {
  const bin = join(world.dir, "runbook-bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "flux"), FLUX);
  chmodSync(join(bin, "flux"), 0o755);
  for (const [name, path] of Object.entries({ kubectl: world.binary("kubectl"), helm: binaryPath(HELM) }))
    spawnSync("ln", ["-sf", path, join(bin, name)]);
  for (const command of commands) {
    const ran = spawnSync("sh", ["-c", command], {
      cwd: world.repo.dir,
      encoding: "utf8",
      timeout: 180_000,
      env: {
        ...process.env,
        ...world.outside,
        HOME: world.dir,
        PATH: `${bin}:${process.env.PATH}`,
        KUBECONFIG: world.kubeconfig(cluster),
      },
    });
    world.log(`    $ ${command.slice(0, 140)} -> ${ran.status}`);
    if (ran.status !== 0)
      world.failures.push(`${what}: ${command}: exit ${ran.status}: ${ran.stderr.trim().slice(-300)}`);
  }
}
