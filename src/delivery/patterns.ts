import { ofText } from "../yaml/of-text.ts";

/** The text as a pattern that matches just it. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Matches a text where it is no part of a longer name: `latest` of `home:latest`, not of `ubuntu-latest` or `a/latest`. */
export function wordPattern(text: string, flags = ""): RegExp {
  return new RegExp(String.raw`(?<![\w./-])${escapeRegExp(text)}(?![\w.-])`, flags);
}

/**
 * Whether the name may be a whole scalar of YAML or JSON in the text: after a mark, a quote, an anchor or at the start of
 * a line, and nothing behind it on the line but punctuation. `name: flux` and `"value":"flux"` are, also in an escaped
 * string; "# the flux repository" is not. Errs towards yes.
 */
export function mayHoldScalar(text: string, name: string): boolean {
  return text.includes(name) && scalarPattern(name).test(text);
}

/** Texts by the hundred are asked for a few names: the pattern of each is compiled once. */
const scalarPattern = ofText((name) => {
  const before = String.raw`(?:^|[-:,?[{]|[&!]\S{0,80}[ \t]|\\[nrt])[ \t]*\\?["']?`;
  const after = String.raw`\\?["']?[ \t\r]*(?:$|[#,:}\]\\])`;
  return new RegExp(`${before}${escapeRegExp(name)}(?=${after})`, "m");
}, 16);
