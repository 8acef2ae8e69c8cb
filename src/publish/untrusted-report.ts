import { UsageError } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import type { Acceptor, MergeSafety, ObjectFate } from "../contract/safety.ts";
import type { VerifyReport } from "../safety/verify.ts";
import {
  bool,
  commitId,
  count,
  list,
  type Maybe,
  maybe,
  oneOf,
  type Reader,
  record,
  text,
  word,
} from "./untrusted-values.ts";

/** A report is shorter; what is longer was made to keep somebody busy. */
export const MOST_BYTES = 8 << 20;

const VERDICTS = ["safe", "deletes", "unsafe", "unproven"] as const;
const FATES = ["kept", "adopted", "moved", "recreated", "orphaned", "deleted", "created", "unknown"] as const;

/**
 * Reads the JSON of `verify` as a stranger may have written it. Only what is known is kept, so nothing in the file can decide
 * anything but what the page says.
 * @throws UsageError `bad-report`, with the place in the file
 */
export function readUntrustedReport(json: string): VerifyReport {
  if (Buffer.byteLength(json) > MOST_BYTES) refuse("it is larger than a report is");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    refuse("it is no JSON");
  }
  try {
    return readReport(value, "");
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(why: string): never {
  const hint = "It has to be what 'fluxlift verify --format json' of this version wrote.";
  throw new UsageError("bad-report", `The report cannot be used: ${why}.`, hint);
}

const place = record({ file: text(4096), line: count, col: count });
const acceptor: Reader<Acceptor> = (value, at) => {
  const { how } = record({ how: oneOf(["flag", "config", "trailer"]) })(value, at);
  if (how === "config") return { how, ...record({ at: place })(value, at) };
  return how === "flag" ? { how } : { how, ...record({ commit: commitId, author: text(300) })(value, at) };
};

const finding = record({
  rule: word,
  level: oneOf(["info", "caution", "blocker"]),
  cluster: maybe(text(300)),
  resource: maybe(text(1000)),
  at: maybe(place),
  what: text(20_000),
  why: text(20_000),
  next: text(20_000),
});

const danger = record({
  resource: text(1000),
  outcome: oneOf(["deleted", "recreated"]),
  wanted: bool,
  rank: count,
  what: text(20_000),
  why: text(20_000),
  origin: maybe(record({ at: place, says: text(5000) })),
  chain: list(text(5000), 1000),
  at: maybe(place),
  accepted: maybe(oneOf([true])),
  acceptedBy: maybe(acceptor),
});

const unread = record({
  resources: list(text(1000), 10_000, 1),
  what: text(20_000),
  look: text(20_000),
  at: maybe(place),
  mayGo: maybe(list(text(1000), 10_000)),
  decides: maybe(oneOf([true])),
  accepted: maybe(oneOf([true])),
  acceptedBy: maybe(acceptor),
});

const transfer = record({
  from: maybe(text(1000)),
  to: maybe(text(1000)),
  outcome: oneOf(FATES),
  count,
  names: list(text(1000), 10_000),
});

const named = record({ count, names: list(text(1000), 10_000) });
const outcomes = record(
  Object.fromEntries(FATES.map((fate) => [fate, maybe(named)])) as Record<
    ObjectFate,
    Maybe<{ count: number; names: string[] }>
  >,
);

const safety = record({
  verdict: oneOf(VERDICTS),
  adopted: bool,
  outcomes,
  dangers: list(danger, 20_000),
  transfers: list(transfer, 20_000),
  unknown: list(unread, 20_000),
});

const readReport: Reader<VerifyReport> = (value, at) => {
  const read = record({
    tool: oneOf(["fluxlift"]),
    version: word,
    schema: oneOf([1]),
    base: record({ revision: text(1000), commit: commitId }),
    head: record({ revision: text(1000), commit: commitId }),
    merge: record({
      method: oneOf(["fast-forward", "merge", "contained", "unmerged"]),
      conflicts: list(text(4096), 20_000),
      refusal: maybe(text(5000)),
    }),
    changed: count,
    verdict: oneOf(VERDICTS),
    clusters: list(record({ cluster: text(300), safety }), 1000),
    findings: list(finding, 20_000),
  })(value, at);
  const findings = read.findings as Finding[];
  const clusters = read.clusters as { cluster: string; safety: MergeSafety }[];
  return { ...(read as Omit<VerifyReport, "safe">), findings, clusters, safe: read.verdict === "safe" };
};
