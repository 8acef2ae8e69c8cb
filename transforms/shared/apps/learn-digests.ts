import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { docsIn } from "../read.ts";
import { tell } from "./evidence.ts";
import { chartSources, type Sample } from "./learn-files.ts";

/** Whether the owner pins charts by digest, which nobody knows without a network. */
export interface DigestHabit {
  pinned: boolean;
  learned: LearnedConvention[];
}

/** A habit where every chart source has one, two at least. */
export function learnDigests(samples: readonly Sample[]): DigestHabit {
  const beside = chartSources(samples);
  // Most trees pin tags; only where each file may hold a digest are they parsed.
  if (beside.length < 2 || !beside.every(({ text }) => text.includes("sha256:"))) return { pinned: false, learned: [] };
  const sources = beside.flatMap(({ text }) => docsIn(text).filter(({ data }) => data?.kind === "OCIRepository"));
  const pinned = sources.every(({ data }) => {
    const { tag, digest } = data.spec?.ref ?? {};
    return typeof digest === "string" || String(tag ?? "").includes("@sha256:");
  });
  const { file } = beside[0]!;
  const shown = { value: true, file, count: sources.length, of: sources.length };
  return { pinned, learned: pinned ? tell("version of a chart", shown, "with its digest") : [] };
}
