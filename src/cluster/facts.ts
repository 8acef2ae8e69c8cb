import { hideCredentialsIn } from "../contract/address.ts";
import { UsageError } from "../contract/errors.ts";
import type { Facts } from "../contract/options.ts";
import { isMap } from "../yaml/is-map.ts";

const HINT = "Pass the output of preflight.sh as it is: `sh preflight.sh > facts.json`.";

/** What is wrong with the value of a field: the end of a sentence that starts with the field. */
type Check = (value: unknown) => string | undefined;

const isTextList = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string");
const text: Check = (value) => (typeof value === "string" && value !== "" ? undefined : " is not a text");
const flag: Check = (value) => (typeof value === "boolean" ? undefined : " is neither true nor false");
const list: Check = (value) => (isTextList(value) ? undefined : " is not a list of texts");
const lists: Check = (value) => {
  if (!isMap(value)) return " is not an object";
  const wrong = Object.keys(value).find((name) => !isTextList(value[name]));
  return wrong === undefined ? undefined : ` of ${wrong} is not a list of texts`;
};

const FIELDS: Readonly<Record<Exclude<keyof Facts, "clusters">, Check>> = {
  ...{ cluster: text, fluxVersion: text, sourceUrl: text },
  ...{ fluxInstanceReady: flag, adopted: flag, guardsReconciled: flag },
  ...{ suspended: list, notAdopted: list, notReady: list, missing: list },
  ...{ storedVersions: lists, inventories: lists },
};

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
  const clusters = new Map<string, Facts>();
  for (const [index, item] of json.entries()) {
    const facts = readFacts(item, `${where}, item ${index + 1}`);
    if (!facts.cluster) throw badField(where, `item ${index + 1} does not say which cluster it was measured on`);
    if (clusters.has(facts.cluster)) throw badField(where, `cluster ${JSON.stringify(facts.cluster)} occurs twice`);
    clusters.set(facts.cluster, facts);
  }
  return { clusters: Object.fromEntries(clusters) };
}

/** The facts measured on one cluster. Facts that name no cluster hold for every cluster. */
export function factsFor(facts: Facts | undefined, cluster: string): Facts | undefined {
  if (!facts) return undefined;
  if (facts.clusters) return Object.hasOwn(facts.clusters, cluster) ? facts.clusters[cluster] : undefined;
  return facts.cluster === undefined || facts.cluster === cluster ? facts : undefined;
}

function readFacts(json: unknown, where: string): Facts {
  if (!isMap(json)) throw badField(where, "holds no JSON object");
  const given = Object.entries(FIELDS).filter(([key]) => json[key] !== undefined);
  for (const [key, check] of given) {
    const wrong = check(json[key]);
    if (wrong !== undefined) throw badField(where, `"${key}"${wrong}`);
  }
  // The address of the source may hold a password, and plans that are saved hold the facts.
  return hideCredentialsIn(Object.fromEntries(given.map(([key]) => [key, json[key]])));
}

function badField(where: string, reason: string): UsageError {
  return new UsageError("bad-facts", `${where}: ${reason}.`, HINT);
}
