import { type DeliveredObject, type Delivery, deliverFlux } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { groupOf } from "../kinds.ts";
import { readObjects } from "../objects.ts";
import { readReleaseSource } from "../release-source.ts";
import { atLeast, CORE_COMPONENTS, componentsOf, type FluxVersion, parseFluxVersion } from "../releases.ts";
import { resolveSource } from "../sources.ts";
import type { Cluster, DeliveredFluxObject, InstanceDescription, KubeObject, YamlData } from "../types.ts";
import type { ArtifactViews, Side } from "./artifact-views.ts";
import { fluxKey, splitKey } from "./key.ts";
import { readInstallSet, readOperatorSet, resolveDistribution } from "./operator-set.ts";
import { type ReadContext, readFluxSpec, readOwnedObject } from "./read-object.ts";
import { isTouched, readFiles } from "./touched.ts";
import type { Build, FluxSpec, ObjectKey, OwnedObject, Snapshot } from "./types.ts";

export interface SnapshotContext {
  /** The cluster as the model of the tree before the change has it. */
  cluster: Cluster;
  /** Both trees as the sources pass them on. */
  views: ArtifactViews;
  /** Paths that differ between the two trees. */
  changed: ReadonlySet<string>;
  /** Files of either tree that may hold FluxKustomizations. */
  fluxFiles: ReadonlySet<string>;
  /** Names of the OCIRepositories that hold another chart afterwards. */
  charts: ReadonlySet<string>;
  /** `Kind/name` of the ConfigMaps and Secrets that may change. */
  values: ReadonlySet<string>;
  /** The Flux that runs; what it cannot do yet (2.4) depends on it. Unknown counts as current. */
  version?: FluxVersion;
  /** `Kind/name` of the sources that hold this repository, in either tree. */
  sources: ReadonlySet<string>;
}

/** Flux objects of this one tree, for the sources of installs and charts, and of the other one. */
type OwnContext = SnapshotContext & { objects: readonly KubeObject[]; other: readonly KubeObject[] };

/** One tree as a cluster sees it. Lazy: nothing is built until it is asked for, and builds are kept. */
export class ClusterSnapshot implements Snapshot {
  operator?: NonNullable<Snapshot["operator"]>;
  readonly #side: Side;
  readonly #tree: Tree;
  readonly #context: OwnContext;
  readonly #read: ReadContext;
  readonly #builds = new Map<string, Build>();
  readonly #answers = new Map<string, boolean>();
  readonly #nameTests = new Map<string, (file: string) => boolean>();
  #roots: Snapshot["roots"] | undefined;
  #configMaps: Map<string, YamlData> | undefined;

  constructor(side: Side, tree: Tree, context: OwnContext) {
    const { cluster, sources, version, views } = context;
    this.#side = side;
    this.#tree = tree;
    this.#context = context;
    const chartHolds = () => {
      const set = readInstallSet("community-chart", version, CORE_COMPONENTS, cluster.namespace, []);
      return [...set.keys()].filter((key) => !key.startsWith("|Namespace"));
    };
    const viewOf = (source: string) => views.token(source);
    this.#read = { version, sources, viewOf, chartHolds };
  }

