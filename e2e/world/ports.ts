import { createServer } from "node:net";

/** Below the range that outgoing connections get theirs from, so none takes a port between its choice and its use. */
const [FIRST, COUNT] = [20_000, 12_000];

const given = new Set<number>();

/** A port on loopback that was free a moment ago, and that nobody else here was given: it may be used much later. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${FIRST} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
