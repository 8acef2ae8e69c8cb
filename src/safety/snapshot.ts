import { fluxKey, type ObjectKey, splitKey } from "../admission/key.ts";
import type { Side } from "../change/change.ts";
import { listGeneratorInputs } from "../change/generated-values.ts";
import { printPlaces } from "../change/open-paths.ts";
import { literally } from "../change/read.ts";
import { chartOf, printFixed, type ReadContext, readFluxSpec, readOwnedObject } from "../change/read-object.ts";
import { findLack, isLiteral } from "../change/refused-builds.ts";
import { isRenamed } from "../change/renamed-namespace.ts";
import { printIncludes, sourceOf } from "../change/source-facts.ts";
import { isTouched, listShapingFiles, readFiles } from "../change/touched.ts";
import type { Build, FailedBuild, FluxSpec, OwnedObject, PartialBuild, Snapshot } from "../change/types.ts";
import { listValueSources } from "../change/value-keys.ts";
import type { Words } from "../change/words.ts";
import { pathInArtifact, repositoryPath } from "../cluster/graph.ts";
import { filesOfKind, objectsIn } from "../cluster/objects.ts";
import { indexSources } from "../cluster/sources.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import type { Unknown } from "../contract/answer.ts";
import { lineOf } from "../contract/errors.ts";
import { getOrMake } from "../contract/group-by.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import type { Delivery } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { readOperatorSet } from "./operator/operator-set.ts";
import type { SnapshotContext } from "./snapshot-context.ts";
import { Appliers } from "./sources/appliers.ts";
import { bringsSource, buildForeign, touchesLikely } from "./sources/foreign.ts";
import { fillsBelow, findElsewhere } from "./sources/included.ts";
import { sayUnpublished } from "./sources/published.ts";
import { deliverWithBases } from "./sources/remote-bases.ts";
import { nameOpen, readBuildUnknowns, readFailures, readOpen, settleText } from "./unknown/build-unknowns.ts";
import { holdsWords } from "./unknown/holds-words.ts";
import { NameIndex } from "./unknown/name-index.ts";
import type { UnknownsInput } from "./unknown/shape.ts";
import { altersForeignValues } from "./values/foreign-values.ts";
import { findRenamedValues } from "./values/renamed-values.ts";
import { isStrict } from "./values/strict.ts";
import { makeValues } from "./values/substitutions.ts";

/** One tree as a cluster sees it. Lazy: nothing is built until it is asked for, and builds are kept. */
export class ClusterSnapshot implements Snapshot {
  operator?: NonNullable<Snapshot["operator"]>;
  adoptedElsewhere?: ReadonlySet<ObjectKey>;
  source?: Snapshot["source"];
  readonly #side: Side;
  readonly #tree: Tree;
  readonly #context: SnapshotContext;
  readonly #read: ReadContext;
  readonly #builds = new Map<string, Build>();
  readonly #answers = new Map<string, boolean>();
  /** Changed files that a source does not leave out, by what it holds before. */
  readonly #shown = new Map<Tree, ReadonlySet<string>>();
  /** What generators of the tree before read. */
  #named: ReadonlySet<string> | undefined;
  readonly #names: NameIndex;
  readonly #appliers: Appliers;
  readonly #values: (spec: FluxObjectSpec | undefined) => Record<string, string>;

  constructor(side: Side, context: SnapshotContext) {
    this.#side = side;
    this.#tree = context[side];
    this.#context = context;
    this.#read = context.reads[side];
    this.#values = makeValues(side, context);
    const { artifactRoot } = context.cluster;
    this.#appliers = new Appliers(side, { ...context, read: this.#read });
    this.#names = new NameIndex({
      files: (spec) => readFiles(this.#treeFor(spec), spec.data.spec, artifactRoot),
      shaping: (spec) => listShapingFiles(this.#treeFor(spec), spec.data.spec, artifactRoot),
      read: (file) => this.#tree.read(file) ?? "",
    });
  }

