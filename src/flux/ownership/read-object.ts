import type { DeliveredObject } from "../../kustomize/index.ts";
import { isFluxKustomization, isHelmRelease } from "../kinds.ts";
import type { FluxVersion } from "../releases.ts";
import type { YamlData } from "../types.ts";
import { finalizes, isSparedInGit } from "./exclusions.ts";
import { keyOfObject } from "./key.ts";
import type { FluxSpec, ObjectKey, OwnedObject, ReleaseSpec } from "./types.ts";

/** Fields of a FluxKustomization that decide what it applies and deletes; interval, wait or dependsOn do not. */
const BUILD_FIELDS = [
  ...["path", "targetNamespace", "namePrefix", "nameSuffix", "components", "ignoreMissingComponents"],
  ...["patches", "patchesStrategicMerge", "patchesJson6902", "postBuild", "commonMetadata", "kubeConfig", "decryption"],
];

export interface ReadContext {
  version: FluxVersion | undefined;
  /** `Kind/name` of the sources that hold this repository. */
  sources: ReadonlySet<string>;
  /** What releases of the flux2 chart hold. */
  chartHolds: () => readonly ObjectKey[];
}

/** The spec of a FluxKustomization as far as deleting goes. */
export function readFluxSpec(spec: YamlData, namespace: string, context: ReadContext): FluxSpec {
  const ref = spec?.sourceRef ?? {};
  const source = `${ref.kind}/${ref.namespace ?? namespace}/${ref.name}`;
  const isLocal = context.sources.has(`${ref.kind}/${ref.name}`) && spec?.kubeConfig === undefined;
  const built = Object.fromEntries(BUILD_FIELDS.map((field) => [field, spec?.[field]]));
  const prune = spec?.prune === true;
  const suspend = spec?.suspend === true;
  const deletes = finalizes(spec, context.version);
  const id = JSON.stringify(sortKeys({ ...built, prune, suspend, deletes, from: isLocal ? "" : source }));
  return { id, prune, suspend, finalizes: deletes, source: isLocal ? source : "", data: { spec: spec ?? {}, isLocal } };
}

/** An object as a FluxKustomization with `commonMetadata` applies it. */
export function readOwnedObject(object: DeliveredObject, common: YamlData, context: ReadContext): OwnedObject {
  const { kind, name, namespace, file, doc, uncertain } = object;
  const body = object.body as YamlData;
  const metadata = {
    labels: { ...body.metadata?.labels, ...common?.labels },
    annotations: { ...body.metadata?.annotations, ...common?.annotations },
  };
  const defined = kind === "CustomResourceDefinition" ? body.spec : undefined;
  return {
    key: keyOfObject(object),
    kind,
    namespace,
    name,
    spared: isSparedInGit(metadata, context.version),
    at: { file, line: 1, col: 1 },
    doc,
    ...(body.sops ? { encrypted: true as const } : {}),
    ...(uncertain ? { uncertain: true as const } : {}),
    ...(isFluxKustomization(object) ? { flux: readFluxSpec(body.spec, namespace, context) } : {}),
    ...(isHelmRelease(object) ? { release: readRelease(object, body.spec, context) } : {}),
    ...(defined ? { defines: `${defined.group}|${defined.names?.kind}` } : {}),
  };
}

function readRelease(
  { name, namespace }: { name: string; namespace: string },
  spec: YamlData,
  context: ReadContext,
): ReleaseSpec {
  const target = spec?.targetNamespace ?? namespace;
  const release = spec?.releaseName ?? (spec?.targetNamespace ? `${spec.targetNamespace}-${name}` : name);
  const chart = spec?.chart?.spec?.chart;
  return {
    suspend: spec?.suspend === true,
    identity: JSON.stringify([release, target, spec?.storageNamespace ?? namespace]),
    ...(typeof chart === "string" ? { chart } : {}),
    holds: typeof chart === "string" && /(^|\/)flux2$/.test(chart) ? context.chartHolds() : [],
  };
}

function sortKeys(value: YamlData): YamlData {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
