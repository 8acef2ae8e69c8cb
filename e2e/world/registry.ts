import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, type Socket } from "node:net";
import { digestOf, Uploads } from "./uploads.ts";

/** Content of one tag: one layer, with the media types that tell Flux and Helm what it is. */
export interface Artifact {
  layer: Buffer;
  layerType: string;
  config: Buffer;
  configType: string;
  annotations?: Record<string, string>;
}

/** Makes the artifact of a tag; undefined when the repository has no such tag. */
export type Repository = (tag: string) => Artifact | undefined;

/** Stand-ins for hosts beyond the repositories that were added by name; each answers undefined for what it has not. */
export interface Outside {
  artifact(name: string, tag: string): Artifact | undefined;
  /** Whether tags of a repository may name something else the next time. */
  moves?(name: string): boolean;
  /** Tags of a repository, for `semver` references. */
  tags(name: string): string[];
  /** True when it has taken the request, or will. */
  serve(host: string, path: string, incoming: IncomingMessage, outgoing: ServerResponse): boolean;
}

/** Somebody a private host knows. */
export interface Account {
  user: string;
  password: string;
  pushes: boolean;
}

/**
 * An OCI registry that answers under the real names of registries. Controllers reach it through a proxy on
 * loopback (`HTTPS_PROXY`) that leads every CONNECT here and to nowhere else, with a certificate of the run's own
 * authority, so the files under test keep the URLs a person would write.
 */
export class Registry {
  readonly #proxy: Server;
  readonly #registry: Server;
  readonly #repositories = new Map<string, Repository>();
  readonly #listed = new Map<string, string[]>();
  readonly #blobs = new Map<string, { type: string; body: Buffer }>();
  readonly #tags = new Map<string, string>();
  readonly #sockets = new Set<Socket>();
  #registryPort = 0;
  /** What `HTTPS_PROXY` is set to. */
  url = "";
  /** Hosts and paths that were asked for and are not here. */
  readonly misses = new Set<string>();
  outside: Outside | undefined;
  /** Hosts that ask who is there, and whom they let in; the others let everybody in and take no push. */
  readonly accounts = new Map<string, Account[]>();
  readonly #uploads = new Uploads(({ body, type, digest, name, tag }) => {
    this.#blobs.set(digest, { type, body });
    if (tag !== undefined) this.#tags.set(`${name}:${tag}`, digest);
  });
  /** While it is set every request is answered with a 500, or every one to this host. */
  broken: boolean | string = false;

  constructor(pair: { cert: string; key: string }) {
    const options = { cert: readFileSync(pair.cert), key: readFileSync(pair.key) };
    this.#registry = createSecureServer(options, (incoming, outgoing) => this.#answer(incoming, outgoing));
    this.#proxy = createServer((_, outgoing) => outgoing.writeHead(403).end());
    this.#proxy.on("connect", (_request, client: Socket, head: Buffer) => {
      const upstream = connect(this.#registryPort, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [upstream, client]) {
        this.#sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.once("close", () => this.#sockets.delete(socket));
      }
    });
  }

  /** `name` is host and path, such as `ghcr.io/fluxcd/flux-manifests`; `tags` is what it answers when asked which there are. */
  add(name: string, repository: Repository, tags: string[] = []): void {
    this.#repositories.set(name, repository);
    this.#listed.set(name, tags);
  }

  async start(): Promise<void> {
    this.#registryPort = await listen(this.#registry);
    this.url = `http://127.0.0.1:${await listen(this.#proxy)}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#proxy, this.#registry]) {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    }
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const host = (incoming.headers.host ?? "").split(":")[0];
    if (this.broken === true || this.broken === host) return void outgoing.writeHead(500).end();
    const path = new URL(incoming.url ?? "/", "https://registry").pathname;
    if (!path.startsWith("/v2/") && this.outside?.serve(host ?? "", path, incoming, outgoing)) return;
    const accounts = this.accounts.get(host ?? "");
    if (accounts) {
      const account = accounts.find((one) => incoming.headers.authorization === basic(one));
      if (!account) return void outgoing.writeHead(401, { "www-authenticate": 'Basic realm="bench"' }).end();
      if (account.pushes && this.#uploads.take(host ?? "", incoming, outgoing)) return;
    }
    if (incoming.method !== "GET" && incoming.method !== "HEAD") return void outgoing.writeHead(403).end();
    const found =
      path === "/v2/"
        ? { type: "application/json", body: Buffer.from("{}"), digest: "" }
        : (this.#tagList(host ?? "", path) ?? this.#find(host ?? "", path));
    if (!found) {
      this.misses.add(`${host}${path}`);
      outgoing.writeHead(404, { "content-type": "application/json" });
      outgoing.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"not in the registry of the bench"}]}');
      return;
    }
    const headers: Record<string, string> = { "content-type": found.type, "content-length": String(found.body.length) };
    if (found.digest) headers["docker-content-digest"] = found.digest;
    outgoing.writeHead(200, headers);
    outgoing.end(incoming.method === "HEAD" ? undefined : found.body);
  }

  #tagList(host: string, path: string): { type: string; body: Buffer; digest: string } | undefined {
    const name = /^\/v2\/(.+)\/tags\/list$/.exec(path)?.[1];
    const own = this.#listed.get(`${host}/${name}`) ?? [];
    const tags = name === undefined ? [] : [...own, ...(this.outside?.tags(`${host}/${name}`) ?? [])];
    if (tags.length === 0) return undefined;
    return { type: "application/json", body: Buffer.from(JSON.stringify({ name, tags })), digest: "" };
  }

  #find(host: string, path: string): { type: string; body: Buffer; digest: string } | undefined {
    const match = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path);
    if (!match) return undefined;
    const [, name = "", , reference = ""] = match;
    const digest = reference.startsWith("sha256:") ? reference : this.#push(`${host}/${name}`, reference);
    const blob = digest === undefined ? undefined : this.#blobs.get(digest);
    return blob && digest ? { ...blob, digest } : undefined;
  }

  /** Digest of the manifest of a tag, made on first use. */
  #push(name: string, tag: string): string | undefined {
    const key = `${name}:${tag}`;
    const known = this.#tags.get(key);
    if (known && !this.outside?.moves?.(name)) return known;
    const artifact = this.#repositories.get(name)?.(tag) ?? this.outside?.artifact(name, tag);
    if (!artifact) return undefined;
    const config = this.#store(artifact.configType, artifact.config);
    const layer = this.#store(artifact.layerType, artifact.layer);
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: artifact.configType, size: artifact.config.length, digest: config },
      layers: [{ mediaType: artifact.layerType, size: artifact.layer.length, digest: layer }],
      annotations: artifact.annotations ?? {},
    };
    const digest = this.#store(manifest.mediaType, Buffer.from(JSON.stringify(manifest)));
    this.#tags.set(key, digest);
    return digest;
  }

  #store(type: string, body: Buffer): string {
    const digest = digestOf(body);
    this.#blobs.set(digest, { type, body });
    return digest;
  }
}

const basic = ({ user, password }: Account) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

function listen(server: Server): Promise<number> {
  return new Promise((done) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      done(typeof address === "object" && address ? address.port : 0);
    }),
  );
}
