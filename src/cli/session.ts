import type { Io } from "./io.ts";
import type { EngineLoader } from "./load-engine.ts";

/** What a command gets to work with. */
export interface Session {
  io: Io;
  /** Loads the heavy part (YAML, git, transforms) when a command needs it; `--help` never does. */
  loader: EngineLoader;
  timer: ReturnType<typeof startTimer>;
}

/** Milliseconds by stage, for `--verbose` and the benchmark. */
export function startTimer(now: () => number = () => performance.now()) {
  const stages: string[] = [];
  let last = 0;
  /** Ends the current stage under this name. */
  const mark = (stage: string): void => {
    const at = now();
    stages.push(`${stage} ${Math.round(at - last)}`);
    last = at;
  };
  // performance.now() counts from the start of the process, so the first stage is node itself and the bundle.
  mark("start");
  /** `◎ 312 ms: start 48, modules 20, …`; whole milliseconds since the process began. */
  return { mark, summary: () => `◎ ${Math.round(last)} ms: ${stages.join(", ")}` };
}
