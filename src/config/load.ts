import { UsageError } from "../contract/errors.ts";
import { readContent } from "../files/file-text.ts";
import { type ReadConfig, readConfig } from "./read.ts";

export { checkConfig } from "./read.ts";

const WHY = {
  symlink: "is a link, which could lead anywhere",
  unreadable: "cannot be read",
  huge: "is too long",
  binary: "is no text",
  encrypted: "is encrypted",
};

/**
 * Reads a file of settings from disk.
 * @param file absolute
 * @param name as messages name it
 * @throws UsageError
 */
export function readConfigFile(file: string, name: string): ReadConfig {
  const { status, text } = readContent(file);
  if (text !== undefined) return readConfig(text, name);
  const why = WHY[status as keyof typeof WHY] ?? "cannot be read";
  throw new UsageError(
    "no-config",
    `The configuration ${name} ${why}.`,
    "Name a file in the format of docs/config.md.",
  );
}
