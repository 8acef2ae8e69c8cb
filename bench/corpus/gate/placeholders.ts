import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { copyTree } from "../repo.ts";
import type { InstallSight, RootSight } from "./sights.ts";
import { type Data, joinPath, openSnapshot, type Snapshot } from "./snapshot.ts";

export interface Placeholders {
  roots: RootSight[];
  installs: InstallSight[];
}

/**
 * Folders that `flux bootstrap` has not filled in, as it would: a root for the folder above each. There is no install to
 * compare with, so item 4 is not checked for them.
 * @param url where the repository is published
 */
export function findPlaceholders(tree: Snapshot, url: string): Placeholders {
  const out: Placeholders = { roots: [], installs: [] };
  const isEmpty = (path: string): boolean => tree.has(path) && tree.yaml(path).docs.every((doc) => !doc.data);
  for (const file of tree.paths.filter((path) => path.endsWith("/gotk-sync.yaml") && isEmpty(path))) {
    const dir = file.slice(0, file.lastIndexOf("/"));
    const components = joinPath(dir, "gotk-components.yaml");
    if (!isEmpty(components)) continue;
    const metadata = { name: "flux-system", namespace: "flux-system" };
    const source: Data = {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata,
      spec: { interval: "1m0s", ref: { branch: "main" }, secretRef: { name: "flux-system" }, url },
    };
    const path = `./${dir.slice(0, Math.max(0, dir.lastIndexOf("/")))}`;
    const data: Data = {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata,
      spec: { interval: "10m0s", path, prune: true, sourceRef: { kind: "GitRepository", name: "flux-system" } },
    };
    out.roots.push({ data, file, line: 1, source, prefix: "" });
    out.installs.push({ style: "gotk", file: components, line: 1 });
  }
  return out;
}

/** A copy of the tree with the sync files that bootstrap would write, so that kustomizations act on what they say. */
export function fillPlaceholders(tree: Snapshot, { roots }: Placeholders, copy: string): Snapshot {
  if (roots.length === 0) return tree;
  copyTree(tree.dir, copy);
  for (const { file, source, data } of roots) {
    writeFileSync(join(copy, file), `${stringify(source)}---\n${stringify(data)}`);
  }
  return openSnapshot(copy);
}

/** `owner__name__when` of the corpus, as the address it came from. */
export function publishedAt(state: string): string {
  const [owner, name] = state.split("__");
  return `https://github.com/${owner}/${name}`;
}
