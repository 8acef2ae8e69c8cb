import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Faults, readComments, readStatuses } from "./checks.ts";
import { forkScripts } from "./recipes.ts";
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
    const { comment, judge } = forkScripts();
    const said = await world.runScript(`ln -s '${report}' report\n${comment}`, folder, env);
    faults.expect(said.status === 0, "the second workflow comments", said.log);
    const [first] = await readComments(world, pull);
    faults.expect(first?.body.includes("its author can change") === true, "and says whose word it is", first);
    faults.expect(first?.body.includes("not safe to merge") === true, "with the verdict", first);
    faults.expect((await readStatuses(world, head)).join() === "failure", "the status is red");

    const clone = world.clone("acme", "trusted", world.owner);
    const own = { ...env, BASE_BRANCH: "main", HEAD_COMMIT: head };
    const judged = await world.runScript(`git fetch -q origin refs/pull/${pull}/head\n${judge}`, clone, own);
    faults.expect(judged.status === 1, "a workflow that judges by itself has the verdict", judged.log);
    const asked = await world.runScript(`${judge.trimEnd()} --accept 'Namespace media'`, clone, {
      ...own,
      GITHUB_TOKEN: "",
    });
    faults.expect(asked.status === 0, "what the change accepts for itself would be enough, if it counted", asked.log);
    const [now, ...more] = await readComments(world, pull);
    faults.expect(now?.id === first?.id && more.length === 0, "and edits the same comment", more);
    faults.expect(now?.body.includes("its author can change") === false, "without the warning", now);
    faults.expect(trap.sprung().length === 0, "nothing of the pull request ran", trap.sprung());
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
    "fluxlift.config.js": `require("fs").writeFileSync(${JSON.stringify(join(folder, "config-js"))}, "");\nmodule.exports = {};\n`,
    "fluxlift.config.ts": `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(join(folder, "config-ts"))}, "");\nexport default {};\n`,
    ".envrc": mark("envrc"),
  };
  for (const name of ["node", "npm", "git", "fluxlift"]) files[`node_modules/.bin/${name}`] = program(name);
  return {
    files,
    sprung: () => [...readdirSync(folder), ...asked],
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
