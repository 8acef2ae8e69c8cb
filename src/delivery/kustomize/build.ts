import { publicAddress } from "../../contract/address.ts";
import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { itemsOf } from "../../contract/objects.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { sayLeftOut } from "../artifact-files.ts";
import { isWithin } from "../paths.ts";
import { mostObjects } from "../vast.ts";
import { type Data, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { BuildError } from "./failures.ts";
import { deepestBases, type KustomizationFile, openKustomization } from "./file.ts";
import { type Generated, type GeneratedKind, generate, mergeGenerated } from "./generate.ts";
import { asPlaced, type Item, isStubbed, makeItem, withBody } from "./item.ts";
import { locateIn } from "./locate-value.ts";
import { addNotes, notes } from "./notes.ts";
import { isFile, isRemote, joinPath } from "./paths.ts";
import { generatorOf, loadPlugins } from "./plugins.ts";
import { nestsTooDeep, readDocs } from "./read.ts";
import { readResources } from "./resources.ts";
import { joinSpecs } from "./specs.ts";
import {
  type Accumulated,
  append,
  appendOthers,
  type BuildOptions,
  hide,
  hideRenamed,
  mostLooks,
  newAccumulated,
  registeredTwice,
  type Stage,
} from "./stage.ts";
import { findDuplicate } from "./transform.ts";
import { transformAll } from "./transform-all.ts";
import { addVar, bindVars, readConfigurations } from "./variables.ts";

/** Objects count once for each base on their way: bases that include another one twice each double what there is to do. */
const mostSteps = 100_000;

/** An object that dozens of bases rename carries all the names along, at each base once more. */
const stepsOf = ({ previous }: Item): number => 1 + Math.floor(previous.length / 8);

/** Components change what is there: each of them, and each way to it, is work of its own. */
const mostComponents = 1000;

const ADDS: Partial<Unknown> = { adds: true };

/** Evaluates one kustomization. Throws `BuildError` where kustomize would fail. */
export class Build implements Stage {
  readonly tree: Tree;
  readonly options: BuildOptions;
  readonly file: KustomizationFile;
  readonly acc: Accumulated;
  /** Folders that are being built, that of the file or of what includes it the last. */
  readonly #stack: readonly string[];

  constructor(
    { tree, options }: Pick<Stage, "tree" | "options">,
    file: KustomizationFile,
    acc: Accumulated,
    stack: readonly string[],
  ) {
    this.tree = tree;
    this.options = options;
    this.file = file;
    this.acc = acc;
    this.#stack = stack;
  }

  /** Runs the kustomization, its components included, on what is accumulated. */
  run(): void {
    const { data } = this.file;
    for (const field of ["resources", "bases"])
      for (const entry of stringList(data[field])) this.attempt(() => this.#addResource(field, entry), ADDS);
    this.attempt(() => readConfigurations(this));
    this.attempt(() => this.#generate());
    for (const entry of stringList(data.components)) this.attempt(() => this.#addComponent(entry));
    transformAll(this, (field) => this.#listPlugins(field));
    this.attempt(() => bindVars(this));
  }

  attempt(step: () => void, is: Partial<Unknown> = {}): void {
    try {
      step();
    } catch (error) {
      if (!this.options.goesOn || !(error instanceof BuildError)) throw error;
      this.#leaveOut(error.at, error.message, is);
    }
  }

  locate(field: string, value = ""): Loc {
    return locateIn(this.tree, this.file.path, field, value, this.options.at);
  }

  readText(field: string, path: string, reaches?: (item: Item) => boolean): string | undefined {
    const full = joinPath(this.file.dir, path);
    const at = this.locate(field, path);
    if (full !== undefined && this.isThere(full)) {
      const text = this.tree.read(full);
      const what = `content of the ${this.tree.status(full)} file ${full}`;
      if (text === undefined) hide(this.acc, { at, what, file: full }, reaches);
      return text;
    }
    if (!isRemote(path)) throw new BuildError(at, `${field}: ${path}: no such file${this.#why(full)}`);
    hide(this.acc, { at, what: `remote file ${publicAddress(path)}` }, reaches);
    return undefined;
  }

  isThere(path: string): boolean {
    return isFile(this.tree, path) && !(this.options.asController && this.tree.status(path) === "symlink");
  }

  /** Why what lies in the repository is not there for Flux. */
  #why(path: string | undefined): string {
    if (path === undefined) return "";
    return this.tree.has(path) ? ", since it is a link, and Flux gets none" : sayLeftOut(this.tree, path);
  }

  /** Adds a file, folder or remote base of `resources`. */
  #addResource(field: string, entry: string): void {
    const path = joinPath(this.file.dir, entry);
    const at = () => this.locate(field, entry);
    if (entry === "") throw new BuildError(at(), nothingIn(field));
    if (path !== undefined && this.isThere(path)) {
      const status = this.tree.status(path);
      if (status === "text" && nestsTooDeep(readDocs(this.tree, path)))
        this.#leaveOut(at(), `objects of ${path}, which nests too deeply`, { ...ADDS, file: path });
      else if (status === "text") this.#append(readResources(this.tree, path).map(this.#annotate), at);
      else if (status === "binary" || status === "encrypted")
        throw new BuildError(at(), `${entry}: the file is ${status}`);
      else this.#leaveOut(at(), `objects of the ${status} file ${path}`, { ...ADDS, file: path });
    } else if (path !== undefined && this.tree.isDir(path)) this.#addBase(path, at);
    else if (isRemote(entry)) this.#addRemote(entry, at);
    else throw new BuildError(at(), `${field}: ${entry}: no such file or directory${this.#why(path)}`);
  }

  #addRemote(entry: string, at: () => Loc): void {
    const known = this.options.readsRemote?.(entry);
    if (known === undefined) this.#leaveOut(at(), `remote base ${publicAddress(entry)}`, ADDS);
    else {
      const items = known.objects.map((body) => ({
        ...makeItem(body, this.file.path, 0),
        isStub: isStubbed(body),
      }));
      this.#append((known.isPlaced ? items.map(asPlaced) : items).map(this.#annotate), at);
    }
  }

  #addBase(dir: string, at: () => Loc): void {
    if (this.#isTooDeep(at)) return;
    const { acc } = this;
    // What was too much once is not built on: the unknown that says so stands for all that follows.
    if (acc.steps > mostSteps) return;
    const base = this.#buildBase(dir, at);
    const steps = base.items.reduce((sum, item) => sum + stepsOf(item), acc.steps + base.steps);
    const isMany = acc.items.length + base.items.length > mostObjects;
    acc.looks += base.looks;
    if (isMany || steps > mostSteps || acc.looks > mostLooks) {
      const most = steps > mostSteps ? mostSteps : mostLooks;
      const what = isMany ? `more than ${mostObjects} objects` : `more than ${most} steps of a build`;
      this.#leaveOut(at(), `what ${dir} adds to ${what}`, ADDS);
      acc.steps = Infinity;
      return;
    }
    acc.steps = steps;
    const known = new Set(acc.unknowns);
    for (const one of base.unknowns) if (!known.has(one)) acc.unknowns.push(one);
    for (const folder of [dir, ...base.folders]) acc.folders.add(folder);
    acc.incomplete ||= base.incomplete;
    this.#append(base.items, at);
    for (const one of base.vars) addVar(acc, one, at());
    if (base.specs !== acc.specs) acc.specs = joinSpecs(acc.specs, base.specs, at());
  }

  /** A build that goes on keeps both of two objects with one id: which of them was meant is not to be known. */
  #append(items: readonly Item[], at: () => Loc): void {
    this.attempt(() => append(this.acc, items, at));
    if (this.options.goesOn) appendOthers(this.acc, items);
  }

  /** Errs to unknown: a base that one way into it is too deep for counts as too deep on every way. */
  #isTooDeep(at: () => Loc): boolean {
    if (this.#stack.length < deepestBases) return false;
    this.#leaveOut(at(), `what lies behind bases ${deepestBases} deep`, ADDS);
    return true;
  }

  #buildBase(dir: string, at: () => Loc): Accumulated {
    const file = this.#open(dir, at);
    if (file.kind === "Component") throw new BuildError(at(), `expected kind Kustomization in ${dir}, found Component`);
    const { isRewritten, asController = false, assumesSources, goesOn = false, annotates = false } = this.options;
    const { readsRemote } = this.options;
    const key = [
      dir,
      isRewritten !== undefined,
      asController,
      assumesSources !== undefined,
      goesOn,
      annotates,
      readsRemote !== undefined,
    ].join("\0");
    const result = remember(this.tree, "base", key, (): Accumulated | BuildError => {
      try {
        const made = newAccumulated();
        new Build(this, file, made, [...this.#stack, dir]).run();
        return made;
      } catch (error) {
        if (!(error instanceof BuildError) || error.detail.dependsOnStack) throw error;
        return error;
      }
    });
    if (result instanceof BuildError) throw result;
    for (const inner of result.folders) this.#refuseCycle(inner, at);
    return result;
  }

  #addComponent(entry: string): void {
    const at = () => this.locate("components", entry);
    if (entry === "") throw new BuildError(at(), nothingIn("components"));
    const dir = joinPath(this.file.dir, entry);
    if (dir !== undefined && this.tree.isDir(dir)) {
      const component = this.#open(dir, at);
      if (component.kind !== "Component") throw new BuildError(at(), `expected kind Component in ${dir}`);
      if (this.#isTooDeep(at)) return;
      this.acc.components += 1;
      if (this.acc.components > mostComponents) {
        hide(this.acc, { at: at(), what: `what more than ${mostComponents} components change` });
        this.acc.incomplete = true;
        return;
      }
      if (hideRenamed(this.acc, at())) return;
      this.acc.folders.add(dir);
      new Build(this, component, this.acc, [...this.#stack, dir]).run();
      const twice = findDuplicate(this.acc.items);
      if (twice && !this.options.goesOn) throw registeredTwice(twice, at(), this.acc.items);
    } else if (isRemote(entry)) {
      hide(this.acc, { at: at(), what: `remote component ${publicAddress(entry)}` });
      this.acc.incomplete = true;
    } else throw new BuildError(at(), `components: ${entry}: no such directory`);
  }

  /** The kustomization of a nested folder. Throws `BuildError`. */
  #open(dir: string, at: () => Loc): KustomizationFile {
    this.#refuseCycle(dir, at);
    const opened = openKustomization(this.tree, dir, false);
    if (opened === undefined) throw new BuildError(at(), `unable to find a kustomization in ${dir || "."}`);
    if (!opened.ok) throw new BuildError(opened.at, opened.reason);
    return opened.file;
  }

  #refuseCycle(dir: string, at: () => Loc): void {
    if (!this.#stack.some((open) => isWithin(open, dir))) return;
    const reason = `cycle detected: ${dir || "."} contains a folder that is being built`;
    throw new BuildError(at(), reason, { dependsOnStack: true });
  }

  /** Plugin configurations named in `generators`, `transformers` or `validators`: inline YAML, files or folders. */
  #listPlugins(field: string): Data[] {
    const entries = stringList(this.file.data[field]);
    if (entries.length === 0) return [];
    const config = newAccumulated();
    const stage = new Build(this, this.file, config, this.#stack);
    for (const path of loadPlugins(entries, config, this.locate(field))) stage.#addResource(field, path);
    this.acc.unknowns.push(...config.unknowns);
    this.acc.incomplete ||= config.incomplete;
    return config.items.map(({ body }) => body);
  }

  #generate(): void {
    const { data } = this.file;
    const made: { generated: Generated; at: Loc }[] = [];
    const run = (kind: GeneratedKind, field: string, entry: Data, options: Data) => {
      const generated = generate(this, kind, field, entry, options);
      made.push({ generated, at: this.locate(field, scalarText(entry.name)) });
    };
    const options = mapAt(data, "generatorOptions");
    for (const entry of mapList(data.configMapGenerator)) run("ConfigMap", "configMapGenerator", entry, options);
    for (const entry of mapList(data.secretGenerator)) run("Secret", "secretGenerator", entry, options);
    for (const field of ["helmCharts", "helmChartInflationGenerator"]) {
      // One with nothing in it is one as well.
      for (const chart of mapList(itemsOf(data[field]))) {
        const name = scalarText(chart.name) || scalarText(chart.chartName);
        this.#leaveOutChart(this.locate(field, name), name);
      }
    }
    for (const config of this.#listPlugins("generators")) {
      const at = this.locate("generators");
      const kind = generatorOf(config, at);
      const { name, namespace } = mapAt(config, "metadata");
      if (kind === "Helm") this.#leaveOutChart(at, scalarText(config.name));
      else run(kind, "generators", { name, namespace, ...config }, {});
    }
    for (const { generated, at } of made)
      mergeGenerated(this.acc, { ...generated, item: this.#annotate(generated.item) }, at);
  }

  readonly #annotate = (item: Item): Item =>
    this.options.annotates ? withBody(item, addNotes(item.body, { [notes.origin]: "?" })) : item;

  #leaveOut(at: Loc, what: string, is: Partial<Unknown> = {}): void {
    this.acc.unknowns.push({ at, what, ...is });
    this.acc.incomplete = true;
  }

  #leaveOutChart(at: Loc, name: string): void {
    if (this.options.asController)
      throw new BuildError(at, `Helm chart ${name}: kustomize-controller inflates no charts`);
    this.#leaveOut(at, `objects of the Helm chart ${name}`);
  }
}

const nothingIn = (field: string): string => `${field}: an entry has nothing in it`;
