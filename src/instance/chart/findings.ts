import { isDeepStrictEqual } from "node:util";
import { imageTags } from "../../cluster/gotk/facts.ts";
import { DEFAULT_REGISTRY } from "../../cluster/gotk/images.ts";
import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { isFilled, valueAt, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import type { PatchMapping } from "../../contract/plan.ts";
import type { FluxVersion } from "../../release/releases.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Passage } from "../types.ts";
import { isReleaseLabel } from "./controller.ts";
import { registryOfChart } from "./registry.ts";
import { type ChartValue, CONTROLLERS, isCreated, isOn, rowsAt } from "./table.ts";
import type { WrittenValues } from "./written.ts";

const IMAGE = "*.image";
const TAG = "*.tag";

/** Goes through every value that is set: a row of the mapping, and a finding where nothing can take it over. */
export function checkChartValues(
  values: YamlData,
  input: Pick<ChartInput, "at" | "written"> & { fluxVersion: FluxVersion | undefined },
): { mapping: PatchMapping[]; findings: DraftFinding[]; registry?: string } {
  const mapping: PatchMapping[] = [];
  const findings: DraftFinding[] = [];
  const locate = (path: string[]) => input.written?.locate(path) ?? input.at;
  const images = registryOfChart(values, locate);
  findings.push(...(images?.findings ?? []));
  const registry = images?.registry === DEFAULT_REGISTRY ? undefined : images?.registry;
  const tags = input.fluxVersion && imageTags(input.fluxVersion);
  for (const leaf of readLeaves(values, [])) {
    const path = leaf.path.join(".");
    const at = locate(leaf.path);
    const isOff = Object.hasOwn(CONTROLLERS, leaf.path[0]!) && !isCreated(values, leaf.path[0]!);
    const entry = leaf.entry;
    if (!entry) {
      // The chart reads nothing of it; whatever it is written for stands where its aliases are.
      if (leaf.value === null || input.written?.holdsOnlyAnchors(leaf.path)) continue;
      mapping.push({ from: at, title: path, note: "left out: the chart does not know this value" });
      findings.push({ rule: "chart-value-unknown", level: "caution", at, facts: { value: path } });
      continue;
    }
    if (images && !registry && entry.path === IMAGE) continue;
    if (isStandard(leaf.value, entry) || (isOff && !path.endsWith(".create"))) continue;
    if (entry.needs && !isOn(valueAt(values, entry.needs.split(".")), false)) {
      mapping.push({ from: at, title: path, note: `nothing: it does something only with ${entry.needs}` });
      continue;
    }
    const component = ofOwn(CONTROLLERS, leaf.path[0]!)?.component;
    if (entry.path === TAG && component && tags?.get(component) === leaf.value) {
      mapping.push({ from: at, title: path, note: "nothing: it is the tag of the release" });
    } else if (registry && entry.path === IMAGE) {
      mapping.push({ from: at, title: path, to: "spec.distribution.registry", note: "carried over" });
    } else if (entry.lost) {
      mapping.push({ from: at, title: path, note: `left out: ${entry.lost.why}` });
      const { level, ...facts } = entry.lost;
      findings.push({ rule: "chart-value-lost", level, at, facts: { value: path, ...facts } });
    } else {
      const isPlace = entry.to.startsWith("spec.");
      mapping.push({
        from: at,
        title: path,
        ...(isPlace ? { to: entry.to } : {}),
        note: isPlace ? `carried over${leftOutOf(leaf)}` : entry.to,
      });
    }
  }
  return { mapping, findings, ...given({ registry }) };
}

/** Whether the chart does what it does anyway. */
function isStandard(value: YamlData, { standard, isPrinted }: ChartValue): boolean {
  if (typeof standard === "boolean" && !isPrinted) return isOn(value, standard) === standard;
  return !isFilled(value) || isDeepStrictEqual(value, standard);
}

/** What is not carried of a value that is. */
function leftOutOf({ path, value }: Leaf): string {
  const names = path.at(-1) === "labels" ? Object.keys(value ?? {}).filter(isReleaseLabel) : [];
  return names.length > 0 ? `, without ${names.join(" and ")}: the release they name goes` : "";
}

interface Leaf {
  path: string[];
  value: YamlData;
  /** Absent for a value the chart does not know. */
  entry?: ChartValue;
}

function readLeaves(value: YamlData, path: string[]): Leaf[] {
  if (path.length > 0) {
    const { row: entry, below } = rowsAt(path);
    const hasChildren = below.length > 0;
    if (entry && !(hasChildren && isMap(value))) return [{ path, value, entry }];
    if (entry && hasChildren && isMap(value)) {
      return Object.entries(value).flatMap(([key, child]) => {
        const [leaf] = readLeaves(child, [...path, key]);
        return [leaf?.entry ? leaf : { path: [...path, key], value: child, entry }];
      });
    }
    if (!hasChildren || !isMap(value)) return [{ path, value }];
  }
  return Object.entries(value ?? {}).flatMap(([key, child]) => readLeaves(child, [...path, key]));
}

export interface ChartInput extends Passage {
  /** The effective values of the HelmRelease. */
  values: unknown;
  /** The Flux version the chart installs, see `fluxVersionOfChart`. */
  fluxVersion: FluxVersion;
  /** The HelmRelease, for values that cannot be located. */
  at: Loc;
  /** Where the values stand; without it findings are at `at`, and comments are not carried. */
  written?: WrittenValues;
}
