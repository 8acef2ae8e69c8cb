import type { Loc } from "../errors.ts";
import type { Tree } from "../workspace/tree.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { findKustomization, type KustomizationFile, loadKustomization } from "./file.ts";
import { absorb, type Generated, generate, globalOptions } from "./generate.ts";
import { type Item, idKey, printId } from "./item.ts";
import { locateIn } from "./locate.ts";
import { isFile, isInside, isRemote, joinPath } from "./paths.ts";
import { loadPlugins, runGeneratorPlugin } from "./plugins.ts";
import { readResources } from "./resources.ts";
import { findById } from "./select.ts";
import { transformAll } from "./transform-all.ts";
import type { Unknown } from "./types.ts";
import { checkConfigurations, mergeVars, type Var } from "./variables.ts";

/** Objects on their way through one kustomization and its components. */
export interface Accumulated {
  items: Item[];
  vars: Var[];
  unknowns: Unknown[];
  /** Objects may be missing: a remote base or a Helm chart was left out. */
  incomplete: boolean;
  /** Folders of the bases and components it took part in. */
  folders: string[];
}

export function newAccumulated(): Accumulated {
  return { items: [], vars: [], unknowns: [], incomplete: false, folders: [] };
}

export interface BuildOptions {
  /** Whether a generator's file is replaced before the build, see `GeneratorContext`. */
  isRewritten?: (text: string) => boolean;
  /** As in kustomize-controller: Helm charts refuse the build and symlinks are not there (flux-semantics 2.8, 6.1). */
  asController?: boolean;
  /** Whether a generator's file that is not in the tree is taken to be there, with content that nobody knows. */
  assumesSources?: boolean;
  /** Where settings come from that no kustomization file holds (a FluxKustomization). */
  at?: Loc;
}

const bases = new WeakMap<Tree, Map<string, Accumulated | BuildError>>();

/** Evaluates kustomizations of one tree. Throws `BuildError` where kustomize would fail. */
export class Build {
  readonly tree: Tree;
  readonly options: BuildOptions;

  constructor(tree: Tree, options: BuildOptions = {}) {
    this.tree = tree;
    this.options = options;
  }

  /** Runs one kustomization (its components included) on what `acc` holds; `stack` has the folders being built. */
  accumulate(file: KustomizationFile, acc: Accumulated, stack: readonly string[]): void {
    const { data } = file;
    for (const field of ["resources", "bases"]) {
      for (const entry of stringList(data[field])) this.#addResource(file, field, entry, acc, stack);
    }
    checkConfigurations(this, file, acc);
    this.#generate(file, acc, stack);
    for (const entry of stringList(data.components)) this.#addComponent(file, entry, acc, stack);
    transformAll(this, file, acc, stack);
    mergeVars(acc, mapList(data.vars), this.locate(file, "vars", ""));
  }

  /** Place of a value in a kustomization file, or of the settings merged into it. */
  locate(file: KustomizationFile, field: string, value: string): Loc {
    return locateIn(this.tree, file.path, field, value, this.options.at);
  }

  /** Text of a file named in a kustomization; undefined for a remote one, which is noted. Throws `BuildError`. */
  readText(file: KustomizationFile, field: string, path: string, acc: Accumulated): string | undefined {
    const full = joinPath(file.dir, path);
    const at = this.locate(file, field, path);
    if (full !== undefined && this.isThere(full)) {
      const text = this.tree.read(full);
      if (text === undefined) acc.unknowns.push({ at, what: `content of the ${this.tree.status(full)} file ${full}` });
      return text;
    }
    if (!isRemote(path)) throw new BuildError(at, `${field}: ${path}: no such file`);
    acc.unknowns.push({ at, what: `remote file ${path}` });
    return undefined;
  }

  /** Whether a file is there for the build. */
  isThere(path: string): boolean {
    return isFile(this.tree, path) && !(this.options.asController && this.tree.status(path) === "symlink");
  }

