import { isYamlPath } from "../../cluster/objects.ts";
import type { Tree } from "../../files/tree.ts";
import { readYamlCached } from "../../yaml/read.ts";

/** Keys whose whole text is a version, and texts that are one wherever they stand: a size (`10Gi`) or an address is none. */
const VERSION_KEY = /^(?:tag|version|digest|semver)$/;
const VERSION = /^v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?$/;
const TAG = /(?::[\w.-]+)?(?:@sha256:\w+)?$/;

/** For `JSON.stringify`: other versions take nothing away. */
export function hideVersion(name: string, value: unknown): unknown {
  if (typeof value !== "string" || name === "apiVersion") return value;
  if (name === "image") return value.replace(TAG, "");
  return VERSION_KEY.test(name) || VERSION.test(value) ? "" : value;
}

/** Whether a change of a file of YAML brings other versions and nothing else. */
export function changesOnlyVersions(before: Tree, after: Tree, file: string): boolean {
  if (!isYamlPath(file)) return false;
  const [old, now] = [before, after].map((tree) => {
    const text = tree.read(file);
    const read = text === undefined ? undefined : readYamlCached(text);
    return read?.ok
      ? JSON.stringify(
          read.docs.map(({ data }) => data),
          hideVersion,
        )
      : undefined;
  });
  return old !== undefined && old === now;
}
