import { formatLoc } from "../../contract/errors.ts";
import type { Acceptor } from "../../contract/safety.ts";
import type { TrailerCommit } from "../../files/trailers.ts";

/** The trailer by which a commit takes what it does: `Fluxlift-Accept: deletes Namespace media`. */
export const TRAILER = "Fluxlift-Accept";

/** Somebody takes the loss of an object, or that nobody knows about it. */
export interface Acceptance {
  /** Either where it is left out, as `--accept` may. */
  what?: "deletes" | "unknown";
  /** `Kind namespace/name`. */
  resource: string;
  by: Acceptor;
}

/** What was accepted, checked against what a change really does. */
export interface Acceptances {
  /** Who took it; whoever is asked about counts as met. */
  find(what: "deletes" | "unknown", resource: string): Acceptor | undefined;
  /** Those that nothing was found for; what stands in the configuration stands there for later changes too. */
  listIdle(): Acceptance[];
}

export function makeAcceptances(all: readonly Acceptance[]): Acceptances {
  const idle = new Set(all.filter(({ by }) => by.how !== "config"));
  return {
    find(what, resource) {
      const fitting = all.filter((one) => one.resource === resource && (one.what ?? what) === what);
      for (const one of fitting) idle.delete(one);
      return fitting[0]?.by;
    },
    listIdle: () => [...idle],
  };
}

/** What `--accept` or the configuration names: `Namespace media`, or `deletes Namespace media` for the loss alone. */
export function readAcceptFlags(flags: readonly string[]): Acceptance[] {
  return flags.map((text) => readAcceptance(text, { how: "flag" }));
}

/** One of them, whoever says it. */
export function readAcceptance(text: string, by: Acceptor): Acceptance {
  return { ...(parse(text) ?? { resource: normalise(text) }), by };
}

/**
 * What trailers say. They have to say what is taken, so that a reader of the log knows.
 * @returns also what could not be understood
 */
export function readTrailerAcceptances(commits: readonly TrailerCommit[]): {
  accepted: Acceptance[];
  unread: { text: string; by: Acceptor }[];
} {
  const accepted: Acceptance[] = [];
  const unread: { text: string; by: Acceptor }[] = [];
  for (const { commit, author, values } of commits) {
    const by: Acceptor = { how: "trailer", commit, author };
    for (const text of values.flatMap((value) => value.split(",")).map(normalise)) {
      const known = parse(text);
      if (known) accepted.push({ ...known, by });
      else if (text !== "") unread.push({ text, by });
    }
  }
  return { accepted, unread };
}

function parse(text: string): Pick<Acceptance, "what" | "resource"> | undefined {
  const [, verb, resource] = /^(deletes|unknown) (\S+ \S.*)$/i.exec(normalise(text)) ?? [];
  return resource === undefined ? undefined : { what: verb!.toLowerCase() as "deletes" | "unknown", resource };
}

function normalise(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

/** `by Jane Doe in 1a2b3c4`, `with --accept`. */
export function sayAcceptor(by: Acceptor): string {
  if (by.how === "config") return `in ${formatLoc(by.at)}`;
  return by.how === "flag" ? "with --accept" : `by ${by.author || "nobody"} in ${by.commit.slice(0, 7)}`;
}
