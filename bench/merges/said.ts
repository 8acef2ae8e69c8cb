import type { Data } from "../corpus/gate/snapshot.ts";
import { runTool } from "../corpus/tool.ts";
import type { Said } from "./types.ts";

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);

/** What happens to a named object that is no loss. */
const HARMLESS = new Set(["kept", "created", "moved", "adopted"]);

/** Asks the tool about a pair; shapes of its JSON that differ between versions are read alike. */
export function askTool(cli: string, repo: string, pair: string): Said {
  const started = Date.now();
  const run = runTool(cli, ["verify", "--base", `${pair}-base`, "--head", `${pair}-head`, repo, "--format", "json"]);
  const seconds = (Date.now() - started) / 1000;
  let said: Data;
  try {
    said = JSON.parse(run.stdout);
  } catch {
    const text = (run.stderr || run.stdout).trim().split("\n")[0] ?? "";
    return { ...NOTHING, exit: run.exitCode, verdict: `error: ${text.slice(0, 120)}`, seconds };
  }
  return { ...readSaid(said), exit: run.exitCode, seconds };
}

/** @param said the JSON of `verify` */
export function readSaid(said: Data): Omit<Said, "exit" | "seconds"> {
  const safeties = list(said.clusters).map(({ safety }) => safety ?? {});
  const outcomes = safeties.flatMap(({ outcomes }) => Object.entries((outcomes ?? {}) as Data));
  const named = (fate: string): string[] => [
    ...outcomes.filter(([key]) => key === fate).flatMap(([, value]) => list((value as Data).names).map(String)),
    ...safeties.flatMap(({ dangers }) =>
      list(dangers)
        .filter(({ outcome }) => outcome === fate)
        .map(({ resource }) => String(resource)),
    ),
  ];
  const findings = list(said.findings);
  return {
    verdict: verdictOf(said, safeties),
    deleted: [...new Set(named("deleted"))],
    recreated: [...new Set(named("recreated"))],
    text: JSON.stringify([safeties.map(withoutHarmless), findings]),
    breaks: findings.filter(({ rule }) => rule === "build-breaks").map((one) => `${one.resource ?? ""} ${one.what}`),
    unknown: safeties
      .flatMap(({ unknown }) => list(unknown))
      .map((one) => (typeof one === "string" ? one : JSON.stringify(one))),
    cut: outcomes.some(
      ([key, value]) => !HARMLESS.has(key) && list((value as Data).names).length < (value as Data).count,
    ),
    clusters: safeties.length,
  };
}

const NOTHING: Omit<Said, "exit" | "verdict" | "seconds"> = {
  deleted: [],
  recreated: [],
  text: "",
  breaks: [],
  unknown: [],
  cut: false,
  clusters: 0,
};

function withoutHarmless(safety: Data): Data {
  const { transfers: _, outcomes = {}, ...rest } = safety;
  return { ...rest, outcomes: Object.fromEntries(Object.entries(outcomes).filter(([key]) => !HARMLESS.has(key))) };
}

/** The verdict of docs/commands/verify.md; of a build that only knows `safe` the nearest one. */
function verdictOf(said: Data, safeties: Data[]): string {
  if (typeof said.verdict === "string") return said.verdict;
  if (safeties.length === 0) return "unproven";
  if (!said.safe) return "unsafe";
  if (safeties.some(({ unknown }) => list(unknown).length > 0)) return "unproven";
  return safeties.some(({ dangers }) => list(dangers).length > 0) ? "deletes" : "safe";
}

/**
 * Whether a text names an object: `Kind namespace/name` as a word of its own. What says no namespace is applied in `default`,
 * and the tool names it there; a namespace written in an object of the whole cluster (a ClusterIssuer) counts for nothing.
 */
export function names(text: string, resource: string): boolean {
  const exact = resource.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const isWide = /^Cluster[A-Z][^ ]* [^/]+\//.test(resource);
  const plain = isWide
    ? exact.replace(/ ([^/]+\/)/, " (?:$1)?")
    : resource.includes("/")
      ? exact
      : exact.replace(" ", " (?:default/)?");
  return new RegExp(`(?<![\\w./-])${plain}(?![\\w./-]*[\\w/-])`).test(text);
}
