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

/** What becomes of a value; nothing where the chart and the instance do the same without it. */
interface Taken {
  note: string;
  to?: string;
  finding?: DraftFinding;
}

/** What the values of a chart say beside the one that is looked at. */
interface Beside {
  values: YamlData;
  /** The registry that a FluxInstance takes over; `isPlain`: the images are those of the chart. */
  registry: string | undefined;
  isPlain: boolean;
  tags: ReadonlyMap<string, string> | undefined;
}

/** Goes through every value that is set: a row of the mapping, and a finding where nothing can take it over. */
export function checkChartValues(
  values: YamlData,
  input: Pick<ChartInput, "at" | "written"> & { fluxVersion: FluxVersion | undefined },
): { mapping: PatchMapping[]; findings: DraftFinding[]; registry?: string } {
  const locate = (path: string[]) => input.written?.locate(path) ?? input.at;
  const images = registryOfChart(values, locate);
  const registry = images?.registry === DEFAULT_REGISTRY ? undefined : images?.registry;
  const tags = input.fluxVersion && imageTags(input.fluxVersion);
  const beside = { values, registry, isPlain: images !== undefined && !registry, tags };
  const mapping: PatchMapping[] = [];
  const findings = [...(images?.findings ?? [])];
  for (const leaf of readLeaves(values, [])) {
    const at = locate(leaf.path);
    const taken = leaf.entry
      ? takeValue({ ...leaf, entry: leaf.entry }, beside, at)
      : leaveUnknown(leaf, input.written, at);
    if (!taken) continue;
    const { finding, ...row } = taken;
    mapping.push({ from: at, title: leaf.path.join("."), ...row });
    if (finding) findings.push(finding);
  }
  return { mapping, findings, ...given({ registry }) };
}

/** The chart reads nothing of it; whatever it is written for stands where its aliases are. */
function leaveUnknown({ path, value }: Leaf, written: WrittenValues | undefined, at: Loc): Taken | undefined {
  if (value === null || written?.holdsOnlyAnchors(path)) return undefined;
  return {
    note: "left out: the chart does not know this value",
    finding: { rule: "chart-value-unknown", level: "caution", at, facts: { value: path.join(".") } },
  };
}

function takeValue(leaf: Leaf & { entry: ChartValue }, beside: Beside, at: Loc): Taken | undefined {
  const { entry, value } = leaf;
  const path = leaf.path.join(".");
  const [first = ""] = leaf.path;
  if (beside.isPlain && entry.path === IMAGE) return undefined;
  const isOff = Object.hasOwn(CONTROLLERS, first) && !isCreated(beside.values, first);
  if (isStandard(value, entry) || (isOff && !path.endsWith(".create"))) return undefined;
  if (entry.needs && !isOn(valueAt(beside.values, entry.needs.split(".")), false))
    return { note: `nothing: it does something only with ${entry.needs}` };
  const component = ofOwn(CONTROLLERS, first)?.component;
  if (entry.path === TAG && component && beside.tags?.get(component) === value)
    return { note: "nothing: it is the tag of the release" };
  if (beside.registry && entry.path === IMAGE) return { to: "spec.distribution.registry", note: "carried over" };
  if (entry.lost) {
    const { level, ...facts } = entry.lost;
    const finding: DraftFinding = { rule: "chart-value-lost", level, at, facts: { value: path, ...facts } };
    return { note: `left out: ${entry.lost.why}`, finding };
  }
  return entry.to.startsWith("spec.") ? { to: entry.to, note: `carried over${leftOutOf(leaf)}` } : { note: entry.to };
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
