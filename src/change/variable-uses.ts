import { getOrMake } from "../contract/group-by.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { fieldSource } from "../yaml/kind-pattern.ts";
import { listGenerated } from "./generated-values.ts";

/** The mark that keeps Flux from filling in an object (flux-facts 2.9). */
const OFF = new RegExp(`${fieldSource("kustomize\\.toolkit\\.fluxcd\\.io/substitute")}disabled`);

/** Whether a text holds that mark. */
export const isMarkedOff = (text: string | undefined): boolean => OFF.test(text ?? "");

/** Variables that files use without a default. */
interface Uses {
  /** Flux fills them in, with the files that use each. */
  filled: ReadonlyMap<string, readonly string[]>;
  /** Flux leaves them as they are written. */
  literal: ReadonlyMap<string, readonly string[]>;
}

/** `${NAME}`, but neither `$${NAME}` nor one with a default. */
const PLAIN = /(?<!\$)\$\{([A-Za-z_]\w*)\}/g;
const ANY = /(?<!\$)\$\{[A-Za-z_]/;

/** What some files use without a default, as the kustomizations that read them have it: those among them, where no others are given. */
export function listUses(
  tree: Tree,
  files: Iterable<string>,
  kustomizations: Iterable<string> = kustomizationsOf(files),
): Uses {
  const [filled, literal] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { file, text, isOff } of listTexts(tree, files, kustomizations)) {
    const found = isOff ? literal : filled;
    for (const name of listPlain(text)) {
      const users = getOrMake(found, name, (): string[] => []);
      if (users.at(-1) !== file) users.push(file);
    }
  }
  return { filled, literal };
}

/** Names of the variables that a text uses without a default. */
export function listPlain(text: string): string[] {
  return [...text.matchAll(PLAIN)].map(([, name]) => name!);
}

/** The first of all files of a FluxKustomization in which Flux fills something in, with a default or without. */
export function findFilled(tree: Tree, files: ReadonlySet<string>): string | undefined {
  for (const { file, text, isOff } of listTexts(tree, files, kustomizationsOf(files)))
    if (!isOff && ANY.test(text)) return file;
  return undefined;
}

const kustomizationsOf = (files: Iterable<string>): string[] => [...files].filter(isKustomizationFile);

/** Documents that may use variables, without comments. What a kustomization generates is left alone where any of its generators says so. */
function* listTexts(tree: Tree, files: Iterable<string>, kustomizations: Iterable<string>) {
  const off = new Set<string>();
  for (const file of kustomizations) {
    if (!OFF.test(tree.read(file) ?? "")) continue;
    for (const { reads } of listGenerated(tree, file)) for (const one of reads) off.add(one);
  }
  for (const file of files) {
    const text = tree.read(file) ?? "";
    if (!text.includes("${")) continue;
    for (const document of text.split(/^---(?=\s|$)/m)) {
      const isOff = off.has(file) || (!isKustomizationFile(file) && OFF.test(document));
      yield { file, text: document.replace(/^[ \t]*#.*$/gm, ""), isOff };
    }
  }
}
