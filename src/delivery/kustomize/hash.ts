import { createHash } from "node:crypto";
import { escapeChar } from "../../yaml/scalars.ts";
import { type Data, isMap, nodeText, scalarText } from "./data.ts";

/** The hash that stands behind the name of a generated object, as part of a pattern: digits of which none makes a word. */
export const HASH_PATTERN = "[bcdfghkmt2456789]{10}";

/**
 * The ten characters kustomize appends to the name of a generated ConfigMap or Secret: SHA-256 of its kind, type and data
 * as Go prints JSON (the name counts as empty), with the vowels and digits that could spell words swapped out.
 */
export function hashContent(body: Data): string {
  const kind = scalarText(body.kind);
  const secret = kind === "Secret";
  const extra = secret ? "stringData" : "binaryData";
  const content: Record<string, unknown> = {
    kind,
    name: "",
    data: Array.isArray(body.data) ? null : isMap(body.data) ? body.data : textOf(body.data),
  };
  if (secret) content.type = textOf(body.type);
  if (isMap(body[extra])) content[extra] = body[extra];
  else if (Array.isArray(body[extra])) content[extra] = null;
  const digest = createHash("sha256").update(printGoJson(content)).digest("hex");
  const swaps: Record<string, string> = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" };
  return digest.slice(0, 10).replace(/[013ae]/g, (char) => swaps[char]!);
}

/** The text of a field; that of a null, which only a patch writes, is the word. */
function textOf(value: unknown): string {
  return value === undefined ? "" : nodeText(value);
}

/** JSON as Go's encoder writes it: keys in byte order, `<`, `>`, `&` and line separators escaped. */
function printGoJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printGoJson).join(",")}]`;
  if (isMap(value)) {
    const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${keys.map((key) => `${printGoJson(key)}:${printGoJson(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null).replace(/[<>&\u2028\u2029]/g, escapeChar);
}

/** Base64 as kustomize writes it into Secrets: broken into lines of 70 when longer. */
export function encodeSecretValue(text: string): string {
  const encoded = Buffer.from(text, "utf8").toString("base64");
  if (encoded.length < 70) return encoded;
  return `${(encoded.match(/.{1,70}/g) ?? []).join("\n")}\n`;
}
