import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";

/**
 * The bytes that the values of a ConfigMap or Secret have at least, as the API server counts them: without the keys, and
 * decoded. A variable may be filled with nothing, and what is encrypted counts for nothing, as the text in it is shorter.
 */
export function sizeOfData({ kind, data, stringData, binaryData }: YamlData): number {
  const isSecret = kind === "Secret";
  const said: Record<string, unknown> = isMap(stringData) ? stringData : {};
  const values = Object.entries(isMap(data) ? data : {}).filter(([key]) => !Object.hasOwn(said, key));
  const [encoded, plain] = isSecret ? [values, Object.entries(said)] : [Object.entries(binaryData ?? {}), values];
  return sum(encoded, sizeOfEncoded) + sum(plain, sizeOfText);
}

function sum(values: readonly [string, unknown][], sizeOf: (text: string) => number): number {
  return values.reduce((all, [, value]) => all + (typeof value === "string" ? sizeOf(value) : 0), 0);
}

function sizeOfText(text: string): number {
  if (text.includes("ENC[")) return 0;
  const [first = "", ...rest] = text.split("${");
  const plain = rest.map((part) => (part.includes("}") ? part.slice(part.indexOf("}") + 1) : ""));
  return Buffer.byteLength(first) + plain.reduce((all, part) => all + Buffer.byteLength(part), 0);
}

/** A generator encodes what is encrypted, which kustomize-controller decrypts all the same. */
function sizeOfEncoded(text: string): number {
  if (isOpenText(text)) return 0;
  const bytes = Buffer.from(text, "base64");
  return bytes.includes("ENC[") ? 0 : bytes.length;
}
