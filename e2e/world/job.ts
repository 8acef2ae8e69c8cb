import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { toolsOf } from "./runbook.ts";
import type { World } from "./world.ts";

/** A workflow as far as the publish job needs it. */
interface Workflow {
  on?: { push?: { branches?: string[] } };
  jobs: Record<string, { steps: { name?: string; uses?: string; run?: string; env?: Record<string, string> }[] }>;
}

export interface JobOptions {
  /** Path of the workflow in the repository. */
  file: string;
  /** Branch the commit was pushed to. */
  branch: string;
  secrets: Record<string, string>;
}

/** Actions that only bring a program along, which is the bench's own. */
const SETUP = /(^|\/)(fluxcd\/flux2\/action|sigstore\/cosign-installer)@/;
const CHECKOUT = /(^|\/)actions\/checkout@/;

/**
 * The job downloads cosign where no action brings it. The bench has no network, so its own cosign is put where the job
 * wants the download.
 */
const WGET = `#!/bin/sh
set -e
case "$1 $3" in
  "-qO https://github.com/sigstore/cosign/releases/download/"*) cp "$(command -v cosign)" "$2" ;;
  *) echo "wget: nothing here stands in for $3" >&2; exit 4 ;;
esac
`;
const DOWNLOADED = "/tmp/cosign";

/**
 * Runs the steps of a workflow as a runner would: a clean checkout of the newest commit, each script by `bash -e` with
 * the environment of its step. A step that fails is a failure of the run, and ends the job.
 */
export async function runJob(world: World, { file, branch, secrets }: JobOptions): Promise<boolean> {
  const commit = world.repo.head();
  const name = `publish of ${branch}`;
  const fail = (what: string) => {
    world.failures.push(`${name}: ${what}`);
    world.log(`    ${name}: ${what}`);
    return false;
  };
  const workflow = parse(world.repo.read(file)) as Workflow;
  if (!workflow.on?.push?.branches?.includes(branch)) return fail(`${file} does not follow ${branch}`);
  const dir = join(world.dir, `job-${commit.slice(0, 12)}-${branch}`);
  rmSync(dir, { recursive: true, force: true });
  const bin = join(world.dir, "job-bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "wget"), WGET);
  chmodSync(join(bin, "wget"), 0o755);
  const had = existsSync(DOWNLOADED);
  const env = {
    ...world.outside,
    HOME: world.dir,
    PATH: `${bin}:${toolsOf(world)}:${process.env.PATH}`,
    GITHUB_SHA: commit,
    GITHUB_REF_NAME: branch,
    GITHUB_SERVER_URL: "https://git.example.org",
    GITHUB_REPOSITORY: "acme/fleet",
  };
  try {
    for (const step of Object.values(workflow.jobs).flatMap((job) => job.steps)) {
      if (step.uses && CHECKOUT.test(step.uses)) world.repo.checkout(dir);
      else if (step.uses && !SETUP.test(step.uses)) return fail(`no stand-in for ${step.uses}`);
      if (!step.run) continue;
      const given = Object.entries(step.env ?? {}).map(([key, value]) => [key, fill(value, secrets)]);
      const script = ["-e", "-o", "pipefail", "-c", step.run];
      const ran = await world.processes.run("timeout", ["180", "bash", ...script], {
        cwd: dir,
        env: { ...env, ...Object.fromEntries(given) },
      });
      world.log(`    job: ${step.name ?? step.run.slice(0, 60)} -> ${ran.status}`);
      if (ran.status !== 0) return fail(`${step.name}: exit ${ran.status}: ${ran.stderr.trim().slice(-600)}`);
    }
    return true;
  } finally {
    if (!had) rmSync(DOWNLOADED, { force: true });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Replaces `${{ secrets.NAME }}`. Throws for what nobody set, where a forge would give nothing. */
export function fill(value: string, secrets: Record<string, string>): string {
  return String(value).replaceAll(/\$\{\{\s*secrets\.(\w+)\s*\}\}/g, (_, name: string) => {
    const known = secrets[name];
    if (known === undefined) throw new Error(`the job wants secret ${name}`);
    return known;
  });
}
