import type { Finding } from "../contract/finding.ts";
import type { Markdown } from "../contract/media.ts";

/** What a status of a commit says: nothing stops the merge, something does, or nobody could tell. */
export type State = "success" | "failure" | "error";

/** What is told under a pull request. */
export interface Publication {
  /** What was asked; each has a comment and a status of its own. */
  topic: "verify" | "plan";
  state: State;
  /** The answer in a line, plain text from a repository. */
  headline: string;
  /** The commit that was judged, in full. */
  commit: string;
  /** The answer as Markdown of at most so many bytes, everything from the repository escaped. */
  markdown: (bytes: number) => Markdown;
  /** What stands beside lines. */
  findings: readonly Finding[];
  /** Said by a run that the author of the change controls: shown as such, and never a green status. */
  untrusted?: true;
}
