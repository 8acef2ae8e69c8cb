// Plans real trees that are written otherwise and say the same, and asks verify about the change of writing. See docs/corpus.md.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { globTest } from "../compare/shell.ts";
import { findingsOf, type Plan, plannedFiles } from "../corpus/gate/plan-json.ts";
import { CORPUS, NO_CORPUS } from "../corpus/places.ts";
import { commitAll, makeRepo, unpackState } from "../corpus/repo.ts";
import { planJson, runTool } from "../corpus/tool.ts";
import { VARIANTS, type Variant } from "./variants.ts";

const HELP = `usage: npm run reworded -- [options]
  --only GLOB      states whose name matches (repeatable)
  --variant NAME   ${Object.keys(VARIANTS).join(", ")} (repeatable; default all)
  --cli FILE       the built tool (default dist/fluxlift.js)
Exit 1 where a finding or a planned file differs, or verify does not call the change safe.`;

const project = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    variant: { type: "string", multiple: true },
    cli: { type: "string" },
    help: { type: "boolean" },
  },
});
const cli = resolve(options.cli ?? join(project, "dist/fluxlift.js"));
const FACTS = { branch: "main", branches: ["main"], url: undefined };
const FLAGS = ["--phase", "all", "--direct"];

function listYaml(dir: string): string[] {
  const all = readdirSync(dir, { recursive: true, withFileTypes: true });
  const files = all.filter((one) => one.isFile() && /\.ya?ml$/.test(one.name));
  return files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.includes("/.git/"));
}

function reword(dir: string, { change }: Variant): void {
  for (const path of listYaml(dir)) {
    const bytes = readFileSync(path);
    const text = bytes.toString("utf8");
    // What is no UTF-8 stays as it is.
    if (Buffer.from(text).equals(bytes)) writeFileSync(path, change(text));
  }
}

/** What a plan says, without its places in lines, and what it writes, without the other writing. */
function factsOf(plan: Plan, plain: Variant["plain"]): Set<string> {
  const findings = findingsOf(plan).map(({ level, rule, at }) => `${level} ${rule} ${at?.file ?? ""}`);
  const files = plan.phases.flatMap((phase) =>
    [...plannedFiles(phase)].map(([path, text]) => `${phase.phase} writes ${path}\n${plain(text ?? "")}`),
  );
  return new Set([...findings, ...files]);
}

function compare(origin: string, dir: string, variant: Variant): string[] {
  const [plainDir, otherDir] = [join(dir, "plain"), join(dir, "other")];
  makeRepo(origin, plainDir, FACTS);
  makeRepo(origin, otherDir, FACTS);
  reword(otherDir, variant);
  commitAll(otherDir, FACTS, "Write it otherwise");
  const [old, now] = [plainDir, otherDir].map((one) => planJson(cli, one, FLAGS));
  const said: string[] = [];
  if ("plan" in old! && "plan" in now!) {
    const [was, is] = [factsOf(old.plan, variant.plain), factsOf(now.plan, variant.plain)];
    const first = (text: string) => text.split("\n")[0];
    for (const one of was) if (!is.has(one)) said.push(`- ${first(one)}`);
    for (const one of is) if (!was.has(one)) said.push(`+ ${first(one)}`);
  } else if ("error" in old! !== "error" in now!)
    said.push(`one has no plan: ${JSON.stringify([old, now]).slice(0, 200)}`);
  if (variant.isDoubtful) return said;
  const { stdout } = runTool(cli, ["verify", otherDir, "--base", "HEAD~1", "--format", "json"]);
  if (stdout !== "") {
    const { verdict, findings } = JSON.parse(stdout) as { verdict: string; findings: Plan["findings"] };
    if (verdict !== "safe")
      said.push(
        `verify: ${verdict}: ${findings
          ?.map(({ what }) => what)
          .join(" ")
          .slice(0, 200)}`,
      );
  }
  return said;
}

function main(): number {
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const states = join(CORPUS, "states");
  if (!existsSync(states)) {
    process.stdout.write(`${NO_CORPUS}\n`);
    return 0;
  }
  const names = readdirSync(states).filter((file) => file.endsWith(".tar.gz"));
  const isMeant = globTest(options.only);
  const cache = join(project, ".cache/corpus");
  const chosen = options.variant ?? Object.keys(VARIANTS);
  let differing = 0;
  for (const file of names.filter((one) => isMeant(one.replace(/\.tar\.gz$/, "")))) {
    const origin = unpackState(join(states, file), cache);
    for (const name of chosen) {
      const variant = VARIANTS[name];
      if (!variant) throw new Error(`no variant ${name}\n${HELP}`);
      const dir = mkdtempSync(join(tmpdir(), "fluxlift-reworded-"));
      try {
        const said = compare(origin, dir, variant);
        if (said.length > 0) differing++;
        for (const line of said) process.stdout.write(`${file.replace(/\.tar\.gz$/, "")} ${name} ${line}\n`);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }
  }
  process.stdout.write(`${names.length} states, ${chosen.join(", ")}: ${differing} differ\n`);
  return differing > 0 ? 1 : 0;
}

process.exit(main());
