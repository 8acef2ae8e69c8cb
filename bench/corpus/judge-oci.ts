import { isDeepStrictEqual } from "node:util";
import {
  groupOf,
  identityOf,
  isFluxKustomization,
  isHelmRelease,
  isSource,
  keyOf,
  normaliseUrl,
} from "./gate/flux-objects.ts";
import { checkMinimal } from "./gate/minimal.ts";
import { checkParse } from "./gate/parse.ts";
import { findingText, type Plan, plannedFiles } from "./gate/plan-json.ts";
import { checkProtections } from "./gate/protections.ts";
import { manifestsFor, resolveVersion } from "./gate/reference.ts";
import { checkReferences, fileReferences, type ObjectScope, objectReferences } from "./gate/references.ts";
import { checkSchemas } from "./gate/schemas.ts";
import type { Data, Snapshot } from "./gate/snapshot.ts";
import { type GateResult, Verdict } from "./gate/types.ts";
import { type Bench, type ClusterAfter, type ClusterBefore, readAfter } from "./judge-cluster.ts";
import type { PhaseRun } from "./run-phase.ts";

/** A cluster that the operator runs, as it was before the move to OCI began. */
export interface OciStart {
  before: ClusterBefore;
  tree: Snapshot;
  /** What it delivers with the operator in charge. */
  migrated: ClusterAfter;
}

/** What the move may add to a cluster, and what it may take away. */
const ADDED = new Set(["OCIRepository", "GitRepository", "ExternalSecret"]);
const REMOVED = new Set(["HelmRepository"]);
const HASHED = new Set(["ConfigMap", "Secret"]);

/** Name without the hash of a generator, which changes with the values of the instance. */
function stableKey(data: Data): string {
  const id = identityOf(data);
  return keyOf(HASHED.has(id.kind) ? { ...id, name: id.name.replace(/-[a-z0-9]{10}$/, "") } : id);
}

const byKey = ({ delivery }: ClusterAfter): Map<string, Data> =>
  new Map([...delivery.objects.values()].map(({ data }) => [stableKey(data), data]));

/** Gate item 3 for the move: every object is delivered as before; only who reads what from where changes. */
export function checkDelivered(start: ClusterAfter, now: ClusterAfter, charts: boolean): GateResult {
  const verdict = new Verdict(3);
  const [was, is] = [byKey(start), byKey(now)];
  for (const error of now.delivery.errors) if (!start.delivery.errors.includes(error)) verdict.fail(error);
  for (const [key, data] of was) {
    const after = is.get(key);
    if (after === undefined) {
      if (!(charts && REMOVED.has(data.kind))) verdict.fail(`${key} is no longer delivered`);
    } else if (!isDeepStrictEqual(stripped(data), stripped(after)))
      verdict.fail(`${key} is delivered with other content`);
  }
  for (const [key, data] of is) {
    if (!was.has(key) && !ADDED.has(data.kind)) verdict.fail(`${key} is new`);
    // The CRD's own rule: a release says where its chart is in exactly one way.
    if (isHelmRelease(data) && (data.spec?.chart === undefined) === (data.spec?.chartRef === undefined))
      verdict.fail(`${key} needs a chart or a chartRef, not both`);
  }
  return verdict.result();
}

/** The object without what the move is there to change. */
function stripped(data: Data): Data {
  const { kind, spec } = data;
  const isFlux = /fluxcd/.test(groupOf(data.apiVersion));
  if (isFluxKustomization(data)) {
    const { sourceRef: _s, path: _p, healthChecks: _h, patches: _x, ...rest } = spec ?? {};
    return { ...data, spec: rest };
  }
  if (isHelmRelease(data)) {
    const { chart: _c, chartRef: _r, ...rest } = spec ?? {};
    return { ...data, spec: rest.values?.instance ? { ...rest, values: undefined } : rest };
  }
  // Values of the instance may come from a generated ConfigMap; everything else of Flux names sources.
  if (isFlux || HASHED.has(kind)) return identityOf(data);
  return data;
}

