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
import { pointAt } from "../../delivery/locations.ts";
import { newestOperator, readExact } from "../../release/ranges.ts";
import {
  compareFluxVersions,
  FIRST_KNOWN_OPERATOR,
  fluxEmbeddedBy,
  formatFluxVersion,
  isLaterOperator,
  parseFluxVersion,
} from "../../release/releases.ts";
import { resolveDistribution } from "./operator-set.ts";

interface Input {
  /** The FluxInstance after the change. */
  now: InstanceDescription | undefined;
  change: ClusterChange;
  given: Pick<Given, "before" | "after">;
}

/**
 * The release of Flux Operator goes back to a version without the Flux of the FluxInstance: the operator takes only minors that
 * it embeds, also where it fetches its manifests, and none below the one that it applied last (flux-facts 1.4, 5.2).
 */
export function findOlderOperator({ now, change, given }: Input): { harms: Harm[]; open: OpenPoint[] } {
  const none = { harms: [], open: [] };
  const distribution = now?.spec.distribution;
  const text = String(distribution?.version ?? "");
  const wanted = text === "" || text.includes("${") ? undefined : resolveDistribution({ version: text });
  if (!wanted) return none;
  const pairs: { was: RunningOperator; is: RunningOperator }[] = [
    ...pairOperators(listOperators(given, change)),
    ...pairOperators(listPlainOperators(given)),
  ];
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
            why: "It takes only minors of Flux that it embeds, and none below the one that it applied last.",
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
  return none;
}
