import fc from "fast-check";

/** Pieces that parsers stumble over: brackets, quotes, marks, references, odd white space, the words fluxlift looks for. */
const PIECES = [
  ...[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    ":",
    ": ",
    "- ",
    "? ",
    "| ",
    ">-\n",
    "|2\n",
    ",",
    "#",
    " # ",
    "&a ",
    "*a",
    "!!str ",
    "!a ",
  ],
  ...[
    "'",
    '"',
    "`",
    "\\",
    "\\\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "\u0000",
    "\u001b[31m",
    "\u2028",
    "\ufeff",
    "é",
    "🙂",
    "\ud800",
  ],
  ...[
    "---\n",
    "...\n",
    "<<: *a\n",
    "${",
    "$$",
    "$",
    "${a:=",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "<<EOF\n",
    "/*",
    "*/",
    "//",
    "<!--",
  ],
  ...[
    "null",
    "~",
    "true",
    "0x1f",
    "1e999",
    "-",
    "__proto__",
    "constructor",
    "toString",
    "0",
    "a",
    "name",
    "kind: ",
    "metadata:\n  ",
  ],
  ...[
    "flux",
    "flux-system",
    "flux bootstrap git ",
    "flux install ",
    "kubectl apply -k ",
    "kubernetes/flux/config",
    "gotk-components.yaml",
  ],
  ...[
    "apiVersion: v1\n",
    "toolkit.fluxcd.io",
    "GitRepository",
    "sourceRef: ",
    "push artifact ",
    "--path=",
    "-n ",
    "/",
    "../",
    "*",
    "**",
  ],
];

/** Text of such pieces. */
export const pieces: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    ),
    {
      maxLength: 30,
    },
  )
  .map((all) => all.join(""));

interface Change {
  /** As a share of the length. */
  at: number;
  drop: number;
  put: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat({ max: 12 }),
  put: fc.oneof(fc.constant(""), fc.constantFrom(...PIECES), pieces),
});

/** A text with some places of it replaced, dropped or doubled. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(texts, fc.array(change, { maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((now, { at, drop, put }) => {
      const start = Math.floor(at * now.length);
      return now.slice(0, start) + put + now.slice(start + drop);
    }, text),
  );
}
