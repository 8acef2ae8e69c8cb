import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import pLimit from "p-limit";
import { UsageError } from "../../contract/errors.ts";
import type { FleetResult } from "../../contract/fleet.ts";
import type { Shown } from "../../contract/media.ts";
import { shown, visible } from "../../contract/visible.ts";
import { writeReport } from "../../files/report-file.ts";
import type { FleetRow } from "../../report/html/index.ts";
import { printJson } from "../../report/json.ts";
import { sayCount } from "../../report/terminal.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { type Entry, readEntries, takeShard } from "../fleet/entries.ts";
import { type Ends, tellProgress } from "../fleet/progress.ts";
import { readTask } from "../fleet/read-task.ts";
import { mergeInto, openResults, type Results, readResults } from "../fleet/results.ts";
import { runOne } from "../fleet/run-one.ts";
import type { Task } from "../fleet/task.ts";
import { readInput } from "../input.ts";
import { GLYPH, type Io } from "../io.ts";
import type { Session } from "../session.ts";

/** Characters of diffs that are held for the page, which shows fewer. */
const MOST_DIFFS = 1 << 23;

/** `fluxlift fleet`: one command in many repositories. `fluxlift fleet merge` joins the results of several runs. */
export async function runFleet(session: Session, flags: Flags, args: readonly string[]): Promise<Outcome> {
  if (args[0] === "merge") return mergeShards(session, flags, args.slice(1));
  const { io } = session;
  const list = args[0] ?? "-";
  if (args.length === 0 && io.interactive) throw new UsageError("no-list", "fleet needs a list.", LIST_HINT);
  const text = list === "-" ? readFileSync(0, "utf8") : readInput(io.cwd, list, NO_LIST);
  const entries = takeShard(readEntries(text), flags.shard, process.env);
  const task = readTask(flags, io.cwd, entries);
  const file = flags.output === undefined ? undefined : resolve(io.cwd, flags.output);
  checkPage(io, flags, file);
  const results = file === undefined ? openStdout(io, entries) : await openResults(file, entries, task);
  const printing = file === undefined;
  const ends = await runAll(io, entries, task, { results, jobs: readJobs(flags.jobs), printing });
  await results.close();
  if (file !== undefined) await writePage(io, flags, file);
  io.err(shown`${sayEnds(ends)}\n`);
  if (ends.failed > 0) return "failed";
  return ends.act > 0 && !flags.exitZero ? "blocked" : "done";
}

const LIST_HINT = "Name a file with a repository a line, or - for stdin.";
const NO_LIST = { code: "no-list", what: "The list", hint: LIST_HINT };

async function mergeShards({ io }: Session, flags: Flags, files: readonly string[]): Promise<Outcome> {
  if (flags.output === undefined || files.length === 0) {
    throw new UsageError(
      "nothing-to-merge",
      "fleet merge joins files into the one of -o.",
      "fluxlift fleet merge 1.jsonl 2.jsonl -o all.jsonl",
    );
  }
  const file = resolve(io.cwd, flags.output);
  checkPage(io, flags, file);
  const count = await mergeInto(
    file,
    files.map((one) => resolve(io.cwd, one)),
  );
  await writePage(io, flags, file);
  io.err(shown`${GLYPH.done} ${count} results in ${visible(flags.output)}\n`);
  return "done";
}

/** @throws UsageError before anything runs */
function checkPage({ cwd }: Io, { html }: Flags, file: string | undefined): void {
  if (html === undefined) return;
  const hint = "Name a file for the results with -o, and another one for the page: -o all.jsonl --html all.html";
  if (file === undefined) throw new UsageError("no-results", "--html makes its page from the file of -o.", hint);
  if (html === "" || resolve(cwd, html) === file)
    throw new UsageError("no-output", `--html ${html} is no file for a page.`, hint);
}

/** The page is made from the file, a line at a time: results may be larger than memory. */
async function writePage(io: Io, { html }: Flags, file: string): Promise<void> {
  if (html === undefined) return;
  const { readDiff, renderFleetHtml } = await import("../../report/html/index.ts");
  const rows: FleetRow[] = [];
  let room = MOST_DIFFS;
  for await (const { result } of readResults(file)) {
    const { result: printed, ...row } = result;
    const diff = row.action === "plan" && room > 0 ? readDiff(printed) : undefined;
    room -= diff?.text.length ?? 0;
    rows.push({ ...row, ...(diff && { diff }) });
  }
  writeReport(resolve(io.cwd, html), renderFleetHtml(rows), 0o600);
}

function readJobs(jobs: string | undefined): number {
  const wanted = jobs === undefined ? availableParallelism() : Number(jobs);
  if (Number.isSafeInteger(wanted) && wanted >= 1 && wanted <= 256) return wanted;
  throw new UsageError("bad-jobs", `--jobs ${jobs} is no number of processes.`, "Write 1 to 256.");
}

async function runAll(
  io: Io,
  entries: readonly Entry[],
  task: Task,
  { results, jobs, printing }: { results: Results; jobs: number; printing: boolean },
): Promise<Ends> {
  const open = entries.filter(({ index }) => !results.finished.has(index));
  if (open.length < entries.length) io.err(shown`${GLYPH.wait} ${entries.length - open.length} are done already\n`);
  const ends: Ends = { done: 0, act: 0, failed: 0 };
  const progress = tellProgress(io, ends, open.length, printing);
  try {
    await pLimit(jobs).map(open, async (entry) => {
      const result = await runOne(entry, task);
      results.add(result);
      ends[result.end]++;
      // One line a repository: what an error says to do stands below it elsewhere.
      const error = result.error?.replaceAll(/\.?\n\s*/g, ". ");
      if (result.end === "failed") progress.say(shown`${GLYPH.fail} ${visible(`${result.repo}: ${error}`)}`);
    });
  } finally {
    progress.stop();
  }
  return ends;
}

/** Without a file lines go to stdout in the order of the list; one that is early waits for those before it. */
function openStdout(io: Io, entries: readonly Entry[]): Results {
  const waiting = new Map<number, FleetResult>();
  let next = 0;
  return {
    finished: new Set(),
    add: (result) => {
      waiting.set(result.index, result);
      for (let entry = entries[next]; entry && waiting.has(entry.index); entry = entries[++next]) {
        io.out(printJson(waiting.get(entry.index), 0));
        waiting.delete(entry.index);
      }
    },
    close: async () => {},
  };
}

function sayEnds({ done, act, failed }: Ends): Shown {
  const glyph = failed > 0 ? GLYPH.fail : act > 0 ? GLYPH.warn : GLYPH.done;
  return shown`${glyph} ${sayCount(done + act + failed, "repository", "repositories")}: ${done} with nothing to act on, ${act} to act on, ${failed} failed`;
}
