import type { Loc } from "../../contract/errors.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import {
  type Accumulated,
  addUnknowns,
  append,
  type BuildFiles,
  hide,
  newAccumulated,
  type Var,
} from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { deepestBases, findKustomization, type KustomizationFile, loadKustomization } from "./file.ts";
import { absorb, type Generated, generate, globalOptions } from "./generate.ts";
import { type Item, printId } from "./item.ts";
import { locateIn } from "./locate.ts";
import { isFile, isInside, isRemote, joinPath } from "./paths.ts";
import { loadPlugins, runGeneratorPlugin } from "./plugins.ts";
import { nestsTooDeep, readDocs } from "./read.ts";
import { readResources } from "./resources.ts";
import { findById } from "./select.ts";
import { guardSpecs, joinSpecs } from "./specs.ts";
import { transformAll } from "./transform-all.ts";
import { mergeVars, readConfigurations } from "./variables.ts";

/** Objects on their way through one kustomization and its components. */
export interface BuildOptions {
  /** Whether a generator's file is replaced before the build, see `GeneratorContext`. */
  isRewritten?: (text: string) => boolean;
  /** As in kustomize-controller: Helm charts refuse the build and symlinks are not there (flux-facts 2.8, 6.1). */
  asController?: boolean;
  /** Whether a generator's file that is not in the tree is taken to be there, with content that nobody knows. */
  assumesSources?: boolean;
  /** Whether what fails is noted and left out, so that the rest can be read although Flux applies nothing of it. */
  goesOn?: boolean;
  /** Where settings come from that no kustomization file holds (a FluxKustomization). */
  at?: Loc;
}

const mostObjects = 100_000;

/** Evaluates kustomizations of one tree. Throws `BuildError` where kustomize would fail. */
export class Build implements BuildFiles {
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
      for (const entry of stringList(data[field]))
        this.attempt(acc, () => this.#addResource(file, field, entry, acc, stack));
    }
    this.attempt(acc, () => readConfigurations(this, file, acc));
    this.attempt(acc, () => this.#generate(file, acc, stack));
    for (const entry of stringList(data.components))
      this.attempt(acc, () => this.#addComponent(file, entry, acc, stack));
    transformAll(this, file, acc, (field) => this.#listPlugins(file, field, acc, stack));
    this.attempt(acc, () => mergeVars(acc, mapList(data.vars), this.locate(file, "vars", "")));
  }

  attempt(acc: Accumulated, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!this.options.goesOn || !(error instanceof BuildError)) throw error;
      acc.unknowns.push({ at: error.at, what: error.message });
      acc.incomplete = true;
    }
  }

  /** Place of a value in a kustomization file, or of the settings merged into it. */
  locate(file: KustomizationFile, field: string, value: string): Loc {
    return locateIn(this.tree, file.path, field, value, this.options.at);
  }

  readText(
    file: KustomizationFile,
    field: string,
    path: string,
    acc: Accumulated,
    reaches?: (item: Item) => boolean,
  ): string | undefined {
    const full = joinPath(file.dir, path);
    const at = this.locate(file, field, path);
    if (full !== undefined && this.isThere(full)) {
      const text = this.tree.read(full);
      if (text === undefined)
        hide(acc, { at, what: `content of the ${this.tree.status(full)} file ${full}`, file: full }, reaches);
      return text;
    }
    if (!isRemote(path)) throw new BuildError(at, `${field}: ${path}: no such file`);
    hide(acc, { at, what: `remote file ${path}` }, reaches);
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
      if (status === "text" && nestsTooDeep(readDocs(this.tree, path)))
        this.#leaveOut(acc, at(), `objects of ${path}, which nests too deeply`, path);
      else if (status === "text") this.#append(acc, readResources(this.tree, path), at);
      else if (status === "binary" || status === "encrypted")
        throw new BuildError(at(), `${entry}: the file is ${status}`);
      else this.#leaveOut(acc, at(), `objects of the ${status} file ${path}`, path);
    } else if (path !== undefined && this.tree.isDir(path)) {
      if (this.#isTooLarge(acc, at, stack)) return;
      const base = this.#buildBase(path, at, stack);
      addUnknowns(acc, base.unknowns);
      for (const folder of [path, ...base.folders]) acc.folders.add(folder);
      acc.incomplete ||= base.incomplete;
      this.#append(acc, base.items, at);
      mergeVarLists(acc, base.vars, at);
      if (base.specs !== acc.specs) acc.specs = guardSpecs(at(), () => joinSpecs(acc.specs, base.specs));
    } else if (isRemote(entry)) this.#leaveOut(acc, at(), `remote base ${entry}`);
    else throw new BuildError(at(), `${field}: ${entry}: no such file or directory`);
  }

