import yaml from "js-yaml";

const own = (yaml as unknown as { types: Record<"null" | "bool" | "merge", yaml.Type> }).types;

/** A plain scalar as the number that Go's decoder reads: `0644` is octal, `1_000` has no underscore; else undefined. */
export function readNumber(text: string): number | undefined {
  if (!/^[-+.\d]/.test(text)) return undefined;
  if (/^[-+]?\.inf$/i.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^\.nan$/i.test(text)) return Number.NaN;
  const digits = text.startsWith(".") ? text : text.replaceAll("_", "");
  const [, sign, base, rest] = /^([-+]?)0([xob]?)([\da-f]+)$/i.exec(digits) ?? [];
  const whole = rest === undefined ? Number.NaN : Number(`0${base || "o"}${rest}`);
  if (whole <= Number(2n ** 64n)) return sign === "-" ? -whole : whole;
  const value = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const number = (tag: "int" | "float") =>
  new yaml.Type(`tag:yaml.org,2002:${tag}`, {
    kind: "scalar",
    resolve: (text: string | null) => text !== null && readNumber(text) !== undefined,
    construct: readNumber,
  });

/** What a plain scalar may be but a string, asked in this order. */
export const plainTypes: readonly yaml.Type[] = [own.null, own.bool, number("int"), number("float")];

/** YAML 1.2 core with the numbers of Go's decoder. */
export const coreSchema = yaml.FAILSAFE_SCHEMA.extend({ implicit: [...plainTypes] });

export const mergeType = own.merge;
