import { hideCredentials } from "../contract/address.ts";
import { clip } from "../contract/cut.ts";
import { FluxliftError } from "../contract/errors.ts";
import { escapeText, md } from "../report/markdown-escape.ts";
import type { Publication } from "./publication.ts";

const LONGEST = 2000;

/** That there is no answer, so that the one about an earlier commit does not go on standing there. */
export function publishableFailure(topic: Publication["topic"], error: unknown, commit: string): Publication {
  const said = clip(hideCredentials(error instanceof Error ? error.message : String(error)), LONGEST);
  const hint = error instanceof FluxliftError ? error.hint : "";
  const title = "could not be judged";
  return {
    topic,
    state: "error",
    headline: `${title}: ${said}`,
    commit,
    markdown: () =>
      md`# fluxlift: ${escapeText(title)}\n\n${escapeText(said)}\n\n${escapeText(hint)}\n\nThe log of the job has more.\n`,
    findings: [],
  };
}
