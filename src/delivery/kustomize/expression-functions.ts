import type { Token } from "../../files/glob.ts";

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
  const tokens = readGlob(glob);
  const chars = [...value];
  const end = tokens && findEnd(tokens, chars, longest);
  return end === undefined ? value : chars.slice(end).join("");
}

/** How many characters a glob takes, at least one: all ways through it are followed at once, so that none is tried twice. */
function findEnd(tokens: readonly Token[], chars: readonly string[], longest: boolean): number | undefined {
  const isStar = (index: number) => tokens[index] === "*";
  let ways = new Set<number>([0]);
  for (let index = 0; isStar(index); index++) ways.add(index + 1);
  let end: number | undefined;
  for (const [at, char] of chars.entries()) {
    const next = new Set<number>();
    for (const way of ways) {
      const token = tokens[way];
      if (token === undefined || (token !== "*" && !token(char))) continue;
      let to = token === "*" ? way : way + 1;
      next.add(to);
      while (isStar(to)) next.add(++to);
    }
    if (next.size === 0) return end;
    if (next.has(tokens.length)) {
      end = at + 1;
      if (!longest) return end;
    }
    ways = next;
  }
  return end;
}

/** kustomize-controller turns text and glob around for the end, so that `[a-c]` matches no class there. */
function trimEnd(value: string, glob: string, longest: boolean): string {
  return reverse(trim(reverse(value), reverse(glob), longest));
}

function reverse(text: string): string {
  return [...text].reverse().join("");
}

/** `*`, `?`, `[a-c]`, `[^a]` and backslashes; undefined for a glob that is malformed. */
function readGlob(glob: string): Token[] | undefined {
  const next = /\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^[\\])/gsuy;
  const tokens: Token[] = [];
  let position = 0;
  for (let found = next.exec(glob); found !== null; found = next.exec(glob)) {
    position = next.lastIndex;
    const [all, negated, members, escaped, plain] = found;
    if (all === "*") tokens.push("*");
    else if (all === "?") tokens.push(() => true);
    else if (members !== undefined) {
      const fits = readClass(`${negated}${members.replace(/[[\]^]/g, "\\$&")}`);
      if (!fits) return undefined;
      tokens.push(fits);
    } else tokens.push((char) => char === (escaped ?? plain));
  }
  return position === glob.length ? tokens : undefined;
}

function readClass(members: string): Token | undefined {
  try {
    const pattern = new RegExp(`^[${members}]$`, "su");
    return (char) => pattern.test(char);
  } catch {
    return undefined;
  }
}
