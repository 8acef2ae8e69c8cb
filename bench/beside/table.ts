import type { FlateSays } from "./flate.ts";
import type { Results, Said } from "./results.ts";

const isHarmful = ({ harm, fluxlift }: Said) => harm.length > 0 && fluxlift.verdict !== "deletes";

/** The table of docs/verify.md: the same changes, and what each tool says; what it comes to in a line before it. */
export function tableOf({ said }: Results): string {
  const rows = said.map((one) =>
    [titleOf(one), one.flux, sayDiff(one), sayTest(one), sayKonflate(one), sayFluxlift(one)].join(" | "),
  );
  return [
    ...sumUp(said.filter(isHarmful)),
    "",
    "| change | what Flux does | `flate diff` shows | `flate test` | konflate warns | `fluxlift verify` |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}

function sumUp(harmful: readonly Said[]): string[] {
  const count = (test: (one: Said) => boolean) => harmful.filter(test).length;
  const shown = count(({ harm, flate }) =>
    harm.some((label) => [...flate.removed, ...flate.added, ...flate.changed].includes(label)),
  );
  return [
    `Of ${harmful.length} changes that do harm, \`flate diff\` shows an object that is harmed in ${shown}, \`flate test\` fails in ` +
      `${count((one) => newFailures(one).length > 0)}, konflate warns of ${count(({ konflate }) => konflate.length > 0)}, and ` +
      `\`fluxlift verify\` stops ${count(({ fluxlift }) => fluxlift.exit !== 0)}.`,
  ];
}

const titleOf = (one: Said) => (one.class === "everyday" ? one.change : `**${one.class}** ${one.change}`);

function sayDiff(one: Said): string {
  const { flate, asPushed } = one;
  const built = flate.unbuilt.filter((label) => !flate.removed.includes(label));
  const missed = built.length > 0 ? `; \`flate build\` of both trees tells: ${built.join(", ")} gone` : "";
  return `${shownBy(one, flate)}${missed}${asPushed ? `; by \`--base\`: ${shownBy(one, asPushed)}` : ""}`;
}

/** The harmed objects first, since they are what a reviewer looks for; then how much else there is to read. */
function shownBy({ harm }: Said, { removed, added, changed }: FlateSays): string {
  const named = (word: string, labels: readonly string[]) => {
    const own = labels.filter((label) => harm.includes(label));
    return own.length > 0 ? [`${own.join(", ")} ${word}`] : [];
  };
  const others = [...removed, ...added, ...changed].filter((label) => !harm.includes(label)).length;
  const more = others > 0 ? [`${others} ${harm.length > 0 ? "other " : ""}${others === 1 ? "object" : "objects"}`] : [];
  const parts = [...named("gone", removed), ...named("changed", changed), ...named("new", added), ...more];
  return parts.length > 0 ? parts.join(", ") : "nothing";
}

const newFailures = ({ flate: { testBase, testHead } }: Said) => testHead.filter((line) => !testBase.includes(line));

function sayTest(one: Said): string {
  const fresh = newFailures(one).map((line) => line.split(":")[0]);
  return fresh.length > 0 ? `fails: ${fresh.join(", ")}` : "passes";
}

function sayKonflate({ konflate }: Said): string {
  const rules = konflate.map((rule) => (rule.includes(" ") ? rule : `\`${rule}\``));
  return rules.length > 0 ? rules.join(", ") : "nothing";
}

function sayFluxlift({ harm, fluxlift: { verdict, rules, named } }: Said): string {
  const reasons = rules.length > 0 ? ` (${rules.map((rule) => `\`${rule}\``).join(", ")})` : "";
  const missing = harm.filter((label) => !named.includes(label));
  return `${verdict}${reasons}${missing.length > 0 ? `; does not name ${missing.join(", ")}` : ""}`;
}
