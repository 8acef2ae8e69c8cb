import { ERASE, GLYPH, type Io } from "./io.ts";

const SHOW_AFTER_MS = 1000;

/** Runs beside the main thread, which is busy: a timer there would never fire. `[0]` of the flag turns 1 to stop it. */
const WORKER = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const flag = new Int32Array(workerData.flag);
for (let seconds = ${SHOW_AFTER_MS / 1000}; Atomics.wait(flag, 0, 0, 1000) === "timed-out"; seconds++)
  writeSync(2, "\\r" + workerData.label + " (" + seconds + " s)");
`;

/**
 * Runs `work`, and shows `label` with the seconds gone once it takes longer than a second. Only where stderr is a
 * terminal; elsewhere it just runs `work`.
 */
export async function withProgress<T>(io: Io, label: string, work: () => T): Promise<T> {
  if (!io.liveStderr) return work();
  const { Worker } = await import("node:worker_threads");
  const flag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const started = Date.now();
  const worker = new Worker(WORKER, { eval: true, workerData: { flag, label: `${GLYPH.wait} ${label}` } });
  worker.unref();
  try {
    return work();
  } finally {
    const view = new Int32Array(flag);
    Atomics.store(view, 0, 1);
    Atomics.notify(view, 0);
    if (Date.now() - started >= SHOW_AFTER_MS) io.err(ERASE);
  }
}
