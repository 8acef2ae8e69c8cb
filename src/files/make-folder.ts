import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it. By hand: node's `recursive` never ends below a folder that says of a new one that it is not
 * there, such as /proc.
 * @throws what the file system says, where one cannot be made
 */
export function makeFolder(dir: string, mode = 0o777): void {
  const missing: string[] = [];
  // A drive that is not there is its own parent.
  for (let at = dir; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode });
    } catch (error) {
      // Another run may have made it.
      if (!existsSync(folder)) throw error;
    }
  }
}
