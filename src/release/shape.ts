import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";

const isMapOrUnset = (value: unknown): boolean => value === undefined || value === null || isMap(value);
const isListOrUnset = (value: unknown): boolean => value === undefined || value === null || Array.isArray(value);
const isListOfMaps = (value: unknown): boolean => Array.isArray(value) && value.every(isMap);

/**
 * The first field of an object of Flux that has another type than the API server takes, of those that others read; undefined
 * where all are as they have to be. A patch that leaves such a thing fails the whole build.
 */
export function findMisshapen(data: YamlData): string | undefined {
  const { kind, metadata, spec } = data;
  const pod = spec?.template?.spec;
  const containers: YamlData[] = Array.isArray(pod?.containers) ? pod.containers : [];
  const isSync = kind === "Kustomization" || /(?:Repository|Bucket)$/.test(String(kind));
  const checks: readonly (readonly [path: string, holds: boolean])[] = [
    ["metadata", isMap(metadata) && typeof metadata.name === "string"],
    ["metadata.labels", isMapOrUnset(metadata?.labels)],
    ["metadata.annotations", isMapOrUnset(metadata?.annotations)],
    ["spec", isSync ? isMap(spec) : isMapOrUnset(spec)],
    ...(kind === "CustomResourceDefinition"
      ? ([
          ["spec", isMap(spec)],
          ["spec.versions", isListOfMaps(spec?.versions)],
        ] as const)
      : []),
    ...(kind === "Deployment"
      ? ([
          ["spec", isMap(spec)],
          ["spec.template", isMap(spec?.template)],
          ["spec.template.metadata", isMapOrUnset(spec?.template?.metadata)],
          ["spec.template.metadata.labels", isMapOrUnset(spec?.template?.metadata?.labels)],
          ["spec.template.metadata.annotations", isMapOrUnset(spec?.template?.metadata?.annotations)],
          ["spec.template.spec", isMap(pod)],
          ["spec.template.spec.containers", isListOfMaps(pod?.containers) && pod.containers.length > 0],
          ["spec.template.spec.containers.args", containers.every((one) => isListOrUnset(one?.args))],
        ] as const)
      : []),
  ];
  return checks.find(([, holds]) => !holds)?.[0];
}
