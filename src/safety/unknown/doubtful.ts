import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { Settings } from "../../change/settings.ts";
import type { OpenPoint, Outcome, OwnedObject } from "../../change/types.ts";
import { groupBy } from "../../contract/group-by.ts";
import { findTakenOver } from "../fate/taken-over.ts";

/**
 * Objects whose fate hangs on what cannot be seen here.
 * @param oldOf an object as it is applied today
 */
export function findDoubtful(
  outcomes: readonly Outcome[],
  oldOf: (key: ObjectKey) => OwnedObject | undefined,
  settings: Settings,
): OpenPoint[] {
  return [...findTwins(outcomes), ...findTakenOver(outcomes, oldOf, settings)];
}

/**
 * Objects that go by one name and may be made by another: `${CLAIM}` in one tree and `player` in the other may be the same
 * object, whichever side the variable is on. Their fate is not known. Errs towards the same object.
 */
function findTwins(outcomes: readonly Outcome[]): OpenPoint[] {
  const news = outcomes.filter(({ fate }) => fate === "created").map(({ key }) => readPattern(key));
  if (news.length === 0) return [];
  const created = groupBy(news, ({ kind }) => kind);
  const points: OpenPoint[] = [];
  for (const outcome of outcomes) {
    if (outcome.fate !== "deleted") continue;
    const own = readPattern(outcome.key);
    const twin = created.get(own.kind)?.find((other) => (own.isOpen || other.isOpen) && mayBeSame(own, other));
    if (!twin) continue;
    outcome.fate = "unknown";
    outcome.reason = `${printKey(outcome.key)} goes, unless it is ${printKey(twin.key)} under another name.`;
    points.push({
      resource: printKey(outcome.key),
      what: `goes, unless it is ${printKey(twin.key)} under another name, which a value decides that cannot be read here`,
      look: "compare the names with the variable filled in",
      ...(outcome.at ? { at: outcome.at } : {}),
    });
  }
  return points;
}

interface Pattern {
  key: string;
  kind: string;
  isOpen: boolean;
  /** What the name begins and ends with for certain. */
  prefix: string;
  suffix: string;
  /** Undefined where it holds a variable. */
  namespace: string | undefined;
}

function readPattern(key: string): Pattern {
  const { group, kind, namespace, name, remote } = splitKey(key);
  const [first, last] = [name.indexOf("${"), name.lastIndexOf("}")];
  const isOpen = first >= 0;
  return {
    key,
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
