/** Takes one character of a text; `"*"` takes any number of them. */
export type Token = "*" | ((char: string) => boolean);

/**
 * Whether tokens take a text as a whole, in time that grows with the text times the tokens, whatever they hold: after a miss
 * only the last `*` takes one character more. As a regular expression `*a*a*a*a*b` takes the sixth power.
 */
export function matchTokens<T>(
  tokens: readonly ("*" | ((item: T) => boolean))[],
  text: ArrayLike<T>,
  isPrefix = false,
): number | undefined {
  let at = 0;
  let token = 0;
  let retry: { token: number; at: number } | undefined;
  for (;;) {
    if (token === tokens.length && (isPrefix || at === text.length)) return at;
    const now = tokens[token];
    if (now === "*") {
      token++;
      retry = { token, at };
    } else if (now !== undefined && at < text.length && now(text[at]!)) {
      at++;
      token++;
    } else if (retry && retry.at < text.length) {
      retry.at++;
      ({ at, token } = retry);
    } else return undefined;
  }
}

/** One segment of a gitignore pattern as a test: `*`, `?`, `[a-c]` and backslashes. */
export function compileSegment(pattern: string): (segment: string) => boolean {
  if (!/[*?[\\]/.test(pattern)) return (segment) => segment === pattern;
  const [head = "", tail, ...more] = pattern.split("*");
  if (tail !== undefined && more.length === 0 && !/[?[\\]/.test(pattern))
    return (segment) =>
      segment.length >= head.length + tail.length && segment.startsWith(head) && segment.endsWith(tail);
  const tokens = readTokens(pattern);
  return (segment) => matchTokens(tokens, segment) !== undefined;
}

function readTokens(pattern: string): Token[] {
  const tokens: Token[] = [];
  const lastClose = pattern.lastIndexOf("]");
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const close = char === "[" && at + 2 <= lastClose ? pattern.indexOf("]", at + 2) : -1;
    if (char === "*") tokens.push("*");
    else if (char === "?") tokens.push(() => true);
    else if (close > 0) {
      tokens.push(readClass(pattern.slice(at + 1, close)));
      at = close;
    } else {
      const literal = char === "\\" && at + 1 < pattern.length ? pattern[++at]! : char;
      tokens.push((one) => one === literal);
    }
  }
  return tokens;
}

/** Errs towards no match where the class is none, such as `[z-a]`. */
function readClass(members: string): (char: string) => boolean {
  try {
    const pattern = new RegExp(`^[${members.replace(/\\/g, "\\\\")}]$`, "s");
    return (char) => pattern.test(char);
  } catch {
    return () => false;
  }
}
