import { compareText } from "../contract/compare-text.ts";
import type { Json } from "../contract/media.ts";
import type { Plan } from "../contract/plan.ts";
import { spellHidden } from "../contract/visible.ts";
import { withholdSecrets } from "../plan/saved/secrets.ts";

/** Keys that lead an object, in this order; the others follow by name. What identifies comes before what details. */
const LEADING = [
  ...["tool", "version", "schema", "options", "scanned", "findings", "phases", "base"],
  ...["rule", "level", "cluster", "phase", "state", "kind", "path", "to", "resource", "at", "what", "why", "next"],
  ...["file", "line", "col", "title", "body", "commands", "expect", "from", "note"],
];
const RANK = new Map(LEADING.map((key, index) => [key, index]));

/**
 * Renders the plan as JSON for machines and for `fluxlift apply`. The same plan gives the same bytes: keys have a fixed
 * order and nothing depends on time or place, and texts of files with Secrets stay out. Documented in docs/plan-json.md.
 */
export function renderJson(plan: Plan): Json {
  return printJson(orderKeys(withholdSecrets(plan)));
}

/** JSON in which a value does nothing to a terminal, or to the runner of a job that logs it: in a string, `\u001b` is the same. */
export function printJson(value: unknown, indent = 2): Json {
  return spellHidden(`${JSON.stringify(value, null, indent)}\n`);
}

function orderKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (RANK.get(a) ?? Infinity) - (RANK.get(b) ?? Infinity) || compareText(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, orderKeys(item)]));
}
