import { hideCredentials } from "../contract/address.ts";
import type { DraftFinding, FactFinding, Finding, SaidFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import type { Phase } from "../contract/options.ts";
import { visible } from "../contract/visible.ts";
import { RULES } from "./catalogue.ts";
import type { RuleText, RuleWords } from "./rule-text.ts";

/** A finding in the words of the catalogue; one that came with words of its own keeps them. */
export function sayFinding(draft: DraftFinding): SaidFinding {
  const { clusters: _, ...own } = draft;
  const said = "facts" in own ? sayFacts(own) : own;
  // The facts are on one line each, so that other lines are the catalogue's: code to paste.
  return { ...said, ...clean(said, "facts" in own) };
}

/** The same as one of a phase and of the cluster it is about: that of the run, where it does not say another. */
export function sayOf(draft: DraftFinding, phase: Phase, own: string): Finding {
  const { clusters = [own] } = draft;
  const [cluster] = clusters.length === 1 ? clusters : [];
  return { ...sayFinding(draft), ...given({ cluster }), phase };
}

/** Findings that came to words elsewhere, made fit to be shown. */
export function cleanFindings(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({ ...finding, ...clean(finding) }));
}

/** URLs of sources, charts and bases come to words in many places, and so do names. No value starts a line of its own. */
function clean({ what, why, next }: Pick<Finding, "what" | "why" | "next">, hasCode = false) {
  const line = (text: string) => visible(hideCredentials(text));
  return { what: line(what), why: line(why), next: hasCode ? next.split("\n").map(line).join("\n") : line(next) };
}

function sayFacts({ facts, ...place }: FactFinding): SaidFinding {
  // That words and facts are of one rule cannot be said of a union; a type parameter for it takes tsc half a minute.
  const words: RuleText & RuleWords<never> = RULES[place.rule];
  const said = spellOut(facts, place.rule) as never;
  return {
    ...place,
    what: words.what(said),
    why: words.why?.(said) || words.meaning,
    next: words.advice?.(said) || words.next,
  };
}

/** Lines of code to paste, which fluxlift wrote. */
const CODE: readonly string[] = ["helmfile-by-hand.advice"];

/** Facts with every text in them on one line. */
function spellOut(value: unknown, path: string): unknown {
  if (typeof value === "string") return CODE.includes(path) ? value : visible(value);
  if (Array.isArray(value)) return value.map((item) => spellOut(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spellOut(item, `${path}.${key}`)]));
}
