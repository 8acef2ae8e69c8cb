import type { Shown } from "../../contract/media.ts";
import { shown } from "../../contract/visible.ts";
import { ERASE, GLYPH, type Io } from "../io.ts";

/** How often a terminal is told. */
const EVERY_MS = 1000;
/** How often a log is: services end a job that says nothing for ten minutes. */
const LOG_EVERY_MS = 60_000;

/** Repositories after which the time that is left can be told. */
const ENOUGH = 5;

export type Ends = Record<"done" | "act" | "failed", number>;

/** Tells how far a run is: a line that is redrawn on a terminal, a line a minute in a log. */
export interface FleetProgress {
  /** Says something that stays. */
  say(line: Shown): void;
  stop(): void;
}

/**
 * @param ends counts that the run goes on with
 * @param printing whether results go to stdout; on a terminal they tell enough, and a line that is redrawn would mix with them
 */
export function tellProgress(io: Io, ends: Readonly<Ends>, all: number, printing: boolean): FleetProgress {
  const isLive = io.liveStderr && !(printing && io.terminal);
  const begin = performance.now();
  const tell = (): void => {
    const count = ends.done + ends.act + ends.failed;
    const rest = ((performance.now() - begin) / count) * (all - count);
    const left = count < ENOUGH ? shown`` : shown`, about ${Math.ceil(rest / 1000)} s left`;
    const line = shown`${GLYPH.wait} ${count} of ${all}, ${ends.act} to act on, ${ends.failed} failed${left}`;
    io.err(isLive ? shown`${ERASE}${line}` : shown`${line}\n`);
  };
  const timer = setInterval(tell, isLive ? EVERY_MS : LOG_EVERY_MS);
  return {
    say: (line) => io.err(shown`${isLive ? ERASE : shown``}${line}\n`),
    stop: () => {
      clearInterval(timer);
      if (isLive) io.err(ERASE);
    },
  };
}
