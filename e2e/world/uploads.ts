import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** What a push leaves: a blob by its digest, or a manifest that also gets a tag. */
export interface Pushed {
  body: Buffer;
  type: string;
  digest: string;
  /** `host/path` of the repository. */
  name: string;
  tag?: string;
}

/** The half of the OCI distribution protocol that writes: blobs in one or more pieces, then a manifest. */
export class Uploads {
  readonly #open = new Map<string, Buffer[]>();
  readonly #keep: (pushed: Pushed) => void;

  constructor(keep: (pushed: Pushed) => void) {
    this.#keep = keep;
  }

  /** True when the request was one of a push, and is answered. */
  take(host: string, incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const { method = "GET" } = incoming;
    if (method !== "POST" && method !== "PATCH" && method !== "PUT") return false;
    const url = new URL(incoming.url ?? "/", "https://registry");
    const found = /^\/v2\/(.+)\/(manifests|blobs\/uploads)\/([^/]*)$/.exec(url.pathname);
    if (!found) return false;
    const [, path = "", what, reference = ""] = found;
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.on("end", () => {
      const body = Buffer.concat(pieces);
      if (what === "manifests") this.#manifest(`${host}/${path}`, reference, body, incoming, outgoing);
      else if (method === "POST") this.#begin(path, outgoing);
      else this.#more({ host, path, id: reference, body, digest: url.searchParams.get("digest") }, outgoing);
    });
    return true;
  }

  #begin(path: string, outgoing: ServerResponse): void {
    const id = randomUUID();
    this.#open.set(id, []);
    outgoing.writeHead(202, { location: `/v2/${path}/blobs/uploads/${id}`, range: "0-0" }).end();
  }

  #more(
    { host, path, id, body, digest }: { host: string; path: string; id: string; body: Buffer; digest: string | null },
    outgoing: ServerResponse,
  ): void {
    const pieces = this.#open.get(id);
    if (!pieces) return void outgoing.writeHead(404).end();
    pieces.push(body);
    const location = `/v2/${path}/blobs/uploads/${id}`;
    if (digest === null) return void outgoing.writeHead(202, { location, range: "0-0" }).end();
    const whole = Buffer.concat(pieces);
    this.#open.delete(id);
    if (digestOf(whole) !== digest) return void outgoing.writeHead(400).end();
    this.#keep({ body: whole, type: "application/octet-stream", digest, name: `${host}/${path}` });
    outgoing.writeHead(201, { location: `/v2/${path}/blobs/${digest}`, "docker-content-digest": digest }).end();
  }

  #manifest(name: string, reference: string, body: Buffer, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const digest = digestOf(body);
    const type = incoming.headers["content-type"] ?? "application/vnd.oci.image.manifest.v1+json";
    if (reference.startsWith("sha256:") && reference !== digest) return void outgoing.writeHead(400).end();
    const tag = reference.startsWith("sha256:") ? {} : { tag: reference };
    this.#keep({ body, type, digest, name, ...tag });
    outgoing.writeHead(201, { location: `/v2/${name}/manifests/${digest}`, "docker-content-digest": digest }).end();
  }
}

export const digestOf = (body: Buffer): string => `sha256:${createHash("sha256").update(body).digest("hex")}`;
