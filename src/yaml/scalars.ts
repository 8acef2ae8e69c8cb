import { made, type Yaml } from "../contract/media.ts";
import type { YamlStyle } from "./types.ts";

/** What YAML 1.1 or 1.2 (or Go's decoder, which mixes them) may read as something else than a string. */
const WORDS = /^(?:~|null|true|false|yes|no|on|off|y|n|<<|=)$/i;
const NUMBERS =
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|(?:[\d_]+|(?:\d[\d_]*)?\.[\d_]*)?(?:e[-+]?\d+)?|\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|\.inf)$|^\.nan$/i;
const DATES = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt\s])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what YAML wants escaped
const UNPRINTABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;
/** What does not show, or turns others around; a block, which has no escapes, keeps it. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const TO_SPELL = new RegExp(`${UNPRINTABLE.source}|${UNSEEN.source}`, "g");

/** Whether a string may stand without quotes and still be that string for YAML 1.1 and 1.2 readers. */
function isPlainSafe(value: string, inFlow: boolean): boolean {
  if (value === "" || value !== value.trim() || /[\n\r\t]/.test(value)) return false;
  if (UNPRINTABLE.test(value) || UNSEEN.test(value) || LONE_SURROGATE.test(value)) return false;
  if (WORDS.test(value) || NUMBERS.test(value) || DATES.test(value)) return false;
  if (/^[,[\]{}#&*!|>'"%@`]/.test(value) || /^[-?:](?:$|\s)/.test(value) || /^(?:---|\.\.\.)/.test(value)) return false;
  if (/:(?:$|\s)/.test(value) || /\s#/.test(value)) return false;
  return !(inFlow && (/[,[\]{}]/.test(value) || /^[-?:]/.test(value) || /:[,[\]{}"']/.test(value)));
}

/** Whether a string can be written as a `|` block scalar that needs no explicit indentation. */
export function isBlockSafe(value: string): boolean {
  if (/^\s*\n?[ \t]/.test(value) || value.endsWith("\n\n")) return false;
  if (!value.includes("\n") || value.trim() === "" || value.includes("\r") || value.includes("\u0085")) return false;
  return !UNPRINTABLE.test(value) && !LONE_SURROGATE.test(value);
}

/** A quoted string on one line; single quotes only where no escape is needed. */
export function printQuoted(value: string, quote: "single" | "double"): Yaml {
  const needsEscape = [/[\n\r\t]/, UNPRINTABLE, UNSEEN, LONE_SURROGATE].some((pattern) => pattern.test(value));
  if (quote === "single" && !needsEscape) return made(`'${value.replaceAll("'", "''")}'`);
  const json = JSON.stringify(value);
  return made(json.replace(TO_SPELL, escapeChar));
}

/** A code unit as JSON may write it: `\u003c`. */
export function escapeChar(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A string as its owner would write it: plain if safe, else in the quotes they prefer. */
export function printPreferred(value: string, preference: YamlStyle["quote"], inFlow = false): Yaml {
  if (isPlainSafe(value, inFlow)) return made(value);
  return printQuoted(value, preference === "single" ? "single" : "double");
}

/** Null, boolean or number as YAML writes it; undefined for anything else. */
export function printNonString(value: unknown): Yaml | undefined {
  if (value === null || value === undefined) return made("null");
  if (typeof value === "boolean" || typeof value === "bigint") return made(String(value));
  if (typeof value !== "number") return undefined;
  if (Number.isNaN(value)) return made(".nan");
  if (!Number.isFinite(value)) return made(value > 0 ? ".inf" : "-.inf");
  return made(Object.is(value, -0) ? "-0.0" : String(value));
}
