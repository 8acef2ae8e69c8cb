import { type Loc, lineOf } from "../../contract/errors.ts";
import { once } from "../../contract/once.ts";
import { rememberAsked } from "../../files/remember-asked.ts";
import type { Tree } from "../../files/tree.ts";
import { isWithin } from "../paths.ts";
import { isGenerator, listAuxiliary } from "./auxiliary.ts";
import { stringList } from "./data.ts";
import {
  deepestBases,
  findKustomization,
  generateKustomization,
  type KustomizationFile,
  openKustomization,
} from "./file.ts";
import { locateIn } from "./locate-value.ts";
import { isFile, isRemote, joinPath } from "./paths.ts";
import type { Reach } from "./types.ts";

interface ReachOptions {
  /** `spec.components` of a FluxKustomization: folders relative to `dir`. */
  components?: readonly string[];
  /** `spec.ignoreMissingComponents`: a component folder that is not there is not an error. */
  ignoreMissingComponents?: boolean;
}

type Role = "resource" | "component" | "auxiliary";

/**
 * Files that the build of `dir` reads, found from kustomization files alone; no resource file is parsed. A folder without
 * a kustomization is walked as kustomize-controller does (flux-facts 2.8). Kept; do not change the result.
 */
export function reach(tree: Tree, dir: string, options: ReachOptions = {}): Reach {
  const key = JSON.stringify([dir, options.components ?? [], options.ignoreMissingComponents ?? false]);
  return rememberAsked(tree, "reach", key, (seen) => new Walk(seen).run(dir, options));
}

/** Outside the walk: the answer is kept, and would keep the walk and all that it has asked. */
const joinLater = (resources: readonly string[], others: readonly string[]) =>
  once(() => new Set([...resources, ...others]));

class Walk {
  readonly #tree: Tree;
  readonly #resources = new Set<string>();
  /** Folders with the file of each. */
  readonly #kustomizations = new Map<string, string>();
  readonly #auxiliary = new Set<string>();
  /** What shapes the build, as opposed to text that a generator takes. */
  readonly #shaping = new Set<string>();
  readonly #out: Pick<Reach, "remotes" | "missing" | "broken"> = { remotes: [], missing: [], broken: [] };
  /** Folder and role already walked: a base shared by many is read once. */
  readonly #seen = new Set<string>();
  readonly #stack: string[] = [];

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  run(dir: string, options: ReachOptions): Reach {
    const miss = (field: string, target: string) => this.#out.missing.push({ at: lineOf(dir), field, target });
    if (findKustomization(this.#tree, dir) !== undefined) this.#enter(dir, "resource", true);
    else if (this.#tree.isDir(dir)) this.#walk(generateKustomization(this.#tree, dir), "resource");
    else miss("path", dir);
    for (const component of options.components ?? []) {
      const target = joinPath(dir, component);
      if (target !== undefined && this.#tree.isDir(target)) this.#enter(target, "component");
      else if (!options.ignoreMissingComponents) miss("components", component);
    }
    const [resources, auxiliary] = [[...this.#resources], [...this.#auxiliary]];
    const lists = [...this.#kustomizations.values()];
    const others = [...auxiliary, ...lists];
    return {
      resources,
      kustomizations: [...this.#kustomizations.keys()],
      auxiliary,
      lists,
      others,
      files: joinLater(resources, others),
      texts: [...this.#auxiliary].filter((path) => !this.#shaping.has(path) && !this.#resources.has(path)),
      ...this.#out,
    };
  }

  #enter(dir: string, role: Role, isRoot = false): void {
    const key = `${role}:${dir}`;
    const loaded = this.#seen.has(key) ? undefined : openKustomization(this.#tree, dir, isRoot);
    if (loaded === undefined) return;
    this.#seen.add(key);
    const refuse = (at: Loc, reason: string) => this.#out.broken.push({ at, reason });
    if (!loaded.ok) {
      refuse(loaded.at, loaded.reason);
      return;
    }
    const { path, kind } = loaded.file;
    const wanted = role === "component" ? "Component" : "Kustomization";
    if (kind !== wanted && !isRoot) refuse(lineOf(path), `expected kind ${wanted}, found ${kind}`);
    else if (this.#stack.length >= deepestBases) refuse(lineOf(path), `it lies behind more than ${deepestBases} bases`);
    else {
      this.#stack.push(dir);
      this.#kustomizations.set(dir, path);
      this.#walk(loaded.file, role);
      this.#stack.pop();
    }
  }

  #walk(file: KustomizationFile, role: Role): void {
    const { data } = file;
    for (const field of ["resources", "bases"])
      for (const item of stringList(data[field]))
        this.#follow(file, field, item, role === "auxiliary" ? role : "resource");
    for (const item of stringList(data.components)) this.#follow(file, "components", item, "component");
    for (const { field, target, folder } of listAuxiliary(data)) {
      const path = joinPath(file.dir, target);
      if (folder || isRemote(target)) this.#follow(file, field, target, "auxiliary");
      else if (path !== undefined && isFile(this.#tree, path)) this.#help(path, isGenerator(field));
      else this.#miss(file, field, target);
    }
  }

  #follow(file: KustomizationFile, field: string, item: string, role: Role): void {
    const path = joinPath(file.dir, item);
    const at = () => locateIn(this.#tree, file.path, field, item);
    if (path !== undefined && isFile(this.#tree, path) && role !== "component") {
      if (role === "auxiliary") this.#help(path, false);
      else this.#resources.add(path);
    } else if (path !== undefined && this.#tree.isDir(path)) {
      if (this.#stack.some((open) => isWithin(open, path)))
        this.#out.broken.push({ at: at(), reason: `cycle: ${item} leads back to a kustomization that uses this one` });
      else if (findKustomization(this.#tree, path) === undefined) this.#miss(file, field, item);
      else this.#enter(path, role);
    } else if (isRemote(item)) this.#out.remotes.push({ at: at(), url: item });
    else this.#miss(file, field, item);
  }

  #help(path: string, isText: boolean): void {
    this.#auxiliary.add(path);
    if (!isText) this.#shaping.add(path);
  }

  #miss(file: KustomizationFile, field: string, target: string): void {
    this.#out.missing.push({ at: locateIn(this.#tree, file.path, field, target), field, target });
  }
}