  /** Says which FluxInstance this tree delivers. */
  setInstance(instance: InstanceDescription): void {
    this.operator = readOperatorSet(instance, this.#context.cluster.namespace, this.#read);
  }

  /** The root as it is after its own patches: it usually delivers itself. */
  get roots(): Snapshot["roots"] {
    if (this.#roots) return this.#roots;
    const { root, namespace, kustomizations } = this.#context.cluster;
    const key = fluxKey(root.namespace || namespace, root.name);
    const first = kustomizations[0]?.effective ?? root.data;
    const spec = readFluxSpec(first?.spec, namespace, this.#read);
    const build = this.build(spec);
    const self = build.ok ? build.objects.get(key)?.flux : undefined;
    this.#roots = new Map([[key, self ?? spec]]);
    return this.#roots;
  }

  get believed(): NonNullable<Snapshot["believed"]> {
    const { cluster } = this.#context;
    const keyOf = ({ object, namespace }: DeliveredFluxObject) => fluxKey(namespace || cluster.namespace, object.name);
    // One without a namespace never reached the cluster.
    const children = cluster.kustomizations.filter(({ parent, namespace }) => parent && namespace);
    return new Map(
      children.map((child) => {
        const spec = readFluxSpec(child.effective?.spec, child.namespace, this.#read);
        return [keyOf(child), { parent: keyOf(child.parent!), spec }];
      }),
    );
  }

  build(spec: FluxSpec): Build {
    let known = this.#builds.get(spec.id);
    if (!known) {
      known = this.#build(spec);
      this.#builds.set(spec.id, known);
    }
    return known;
  }

  isBuilt(spec: FluxSpec): boolean {
    return !spec.data.isLocal || this.#builds.has(spec.id);
  }

  #build({ data: { spec, isLocal }, remote = "" }: FluxSpec): Build {
    if (!isLocal) return this.#buildForeign(spec);
    const path = repositoryPath(spec, this.#context.cluster.artifactRoot);
    if (path === undefined) return { ok: false, reason: `its path ${spec?.path} cannot be known here` };
    const delivery = this.#deliver(spec, path);
    if (!delivery.ok) return { ok: false, reason: delivery.reason, at: delivery.at };
    const refused = delivery.objects.find(lacksNamespace);
    if (refused) {
      const reason = `${refused.kind} ${refused.name} has no namespace, and with such an object kustomize-controller applies nothing`;
      return { ok: false, reason, at: { file: refused.file, line: 1, col: 1 } };
    }
    const objects = new Map<string, OwnedObject>();
    for (const object of delivery.objects) {
      const owned = readOwnedObject(object, spec?.commonMetadata, this.#read, remote);
      objects.set(owned.key, owned);
    }
    const unknown = delivery.unknowns.map(({ at, what }) => `${what} (${at.file}:${at.line})`);
    return { ok: true, objects, unknown };
  }

  /**
   * As Flux builds it, but for generators whose file is in neither tree: it is kept out of this copy (`.env`), or Flux
   * builds nothing at all, which another finding says. What else the change does must be known in the first case.
   */
  #deliver(spec: YamlData, path: string): Delivery {
    const { version } = this.#read;
    const build = (assumesSources: boolean) =>
      deliverFlux(
        this.#context.views.tree(sourceOf(spec), this.#side),
        { ...spec, path },
        {
          substitutions: this.#values(spec),
          assumesSources,
          ...(version && atLeast(version, "2.9") ? { strict: true } : {}),
        },
      );
    const strict = build(false);
    if (strict.ok || strict.missing === undefined || this.#context.changed.has(strict.missing)) return strict;
    const assumed = build(true);
    return assumed.ok ? assumed : strict;
  }

  /** Another repository or cluster: only the Flux release artifact is known (flux-semantics 4.7). */
  #buildForeign(spec: YamlData): Build {
    const { cluster, objects, other } = this.#context;
    const ref = spec?.sourceRef;
    const wanted = { kind: ref?.kind, name: ref?.name, namespace: "" };
    const near = resolveSource(wanted, cluster.root.file, objects);
    if (!near && resolveSource(wanted, cluster.root.file, other)) {
      return { ok: false, reason: `its source ${ref?.kind} ${ref?.name} is not there` };
    }
    const release = near && readReleaseSource(near, spec?.path);
    if (!release) {
      return {
        ok: true,
        objects: new Map(),
        unknown: [`what it applies comes from ${ref?.kind} ${ref?.name}, not from this repository as it is here`],
      };
    }
    const tag = parseFluxVersion(release.version?.text ?? "") ?? this.#read.version;
    const components = tag ? componentsOf(release.style, tag) : (cluster.install?.components ?? CORE_COMPONENTS);
    return {
      ok: true,
      objects: readInstallSet(release.style, tag, components, cluster.namespace, spec?.patches),
      unknown: [],
    };
  }

  mayDiffer(spec: FluxSpec): boolean {
    return this.#answer(`differs ${spec.id}`, () => {
      const { spec: data, isLocal } = spec.data;
      const { views, values, charts, cluster, changed } = this.#context;
      if (!isLocal) return false;
      const from: YamlData[] = Array.isArray(data?.postBuild?.substituteFrom) ? data.postBuild.substituteFrom : [];
      if (from.some(({ kind, name }) => values.has(`${kind}/${name}`))) return true;
      const source = sourceOf(data);
      const tree = views.tree(source, "before");
      if (views.differs(source) || isTouched(tree, data, cluster.artifactRoot, changed)) return true;
      const names = (text = "") => text.includes("chartRef") && [...charts].some((name) => text.includes(name));
      return charts.size > 0 && [...readFiles(tree, data, cluster.artifactRoot)].some((file) => names(tree.read(file)));
    });
  }

  mayHoldFlux(spec: FluxSpec): boolean {
    return this.#answer(`flux ${spec.id}`, () => this.#someFile(spec, (file) => this.#context.fluxFiles.has(file)));
  }

  mayHold(spec: FluxSpec, key: ObjectKey): boolean {
    const { kind, name, remote } = splitKey(key);
    const { isLocal, spec: data } = spec.data;
    if (remote !== (spec.remote ?? "")) return false;
    if (kind === "Kustomization" && isLocal && !this.mayHoldFlux(spec)) return false;
    if (!isLocal || data?.namePrefix || data?.nameSuffix) return true;
    const renames = () => this.#someFile(spec, (file) => this.#mayRename(file));
    return this.#answer(`renames ${spec.id}`, renames) || this.#someFile(spec, this.#nameTestOf(kind, name));
  }

  #mayRename(file: string): boolean {
    return this.#answer(`renames in ${file}`, () => RENAMES.test(this.#tree.read(file) ?? ""));
  }

  /** One test a name: many FluxKustomizations are asked for the same few names. */
  #nameTestOf(kind: string, name: string): (file: string) => boolean {
    const id = `${kind}/${name}`;
    let test = this.#nameTests.get(id);
    if (!test) {
      const isNamed = makeNameTest(kind, name);
      test = (file) => isNamed(this.#tree.read(file) ?? "");
      this.#nameTests.set(id, test);
    }
    return test;
  }

  chartBehind(ref: string, everywhere: boolean): string | undefined {
    const [kind = "", name = ""] = ref.split("/");
    const { objects, cluster } = this.#context;
    const wanted = { kind, name, namespace: "" };
    const found =
      resolveSource(wanted, cluster.root.file, objects) ??
      (everywhere ? resolveSource(wanted, cluster.root.file, this.#declared(kind, name)) : undefined);
    const url = found?.data?.spec?.url ?? found?.data?.spec?.chart;
    return typeof url === "string" ? url.replace(/\/+$/, "").slice(url.lastIndexOf("/") + 1) : undefined;
  }

  #declared(kind: string, name: string): KubeObject[] {
    const files = this.#tree.grep(`kind: ${kind}`).filter((file) => this.#tree.read(file)?.includes(name));
    return files.filter((file) => /\.ya?ml$/.test(file)).flatMap((file) => readObjects(this.#tree, file).objects);
  }

  #someFile(wanted: FluxSpec, test: (file: string) => boolean): boolean {
    const { spec, isLocal } = wanted.data;
    if (!isLocal) return false;
    // What the change does not touch is read in the old tree, where the model has walked it already.
    const tree = this.#context.views.tree(sourceOf(spec), this.mayDiffer(wanted) ? this.#side : "before");
    for (const file of readFiles(tree, spec, this.#context.cluster.artifactRoot)) if (test(file)) return true;
    return false;
  }

  #answer(key: string, find: () => boolean): boolean {
    let known = this.#answers.get(key);
    if (known === undefined) {
      known = find();
      this.#answers.set(key, known);
    }
    return known;
  }

  /** Values of ConfigMaps that the change touches; those it does not touch are the same in both trees, known or not. */
  #values(spec: YamlData): Record<string, string> {
    const from: YamlData[] = Array.isArray(spec?.postBuild?.substituteFrom) ? spec.postBuild.substituteFrom : [];
    const values: Record<string, string> = {};
    for (const { kind, name } of from) {
      const data = kind === "ConfigMap" ? this.#changedConfigMaps().get(name) : undefined;
      for (const [key, value] of Object.entries(data ?? {})) values[key] = String(value);
    }
    return values;
  }

  #changedConfigMaps(): Map<string, YamlData> {
    if (this.#configMaps) return this.#configMaps;
    this.#configMaps = new Map();
    for (const file of this.#context.changed) {
      if (!/\.ya?ml$/.test(file) || !this.#tree.read(file)?.includes("ConfigMap")) continue;
      for (const { kind, name, data } of readObjects(this.#tree, file).objects) {
        if (kind === "ConfigMap") this.#configMaps.set(name, data?.data);
      }
    }
    return this.#configMaps;
  }
}

/** What gives objects names that stand nowhere: prefixes, suffixes, and patches and replacements of the name. */
const RENAMES = /namePrefix|nameSuffix|metadata[./]name|allowNameChange/;

/** Whether a file that renames nothing may make an object of this name. Errs towards true. */
function makeNameTest(kind: string, name: string): (text: string) => boolean {
  const word = new RegExp(`(^|[^\\w.-])${name.replace(/[^\w]/g, "\\$&")}($|[^\\w.-])`);
  const generator = kind === "ConfigMap" || kind === "Secret" ? `${kind.toLowerCase()}generator` : undefined;
  const generates = (text: string) =>
    generator !== undefined &&
    text.toLowerCase().includes(generator) &&
    [...text.matchAll(/\bname["']?:\s*["']?([\w.-]+)/g)].some(
      ([, stem]) => name === stem || name.startsWith(`${stem}-`),
    );
  return (text) => (text.includes(kind) && (word.test(text) || text.includes("${"))) || generates(text);
}

function sourceOf(spec: YamlData): string {
  return `${spec?.sourceRef?.kind}/${spec?.sourceRef?.name}`;
}

/**
 * Kinds of Flux are namespaced, and the API server refuses one without a namespace ("namespace not specified") when
 * kustomize-controller tries all objects of a build, before it applies the first (fluxcd/pkg ssa, ApplyAll).
 */
function lacksNamespace({ apiVersion, namespace }: DeliveredObject): boolean {
  return namespace === "" && groupOf(apiVersion).endsWith(".toolkit.fluxcd.io");
}

/** The Flux a cluster runs, as far as its install or its FluxInstance says. */
export function versionOf(cluster: Cluster, instance: InstanceDescription | undefined): FluxVersion | undefined {
  const installed = cluster.install?.version && parseFluxVersion(cluster.install.version.value);
  return installed ?? (instance ? resolveDistribution(instance.spec?.distribution?.version) : undefined);
}
