import nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { UsageError } from "../contract/errors.ts";
import { assetText } from "../files/asset.ts";

/** What `typescript-hooks.mjs` exports. */
interface Hooks {
  initialize(library: string): void;
  load: unknown;
}

let isRead = false;

/**
 * Lets this process import TypeScript, on every Node alike: from 22.18 on it leaves out types by itself, and refuses an enum.
 * @param library absolute path of a module that has the compiler as `ts`
 * @throws UsageError where Node has no place for that, below 20.6
 */
export async function readTypescript(library: string, importUrl: (url: string) => Promise<object>): Promise<void> {
  if (isRead) return;
  const hooks = `data:text/javascript,${encodeURIComponent(assetText("typescript-hooks.mjs", import.meta.url))}`;
  // Newer than the types of Node that are installed. Node 26 says of `register` that it will go.
  const { register, registerHooks } = nodeModule as typeof nodeModule & {
    registerHooks?: (hooks: Pick<Hooks, "load">) => void;
  };
  if (typeof registerHooks === "function") {
    const { initialize, load } = (await importUrl(hooks)) as Hooks;
    initialize(library);
    registerHooks({ load });
  } else if (typeof register === "function") register(hooks, pathToFileURL(library), { data: library });
  else {
    const hint = "Use Node 20.6 or later, or write it in JavaScript: fluxlift.config.mjs.";
    throw new UsageError("no-typescript", `Node ${process.versions.node} cannot be taught to read TypeScript.`, hint);
  }
  isRead = true;
}
