import type { Finding } from "../contract/finding.ts";
import type { Markdown } from "../contract/media.ts";
import type { State } from "./publication.ts";

/** A comment of a pull request. */
export interface ForgeComment {
  id: string;
  body: string;
}

export interface CommitStatus {
  state: State;
  /** What the forge lists it under: `fluxlift verify`. */
  name: string;
  /** One line of at most 140 characters, which every forge takes. */
  description: string;
  /** The page of the job. */
  url?: string;
}

/**
 * A pull request on a forge. Methods reject with whatever the client of that forge raises; `say-failure.ts` puts it into
 * words. Retries, pages and rate limits are the client's.
 */
export interface Forge {
  /** For people: `GitHub`. */
  readonly name: string;
  /** Most bytes of UTF-8 in a comment. */
  readonly commentBytes: number;
  /** Whether its Markdown has no HTML, and would show the tags. */
  readonly isPlain?: true;
  /** A line of a comment that nobody sees. */
  hide(mark: Markdown): Markdown;
  /** The commit the pull request is at now; undefined where the forge does not say. */
  readHead(): Promise<string | undefined>;
  /** Comments that this token wrote. Those of others may be edited by others: they are never taken for ours. */
  listOwnComments(): Promise<ForgeComment[]>;
  createComment(body: Markdown): Promise<void>;
  editComment(id: string, body: Markdown): Promise<void>;
  setStatus(commit: string, status: CommitStatus): Promise<void>;
  /** Puts findings beside their lines, where that is a request and no line on the log of the job. */
  annotate?(commit: string, status: CommitStatus, findings: readonly Finding[]): Promise<void>;
}

/** An open pull request, as lists have it. */
export interface OpenPull {
  number: number;
  head: string;
}

/** How a forge is reached. */
export interface Connection {
  /** Address of the API, without a slash at its end. */
  api: string;
  token: string;
  /** `owner/name`, or what the forge counts projects by. */
  repository: string;
  pull: number;
  /** Longest wait for one answer, in milliseconds. */
  timeout: number;
  /** First pause before a request is sent again, in milliseconds. */
  pause: number;
}
