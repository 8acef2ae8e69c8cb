import { formatLoc, type Loc } from "../contract/errors.ts";
import type { ClusterPlan, DetectedInstall } from "../contract/plan.ts";
import { sayState } from "./summary.ts";
import { cleanText, type Paint, sayCount } from "./terminal.ts";

type Row = [label: string, value: string, at?: Loc];

export type RecognisedCluster = Pick<ClusterPlan, "cluster" | "state" | "detected">;

const STYLES: Record<string, string> = {
  gotk: "gotk-components.yaml of flux bootstrap",
  "oci-manifests": "flux-manifests artifact",
  "remote-install": "flux2 manifests/install",
  "community-chart": "flux2 Helm chart",
  operator: "Flux Operator",
};

/** What was recognised of a cluster: one headline, then a row for each claim with the place that makes it. */
export function clusterLines(cluster: RecognisedCluster, paint: Paint, width: number, verbose: boolean): string[] {
  const { detected, state } = cluster;
  const version = sayVersion(detected);
  const head = `${paint("cyan", "►")} ${paint("bold", cleanText(cluster.cluster))}  ${cleanText(version)}`;
  const rows = listRows(detected, verbose);
  const labelWidth = Math.max(...rows.map(([label]) => label.length)) + 2;
  const valueWidth = Math.max(...rows.map(([, value]) => [...value].length)) + 2;
  const lines = rows.flatMap(([label, value, at]) => {
    const start = `    ${paint("dim", label.padEnd(labelWidth))}${value}`;
    if (!at) return [start];
    const place = cleanText(formatLoc(at));
    if (4 + labelWidth + valueWidth + place.length <= width) {
      return [`${start}${" ".repeat(valueWidth - [...value].length)}${paint("dim", place)}`];
    }
    return [start, `    ${" ".repeat(labelWidth)}${paint("dim", place)}`];
  });
  return [`${head} · ${paint(state === "done" ? "green" : "yellow", sayState(state))}`, ...lines];
}

export function sayVersion({ version, style }: DetectedInstall): string {
  if (version) return `Flux ${version.value}`;
  return style === "operator" ? "Flux version set by the FluxInstance" : "Flux version not pinned";
}

export function sayStyle(style: string): string {
  return STYLES[style] ?? style;
}

function listRows(detected: DetectedInstall, verbose: boolean): Row[] {
  const { version, continuous, source, root } = detected;
  const rows: Row[] = [];
  const patches = detected.patches > 0 ? `, ${sayCount(detected.patches, "patch", "patches")}` : "";
  rows.push([
    "install",
    `${sayStyle(continuous?.style ?? detected.style)}${patches}`,
    ...(continuous ? [continuous.at] : []),
  ] as Row);
  if (version) rows.push(["version", version.value, version.at]);
  if (source) rows.push(["source", `${source.kind} ${source.name}, ${source.ref}`, source.at]);
  if (source && verbose) rows.push(["", source.url]);
  if (root) rows.push(["root", `${root.name} → ${root.path}`, root.at]);
  for (const bootstrap of detected.bootstrap ?? []) {
    const says = bootstrap.version ? ` ${bootstrap.version}` : "";
    rows.push(["bootstrap", `${sayStyle(bootstrap.style)}${says}`, bootstrap.at]);
  }
  if (verbose) {
    rows.push(["namespace", detected.namespace]);
    for (const [index, names] of chunk(detected.components ?? [], 2).entries()) {
      rows.push([index === 0 ? "components" : "", names.join(", ")]);
    }
    rows.push(["layout", detected.appsDir ? `${detected.layout} in ${detected.appsDir}` : detected.layout]);
  }
  return rows.map(([label, value, at]) => (at ? [label, cleanText(value), at] : [label, cleanText(value)]));
}

function chunk(names: readonly string[], size: number): string[][] {
  const rows: string[][] = [];
  for (let start = 0; start < names.length; start += size) rows.push(names.slice(start, start + size));
  return rows;
}
