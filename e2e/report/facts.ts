import type { FactAnswer, ScenarioResult } from "../record/result.ts";
import { cell, table } from "./table.ts";

interface Answer extends FactAnswer {
  flux: string;
  scenario: string;
}

/** Each fact once, with what every run answered. */
export function factLines(results: ScenarioResult[], fluxOf: (generation: string) => string): string[] {
  const facts = new Map<string, Answer[]>();
  for (const { generation, scenario, facts: found } of results) {
    for (const fact of found) {
      const key = `${fact.id}\n${fact.statement}`;
      facts.set(key, [...(facts.get(key) ?? []), { ...fact, flux: fluxOf(generation), scenario }]);
    }
  }
  const rows = [...facts.values()].map((answers) => [
    cell(answers[0]?.id ?? ""),
    cell(answers[0]?.statement ?? ""),
    [...new Set(answers.map(({ flux }) => flux))]
      .map((flux) => `${flux}: ${verdict(answers.filter((one) => one.flux === flux))}`)
      .join("<br>"),
    cell(
      [...new Set(tellingFirst(answers).map(({ flux, seen, scenario }) => `${flux}, ${scenario}: ${seen}`))]
        .slice(0, 4)
        .join("; ")
        .slice(0, 500),
    ),
  ]);
  return [
    "## Facts settled",
    "",
    "Names: S2.4 is section 2.4 of flux-facts.md, a trap is one of traps.md; [I] was inferred from the sources before, [X] known from elsewhere.",
    "",
    ...table(["fact", "statement", "holds", "seen"], rows),
    "",
    "Not settled here, with the reason:",
    "",
    "- S6.2 [X], what tf-controller may read: it is no part of Flux.",
    "- trap 58 [X] of helm-controller before 1.2 (Flux before 2.5): neither release of the bench is that old.",
    "",
  ];
}

/** Answers that saw something come before those that did not. */
const tellingFirst = (answers: Answer[]): Answer[] =>
  [...answers].sort((a, b) => Number(a.holds === "not seen") - Number(b.holds === "not seen"));

function verdict(all: Answer[]): string {
  const answers = all.filter(({ holds }) => holds !== "not seen");
  if (answers.length === 0) return "not seen";
  const yes = answers.filter(({ holds }) => holds).length;
  if (yes === answers.length) return "yes";
  return yes === 0 ? "**no**" : `sometimes (${yes} of ${answers.length})`;
}
