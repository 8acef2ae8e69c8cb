import { type BaseOptions, buildFluxSet, type SetOptions } from "./flux-base.ts";
import { groupOf } from "./flux-objects.ts";
import type { EffectiveInstance } from "./instance.ts";
import type { Build, Builder } from "./kustomize.ts";
import { differences, normaliseObject } from "./normalise.ts";
import type { OldInstall } from "./old-install.ts";
import { operatorPatches, unmodelled } from "./operator-patches.ts";
import { compareVersions, manifestsFor, type Reference, resolveVersion } from "./reference.ts";
import type { Data } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

export interface DeploymentsInput {
  old: OldInstall;
  instance: EffectiveInstance;
  /** Source and root that the instance generates, or nothing; patches may target them. */
  sync: Data[];
  /** What FluxKustomizations delivered beside the old install, such as the Namespace with labels of its own. */
  delivered: Data[];
  /** Texts of the tool's findings so far. */
  findings: string[];
  builder: Builder;
  reference: Reference;
  scratch: string;
}

const SYNC_GROUPS = new Set(["source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"]);

/** Options of the operator's build for an instance, on the manifests of one version. */
export function operatorSet(instance: EffectiveInstance, version: string, sync: Data[]): SetOptions {
  const { spec } = instance;
  const cluster = spec.cluster ?? {};
  return {
    kind: "operator",
    suffix: true,
    version,
    components: spec.components?.length
      ? spec.components
      : ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"],
    namespace: instance.namespace,
    domain: cluster.domain || "cluster.local",
    networkPolicy: cluster.networkPolicy !== false,
    registry: spec.distribution?.registry ?? "",
    imagePullSecret: spec.distribution?.imagePullSecret ?? "",
    ownPatches: operatorPatches(spec),
    patches: spec.kustomize?.patches ?? [],
    ...(sync.length > 0 ? { sync } : {}),
  };
}

function oldSet(old: OldInstall, version: string): SetOptions {
  const base: BaseOptions = {
    version,
    components: old.components,
    namespace: old.namespace,
    domain: old.chart?.domain ?? "cluster.local",
    networkPolicy: old.chart?.networkPolicy ?? true,
    registry: "ghcr.io/fluxcd",
    imagePullSecret: old.chart?.imagePullSecret ?? "",
  };
  const watcher = old.components.includes("source-watcher");
  const ownPatches = operatorPatches({ components: watcher ? ["source-watcher"] : [] });
  return { ...base, kind: "bootstrap", suffix: true, ownPatches, patches: old.patches };
}

function checkVersion(verdict: Verdict, old: OldInstall, instance: EffectiveInstance, versions: string[]): void {
  const range = String(instance.spec.distribution?.version ?? "");
  const resolved = resolveVersion(range, versions);
  if (!resolved) {
    verdict.fail(`distribution.version ${range} names no Flux version the operator embeds`);
    return;
  }
  if (!old.version) return;
  const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
  // The series of a chart tells its Flux minor only by habit: 2.16 held Flux 2.6, newer ones need not.
  if (old.style === "community-chart") {
    if (minor(resolved) !== minor(old.version))
      verdict.note(`the chart's series suggests Flux ${old.version}, the instance resolves to ${resolved}`);
    return;
  }
  if (compareVersions(resolved, old.version) < 0) verdict.fail(`Flux goes down from ${old.version} to ${resolved}`);
  else if (minor(resolved) !== minor(old.version)) verdict.fail(`Flux minor moves from ${old.version} to ${resolved}`);
}

function checkComponents(verdict: Verdict, old: OldInstall, instance: EffectiveInstance): void {
  const now: string[] = operatorSet(instance, "", []).components;
  for (const name of old.components) if (!now.includes(name)) verdict.fail(`component ${name} is lost`);
  for (const name of now) {
    if (old.components.includes(name)) continue;
    if (old.style === "community-chart" && name === "source-watcher") verdict.note(`component ${name} is new`);
    else verdict.fail(`component ${name} is new`);
  }
}

/** Objects of a Flux set by `Kind name`, sync objects left out. */
function byName(objects: Data[], common: Data): Map<string, Data> {
  const out = new Map<string, Data>();
  for (const object of objects) {
    if (SYNC_GROUPS.has(groupOf(object.apiVersion))) continue;
    const labels = { ...object.metadata?.labels, ...common?.labels };
    const annotations = { ...object.metadata?.annotations, ...common?.annotations };
    out.set(`${object.kind} ${object.metadata?.name}`, {
      ...object,
      metadata: { ...object.metadata, labels, annotations },
    });
  }
  return out;
}

