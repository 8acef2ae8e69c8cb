import { readFileSync } from "node:fs";

/**
 * The text of a file of fluxlift itself, such as a table or a script. The bundle has the text in place of each call
 * (`scripts/build.mjs`), so a call writes the name out.
 * @param name path from the module that asks
 * @param module its `import.meta.url`
 */
export function assetText(name: string, module: string): string {
  return readFileSync(new URL(name, module), "utf8");
}
