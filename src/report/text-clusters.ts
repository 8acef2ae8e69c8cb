import { formatLoc, type Loc } from "../contract/errors.ts";
import { sayStyle } from "../contract/install-style.ts";
import type { Shown } from "../contract/media.ts";
import type { ClusterPlan, DetectedInstall } from "../contract/plan.ts";
import { padShown, shown, visible } from "../contract/visible.ts";
import { sayState } from "./summary.ts";
import { blanks, hangDim, hangText, leavesOut, type Screen, sayCount } from "./terminal.ts";

type Row = [label: Shown, value: Shown, at?: Loc | undefined];

/** What was recognised of a cluster: one headline, then a row for each claim with the place that makes it. */
export function clusterLines(plan: ClusterPlan, screen: Screen): Shown[] {
  const { cluster, detected, state, conventions } = plan;
  const { paint, verbose } = screen;
  const version = sayVersion(detected);
  const head = shown`${paint("cyan", shown`►`)} ${paint("bold", visible(cluster))}  ${visible(version)}`;
  const rows = [...listRows(detected, verbose), ...(verbose ? habitRows(conventions) : [])];
  const title = shown`${head} · ${paint(state === "done" ? "green" : "yellow", visible(sayState(plan)))}`;
  if (leavesOut(screen, 6)) return [title];
  if (leavesOut(screen, 3)) return [title, ...shortLines(rows, screen)];
  return [title, ...rowLines(rows, screen)];
}

/** What was recognised, without the places: `scan` has them. */
function shortLines(rows: readonly Row[], screen: Screen): Shown[] {
  const values = rows.filter(([label]) => SHORT.includes(label)).map(([, value]) => value);
  return hangDim(shown`    `, values.join(" · "), screen);
}

const SHORT: readonly string[] = ["install", "source", "root"];

function rowLines(rows: readonly Row[], { paint, width }: Screen): Shown[] {
  const labelWidth = Math.max(...rows.map(([label]) => label.length)) + 2;
  const valueWidth = Math.max(...rows.map(([, value]) => [...value].length)) + 2;
  return rows.flatMap(([label, value, at]) => {
    const lead = shown`    ${paint("dim", padShown(label, labelWidth))}`;
    const start = shown`${lead}${value}`;
    const whole = 4 + labelWidth + [...value].length > width ? hangText(lead, value, width) : [start];
    if (!at) return whole;
    const place = visible(formatLoc(at));
    if (4 + labelWidth + valueWidth + place.length <= width) {
      return [shown`${start}${blanks(valueWidth - [...value].length)}${paint("dim", place)}`];
    }
    return [...whole, shown`    ${blanks(labelWidth)}${paint("dim", place)}`];
  });
}

export function sayVersion({ version, style }: DetectedInstall): string {
  if (version) return `Flux ${version.value.replace(/@.*/, "")}`;
  return style === "operator" ? "Flux version set by the FluxInstance" : "Flux version not pinned";
}

/** What generated files follow, each with a file that shows it. */
function habitRows(conventions: ClusterPlan["conventions"] = []): Row[] {
  return conventions.map(({ about, says, from }, index) => [
    index === 0 ? shown`conventions` : shown``,
    visible(`${about}: ${says}`),
    from,
  ]);
}

function listRows(detected: DetectedInstall, verbose: boolean): Row[] {
  const { version, continuous, source, root, bootstrap = [], components = [], appsDir } = detected;
  const patches = detected.patches > 0 ? `, ${sayCount(detected.patches, "patch", "patches")}` : "";
  const rows: [label: string, value: string, at?: Loc | undefined][] = [
    ["install", `${sayStyle(continuous?.style ?? detected.style, continuous?.at)}${patches}`, continuous?.at],
  ];
  // A digest beside the tag is told by its beginning, as git tells a commit.
  const brief = version?.value.replace(/(?<=@sha256:[0-9a-f]{12})[0-9a-f]+/, "");
  if (version && brief) rows.push(["version", verbose ? version.value : brief, version.at]);
  if (source) rows.push(["source", `${source.kind} ${source.name}, ${source.ref}`, source.at]);
  if (source && verbose) rows.push(["", source.url]);
  if (root) rows.push(["root", `${root.name} → ${root.path}`, root.at]);
  for (const { style, version: installed, at } of bootstrap) {
    rows.push(["bootstrap", `${sayStyle(style, at)}${installed ? ` ${installed}` : ""}`, at]);
  }
  if (verbose) {
    rows.push(["namespace", detected.namespace]);
    for (let i = 0; i < components.length; i += 2) {
      rows.push([i === 0 ? "components" : "", components.slice(i, i + 2).join(", ")]);
    }
    rows.push(["layout", appsDir ? `${detected.layout} in ${appsDir}` : detected.layout]);
  }
  return rows.map(([label, value, at]) => [visible(label), visible(value), at]);
}