/** Gate item 7: the plan's own proof says that nothing wanted goes; checked against what really is delivered. */
function checkSafety(plan: Plan, cluster: string): GateResult {
  const verdict = new Verdict(7);
  for (const { phase, clusters } of plan.phases) {
    for (const { safety } of clusters.filter((one) => one.cluster === cluster)) {
      for (const { resource, wanted, outcome } of safety?.dangers ?? [])
        if (wanted) verdict.fail(`${phase}: ${resource} may be ${outcome}`);
    }
  }
  return verdict.result();
}

/** Artifacts that the move has declared: OCIRepositories that hold no chart and that were not there before. */
export function newArtifacts(start: Snapshot, now: Snapshot): Set<string> {
  const urls = (tree: Snapshot): string[] =>
    tree
      .objects("source.toolkit.fluxcd.io")
      .flatMap(({ data }) =>
        data.kind === "OCIRepository" && data.spec?.layerSelector === undefined ? [normaliseUrl(data.spec?.url)] : [],
      );
  const known = new Set(urls(start));
  return new Set(urls(now).filter((url) => !known.has(url)));
}

function scopeOf(after: ClusterAfter): ObjectScope {
  const own = new Set(after.scope.own);
  for (const data of after.generated.filter(isSource))
    own.add(`${data.kind} ${data.metadata?.namespace ?? ""}/${data.metadata?.name}`);
  return { ...after.scope, own };
}

/** Every item that concerns one cluster after one phase of the move. */
export async function judgeOciPhase(
  bench: Bench,
  start: OciStart,
  run: PhaseRun,
  cluster: string,
  charts: boolean,
): Promise<GateResult[]> {
  const now = await readAfter(bench, run.after, start.before, newArtifacts(start.tree, run.after));
  const { instance } = now;
  const running = resolveVersion(String(instance?.spec.distribution?.version ?? ""), bench.reference.versions);
  const version = running && manifestsFor(running, bench.reference.versions);
  const known = new Map(
    [...start.migrated.delivery.objects.values()].map(({ data }) => [keyOf(identityOf(data)), data]),
  );
  const changed = [...now.delivery.objects].flatMap(([key, { data }]) =>
    isDeepStrictEqual(known.get(key), data) ? [] : [data],
  );
  const findings = (run.merged?.clusters ?? []).flatMap((one) => one.findings.map(findingText));
  const results = [
    checkReferences(objectReferences(scopeOf(start.migrated)), objectReferences(scopeOf(now))),
    checkDelivered(start.migrated, now, charts),
    checkSchemas({
      instances: now.instances,
      operators: now.operators,
      added: changed,
      reference: bench.reference,
      ...(version ? { version } : {}),
    }),
    checkSafety(run.plan, cluster),
  ];
  const owned = new Set(known.keys());
  const protections = checkProtections({ ...now, owned, findings });
  const was = checkProtections({ ...start.migrated, owned, findings: [] });
  const fresh = protections.reasons.filter((reason) => !was.reasons.includes(reason));
  results.push({ ...protections, item: 7, status: fresh.length > 0 ? "FAIL" : "ok", reasons: fresh });
  return results;
}

/** What does not depend on the cluster: files, references between them, second run, undo, diff, bytes. */
export function judgeOciFiles(start: Snapshot, run: PhaseRun): GateResult[] {
  const { before, after } = run;
  return [
    checkParse({ before, after, planned: plannedFiles(run.merged) }),
    checkReferences(fileReferences(start), fileReferences(after)),
    run.reversible,
    checkMinimal({ before, after, phase: run.merged }),
  ];
}

/** After the last phase the instance syncs an artifact, and no FluxKustomization reads the generated GitRepository. */
export function checkSwitched(now: ClusterAfter): GateResult {
  const verdict = new Verdict(2);
  const source = now.generated.find(isSource);
  if (source?.kind !== "OCIRepository") verdict.fail(`the instance generates ${source?.kind ?? "no source"}`);
  const name = source?.metadata?.name;
  const declared = [...now.delivery.objects.values()].some(
    ({ data }) => data.kind === "GitRepository" && data.metadata?.name === name,
  );
  for (const { data } of now.delivery.objects.values()) {
    const ref = data.spec?.sourceRef;
    if (isFluxKustomization(data) && ref?.kind === "GitRepository" && ref.name === name && !declared)
      verdict.fail(`${keyOf(identityOf(data))} reads GitRepository ${name}, which is gone`);
  }
  return verdict.result();
}
