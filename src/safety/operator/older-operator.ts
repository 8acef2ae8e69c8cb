import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import {
  listOperators,
  listPlainOperators,
  pairOperators,
  type RunningOperator,
} from "../../change/operator-releases.ts";
import type { Harm, OpenPoint } from "../../change/types.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { describe } from "../../delivery/kinds.ts";
import { pointAt } from "../../delivery/locations.ts";
import { newestFitting, newestOperator, readExact, readRange } from "../../release/ranges.ts";
import {
  compareFluxVersions,
  FIRST_KNOWN_OPERATOR,
  type FluxVersion,
  firstOperatorOf,
  fluxEmbeddedBy,
  formatFluxVersion,
  isLaterOperator,
  parseFluxVersion,
} from "../../release/releases.ts";
import { resolveDistribution } from "./operator-set.ts";

interface Input {
  /** The FluxInstance before and after the change. */
  old: InstanceDescription | undefined;
  now: InstanceDescription | undefined;
  change: ClusterChange;
  given: Pick<Given, "before" | "after">;
}

type Found = { harms: Harm[]; open: OpenPoint[] };

const OWN_MINORS = "It takes only minors of Flux that it embeds, and none below the one that it applied last.";

/**
 * The release of Flux Operator goes back to a version without the Flux of the FluxInstance, or the FluxInstance goes to a Flux
 * that the release does not hold yet: the operator takes only minors that it embeds, also where it fetches its manifests, and
 * none below the one that it applied last (flux-facts 1.4, 5.2).
 */
export function findOlderOperator({ old, now, change, given }: Input): Found {
  const none = { harms: [], open: [] };
  const distribution = now?.spec.distribution;
  const text = String(distribution?.version ?? "");
  const wanted = text === "" || text.includes("${") ? undefined : resolveDistribution({ version: text });
  if (!wanted) return none;
  const isAsked = now !== undefined && text !== String(old?.spec.distribution?.version ?? "");
  const [releases, plain] = [listOperators(given, change, isAsked), listPlainOperators(given)];
  const pairs: { was: RunningOperator; is: RunningOperator }[] = [...pairOperators(releases), ...pairOperators(plain)];
  for (const { was, is } of pairs) {
    const [from, to] = [was, is].map((one) => one.runs && newestOperator(one.runs.value));
    if (!is.runs || !from || !to || compareFluxVersions(to, from) >= 0) continue;
    const operator = formatFluxVersion(to);
    if (isLaterOperator(operator)) continue;
    const [held, had] = [to, from].map((one) => parseFluxVersion(fluxEmbeddedBy(formatFluxVersion(one)) ?? ""));
    // A range means what the operator of before could take of it.
    const minor = Math.min(wanted.minor, had?.minor ?? wanted.minor);
    const exact = distribution.artifact ? undefined : readExact(text);
    const at = pointAt(change.after, is.runs.object, is.runs.path);
    if (minor > (held ?? parseFluxVersion(fluxEmbeddedBy(FIRST_KNOWN_OPERATOR)!)!).minor) {
      const most = held ? `Flux up to ${formatFluxVersion(held)}` : `no Flux ${wanted.major}.${minor}`;
      return {
        harms: [
          {
            ...at,
            what: `Flux Operator goes back to ${operator}, which holds ${most}, and the FluxInstance asks for ${text}. The operator then changes nothing more in Flux.`,
            why: OWN_MINORS,
            next: "Take the edit back, or name a version of the chart that holds this Flux.",
          },
        ],
        open: [],
      };
    }
    if (!held || (exact && compareFluxVersions(exact, held) > 0)) {
      const why = held ? `holds Flux up to ${formatFluxVersion(held)}` : "is older than all that are known here";
      const what = `goes back to Flux Operator ${operator}, which ${why}, while the FluxInstance asks for ${text}`;
      const look = `look whether the release notes of Flux Operator ${operator} name Flux ${text}`;
      return { harms: [], open: [{ ...at, what, look, decides: true }] };
    }
  }
  return (isAsked && findTooNew(now, text, change, [...releases.after, ...plain.after])) || none;
}

/** A Flux of a minor that the operator which runs after the change does not embed. */
function findTooNew(
  now: InstanceDescription,
  text: string,
  change: ClusterChange,
  operators: readonly RunningOperator[],
): Found | undefined {
  const test = readRange(text);
  // Of several it is not known which one looks after Flux.
  const [{ runs } = { runs: undefined }, ...more] = operators;
  const version = runs && more.length === 0 ? newestOperator(runs.value) : undefined;
  if (!test || !runs || !version || isLaterOperator(formatFluxVersion(version))) return undefined;
  const operator = formatFluxVersion(version);
  const held = parseFluxVersion(fluxEmbeddedBy(operator) ?? "");
  const minor = (held ?? parseFluxVersion(fluxEmbeddedBy(FIRST_KNOWN_OPERATOR)!)!).minor;
  if (newestFitting((one: FluxVersion) => one.minor <= minor && test(one))) return undefined;
  const least = newestFitting(test);
  const first = least && firstOperatorOf(least);
  const [name, path] = [describe(runs.object), runs.path];
  const most = held ? `Flux up to ${formatFluxVersion(held)}` : "none of these";
  return {
    harms: [
      {
        ...pointAt(change.after, now.object, now.form === "manifest" ? ["spec", "distribution", "version"] : ["spec"]),
        what: `The FluxInstance asks for Flux ${text}, and Flux Operator ${operator}, which ${name} says in ${path.join(".")}, holds ${most}. The operator then changes nothing more in Flux.`,
        why: OWN_MINORS,
        next: `Raise Flux Operator ${first ? `to ${first} or a newer one` : "first"}, in this change or in one before it.`,
      },
    ],
    open: [],
  };
}
