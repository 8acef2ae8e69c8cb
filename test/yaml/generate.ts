import fc from "fast-check";
import type { YamlPath } from "../../src/yaml/types.ts";

/** A text with what it means and whose each of its comments is: what the editor's answers are judged by. */
export interface Sample {
  text: string;
  docs: unknown[];
  comments: { id: string; doc: number; path: YamlPath }[];
}

const key = fc.constantFrom("name", "spec", "a-b", "x/y", "on", "42", "dotted.key", "with space", "k");
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    "plain",
    "",
    "yes",
    "1e3",
    "12:30",
    "~",
    "a: b",
    "x #y",
    "- z",
    "[q",
    "é 🙂",
    "tab\tq",
    " lead",
  ),
  fc.constantFrom<unknown>(
    null,
    true,
    7,
    -1.5,
    "l1\nl2",
    "l1\n\nl3\n",
    "'q' \"r\"",
    "back\\slash",
    "{{ x }}",
    "*star",
    "&and",
  ),
);

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const root = fc.oneof(
  fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
  fc.array(tree, { minLength: 1, maxLength: 4 }),
);

/** Files of one to three documents in every way of writing that the renderer knows. */
export const sample: fc.Arbitrary<Sample> = fc
  .tuple(fc.array(root, { minLength: 1, maxLength: 3 }), fc.integer())
  .map(([docs, seed]) => new Renderer(seed).file(docs));

class Renderer {
  readonly #next: () => number;
  readonly #comments: Sample["comments"] = [];
  #doc = 0;
  readonly #step: number;
  readonly #flush: boolean;

  constructor(seed: number) {
    let state = seed | 0;
    this.#next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return ((state >>> 8) & 0xffff) / 0x10000;
    };
    this.#step = this.#chance(0.7) ? 2 : 4;
    this.#flush = this.#chance(0.3);
  }

  file(docs: unknown[]): Sample {
    const marked = this.#chance(0.6);
    const blocks = docs.map((doc, index) => {
      this.#doc = index;
      const body = this.#block(doc, 0, []);
      for (const line of body.slice(
        0,
        body.findIndex((one) => !one.startsWith("#")),
      ))
        this.#giveTo(line, []);
      const head = index > 0 || marked ? [this.#chance(0.2) ? "--- # marker" : "---"] : [];
      return [...head, ...(this.#chance(0.3) ? [`# header ${index}`, ""] : []), ...body];
    });
    let text = blocks.map((lines) => `${lines.join("\n")}\n`).join("");
    if (this.#chance(0.1)) text += "...\n";
    else if (this.#chance(0.2) && !/[|>][-+]?\n(?:[ ].*\n|\n)*$/.test(text)) text = text.slice(0, -1);
    if (this.#chance(0.15)) text = text.replaceAll("\n", "\r\n");
    if (this.#chance(0.1)) text = `\uFEFF${text}`;
    return { text, docs, comments: this.#comments };
  }

  #block(value: unknown, indent: number, path: YamlPath): string[] {
    const pad = " ".repeat(indent);
    const entries: [string | number, unknown][] = Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value as object);
    return entries.flatMap(([part, child], index) => {
      const at = [...path, part];
      const above = index > 0 || path.length > 0 ? this.#above(pad, at) : [];
      const gap = index > 0 && this.#chance(0.1) ? [""] : [];
      const lines = Array.isArray(value) ? this.#item(child, indent, at) : this.#entry(String(part), child, indent, at);
      return [...gap, ...above, ...lines];
    });
  }

  #entry(name: string, value: unknown, indent: number, path: YamlPath): string[] {
    const head = `${" ".repeat(indent)}${JSON.stringify(name) === `"${name}"` && /^[a-z][a-z./-]*$/.test(name) && name !== "on" ? name : JSON.stringify(name)}:`;
    if (isFilled(value) && !this.#chance(0.2)) {
      const isList = Array.isArray(value);
      const deeper = isList && this.#flush ? 0 : this.#step;
      return [head + this.#trailing(path), ...this.#block(value, indent + deeper, path)];
    }
    return this.#inline(`${head} `, value, indent + this.#step, path);
  }

  #item(value: unknown, indent: number, path: YamlPath): string[] {
    const head = `${" ".repeat(indent)}- `;
    if (!isFilled(value) || this.#chance(0.2)) return this.#inline(head, value, indent + 2, path);
    if (this.#chance(0.15)) return [head.trimEnd() + this.#trailing(path), ...this.#block(value, indent + 2, path)];
    const lines = this.#block(value, indent + 2, path);
    const first = lines.findIndex((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
    return [
      ...lines.slice(0, first).map((line) => line.slice(2)),
      head + lines[first]!.slice(indent + 2),
      ...lines.slice(first + 1),
    ].map((line, index) => (index < first ? this.#disown(line) : line));
  }

  /** A comment above the first key of an item stands above its dash: it is the item's. */
  #disown(line: string): string {
    const comment = this.#comments.find(({ id }) => line.endsWith(id));
    if (comment) comment.path = comment.path.slice(0, -1);
    return line;
  }

  /** What stands above the first entry of a document speaks of the document. */
  #giveTo(line: string, path: YamlPath): void {
    const comment = this.#comments.find(({ id }) => line.endsWith(id));
    if (comment) comment.path = path;
  }

  #inline(head: string, value: unknown, body: number, path: YamlPath): string[] {
    if (typeof value === "string" && value.includes("\n") && this.#chance(0.7)) {
      const lines = (value.endsWith("\n") ? value.slice(0, -1) : value).split("\n");
      const text = lines.map((line) => (line === "" ? "" : " ".repeat(body) + line));
      return [`${head}${value.endsWith("\n") ? "|" : "|-"}${this.#trailing(path)}`, ...text];
    }
    const empty = value === null && this.#chance(0.5);
    return [(empty ? head.trimEnd() : head + this.#flow(value)) + this.#trailing(path)];
  }

  #flow(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.#flow(item)).join(", ")}]`;
    if (typeof value === "object" && value !== null) {
      const space = this.#chance(0.5) ? " " : "";
      const pairs = Object.entries(value).map(([name, child]) => `${JSON.stringify(name)}: ${this.#flow(child)}`);
      return pairs.length === 0 ? "{}" : `{${space}${pairs.join(", ")}${space}}`;
    }
    if (typeof value === "string" && value !== "" && !/[\n\t\\]/.test(value) && this.#chance(0.3)) {
      return `'${value.replaceAll("'", "''")}'`;
    }
    return value === "plain" && this.#chance(0.7) ? "plain" : JSON.stringify(value);
  }

  #above(pad: string, path: YamlPath): string[] {
    return this.#chance(0.2) ? [`${pad}# ${this.#own(path)}`] : [];
  }

  #trailing(path: YamlPath): string {
    return this.#chance(0.15) ? ` # ${this.#own(path)}` : "";
  }

  #own(path: YamlPath): string {
    const id = `comment-${this.#comments.length}!`;
    this.#comments.push({ id, doc: this.#doc, path });
    return id;
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }
}

function isFilled(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