  /** A build that goes on keeps both of two objects with one id: which of them was meant is not to be known. */
  #append(acc: Accumulated, items: readonly Item[], at: () => Loc): void {
    if (!this.options.goesOn) {
      append(acc, items, at);
      return;
    }
    this.attempt(acc, () => append(acc, items, at));
    const kept = new Set(acc.items);
    for (const item of items) if (!kept.has(item)) acc.items.push(item);
  }

  /** Errs to unknown: a base that one way into it is too deep for counts as too deep on every way. */
  #isTooLarge(acc: Accumulated, at: () => Loc, stack: readonly string[]): boolean {
    if (stack.length < deepestBases && acc.items.length < mostObjects) return false;
    const limit = stack.length < deepestBases ? `more than ${mostObjects} objects` : `bases ${deepestBases} deep`;
    this.#leaveOut(acc, at(), `what lies behind ${limit}`);
    return true;
  }

  #buildBase(dir: string, at: () => Loc, stack: readonly string[]): Accumulated {
    this.#refuseCycle(dir, at, stack);
    const file = this.open(dir, at);
    if (file.kind === "Component") {
      throw new BuildError(at(), `expected kind Kustomization in ${dir}, found Component`);
    }
    const { isRewritten, asController = false, assumesSources = false, goesOn = false } = this.options;
    const key = `${dir}\0${isRewritten !== undefined}\0${asController}\0${assumesSources}\0${goesOn}`;
    const result = remember(this.tree, "base", key, (): Accumulated | BuildError => {
      try {
        const made = newAccumulated();
        this.accumulate(file, made, [...stack, dir]);
        return made;
      } catch (error) {
        if (!(error instanceof BuildError) || error.dependsOnStack) throw error;
        return error;
      }
    });
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
      if (this.#isTooLarge(acc, at, stack)) return;
      acc.folders.add(dir);
      this.accumulate(component, acc, [...stack, dir]);
    } else if (isRemote(entry)) {
      hide(acc, { at: at(), what: `remote component ${entry}` });
      acc.incomplete = true;
    } else throw new BuildError(at(), `components: ${entry}: no such directory`);
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
  #listPlugins(file: KustomizationFile, field: string, acc: Accumulated, stack: readonly string[]): Data[] {
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
        unknown: (value, what, path) =>
          acc.unknowns.push({ at: locate(value), what, content: true, ...(path === undefined ? {} : { file: path }) }),
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
    for (const config of this.#listPlugins(file, "generators", acc, stack)) {
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

  #leaveOut(acc: Accumulated, at: Loc, what: string, file?: string): void {
    acc.unknowns.push({ at, what, ...(file === undefined ? {} : { file }) });
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

function mergeGenerated(acc: Accumulated, generated: Generated, at: Loc): void {
  const { item, behavior } = generated;
  const found = findById(acc.items, item);
  if (found.length > 1) throw new BuildError(at, `several objects could accept merge of ${printId(item)}`);
  if (found.length === 0) {
    const changes = behavior === "merge" || behavior === "replace";
    if (changes && !acc.incomplete)
      throw new BuildError(at, `${printId(item)} does not exist; cannot merge or replace`);
    if (changes) acc.unknowns.push({ at, what: `the object ${printId(item)} is merged into` });
    append(acc, [item], () => at);
    return;
  }
  if (behavior !== "merge" && behavior !== "replace")
    throw new BuildError(at, `${printId(item)} exists; behavior must be merge or replace`);
  acc.items[found[0]!] = absorb(acc.items[found[0]!]!, generated);
}

function mergeVarLists(acc: Accumulated, vars: readonly Var[], at: () => Loc): void {
  for (const one of vars) {
    if (acc.vars.some((other) => other.name === one.name))
      throw new BuildError(at(), `var '${one.name}' already encountered`);
    acc.vars.push(one);
  }
}
