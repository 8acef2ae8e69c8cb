import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { isSopsEncrypted } from "../../src/yaml/secret.ts";
import { detectTemplate } from "../../src/yaml/template.ts";
import type { Reference } from "../shared/references/find.ts";

/** `spec: &spec`, `- &item {a: 1}` and `<<: *spec`: values that more than one place may share. */
const SHARED = /<<|&[^\s,[\]{}]+[ \t]*(?:[[{]|#|\r?$)/m;

/**
 * Whether references can be rewritten for sure, without trying: no template, no encryption, no patch body that is edited
 * in its turn, and nothing shared but scalars with other values (`name: &app podinfo`). Errs towards no.
 */
export function isPlain(text: string, references: readonly Reference[]): boolean {
  if (SHARED.test(text) || isSopsEncrypted(text) || detectTemplate(text)) return false;
  return references.every(({ op, rename }) => {
    if (op.op === "set" && typeof op.value !== "string") return false;
    return !text.includes("&") || !new RegExp(`&\\S+\\s+["']?${escapeRegExp(rename.name)}`).test(text);
  });
}
