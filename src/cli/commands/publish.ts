import { appendFileSync } from "node:fs";
import { shown, visible } from "../../contract/visible.ts";
import type { ForgeName } from "../../publish/forge-names.ts";
import type { Publication } from "../../publish/publication.ts";
import type { NoTarget, Target } from "../../publish/target.ts";
import { GLYPH, type Io } from "../io.ts";

/** Most of a job summary, below the 1 MiB that GitHub takes. */
const SUMMARY_BYTES = 900_000;
const NO_TOKEN = "Nothing was published: the job has no token. docs/ci.md says which, and the rights it needs.";

/**
 * Tells the pull request of this job what was found. Whatever fails is said on stderr, and decides nothing else.
 * @param judged the commit that the answer is about
 */
export async function tellPullRequest(
  io: Io,
  asked: ForgeName | "auto",
  judged: string | undefined,
  make: (commit: string) => Publication,
): Promise<void> {
  const { readTarget } = await import("../../publish/target.ts");
  const target = readTarget(process.env, asked);
  const publication = make(commitOf(target, judged));
  writeSummary(io, publication);
  if ("missing" in target) return warn(io, `Nothing was published: ${target.missing}`);
  const { annotate } = await import("../../publish/annotations.ts");
  for (const line of annotate(publication.findings, target.forge)) io.tellRunner(line);
  await bring(io, target, publication);
}

/** Tells the pull request of this job that there is no answer; without a job or its commit nobody is told. */
export async function tellFailure(io: Io, asked: ForgeName | "auto", error: unknown): Promise<void> {
  const [{ readTarget }, { publishableFailure }] = await Promise.all([
    import("../../publish/target.ts"),
    import("../../publish/failure.ts"),
  ]);
  const target = readTarget(process.env, asked);
  if ("missing" in target || target.head === undefined) return;
  await bring(io, target, publishableFailure("verify", error, target.head));
}

/** Writes comment and status. @returns whether all of it was done */
export async function bring(io: Io, target: Target, publication: Publication): Promise<boolean> {
  const { token, job, queued } = target;
  if (token === undefined) {
    warn(io, NO_TOKEN);
    return false;
  }
  const [{ openForge }, { publish }] = await Promise.all([
    import("../../publish/open-forge.ts"),
    import("../../publish/publish.ts"),
  ]);
  const settings = { token, ...(job && { job }), ...(queued && { queued }) };
  const { done, failed } = await publish(() => openForge(target, token), publication, settings);
  for (const text of done) io.err(shown`${GLYPH.done} ${visible(text)}\n`);
  for (const text of failed) warn(io, text);
  return failed.length === 0;
}

/** CI may judge a trial merge; the comment and the status belong to the commit that was pushed. */
function commitOf(target: Target | NoTarget, judged: string | undefined): string {
  if ("missing" in target) return judged ?? "";
  const { head, merged } = target;
  return head !== undefined && (judged === undefined || judged === merged) ? head : (judged ?? "");
}

function writeSummary(io: Io, { markdown }: Publication): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (!file) return;
  try {
    appendFileSync(file, `${markdown(SUMMARY_BYTES)}\n`);
  } catch (error) {
    warn(io, `The summary of the job was not written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

export function warn(io: Io, text: string): void {
  io.err(shown`${GLYPH.warn} ${visible(text)}\n`);
}
