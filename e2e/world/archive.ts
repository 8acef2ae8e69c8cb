import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Artifact } from "./registry.ts";

/** A gzipped tar of the given files. */
export function archive(files: Record<string, string>): Buffer {
  const dir = mkdtempSync(join(tmpdir(), "fluxlift-e2e-tar-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return archiveFolder(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export const archiveFolder = (dir: string): Buffer =>
  execFileSync("tar", ["-czf", "-", "-C", dir, ...readdirSync(dir)], { maxBuffer: 256 * 1024 * 1024 });

/** What `flux push artifact` makes of a folder. */
export function fluxArtifact(layer: Buffer, revision: string): Artifact {
  return {
    layer,
    layerType: "application/vnd.cncf.flux.content.v1.tar+gzip",
    config: Buffer.from("{}"),
    configType: "application/vnd.cncf.flux.config.v1+json",
    annotations: { "org.opencontainers.image.revision": revision, "org.opencontainers.image.source": "fluxlift-e2e" },
  };
}

/** What `helm push` makes of a chart; `files` are relative to the chart's own folder. */
export function chartArtifact(name: string, version: string, files: Record<string, string>): Artifact {
  const meta = { apiVersion: "v2", name, version, appVersion: version, type: "application" };
  const all = { "Chart.yaml": JSON.stringify(meta), ...files };
  const placed = Object.fromEntries(Object.entries(all).map(([path, text]) => [`${name}/${path}`, text]));
  return {
    layer: archive(placed),
    layerType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    config: Buffer.from(JSON.stringify(meta)),
    configType: "application/vnd.cncf.helm.config.v1+json",
  };
}
