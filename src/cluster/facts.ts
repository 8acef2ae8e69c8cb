import { UsageError } from "../contract/errors.ts";
import type { Facts } from "../contract/options.ts";

const HINT = "Pass the output of preflight.sh as it is: `sh preflight.sh > facts.json`.";
const TEXTS = ["cluster", "fluxVersion", "sourceUrl"] as const;
const FLAGS = ["fluxInstanceReady", "adopted", "guardsReconciled"] as const;
const MAPS = ["storedVersions", "inventories"] as const;
const LISTS = ["suspended", "notAdopted", "notReady", "missing"] as const;

/**
 * Reads what `preflight.sh` printed: one JSON object, or an array of them, one a cluster. Unknown fields are ignored,
 * so that a newer script works with an older fluxlift.
 * @param where how to call the file in messages
 * @throws UsageError `bad-facts` with the field that is wrong.
 */
export function parseFacts(text: string, where = "the facts file"): Facts {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = text.trim() === "" ? "is empty" : `is not JSON (${(error as Error).message})`;
    throw new UsageError("bad-facts", `${where} ${reason}.`, HINT);
  }
  if (!Array.isArray(json)) return readFacts(json, where);
  const clusters: Record<string, Facts> = {};
  for (const [index, item] of json.entries()) {
    const facts = readFacts(item, `${where}, item ${index + 1}`);
    if (!facts.cluster) throw badField(where, `item ${index + 1} does not say which cluster it was measured on`);
    if (clusters[facts.cluster]) throw badField(where, `cluster ${JSON.stringify(facts.cluster)} occurs twice`);
    clusters[facts.cluster] = facts;
  }
  return { clusters };
}

/** The facts measured on one cluster. Facts that name no cluster hold for every cluster. */
export function factsFor(facts: Facts | undefined, cluster: string): Facts | undefined {
  if (!facts) return undefined;
  if (facts.clusters) return Object.hasOwn(facts.clusters, cluster) ? facts.clusters[cluster] : undefined;
  return facts.cluster === undefined || facts.cluster === cluster ? facts : undefined;
}

function readFacts(json: unknown, where: string): Facts {
  if (!isRecord(json)) throw badField(where, "holds no JSON object");
  const facts: Facts = {};
  for (const key of TEXTS) {
    const value = json[key];
    if (value === undefined) continue;
    if (typeof value !== "string" || value === "") throw badField(where, `"${key}" is not a text`);
    facts[key] = value;
  }
  for (const key of FLAGS) {
    const value = json[key];
    if (value === undefined) continue;
    if (typeof value !== "boolean") throw badField(where, `"${key}" is neither true nor false`);
    facts[key] = value;
  }
  for (const key of LISTS) {
    const value = json[key];
    if (value === undefined) continue;
    if (!isTextList(value)) throw badField(where, `"${key}" is not a list of texts`);
    facts[key] = value;
  }
  for (const key of MAPS) {
    const value = json[key];
    if (value !== undefined) facts[key] = readLists(value, key, where);
  }
  return facts;
}

function readLists(value: unknown, field: string, where: string): Record<string, string[]> {
  if (!isRecord(value)) throw badField(where, `"${field}" is not an object`);
  for (const [name, list] of Object.entries(value)) {
    if (!isTextList(list)) throw badField(where, `"${field}" of ${name} is not a list of texts`);
  }
  return value as Record<string, string[]>;
}

function badField(where: string, reason: string): UsageError {
  return new UsageError("bad-facts", `${where}: ${reason}.`, HINT);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
