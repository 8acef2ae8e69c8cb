type Fetch = typeof fetch;

/** Times a request is sent. */
const TRIES = 4;
/** How long a run waits for a forge in all, in milliseconds: a job is billed by the minute. */
const MOST_WAITING = 60_000;

/**
 * Whether there is time for a pause, which is then taken: together they are no longer than a forge may keep a job.
 * @returns asks that, for all pauses of a run, in milliseconds
 */
export function pauseBudget(): (pause: number) => boolean {
  let left = MOST_WAITING;
  return (pause) => {
    if (pause > left) return false;
    left -= pause;
    return true;
  };
}

/** `fetch` that gives up on an answer after so many milliseconds. */
export function timedFetch(timeout: number): Fetch {
  return (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(timeout) });
}

/**
 * For clients that send a request once: sends it again when the forge is busy. What writes is sent again only where the
 * forge said that it did nothing (429, 503): a second comment is worse than none.
 * @param pause milliseconds before the second try; each further one waits twice as long, or as long as the forge says
 */
export function patientFetch(timeout: number, pause: number): Fetch {
  const once = timedFetch(timeout);
  const hasTime = pauseBudget();
  return async (input, init) => {
    for (let tries = 1; ; tries++) {
      const answer = await once(input, init);
      const isSafe = (init?.method ?? "GET").toUpperCase() !== "POST";
      const isBusy = [429, 503].includes(answer.status) || (isSafe && [502, 504].includes(answer.status));
      if (!isBusy || tries === TRIES) return answer;
      const asked = Number(answer.headers.get("retry-after") ?? Number.NaN) * 1000;
      const wait = Math.max(0, Number.isFinite(asked) ? asked : pause * 2 ** (tries - 1));
      if (!hasTime(wait)) return answer;
      await answer.body?.cancel();
      await new Promise((done) => setTimeout(done, wait));
    }
  };
}