  /** Adds a file, folder or remote base of `resources`. */
  #addResource(
    file: KustomizationFile,
    field: string,
    entry: string,
    acc: Accumulated,
    stack: readonly string[],
  ): void {
    const path = joinPath(file.dir, entry);
    const at = () => this.locate(file, field, entry);
    if (path !== undefined && this.isThere(path)) {
      const status = this.tree.status(path);
      if (status === "text") append(acc, readResources(this.tree, path), at);
      else if (status === "binary" || status === "encrypted")
        throw new BuildError(at(), `${entry}: the file is ${status}`);
      else this.#leaveOut(acc, at(), `objects of the ${status} file ${path}`);
    } else if (path !== undefined && this.tree.isDir(path)) {
      const base = this.#buildBase(path, at, stack);
      acc.unknowns.push(...base.unknowns);
      acc.folders.push(path, ...base.folders);
      acc.incomplete ||= base.incomplete;
      append(acc, base.items, at);
      mergeVarLists(acc, base.vars, at);
    } else if (isRemote(entry)) this.#leaveOut(acc, at(), `remote base ${entry}`);
    else throw new BuildError(at(), `${field}: ${entry}: no such file or directory`);
  }

  #buildBase(dir: string, at: () => Loc, stack: readonly string[]): Accumulated {
    this.#refuseCycle(dir, at, stack);
    const file = this.open(dir, at);
    if (file.kind === "Component") {
      throw new BuildError(at(), `expected kind Kustomization in ${dir}, found Component`);
    }
    let known = bases.get(this.tree);
    if (known === undefined) {
      known = new Map();
      bases.set(this.tree, known);
    }
    const { isRewritten, asController = false, assumesSources = false } = this.options;
    const key = `${dir}\0${isRewritten !== undefined}\0${asController}\0${assumesSources}`;
    let result = known.get(key);
    if (result === undefined) {
      try {
        result = newAccumulated();
        this.accumulate(file, result, [...stack, dir]);
      } catch (error) {
        if (!(error instanceof BuildError) || error.dependsOnStack) throw error;
        result = error;
      }
      known.set(key, result);
    }
    if (result instanceof BuildError) throw result;
    for (const inner of result.folders) this.#refuseCycle(inner, at, stack);
    return result;
  }

  #addComponent(file: KustomizationFile, entry: string, acc: Accumulated, stack: readonly string[]): void {
    const at = () => this.locate(file, "components", entry);
    const dir = joinPath(file.dir, entry);
    if (dir !== undefined && this.tree.isDir(dir)) {
      this.#refuseCycle(dir, at, stack);
      const component = this.open(dir, at);
      if (component.kind !== "Component") throw new BuildError(at(), `expected kind Component in ${dir}`);
      acc.folders.push(dir);
      this.accumulate(component, acc, [...stack, dir]);
    } else if (isRemote(entry)) this.#leaveOut(acc, at(), `remote component ${entry}`);
    else throw new BuildError(at(), `components: ${entry}: no such directory`);
  }

  /** Reads the kustomization of a nested folder. Throws `BuildError`. */
  open(dir: string, at: () => Loc): KustomizationFile {
    const found = findKustomization(this.tree, dir);
    if (found === undefined) throw new BuildError(at(), `unable to find a kustomization in ${dir || "."}`);
    if (found.error !== undefined) throw new BuildError({ file: found.paths[0]!, line: 1, col: 1 }, found.error);
    const loaded = loadKustomization(this.tree, found.path);
    if (!loaded.ok) throw new BuildError(loaded.at, loaded.reason);
    return loaded.file;
  }

  /** Plugin configurations named in `generators`, `transformers` or `validators`: inline YAML, files or folders. */
  listPlugins(file: KustomizationFile, field: string, acc: Accumulated, stack: readonly string[]): Data[] {
    const config = newAccumulated();
    const paths = loadPlugins(stringList(file.data[field]), config, this.locate(file, field, ""));
    for (const path of paths) this.#addResource(file, field, path, config, stack);
    acc.unknowns.push(...config.unknowns);
    acc.incomplete ||= config.incomplete;
    return config.items.map(({ body }) => body);
  }

  #generate(file: KustomizationFile, acc: Accumulated, stack: readonly string[]): void {
    const { data } = file;
    const made: { result: Generated; at: Loc }[] = [];
    const run = (kind: "ConfigMap" | "Secret", field: string, entry: Data, options: Data) => {
      const locate = (value: string) => this.locate(file, field, value);
      const result = generate(kind, entry, {
        tree: this.tree,
        dir: file.dir,
        file: file.path,
        options,
        locate,
        unknown: (value, what) => acc.unknowns.push({ at: locate(value), what }),
        isThere: (path) => this.isThere(path),
        isAssumed: this.options.assumesSources ?? false,
        isRewritten: this.options.isRewritten ?? (() => false),
      });
      made.push({ result, at: locate(scalarText(entry.name)) });
    };
    for (const entry of mapList(data.configMapGenerator))
      run("ConfigMap", "configMapGenerator", entry, globalOptions(data));
    for (const entry of mapList(data.secretGenerator)) run("Secret", "secretGenerator", entry, globalOptions(data));
    for (const field of ["helmCharts", "helmChartInflationGenerator"]) {
      for (const chart of mapList(data[field])) {
        const name = scalarText(chart.name) || scalarText(chart.chartName);
        this.#leaveOutChart(acc, this.locate(file, field, name), name);
      }
    }
    for (const config of this.listPlugins(file, "generators", acc, stack)) {
      const at = this.locate(file, "generators", "");
      const kind = runGeneratorPlugin(config, at);
      if (kind === "Helm") {
        this.#leaveOutChart(acc, at, scalarText(config.name));
        continue;
      }
      const metadata = mapAt(config, "metadata");
      run(kind, "generators", { name: metadata.name, namespace: metadata.namespace, ...config }, {});
    }
    for (const { result, at } of made) mergeGenerated(acc, result, at);
  }

  #leaveOut(acc: Accumulated, at: Loc, what: string): void {
    acc.unknowns.push({ at, what });
    acc.incomplete = true;
  }

  #leaveOutChart(acc: Accumulated, at: Loc, name: string): void {
    if (this.options.asController)
      throw new BuildError(at, `Helm chart ${name}: kustomize-controller inflates no charts`);
    this.#leaveOut(acc, at, `objects of the Helm chart ${name}`);
  }

  #refuseCycle(dir: string, at: () => Loc, stack: readonly string[]): void {
    if (stack.some((open) => isInside(open, dir))) {
      throw new BuildError(at(), `cycle detected: ${dir || "."} contains a folder that is being built`, {
        dependsOnStack: true,
      });
    }
  }
}

