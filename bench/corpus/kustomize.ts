import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { deliver } from "../../src/kustomize/index.ts";
import type { Delivery } from "../../src/kustomize/types.ts";
import type { Tree } from "../../src/workspace/tree.ts";
import { folderTree } from "./folder-tree.ts";

/**
 * Compares `deliver` with what the real kustomize 5.5 yields for every kustomization folder of the corpus.
 * Usage: tsx bench/corpus/kustomize.ts [folder with the unpacked states]; also FLUXLIFT_CORPUS_STATES.
 */
const corpus = resolve(import.meta.dirname, "../../../shared/corpus");
const bar = 0.995;

interface Recorded {
  state: string;
  dir: string;
  ok: boolean;
  ids?: [string, string, string, string][];
  error?: string;
}

/** Folders that build: same, different, unclaimed, refused. Folders that fail: agreed, unknown, false success. */
type Verdict = "same" | "different" | "unclaimed" | "refused" | "agreed" | "unknown" | "false success";

const states = locateStates();
const records = readRecords().sort((a, b) => (a.state < b.state ? -1 : a.state > b.state ? 1 : 0));
const counts = new Map<Verdict, number>();
const rest: string[] = [];
let current: { state: string; tree: Tree } | undefined;
const started = performance.now();
for (const record of records) {
  if (current?.state !== record.state) current = { state: record.state, tree: folderTree(join(states, record.state)) };
  const delivery = deliver(current.tree, record.dir);
  const { verdict, reason } = judge(record, delivery);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  if (verdict !== "same" && verdict !== "agreed") rest.push(`${verdict}: ${record.state} ${record.dir}: ${reason}`);
}
report();

function judge(record: Recorded, delivery: Delivery): { verdict: Verdict; reason: string } {
  if (!record.ok) {
    if (!delivery.ok) return { verdict: "agreed", reason: delivery.reason };
    const reason = record.error?.replaceAll(/\s+/g, " ").slice(0, 400) ?? "";
    if (delivery.unknowns.length > 0) return { verdict: "unknown", reason };
    return { verdict: "false success", reason };
  }
  if (!delivery.ok)
    return { verdict: "refused", reason: `${delivery.at.file}:${delivery.at.line}: ${delivery.reason}` };
  const wanted = (record.ids ?? []).map((id) => id.join(" "));
  const found = delivery.objects.map((one) => [one.apiVersion, one.kind, one.namespace, one.name].join(" "));
  const missing = wanted.filter((id) => !found.includes(id));
  const extra = found.filter((id) => !wanted.includes(id));
  if (missing.length + extra.length === 0 && wanted.length === found.length) return { verdict: "same", reason: "" };
  const reason = `missing [${missing.slice(0, 3).join("; ")}] extra [${extra.slice(0, 3).join("; ")}]`;
  const unknowns = delivery.unknowns.map(({ what }) => what).join("; ");
  return { verdict: unknowns === "" ? "different" : "unclaimed", reason: `${reason} ${unknowns}` };
}

function report(): void {
  const builds = records.filter(({ ok }) => ok).length;
  const count = (verdict: Verdict) => counts.get(verdict) ?? 0;
  const share = count("same") / builds;
  for (const line of rest.sort()) console.log(line);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`folders that build: ${builds}; identical: ${count("same")} (${(share * 100).toFixed(2)} %)`);
  console.log(
    `  different ${count("different")}, refused ${count("refused")}, said to be unknown ${count("unclaimed")}`,
  );
  console.log(`folders that fail: ${records.length - builds}; refused here too ${count("agreed")}`);
  console.log(`  said to be unknown ${count("unknown")}, false success ${count("false success")}; ${seconds} s`);
  if (share < bar || count("false success") > 0) process.exitCode = 1;
}

function readRecords(): Recorded[] {
  const text = gunzipSync(readFileSync(join(corpus, "kustomize-ids.jsonl.gz"))).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recorded);
}

/** The unpacked states: an argument, an environment variable, or unpacked once below `.cache`. */
function locateStates(): string {
  const given = process.argv[2] ?? process.env.FLUXLIFT_CORPUS_STATES;
  if (given !== undefined) return resolve(given);
  const target = resolve(import.meta.dirname, "../../.cache/corpus");
  for (const archive of readdirSync(join(corpus, "states"))) {
    if (existsSync(join(target, archive.replace(/\.tar\.gz$/, "")))) continue;
    mkdirSync(target, { recursive: true });
    execFileSync("tar", ["-xzf", join(corpus, "states", archive), "-C", target]);
  }
  return target;
}
