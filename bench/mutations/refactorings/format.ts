import { isMap, isScalar, type Pair, parseAllDocuments, Scalar, visit, type YAMLMap } from "yaml";
import { dirOf, kustomizationFile } from "../../corpus/gate/reach.ts";
import { joinPath } from "../../corpus/gate/snapshot.ts";
import { bare, type Draft, type Refactoring, relative } from "./draft.ts";

/** A file whose documents are all read, and none encrypted: order and quotes are part of what sops signs. */
function pickFile(draft: Draft, fits: (file: string) => boolean = () => true): string | undefined {
  const { tree, files } = draft.place;
  return draft.pick(
    files.filter((file) => {
      if (!/\.ya?ml$/.test(file) || !fits(file)) return false;
      const { docs, error } = tree.yaml(file);
      return !error && docs.length > 0 && docs.every(({ data }) => data && typeof data === "object" && !data.sops);
    }),
  );
}

const rewrite = (draft: Draft, file: string, edit: (doc: ReturnType<typeof parse>[number]) => string): void =>
  draft.write(file, parse(draft.text(file)).map(edit).join("---\n"));
const parse = (text: string) => parseAllDocuments(text);

const format =
  (what: string, edit: (doc: ReturnType<typeof parse>[number]) => string): Refactoring =>
  (draft) => {
    const file = pickFile(draft);
    if (file === undefined || /[&*]\w/.test(draft.text(file))) return undefined;
    rewrite(draft, file, edit);
    return `${file}: ${what}`;
  };

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : String(key));
const sortKeys = (map: YAMLMap): void => {
  map.items.sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
};

const split: Refactoring = (draft) => {
  const found = draft.place.files.filter((file) => {
    const { docs, error } = draft.place.tree.yaml(file);
    return !error && docs.filter(({ data }) => data).length > 1 && docs.every(({ data }) => !data?.sops);
  });
  const file = draft.pick(found);
  const users = file === undefined ? [] : draft.naming(file);
  if (file === undefined) return undefined;
  const stem = file.replace(/\.ya?ml$/, "");
  const parts = parse(draft.text(file)).filter(({ contents }) => contents);
  const names = parts.map((_, index) => `${stem}-${index + 1}.yaml`);
  if (users.length === 0 && kustomizationFile(draft.place.tree, dirOf(file))) return undefined;
  for (const [index, part] of parts.entries()) draft.write(names[index]!, bare(part));
  draft.write(file, undefined);
  for (const { doc, index } of users) {
    const at = dirOf(doc.file);
    draft.set(doc, ["resources", index], relative(at, names[0]!));
    for (const name of names.slice(1)) draft.append(doc, ["resources"], relative(at, joinPath(name)));
  }
  return `${file} becomes ${names.length} files`;
};

export const FORMAT: Readonly<Record<string, Refactoring>> = {
  "format: keys sorted": format("keys sorted", (doc) => {
    visit(doc, { Map: (_, map) => sortKeys(map) });
    return bare(doc);
  }),
  "format: quotes": format("quoted", (doc) => {
    visit(doc, {
      Scalar(key, node) {
        if (key !== "key" && typeof node.value === "string" && node.type === Scalar.PLAIN)
          node.type = Scalar.QUOTE_DOUBLE;
      },
    });
    return bare(doc);
  }),
  "format: indentation": format("indented by four", (doc) =>
    doc.toString({ indent: 4, indentSeq: false, lineWidth: 0, directives: false }),
  ),
  "format: JSON": format("as JSON", (doc) => `${JSON.stringify(doc.toJS(), null, 2)}\n`),
  "format: flow style": format("in flow style", (doc) => {
    const spec = isMap(doc.contents) && doc.contents.get("spec", true);
    if (isMap(spec)) spec.flow = true;
    return bare(doc);
  }),
  "format: no comments": format("without comments", (doc) => {
    const data = doc.toJS();
    return bare(new (doc.constructor as typeof import("yaml").Document)(data) as typeof doc);
  }),
  "format: documents into files": split,
};
