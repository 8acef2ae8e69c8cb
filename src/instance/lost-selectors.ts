import { type InstallStyle, itemsOf, type YamlData } from "../contract/objects.ts";
import { labelsPods } from "../release/base.ts";
import type { FluxVersion } from "../release/releases.ts";
import { isMap } from "../yaml/is-map.ts";
import { readDeployments } from "./running.ts";
import type { WantedInstance } from "./want.ts";

/** Labels that `flux install` gives to pods and the operator does not. */
const LOST = ["app.kubernetes.io/instance", "app.kubernetes.io/version"];

/** Whether the operator takes labels off the pods of an install; undefined for a chart, which may label them by its values. */
export function losesPodLabels(style: InstallStyle, version: FluxVersion): boolean | undefined {
  return style === "community-chart" ? undefined : labelsPods(style, version);
}

/** What a controller says of where its pods may run, by labels that pods of Flux no longer have. */
export interface LostSelector {
  controller: string;
  /** `topologySpreadConstraints`, `affinity.podAntiAffinity`. */
  field: string;
  label: string;
}

/** Selectors of pods that the patches of an instance bring, and that find no pod of Flux any more. A label that a patch gives back counts. */
export function findLostSelectors(wanted: WantedInstance, namespace: string): LostSelector[] {
  if (losesPodLabels(wanted.install.style, wanted.written) === false) return [];
  if (!wanted.patches.some(({ data: { patch } }) => LOST.some((label) => patch.includes(label)))) return [];
  const { components } = wanted.spec;
  return readDeployments({ ...wanted, components }, namespace).flatMap(({ metadata, spec }) => {
    const { metadata: of, spec: pod } = spec?.template ?? {};
    const lost = LOST.filter((label) => of?.labels?.[label] === undefined);
    return listSelectors(pod).flatMap(({ field, selector }): LostSelector[] => {
      const label = lost.find((one) => asks(selector, one));
      return label === undefined ? [] : [{ controller: metadata.name, field, label }];
    });
  });
}

function listSelectors(pod: YamlData): { field: string; selector: YamlData }[] {
  const spread = itemsOf(pod?.topologySpreadConstraints).map(({ labelSelector: selector }) => ({
    field: "topologySpreadConstraints",
    selector,
  }));
  const near = ["podAffinity", "podAntiAffinity"].flatMap((name) => {
    const terms = pod?.affinity?.[name] ?? {};
    const required: YamlData[] = itemsOf(terms.requiredDuringSchedulingIgnoredDuringExecution);
    const preferred: YamlData[] = itemsOf(terms.preferredDuringSchedulingIgnoredDuringExecution);
    const all = [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm ?? {})];
    return all.map(({ labelSelector: selector }) => ({ field: `affinity.${name}`, selector }));
  });
  return [...spread, ...near];
}

/** Whether only a pod with that label fits, or with that value of it. */
export function asks(selector: YamlData, label: string, value?: string): boolean {
  if (!isMap(selector)) return false;
  const { matchLabels, matchExpressions }: YamlData = selector;
  const own = matchLabels?.[label];
  const isAsked = ({ key, operator, values }: YamlData) =>
    key === label &&
    ((operator === "In" && (value === undefined || itemsOf(values).includes(value))) ||
      (operator === "Exists" && value === undefined));
  return (own !== undefined && (value === undefined || own === value)) || itemsOf(matchExpressions).some(isAsked);
}
