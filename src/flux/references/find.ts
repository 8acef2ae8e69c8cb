import { readYamlCached } from "../../yaml/read.ts";
import type { YamlOp, YamlPath } from "../../yaml/types.ts";
import { groupOf } from "../kinds.ts";
import type { YamlData } from "../types.ts";
import type { Rename } from "./renames.ts";

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

/**
 * References to renamed objects in one document, by where Flux reads them (flux-semantics 6.2): `sourceRef`,
 * `dependsOn`, Receiver `resources`, Alert `eventSources`, ArtifactGenerator `sources`, `healthChecks`, GitRepository
 * `include`, and the same inside patch bodies, which are YAML in a string.
 */
export function findReferences(
  data: YamlData,
  doc: number,
  renames: readonly Rename[],
  owner: ReferenceOwner,
): Reference[] {
  const found: Reference[] = [];
  new Finder(doc, renames, found, owner).visit(data, [], data);
  return found;
}

class Finder {
  readonly #doc: number;
  readonly #renames: readonly Rename[];
  readonly #found: Reference[];
  readonly #owner: ReferenceOwner;

  constructor(doc: number, renames: readonly Rename[], found: Reference[], owner: ReferenceOwner) {
    this.#doc = doc;
    this.#renames = renames;
    this.#found = found;
    this.#owner = owner;
  }

  visit(value: YamlData, path: YamlPath, document: YamlData): void {
    if (typeof value === "string") this.#visitText(value, path);
    else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#visitItem(item, [...path, index], document);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, child] of Object.entries(value)) this.#visitEntry(key, child, [...path, key], document);
    }
  }

  #visitEntry(key: string, child: YamlData, path: YamlPath, document: YamlData): void {
    if (key === "sourceRef" && typeof child?.name === "string") {
      // Patch bodies often set only the name; every other reference spells out the kind.
      this.#rename(
        child,
        path,
        (rename) => rename.group === "source.toolkit.fluxcd.io" && (child.kind ?? rename.kind) === rename.kind,
      );
      return;
    }
    if (key === "include" && Array.isArray(child)) {
      child.forEach((item: YamlData, index) => {
        if (item?.repository)
          this.#rename(item.repository, [...path, index, "repository"], ({ kind }) => kind === "GitRepository");
      });
      return;
    }
    if (key === "dependsOn" && Array.isArray(child)) {
      child.forEach((item, index) => {
        this.#rename(item, [...path, index], ({ kind }) => kind === document?.kind, { isOnly: child.length === 1 });
      });
      return;
    }
    this.visit(child, path, document);
  }

  #visitItem(item: YamlData, path: YamlPath, document: YamlData): void {
    const list = path.at(-2);
    if (
      typeof list === "string" &&
      OBJECT_LISTS.has(list) &&
      typeof item?.kind === "string" &&
      typeof item?.name === "string"
    ) {
      const group = typeof item.apiVersion === "string" ? groupOf(item.apiVersion) : undefined;
      this.#rename(
        item,
        path,
        (rename) => rename.kind === item.kind && (group === undefined || group === rename.group),
      );
      return;
    }
    if (typeof item?.op === "string" && typeof item?.path === "string") this.#visitOperation(item, path);
    this.visit(item, path, document);
  }

  /** `- op: replace, path: /spec/sourceRef/name, value: old`. */
  #visitOperation(item: YamlData, path: YamlPath): void {
    if (!item.path.endsWith("/sourceRef/name")) return;
    const rename = this.#renames.find(
      ({ group, name, to }) => to && group === "source.toolkit.fluxcd.io" && name === item.value,
    );
    if (rename)
      this.#add(path, rename, { op: "set", doc: this.#doc, path: [...path, "value"], value: rename.to!.name });
  }

  #rename(
    item: YamlData,
    path: YamlPath,
    matches: (rename: Rename) => boolean,
    dependency?: { isOnly: boolean },
  ): void {
    const namespace =
      typeof item?.namespace === "string" && !item.namespace.includes("${") ? item.namespace : this.#owner.namespace;
    const rename = this.#renames.find(
      (candidate) =>
        candidate.name === item?.name && (namespace === "" || namespace === candidate.namespace) && matches(candidate),
    );
    if (!rename) return;
    const isCircle = dependency !== undefined && this.#owner.isAboveInstance && rename.to?.name === "flux-instance";
    const op: YamlOp =
      rename.to && !isCircle
        ? { op: "set", doc: this.#doc, path: [...path, "name"], value: rename.to.name }
        : { op: "delete", doc: this.#doc, path: dependency?.isOnly ? path.slice(0, -1) : path };
    this.#add(path, rename, op);
  }

  /** A patch body or another document inside a string: edited there, the rest of the string stays as it is. */
  #visitText(text: string, path: YamlPath): void {
    if (!text.includes("\n") || !this.#renames.some(({ name }) => text.includes(name))) return;
    const parsed = readYamlCached(text);
    if (!parsed.ok) return;
    for (const { data, index } of parsed.docs) {
      const inner: Reference[] = [];
      new Finder(index, this.#renames, inner, { namespace: "", isAboveInstance: false }).visit(
        data as YamlData,
        [],
        data as YamlData,
      );
      for (const reference of inner) this.#addNested(text, path, reference);
    }
  }

  #addNested(text: string, path: YamlPath, inner: Reference): void {
    this.#found.push({
      path: [...path, ...inner.path],
      rename: inner.rename,
      op: { op: "set", doc: this.#doc, path, value: { nested: text, ops: [inner.op] } },
    });
  }

  #add(path: YamlPath, rename: Rename, op: YamlOp): void {
    this.#found.push({ path, rename, op });
  }
}
