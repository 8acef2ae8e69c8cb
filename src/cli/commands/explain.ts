import { UsageError } from "../../contract/errors.ts";
import type { Shown } from "../../contract/media.ts";
import type { Explanation } from "../../findings/explain.ts";
import { printJson } from "../../report/json.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Session } from "../session.ts";
import { ownRule } from "./own.ts";
import { deliver, textOptions } from "./show.ts";

/** `fluxlift explain RULE`: what a finding means, from the catalogue; without a rule, all of them. */
export async function runExplain({ io }: Session, flags: Flags, asked?: string): Promise<Outcome> {
  const [{ findRule, listRules, suggestRules }, { renderExplanation, renderRules }] = await Promise.all([
    import("../../findings/explain.ts"),
    import("../../report/explain.ts"),
  ]);
  const isJson = (flags.format ?? (flags.output?.endsWith(".json") ? "json" : "text")) === "json";
  const print = <T extends Explanation | Explanation[]>(said: T, render: (said: T) => Shown): Outcome => {
    deliver(io, flags, isJson ? printJson(said) : render(said));
    return "done";
  };
  const options = textOptions(io, flags);
  if (asked === undefined) return print(listRules(), (rules) => renderRules(rules, options));
  const rule = asked.trim().toLowerCase();
  const found = findRule(rule) ?? ownRule(flags, asked.trim());
  if (found) return print(found, (one) => renderExplanation(one, options));
  const near = suggestRules(rule);
  const list = "fluxlift explain lists all rules.";
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}? ${list}` : list;
  throw new UsageError("unknown-rule", `There is no rule '${asked}'.`, hint);
}
