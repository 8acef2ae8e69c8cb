const KEY =
  /^(?:\?\s|(?:[&!][^\s]*\s+)*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[{|>#&*!%@`][^#]*?|\*[^\s]+)\s*:(?:\s|$))/;

/** YAML text written for indent 0, spliced in as it is: a `{ raw }` value of an edit. */
export class RawYaml {
  /** Own-line comments before the value. */
  readonly comments: readonly string[];
  /** The value's lines. */
  readonly lines: readonly string[];

  constructor(text: string) {
    const lines = text.replace(/\r\n/g, "\n").replace(/\n$/, "").split("\n");
    let first = 0;
    while (first < lines.length && /^\s*(?:#|$)/.test(lines[first]!)) first++;
    this.comments = lines.slice(0, first).filter((line) => line.trim() !== "");
    this.lines = lines.slice(first);
  }

  /** The text it was made of, without line-break variants. */
  get text(): string {
    return [...this.comments, ...this.lines].join("\n");
  }

  /** `block`: a map or sequence that needs lines of its own; otherwise the value starts on the line of its key. */
  get shape(): "block-map" | "block-seq" | "inline" {
    const first = this.lines[0] ?? "";
    if (/^-(?:\s|$)/.test(first)) return "block-seq";
    return KEY.test(first) || /^[&!][^\s]*\s*$/.test(first) ? "block-map" : "inline";
  }
}

/** The text in what an operation calls `{ raw: string }`. */
export function rawText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return undefined;
  const { raw } = value as { raw?: unknown };
  return typeof raw === "string" ? raw : undefined;
}
