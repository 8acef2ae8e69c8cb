/**
 * Fields of a kind, as the scripts write them: a letter (`s` text, `i` integer, `n` number, `b` boolean, `q` integer or text,
 * `u` amount, `x` anything; the others in src/admission/refused-words.ts), or a shape.
 */
export type SchemaNode = string | SchemaShape;

export interface SchemaShape {
  /** Fields, and the names of those that are required. */
  p?: Record<string, SchemaNode>;
  r?: readonly string[];
  /** Fields of a CRD that may stand there without a value. */
  z?: readonly string[];
  /** Fields of which there has to be exactly one. */
  o?: readonly string[];
  /** What every value of a map is, or every item of a list. */
  m?: SchemaNode;
  a?: SchemaNode;
  /** Whether the list has to have an item. */
  n?: 1;
  /** Fields by which a server-side apply tells the items of a list apart, none for a set; and the defaults of those. */
  k?: readonly string[];
  d?: Readonly<Record<string, string>>;
  /** Words that it may be. */
  e?: readonly string[];
  /** Pattern that it has to match. */
  x?: string;
  /** How long a text has to be at least and may be at most. */
  h?: readonly [least: number, most?: number];
}

/** What a file of schemas has. */
export interface Schemas {
  shapes: SchemaShape[];
  kinds: Record<string, SchemaNode>;
}

/** Reads a file of schemas, and puts every shape where its number stands. */
export function readSchemas<T extends Schemas>(text: string): T {
  const schemas = JSON.parse(text) as T;
  const resolve = (node: SchemaNode | number): SchemaNode => (typeof node === "number" ? schemas.shapes[node]! : node);
  const queue: SchemaNode[] = [...schemas.shapes, ...Object.values(schemas.kinds)];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (typeof node === "string") continue;
    const put = (one: SchemaNode): SchemaNode => {
      if (typeof one === "number") return resolve(one);
      queue.push(one);
      return one;
    };
    for (const [name, one] of Object.entries(node.p ?? {})) node.p![name] = put(one);
    if (node.m !== undefined) node.m = put(node.m);
    if (node.a !== undefined) node.a = put(node.a);
  }
  for (const [kind, node] of Object.entries(schemas.kinds)) schemas.kinds[kind] = resolve(node);
  return schemas;
}

/** The names of all fields, at any depth, and the words that they may be. */
export function listWords({ shapes, kinds }: Schemas): { fields: Set<string>; values: Set<string> } {
  const [fields, values] = [new Set<string>(), new Set<string>()];
  const seen = new Set<SchemaNode>();
  const queue: SchemaNode[] = [...shapes, ...Object.values(kinds)];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (typeof node === "string" || seen.has(node)) continue;
    seen.add(node);
    for (const word of node.e ?? []) values.add(word);
    for (const [name, one] of Object.entries(node.p ?? {})) {
      fields.add(name);
      queue.push(one);
    }
    for (const one of [node.m, node.a]) if (one !== undefined) queue.push(one);
  }
  return { fields, values };
}
