import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Catalog, concrete, placeOf } from "./catalog.ts";
import { yamlFiles } from "./documents.ts";

interface Helmfile {
  repositories?: { url?: string }[];
  releases?: { chart?: string; version?: string }[];
}

/** Adds what the helmfiles of a tree ask of the world outside, before there is a Flux: hosts, and versions of charts. */
export function addHelmfiles(catalog: Catalog, dir: string): void {
  for (const path of yamlFiles(dir).filter((one) => /(^|\/)helmfile[^/]*\.ya?ml$/.test(one))) {
    for (const document of parseAllDocuments(readFileSync(join(dir, path), "utf8"))) {
      if (document.errors.length > 0) continue;
      const { repositories = [], releases = [] } = (document.toJS() ?? {}) as Helmfile;
      const urls = [...repositories.map(({ url }) => url), ...releases.map(({ chart }) => chart)];
      for (const url of urls) if (url?.includes("://")) catalog.hosts.add(placeOf(url).split("/")[0]!);
      for (const { chart, version } of releases) {
        const name = chart?.split("/").at(-1);
        if (!name || version === undefined) continue;
        catalog.charts.set(name, (catalog.charts.get(name) ?? new Set()).add(concrete(String(version))));
      }
    }
  }
}