/** Adds the metadata of objects that a FluxKustomization delivered as well: adoption freezes them, so they must be ported. */
function withDelivered(objects: Data[], delivered: Data[]): Data[] {
  return objects.map((object) => {
    const twin = delivered.find(
      (data) =>
        data?.kind === object.kind &&
        groupOf(data.apiVersion) === groupOf(object.apiVersion) &&
        data.metadata?.name === object.metadata?.name &&
        (data.metadata?.namespace ?? "") === (object.metadata?.namespace ?? ""),
    );
    if (!twin) return object;
    const labels = { ...object.metadata.labels, ...twin.metadata.labels };
    const annotations = { ...object.metadata.annotations, ...twin.metadata.annotations };
    return { ...object, metadata: { ...object.metadata, labels, annotations } };
  });
}

const isRbac = (data: Data): boolean => groupOf(data.apiVersion) === "rbac.authorization.k8s.io";

/**
 * Differences that come from the community chart's own defaults, which the reconstructed base does not have: it sets
 * requests of 100m and 64Mi and no limits. Accepted as the chart's value or as the operator's.
 */
const CHART_DEFAULT =
  /^spec\.template\.spec\.containers\[0\]\.resources\.(?:limits: .* -> nothing|requests\.cpu: "50m" -> "100m")$/;

/**
 * An image of the old install that is not the one of its release as the operator knows it: nothing can keep it, because the
 * operator sets images after all patches (flux-facts 3), so it has to be said.
 */
function isSaidImage(key: string, difference: string, findings: string[]): boolean {
  const tag = /^spec\.template\.spec\.containers\[0\]\.image: "[^"]*:([^":]+)" -> /.exec(difference)?.[1];
  const name = key.replace(/^Deployment /, "");
  return tag !== undefined && findings.some((text) => text.includes(`${name} runs ${tag}`));
}

function compareSets(
  verdict: Verdict,
  before: Map<string, Data>,
  after: Map<string, Data>,
  { style, findings }: { style: string; findings: string[] },
): void {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)];
    const say = isRbac((old ?? now) as Data)
      ? (text: string) => verdict.note(text)
      : (text: string) => verdict.fail(text);
    if (!old) say(`${key} is new`);
    else if (!now) say(`${key} is gone`);
    else {
      for (const difference of differences(normaliseObject(old), normaliseObject(now))) {
        const isChart = style === "community-chart" && CHART_DEFAULT.test(difference);
        if (isChart || isSaidImage(key, difference, findings)) verdict.note(`${key}: ${difference}`);
        else say(`${key}: ${difference}`);
      }
    }
  }
}

/** Gate item 4: the controllers that the instance makes equal the old ones, apart from what take-over always changes. */
export async function checkDeployments(input: DeploymentsInput): Promise<GateResult> {
  const { old, instance, reference, builder, scratch } = input;
  const verdict = new Verdict(4);
  checkVersion(verdict, old, instance, reference.versions);
  if (old.style !== "oci-manifests" || old.version) checkComponents(verdict, old, instance);
  const resolved = resolveVersion(String(instance.spec.distribution?.version ?? ""), reference.versions);
  const wanted = old.style === "community-chart" ? resolved : (old.version ?? resolved);
  const version = wanted ? manifestsFor(wanted, reference.versions) : undefined;
  if (!version) {
    verdict.skip(`no manifests of Flux ${wanted ?? "(version unknown)"} to compare with`);
    return verdict.result();
  }
  for (const field of [...old.unknown, ...unmodelled(instance.spec)]) verdict.skip(`${field} is not modelled`);
  const before: Build = old.objects
    ? { ok: true, objects: old.objects }
    : await buildFluxSet(builder, reference, scratch, oldSet(old, version));
  const after = await buildFluxSet(builder, reference, scratch, operatorSet(instance, version, input.sync));
  if (!after.ok && before.ok) verdict.fail(`the FluxInstance does not build: ${after.error}`);
  else if (!before.ok) verdict.skip(`the old install does not build: ${before.error}`);
  if (before.ok && after.ok) {
    verdict.note(
      old.objects ? "old base is the gotk file itself" : `old base reconstructed from the manifests of Flux ${version}`,
    );
    compareSets(
      verdict,
      byName(withDelivered(before.objects, input.delivered), old.commonMetadata),
      byName(after.objects, instance.spec.commonMetadata),
      { style: old.style, findings: input.findings },
    );
  }
  return verdict.result();
}
