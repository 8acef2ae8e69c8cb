import { compile } from "./data.ts";

/** Operators of post-build substitution that change a value; lengths and positions count UTF-8 bytes. */
export function applyOperator(value: string, operator: string, args: readonly string[]): string {
  switch (operator) {
    case "#":
      return args.length === 0 ? String(Buffer.byteLength(value)) : trim(value, args[0]!, false);
    case "##":
      return trim(value, args[0]!, true);
    case "%":
    case "%%":
      return trimEnd(value, args[0]!, operator === "%%");
    case "^":
      return mapFirst(value, (char) => char.toUpperCase());
    case "^^":
      return value.toUpperCase();
    case ",":
      return mapFirst(value, (char) => char.toLowerCase());
    case ",,":
      return value.toLowerCase();
    case ":":
      return cut(value, args);
    case "/":
      return value.replace(args[0]!, () => args[1] ?? "");
    case "//":
      return value.replaceAll(args[0]!, () => args[1] ?? "");
    case "/#":
      return args.length === 2 && value.startsWith(args[0]!) ? args[1] + value.slice(args[0]!.length) : value;
    case "/%":
      if (args.length !== 2 || !value.endsWith(args[0]!)) return value;
      return value.slice(0, value.length - args[0]!.length) + args[1];
    default:
      return value === "" ? args.join("") : value;
  }
}

function mapFirst(value: string, change: (char: string) => string): string {
  const [first = "", ...rest] = [...value];
  return change(first) + rest.join("");
}

function cut(value: string, args: readonly string[]): string {
  const bytes = Buffer.from(value);
  const numbers = args.map((arg) => (/^[+-]?\d+$/.test(arg) ? Number(arg) : undefined));
  const [position, length] = numbers;
  if (position === undefined || (args.length > 1 && length === undefined)) return value;
  const start = position < 0 ? Math.max(0, bytes.length + position) : position;
  if (length === undefined) return bytes.subarray(start).toString();
  const end = length < 0 ? bytes.length + length : start + length;
  return end <= start ? "" : bytes.subarray(start, end).toString();
}

/** Removes what a glob matches at the start, never nothing: the shortest match, or the longest. */
function trim(value: string, glob: string, longest: boolean): string {
  const regex = globToRegex(glob);
  const lengths = Array.from({ length: value.length }, (_, index) => index + 1);
  if (longest) lengths.reverse();
  return value.slice(lengths.find((length) => regex?.test(value.slice(0, length))) ?? 0);
}

/** kustomize-controller turns text and glob around for the end, so that `[a-c]` matches no class there. */
function trimEnd(value: string, glob: string, longest: boolean): string {
  return reverse(trim(reverse(value), reverse(glob), longest));
}

function reverse(text: string): string {
  return [...text].reverse().join("");
}

/** `*`, `?`, `[a-c]`, `[^a]` and backslashes; undefined for a glob that is malformed. */
function globToRegex(glob: string): RegExp | undefined {
  const token = /\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^[\\])/gsuy;
  let source = "";
  let position = 0;
  for (let found = token.exec(glob); found !== null; found = token.exec(glob)) {
    position = token.lastIndex;
    const [all, negated, members, escaped, plain] = found;
    if (all === "*") source += ".*";
    else if (all === "?") source += ".";
    else if (members !== undefined) source += `[${negated}${members.replace(/[[\]^]/g, "\\$&")}]`;
    else source += (escaped ?? plain!).replace(/[.+^${}()|[\]\\/*?]/g, "\\$&");
  }
  return position === glob.length ? compile(`^${source}$`, "su") : undefined;
}
