import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import { readTarget } from "../../publish/target.ts";
import { MOST_BYTES, readUntrustedReport } from "../../publish/untrusted-report.ts";
import { publishable } from "../../publish/verify.ts";
import { isPassed } from "../../safety/verify.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Session } from "../session.ts";
import { bring, warn } from "./publish.ts";

/**
 * `fluxlift publish --from FILE`: comments what a run said that had no right to comment, such as one for a fork. Which pull
 * request and which commit is told by the forge alone; the file decides nothing but what the page says.
 */
export async function runPublish({ io }: Session, flags: Flags): Promise<Outcome> {
  const report = readUntrustedReport(readReport(resolve(io.cwd, flags.from ?? ""), flags.from ?? ""));
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

/** At most so much is read of it: a file that never ends, such as a link to /dev/zero, has no size. */
function readReport(path: string, name: string): string {
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  let size = 0;
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    for (let read = -1; read !== 0 && size < bytes.length; size += read)
      read = readSync(fd, bytes, size, bytes.length - size, null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError("no-report", `${name} cannot be read (${code}).`, "Name the report.json of the other run.");
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  if (size > MOST_BYTES) throw new UsageError("bad-report", `${name} is larger than a report is.`, "Look at the file.");
  return bytes.toString("utf8", 0, size);
}
