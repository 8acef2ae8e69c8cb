import { operatorSet } from "./deployments.ts";
import { buildFluxSet } from "./flux-base.ts";
import { isFluxKustomization, isSource } from "./flux-objects.ts";
import { type EffectiveInstance, syncNameOf } from "./instance.ts";
import type { Builder } from "./kustomize.ts";
import { differences } from "./normalise.ts";
import { compareVersions, type Reference, resolveVersion } from "./reference.ts";
import { type Data, joinPath } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

/** Source and root as the operator writes them before any patch (flux-facts 1.5). */
export function generatedSync(instance: EffectiveInstance, version: string): Data[] {
  const sync = instance.spec.sync;
  if (!sync) return [];
  const metadata = { name: syncNameOf(instance), namespace: instance.namespace };
  const stable = sync.kind === "GitRepository" || compareVersions(version, "2.6.0") >= 0;
  const ref = { GitRepository: { name: sync.ref }, OCIRepository: { tag: sync.ref } }[sync.kind as string];
  const source: Data = {
    apiVersion: `source.toolkit.fluxcd.io/${stable ? "v1" : "v1beta2"}`,
    kind: sync.kind,
    metadata,
    spec: {
      interval: sync.interval || "1m",
      ...(ref ? { ref, url: sync.url } : { bucketName: sync.ref, endpoint: sync.url }),
      ...(sync.pullSecret ? { secretRef: { name: sync.pullSecret } } : {}),
      ...(sync.provider ? { provider: sync.provider } : {}),
    },
  };
  const root = {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { ...metadata },
    spec: { interval: "10m0s", path: sync.path, prune: true, sourceRef: { kind: sync.kind, name: metadata.name } },
  };
  return [source, root];
}

export interface EffectiveSync {
  source: Data;
  root: Data;
}

