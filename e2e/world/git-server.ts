import { execFileSync, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

/** Serves the bare repositories of a folder over HTTP, read only, through `git http-backend`. */
export class GitServer {
  readonly #server: Server;
  url = "";

  constructor(root: string) {
    const backend = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend");
    this.#server = createServer((incoming, outgoing) => {
      const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
      const child = spawn(backend, [], {
        env: {
          PATH: process.env.PATH ?? "",
          GIT_PROJECT_ROOT: root,
          GIT_HTTP_EXPORT_ALL: "1",
          PATH_INFO: decodeURIComponent(url.pathname),
          QUERY_STRING: url.search.slice(1),
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
