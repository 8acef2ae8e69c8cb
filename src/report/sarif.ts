import type { Finding, Level } from "../contract/finding.ts";
import { made, type Sarif } from "../contract/media.ts";
import type { Plan } from "../contract/plan.ts";
import { VERSION } from "../contract/version.ts";
import { visibleLines } from "../contract/visible.ts";
import { uriOf } from "../files/raw-names.ts";
import { isKnownRule, RULES } from "../findings/catalogue.ts";
import { printJson } from "./json.ts";
import { collectFindings } from "./summary.ts";

/** What a viewer shows: `[text](target)` would be a link there, so its brackets are escaped. */
interface Message {
  text: Sarif;
}

function message(text: string): Message {
  return { text: made(visibleLines(text).replace(/[[\]](?=[^[\]]*\]\(|\()/g, "\\$&")) };
}

const LEVELS: Record<Level, "error" | "warning" | "note"> = { blocker: "error", caution: "warning", info: "note" };

/** Renders the findings of a plan as SARIF 2.1.0, which code hosts show beside the lines of a pull request. */
export function renderSarif(plan: Plan): Sarif {
  return printSarif(collectFindings(plan));
}

/** Findings as SARIF 2.1.0, with their paths as they are. */
export function printSarif(findings: readonly Finding[]): Sarif {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  const driver = { name: "fluxlift", version: VERSION, rules: ids.map(describeRule) };
  const results = findings.map((finding) => toResult(finding, ids.indexOf(finding.rule)));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver }, columnKind: "utf16CodeUnits", results }],
  };
  return made(printJson(log));
}

function describeRule(id: Finding["rule"]): { id: string } & Record<string, Message | string> {
  if (!isKnownRule(id)) return { id };
  const { title, meaning, next } = RULES[id];
  return { id, shortDescription: message(title), fullDescription: message(meaning), help: message(next) };
}

function toResult({ rule, level, at, cluster, resource, what, why, next }: Finding, ruleIndex: number) {
  const owner = [cluster, resource].filter((part) => part !== undefined).join(" · ");
  const physicalLocation = at && {
    artifactLocation: { uri: uriOf(at.file) },
    region: { startLine: at.line, startColumn: at.col },
  };
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[level],
    message: message(`${owner === "" ? "" : `${owner}: `}${what} ${why} Next: ${next}`),
    ...(physicalLocation && { locations: [{ physicalLocation }] }),
  };
}
