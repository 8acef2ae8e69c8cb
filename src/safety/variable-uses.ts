import { getOrMake } from "../contract/group-by.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { listGenerated } from "./generated-values.ts";

/** The mark that keeps Flux from filling in an object (flux-facts 2.9). */
const OFF = /kustomize\.toolkit\.fluxcd\.io\/substitute["']?:\s*["']?disabled/;

/** Variables that files use without a default. */
interface Uses {
  /** Flux fills them in, with the files that use each. */
  filled: ReadonlyMap<string, readonly string[]>;
  /** Flux leaves them as they are written. */
  literal: ReadonlyMap<string, readonly string[]>;
}

/**
 * What some files use: `${NAME}`, but neither `$${NAME}` nor one with a default. A file is left alone as a whole where one of its
 * documents says so, and where the kustomization that generates an object from it does. Errs towards leaving alone.
 */
export function listUses(tree: Tree, files: Iterable<string>, kustomizations: Iterable<string>): Uses {
  const off = new Set<string>();
  for (const file of kustomizations) {
    if (!OFF.test(tree.read(file) ?? "")) continue;
    for (const { reads } of listGenerated(tree, file)) for (const one of reads) off.add(one);
  }
  const [filled, literal] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const file of files) {
    const text = tree.read(file) ?? "";
    if (!text.includes("${")) continue;
    const isOff = off.has(file) || (!isKustomizationFile(file) && OFF.test(text));
    const found = isOff ? literal : filled;
    for (const name of listNames(text)) getOrMake(found, name, (): string[] => []).push(file);
  }
  return { filled, literal };
}

/** Names of variables that a text uses without a default and not escaped. */
function listNames(text: string): ReadonlySet<string> {
  const plain = text.replace(/^[ \t]*#.*$/gm, "");
  return new Set([...plain.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)\}/g)].map(([, name]) => name!));
}
