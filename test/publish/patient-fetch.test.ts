import { afterEach, expect, test, vi } from "vitest";
import { patientFetch } from "../../src/publish/forges/patient-fetch.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** How long three requests take, in seconds, and how often a forge that is always busy is asked. */
async function ask(headers: Record<string, string>): Promise<{ seconds: number; asked: number }> {
  vi.useFakeTimers();
  let asked = 0;
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return new Response("", { status: 503, headers });
  });
  const start = Date.now();
  const send = patientFetch(1000, 1000);
  const all = (async () => {
    for (let request = 0; request < 3; request++) expect((await send("http://forge.example")).status).toBe(503);
  })();
  await vi.runAllTimersAsync();
  await all;
  return { seconds: (Date.now() - start) / 1000, asked };
}

test("all pauses of a run together are no longer than a minute, whatever the forge asks for", async () => {
  expect(await ask({ "retry-after": "50" })).toEqual({ seconds: 50, asked: 4 });
  expect(await ask({ "retry-after": "86400" })).toEqual({ seconds: 0, asked: 3 });
  expect(await ask({ "retry-after": "-5" })).toEqual({ seconds: 0, asked: 12 });
  expect(await ask({})).toEqual({ seconds: 21, asked: 12 });
});