  /** Says which FluxInstance this tree delivers. */
  setInstance(instance: InstanceDescription): void {
    const path = ["spec", ...(instance.form === "chart" ? ["values", "instance"] : []), "sync", "url"];
    const at = locateField(this.#tree, instance.object, path);
    this.operator = readOperatorSet(instance, this.#context.cluster.namespace, this.#read, at);
  }

  /** The root, and what runs beside it, as they are after their own patches: they usually deliver themselves. */
  get roots(): Snapshot["roots"] {
    const { root, namespace, kustomizations, companions } = this.#context.cluster;
    const first = kustomizations[0];
    const written = { of: root, spec: first ? readableSpec(first) : root.data.spec };
    const beside = companions.map((one) => ({ of: one.object, spec: readableSpec(one) }));
    return new Map(
      [written, ...beside].map(({ of, spec: own }): [ObjectKey, FluxSpec] => {
        const key = fluxKey(of.namespace || namespace, of.name);
        const spec = readFluxSpec(own, namespace, this.#read);
        const build = this.build(spec);
        const self = build.ok ? build.objects.get(key)?.flux : undefined;
        return [key, self ?? (of.doc < 0 ? { ...spec, unseen: true } : spec)];
      }),
    );
  }

  get believed(): NonNullable<Snapshot["believed"]> {
    const { cluster } = this.#context;
    const keyOf = ({ object, namespace }: DeliveredFluxObject) => fluxKey(namespace || cluster.namespace, object.name);
    // One without a namespace never reached the cluster.
    const children = cluster.kustomizations.filter(({ parent, namespace }) => parent && namespace);
    return new Map(
      children.map((child) => {
        const spec = readFluxSpec(readableSpec(child), child.namespace, this.#read);
        return [keyOf(child), { parent: keyOf(child.parent!), spec }];
      }),
    );
  }

  build(spec: FluxSpec): Build {
    return getOrMake(this.#builds, spec.id, () => spec.own?.build() ?? this.#build(spec));
  }

  /** What a build uses that is none of the variables which have a value, where that is an error. */
  findUnset({ data: { spec } }: FluxSpec, set: readonly ReadonlySet<string>[]): Unknown | undefined {
    const path = repositoryPath(spec, this.#context.cluster.artifactRoot);
    if (path === undefined) return undefined;
    const names = set.flatMap((one) => [...one]);
    const substitute = { ...Object.fromEntries(names.map((name) => [name, name])), ...spec.postBuild?.substitute };
    const delivery = this.#run({ ...spec, postBuild: { substitute } }, path, { strict: true });
    const name = delivery.ok ? undefined : /variable not set: (\w+)/.exec(delivery.reason)?.[1];
    return name === undefined || delivery.ok ? undefined : { what: `\${${name}}`, at: delivery.at };
  }

  isBuilt(spec: FluxSpec): boolean {
    if (spec.own) return this.#builds.has(spec.id);
    return !spec.data.isLocal || this.#builds.has(spec.id);
  }

  #build(flux: FluxSpec): Build {
    const { spec, isLocal } = flux.data;
    const { remote = "" } = flux;
    if (!isLocal)
      return buildForeign(spec, this.#side, this.#context, (one) => this.build(readFluxSpec(one, "", this.#read)));
    const path = repositoryPath(spec, this.#context.cluster.artifactRoot);
    if (path === undefined) return this.#failOpen(spec);
    const { tables, cluster } = this.#context;
    const inArtifact = pathInArtifact(spec, cluster.artifactRoot) ?? path;
    const source = [this.#tree, tables[this.#side], sourceOf(spec), inArtifact] as const;
    const elsewhere = findElsewhere(...source);
    if (elsewhere) return { ok: true, objects: new Map(), unknown: [elsewhere] };
    const delivery = this.#deliver(spec, path);
    // What is missing here another repository may fill in.
    if (!delivery.ok && !this.#tree.isDir(path) && fillsBelow(...source))
      return { ok: false, reason: delivery.reason, unread: true };
    if (!delivery.ok) return this.#fail(spec, path, remote, { at: delivery.at, what: delivery.reason });
    for (const object of delivery.objects) {
      const lack = findLack(object);
      if (lack === undefined) continue;
      const what = `${object.kind} ${object.name} has no ${lack}, and with such an object kustomize-controller applies nothing`;
      return this.#fail(spec, path, remote, { at: lineOf(object.file), what });
    }
    const input = this.#unknownsInput(spec);
    return {
      ok: true,
      objects: this.#readObjects(delivery, input, remote, isLiteral(flux) ? literally : undefined),
      unknown: readBuildUnknowns(delivery.unknowns, input),
    };
  }

  #failOpen(spec: FluxObjectSpec | undefined): FailedBuild {
    const { artifactRoot } = this.#context.cluster;
    const view = this.#viewFor(spec);
    const reads = printPlaces(view, spec, artifactRoot, (one) => readFiles(view, one, artifactRoot));
    const path: unknown = spec?.path;
    const reason = `its path ${typeof path === "string" ? path : JSON.stringify(path)} cannot be known here`;
    return { ok: false, reason, unread: true, ...(reads === undefined ? {} : { reads }) };
  }

  #unknownsInput(spec: FluxObjectSpec | undefined): UnknownsInput {
    const { cluster, changed, values, isDelivered: isOwn, delivered } = this.#context;
    const { artifactRoot } = cluster;
    const told = delivered?.[this.#side];
    const renamed = findRenamedValues(this.#context)[this.#side];
    return { tree: this.#viewFor(spec), side: this.#side, spec, artifactRoot, changed, values, isOwn, told, renamed };
  }

  #readObjects(
    delivery: Extract<Delivery, { ok: true }>,
    input: UnknownsInput,
    remote: string,
    plain?: OwnedObject["settle"],
  ) {
    const objects = new Map<ObjectKey, OwnedObject>();
    const settle = input.spec?.postBuild ? (text: string) => settleText(text, input) : plain;
    for (const object of delivery.objects) {
      const open = readOpen(object, input);
      const named = object.uncertain ? nameOpen(object, delivery.unknowns, input) : object;
      const owned = readOwnedObject(named, input.spec?.commonMetadata, this.#read, remote, open, settle);
      objects.set(owned.key, isRenamed(object, input.spec, this.#tree) ? { ...owned, renamed: true } : owned);
    }
    if (remote === "")
      for (const owned of objects.values()) objects.set(owned.key, this.#appliers.read(owned, objects));
    return objects;
  }

  #fail(spec: FluxObjectSpec | undefined, path: string, remote: string, failure: Unknown): Build {
    const { at } = failure;
    const what = sayUnpublished(this.#tree, spec, this.#context.cluster.artifactRoot) ?? failure.what;
    const partial = () => this.#readPartial(spec, path, remote, failure);
    // What only the spec says has no place in the folder.
    return { ok: false, reason: what, partial, ...(this.#tree.has(at.file) ? { at } : {}) };
  }

  #readPartial(
    spec: FluxObjectSpec | undefined,
    path: string,
    remote: string,
    failure: Unknown,
  ): PartialBuild | undefined {
    const whole = this.#run(spec, path, { goesOn: true });
    // An expression that cannot be read stops all substitution.
    const { postBuild: _, ...plain } = spec ?? {};
    const delivery = whole.ok ? whole : this.#run(plain, path, { goesOn: true });
    if (!delivery.ok) return undefined;
    const input = this.#unknownsInput(spec);
    const isNamed = whole.ok || delivery.objects.every(({ name, namespace }) => !`${name} ${namespace}`.includes("${"));
    if (!isNamed) return undefined;
    const owned = [...this.#readObjects(delivery, input, remote).values()];
    const objects = owned.map((object) => {
      const { at: _, doc: __, body: ___, frozen, flux, ...one } = object;
      // Its data decides no more than its id does.
      const facts = JSON.stringify([
        one,
        { ...flux, data: undefined },
        printFixed(one.key, frozen, this.#read.settings),
      ]);
      return [one.key, { object, facts, spared: one.spared }] as const;
    });
    const shown = new Set(delivery.objects.map(({ file }) => file));
    const isSame = ({ at, what }: Unknown) => what === failure.what && at.file === failure.at.file;
    const failures = delivery.unknowns.some(isSame) ? delivery.unknowns : [failure, ...delivery.unknowns];
    return { objects: new Map(objects), unknown: readFailures(failures, shown, input) };
  }

  /**
   * As Flux builds it, but for generators whose file is in neither tree: it is kept out of this copy (`.env`), or Flux
   * builds nothing at all, which another finding says. What else the change does must be known in the first case.
   */
  #deliver(spec: FluxObjectSpec | undefined, path: string): Delivery {
    const strict = this.#run(spec, path, {});
    if (strict.ok || strict.missing === undefined || this.#context.changed.has(strict.missing)) return strict;
    // What else it fails at is what counts.
    return this.#run(spec, path, { assumesSources: this.#isKeptOut });
  }

  /** What the change takes away, or names itself though neither tree has it, is a mistake. */
  readonly #isKeptOut = (path: string): boolean => {
    if (this.#side === "before") return true;
    const { before } = this.#context;
    this.#named ??= new Set(listGeneratorInputs(before));
    return !before.has(path) && this.#named.has(path);
  };

  #run(
    spec: FluxObjectSpec | undefined,
    path: string,
    options: { assumesSources?: (path: string) => boolean; goesOn?: true; strict?: true },
  ): Delivery {
    const strict = isStrict(this.#tree, this.#read.version, this.#context.cluster.files) ? { strict: true } : {};
    return deliverWithBases(
      this.#viewFor(spec),
      { ...spec, path },
      { substitutions: this.#values(spec), ...strict, ...options },
    );
  }

  #viewFor(spec: FluxObjectSpec | undefined): Tree {
    return this.#context.viewOf(sourceOf(spec))[this.#side];
  }

  mayDiffer(spec: FluxSpec): boolean {
    return getOrMake(this.#answers, `differs ${spec.id}`, () => {
      const { spec: data, isLocal } = spec.data;
      const { viewOf, values, cluster, changed, applying, tables } = this.#context;
      if (!isLocal)
        return [bringsSource, touchesLikely, altersForeignValues].some((differs) => differs(data, this.#context));
      if (listValueSources(data).some((id) => values.has(id))) return true;
      if (printIncludes(tables.before, sourceOf(data)) !== printIncludes(tables.after, sourceOf(data))) return true;
      const { before: tree, after, differs } = viewOf(sourceOf(data));
      if (differs) return true;
      const isShown = (file: string) => tree.has(file) || after.has(file);
      const shown = getOrMake(this.#shown, tree, () => new Set([...changed].filter(isShown)));
      if (isTouched(tree, data, cluster.artifactRoot, shown)) return true;
      return (
        applying.files.size > 0 &&
        [...readFiles(tree, data, cluster.artifactRoot)].some((file) => applying.files.has(file))
      );
    });
  }

  mayHoldFlux(spec: FluxSpec): boolean {
    if (spec.own) return spec.own.mayHoldFlux;
    return getOrMake(this.#answers, `flux ${spec.id}`, () => {
      const { cluster, fluxFiles, applying } = this.#context;
      if (!spec.data.isLocal) return false;
      for (const file of readFiles(this.#treeFor(spec), spec.data.spec, cluster.artifactRoot)) {
        if (fluxFiles.has(file) || applying.holders.has(file)) return true;
      }
      return false;
    });
  }

  mayHold(spec: FluxSpec, key: ObjectKey): boolean {
    if (spec.own) return this.#ownKeys(spec)?.has(key) ?? false;
    const { kind, name, remote } = splitKey(key);
    const mayBe = kind !== "Kustomization" || !spec.data.isLocal || this.mayHoldFlux(spec);
    return remote === (spec.remote ?? "") && mayBe && this.#names.mayHold(spec, kind, name);
  }

  mentions(spec: FluxSpec, words: Words): boolean {
    const { data } = spec;
    if (spec.own)
      return [...(this.#ownKeys(spec)?.values() ?? [])].some(({ body }) => words.isIn(JSON.stringify(body ?? {})));
    return holdsWords(() => this.#treeFor(spec), data, words, this.#context.cluster.artifactRoot);
  }

  #ownKeys(spec: FluxSpec): ReadonlyMap<ObjectKey, OwnedObject> | undefined {
    const build = this.build(spec);
    return build.ok ? build.objects : undefined;
  }

  namesIn(spec: FluxSpec): ReadonlySet<string> | undefined {
    if (spec.own) return new Set([...(this.#ownKeys(spec)?.values() ?? [])].map(({ name }) => name));
    return this.#names.namesIn(spec);
  }

  chartBehind(ref: ObjectKey): string | undefined {
    const source = splitKey(ref);
    const { objects, cluster } = this.#context;
    const find = (among: readonly KubeObject[]) => indexSources(among)(source, cluster.root.file);
    // What matters to Flux's own objects is of the cluster that Flux runs in.
    const near = source.remote === "" ? find(objects[this.#side]) : undefined;
    const found = near ?? find(this.#declared(source.kind, source.name));
    return found && chartOf(found.data);
  }

  #declared(kind: string, name: string): KubeObject[] {
    const files = filesOfKind(this.#tree, kind).filter((file) => this.#tree.read(file)?.includes(name));
    return objectsIn(this.#tree, files);
  }

  /** What the change does not touch is read in the old tree, where the model has walked it already. */
  #treeFor(wanted: FluxSpec): Tree {
    return this.#context.viewOf(sourceOf(wanted.data.spec))[this.mayDiffer(wanted) ? this.#side : "before"];
  }
}
