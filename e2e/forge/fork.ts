import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Faults, readComments, readStatuses } from "./checks.ts";
import { anywhereLines, commentScript } from "./recipes.ts";
import type { World } from "./world.ts";

/** A namespace goes while its app stays; and the change accepts that itself. */
const HARM = {
  "kubernetes/apps/media/kustomization.yaml": "resources: [player/ks.yaml]\n",
  "fluxlift.config.yaml": "verify:\n  accept: [Namespace media]\n  unproven: pass\n",
};

/** A stranger's pull request: it breaks the tree, and brings all that could make a job start something of its own. */
export async function tryFork(world: World): Promise<string[]> {
  const faults = new Faults();
  const trap = await setTrap(world.folder("trap"));
  try {
    await world.gitea.ask(world.stranger, "POST", "/repos/acme/fleet/forks", {});
    const dir = world.clone("stranger", "fork", world.stranger);
    world.git(dir, "rm", "-q", "kubernetes/apps/media/namespace.yaml");
    world.write(dir, { ...trap.files, ...HARM });
    const head = world.push(dir, "feature");
    const pull = await world.openPull(world.stranger, "stranger:feature");

    const read = await world.runWorkflows("fork-run", pull);
    faults.expect(read.status === 1, "the run without secrets has the verdict", read.log.slice(-2000));
    faults.expect((await readComments(world, pull)).length === 0, "and comments nothing");
    const report = /set-output:: reports=(\S+)/.exec(read.log)?.[1] ?? "";
    faults.expect(existsSync(join(report, "report.json")), "it keeps the report", report);

    const folder = world.folder("comment");
    writeFileSync(join(folder, "event.json"), JSON.stringify(runOf(head)));
    const env = {
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_TOKEN: world.bot,
      RUNNER_TEMP: world.folder("tmp"),
    };
    const said = await world.runScript(`ln -s '${report}' report\n${commentScript()}`, folder, env);
    faults.expect(said.status === 0, "the second workflow comments", said.log);
    const [first] = await readComments(world, pull);
    faults.expect(first?.body.includes("its author can change") === true, "and says whose word it is", first);
    faults.expect(first?.body.includes("not safe to merge") === true, "with the verdict", first);
    faults.expect((await readStatuses(world, head)).join() === "failure", "the status is red");

    const judged = await world.runTrusted("trusted", pull, { FLUXLIFT_TOKEN: world.bot });
    faults.expect(judged.status === 1, "a workflow that judges by itself has the verdict", judged.log.slice(-2000));
    const clone = world.checkout("accepting", pull);
    const lines = anywhereLines(world.folder("anywhere"));
    const asked = await world.runScript(`${lines.trimEnd()} --accept 'Namespace media'`, clone, { RUNNER_TEMP: clone });
    faults.expect(asked.status === 0, "what the change accepts for itself would be enough, if it counted", asked.log);
    const [now, ...more] = await readComments(world, pull);
    faults.expect(now?.id === first?.id && more.length === 0, "and edits the same comment", more);
    faults.expect(now?.body.includes("its author can change") === false, "without the warning", now);
    faults.expect(trap.sprung().length === 0, "nothing of the pull request ran", trap.sprung());

    world.write(dir, trap.workflows);
    const changed = world.push(dir, "workflow");
    const second = await world.openPull(world.stranger, "stranger:workflow");
    // What the fork brings waits for a person; of the branch its own workflow runs, as it is there.
    const runs = await readRuns(world, second);
    const expected = ["queued verify", "waiting evil", "waiting evil"];
    faults.expect(runs.join("; ") === expected.join("; "), "Gitea runs nothing of a changed workflow", runs);
    const trusted = await world.runTrusted("trusted-2", second, { FLUXLIFT_TOKEN: world.bot });
    faults.expect(trusted.status === 1, "a changed workflow has no say", trusted.log.slice(-2000));
    faults.expect((await readStatuses(world, changed)).join() === "failure", "its status is red");
    faults.expect((await readComments(world, second)).length === 1, "it has a comment");
    faults.expect(trap.sprung().length === 0, "nothing of a changed workflow ran", trap.sprung());
  } finally {
    trap.close();
  }
  return faults.list;
}

/** The event that makes the second workflow begin. */
function runOf(head: string) {
  const head_repository = { owner: { login: "stranger" } };
  return { workflow_run: { event: "pull_request", head_sha: head, head_branch: "feature", head_repository } };
}

interface Run {
  id: number;
  status: string;
  path: string;
}

/** What Gitea has started for a pull request of a fork, and what it waits with: `status jobs`. */
async function readRuns(world: World, pull: number): Promise<string[]> {
  const at = "/repos/acme/fleet/actions/runs";
  const { workflow_runs: runs } = await world.gitea.ask(world.owner, "GET", `${at}?limit=50`);
  const ours = (runs as Run[]).filter(({ path }) => path.includes(`/pull/${pull}/`));
  const said = ours.map(async ({ id, status }) => {
    const { jobs } = await world.gitea.ask(world.owner, "GET", `${at}/${id}/jobs`);
    return `${status} ${jobs.map(({ name }: { name: string }) => name).join()}`;
  });
  return (await Promise.all(said)).sort();
}

/** Files that leave a mark if anything in them is started, and a registry that nobody should ask. */
async function setTrap(folder: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const mark = (name: string) => `touch '${join(folder, name)}'`;
  const program = (name: string) => `#!/bin/sh\n${mark(name)}\n`;
  const files: Record<string, string> = {
    ".npmrc": `registry=http://127.0.0.1:${(server.address() as AddressInfo).port}/\nnode-options=--require=./evil.js\n`,
    "evil.js": `require("fs").writeFileSync(${JSON.stringify(join(folder, "evil-js"))}, "");\n`,
    "package.json": JSON.stringify({
      name: "fluxlift",
      scripts: { preinstall: mark("preinstall"), prepare: mark("prepare") },
    }),
    "transforms/own.mjs": `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(join(folder, "transform"))}, "");\nexport default {};\n`,
    "fluxlift.config.mjs": 'import own from "./transforms/own.mjs";\nexport default { transforms: [own] };\n',
    ".gitattributes": "* filter=evil diff=evil merge=evil\n",
    "fluxlift.config.js": `require("fs").writeFileSync(${JSON.stringify(join(folder, "config-js"))}, "");\nmodule.exports = {};\n`,
    "fluxlift.config.ts": `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(join(folder, "config-ts"))}, "");\nexport default {};\n`,
    ".envrc": mark("envrc"),
  };
  for (const name of ["node", "npm", "git", "fluxlift"]) files[`node_modules/.bin/${name}`] = program(name);
  const job = { "runs-on": "ubuntu-latest", steps: [{ run: mark("workflow") }] };
  const workflow = (on: string) => JSON.stringify({ name: "fluxlift", on, jobs: { evil: job } });
  return {
    files,
    /** The workflow as the fork would have it, and one that asks for the rights of the branch. */
    workflows: {
      ".gitea/workflows/fluxlift.yaml": workflow("pull_request"),
      ".gitea/workflows/forks.yaml": workflow("pull_request_target"),
      ".gitea/workflows/more.yaml": workflow("pull_request"),
      "action.yml": JSON.stringify({
        name: "x",
        runs: { using: "composite", steps: [{ run: mark("action"), shell: "sh" }] },
      }),
    },
    sprung: () => [...readdirSync(folder), ...asked],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
