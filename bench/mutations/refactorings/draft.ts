import { posix } from "node:path";
import { type Document, isMap, parseAllDocuments, type YAMLMap } from "yaml";
import { isFluxKustomization } from "../../corpus/gate/flux-objects.ts";
import { dirOf, kustomizationFile } from "../../corpus/gate/reach.ts";
import { type Data, type Doc, joinPath } from "../../corpus/gate/snapshot.ts";
import type { Dice } from "../../kustomize/dice.ts";
import { docsOf, type Edits, kustomizationDocs, type Place } from "../place.ts";

/** A deliberate change: edits a draft and says what it did, or undefined where it cannot be made in this tree. */
export type Refactoring = (draft: Draft) => string | undefined;

export const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);
export const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A path as a file in `dir` names it. */
export const relative = (dir: string, path: string): string => {
  const at = posix.relative(dir === "" ? "." : dir, path);
  return at.startsWith(".") ? at : `./${at}`;
};

const print = (docs: readonly Document[]): string =>
  docs.map((doc, index) => (index > 0 ? "---\n" : "") + bare(doc)).join("");

/** One document without its marks, comments kept. */
export function bare(doc: Document): string {
  const text = doc.toString({ lineWidth: 0, indentSeq: true, directives: false });
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** A tree that is edited document by document, as an owner with an editor does it. */
export class Draft {
  readonly edits: Edits = new Map();
  readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  get dice(): Dice {
    return this.place.dice;
  }

  has(path: string): boolean {
    return this.edits.has(path) ? this.edits.get(path) !== undefined : this.place.tree.has(path);
  }

  text(path: string): string {
    return this.edits.has(path) ? (this.edits.get(path) ?? "") : this.place.tree.text(path);
  }

  write(path: string, text: string | undefined): void {
    this.edits.set(path, text);
  }

  move(from: string, to: string): void {
    const text = this.text(from);
    this.write(from, undefined);
    this.write(to, text);
  }

  /** Edits one document by its tree; the whole file is written anew. */
  change(doc: Doc, edit: (map: YAMLMap, ast: Document.Parsed) => void): void {
    const docs = parseAllDocuments(this.text(doc.file)) as Document.Parsed[];
    const ast = docs[doc.index];
    if (!ast || !isMap(ast.contents)) throw new Error(`${doc.file} has no map as document ${doc.index}`);
    edit(ast.contents as YAMLMap, ast);
    this.write(doc.file, print(docs));
  }

  set(doc: Doc, at: readonly (string | number)[], value: unknown): void {
    this.change(doc, (map, ast) => {
      const node = ast.createNode(value);
      // The place of a key stays where it has one.
      map.setIn(at, node);
    });
  }

  drop(doc: Doc, at: readonly (string | number)[]): void {
    this.change(doc, (map) => {
      map.deleteIn(at);
      const above = at.slice(0, -1);
      const rest = above.length > 0 && map.getIn(above, true);
      if (rest && (rest as YAMLMap).items?.length === 0) map.deleteIn(above);
    });
  }

  /** Puts a text at the end of a list, which begins where there is none. */
  append(doc: Doc, at: readonly string[], value: unknown): void {
    this.change(doc, (map, ast) => {
      if (map.hasIn(at)) map.addIn(at, ast.createNode(value));
      else map.setIn(at, ast.createNode([value]));
    });
  }

  /** Takes a document out of its file, which goes with its last one. @returns its text */
  takeOut(doc: Doc): string {
    const docs = parseAllDocuments(this.text(doc.file)) as Document.Parsed[];
    const rest = docs.filter((one, index) => index !== doc.index && one.contents);
    this.write(doc.file, rest.length > 0 ? print(rest) : undefined);
    return bare(docs[doc.index]!);
  }

  pick<T>(options: readonly T[]): T | undefined {
    return options.length === 0 ? undefined : this.dice.pick(options);
  }

  docs(fits: (data: Data) => unknown): Doc[] {
    return docsOf(this.place, fits).filter(({ data }) => !data.sops);
  }

  lists(fits: (data: Data) => unknown = () => true): Doc[] {
    return kustomizationDocs(this.place, fits);
  }

  /** FluxKustomizations that name a folder with a list in it; no variables in what counts. */
  apps(fits: (app: App) => unknown = () => true): App[] {
    return this.docs(isFluxKustomization)
      .flatMap((doc) => {
        const path = doc.data.spec?.path;
        if (typeof path !== "string" || /\$\{/.test(JSON.stringify([path, doc.data.metadata]))) return [];
        const dir = joinPath(path);
        const list = this.list(dir);
        return dir !== "" && this.place.tree.isDir(dir) ? [{ doc, dir, ...(list ? { list } : {}) }] : [];
      })
      .filter(fits);
  }

  /** The document of the list in a folder. */
  list(dir: string): Doc | undefined {
    const file = kustomizationFile(this.place.tree, dir);
    const docs = file === undefined ? [] : this.place.tree.yaml(file).docs;
    return docs.length === 1 && docs[0]?.data ? docs[0] : undefined;
  }

  /** Lists that name a file or folder, with the index of the line. */
  naming(path: string): { doc: Doc; index: number }[] {
    return this.lists(({ resources }) => Array.isArray(resources)).flatMap((doc) =>
      list(doc.data.resources).flatMap((one, index) =>
        typeof one === "string" && joinPath(dirOf(doc.file), one) === path ? [{ doc, index }] : [],
      ),
    );
  }

  /** Files of a list that hold documents and nothing else names. */
  filesOf({ data, file }: Doc): string[] {
    return list(data.resources)
      .filter((one) => typeof one === "string" && /\.ya?ml$/.test(one) && !one.includes("://"))
      .map((one) => joinPath(dirOf(file), one))
      .filter((path) => this.has(path) && this.naming(path).length === 1);
  }
}

/** A FluxKustomization with the folder it names and the list there. */
export interface App {
  doc: Doc;
  dir: string;
  list?: Doc;
}
