import type { FileChange } from "../contract/edit.ts";
import { readYaml } from "../yaml/read.ts";

/**
 * Makes the check that runs on every text before anything is written: what parsed before, and what is new, must parse.
 * A file that did not parse before (a template with a .yaml name) is left out: there is nothing to compare with.
 */
export function makeTextCheck(changes: readonly FileChange[]): (path: string, text: string) => string | undefined {
  const before = new Map(changes.map((change) => [change.path, change.before]));
  return (path, text) => {
    const reason = findParseError(path, text);
    if (reason === undefined) return undefined;
    const old = before.get(path);
    return old !== undefined && findParseError(path, old) !== undefined ? undefined : reason;
  };
}

function findParseError(path: string, text: string): string | undefined {
  if (/\.ya?ml$/i.test(path)) {
    const parsed = readYaml(text);
    return parsed.ok ? undefined : `${parsed.reason} (line ${parsed.line})`;
  }
  if (!/\.json$/i.test(path)) return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
