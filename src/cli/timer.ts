/** Milliseconds by stage, for `--verbose` and the benchmark. */
export interface Timer {
  /** Ends the current stage under this name. */
  mark(stage: string): void;
  /** `◎ 312 ms: start 48, modules 20, …`; whole milliseconds since the process began. */
  summary(): string;
}

export function startTimer(now: () => number = () => performance.now()): Timer {
  const stages: string[] = [];
  let last = 0;
  const mark = (stage: string): void => {
    const at = now();
    stages.push(`${stage} ${Math.round(at - last)}`);
    last = at;
  };
  // performance.now() counts from the start of the process, so the first stage is node itself and the bundle.
  mark("start");
  return { mark, summary: () => `◎ ${Math.round(last)} ms: ${stages.join(", ")}` };
}
