import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { UsageError } from "../contract/errors.ts";
import { assetText } from "../files/asset.ts";

let isRead = false;

/**
 * Lets this process import TypeScript, on every Node alike: from 22.18 on it leaves out types by itself, and refuses an enum.
 * @param library absolute path of a module that has the compiler as `ts`
 * @throws UsageError where Node has no place for that, below 20.6
 */
export function readTypescript(library: string): void {
  if (isRead) return;
  if (typeof register !== "function") {
    const hint = "Use Node 20.6 or later, or write it in JavaScript: fluxlift.config.mjs.";
    throw new UsageError("no-typescript", `Node ${process.versions.node} cannot be taught to read TypeScript.`, hint);
  }
  const hooks = assetText("typescript-hooks.mjs", import.meta.url);
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, pathToFileURL(library), { data: library });
  isRead = true;
}
