/** Value of a variable: a text, not set, or set to something that cannot be known here. */
export type Lookup = (name: string) => { value: string | undefined } | "unknown";

export type Expanded = { text: string; unknown: string[] };

/** An expression that kustomize-controller cannot parse; it fails the whole FluxKustomization (flux-semantics 2.9). */
export class ExpressionError extends Error {}

/**
 * Expands `${…}` as kustomize-controller's post-build substitution does (flux-semantics 2.9). An expression that needs an
 * unknown variable stays as it is written, and its name is listed. Throws `ExpressionError`.
 */
export function expand(text: string, lookup: Lookup): Expanded {
  const unknown: string[] = [];
  let result = "";
  for (let index = 0; index < text.length; ) {
    if (text.startsWith("$$", index)) {
      result += "$";
      index += 2;
    } else if (text.startsWith("${", index)) {
      const end = findEnd(text, index + 2);
      const found = evaluate(text.slice(index + 2, end), lookup);
      if (typeof found === "string") result += found;
      else {
        unknown.push(...found.unknown);
        result += text.slice(index, end + 1);
      }
      index = end + 1;
    } else result += text[index++];
  }
  return { text: result, unknown };
}

function findEnd(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text.startsWith("${", index)) depth++;
    if (text[index] === "}" && depth-- === 0) return index;
  }
  throw new ExpressionError("missing closing brace");
}

const operators = /^(:[-=+?]|=|\^\^?|,,?|:(?=\s*-?\d)|##?|%%?|\/[/#%]?)([\s\S]*)$/;

function evaluate(expression: string, lookup: Lookup): string | { unknown: string[] } {
  const length = /^#(\w+)$/.exec(expression);
  const name = length?.[1] ?? /^\w+/.exec(expression)?.[0];
  if (name === undefined) throw new ExpressionError(`unable to parse \${${expression}}`);
  const rest = length ? "" : expression.slice(name.length);
  const operation = operators.exec(rest);
  if (rest !== "" && operation === null) throw new ExpressionError(`unable to parse \${${expression}}`);
  const argument = expand(operation?.[2] ?? "", lookup);
  const found = lookup(name);
  if (found === "unknown") return { unknown: [name, ...argument.unknown] };
  const value = found.value ?? "";
  if (length) return String([...value].length);
  if (operation === null) return value;
  const operator = operation[1]!;
  if (operator === "=" || /^:[-=+?]$/.test(operator)) {
    if (value !== "") return value;
    return argument.unknown.length > 0 ? { unknown: argument.unknown } : argument.text;
  }
  if (argument.unknown.length > 0) return { unknown: argument.unknown };
  return transform(value, operator, argument.text);
}

function transform(value: string, operator: string, argument: string): string {
  switch (operator) {
    case "^":
      return value.slice(0, 1).toUpperCase() + value.slice(1);
    case "^^":
      return value.toUpperCase();
    case ",":
      return value.slice(0, 1).toLowerCase() + value.slice(1);
    case ",,":
      return value.toLowerCase();
    case ":":
      return cut(value, argument);
    case "#":
    case "##":
      return trim(value, argument, "start", operator === "##");
    case "%":
    case "%%":
      return trim(value, argument, "end", operator === "%%");
    default:
      return substitute(value, operator, argument);
  }
}

function cut(value: string, argument: string): string {
  const [position, length] = argument.split(":").map((part) => Number(part.trim()));
  const start = Math.max(0, position! < 0 ? value.length + position! : position!);
  return length === undefined ? value.slice(start) : value.slice(start, start + Math.max(0, length));
}

/** Removes what a glob matches at one end: the shortest match, or the longest. */
function trim(value: string, glob: string, end: "start" | "end", longest: boolean): string {
  const regex = new RegExp(`^${globSource(glob)}$`, "s");
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  if (longest) lengths.reverse();
  const part = (length: number) => (end === "start" ? value.slice(0, length) : value.slice(value.length - length));
  const found = lengths.find((length) => regex.test(part(length)));
  if (found === undefined) return value;
  return end === "start" ? value.slice(found) : value.slice(0, value.length - found);
}

function globSource(glob: string): string {
  return glob
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
}

function substitute(value: string, operator: string, argument: string): string {
  const [from = "", to = ""] = argument.split("/");
  if (from === "") return value;
  switch (operator) {
    case "//":
      return value.replaceAll(from, () => to);
    case "/#":
      return value.startsWith(from) ? to + value.slice(from.length) : value;
    case "/%":
      return value.endsWith(from) ? value.slice(0, value.length - from.length) + to : value;
    default:
      return value.replace(from, () => to);
  }
}
