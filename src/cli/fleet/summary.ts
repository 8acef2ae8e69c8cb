import type { FleetResult } from "../../contract/fleet.ts";

interface Said {
  level?: string;
  rule?: string;
}

/** What the commands print, as far as a summary needs it. */
interface Printed {
  verdict?: string;
  findings?: Said[];
  clusters?: Row[];
  phases?: { clusters?: Row[] }[];
}

interface Row {
  cluster?: string;
  state?: string;
  standing?: { next?: string };
  findings?: Said[];
  safety?: { verdict?: string };
}

/** The part of a result that says where a repository stands, out of the JSON of its command. */
export function summarise(printed: unknown): Pick<FleetResult, "clusters" | "verdict" | "counts" | "blockers"> {
  const { verdict, findings = [], clusters = [], phases = [] } = printed as Printed;
  const rows = [...clusters, ...phases.flatMap((phase) => phase.clusters ?? [])];
  const all = [...findings, ...rows.flatMap((row) => row.findings ?? [])];
  const count = (level: string) => all.filter((one) => one.level === level).length;
  const named = new Map<string, FleetResult["clusters"][number]>();
  for (const { cluster = "", state, standing, safety } of rows) {
    if (named.has(cluster)) continue;
    named.set(cluster, {
      name: cluster,
      ...(state === undefined ? {} : { state }),
      ...(standing?.next === undefined ? {} : { next: standing.next }),
      ...(safety?.verdict === undefined || verdict === undefined ? {} : { verdict: safety.verdict }),
    });
  }
  const blockers = all.flatMap(({ level, rule }) => (level === "blocker" && rule ? [rule] : []));
  return {
    clusters: [...named.values()],
    ...(verdict === undefined ? {} : { verdict }),
    counts: { blocker: count("blocker"), caution: count("caution"), info: count("info") },
    blockers: [...new Set(blockers)].sort(),
  };
}
