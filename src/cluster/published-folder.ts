import { normalizePath } from "../delivery/paths.ts";

const NAMED = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)=(.*)$/s;

/** Which folders of the repository are published, as `--artifact-path` says it. */
interface PublishedFolders {
  /** Of every source that has no folder of its own here. */
  all?: string;
  /** By the name of the source. */
  named: ReadonlyMap<string, string>;
}

/** Reads `kubernetes`, or `cluster-source=kubernetes/clusters/local,apps=kubernetes/apps`; a comma alone is part of a folder. */
export function readPublishedFolders(given: string | undefined): PublishedFolders {
  const named = new Map<string, string>();
  if (given === undefined) return { named };
  const parts = given.split(",").map((part) => part.trim());
  if (!parts.some((part) => NAMED.test(part))) return { all: normalizePath(given) ?? "", named };
  let all: string | undefined;
  for (const part of parts) {
    const [, name, folder] = NAMED.exec(part) ?? [];
    const path = normalizePath(folder ?? part) ?? "";
    if (name === undefined) all = path;
    else named.set(name, path);
  }
  return { ...(all === undefined ? {} : { all }), named };
}

/** The folder that is published to a source; undefined where nobody says. */
export function publishedFolder(given: string | undefined, source: string): string | undefined {
  const { all, named } = readPublishedFolders(given);
  return named.get(source) ?? all;
}
