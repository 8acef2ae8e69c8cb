/** What fluxlift said of one step, read from `plan --format json` or `verify --format json`. */
export interface Prediction {
  /** Objects said to be deleted, or deleted and made again in some order of reconciling. */
  deleted: Set<string>;
  recreated: Set<string>;
  /** Objects nothing was promised about. */
  unknown: Set<string>;
  /** Objects said to go to another owner, with that owner. */
  moved: Set<string>;
  /** Every object that was named at all. */
  named: Map<string, string>;
  blockers: string[];
  /** Whether the change as a whole was called safe to merge. */
  safe: boolean;
}

/** What was seen of one object that went, and what had been said. `understated`: said to come back, and it did not. */
export type Verdict = "foretold" | "understated" | "followed" | "said-unknown" | "false-safe";

export interface Loss {
  object: string;
  /** `recreated` when it was there again at the end of the step, `deleting` when its deletion did not come to an end. */
  outcome: "deleted" | "recreated" | "deleting";
  verdict: Verdict;
  said: string;
}

/** An object that was called deleted or re-created, and was neither. */
export interface Alarm {
  object: string;
  said: "deleted" | "recreated";
  /** FluxKustomization in its owner labels when the step began. */
  owner?: string;
}

export interface Comparison {
  losses: Loss[];
  /** Called deleted or recreated, and neither was seen. */
  alarms: Alarm[];
}

export interface Sight {
  /** Objects that were there when the step began. */
  before: Set<string>;
  /** Objects seen to be deleted in the step. */
  deleted: Set<string>;
  /** Objects there when the step ended. */
  after: Set<string>;
  /** Those of them whose deletion was asked for and is not done. */
  deleting?: Set<string>;
  /** Objects that a controller made for another object, such as the records of a Helm release. */
  dependents: Set<string>;
  /** FluxKustomization in the owner labels when the step began. */
  owners: Map<string, string>;
}

interface SafetyJson {
  outcomes: Partial<Record<string, { count: number; names: string[] }>>;
  dangers: { resource: string; outcome: "deleted" | "recreated"; chain: string[] }[];
  /** What the change touches and cannot be read, whatever happens to the object that holds it. */
  unknown?: { resources: string[]; mayGo?: string[] }[];
}

interface ClusterJson {
  cluster: string;
  safety?: SafetyJson;
}

interface FindingJson {
  rule: string;
  level: string;
  resource?: string;
  cluster?: string;
}

/** Reads the prediction for one cluster; `clusters` and `findings` as `verify --format json` prints them. */
export function readPrediction(
  clusters: ClusterJson[],
  findings: FindingJson[],
  safe: boolean,
  cluster?: string,
): Prediction {
  const prediction: Prediction = {
    deleted: new Set(),
    recreated: new Set(),
    unknown: new Set(),
    moved: new Set(),
    named: new Map(),
    blockers: [],
    safe,
  };
  for (const { cluster: name, safety } of clusters) {
    if (cluster !== undefined && name !== cluster) continue;
    for (const [outcome, list] of Object.entries(safety?.outcomes ?? {})) {
      for (const object of list?.names ?? []) {
        prediction.named.set(object, outcome);
        if (outcome === "deleted") prediction.deleted.add(object);
        if (outcome === "recreated") prediction.recreated.add(object);
        if (outcome === "unknown") prediction.unknown.add(object);
        if (outcome === "moved") prediction.moved.add(object);
      }
    }
    for (const { resources, mayGo = [] } of safety?.unknown ?? [])
      for (const object of [...resources, ...mayGo]) prediction.unknown.add(object);
    for (const { resource, outcome } of safety?.dangers ?? []) {
      prediction[outcome].add(resource);
      if (!prediction.named.has(resource)) prediction.named.set(resource, outcome);
    }
  }
  for (const finding of findings) {
    if (finding.level !== "blocker" || (cluster !== undefined && finding.cluster && finding.cluster !== cluster))
      continue;
    prediction.blockers.push(finding.resource ? `${finding.rule} ${finding.resource}` : finding.rule);
  }
  return prediction;
}

/** Compares what was said with what was seen, object by object. Which objects hang on others is in `followers`. */
export function compare(said: Prediction, seen: Sight, followers: Followers): Comparison {
  const losses: Loss[] = [];
  for (const object of [...seen.deleted].sort()) {
    if (!seen.before.has(object) || seen.dependents.has(object)) continue;
    const outcome = seen.deleting?.has(object) ? "deleting" : seen.after.has(object) ? "recreated" : "deleted";
    losses.push({
      object,
      outcome,
      said: said.named.get(object) ?? "not named",
      verdict: judge(object, outcome, said, followers, seen),
    });
  }
  const alarms: Comparison["alarms"] = [];
  for (const outcome of ["deleted", "recreated"] as const) {
    for (const object of said[outcome]) {
      if (!seen.before.has(object) || seen.deleted.has(object)) continue;
      const owner = seen.owners.get(object);
      alarms.push({ object, said: outcome, ...(owner ? { owner } : {}) });
    }
  }
  return { losses, alarms };
}

/** Objects that go with another one: those in a Namespace, of a CRD, of a Helm release, of an inventory. */
export type Followers = (object: string) => string[];

function judge(
  object: string,
  outcome: Loss["outcome"],
  said: Prediction,
  carriers: Followers,
  seen: Pick<Sight, "owners">,
): Verdict {
  if (said.deleted.has(object)) return "foretold";
  if (said.recreated.has(object)) return outcome === "recreated" ? "foretold" : "understated";
  const chain = carriers(object);
  const named = chain.some((carrier) => said.deleted.has(carrier) || said.recreated.has(carrier));
  // What Git delivers has to be named itself where the change as a whole is called safe: nobody would look for it.
  if (named && (!said.safe || !seen.owners.has(object))) return "followed";
  if (said.unknown.has(object) || chain.some((carrier) => said.unknown.has(carrier))) return "said-unknown";
  return "false-safe";
}
