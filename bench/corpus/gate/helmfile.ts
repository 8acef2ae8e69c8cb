import { type Data, isYamlPath, joinPath, type Snapshot } from "./snapshot.ts";
import type { Mention } from "./types.ts";

const APPS = new Set(["flux-operator", "flux-instance"]);
const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

/** Paths that a values template reads with `readFile`, filled in for one release. */
export function templateReads(template: string, release: Data): string[] {
  const filled = (text: string): string =>
    text
      .replace(/\{\{-?\s*\.Release\.Namespace\s*-?\}\}/g, String(release.namespace ?? ""))
      .replace(/\{\{-?\s*\.Release\.Name\s*-?\}\}/g, String(release.name));
  const out: string[] = [];
  for (const [, format = "", args = ""] of template.matchAll(/readFile\s*\(?\s*(?:printf\s+)?"([^"]+)"([^)}|]*)/g)) {
    const values = args
      .trim()
      .split(/\s+/)
      .map((arg) => (arg.endsWith(".Namespace") ? release.namespace : release.name));
    let next = 0;
    out.push(filled(format.replace(/%s/g, () => String(values[next++] ?? ""))));
  }
  return out.filter((path) => !path.includes("{{"));
}

/** Where a line of a file names a release, for messages. */
function lineOf(text: string, name: string): number {
  return text.split("\n").findIndex((line) => new RegExp(`name:\\s*["']?${name}\\b`).test(line)) + 1;
}

/**
 * Releases of the two apps in helmfiles that could not be rebuilt: values files that are not there, templates that read
 * files that are not there, and chart versions other than the one Flux delivers.
 * @param delivered chart version by chart name, from the OCIRepositories of the cluster
 */
export function findBrokenReleases(tree: Snapshot, delivered: Map<string, Set<string>>): Mention[] {
  const out: Mention[] = [];
  for (const file of tree.paths.filter(isYamlPath)) {
    const text = tree.text(file);
    if (!text.includes("releases:") || !/flux-(operator|instance)/.test(text)) continue;
    for (const release of tree
      .yaml(file)
      .docs.flatMap((doc) => (Array.isArray(doc.data?.releases) ? doc.data.releases : []))) {
      if (!APPS.has(release?.name)) continue;
      const line = lineOf(text, release.name);
      const exists = (base: string, path: string): boolean => tree.has(joinPath(base, path));
      for (const values of (release.values ?? []).filter(
        (item: unknown) => typeof item === "string" && !item.includes("{{"),
      )) {
        const path = joinPath(folderOf(file), values);
        if (!tree.has(path))
          out.push({ file, line, what: `release ${release.name} reads ${values}, which is not there` });
        else if (/\.gotmpl$/.test(path)) {
          for (const read of templateReads(tree.text(path), release)) {
            if (!exists(folderOf(path), read) && !exists(folderOf(file), read)) {
              out.push({
                file,
                line,
                what: `release ${release.name} reads ${read} through ${values}, which is not there`,
              });
            }
          }
        }
      }
      const versions = delivered.get(
        String(release.chart ?? "")
          .split("/")
          .at(-1) ?? "",
      );
      if (versions && release.version && !versions.has(String(release.version))) {
        out.push({
          file,
          line,
          what: `release ${release.name} has chart ${release.version}, Flux delivers ${[...versions]}`,
        });
      }
    }
  }
  return out;
}
