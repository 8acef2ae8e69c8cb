import { matchTokens, type Token } from "./glob.ts";

/**
 * A pattern of Go's `filepath.Match` as a test of names without a slash; undefined of one that is none, such as `[`, `[a-]`, or
 * what ends in a backslash: to Go it fits nothing.
 */
export function compileGoMatch(pattern: string): ((name: string) => boolean) | undefined {
  if (!/[*?[\\]/.test(pattern)) return (name) => name === pattern;
  const tokens: Token[] = [];
  const reader = new Reader([...pattern]);
  for (let char = reader.next(); char !== undefined; char = reader.next()) {
    if (char === "*") tokens.push("*");
    else if (char === "?") tokens.push(() => true);
    else {
      const token = char === "[" ? reader.readClass() : fitsOne(char === "\\" ? reader.next() : char);
      if (token === undefined) return undefined;
      tokens.push(token);
    }
  }
  return (name) => matchTokens(tokens, [...name]) !== undefined;
}

function fitsOne(wanted: string | undefined): Token | undefined {
  return wanted === undefined ? undefined : (char) => char === wanted;
}

class Reader {
  #at = 0;
  readonly #chars: readonly string[];

  constructor(chars: readonly string[]) {
    this.#chars = chars;
  }

  next(): string | undefined {
    return this.#chars[this.#at++];
  }

  /** What stands between the brackets; undefined where they do not end, or hold no range. */
  readClass(): Token | undefined {
    const isNegated = this.#take("^");
    const ranges: (readonly [low: number, high: number])[] = [];
    while (ranges.length === 0 || !this.#take("]")) {
      const low = this.#readEnd();
      const high = this.#take("-") ? this.#readEnd() : low;
      if (low === undefined || high === undefined) return undefined;
      ranges.push([low, high]);
    }
    return (char) => {
      const code = char.codePointAt(0)!;
      return ranges.some(([low, high]) => low <= code && code <= high) !== isNegated;
    };
  }

  #take(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #readEnd(): number | undefined {
    const first = this.next();
    if (first === "-" || first === "]") return undefined;
    return (first === "\\" ? this.next() : first)?.codePointAt(0);
  }
}