/** Builds the instance with real kustomize and returns the source and root after its patches. */
export async function buildSync(
  instance: EffectiveInstance,
  builder: Builder,
  reference: Reference,
  scratch: string,
): Promise<EffectiveSync | { error: string } | undefined> {
  if (!instance.spec.sync) return undefined;
  const version = resolveVersion(String(instance.spec.distribution?.version ?? ""), reference.versions);
  if (!version) return { error: `no manifests for distribution.version ${instance.spec.distribution?.version}` };
  const sync = generatedSync(instance, version);
  const build = await buildFluxSet(builder, reference, scratch, operatorSet(instance, version, sync));
  if (!build.ok) return { error: build.error };
  const common = instance.spec.commonMetadata ?? {};
  const pick = (test: (data: Data) => boolean): Data => {
    const found = build.objects.find((data) => test(data) && data.metadata?.name === syncNameOf(instance));
    if (!found) return undefined;
    const annotations = {
      ...found.metadata.annotations,
      "kustomize.toolkit.fluxcd.io/ssa": "Ignore",
      "kustomize.toolkit.fluxcd.io/prune": "Disabled",
      ...common.annotations,
    };
    return {
      ...found,
      metadata: { ...found.metadata, annotations, labels: { ...found.metadata.labels, ...common.labels } },
    };
  };
  const [source, root] = [pick(isSource), pick(isFluxKustomization)];
  return source && root ? { source, root } : { error: "patches of the FluxInstance removed its source or root" };
}

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a Go duration, or the text itself. */
function duration(value: unknown): number | string {
  const text = String(value);
  if (!/^(\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return text;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
}

/** What source-controller checks out: commit > name > tag > semver > branch, `master` by default (flux-facts 4.4). */
function gitRef(ref: Data): Data {
  if (ref?.commit) return { commit: ref.commit, branch: ref.branch };
  if (ref?.name) return { name: ref.name };
  if (ref?.tag) return { name: `refs/tags/${ref.tag}` };
  if (ref?.semver) return { semver: ref.semver };
  return { name: `refs/heads/${ref?.branch ?? "master"}` };
}

const DURATIONS = ["interval", "timeout", "retryInterval"];
const DEFAULTS: Data = { suspend: false, wait: false, force: false, provider: "generic", recurseSubmodules: false };

/** `spec` of a source or root with defaults left out and equal spellings made equal. */
export function canonicalSpec(data: Data): Data {
  const spec = structuredClone(data?.spec ?? {});
  for (const field of DURATIONS) if (spec[field] !== undefined) spec[field] = duration(spec[field]);
  for (const [field, value] of Object.entries(DEFAULTS)) if (spec[field] === value) delete spec[field];
  if (isSource(data)) {
    if (typeof spec.ignore === "string") spec.ignore = spec.ignore.trimEnd();
    if (spec.timeout === 60_000) delete spec.timeout;
    if (data.kind === "GitRepository") {
      spec.ref = gitRef(spec.ref);
      delete spec.gitImplementation;
    }
    if (data.kind === "OCIRepository" && !spec.ref) spec.ref = { tag: "latest" };
  } else {
    spec.path = joinPath(String(spec.path ?? ""));
    if (spec.retryInterval === spec.interval) delete spec.retryInterval;
    delete spec.validation;
    delete spec.sourceRef;
  }
  return spec;
}

/** Labels and annotations without those that Flux or the operator maintain. */
function canonicalMetadata(data: Data): Data {
  const clean = (map: Data): Data =>
    Object.fromEntries(
      Object.entries(map ?? {})
        .filter(([key]) => !/^(kustomize\.toolkit\.fluxcd\.io|fluxcd\.controlplane\.io)\//.test(key))
        .map(([key, value]) => [key, String(value)]),
    );
  return { labels: clean(data?.metadata?.labels), annotations: clean(data?.metadata?.annotations) };
}

/**
 * Without waits for the old install, which has to go together with it, and without health checks of the release that
 * takes its place.
 */
function withoutWaits(spec: Data, gone: Set<string>): Data {
  const out = { ...spec };
  const drop = (field: string, isGone: (name: string) => boolean): void => {
    if (!Array.isArray(spec[field])) return;
    const left = spec[field].filter((item: Data) => !isGone(String(item?.name)));
    if (left.length > 0) out[field] = left;
    else delete out[field];
  };
  drop("dependsOn", (name) => gone.has(name));
  drop("healthChecks", (name) => gone.has(name) || /(^|-)flux-(operator|instance)$/.test(name));
  return out;
}

export interface SyncInput {
  /** As they were delivered, after patches of parents. */
  oldSource: Data;
  oldRoot: Data;
  now: EffectiveSync;
  /** Names of the FluxKustomizations and HelmReleases that are the old install. */
  oldInstall: Set<string>;
  /** Texts of the plan's findings; a difference that one names by field and object is accepted, but never `prune`. */
  findings: string[];
}

/** Gate item 5: every spec field and all user metadata of source and root survive. */
export function checkSync(input: SyncInput): GateResult {
  const verdict = new Verdict(5);
  const pairs: [string, Data, Data][] = [
    ["source", input.oldSource, input.now.source],
    ["root", input.oldRoot, input.now.root],
  ];
  for (const [role, old, now] of pairs) {
    const found = [
      ...(old?.kind === now.kind ? [] : [`kind: ${old?.kind} -> ${now.kind}`]),
      ...differences(
        withoutWaits(canonicalSpec(old), input.oldInstall),
        withoutWaits(canonicalSpec(now), input.oldInstall),
        "spec",
      ),
      ...differences(canonicalMetadata(old), canonicalMetadata(now), "metadata"),
    ];
    for (const difference of found) {
      const field = /^[a-z]+\.([A-Za-z]+)/.exec(difference)?.[1] ?? "";
      const says = (text: string): boolean =>
        new RegExp(`\\b${field}\\b`).test(text) &&
        [old, now].some((data) => text.includes(String(data?.metadata?.name)));
      const named = field !== "" && field !== "prune" && input.findings.some(says);
      if (named) verdict.note(`${role} ${difference} (a finding says so)`);
      else verdict.fail(`${role} ${difference}`);
    }
  }
  const ref = input.now.root.spec?.sourceRef ?? {};
  if (ref.kind !== input.now.source.kind || ref.name !== input.now.source.metadata.name) {
    verdict.fail(`the generated root reads ${ref.kind} ${ref.name}, not the generated source`);
  }
  return verdict.result();
}
