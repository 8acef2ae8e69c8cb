import { hideCredentials, publicAddress } from "../../contract/address.ts";
import { UsageError } from "../../contract/errors.ts";

/** A repository of the list. */
export interface Entry {
  index: number;
  /** Path or address as it was listed. */
  text: string;
  /** The same for people and results: without user and password. */
  repo: string;
  isRemote: boolean;
}

const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:|[\w-]+(?:\.[\w-]+)+:(?!\\))/i;

/**
 * Reads a list: a repository a line, as a path or an address to clone. Empty lines and those that start with `#` are left
 * out; of a line with tabs the first field counts, as `gh repo list` prints them.
 * @throws UsageError where a line would be read as a flag, or nothing is listed
 */
export function readEntries(list: string): Entry[] {
  const lines = list
    .split("\n")
    .map((line) => line.split("\t")[0]!.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const odd = lines.find((line) => line.startsWith("-"));
  if (odd !== undefined) throw new UsageError("bad-list", `The list names ${odd}, which is no repository.`, HINT);
  if (lines.length === 0) throw new UsageError("empty-list", "The list names no repository.", HINT);
  return lines.map((text, index) => ({
    index,
    text,
    repo: hideLogin(text),
    isRemote: REMOTE.test(text),
  }));
}

/** A login where the scheme is cut off or misspelt: `oauth2:TOKEN@gitlab.com/a/b`. */
const MISTYPED = /(^|[/:])([^/\\:@]*):[^/\\@]*@/;

/** What nothing takes for an address may hold any password; the colon of a drive comes before a backslash. */
const UNREAD = /^([^:@\\]*):(?!\\).*@/;

/** No user has such a long name. */
const LONE_TOKEN = /^[^/\\:@]{20,}@/;

function hideLogin(text: string): string {
  // Clones are told apart by this: of what is an address, no more goes than a login.
  if (REMOTE.test(text)) return hideCredentials(publicAddress(text)).replace(MISTYPED, "$1$2@");
  return hideCredentials(publicAddress(text.replace(UNREAD, "$1@").replace(LONE_TOKEN, "@")));
}

const HINT = "Write a path or a clone address a line: gh repo list ACME --json url --jq '.[].url' | fluxlift fleet -";

/**
 * `2/4`: the second of four parts; which repositories it has depends on the list alone. `job/4`: the part of a pod of an
 * Indexed Job of Kubernetes, which counts them from 0.
 * @param env holds JOB_COMPLETION_INDEX there
 * @throws UsageError
 */
export function takeShard(entries: readonly Entry[], shard: string | undefined, env: NodeJS.ProcessEnv): Entry[] {
  if (shard === undefined) return [...entries];
  const index = /^\d{1,6}$/.exec(env.JOB_COMPLETION_INDEX ?? "")?.[0];
  const written = shard.startsWith("job/") && index !== undefined ? `${Number(index) + 1}${shard.slice(3)}` : shard;
  const [part = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(written) ?? []).slice(1).map(Number);
  if (part >= 1 && part <= of) return entries.filter((entry) => entry.index % of === part - 1);
  const hint = "Write 1/4 to 4/4 for four parts; job/4 in a pod that has JOB_COMPLETION_INDEX.";
  throw new UsageError("bad-shard", `--shard ${written} is no part of a whole.`, hint);
}
