import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { editYaml } from "../../src/yaml/edit.ts";
import { extractItem } from "../../src/yaml/extract.ts";
import { locate } from "../../src/yaml/locate.ts";
import { readYaml } from "../../src/yaml/read.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { CORPUS } from "./places.ts";
import { judgeEdit } from "./yaml/judge.ts";
import { pickOp, seededRandom } from "./yaml/pick.ts";

/**
 * Runs the YAML editor over every YAML file of the corpus: a no-op must give the same bytes, and one random edit per file
 * must change its own lines only and mean exactly what was asked.
 * Usage: tsx bench/corpus/yaml.ts [folder with the unpacked states] [seed]; also FLUXLIFT_CORPUS_STATES. Exit 1 on failures.
 */
const archives = join(CORPUS, "states");
const folder = locateStates();
const seed = process.argv[3] ?? "1";
const counts = new Map<string, number>();
const refusals = new Map<string, number>();
const failures: string[] = [];
const started = performance.now();
if (folder) for (const path of yamlFiles(folder)) checkFile(path);
report();

function locateStates(): string | undefined {
  const given = process.argv[2] ?? process.env.FLUXLIFT_CORPUS_STATES;
  if (given) return resolve(given);
  const target = resolve(import.meta.dirname, "../../.cache/corpus");
  if (!existsSync(archives)) return existsSync(target) ? target : undefined;
  mkdirSync(target, { recursive: true });
  for (const archive of readdirSync(archives)) {
    if (!archive.endsWith(".tar.gz") || existsSync(join(target, archive.slice(0, -7)))) continue;
    execFileSync("tar", ["-xzf", join(archives, archive), "-C", target]);
  }
  return target;
}

function yamlFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function checkFile(path: string): void {
  const name = path.slice(folder!.length + 1);
  const text = readFileSync(path, "utf8");
  count("files");
  const parsed = readYaml(text);
  const same = editYaml(text, []);
  if (!parsed.ok || !same.ok) {
    count(parsed.ok && !same.ok ? same.reason.replace(/;.*/, "") : "do not parse");
    return;
  }
  if (same.text !== text || same.ranges.length > 0) fail(name, undefined, "a no-op changed the text");
  else count("no-op identical");
  const docs = parsed.docs.map((doc) => doc.data);
  const op = pickOp(docs, seededRandom(`${seed} ${name}`));
  if (!op) {
    count("nothing to edit");
    return;
  }
  count("edits");
  checkPlaces(name, text, docs, op);
  const edit = editYaml(text, [op]);
  if (!edit.ok) {
    count("refused");
    const reason = edit.reason.replace(/&\S+|\*\S+/, "x");
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    if (edit.reason.startsWith("fluxlift cannot")) fail(name, op, `${edit.line}:${edit.col}: ${edit.reason}`);
    return;
  }
  const wrong = judgeEdit(text, docs, op, edit);
  if (wrong) fail(name, op, wrong);
  else count("edits right");
}

/** Reads the same place back through `locate` and `extractItem`. */
function checkPlaces(name: string, text: string, docs: readonly unknown[], op: YamlOp): void {
  if (!("path" in op) || op.path.length === 0) return;
  const value = op.path.reduce(
    (at: unknown, part) => (at as Record<string | number, unknown> | undefined)?.[part],
    docs[op.doc],
  );
  if (value === undefined) return;
  if (!locate(text, op.doc, op.path)) fail(name, op, "locate does not find the place");
  const item = extractItem(text, op.doc, op.path);
  if (item === undefined) return;
  count("extracted");
  const again = readYaml(item);
  const got = again.ok ? JSON.stringify(again.docs[0]?.data ?? null) : again.reason;
  if (got !== JSON.stringify(value ?? null)) fail(name, op, `extractItem gives ${got.slice(0, 80)}`);
}

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function fail(name: string, op: YamlOp | undefined, what: string): void {
  failures.push(`${name}: ${op ? JSON.stringify(op).slice(0, 200) : "no-op"}: ${what}`);
}

function report(): void {
  if (!folder) {
    console.log("no corpus here: skipped");
    return;
  }
  for (const failure of failures.slice(0, 60)) console.log(failure);
  for (const [what, times] of counts) console.log(`${String(times).padStart(7)} ${what}`);
  for (const [reason, times] of refusals) console.log(`${String(times).padStart(7)} refused: ${reason}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${String(failures.length).padStart(7)} failures, seed ${seed}, ${seconds} s`);
  if (failures.length > 0) process.exitCode = 1;
}
