import type { Shown } from "../contract/media.ts";
import { ERASE, GLYPH, type Io } from "./io.ts";

const SHOW_AFTER_MS = 1000;

/** Of the flag that both threads see: the work is done, and a line is being written. */
const [DONE, WRITING] = [0, 1];

/** Runs beside the main thread, which is busy: a timer there would never fire. */
const WORKER = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const flag = new Int32Array(workerData.flag);
for (let seconds = ${SHOW_AFTER_MS / 1000}; Atomics.wait(flag, ${DONE}, 0, 1000) === "timed-out"; seconds++) {
  Atomics.store(flag, ${WRITING}, 1);
  // Asked again: a line that is written after the work is done would stay on the screen.
  if (Atomics.load(flag, ${DONE}) === 0) writeSync(2, "\\r" + workerData.label + " (" + seconds + " s)");
  Atomics.store(flag, ${WRITING}, 0);
  Atomics.notify(flag, ${WRITING});
}
`;

/**
 * Runs `work`, and shows `label` with the seconds gone once it takes longer than a second. Only where stderr is a
 * terminal; elsewhere it just runs `work`.
 */
export async function withProgress<T>(io: Io, label: Shown, work: () => T): Promise<T> {
  if (!io.liveStderr) return work();
  const { Worker } = await import("node:worker_threads");
  const flag = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const started = Date.now();
  const worker = new Worker(WORKER, { eval: true, workerData: { flag, label: `${GLYPH.wait} ${label}` } });
  worker.unref();
  try {
    return work();
  } finally {
    const view = new Int32Array(flag);
    Atomics.store(view, DONE, 1);
    Atomics.notify(view, DONE);
    // A terminal that takes no more must not hold up what is finished.
    Atomics.wait(view, WRITING, 1, SHOW_AFTER_MS);
    if (Date.now() - started >= SHOW_AFTER_MS) io.err(ERASE);
  }
}