/** Adds objects; one whose id is there already refuses the build (flux-semantics 2.8 item 6). */
export function append(acc: Accumulated, items: readonly Item[], at: () => Loc): void {
  const seen = new Set(acc.items.map(idKey));
  for (const item of items) {
    const key = idKey(item);
    if (seen.has(key))
      throw new BuildError(at(), `may not add resource with an already registered id: ${printId(item)}`);
    seen.add(key);
    acc.items.push(item);
  }
}

function mergeGenerated(acc: Accumulated, generated: Generated, at: Loc): void {
  const { item, behavior } = generated;
  const found = findById(acc.items, item);
  if (found.length > 1) throw new BuildError(at, `several objects could accept merge of ${printId(item)}`);
  if (found.length === 0) {
    if (behavior !== "create" && !acc.incomplete) {
      throw new BuildError(at, `${printId(item)} does not exist; cannot merge or replace`);
    }
    if (behavior !== "create") acc.unknowns.push({ at, what: `the object ${printId(item)} is merged into` });
    append(acc, [item], () => at);
    return;
  }
  if (behavior === "create") throw new BuildError(at, `${printId(item)} exists; behavior must be merge or replace`);
  acc.items[found[0]!] = absorb(acc.items[found[0]!]!, generated);
}

function mergeVarLists(acc: Accumulated, vars: readonly Var[], at: () => Loc): void {
  for (const one of vars) {
    if (acc.vars.some((other) => other.name === one.name))
      throw new BuildError(at(), `var '${one.name}' already encountered`);
    acc.vars.push(one);
  }
}
