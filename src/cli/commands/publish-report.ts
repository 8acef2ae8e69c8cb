import { UsageError } from "../../contract/errors.ts";
import { readTarget } from "../../publish/target.ts";
import { MOST_BYTES, readUntrustedReport } from "../../publish/untrusted-report.ts";
import { publishable } from "../../publish/verify.ts";
import { isPassed } from "../../safety/verify.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { readInput } from "../input.ts";
import type { Session } from "../session.ts";
import { bring, warn } from "./publish.ts";

const NO_REPORT = { code: "no-report", what: "The report", hint: "Name the report.json of the other run." };

/**
 * `fluxlift publish --from FILE`: comments what a run said that had no right to comment, such as one for a fork. Which pull
 * request and which commit is told by the forge alone; the file decides nothing but what the page says.
 */
export async function runPublish({ io }: Session, flags: Flags): Promise<Outcome> {
  const report = readUntrustedReport(readInput(io.cwd, flags.from ?? "", NO_REPORT, MOST_BYTES));
  const target = readTarget(process.env, flags.to ?? "auto", flags.pull);
  if ("missing" in target) {
    warn(io, `Nothing was published: ${target.missing}`);
    return "failed";
  }
  const { commit } = report.head;
  if (target.head !== undefined && target.head !== commit) {
    const [said, was] = [commit, target.head].map((id) => id.slice(0, 7));
    throw new UsageError(
      "other-commit",
      `The report is about ${said}, and the run that wrote it was for ${was}.`,
      "Judge the head of the pull request, as the recipe in docs/ci.md does.",
    );
  }
  const isDone = await bring(io, target, { ...publishable(report, isPassed(report.verdict), commit), untrusted: true });
  return isDone ? "done" : "failed";
}
