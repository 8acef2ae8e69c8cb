import fc from "fast-check";

/** Pieces of names that somebody means to be read as something else. MARK is a file that nothing may make. */
const PIECES = [
  ...[
    "$(touch MARK)",
    "`touch MARK`",
    "; touch MARK;",
    "| touch MARK",
    "& touch MARK",
    "\ntouch MARK\n",
    "${HOME}",
    "$HOME",
  ],
  ..."${{ github.token }} $(Build.Reason) $[variables.x] #{x}# {{ .x }} ${x:=y} $'\\x41' !! ~ ~root * ? [a-z] {a,b}".split(
    " ",
  ),
  ..."' '' \" \\ \\' \\\" $ $$ ` ( ) < > | & ; # ! % ^ = - -- -n --help -rf / // . .. ./ : , @ + ~".split(" "),
  ...[
    "'$(touch MARK)'",
    '"$(touch MARK)"',
    "\\$(touch MARK)",
    "'; touch MARK; '",
    '"; touch MARK; "',
    "EOT\ntouch MARK",
  ],
  ...[
    "::set-output name=x::y",
    "::stop-commands::x",
    "##[error]x",
    "##vso[task.setvariable variable=x]y",
    "✔ Nothing to do",
  ],
  ...[
    "\u001b[2K\u001b[1A",
    "\u001b]0;x\u0007",
    "\u009b31m",
    "\u202egnp.\u202c",
    "\u2066x\u2069",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2028",
    "\u{e0041}",
  ],
  ...[
    "\r",
    "\t",
    "\b",
    "\u0007",
    "\u007f",
    "\u0085",
    "\u0001",
    "a\n",
    "\n",
    "\n\n",
    " ",
    "  ",
    "ä",
    "日本",
    "😀",
    "%b",
    "%s",
    "\\0101",
    "\\c",
  ],
  ...[
    "a",
    "clusters",
    "main",
    "x.yaml",
    "0",
    "true",
    "<script>",
    "]]>",
    "-->",
    "](x)",
    "[x](javascript:1)",
    "| --- |",
    "@all",
  ],
];

/** Any text of some of these pieces and of any other characters; no NUL, which neither paths nor arguments can hold. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: "binary", maxLength: 6 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) =>
    parts
      .join("")
      .replaceAll("\0", "")
      .replace(/\p{Surrogate}/gu, ""),
  )
  .filter((text) => text !== "");

/** Every piece by itself, and many of them together. */
export function hostileTexts(count: number): string[] {
  return [...PIECES, ...fc.sample(hostileText, { numRuns: count, seed: 12 })];
}
