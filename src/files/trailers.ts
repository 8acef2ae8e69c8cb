import { ask, repositoryAt } from "./git-repository.ts";
import { splitNul } from "./git-run.ts";
import { resolveRoot } from "./site.ts";

/** A commit whose message has a trailer, and what it says there. */
export interface TrailerCommit {
  /** Full id. */
  commit: string;
  /** Name of the author as the commit has it; anybody can write any name there. */
  author: string;
  values: string[];
}

/** Letters that a terminal or a browser acts on, or does not show. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MAX_NAME = 80;

/**
 * Trailers of one name in the commits that `head` has and `base` lacks, oldest first. No config decides what is printed,
 * and no signature is checked, which would start a program.
 * @param base a full commit id
 * @param head a full commit id
 */
export function readTrailers(dir: string, base: string, head: string, name: string): TrailerCommit[] {
  const format = `%H%n%an%n%(trailers:key=${name},valueonly,unfold,separator=%x0A)`;
  const args = ["log", "-z", "-s", "--reverse", "--no-color", "--no-show-signature", "--no-notes", "--encoding=UTF-8"];
  const repository = repositoryAt(resolveRoot(dir));
  if (!repository) return [];
  const output = ask(repository, [...args, `--format=tformat:${format}`, `${base}..${head}`, "--"]);
  return splitNul(output.stdout).flatMap((entry) => {
    const [commit = "", author = "", ...values] = entry.split("\n");
    const said = values.map(clean).filter((value) => value !== "");
    return said.length === 0 ? [] : [{ commit, author: clean(author).slice(0, MAX_NAME), values: said }];
  });
}

function clean(text: string): string {
  return text.replace(INVISIBLE, " ").trim();
}
