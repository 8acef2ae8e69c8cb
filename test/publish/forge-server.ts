import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the server got it. */
interface Recorded {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: whatever a client sends
  body: any;
}

interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Handler = (request: Recorded, ...parts: string[]) => Answer | unknown;

/** A comment on the server, whoever wrote it. */
interface StoredComment {
  id: number;
  author: string;
  body: string;
}

/** Throws where a request is none of the API. @param request its `url` begins after the address of the API */
export type Check = (request: Recorded) => void;

/** What a fake forge keeps. */
export interface ForgeState {
  head: string;
  comments: StoredComment[];
  statuses: { commit: string; state: string; name: string; description: string; url?: string }[];
  annotations: unknown[];
}

export const TOKEN = "t0ken-that-nobody-may-see";
export const ME = "fluxlift-bot";
export const HEAD = "a".repeat(40);
export const NEXT = "b".repeat(40);

/** Routes `METHOD /path/with/(groups)`; the first that matches answers. */
export type Routes = Readonly<Record<string, Handler>>;

export interface ForgeServer {
  api: string;
  state: ForgeState;
  requests: Recorded[];
  /** Answers that come before any route, one each; `undefined` lets a request through. */
  failures: (number | undefined)[];
  /** All requests fail with that. */
  down?: number;
  close(): Promise<void>;
}

/** A forge on this machine that knows `TOKEN` and no other, checks what it is sent, and records it. */
export async function startForge(
  prefix: string,
  makeRoutes: (state: ForgeState) => Routes,
  check: Check = () => undefined,
): Promise<ForgeServer> {
  const state: ForgeState = { head: HEAD, comments: [], statuses: [], annotations: [] };
  const routes = Object.entries(makeRoutes(state)).map(([route, handler]) => {
    const [method, path] = route.split(" ");
    return { method, pattern: new RegExp(`^(?:${prefix})?${path}(?:\\?.*)?$`), handler };
  });
  const forge: ForgeServer = {
    api: "",
    state,
    requests: [],
    failures: [],
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  const answer = (request: Recorded): Answer => {
    const failure = forge.down ?? forge.failures.shift();
    if (failure !== undefined) return { status: failure, body: { message: "as the test wants" } };
    if (!sayToken(request.headers).includes(TOKEN)) return { status: 401, body: { message: "Bad credentials" } };
    for (const { method, pattern, handler } of routes) {
      const match = method === request.method ? pattern.exec(request.url) : null;
      if (!match) continue;
      try {
        check({ ...request, url: request.url.slice(request.url.startsWith(prefix) ? prefix.length : 0) });
        const said = handler(request, ...match.slice(1));
        return said !== null && typeof said === "object" && "status" in said && "body" in said
          ? (said as Answer)
          : { body: said };
      } catch (error) {
        return { status: 422, body: { message: String(error) } };
      }
    }
    return { status: 404, body: { message: `no route for ${request.method} ${request.url}` } };
  };
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    let text = "";
    incoming.on("data", (chunk) => {
      text += chunk;
    });
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, url, headers, body: text === "" ? undefined : JSON.parse(text) };
      forge.requests.push(request);
      const { status = 200, body, headers: more = {} } = answer(request);
      response.writeHead(status, { "content-type": "application/json", ...more });
      response.end(body === undefined ? "" : JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  forge.api = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`;
  return forge;
}

/** Headers in which clients send a token, decoded. */
function sayToken(headers: IncomingMessage["headers"]): string {
  const { authorization = "", "private-token": own = "" } = headers;
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1];
  return `${authorization} ${own} ${basic ? Buffer.from(basic, "base64").toString() : ""}`;
}

/** Throws where a field of a request is not what the API says. */
export function need<T extends "string" | "number">(body: unknown, field: string, type: T, most = Infinity): void {
  const value = (body as Record<string, unknown> | undefined)?.[field];
  if (typeof value !== type) throw new Error(`${field} has to be a ${type}`);
  if (typeof value === "string" && (value === "" || value.length > most)) throw new Error(`${field} has no fit length`);
}

/** Throws where a state is none of the API's. */
export function needOneOf(value: unknown, known: readonly unknown[]): void {
  if (!known.includes(value)) throw new Error(`${value} is none of ${known.join(", ")}`);
}
