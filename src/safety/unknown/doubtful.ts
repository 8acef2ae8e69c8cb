import { type ObjectKey, ownerName, printKey, sayOwner, splitKey } from "../../admission/key.ts";
import { mayFill } from "../../change/refused-builds.ts";
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
  const news = outcomes.filter(({ fate }) => fate === "created").map(readPattern);
  if (news.length === 0) return [];
  const created = groupBy(news, ({ kind }) => kind);
  const points: OpenPoint[] = [];
  for (const outcome of outcomes) {
    if (outcome.fate !== "deleted") continue;
    const own = readPattern(outcome);
    const isLiteral = ({ after }: Outcome): boolean => after.every((owner) => literal.has(owner));
    const isRefused = (other: Pattern): boolean => other.isOpen && isLiteral(other.outcome);
    // What is refused keeps its own FluxKustomization from deleting anything, and no other one; roles may be called so.
    const meets = ({ kind, outcome: { after } }: Pattern): boolean =>
      !kind.startsWith("rbac.authorization.k8s.io|") && after.some((owner) => outcome.before.includes(owner));
    const twin = created
      .get(own.kind)
      ?.find((other) => (own.isOpen || other.isOpen) && mayBeSame(own, other) && (!isRefused(other) || meets(other)));
    if (!twin) continue;
    const name = printKey(twin.outcome.key);
    const unless = isRefused(twin)
      ? `the API server refuses ${name}, whose variable nothing fills in`
      : `it is ${name} under another name`;
    outcome.fate = "unknown";
    outcome.reason = `${printKey(outcome.key)} goes, unless ${unless}.`;
    points.push({
      resource: printKey(outcome.key),
      what: `goes, unless ${unless}, ${isRefused(twin) ? "and Flux prunes nothing then" : "which a value decides that cannot be read here"}`,
      look: isRefused(twin)
        ? `set spec.postBuild on ${sayOwner(twin.outcome.after[0] ?? "")}`
        : "compare the names with the variable filled in",
      ...(outcome.at ? { at: outcome.at } : {}),
    });
  }
  return points;
}

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
