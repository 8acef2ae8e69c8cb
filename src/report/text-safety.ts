import type { MergeSafety, ObjectFate } from "../contract/safety.ts";
import { cleanText, hangText, type Paint, type Style, sayCount } from "./terminal.ts";

const SHOWN = 5;

/** Worst first, with the words for a count of objects. */
export const FATE_WORDS: readonly [fate: ObjectFate, says: string, style: Style][] = [
  ["deleted", "deleted", "red"],
  ["recreated", "may be deleted and applied again", "red"],
  ["unknown", "not known", "yellow"],
  ["orphaned", "left in the cluster without an owner", "yellow"],
  ["moved", "handed over to another Kustomization", "cyan"],
  ["adopted", "owned by the operator", "cyan"],
  ["created", "created", "green"],
  ["kept", "kept", "dim"],
];

/** What Flux will do when the phase is merged: a count for each outcome, and what may go, biggest danger first. */
export function safetyLines(safety: MergeSafety, paint: Paint, width: number, verbose: boolean): string[] {
  const counts = FATE_WORDS.flatMap(([fate, says]) => {
    const known = safety.outcomes[fate];
    return known ? [`${sayCount(known.count, "object")} ${says}`] : [];
  });
  const lines = [
    `    ${paint("bold", "when it is merged")}`,
    ...hangText("      ", counts.join(", ") || "nothing changes", width),
  ];
  const shown = verbose ? safety.dangers : safety.dangers.slice(0, SHOWN);
  for (const { resource, outcome, wanted, accepted, what, chain } of shown) {
    const mark = wanted && !accepted ? paint("red", "✗") : paint("dim", "-");
    const says = outcome === "deleted" ? "is deleted" : "may be deleted, then applied again";
    lines.push(...hangText(`      ${mark} `, `${resource} ${says}${accepted ? " (accepted)" : ""}`, width));
    if (!verbose) continue;
    for (const text of chain.length > 0 ? chain : [what])
      lines.push(...hangText("          ", text, width, (line) => paint("dim", line)));
  }
  const hidden = safety.dangers.length - shown.length;
  if (hidden > 0) lines.push(paint("dim", `        and ${sayCount(hidden, "more object")}; --verbose lists them`));
  for (const { what, accepted } of safety.unknown) {
    const text = `${what}${accepted ? " (accepted)" : ""}`;
    lines.push(...hangText(`      ${paint("yellow", "?")} `, cleanText(text), width));
  }
  return lines;
}
