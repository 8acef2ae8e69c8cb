import { clip } from "../contract/cut.ts";
import { visible } from "../contract/visible.ts";
import { flatten } from "../report/terminal.ts";
import { composeComment, readMark, short } from "./comment.ts";
import type { CommitStatus, Forge } from "./forge.ts";
import type { Publication } from "./publication.ts";
import { sayFailure } from "./say-failure.ts";

/** What every forge takes as the text of a status. */
const LONGEST_STATUS = 140;

/** How publishing went: what was done, and what failed and why. */
export interface Published {
  done: string[];
  failed: string[];
}

export interface PublishSettings {
  /** The page of this job. */
  job?: string;
  /** What must never be shown. */
  token: string;
  /** Whether the commit is one of a merge queue: it gets a status and no comment. */
  queued?: boolean;
}

/**
 * Brings an answer under a pull request: one comment, which is edited from then on, and a status of the commit. A commit of
 * a merge queue gets the status alone.
 * @returns what was done; it never throws, because no forge decides what the verdict is
 */
export async function publish(
  open: () => Promise<Forge>,
  publication: Publication,
  { job, token, queued = false }: PublishSettings,
): Promise<Published> {
  const published: Published = { done: [], failed: [] };
  const attempt = async (what: string, act: () => Promise<string>): Promise<void> => {
    try {
      published.done.push(await act());
    } catch (error) {
      published.failed.push(`${what}: ${sayFailure(error, token)}`);
    }
  };
  let forge: Forge;
  try {
    forge = await open();
  } catch (error) {
    return { done: [], failed: [`Nothing was published: ${sayFailure(error, token)}`] };
  }
  if (!queued) await attempt("The comment was not written", () => writeComment(forge, publication, job));
  // Whoever can edit what is reported could report anything; red is all that such a report is good for.
  if (publication.untrusted && publication.state === "success") return published;
  const status = statusOf(publication, job);
  const { commit, findings } = publication;
  await attempt("The status was not set", async () => {
    // Whoever wrote the report may have named any commit of the repository.
    if (publication.untrusted && (await forge.readHead()) !== commit) {
      return `No status is set: the pull request is not at ${short(commit)}.`;
    }
    await forge.setStatus(commit, status);
    return `The status of ${short(commit)} is ${status.state}.`;
  });
  if (forge.annotate && !publication.untrusted) {
    await attempt("The findings were not put beside their lines", async () => {
      await forge.annotate?.(commit, status, findings);
      return "The findings are beside their lines.";
    });
  }
  return published;
}

async function writeComment(forge: Forge, publication: Publication, job?: string): Promise<string> {
  const { topic, commit } = publication;
  const now = (await forge.readHead()) ?? commit;
  const mine = (await forge.listOwnComments()).flatMap(({ id, body }) => {
    const mark = readMark(body);
    return mark?.topic === topic ? [{ id, ...mark }] : [];
  });
  const newer = mine.find((comment) => comment.commit === now);
  if (now !== commit && newer) return `The comment is about ${short(now)} already, which came later; it stays.`;
  const body = composeComment(publication, forge, { now, ...(job && { job }) });
  const [first] = mine;
  if (first) await forge.editComment(first.id, body);
  else await forge.createComment(body);
  const late = now === commit ? "" : `; it says that the pull request is at ${short(now)} by now`;
  return `The comment on ${forge.name} is ${first ? "edited" : "written"}${late}.`;
}

function statusOf({ topic, state, headline }: Publication, job?: string): CommitStatus {
  const description = clip(visible(flatten(headline)), LONGEST_STATUS - 1);
  return { state, name: `fluxlift ${topic}`, description, ...(job && { url: job }) };
}
