import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

/** Keeps what came of a mutant; what is said last counts. @param {"killed" | "timeout" | "survived" | "unreached"} status */
export function addResult(file, key, status) {
  appendFileSync(file, `${JSON.stringify([key, status])}\n`);
}

/** @returns {Map<string, string>} what is known, by the key of the mutant */
export function readResults(file) {
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  return new Map(lines.filter(Boolean).map((line) => JSON.parse(line)));
}

/** What survived is asked again. */
export function dropSurvivors(file) {
  const kept = [...readResults(file)].filter(([, status]) => status !== "survived" && status !== "unreached");
  writeFileSync(file, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
