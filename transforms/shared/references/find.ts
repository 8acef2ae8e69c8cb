import type { YamlData } from "../../../src/contract/objects.ts";
import { groupOf } from "../../../src/delivery/kinds.ts";
import type { YamlOp, YamlPath } from "../../../src/yaml/types.ts";
import { docsIn } from "../read.ts";
import { type Rename, SOURCE } from "./renames.ts";

/** A reference to a renamed object inside a document. */
export interface Reference {
  /** Path of the map that names it. */
  path: YamlPath;
  rename: Rename;
  op: YamlOp;
}

/** The document that holds the references. */
export interface ReferenceOwner {
  /** `''` where a kustomization or the parent fills it in. */
  namespace: string;
  /** Whether flux-instance is delivered through it, so that it must never wait for flux-instance. */
  isAboveInstance: boolean;
}

/** Lists whose items name objects by kind and name. */
const OBJECT_LISTS = new Set(["resources", "eventSources", "sources", "healthChecks"]);

/** Generators of a GitOpsSet, which name their source as a string in `repositoryRef`, in the namespace of the set. */
const GENERATORS: ReadonlyMap<string, string> = new Map([
  ["gitRepository", "GitRepository"],
  ["ociRepository", "OCIRepository"],
]);

/** Who holds the references of a document; a namespace that a variable fills in counts as left out. */
export function ownerOf(data: YamlData, isAboveInstance = false): ReferenceOwner {
  return { namespace: literalNamespace(data?.metadata) ?? "", isAboveInstance };
}

function literalNamespace(holder: YamlData): string | undefined {
  const namespace = holder?.namespace;
  return typeof namespace === "string" && !namespace.includes("${") ? namespace : undefined;
}

/**
 * References to renamed objects in one document, by where Flux reads them (flux-facts 6.2): `sourceRef`,
 * `dependsOn`, Receiver `resources`, Alert `eventSources`, ArtifactGenerator `sources`, `healthChecks`, GitRepository
 * `include`, generators of a GitOpsSet, and the same inside patch bodies, which are YAML in a string.
 */
export function findReferences(
  data: YamlData,
  doc: number,
  renames: readonly Rename[],
  owner: ReferenceOwner,
): Reference[] {
  const finder = new Finder(doc, renames, owner);
  finder.visit(data, [], data);
  return finder.found;
}

class Finder {
  readonly found: Reference[] = [];
  readonly #doc: number;
  readonly #renames: readonly Rename[];
  readonly #owner: ReferenceOwner;

  constructor(doc: number, renames: readonly Rename[], owner: ReferenceOwner) {
    this.#doc = doc;
    this.#renames = renames;
    this.#owner = owner;
  }

