import { RawYaml } from "../../../src/yaml/raw.ts";
import { yaml } from "../../../src/yaml/text.ts";
import type { YamlOp, YamlPath } from "../../../src/yaml/types.ts";

/** A repeatable source of numbers in [0, 1): mulberry32 seeded by a text. */
export function seededRandom(seed: string): () => number {
  let state = 2166136261;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Place {
  path: YamlPath;
  value: unknown;
}

const VALUES: readonly unknown[] = [
  "plain",
  "on",
  "has: colon # and hash",
  "'single' and \"double\"",
  "two\nlines",
  "tab\there",
  "",
  42,
  true,
  null,
  ["one", { two: 3 }],
  { name: "x", list: ["a", "b"], text: "l1\nl2\n" },
  new RawYaml(yaml`# why\nname: 'x' # kept\nlist:\n  - a\n`),
  new RawYaml(yaml`- one # first\n- two: |\n    text\n`),
  { raw: "a: value that says raw" },
];

/** Picks one edit of a parsed file at random; undefined when the file holds nothing to edit. */
export function pickOp(docs: readonly unknown[], random: () => number): YamlOp | undefined {
  const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const filled = docs.flatMap((data, doc) => (typeof data === "object" && data !== null ? [{ doc, data }] : []));
  if (filled.length === 0) return undefined;
  const { doc, data } = any(filled);
  const dice = random();
  if (dice < 0.04) return { op: "append-document", text: new RawYaml(yaml`added: true\n`) };
  if (dice < 0.1) return { op: "delete-document", doc: Math.floor(random() * docs.length) };
  const places = placesIn(data);
  const below = places.filter((place) => place.path.length > 0);
  const maps = places.filter(({ value }) => isObject(value) && !Array.isArray(value));
  const lists = places.filter(({ value }) => Array.isArray(value));
  if (dice < 0.4 && below.length > 0) return { op: "delete", doc, path: any(below).path };
  if (dice < 0.55 && lists.length > 0) {
    const { path, value } = any(lists);
    const index = Math.floor(random() * ((value as unknown[]).length + 1));
    return { op: "insert", doc, path, value: any(VALUES), ...(random() < 0.5 ? {} : { index }) };
  }
  if (dice < 0.7 && maps.length > 0) {
    return { op: "set", doc, path: [...any(maps).path, "fluxliftAdded"], value: any(VALUES) };
  }
  return below.length > 0 ? { op: "set", doc, path: any(below).path, value: any(VALUES) } : undefined;
}

function placesIn(root: unknown): Place[] {
  const places: Place[] = [];
  const visit = (path: YamlPath, value: unknown) => {
    places.push({ path, value });
    if (!isObject(value)) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === "[object Object]") continue;
      visit([...path, Array.isArray(value) ? Number(key) : key], child);
    }
  };
  visit([], root);
  return places;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
