import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { archive, chartArtifact, fluxArtifact } from "../world/archive.ts";
import { serveGit } from "../world/git-server.ts";
import type { Artifact, Outside } from "../world/registry.ts";
import { asWritten, type Catalog, concrete, type Foreign, placeOf } from "./catalog.ts";
import { fluxChartFiles } from "./flux-chart.ts";
import type { OwnArtifact } from "./list.ts";

export interface StandInOptions {
  catalog: Catalog;
  /** Folder of bare repositories, and the name of the tree's own in it. */
  served: string;
  own: { url: string; name: string; artifact?: OwnArtifact };
  /** Folder of the operator's module and Flux release, for the chart that installs Flux. */
  flux?: { operatorDir: string; version: string };
}

const CHART_TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-stand-in
data:
  chart: {{ .Chart.Name }}
  version: {{ .Chart.Version | quote }}
`;

const configMap = (name: string, namespace: string | undefined) =>
  stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...(namespace ? { namespace } : {}) } });

const short = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 10);

/** Charts, repositories and files of others, made when they are asked for. */
export class StandIns implements Outside {
  readonly #options: StandInOptions;
  /** Artifacts of the tree's own commits. */
  readonly #published = new Map<string, Artifact>();

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  artifact(asked: string, tag: string): Artifact | undefined {
    const name = asWritten(asked);
    if (this.moves(name)) return this.#ownArtifact();
    const foreign = this.#options.catalog.foreign.get(name);
    if (foreign && foreign.folders.size > 0) return fluxArtifact(archive(contentOf(foreign)), tag);
    return this.#chart(name.split("/").at(-1)!, tag);
  }

  /** Every push to the tree moves the tags of its own artifact. */
  moves(asked: string): boolean {
    return asWritten(asked) === this.#options.own.artifact?.name;
  }

  /** What CI would have published of the newest commit. */
  #ownArtifact(): Artifact {
    const { own, served } = this.#options;
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", join(served, `${own.name}.git`), ...args], { maxBuffer: 256 * 1024 * 1024 });
    const commit = git("rev-parse", "main").toString().trim();
    const known = this.#published.get(commit);
    if (known) return known;
    const layer = git("archive", "--format=tar.gz", `main:${own.artifact?.folder ?? ""}`);
    const made = fluxArtifact(layer, `main@sha1:${commit}`);
    this.#published.set(commit, made);
    return made;
  }

  #chart(name: string, tag: string): Artifact {
    const { flux } = this.#options;
    return name === "flux2" && flux
      ? chartArtifact(name, tag, fluxChartFiles(flux.operatorDir, flux.version))
      : chart(name, tag);
  }

  tags(asked: string): string[] {
    const name = asWritten(asked);
    const { charts, foreign } = this.#options.catalog;
    return [...(charts.get(name.split("/").at(-1)!) ?? []), ...(foreign.get(name)?.tags ?? [])].map(concrete);
  }

  serve(host: string, path: string, incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const git = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack)$/.exec(path);
    if (git) return this.#serveGit(`${host}/${git[1]}`, git[2]!, incoming, outgoing);
    if (path.endsWith("/index.yaml")) return send(outgoing, Buffer.from(this.#index()));
    const packed = /\/([^/]+)\.stand-in\.([^/]+)\.tgz$/.exec(decodeURIComponent(path));
    if (packed) return send(outgoing, this.#chart(packed[1]!, packed[2]!).layer);
    if (/\.ya?ml$/.test(path))
      return send(outgoing, Buffer.from(configMap(`stand-in-${short(host + path)}`, "default")));
    return false;
  }

  #serveGit(place: string, what: string, incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const { own, served, catalog } = this.#options;
    const ours = place === placeOf(own.url);
    const foreign = catalog.foreign.get(place);
    if (!ours && !foreign) return false;
    const name = ours ? own.name : `foreign-${short(place)}`;
    if (foreign && !ours && !existsSync(join(served, `${name}.git`))) makeRepository(served, name, foreign);
    serveGit(served, `/${name}.git/${what}`, incoming, outgoing);
    return true;
  }

  /** Every chart of the tree, whichever repository is asked. */
  #index(): string {
    const entries = Object.fromEntries(
      [...this.#options.catalog.charts].map(([name, versions]) => [
        name,
        [...versions].map((version) => ({
          apiVersion: "v2",
          name,
          version,
          urls: [`${name}.stand-in.${version}.tgz`],
          created: "2024-01-01T00:00:00Z",
        })),
      ]),
    );
    return stringify({ apiVersion: "v1", entries, generated: "2024-01-01T00:00:00Z" });
  }
}

const chart = (name: string, tag: string): Artifact =>
  chartArtifact(name, /^v?\d+\.\d+\.\d+/.test(tag) ? tag : "0.0.0", { "templates/stand-in.yaml": CHART_TEMPLATE });

function send(outgoing: ServerResponse, body: Buffer): true {
  outgoing.writeHead(200, { "content-type": "application/octet-stream", "content-length": String(body.length) });
  outgoing.end(body);
  return true;
}

/** One ConfigMap in each folder that something reads, with what the tree patches there, and a chart where one is read. */
function contentOf({ place, folders, charts, patched }: Foreign): Record<string, string> {
  const files: Record<string, string> = { "README.md": `Stand-in of ${place}.\n` };
  for (const [folder, namespace] of folders) {
    const name = `stand-in-${short(`${place} ${folder}`)}`;
    files[join(folder, "kustomization.yaml")] = stringify({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: ["stand-in.yaml"],
    });
    const more = (patched?.get(folder) ?? []).map((one) => stringify(one));
    files[join(folder, "stand-in.yaml")] = [configMap(name, namespace ?? "default"), ...more].join("---\n");
  }
  for (const folder of charts) {
    const name = join(place, folder).split("/").at(-1)!;
    files[join(folder, "Chart.yaml")] = stringify({ apiVersion: "v2", name, version: "1.0.0", type: "application" });
    files[join(folder, "templates/stand-in.yaml")] = CHART_TEMPLATE;
  }
  return files;
}

/** A bare repository with one commit, on every branch and tag that is asked for. */
function makeRepository(served: string, name: string, foreign: Foreign): void {
  const bare = join(served, `${name}.git`);
  const work = join(served, `${name}.work`);
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", work, "-c", "user.name=e2e", "-c", "user.email=e2e@example.org", ...args]);
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare]);
  mkdirSync(work);
  git("init", "-q", "-b", "main");
  for (const [path, text] of Object.entries(contentOf(foreign))) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  git("add", "-A");
  git("commit", "-qm", "Stand-in");
  const branches = ["main", "master", ...foreign.branches].map((one) => `HEAD:refs/heads/${one}`);
  const tags = [...foreign.tags].map((one) => `HEAD:refs/tags/${one}`);
  git("push", "-q", bare, ...new Set([...branches, ...tags]));
  rmSync(work, { recursive: true, force: true });
}
