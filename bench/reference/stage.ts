import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What of the Go module of flux-operator is kept, as file or folder of it -> the same in the archive. */
const OF_OPERATOR: Readonly<Record<string, string>> = {
  "config/data/flux": "config/data/flux",
  "config/data/flux-images": "config/data/flux-images",
  "config/crd/bases/fluxcd.controlplane.io_fluxinstances.yaml": "schemas/fluxinstance.crd.yaml",
  "config/crd/bases/fluxcd.controlplane.io_resourcesets.yaml": "schemas/resourceset.crd.yaml",
};

/** The same of a checkout of the charts, which no Go module holds. */
const OF_CHARTS: Readonly<Record<string, string>> = Object.fromEntries(
  ["flux-instance", "flux-operator"].flatMap((chart) =>
    ["values.schema.json", "values.yaml"].map((file) => [`charts/${chart}/${file}`, `schemas/${chart}.${file}`]),
  ),
);

/** Copies over a staged reference what a release of the operator is built with. @throws Error when something is not there */
export const stageOperator = (module: string, staged: string): void => copyAll(module, staged, OF_OPERATOR);

/** Copies over a staged reference what the charts take. @throws Error when something is not there */
export const stageCharts = (charts: string, staged: string): void => copyAll(charts, staged, OF_CHARTS);

function copyAll(from: string, to: string, files: Readonly<Record<string, string>>): void {
  for (const [path, kept] of Object.entries(files)) {
    if (!existsSync(join(from, path))) throw new Error(`${join(from, path)} is not there.`);
    cpSync(join(from, path), join(to, kept), { recursive: true });
  }
}

/** The Flux releases in a folder of manifests, such as `2.9.4`, oldest first. */
export function fluxReleases(folder: string): string[] {
  const parts = (version: string) => version.split(".").map(Number) as [number, number, number];
  return readdirSync(folder)
    .filter((name) => /^v\d+\.\d+\.\d+$/.test(name))
    .map((name) => name.slice(1))
    .sort((one, other) => {
      const [a, b] = [parts(one), parts(other)];
      return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
    });
}
