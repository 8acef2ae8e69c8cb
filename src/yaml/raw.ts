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
    return isBlockMapLine(first) ? "block-map" : "inline";
  }
}

/** Wraps what an operation calls `{ raw: string }`. */
export function asRaw(value: unknown): RawYaml | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const keys = Object.keys(value);
  const raw = (value as { raw?: unknown }).raw;
  return keys.length === 1 && typeof raw === "string" ? new RawYaml(raw) : undefined;
}

const KEY =
  /^(?:\?\s|(?:[&!][^\s]*\s+)*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[{|>#&*!%@`][^#]*?|\*[^\s]+)\s*:(?:\s|$))/;

function isBlockMapLine(line: string): boolean {
  return KEY.test(line) || /^(?:[&!][^\s]*)\s*$/.test(line);
}
