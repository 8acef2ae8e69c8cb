import { kindPattern } from "./kind-pattern.ts";

const SOPS_BLOCK = /^\uFEFF?sops:[ \t]*(?:#.*)?\r?$/m;
const SOPS_JSON = /^[ \t]*"sops":\s*\{/m;
const SOPS_MAC = /^[ \t]+"?mac"?:[ \t]*["']?ENC\[/m;

/**
 * Whether SOPS encrypted this text: it carries SOPS metadata with a MAC, or encrypted values. SOPS signs the whole file, so
 * any change outside `sops` makes it undecryptable. Errs towards yes (a comment that quotes an encrypted value counts).
 */
export function isSopsEncrypted(text: string): boolean {
  if (text.includes("ENC[AES256_GCM,data:")) return true;
  if (!text.includes("sops")) return false;
  return (SOPS_BLOCK.test(text) || SOPS_JSON.test(text)) && SOPS_MAC.test(text);
}

const SECRET = kindPattern("Secret");

/** A value below a place of a Secret: as a key, and as the path of a JSON6902 patch, which may name its target elsewhere or not at all. */
const PLACES = /\b(?:stringData|encryptedData)\b|\bpath["']?\s*:\s*["']?\/data\//;

/**
 * Whether a text may hold values of a Secret, or a private key. Errs towards yes: a comment counts, and so does a file of SOPS,
 * which may leave some of its values open. A reference, `kind: Secret` without `data`, is none.
 */
export function holdsSecret(text: string): boolean {
  let layer = text;
  for (let depth = 0; depth < 3; depth++) {
    if (speaksOfSecret(layer)) return true;
    if (!layer.includes("\\")) return false;
    layer = layer.replace(/\\(.)/g, (_, char: string) => ESCAPED[char] ?? char);
  }
  return speaksOfSecret(layer);
}

/** What JSON and YAML write in double quotes: `kubectl get -o json` has what was applied last as JSON in JSON. */
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function speaksOfSecret(text: string): boolean {
  if (/PRIVATE KEY-----|AGE-SECRET-KEY-/.test(text) || PLACES.test(text)) return true;
  const isSecret = SECRET.test(text) && /\bdata["']?\s*:/.test(text);
  const isGenerated = text.includes("secretGenerator") && text.includes("literals");
  return isSecret || isGenerated;
}
