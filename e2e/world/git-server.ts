import { execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";

const backend = () => join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend");

/** Answers one request for a bare repository below `root` at `path`, read only, through `git http-backend`. */
export function serveGit(root: string, path: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const child = spawn(backend(), [], {
    env: {
      PATH: process.env.PATH ?? "",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: path,
      QUERY_STRING: new URL(incoming.url ?? "/", "http://127.0.0.1").search.slice(1),
      REQUEST_METHOD: incoming.method ?? "GET",
      CONTENT_TYPE: incoming.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: incoming.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(incoming.headers["git-protocol"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  incoming.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let answered = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (answered) return void outgoing.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    answered = true;
    let status = 200;
    for (const line of head.subarray(0, end).toString("utf8").split("\r\n")) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).trim();
      if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
      else outgoing.setHeader(name, value);
    }
    outgoing.writeHead(status);
    outgoing.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => outgoing.end());
}

/** Serves the bare repositories of a folder over HTTP, read only. */
export class GitServer {
  readonly #server: Server;
  url = "";
  /** While it is set every request is refused, as by a forge that is down. */
  down = false;

  constructor(root: string) {
    this.#server = createServer((incoming, outgoing) => {
      if (this.down) return void outgoing.writeHead(503).end();
      serveGit(root, decodeURIComponent(new URL(incoming.url ?? "/", "http://127.0.0.1").pathname), incoming, outgoing);
    });
  }

  start(): Promise<void> {
    return new Promise((done) =>
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        this.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
        done();
      }),
    );
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }
}
