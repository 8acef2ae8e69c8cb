import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homeTree } from "../../test/verify/home-tree.ts";
import { Faults } from "./checks.ts";
import type { World } from "./world.ts";

const ROOT = join(import.meta.dirname, "../..");
const REPOSITORIES = 6;

/** deploy/github/fleet.yml: four jobs of a matrix take a part each, a fifth makes the page. */
export async function tryMatrix(world: World): Promise<string[]> {
  const faults = new Faults();
  const checkout = world.folder("matrix");
  const repositories = Array.from({ length: REPOSITORIES }, (_, index) => {
    const dir = world.folder(`estate/${index}`);
    world.write(dir, homeTree());
    world.git(dir, "init", "-q", "-b", "main");
    world.git(dir, "add", "-A");
    world.git(dir, "commit", "-qm", "First");
    return dir;
  });
  world.write(checkout, { "repos.txt": `${repositories.join("\n")}\n` });
  mkdirSync(join(checkout, ".github/workflows"), { recursive: true });
  const workflow = join(checkout, ".github/workflows/fleet.yml");
  cpSync(join(ROOT, "deploy/github/fleet.yml"), workflow);
  world.git(checkout, "init", "-q", "-b", "main");
  world.git(checkout, "add", "-A");
  world.git(checkout, "commit", "-qm", "First");

  const store = world.folder("artifacts");
  const { status, log } = await world.act({
    checkout,
    workflows: ".github/workflows",
    on: "workflow_dispatch",
    event: { repository: { full_name: "acme/estate" } },
    env: { NPM_CONFIG_USERCONFIG: world.jobEnv().NPM_CONFIG_USERCONFIG! },
    actions: standIns(world, readFileSync(workflow, "utf8"), checkout, store),
  });
  faults.expect(status === 0, "all five jobs pass", log.slice(-2000));
  const results = join(store, "fleet/fleet.jsonl");
  if (!existsSync(results)) return [...faults.list, "there are no results"];
  const lines = readFileSync(results, "utf8").trim().split("\n");
  const named = lines.map((line) => (JSON.parse(line) as { repo: string }).repo);
  faults.expect(named.join() === repositories.join(), "every repository is there, in the order of the list", named);
  const page = readFileSync(join(store, "fleet/fleet.html"), "utf8");
  faults.expect(page.includes(`${REPOSITORIES} repositories`), "the page counts them");
  const parts = [1, 2, 3, 4].filter((part) => existsSync(join(store, `part-${part}/part-${part}.jsonl`)));
  faults.expect(parts.length === 4, "each job has left its part", parts);
  return faults.list;
}

/** The actions of GitHub that the workflow uses, which are not to be had here: they copy from and to folders. */
function standIns(world: World, workflow: string, checkout: string, store: string): Record<string, string> {
  const runs: Record<string, string> = {
    checkout: `cp -R '${checkout}/.' .`,
    "upload-artifact": `mkdir -p "${store}/$NAME" && for one in $FILES; do cp $one "${store}/$NAME/"; done`,
    "download-artifact": `mkdir -p "$FILES" && cp '${store}'/part-*/* "$FILES/"`,
  };
  const used = [...workflow.matchAll(/uses: (actions\/([\w-]+)@\w+)/g)];
  return Object.fromEntries(
    used.map(([, address = "", name = ""]) => {
      const folder = world.folder(`actions/${name}`);
      writeFileSync(join(folder, "action.yml"), JSON.stringify(compositeAction(name, runs[name])));
      return [address, folder];
    }),
  );
}

function compositeAction(name: string, run: string | undefined) {
  if (run === undefined) throw new Error(`there is no stand-in for actions/${name}`);
  const inputs = Object.fromEntries(
    ["name", "path", "pattern", "merge-multiple", "persist-credentials"].map((input) => [input, { required: false }]),
  );
  const env = { NAME: "${{ inputs.name }}", FILES: "${{ inputs.path }}" };
  return { name, inputs, runs: { using: "composite", steps: [{ shell: "bash", env, run }] } };
}
