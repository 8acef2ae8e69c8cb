import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { archiveFolder } from "../world/archive.ts";
import { type Kube, type KubeObject, pathOf } from "../world/kube.ts";
import { sleep } from "../world/wait.ts";

const ORIGIN = "org.opencontainers.image.revision";

/**
 * Stands in for source-watcher, which the module proxy does not have: where its Deployment is, each ArtifactGenerator gets
 * its ExternalArtifacts. It knows `@alias/folder/**` and single files, and throws for anything else (flux-facts 6.2).
 */
export class SourceWatcher {
  readonly #kube: Kube;
  readonly #dir: string;
  readonly #served = new Map<string, Buffer>();
  /** Revisions that a generator was last made of. */
  readonly #made = new Map<string, string>();
  readonly #server: Server;
  #ended = false;
  #loop: Promise<void> | undefined;

  constructor(kube: Kube, dir: string) {
    this.#kube = kube;
    this.#dir = dir;
    this.#server = createServer((incoming, outgoing) => {
      const body = this.#served.get(incoming.url ?? "");
      outgoing.writeHead(body ? 200 : 404).end(body);
    });
  }

  async start(log: (line: string) => void): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    this.#loop = (async () => {
      while (!this.#ended) {
        await this.#look().catch((error: Error) => log(`source-watcher: ${error.message}`));
        await sleep(1500);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#loop;
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async #look(): Promise<void> {
    const generators = await this.#kube.list("ArtifactGenerator");
    if (generators.length === 0 || !(await this.#kube.get("Deployment", "flux-system", "source-watcher"))) return;
    for (const generator of generators) await this.#generate(generator);
  }

  async #generate(generator: KubeObject): Promise<void> {
    const { name, namespace = "", uid = "" } = generator.metadata;
    const sources = new Map<string, { revision: string; url: string }>();
    for (const { alias, kind, name: of, namespace: space = namespace } of generator.spec.sources) {
      const artifact = (await this.#kube.get(kind, space, of))?.status?.artifact;
      if (!artifact) return;
      sources.set(alias, artifact);
    }
    const key = JSON.stringify([generator.spec, [...sources.values()].map(({ revision }) => revision)]);
    if (this.#made.get(uid) === key) return;
    const unpacked = join(this.#dir, `unpacked-${uid}`);
    rmSync(unpacked, { recursive: true, force: true });
    for (const [alias, { url }] of sources) {
      const folder = join(unpacked, alias);
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}.tar.gz`, Buffer.from(await (await fetch(url)).arrayBuffer()));
      execFileSync("tar", ["-xzf", `${folder}.tar.gz`, "-C", folder]);
    }
    for (const one of generator.spec.artifacts) {
      const out = join(unpacked, `artifact-${one.name}`);
      mkdirSync(out);
      for (const copy of one.copy) place(unpacked, out, copy);
      const origin = sources.get(String(one.originRevision ?? "").replace("@", ""))?.revision;
      await this.#publish({ name: one.name, namespace }, { generator: name, out, origin });
    }
    await this.#ready("ArtifactGenerator", namespace, name, {});
    this.#made.set(uid, key);
  }

  async #publish(
    { name, namespace }: { name: string; namespace: string },
    { generator, out, origin }: { generator: string; out: string; origin: string | undefined },
  ): Promise<void> {
    const layer = archiveFolder(out);
    // The revision is that of the content, so that what did not change is not applied anew.
    const digest = execFileSync("sh", ["-c", "find . -type f | sort | xargs sha256sum | sha256sum"], { cwd: out });
    const path = `/${namespace}/${name}/${digest.toString().slice(0, 64)}.tar.gz`;
    if (!this.#served.has(path)) this.#served.set(path, layer);
    const body = this.#served.get(path)!;
    await this.#kube.apply(
      {
        apiVersion: "source.toolkit.fluxcd.io/v1",
        kind: "ExternalArtifact",
        metadata: { name, namespace, labels: { "app.kubernetes.io/managed-by": "source-watcher" } },
        spec: {
          sourceRef: {
            apiVersion: "source.extensions.fluxcd.io/v1beta1",
            kind: "ArtifactGenerator",
            name: generator,
            namespace,
          },
        },
      },
      "source-watcher",
    );
    await this.#ready("ExternalArtifact", namespace, name, {
      artifact: {
        digest: `sha256:${createHash("sha256").update(body).digest("hex")}`,
        lastUpdateTime: new Date().toISOString(),
        ...(origin === undefined ? {} : { metadata: { [ORIGIN]: origin } }),
        path: path.slice(1),
        revision: `latest@sha256:${digest.toString().slice(0, 64)}`,
        size: body.length,
        url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`,
      },
    });
  }

  async #ready(kind: string, namespace: string, name: string, more: Record<string, unknown>): Promise<void> {
    const live = await this.#kube.get(kind, namespace, name);
    const observedGeneration = live?.metadata.generation ?? 1;
    const lastTransitionTime = new Date().toISOString();
    const conditions = [
      { type: "Ready", status: "True", reason: "Succeeded", message: "", observedGeneration, lastTransitionTime },
    ];
    const path = `${pathOf(await this.#kube.resourceOf(kind), namespace, name)}/status`;
    await this.#kube.json("PATCH", path, { status: { ...more, conditions } }, "application/merge-patch+json");
  }
}

/** One `copy` of an ArtifactGenerator; `@artifact/` is `out`. */
export function place(from: string, out: string, { from: what, to }: { from: string; to: string }): void {
  const source = /^@([^/]+)\/(.*?)(\/\*\*)?$/.exec(what);
  const target = /^@artifact\/(.*)$/.exec(to);
  if (!source || !target || /[*?[{]/.test(source[2]!)) throw new Error(`no stand-in for copying ${what} to ${to}`);
  const at = join(from, source[1]!, source[2]!);
  if (!existsSync(at)) throw new Error(`${what} matches nothing`);
  const named = source[3] === undefined && /(^|\/)$/.test(target[1]!);
  const into = join(out, target[1]!, named ? basename(at) : "");
  if (source[3] === undefined) {
    mkdirSync(dirname(into), { recursive: true });
    cpSync(at, into, { recursive: true });
  } else {
    mkdirSync(into, { recursive: true });
    for (const name of readdirSync(at)) cpSync(join(at, name), join(into, name), { recursive: true });
  }
}
