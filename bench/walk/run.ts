// Plays the whole way of an owner on trees of the corpus, from the packed tarball: only what an output names is run.
// Use: npm run walk [-- STATE…]; --full prints every output; --bin FILE plays another build than a fresh tarball; --columns 80
// shows the outputs to a terminal of that width (by util-linux's `script`) and fails where a line of text is wider.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { playWay, type Scene, type Walk } from "../../scripts/walk/play.ts";
import { unpackState } from "../corpus/repo.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const SHARED = process.env.FLUXLIFT_SHARED ?? resolve(PROJECT, "../shared");
const CACHE = process.env.FLUXLIFT_CACHE ?? join(PROJECT, ".cache");

/** One of each style, and three with several clusters. The names pick inputs only. */
const STATES = [
  "bluevulpine__flux-talos__before",
  "thaynes43__haynes-ops__live",
  "onedr0p__home-ops__before",
  "DimmyJing__personal__live",
  "CloudHub-Social__CloudHub-Cluster__live",
  "Informasjonsforvaltning__fdk-infra__live",
  "trosvald__home-cluster__live",
  "Serubin__flux-infra__live",
  "Mohitsharma44__homeops__before",
  "FelixDobler__kubernetes__live",
  "AlinaNova21__home-ops__before",
];

const { values, positionals } = parseArgs({
  options: { full: { type: "boolean" }, bin: { type: "string" }, columns: { type: "string" } },
  allowPositionals: true,
});
const columns = values.columns === undefined ? undefined : Number(values.columns);
const bin = values.bin ? resolve(values.bin) : packBin();
let failed = 0;
for (const state of positionals.length > 0 ? positionals : STATES) {
  const archive = join(SHARED, "corpus/states", `${state}.tar.gz`);
  if (!existsSync(archive)) throw new Error(`${archive} is not there`);
  const tree = unpackState(archive, join(CACHE, "walk"));
  try {
    const walk = playWay({ tree, bin, ...askSource(tree), ...(columns === undefined ? {} : { columns }) });
    report(state, walk);
  } catch (error) {
    failed += 1;
    console.log(`✗ ${state}: ${error instanceof Error ? error.message : error}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;

function report(state: string, { steps, end }: Walk): void {
  const own = steps.filter(({ by }) => by === "owner");
  const merges = steps.length - own.length;
  const broken = own.filter(({ code }) => code === 2);
  failed += end === "done" && broken.length === 0 ? 0 : 1;
  const longest = Math.max(...own.map(({ command, output }) => (isFluxlift(command) ? countLines(output) : 0)));
  const mark = end === "done" && broken.length === 0 ? "✔" : "✗";
  console.log(`${mark} ${state}: ${end}, ${own.length} commands, ${merges} merges, longest output ${longest} lines`);
  for (const { command, output, code, diff } of values.full ? steps : broken) {
    console.log(`\n$ ${command}  [exit ${code}${diff > 0 ? `, diff of ${diff} lines` : ""}]`);
    if (isFluxlift(command)) console.log(output.trimEnd());
  }
  const last = own.findLast(({ command }) => isFluxlift(command));
  if (end !== "done" && !values.full) console.log(`$ ${last?.command}\n${last?.output}`);
}

function isFluxlift(command: string): boolean {
  return command.startsWith("fluxlift");
}

function countLines(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** Where Flux reads a tree from, so that the checkout has the branch and the remote of it. */
function askSource(tree: string): Pick<Scene, "remote" | "branch" | "branches"> {
  const { stdout } = spawnSync(bin, ["scan", "--format", "json", tree], { encoding: "utf8", maxBuffer: 1 << 28 });
  const { clusters } = JSON.parse(stdout) as {
    clusters: { detected: { source?: { url: string; ref: string } } }[];
  };
  const sources = clusters.flatMap(({ detected }) => detected.source ?? []);
  const branches = sources.flatMap(({ ref }) => /^branch (.+)$/.exec(ref)?.[1] ?? []);
  const branch = branches.find((name) => name === "main" || name === "master") ?? branches[0] ?? "main";
  const others = [...new Set(branches)].filter((name) => name !== branch);
  const url = sources.find((source) => source.url !== "")?.url;
  return { remote: url ?? "https://github.com/example/fleet.git", branch, branches: others };
}

/** The program as an owner gets it. */
function packBin(): string {
  const folder = join(CACHE, "walk/pack");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: PROJECT, stdio: "pipe" });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  execFileSync("tar", ["xzf", tarball], { cwd: folder });
  return join(folder, "package/dist/fluxlift.js");
}
