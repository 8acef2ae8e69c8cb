import { type ObjectKey, ownerName, printKey, sayOwner, splitKey } from "../../admission/key.ts";
import { isNamedFreely, mayFill } from "../../change/refused-builds.ts";
import type { OpenPoint, Outcome, OwnedObject } from "../../change/types.ts";
import type { Course } from "../../change/variants.ts";
import { groupBy } from "../../contract/group-by.ts";
import { findTakenOver } from "../fate/taken-over.ts";

/**
 * Objects whose fate hangs on what cannot be seen here.
 * @param oldOf an object as it is applied today
 */
export function findDoubtful(
  outcomes: readonly Outcome[],
  oldOf: (key: ObjectKey) => OwnedObject | undefined,
  { histories, settings }: Course,
): OpenPoint[] {
  const literal = new Set(
    [...histories.values()].flatMap(({ key, configs }) => {
      const last = configs.filter(({ stage }) => stage === 2);
      return last.length === 0 || last.some(({ spec }) => mayFill(spec)) ? [] : [ownerName(key)];
    }),
  );
  return [...findTwins(outcomes, literal), ...findTakenOver(outcomes, oldOf, settings)];
}

/**
 * Objects that go by one name and may be made by another: `${CLAIM}` in one tree and `player` in the other may be the same
 * object, whichever side the variable is on. Their fate is not known. Errs towards the same object.
 * @param literal names of FluxKustomizations that fill in nothing: what they apply is called as it is written, and refused
 */
function findTwins(outcomes: readonly Outcome[], literal: ReadonlySet<string>): OpenPoint[] {
  const isLiteral = ({ isOpen, outcome }: Pattern): boolean =>
    isOpen && outcome.after.every((owner) => literal.has(owner));
  const news = outcomes.filter(({ fate }) => fate === "created").map(readPattern);
  if (news.length === 0) return [];
  const created = groupBy(news, ({ kind }) => kind);
  const points: OpenPoint[] = [];
  for (const outcome of outcomes) {
    if (outcome.fate !== "deleted") continue;
    const own = readPattern(outcome);
    // What is refused keeps its own FluxKustomization from deleting anything, and no other one.
    const isKept = ({ outcome: { key, after } }: Pattern): boolean =>
      !isNamedFreely(key) && after.some((owner) => outcome.before.includes(owner));
    const twin = created
      .get(own.kind)
      ?.find((other) => (own.isOpen || other.isOpen) && mayBeSame(own, other) && (!isLiteral(other) || isKept(other)));
    if (!twin) continue;
    const { unless, why, look } = isLiteral(twin) ? sayRefused(twin) : sayOpen(twin);
    outcome.fate = "unknown";
    outcome.reason = `${printKey(outcome.key)} goes, unless ${unless}.`;
    points.push({
      resource: printKey(outcome.key),
      what: `goes, unless ${unless}, ${why}`,
      look,
      ...(outcome.at ? { at: outcome.at } : {}),
    });
  }
  return points;
}

const sayRefused = ({ outcome: { key, after } }: Pattern) => ({
  unless: `the API server refuses ${printKey(key)}, whose variable nothing fills in`,
  why: "and Flux prunes nothing then",
  look: `set spec.postBuild on ${sayOwner(after[0] ?? "")}`,
});

const sayOpen = ({ outcome: { key } }: Pattern) => ({
  unless: `it is ${printKey(key)} under another name`,
  why: "which a value decides that cannot be read here",
  look: "compare the names with the variable filled in",
});

interface Pattern {
  outcome: Outcome;
  kind: string;
  isOpen: boolean;
  /** What the name begins and ends with for certain. */
  prefix: string;
  suffix: string;
  /** Undefined where it holds a variable. */
  namespace: string | undefined;
}

function readPattern(outcome: Outcome): Pattern {
  const { group, kind, namespace, name, remote } = splitKey(outcome.key);
  const [first, last] = [name.indexOf("${"), name.lastIndexOf("}")];
  const isOpen = first >= 0;
  return {
    outcome,
    kind: `${group}|${kind}|${remote}`,
    isOpen: isOpen || namespace.includes("${"),
    prefix: isOpen ? name.slice(0, first) : name,
    suffix: isOpen ? name.slice(last + 1) : name,
    namespace: namespace.includes("${") ? undefined : namespace,
  };
}

function mayBeSame(a: Pattern, b: Pattern): boolean {
  if (a.namespace !== undefined && b.namespace !== undefined && a.namespace !== b.namespace) return false;
  const begins = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  return begins && (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix));
}
