import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Markdown, made } from "../../src/contract/media.ts";
import type { Connection, Forge } from "../../src/publish/forge.ts";
import { FORGES, type ForgeName } from "../../src/publish/forge-names.ts";
import { openForge } from "../../src/publish/open-forge.ts";
import type { Publication } from "../../src/publish/publication.ts";
import { publish } from "../../src/publish/publish.ts";
import { FAKES, startFake } from "./fake-forges.ts";
import { type ForgeServer, HEAD, ME, NEXT, TOKEN } from "./forge-server.ts";

const JOB = "https://ci.example/jobs/1";
const QUICK: Pick<Connection, "timeout" | "pause"> = { timeout: 5000, pause: 1 };

let server: ForgeServer;
afterEach(() => server.close());

// The client of GitHub leaves a second between what it writes, and three where it tells people.
const SPEED = 100;
const later = setTimeout;
beforeEach(() => {
  const sooner = (done: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => later(done, ms / SPEED, ...args);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(sooner as typeof setTimeout);
});
afterEach(() => vi.restoreAllMocks());

function open(forge: ForgeName, token = TOKEN): () => Promise<Forge> {
  const { repository } = FAKES[forge];
  return () => openForge({ forge, api: server.api, repository, pull: 7 }, token, QUICK);
}

/** How the token goes over the wire. */
const WAYS = [TOKEN, ...[TOKEN, `:${TOKEN}`, `PAT:${TOKEN}`].map((one) => Buffer.from(one).toString("base64"))];

/** A server that is no fake of a forge. */
async function listen(answer: RequestListener): Promise<{ origin: string; close(): void }> {
  const own = createServer(answer);
  await new Promise<void>((done) => own.listen(0, "localhost", done));
  return {
    origin: `localhost:${(own.address() as AddressInfo).port}`,
    close() {
      own.closeAllConnections();
      own.close();
    },
  };
}

/** The forge under the address of another server. */
function at(forge: ForgeName, origin: string): () => Promise<Forge> {
  const api = server.api.replace(/127\.0\.0\.1:\d+/, origin);
  return () => openForge({ forge, api, repository: FAKES[forge].repository, pull: 7 }, TOKEN, QUICK);
}

function say(settings: Partial<Publication> = {}): Publication {
  return {
    topic: "verify",
    state: "failure",
    headline: "not safe to merge: HelmRelease media/player",
    commit: HEAD,
    markdown: () => made("<!-- fluxlift -->\n\n# fluxlift: not safe to merge\n"),
    findings: [
      {
        rule: "wanted-may-go",
        level: "blocker",
        at: { file: "apps/ks.yaml", line: 3, col: 1 },
        what: "It goes.",
        why: "So.",
        next: "Keep it.",
      },
    ],
    ...settings,
  };
}

test("a list of comments on GitHub that never ends is left after a hundred pages", async () => {
  server = await startFake("github");
  let pages = 0;
  const lead = await listen(({ url = "", method }, response) => {
    const isList = url.includes("/comments?") && method === "GET";
    if (isList) pages += 1;
    const next = pages < 300 ? { link: `<http://${lead.origin}${url}>; rel="next"` } : {};
    response.writeHead(200, { "content-type": "application/json", ...(isList && next) });
    response.end(JSON.stringify(isList ? [] : { id: 1, head: { sha: HEAD } }));
  });
  const { done } = await publish(at("github", lead.origin), say(), { token: TOKEN });
  lead.close();
  expect([pages, done.length]).toEqual([100, 2]);
});

describe.each(FORGES)("%s", (name) => {
  test("writes one comment and edits it from then on, with a status for each commit", async () => {
    server = await startFake(name);
    for (const author of ["one", "two", "three"]) {
      server.state.comments.push({ id: server.state.comments.length + 1, author, body: "Looks good" });
    }
    const forge = open(name);
    const first = await publish(forge, say(), { token: TOKEN, job: JOB });
    expect(first.failed).toEqual([]);
    expect(server.state.comments).toHaveLength(4);
    expect(server.state.comments[3]!.body).toContain("# fluxlift: not safe to merge");
    expect(server.state.comments[3]!.body).toContain(`fluxlift:verify:${HEAD}`);

    server.state.head = NEXT;
    const safe = say({
      commit: NEXT,
      state: "success",
      headline: "safe to merge",
      markdown: () => made("# fluxlift: safe"),
    });
    expect((await publish(forge, safe, { token: TOKEN, job: JOB })).failed).toEqual([]);
    expect(server.state.comments).toHaveLength(4);
    expect(server.state.comments[3]!.body).toContain("# fluxlift: safe");
    expect(server.state.comments[3]!.body).not.toContain(HEAD.slice(0, 7));
    expect(server.state.statuses).toEqual([
      { commit: HEAD, state: "failure", name: "fluxlift verify", description: say().headline, url: JOB },
      { commit: NEXT, state: "success", name: "fluxlift verify", description: "safe to merge", url: JOB },
    ]);
  });

  test("leaves the comment of somebody else alone, whatever it says", async () => {
    server = await startFake(name);
    const body = `<!-- fluxlift:verify:${HEAD} -->\n[//]: <> (fluxlift:verify:${HEAD})\nsafe to merge`;
    server.state.comments.push({ id: 1, author: "mallory", body });
    await publish(open(name), say(), { token: TOKEN });
    expect(server.state.comments.map(({ author }) => author)).toEqual(["mallory", ME]);
    expect(server.state.comments[0]!.body).toBe(body);
  });

  test("a run that ends late neither hides a newer answer nor passes for one", async () => {
    server = await startFake(name);
    const forge = open(name);
    server.state.head = NEXT;
    await publish(forge, say(), { token: TOKEN });
    expect(server.state.comments[0]!.body).toContain("**Out of date.** The pull request is at `bbbbbbb` now");
    await publish(forge, say({ commit: NEXT, markdown: () => made("# newer") }), { token: TOKEN });
    const late = await publish(forge, say({ markdown: () => made("# older") }), { token: TOKEN });
    expect(late.done[0]).toContain("it stays");
    expect(server.state.comments.map(({ body }) => body.includes("# newer"))).toEqual([true]);
  });

  test("says what is wrong where the token is refused, and never shows it", async () => {
    server = await startFake(name);
    const bad = "wrong-token-of-a-person";
    const { done, failed } = await publish(open(name, bad), say(), { token: bad });
    expect(done).toEqual([]);
    expect(failed[0]).toMatch(/^The comment was not written: .*401/);
    expect(failed.join()).not.toContain(bad);
    expect(server.state.comments).toEqual([]);
  });

  test("no redirect takes the token to another server", async () => {
    server = await startFake(name);
    const elsewhere = await startFake(name);
    const lead = await listen((request, response) => {
      response.writeHead(307, { location: `${new URL(elsewhere.api).origin}${request.url}` }).end();
    });
    await publish(at(name, lead.origin), say(), { token: TOKEN });
    lead.close();
    await elsewhere.close();
    expect(elsewhere.requests.length).toBeGreaterThan(0);
    const seen = JSON.stringify(elsewhere.requests.map(({ url, headers }) => [url, headers]));
    for (const way of WAYS) expect(seen).not.toContain(way);
  });

  test("what answers may say what it was sent, and the log does not", async () => {
    server = await startFake(name);
    const echo = await listen(({ headers }, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: JSON.stringify(headers), error: { message: JSON.stringify(headers) } }));
    });
    const { failed } = await publish(at(name, echo.origin), say(), { token: TOKEN });
    echo.close();
    expect(failed[0]).toContain("400");
    for (const way of WAYS) expect(failed.join("\n")).not.toContain(way);
  });

  test("a page to log in is told from the API", async () => {
    server = await startFake(name);
    const page = await listen((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Who are you?</html>");
    });
    const { failed } = await publish(at(name, page.origin), say(), { token: TOKEN });
    page.close();
    expect(failed[0]).toMatch(
      name === "azure" ? /Failed to find api location/ : /^The comment was not .*no API of a forge/,
    );
  });

  test("gives up on a forge that is broken, and throws nothing", async () => {
    server = await startFake(name);
    const forge = open(name);
    server.down = 500;
    const { done, failed } = await publish(forge, say(), { token: TOKEN });
    expect(done).toEqual([]);
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(failed[0]).toContain("500");
  });

  test("asks again where the forge is busy", async () => {
    server = await startFake(name);
    const forge = open(name);
    server.failures = [name === "azure" ? 503 : 502];
    expect((await publish(forge, say(), { token: TOKEN })).failed).toEqual([]);
    expect(server.state.comments).toHaveLength(1);
  });

  test("a page as long as may be stays below what a comment takes", async () => {
    server = await startFake(name);
    let asked = 0;
    const markdown = (bytes: number) => {
      asked = bytes;
      return made<Markdown>(`# ${"x".repeat(bytes - 2)}`);
    };
    expect((await publish(open(name), say({ markdown }), { token: TOKEN, job: JOB })).failed).toEqual([]);
    expect(asked).toBeGreaterThan(30_000);
    expect(server.state.comments[0]!.body.length).toBeLessThan(FAKES[name].most);
  });
});
