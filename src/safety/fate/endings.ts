import { diffFrozen } from "../../admission/immutable.ts";
import { ownerName, printKey, sayOwner } from "../../admission/key.ts";
import type { Refusal } from "../../admission/refusal.ts";
import { findRefusals, hasSchema, isMissing } from "../../admission/refused.ts";
import type { JoinedObject } from "../../change/comparison.ts";
import { isNeverApplied, setsMark } from "../../change/exclusions.ts";
import { isCopied } from "../../change/read.ts";
import { hasLiteralName, isLiteral, mayFill } from "../../change/refused-builds.ts";
import type { Settings } from "../../change/settings.ts";
import type { FluxSpec, Harm, OwnedObject, RefusedObject, Snapshot, StuckField } from "../../change/types.ts";
import type { Config, FluxHistory } from "../../change/variants.ts";
import type { YamlData } from "../../contract/objects.ts";
import type { FluxVersion } from "../../release/releases.ts";
import { findYounger } from "../operator/younger-fields.ts";
import { findSlips } from "../unknown/slips.ts";
import { findBare } from "./bare.ts";

/** An object as one FluxKustomization applies it in the end. */
export interface Ending {
  history: FluxHistory;
  spec: FluxSpec;
  object: OwnedObject;
}

const VARIABLE = /[^$]\$\{[A-Za-z_]/;

/**
 * What an object that comes to a FluxKustomization needs of it and does not get. Shell scripts hold what looks like a
 * variable: only what was filled in before is known to need it.
 * @param before configs of those that deliver it today
 */
export function findNeeds({ history, spec, object }: Ending, before: readonly Config[]): JoinedObject[] {
  const { at, body, encrypted } = object;
  if (!spec.data.isLocal || !at) return [];
  const note = (needs: JoinedObject["needs"]) => ({ name: ownerName(history.key), spec, file: at.file, needs });
  const { decryption, postBuild } = spec.data.spec;
  const wasFilled = before.some(({ spec: old, stage }) => stage === 0 && old.data.spec.postBuild !== undefined);
  const isFilled = postBuild !== undefined || !wasFilled || !VARIABLE.test(JSON.stringify(body ?? {}));
  return [
    ...(encrypted && decryption === undefined ? [note("decryption")] : []),
    ...(isFilled ? [] : [note("postBuild")]),
  ];
}

/** Fields of an object that stays which change and cannot; with `force` it is deleted and made anew instead. */
export function findStuck({ history, spec, object }: Ending, old: OwnedObject, { immutable }: Settings): StuckField[] {
  if (spec.suspend || spec.force || object.force) return [];
  const owner = ownerName(history.key);
  return diffFrozen(object.key, old.frozen, object.frozen, immutable).map((change) => ({
    ...{ key: object.key, owner, change },
    old: placeOf(old),
    now: placeOf(object),
  }));
}

/**
 * For what the API server refuses an object from now on, as one FluxKustomization applies it.
 * @param old as it is applied today: what it is refused for already is no business of the change
 * @param flux the Flux that runs in the end, where that is known
 * @param before the tree before the change
 */
export function findRefused(
  { history, spec, object }: Ending,
  old: OwnedObject | undefined,
  flux: FluxVersion | undefined,
  before?: Pick<Snapshot, "build">,
): RefusedObject[] {
  if (spec.suspend || !object.body) return [];
  const version = spec.remote === undefined ? flux : undefined;
  const common: YamlData = spec.data.spec.commonMetadata;
  // What was filled in before is told by the loss of postBuild.
  const isPlain = [spec, ...specsOf(history).before].every((one) => !mayFill(one));
  const list = (one: OwnedObject, asWritten = isPlain) => {
    const { body, isPart } = one;
    if (!body) return [];
    const isWhole = !isPart && !isCopied(one);
    const refusals = asWritten && isWhole && isLiteral(spec) ? findLiteral(body) : findRefusals(body, isWhole);
    const found = [...refusals, ...findYounger(body, version)];
    // It is read all the same, and marks that commonMetadata sets back or that are no text count for nothing.
    const isOut = !common && isNeverApplied(body.metadata, flux);
    return isOut ? found.filter(({ path }) => path[0] === "metadata" || path[0] === "apiVersion") : found;
  };
  const owner = ownerName(history.key);
  const say = (refusal: Refusal) => ({ key: object.key, owner, refusal, now: placeOf(object) });
  // Of other kinds it is only known what the same edit does to a known one.
  const slips = old?.body && !hasSchema(object.body) ? findSlips(old.body, object.body) : [];
  const bare = before ? findBare(object, old, spec, specsOf(history).before, before) : [];
  const isNew = isPlain && hasLiteralName(object);
  const own = [...bare, ...slips, ...(isNew && old?.key !== object.key ? [LITERAL] : [])];
  const found = list(object);
  if (found.length === 0) return own.map(say);
  const today = old ? list(old, isPlain && hasApplied(history, old, before)) : [];
  const known = new Set(today.map(idOf));
  // What was a fragment may be another one.
  const wasPart =
    today.some(isMissing) ||
    (old?.body?.spec === undefined && object.body.spec !== undefined && old?.body !== undefined);
  return [...own, ...found.filter((refusal) => !known.has(idOf(refusal)) && !(wasPart && isMissing(refusal)))].map(say);
}

/** Whether it is the FluxKustomization itself that applies an object today; another one may fill in its variables. */
function hasApplied(history: FluxHistory, { key }: OwnedObject, before: Pick<Snapshot, "build"> | undefined): boolean {
  const builds = specsOf(history).before.map((one) => before?.build(one));
  return builds.some((build) => build === undefined || (build.ok && build.objects.has(key)));
}

/** Stands in every variable that nothing fills in, so that it is read as the text that it is. */
const MARK = "\u200b";

/** With variables taken as they are written, since nothing fills them in: `storage: ${SIZE}` is no amount. */
function findLiteral(body: YamlData): Refusal[] {
  const text = JSON.stringify(body);
  if (!text.includes("${")) return findRefusals(body);
  const plain = (one: string) => one.replaceAll(MARK, "");
  const marked: YamlData = JSON.parse(text.replaceAll("${", `$${MARK}{`));
  // A name is told by itself.
  const found = findRefusals(marked).filter(
    ({ path: [first, second] }) => first !== "metadata" || !/^name/.test(String(second)),
  );
  return found.map((one) => ({
    ...one,
    path: one.path.map((step) => (typeof step === "string" ? plain(step) : step)),
    what: plain(one.what),
  }));
}

const LITERAL: Refusal = {
  path: ["metadata", "name"],
  what: "holds a variable, or the namespace does, and without spec.postBuild Flux fills in none",
};

/**
 * With all of its path, of which only a part is said. An item that the API server refuses is the same one when an item before
 * it goes; what Flux leaves out without a word is lost once more of each.
 */
function idOf({ path, what, drops }: Refusal): string {
  const steps = path.map((step) => (typeof step === "number" && !drops ? "*" : step));
  return JSON.stringify([steps, what]);
}

/** Protected by what its document says, and no more by the labels and annotations of its FluxKustomization. */
export function findUnprotected({ history, spec, object }: Ending, old: OwnedObject): Harm[] {
  if (!old.spared || object.spared || !object.at || !setsMark(spec.data.spec.commonMetadata)) return [];
  const [name, resource] = [sayOwner(ownerName(history.key)), printKey(object.key)];
  return [
    {
      resource,
      at: object.at,
      what: `${name} sets kustomize.toolkit.fluxcd.io/prune over what ${resource} says: it is protected no more.`,
      why: "commonMetadata goes over the labels and annotations of every object, so Flux may delete this one from then on.",
      next: "Take that key out of commonMetadata.",
    },
  ];
}

/** What a FluxKustomization is today, and in the end. */
export function specsOf({ configs }: FluxHistory): { before: FluxSpec[]; after: FluxSpec[] } {
  const at = (wanted: 0 | 2) =>
    configs.filter(({ stage, tree }) => stage === wanted && (wanted === 0 || tree === "after")).map(({ spec }) => spec);
  return { before: at(0), after: at(2) };
}

function placeOf({ at, doc = 0 }: OwnedObject): StuckField["old"] {
  return at && { file: at.file, doc };
}
