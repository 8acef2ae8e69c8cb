import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { UsageError } from "../../contract/errors.ts";
import type { FleetResult } from "../../contract/fleet.ts";
import { refusePlace } from "../../files/report-file.ts";
import { printJson } from "../../report/json.ts";
import { isFleetResult } from "./check-result.ts";
import type { Entry } from "./entries.ts";
import type { Task } from "./task.ts";

/** Results of a run on their way into a file: a line is safe as soon as its repository is done. */
export interface Results {
  /** Entries that an earlier run of the same list and command has finished. */
  finished: ReadonlySet<number>;
  add(result: FleetResult): void;
  /** Puts the lines in the order of the list, in place of what the file held. */
  close(): Promise<void>;
}

/** Where a line stands; in bytes, its end mark left out. A result may be long, and there may be thousands. */
interface Line {
  file: string;
  start: number;
  end: number;
}

/**
 * Opens the file of results, and takes up what an earlier run has left there.
 * @throws UsageError where it holds something else
 */
export async function openResults(file: string, entries: readonly Entry[], task: Task): Promise<Results> {
  const part = `${file}.part`;
  refusePlace(part);
  const known = new Map(entries.map((entry) => [entry.index, entry.repo]));
  const flags = JSON.stringify(task.flags);
  const kept = new Map<number, Line>();
  for (const source of [file, part].filter((one) => existsSync(one))) {
    for await (const { line, result } of readResults(source)) {
      const isSame = known.get(result.index) === result.repo && result.action === task.action;
      // What failed is tried again: a network may be back.
      if (isSame && JSON.stringify(result.flags) === flags && result.end !== "failed") kept.set(result.index, line);
    }
  }
  writeLines(part, [...kept.values()]);
  return {
    finished: new Set(kept.keys()),
    add: (result) => appendFileSync(part, printJson(result, 0), { mode: 0o600 }),
    close: async () => {
      await mergeInto(file, [part]);
      rmSync(part);
    },
  };
}

/**
 * Joins results in the order of their list; of a repository that stands in several the last line counts.
 * @returns how many there are
 * @throws UsageError where a file holds something else
 */
export async function mergeInto(file: string, sources: readonly string[]): Promise<number> {
  const lines = new Map<number, Line>();
  for (const source of sources) for await (const { line, result } of readResults(source)) lines.set(result.index, line);
  const order = [...lines].sort(([a], [b]) => a - b);
  writeLines(
    file,
    order.map(([, line]) => line),
  );
  return lines.size;
}

/** Copies lines into a file, one after the other; the file may be one of those that they stand in. */
function writeLines(file: string, lines: readonly Line[]): void {
  const next = `${file}.new`;
  refusePlace(next);
  const out = openSync(next, "w", 0o600);
  const open = new Map<string, number>();
  try {
    for (const { file: source, start, end } of lines) {
      const input = open.get(source) ?? openSync(source, "r");
      open.set(source, input);
      const bytes = Buffer.alloc(end - start + 1, "\n");
      readSync(input, bytes, 0, end - start, start);
      writeSync(out, bytes);
    }
  } finally {
    for (const input of open.values()) closeSync(input);
    closeSync(out);
  }
  renameSync(next, file);
}

/** Each line of a file of results; a last one that was cut off is left out. @throws UsageError */
export async function* readResults(file: string): AsyncGenerator<{ line: Line; result: FleetResult }> {
  let number = 0;
  for await (const { start, end, bytes, isWhole } of readLines(file)) {
    number++;
    const result = parse(bytes);
    if (result && isWhole) yield { line: { file, start, end }, result };
    else if (isWhole || number === 1) throw notResults(file, number);
  }
}

/** No result is longer; what has no end, such as /dev/zero, has no line either. */
const MOST_BYTES = 1 << 28;

interface RawLine {
  start: number;
  end: number;
  bytes: Buffer;
  /** Whether it has an end mark. */
  isWhole: boolean;
}

async function* readLines(file: string): AsyncGenerator<RawLine> {
  let start = 0;
  let held: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        const bytes = Buffer.concat([...held, chunk.subarray(from, at)]);
        yield { start, end: start + bytes.length, bytes, isWhole: true };
        start += bytes.length + 1;
        held = [];
        size = 0;
        from = at + 1;
      }
      held.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size <= MOST_BYTES) continue;
      yield { start, end: start + size, bytes: Buffer.alloc(0), isWhole: true };
      return;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof UsageError) throw error;
    throw new UsageError("no-results", `${file} cannot be read (${code}).`, "Name a file that fleet -o has made.");
  }
  const bytes = Buffer.concat(held);
  if (bytes.length > 0) yield { start, end: start + bytes.length, bytes, isWhole: false };
}

function parse(bytes: Buffer): FleetResult | undefined {
  try {
    const result: unknown = JSON.parse(bytes.toString("utf8"));
    return isFleetResult(result) ? result : undefined;
  } catch {
    return undefined;
  }
}

function notResults(file: string, line: number): UsageError {
  const hint = "Name another file with -o; this one is left as it is.";
  return new UsageError("not-results", `${file}:${line} is no result of fluxlift fleet.`, hint);
}
