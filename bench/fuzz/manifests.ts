import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Document, isMap, isSeq, parseAllDocuments } from "yaml";
import { fleet } from "../../test/cluster/fleet.ts";
import { inputOf } from "../../test/support/fixtures.ts";
import { judge } from "../../test/verify/judge.ts";
import { EXAMPLE_FILES, planTree } from "./example.ts";

type Files = Readonly<Record<string, string>>;

function readFolder(dir: string): Files {
  const paths = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  const files = paths.filter((path) => statSync(join(dir, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(dir, path), "utf8")]));
}

function readFixture(name: string): Files {
  const files = [...inputOf(name)].filter(([, { mode }]) => mode !== "120000");
  return Object.fromEntries(files.map(([path, { bytes }]) => [path, bytes.toString()]));
}

const BASES: Record<string, Files> = {
  home: EXAMPLE_FILES,
  bootstrap: readFolder(join(import.meta.dirname, "../../examples/fleet")),
  chart: readFixture("bootstrap-helmfile/replaces-the-community-chart"),
  values: readFixture("remove-bootstrap/gives-up-where-the-parent-prunes-the-release"),
  two: fleet({ main: {}, edge: { version: "v2.6.2" } }),
};

/** Part of a list, as a share of its length. */
type Share = number;

/** One slip: in a file a node goes, becomes something else, or takes the place of another one. */
interface Slip {
  file: Share;
  node: Share;
  how: "delete" | "put" | "copy" | "wrap";
  other: Share;
  value: unknown;
}

export interface Damage {
  base: string;
  slips: Slip[];
}

const share = () => fc.double({ min: 0, max: 0.9999, noNaN: true });
const ODD = [
  null,
  0,
  -1,
  true,
  1e21,
  "",
  "x",
  "..",
  "../..",
  "/",
  "${A}",
  "{{ a }}",
  "a\nb",
  "ENC[a]",
  [],
  {},
  [null],
  [[]],
  [{}],
  { name: {} },
];

export const damage: fc.Arbitrary<Damage> = fc.record({
  base: fc.constantFrom(...Object.keys(BASES)),
  slips: fc.array(
    fc.record({
      file: share(),
      node: share(),
      how: fc.constantFrom("delete", "put", "copy", "wrap"),
      other: share(),
      value: fc.oneof(fc.constantFrom<unknown>(...ODD), fc.jsonValue({ maxDepth: 2 })),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Whatever manifests hold, every phase is planned, and `verify` judges the damage and its repair, or both say what stops them. */
export function checkDamage({ base, slips }: Damage): void {
  const files = BASES[base]!;
  // The components of flux bootstrap are compared with a release as they are: another target damages bytes.
  const paths = Object.keys(files).filter((path) => /\.ya?ml$/.test(path) && !path.endsWith("gotk-components.yaml"));
  const changed: Record<string, string> = {};
  for (const slip of slips) {
    const path = at(paths, slip.file)!;
    const text = damageText(changed[path] ?? files[path]!, slip);
    if (text !== undefined) changed[path] = text;
  }
  planTree({ ...files, ...changed });
  judgeBoth(files, changed);
}

function judgeBoth(files: Files, changed: Record<string, string>): void {
  const repaired = Object.fromEntries(Object.keys(changed).map((path) => [path, files[path]!]));
  judge(files, changed);
  try {
    judge({ ...files, ...changed }, repaired);
  } catch (error) {
    if ((error as Error).message !== "no cluster") throw error;
  }
}

function at<T>(list: readonly T[], share: Share): T | undefined {
  return list[Math.floor(share * list.length)];
}

function damageText(text: string, { node, how, other, value }: Slip): string | undefined {
  const docs = parseAllDocuments(text, { uniqueKeys: false }) as Document[];
  const nodes = docs.flatMap((doc) => listPaths(doc).map((path) => ({ doc, path })));
  const [one, two] = [at(nodes, node), at(nodes, other)];
  if (!one || !two || docs.some(({ errors }) => errors.length > 0)) return undefined;
  const own = (of: typeof one): unknown => (of.doc.toJS() === null ? null : plain(of.doc.getIn(of.path)));
  if (how === "delete") one.doc.deleteIn(one.path);
  else one.doc.setIn(one.path, one.doc.createNode(how === "put" ? value : how === "copy" ? own(two) : [own(one)]));
  try {
    return docs.map(String).join("");
  } catch {
    // An alias whose anchor went with the node.
    return undefined;
  }
}

function plain(value: unknown): unknown {
  return value !== null && typeof value === "object" && "toJSON" in value
    ? (value as { toJSON(): unknown }).toJSON()
    : value;
}

/** Paths of all nodes below the top one, breadth first. */
function listPaths({ contents }: Document): unknown[][] {
  const paths: unknown[][] = [];
  const open: { node: unknown; path: unknown[] }[] = [{ node: contents, path: [] }];
  for (const { node, path } of open) {
    const items: [unknown, unknown][] = isMap(node)
      ? node.items.map(({ key, value }) => [plain(key), value])
      : isSeq(node)
        ? node.items.map((value, index) => [index, value])
        : [];
    for (const [key, value] of items) {
      paths.push([...path, key]);
      open.push({ node: value, path: [...path, key] });
    }
  }
  return paths;
}
