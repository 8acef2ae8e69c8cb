import yaml from "js-yaml";
import type { Dice } from "./dice.ts";

/** Begins a scalar that stands in the text as it is: `raw:0644`, `raw:q:a` for `"a"`, `raw:s:a` for `'a'`. */
const raw = /(["']?)raw:(?:([qs]):)?([^\s"',\]}]*)\1/g;

/** A value as YAML, mostly in the plainest style, else in one that people write. */
export function print(dice: Dice, value: unknown): string {
  const isPlain = !dice.chance(0.25);
  const style = isPlain
    ? {}
    : {
        indent: dice.pick([2, 4]),
        noArrayIndent: dice.chance(0.5),
        flowLevel: dice.chance(0.2) ? dice.pick([2, 3, 4]) : -1,
        lineWidth: dice.chance(0.1) ? 20 : -1,
        forceQuotes: dice.chance(0.3),
        quotingType: dice.pick(["'", '"'] as const),
      };
  const text = yaml.dump(value, { lineWidth: -1, noRefs: true, ...style });
  return anchor(dice, asWritten(text));
}

/** A value as JSON. */
export function printJson(value: unknown): string {
  return JSON.stringify(value).replace(raw, '"$3"');
}

function asWritten(text: string): string {
  return text.replace(raw, (_, __, quote: string | undefined, scalar: string) => {
    if (quote === "q") return `"${scalar}"`;
    return quote === "s" ? `'${scalar}'` : scalar;
  });
}

const scalarLine = /^([ ]*(?:- )*[\w.-]+: )([a-z][\w-]*)$/;

/** Sometimes a scalar that is written several times gets an anchor, the others aliases. */
function anchor(dice: Dice, text: string): string {
  if (!dice.chance(0.08)) return text;
  const lines = text.split("\n");
  const values = lines.map((line) => scalarLine.exec(line)?.[2]);
  const repeated = values.filter((value, at) => value !== undefined && values.indexOf(value) < at);
  if (repeated.length === 0) return text;
  const value = dice.pick(repeated)!;
  const first = values.indexOf(value);
  return lines
    .map((line, at) => (values[at] === value ? line.replace(scalarLine, at === first ? "$1&x $2" : "$1*x") : line))
    .join("\n");
}
