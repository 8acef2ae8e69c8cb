import type { Said, Truth } from "../merges/types.ts";
import { PURPOSE } from "./accidents.ts";
import type { Effect } from "./effects.ts";
import { isDeliberate } from "./refactorings/index.ts";

/**
 * `false-safe`: harm, and nothing is said. `doubt`: what only the cluster knows, and nothing is said. `unnamed`: something goes
 * under `deletes` without its name. `wrong-deletes`: `deletes`, and more than a meant loss happens. `meant`: `deletes` for an
 * accident that the docs do not call purpose. `loud`: the judge sees nothing, the tool stops the merge. `stopped`: the judge is blind.
 */
export type Outcome = "ok" | "idle" | "false-safe" | "doubt" | "unnamed" | "wrong-deletes" | "meant" | "loud";

export interface Row {
  seed: number;
  state: string;
  kind: string;
  what: string;
  outcome: Outcome;
  verdict: string;
  /** What the judge saw, sorts of effects with how often. */
  seen: Record<string, number>;
  details: string[];
  findings: string[];
  seconds: number;
  took: number;
}

interface Weighed extends Pick<Row, "seed" | "state" | "kind" | "what" | "findings" | "took"> {
  truth: Truth;
  effects: Effect[];
  /** Objects that get other content, or come. */
  changed: readonly string[];
  said: Said;
  names: (text: string, resource: string) => boolean;
}

/** The API server takes a namespace off what has none; anything else is another object in another namespace. */
const CLUSTER_SCOPED =
  /^(Namespace|PersistentVolume|CustomResourceDefinition|APIService|NodeFeatureRule|\w+Class|Cluster\w+) (?:[^/ ]+\/)/;

const withoutNamespace = (resource: string): string => resource.replace(CLUSTER_SCOPED, "$1 ");

/** Puts what the judge saw beside what the tool said. */
export function weigh({ truth, effects: all, changed, said, names, ...row }: Weighed): Row {
  // What leaves Git without being pruned (prune: false) goes on in the cluster, and with it what names it.
  const goes = new Set(truth.clusters.flatMap(({ fates }) => fates.map(({ resource }) => resource)));
  // Whoever suspends an app on purpose knows that it stays as it is.
  const isMeant = ({ sort, perhaps }: Effect): boolean => isDeliberate(row.seed) && sort === "suspended" && perhaps;
  // One that leaves Git and stays in the cluster fails alone where that is said; what waits for it stops the merge.
  const isLeft = ({ sort, what }: Effect): boolean => {
    const says = `Kustomization ${what.slice(0, what.indexOf(":"))} goes on by itself, and fails`;
    return sort === "breaks" && row.findings.some((one) => one.startsWith("info left-behind:") && one.includes(says));
  };
  const isHarm = (one: Effect): boolean => (one.lost === undefined || goes.has(one.lost)) && !isMeant(one);
  const effects = all.filter((one) => isHarm(one) && !isLeft(one));
  const gone = truth.clusters.flatMap(({ fates, after }) => {
    const kept = new Set(after.map(withoutNamespace));
    return fates.filter(({ how, resource }) => how === "gone" && !kept.has(withoutNamespace(resource)));
  });
  const seen: Record<string, number> = {};
  const count = (sort: string): void => {
    seen[sort] = (seen[sort] ?? 0) + 1;
  };
  for (const _ of gone) count("gone");
  for (const { sort, perhaps } of effects) count(perhaps ? `${sort}?` : sort);
  const handed = truth.clusters.flatMap(({ handovers }) => handovers);
  if (isDeliberate(row.seed) && changed.length > 0) seen.changed = changed.length;
  if (isDeliberate(row.seed) && handed.length > 0) seen.handover = handed.length;
  const blind = truth.clusters.length === 0 || truth.notes.length > 0;
  const sure = effects.filter(({ perhaps }) => !perhaps);
  const unnamed = gone.filter(
    ({ resource }) => !names(said.text, resource) && !names(said.text, withoutNamespace(resource)),
  );
  const outcome = ((): Outcome => {
    if (said.verdict === "safe") {
      if (gone.length + sure.length > 0 || (isDeliberate(row.seed) && handed.length > 0)) return "false-safe";
      return effects.length > 0 ? "doubt" : "idle";
    }
    if (said.verdict === "deletes") {
      if (unnamed.length > 0) return "unnamed";
      if (sure.length > 0) return "wrong-deletes";
      return PURPOSE.has(row.kind) ? "ok" : "meant";
    }
    // Of a deliberate change whatever stops the merge without a loss is to be read.
    if (isDeliberate(row.seed)) return gone.length + effects.length + handed.length === 0 ? "loud" : "ok";
    return said.verdict === "unsafe" && gone.length + effects.length === 0 && !blind ? "loud" : "ok";
  })();
  return {
    ...row,
    outcome,
    verdict: said.verdict,
    seen,
    details: [
      ...truth.notes,
      ...(said.verdict === "deletes" ? unnamed : gone)
        .slice(0, 8)
        .map(({ resource, why }) => `gone ${resource}: ${why}`),
      ...effects.slice(0, 12).map(({ sort, what, perhaps }) => `${sort}${perhaps ? "?" : ""}: ${what}`),
      ...(isDeliberate(row.seed) ? changed.slice(0, 6).map((one) => `changed ${one}`) : []),
      ...said.unknown.slice(0, 4).map((one) => `unknown ${one.slice(0, 300)}`),
    ],
    seconds: said.seconds,
  };
}
