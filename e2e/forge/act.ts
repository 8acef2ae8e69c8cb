import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Processes } from "../world/processes.ts";

export interface Job {
  /** A clone with the pull request checked out, as a runner has it. */
  checkout: string;
  event: unknown;
  secrets?: Record<string, string>;
  env: Record<string, string>;
  /** Actions that lie in a folder of this machine: `address@ref` to folder. */
  actions: Record<string, string>;
  /** `pull_request` unless told. */
  on?: string;
  /** Folder of the workflows in the checkout, `.gitea/workflows` unless told. */
  workflows?: string;
}

/**
 * Runs the workflows of a checkout with `act`, on this machine and without containers. It sets what a runner of GitHub sets;
 * what Gitea's says besides is in `env`.
 */
export async function runWorkflows(
  processes: Processes,
  act: string,
  scratch: string,
  { checkout, event, secrets = {}, env, actions, on = "pull_request", workflows = ".gitea/workflows" }: Job,
): Promise<{ status: number | null; log: string }> {
  const dir = join(scratch, "act");
  mkdirSync(dir, { recursive: true });
  const eventFile = join(dir, "event.json");
  const secretFile = join(dir, "secrets");
  writeFileSync(eventFile, JSON.stringify(event));
  writeFileSync(
    secretFile,
    Object.entries(secrets)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  const list = (flag: string, values: Record<string, string>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const ended = await processes.run(
    act,
    [
      ...[
        ...[on, "-C", checkout, "-W", workflows, "-e", eventFile],
        ...["-P", "ubuntu-latest=-self-hosted", "-P", "ubuntu-24.04=-self-hosted"],
      ],
      ...["--secret-file", secretFile, "--no-cache-server", "--action-cache-path", join(dir, "cache")],
      ...list("--env", env),
      ...list("--local-repository", actions),
    ],
    { env: { PATH: process.env.PATH ?? "", HOME: dir, XDG_CACHE_HOME: join(dir, "xdg") } },
  );
  return { status: ended.status, log: `${ended.stdout}${ended.stderr}` };
}
