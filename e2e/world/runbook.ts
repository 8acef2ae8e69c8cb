import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryPath } from "../install/build.ts";
import { type Component, RUNBOOK_TOOLS } from "../install/components.ts";
import type { ClusterHandle, World } from "./world.ts";

/** Seconds after which a command counts as hanging; the runbook itself waits up to a quarter of an hour. */
const PATIENCE = 960;

/** Folder with the programs that a runbook calls, each the real one; nothing of the machine stands in for one of them. */
export function toolsOf(world: World, more: readonly Component[] = []): string {
  const bin = join(world.dir, "runbook-bin");
  mkdirSync(bin, { recursive: true });
  const paths = new Map([...RUNBOOK_TOOLS, ...more].map((one) => [one.name, binaryPath(one)]));
  for (const [name, path] of paths.set("kubectl", world.binary("kubectl"))) {
    const link = join(bin, name);
    if (existsSync(path)) {
      rmSync(link, { force: true });
      symlinkSync(path, link);
    } else writeFileSync(link, `#!/bin/sh\necho "${name} is not built" >&2\nexit 127\n`, { mode: 0o755 });
  }
  return bin;
}

export interface RunOptions {
  /** More environment, such as what a person would have set. */
  env?: Record<string, string>;
  cwd?: string;
  /** Programs beside those of the runbook, or in place of one of them. */
  tools?: readonly Component[];
}

/** Runs commands of a runbook against a cluster, in order; one that fails is a failure of the run. */
export async function runCommands(
  world: World,
  cluster: ClusterHandle,
  what: string,
  commands: readonly string[],
  { env = {}, cwd = world.repo.dir, tools = [] }: RunOptions = {},
): Promise<void> {
  const bin = toolsOf(world, tools);
  for (const command of commands) {
    const ran = await world.processes.run("timeout", [String(PATIENCE), "sh", "-c", command], {
      cwd,
      env: {
        ...process.env,
        ...world.outside,
        HOME: world.dir,
        PATH: `${bin}:${process.env.PATH}`,
        KUBECONFIG: world.kubeconfig(cluster),
        ...env,
      },
    });
    world.log(`    $ ${command.slice(0, 140)} -> ${ran.status}`);
    // A list at the end of a `grep` is to be empty, and then grep says 1.
    const empty = ran.status === 1 && /\| grep [^|]*$/.test(command) && ran.stderr.trim() === "";
    if (ran.status !== 0 && !empty)
      world.failures.push(`${what}: ${command}: exit ${ran.status}: ${ran.stderr.trim().slice(-300)}`);
  }
}
