import { lstatSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { UsageError } from "../contract/errors.ts";
import type { Made } from "../contract/media.ts";
import { ask, openRepository } from "./git-repository.ts";

/**
 * Writes a report where its path says.
 * @param path absolute
 * @throws UsageError where a committed link would lead it elsewhere
 */
export function writeReport(path: string, text: Made, mode = 0o666): void {
  refuseCommittedLinks(path);
  writeFileSync(path, text, { mode });
}

/**
 * Stops where a link that is part of a repository lies on the way: `report.md` as a link to a file of the home folder lets
 * whoever can commit choose what a report overwrites, or what is read as a list and shown. Links that git does not track,
 * such as `/dev/stdout`, are the owner's.
 * @param path absolute
 * @throws UsageError
 */
export function refuseCommittedLinks(path: string): void {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() || !isTracked(at)) continue;
    throw new UsageError(
      "output-link",
      `${at} is a link that the repository brings along, and leads elsewhere.`,
      "Name a file that no such link is on the way to.",
    );
  }
}

function isTracked(path: string): boolean {
  const repository = openRepository(realpathSync(dirname(path)));
  if (!repository) return false;
  const { code, stdout } = ask(repository, ["ls-files", "-z", "--", `:(literal)${basename(path)}`]);
  return code !== 0 || stdout.length > 0;
}
