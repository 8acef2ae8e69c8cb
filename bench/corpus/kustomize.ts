import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { deliver } from "../../src/delivery/kustomize/index.ts";
import type { Delivery } from "../../src/delivery/kustomize/types.ts";
import type { Tree } from "../../src/files/tree.ts";
import { folderTree } from "./folder-tree.ts";
import { openSnapshot, type Snapshot } from "./gate/snapshot.ts";
import { AnswerCache, contentOf } from "./kustomize-cache.ts";
import { CORPUS } from "./places.ts";
import { unpackState } from "./repo.ts";
import { hashOfCode } from "./sources.ts";

/**
 * Compares `deliver` with what the real kustomize 5.5 yields for every kustomization folder of the corpus. Answers are kept
 * by the content of the folder, as long as the code that gives them stays the same.
 * Usage: tsx bench/corpus/kustomize.ts [folder with the unpacked states]; also FLUXLIFT_CORPUS_STATES.
 */
const project = resolve(import.meta.dirname, "../..");
const cache = join(project, ".cache/corpus");
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

/** What is kept of a delivery. */
type Kept = { ok: true; ids: string[]; unknowns: string[] } | { ok: false; place: string; reason: string };

const answers = new AnswerCache<Kept>(
  join(cache, "answers"),
  hashOfCode(resolve(import.meta.dirname, "../../src/delivery/kustomize/index.ts")),
);
const records = readRecords().sort((a, b) => (a.state < b.state ? -1 : a.state > b.state ? 1 : 0));
const counts = new Map<Verdict, number>();
const rest: string[] = [];
let current: { state: string; snapshot: Snapshot; tree: () => Tree } | undefined;
const started = performance.now();
for (const record of records) {
  if (current?.state !== record.state) current = open(record.state);
  const { snapshot, tree } = current;
  const kept = answers.get(contentOf(snapshot, record.dir), () => keep(deliver(tree(), record.dir)));
  const { verdict, reason } = judge(record, kept);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  if (verdict !== "same" && verdict !== "agreed") rest.push(`${verdict}: ${record.state} ${record.dir}: ${reason}`);
}
report();

/** A state, read only as far as something has to be asked. */
function open(state: string): { state: string; snapshot: Snapshot; tree: () => Tree } {
  const dir = locateState(state);
  let tree: Tree | undefined;
  return {
    state,
    snapshot: openSnapshot(dir),
    tree: () => {
      tree ??= folderTree(dir);
      return tree;
    },
  };
}

function keep(delivery: Delivery): Kept {
  if (!delivery.ok) return { ok: false, place: `${delivery.at.file}:${delivery.at.line}`, reason: delivery.reason };
  const ids = delivery.objects.map((one) => [one.apiVersion, one.kind, one.namespace, one.name].join(" "));
  return { ok: true, ids, unknowns: delivery.unknowns.map(({ what }) => what) };
}

function judge(record: Recorded, delivery: Kept): { verdict: Verdict; reason: string } {
  if (!record.ok) {
    if (!delivery.ok) return { verdict: "agreed", reason: delivery.reason };
    const reason = record.error?.replaceAll(/\s+/g, " ").slice(0, 400) ?? "";
    if (delivery.unknowns.length > 0) return { verdict: "unknown", reason };
    return { verdict: "false success", reason };
  }
  if (!delivery.ok) return { verdict: "refused", reason: `${delivery.place}: ${delivery.reason}` };
  const wanted = (record.ids ?? []).map((id) => id.join(" "));
  const found = delivery.ids;
  const missing = wanted.filter((id) => !found.includes(id));
  const extra = found.filter((id) => !wanted.includes(id));
  if (missing.length + extra.length === 0 && wanted.length === found.length) return { verdict: "same", reason: "" };
  const reason = `missing [${missing.slice(0, 3).join("; ")}] extra [${extra.slice(0, 3).join("; ")}]`;
  const unknowns = delivery.unknowns.join("; ");
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
  const text = gunzipSync(readFileSync(join(CORPUS, "kustomize-ids.jsonl.gz"))).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recorded);
}

/** Folder of an unpacked state: below one that an argument or a variable names, else unpacked once below `.cache`. */
function locateState(state: string): string {
  const given = process.argv[2] ?? process.env.FLUXLIFT_CORPUS_STATES;
  return given ? join(resolve(given), state) : unpackState(join(CORPUS, "states", `${state}.tar.gz`), cache);
}