  visit(value: YamlData, path: YamlPath, document: YamlData, list?: string | number): void {
    if (typeof value === "string") this.#visitText(value, path);
    else if (Array.isArray(value)) {
      const isOnly = value.length === 1;
      for (const [index, item] of value.entries()) this.#visitItem(item, [...path, index], document, list, isOnly);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        // Operations say nothing about the kind they act on; the target beside them may.
        if (key === "patch" && typeof child === "string") this.#visitText(child, [...path, key], value.target?.kind);
        else this.#visitEntry(key, child, [...path, key], document);
      }
    }
  }

  #visitEntry(key: string, child: YamlData, path: YamlPath, document: YamlData): void {
    if (key === "sourceRef" && typeof child?.name === "string") {
      // Patch bodies often set only the name; every other reference spells out the kind.
      this.#rename(child, path, (rename) => rename.group === SOURCE && (child.kind ?? rename.kind) === rename.kind);
      return;
    }
    if (key === "dependsOn" && Array.isArray(child)) {
      child.forEach((item, index) => {
        this.#rename(item, [...path, index], isKindOf(document), { isOnly: child.length === 1 });
      });
      return;
    }
    const read = GENERATORS.get(key);
    if (read !== undefined && typeof child?.repositoryRef === "string")
      this.#rename({ name: child.repositoryRef }, path, ({ kind }) => kind === read, undefined, "repositoryRef");
    this.visit(child, path, document, key);
  }

  #visitItem(
    item: YamlData,
    path: YamlPath,
    document: YamlData,
    list: string | number | undefined,
    isOnly = false,
  ): void {
    const isNamed = typeof item?.kind === "string" && typeof item.name === "string";
    if (isNamed && OBJECT_LISTS.has(String(list))) {
      const group = typeof item.apiVersion === "string" ? groupOf(item.apiVersion) : undefined;
      const fits = (rename: Rename) => rename.kind === item.kind && (group ?? rename.group) === rename.group;
      this.#rename(item, path, fits, list === "healthChecks" ? { isOnly } : undefined);
    } else if (list === "include" && item?.repository) {
      this.#rename(item.repository, [...path, "repository"], ({ kind }) => kind === "GitRepository");
    } else if (typeof item?.op === "string" && typeof item?.path === "string") {
      this.#visitOperation(item, path, document);
    } else this.visit(item, path, document);
  }

  /** `- op: replace, path: /spec/sourceRef/name, value: old`: the value is read as what stands at that path. */
  #visitOperation({ path: pointer, value }: YamlData, path: YamlPath, document: YamlData): void {
    const segments = String(pointer).split("/").slice(1);
    const last = segments.at(-1) ?? "";
    const at = [...path, "value"];
    if (typeof value === "string" && last === "name") this.#visitName(value, at, segments, document);
    else if (!isIndex(last)) this.#asSets(() => this.#visitEntry(last, value, at, document));
    else if (segments.at(-2) === "dependsOn") this.#asSets(() => this.#rename(value, at, isKindOf(document)));
    else this.#asSets(() => this.#visitItem(value, at, document, segments.at(-2)));
  }

  /** The name alone, as in `/spec/sourceRef/name` and `/spec/resources/0/name`; its kind stands elsewhere. */
  #visitName(value: string, at: YamlPath, segments: readonly string[], document: YamlData): void {
    const holder = segments.at(-2) ?? "";
    const list = isIndex(holder) ? (segments.at(-3) ?? "") : "";
    const isSource = holder === "sourceRef" || holder === "repository";
    if (!isSource && list !== "dependsOn" && !OBJECT_LISTS.has(list)) return;
    const fits = list === "dependsOn" ? isKindOf(document) : ({ group }: Rename) => !isSource || group === SOURCE;
    const [rename, ...others] = this.#renames.filter((item) => item.to && item.name === value && fits(item));
    // Two kinds of one old name that part ways cannot be told apart here; what stays is reported.
    if (!rename || others.some(({ to }) => to !== rename.to)) return;
    this.found.push({ path: at, rename, op: { op: "set", doc: this.#doc, path: at, value: rename.to } });
  }

  /** Keeps only new names: an operation cannot lose its value, and a patch without operations fails the build. */
  #asSets(visit: () => void): void {
    const start = this.found.length;
    visit();
    this.found.push(...this.found.splice(start).filter(({ op }) => op.op === "set"));
  }

  #rename(
    item: YamlData,
    path: YamlPath,
    matches: (rename: Rename) => boolean,
    /** Where the document waits for the item. */
    dependency?: { isOnly: boolean },
    field = "name",
  ): void {
    const namespace = literalNamespace(item) ?? this.#owner.namespace;
    const rename = this.#renames.find(
      (candidate) =>
        candidate.name === item?.name && (namespace === "" || namespace === candidate.namespace) && matches(candidate),
    );
    if (!rename) return;
    const isCircle = dependency !== undefined && this.#owner.isAboveInstance && rename.isInstaller === true;
    const op: YamlOp =
      rename.to && !isCircle
        ? { op: "set", doc: this.#doc, path: [...path, field], value: rename.to }
        : { op: "delete", doc: this.#doc, path: dependency?.isOnly ? path.slice(0, -1) : path };
    this.found.push({ path, rename, op });
  }

  /** A patch body or another document inside a string: edited there, the rest of the string stays as it is. */
  #visitText(text: string, path: YamlPath, kind?: unknown): void {
    if (!/\n|^\s*[[{]/.test(text) || !this.#renames.some(({ name }) => text.includes(name))) return;
    for (const { data, index } of docsIn(text)) {
      const inner = new Finder(index, this.#renames, { namespace: "", isAboveInstance: false });
      inner.visit(data, [], Array.isArray(data) ? { kind } : data);
      for (const { path: below, rename, op } of inner.found) {
        const value = { nested: text, ops: [op] };
        this.found.push({ path: [...path, ...below], rename, op: { op: "set", doc: this.#doc, path, value } });
      }
    }
  }
}

/** Whether a dependency of a document can be meant: dependencies are of the document's own kind. */
function isKindOf(document: YamlData): (rename: Rename) => boolean {
  const kind = document?.kind;
  return (rename) => (typeof kind === "string" ? rename.kind === kind : rename.group !== SOURCE);
}

function isIndex(segment: string): boolean {
  return segment === "-" || /^\d+$/.test(segment);
}
