import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { keyOf } from "./draw.mjs";

/**
 * Says what came of a sample: the score of each folder, then the survivors.
 * @param drawn the mutants in the order in which they were drawn
 * @param {Map<string, string>} results by key
 */
export function say(drawn, results) {
  const rows = new Map();
  const all = { killed: 0, timeout: 0, survived: 0 };
  const survivors = [];
  for (const mutant of drawn) {
    const status = results.get(keyOf(mutant));
    if (status === undefined) continue;
    const folder = dirname(mutant.fileName);
    if (!rows.has(folder)) rows.set(folder, { killed: 0, timeout: 0, survived: 0 });
    const sum = status === "unreached" ? "survived" : status;
    rows.get(folder)[sum] += 1;
    all[sum] += 1;
    if (sum === "survived") survivors.push(`${sayMutant(mutant)}${status === sum ? "" : " (reached by no test)"}`);
  }
  console.log("\n| folder | mutants | killed | timeout | survived | score |\n| --- | --- | --- | --- | --- | --- |");
  for (const [folder, row] of [...rows].sort()) console.log(sayRow(`\`${folder}\``, row));
  console.log(sayRow("**together**", all));
  console.log(
    `\nOf ${drawn.length} mutants drawn ${drawn.length - all.killed - all.timeout - all.survived} are open.\n`,
  );
  console.log(survivors.sort().join("\n"));
}

function sayRow(name, { killed, timeout, survived }) {
  const count = killed + timeout + survived;
  const score = ((100 * (killed + timeout)) / count).toFixed(1);
  return `| ${name} | ${count} | ${killed} | ${timeout} | ${survived} | ${score} % |`;
}

function sayMutant({ fileName, location: { start, end }, mutatorName, replacement }) {
  const line = readFileSync(fileName, "utf8").split("\n")[start.line];
  const was = line.slice(start.column, end.line === start.line ? end.column : undefined);
  const short = (text) => JSON.stringify(text.length > 90 ? `${text.slice(0, 90)}…` : text);
  return `${fileName}:${start.line + 1}:${start.column + 1} ${mutatorName}: ${short(was)} -> ${short(replacement)}`;
}
