import { type ObjectKey, OPERATOR, ownerName, printKey, splitKey } from "../admission/key.ts";
import type { Comparison, JoinedObject } from "../change/comparison.ts";
import { type Given, goes, makeEarly } from "../change/given.ts";
import { withoutOrphans } from "../change/orphans.ts";
import { DEFAULTS, type Settings } from "../change/settings.ts";
import type {
  FailedBuild,
  OpenPoint,
  Outcome,
  OwnedObject,
  RefusedObject,
  Risk,
  Snapshot,
  StuckField,
} from "../change/types.ts";
import {
  buildOf,
  buildsAt,
  buildsAtRest,
  type Config,
  type Course,
  collectHistories,
  type FluxHistory,
} from "../change/variants.ts";
import { World } from "../change/world.ts";
import { given } from "../contract/given.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import type { RenderChart } from "../files/helm.ts";
import type { FluxVersion } from "../release/releases.ts";
import { findAdrift } from "./fate/adrift.ts";
import { isFluxCore, judgeLoss } from "./fate/danger.ts";
import { type Ending, findNeeds, findRefused, findStuck, findUnprotected, specsOf } from "./fate/endings.ts";
import { fateOf } from "./fate/fate-of.ts";
import { type Inventories, readInventory } from "./fate/inventory.ts";
import { sayReason, traceRisk } from "./fate/reasons.ts";
import { findRisks } from "./fate/risks.ts";
import { findSecondOwners, isWorthALook } from "./fate/second-owners.ts";
import { findStranded } from "./fate/stranded.ts";
import { listDoubtfulFields } from "./refused/stuck-fields.ts";
import { findOtherCharts, type OtherCharts } from "./sources/charts-behind.ts";
import { isOtherChart } from "./sources/foreign-charts.ts";
import { findDoubtful } from "./unknown/doubtful.ts";
import { findGaps } from "./unknown/gaps.ts";
import { listHiddenEffects, listOwned } from "./unknown/hidden-effects.ts";
import { mayHoldAny } from "./unknown/name-index.ts";
import { findOpenPoints } from "./unknown/open-points.ts";
import { findUnread } from "./unknown/unread.ts";
import { settleRenewed } from "./values/renewed.ts";

export interface CompareOptions {
  /** Whether the operator has reconciled the FluxInstance before the change is merged: labels stripped, objects its own. */
  adopted: boolean;
  /** The operator makes nothing of its FluxInstance after the change either. */
  isIdle?: boolean;
  /** Somebody has looked in the cluster whether the objects are its own. */
  isAdoptionSeen?: boolean;
  /** What was measured in the cluster; without it a FluxKustomization holds what it builds from the tree before. */
  inventories?: Inventories | undefined;
  /** The change is one that fluxlift makes: its runbook says which Secrets are to be made by hand first. */
  planned?: true;
  /** The Flux that was measured to run. */
  version?: FluxVersion | undefined;
  /** The Flux that runs in the end, where the files say it. */
  flux?: FluxVersion | undefined;
  settings?: Settings | undefined;
  /** Renders charts that lie in the repository. */
  render?: RenderChart | undefined;
}

/**
 * What happens to every object that a change touches, whatever the order in which controllers reconcile. Objects that only
 * unchanged FluxKustomizations deliver are left out unless something else threatens them.
 */
export function compareSnapshots(
  before: Snapshot,
  after: Snapshot,
  { adopted, isIdle, flux, settings = DEFAULTS, inventories }: CompareOptions,
): Comparison & { given: Given } {
  const today = adopted ? (before.operator ?? after.operator) : undefined;
  // An instance that leaves Git stays in the cluster unless what carries it is deleted, which the risks look at.
  const worlds = { before, after, today, later: isIdle ? undefined : (after.operator ?? today) };
  const inventory: Course["inventory"] = (history) => readInventory(inventories, history);
  const written = { ...worlds, settings, histories: collectHistories(worlds), inventory };
  const charts = findOtherCharts(written);
  const risks = findRisks(written, charts);
  const course = { ...written, histories: withoutOrphans(written.histories, risks) };
  const world = (side: "before" | "after") => new World({ course, risks }, side);
  const given = { before: world("before"), after: world("after"), risks, isEarly: makeEarly(course), flux };
  return { ...new Sorting({ ...course, given, risks, charts }).run(), given };
}

interface SortingInput extends Course {
  risks: ReadonlyMap<ObjectKey, Risk>;
  charts: OtherCharts;
  given: Given;
}

interface Ownership {
  object: OwnedObject;
  /** As it is applied today. */
  old?: OwnedObject;
  /** The same of an owner that does not change itself. */
  other?: OwnedObject;
  /** By owner, each as it applies it. */
  before: Map<ObjectKey, OwnedObject | undefined>;
  after: Set<ObjectKey>;
}

class Sorting {
  readonly #input: SortingInput;
  readonly #owners = new Map<ObjectKey, Ownership>();
  readonly #open: OpenPoint[] = [];
  readonly #stuck: StuckField[] = [];
  readonly #refusals: RefusedObject[] = [];
  readonly #joined: JoinedObject[] = [];
  readonly #unprotected: Comparison["unprotected"] = [];
  readonly #charts: Comparison["charts"] = [];
  readonly #endings: Ending[] = [];
  /** What suspended FluxKustomizations are to apply, by the name of one. */
  readonly #paused = new Map<ObjectKey, string>();
  #documents: ReadonlyMap<string, OwnedObject> | undefined;
  readonly #broken = new Map<string, Comparison["broken"][number]>();

  constructor(input: SortingInput) {
    this.#input = input;
  }

  run(): Comparison {
    const { histories, risks, today, later } = this.#input;
    for (const history of histories.values()) if (!history.fixed) this.#collect(history);
    for (const set of [today, later]) for (const object of set?.objects.values() ?? []) this.#record(object);
    this.#collectOthers();
    this.#collectHeld();
    for (const ending of this.#endings) this.#compareEnding(ending);
    const fluxAtRisk = [...risks.keys()].some(isFluxCore);
    const outcomes = [...this.#owners.values()].map((ownership) => this.#judge(ownership, fluxAtRisk));
    this.#strand(outcomes);
    settleRenewed(outcomes, this.#input.given);
    const doubtful = findDoubtful(outcomes, (key) => this.#owners.get(key)?.old, this.#input);
    outcomes.sort((a, b) => b.danger - a.danger || (a.key < b.key ? -1 : 1));
    const touched = this.#listTouched();
    const open = findOpenPoints(this.#input);
    const lost = outcomes.filter(({ fate }) => fate === "deleted" || fate === "recreated");
    return {
      outcomes,
      open: [...open, ...this.#input.charts.open, ...this.#open, ...doubtful, ...listDoubtfulFields(this.#stuck)],
      gaps: findGaps(this.#input, open, new Set(lost.map(({ name }) => name))),
      broken: [...this.#broken.values()],
      adrift: findAdrift(this.#input, risks),
      stuck: this.#stuck,
      refusals: this.#refusals,
      joined: this.#joined,
      charts: this.#charts,
      unprotected: this.#unprotected,
      touched,
      shared: findSecondOwners(outcomes, this.#input),
      respecced: touched.filter(({ before, after }) => after.some(({ id }) => !before.some((old) => old.id === id))),
    };
  }

  /** What nothing could apply again is deleted, though the tree still delivers it. */
  #strand(outcomes: Outcome[]): void {
    const { histories, risks, given, settings } = this.#input;
    const isGone = (source: string) =>
      source !== "" && goes(given, `source.toolkit.fluxcd.io|${source.replaceAll("/", "|")}`);
    const starved = [...histories.values()].filter(({ configs }) => {
      const last = configs.filter(({ stage }) => stage === 2);
      return last.length > 0 && last.every(({ spec }) => isGone(spec.source));
    });
    const definedBy = (key: ObjectKey) => {
      const risk = risks.get(key);
      return risk?.how === "crd" ? risk.by : undefined;
    };
    const stranded = findStranded(outcomes, definedBy, new Set(starved.map(({ key }) => ownerName(key))));
    for (const outcome of outcomes) {
      if (!stranded.has(outcome.key) || risks.get(outcome.key)?.how === "hollow") continue;
      outcome.fate = "deleted";
      outcome.reason = sayReason(outcome, false, settings.dataOf);
    }
  }

  #record(object: OwnedObject): Ownership {
    return getOrMake(this.#owners, object.key, () => ({ object, before: new Map(), after: new Set() }));
  }

  #collect(history: FluxHistory): void {
    const { key } = history;
    for (const one of this.#input.inventory(history)?.values() ?? []) this.#record(one).before.set(key, undefined);
    for (const config of history.configs) {
      const build = buildOf(this.#input, config);
      if (!build.ok) this.#noteBroken(history, config, build);
      else if (config.stage === 0) {
        for (const object of build.objects.values()) {
          const known = this.#record(object);
          known.before.set(history.key, object);
          known.old ??= object;
        }
      }
    }
    if (!this.#stays(history)) return;
    for (const object of findUnread(this.#input, history).values()) this.#record(object).after.add(history.key);
    const { before, after } = specsOf(history);
    for (const spec of after) {
      for (const build of buildsAtRest(this.#input, history.key, spec, before)) {
        for (const object of build.ok ? build.objects.values() : []) {
          this.#record(object).after.add(history.key);
          this.#endings.push({ history, spec, object });
        }
      }
      const wished = spec.suspend ? this.#input.after.build(spec) : undefined;
      if (wished?.ok) for (const key of wished.objects.keys()) this.#paused.set(key, ownerName(history.key));
    }
  }

  /** An object that exists and stays, as it is today and in the end. */
  #compareEnding({ history, spec, object }: Ending): void {
    const known = this.#owners.get(object.key);
    if (!known) return;
    if (!known.before.has(history.key)) {
      const configs = [...known.before.keys()].flatMap((owner) => this.#input.histories.get(owner)?.configs ?? []);
      this.#joined.push(...findNeeds({ history, spec, object }, configs));
    }
    const own = known.before.get(history.key) ?? known.old;
    const was = own ?? known.other ?? this.#ofDocument(object);
    this.#refusals.push(...findRefused({ history, spec, object }, was, this.#input.given.flux, this.#input.before));
    this.#open.push(...listOwned(own ?? known.other, object));
    if (known.before.size === 0) return;
    const old = own ?? known.object;
    this.#unprotected.push(...findUnprotected({ history, spec, object }, old));
    // What the values of the instance's own release say is read as a FluxInstance.
    const isRead = this.#input.today?.carriers.includes(object.key) === true;
    if (isOtherChart(old, object, isRead)) this.#charts.push({ key: object.key, at: object.at, doc: object.doc });
    this.#open.push(...listHiddenEffects(old, object, known.before.has(history.key)));
    const { risks, today: adopted, settings } = this.#input;
    if (risks.has(object.key) || adopted?.objects.has(object.key)) return;
    this.#stuck.push(...findStuck({ history, spec, object }, old, settings));
  }

  /** What the same document is applied as today, under another name or in another namespace. */
  #ofDocument(object: OwnedObject): OwnedObject | undefined {
    const place = ({ kind, at, doc }: OwnedObject) => JSON.stringify([kind, at?.file, doc]);
    this.#documents ??= new Map([...this.#owners.values()].flatMap(({ old }) => (old?.at ? [[place(old), old]] : [])));
    return this.#documents.get(place(object));
  }

  /** A new FluxKustomization that fails is broken by the change as well. */
  #noteBroken(history: FluxHistory, { tree, stage, spec }: Config, build: FailedBuild): void {
    if (tree === "before" || stage < 2 || !history.delivered || build.unread) return;
    if (history.existed && !buildsAt(this.#input, history, 0).some(({ ok }) => ok)) return;
    const name = ownerName(history.key);
    const { key, existed } = history;
    const { at, sourceless, reason } = build;
    const known = this.#broken.get(name);
    const idle = spec.suspend && (!known || known.idle) ? true : undefined;
    this.#broken.set(name, { key, name, reason, isNew: !existed, ...given({ at, sourceless, idle }) });
  }

  #listTouched(): Comparison["touched"] {
    const stays = [...this.#input.histories.values()].filter((one) => one.existed && one.delivered && !one.fixed);
    return stays.map((history) => ({ key: history.key, name: ownerName(history.key), ...specsOf(history) }));
  }

  /** One that nothing delivers any more goes on reconciling unless it is deleted. */
  #stays({ key, delivered }: FluxHistory): boolean {
    return delivered || !this.#input.risks.has(key);
  }

  /** Who else delivers what is looked at: FluxKustomizations that do not change are built only where something may go. */
  #collectOthers(): void {
    const { histories, risks, before } = this.#input;
    const others = [...histories.values()].filter(({ fixed }) => fixed);
    // What one that goes applies is handed over, or left behind.
    for (const history of others.filter((one) => !this.#stays(one))) this.#collectBuilt(history, () => true);
    // Another one may go on applying what comes, or what loses its owner.
    const isOpen = ({ object, before, after }: Ownership) =>
      after.size === 0 || (before.size === 0 && isWorthALook(object));
    const orphans = [...this.#owners.values()].filter(isOpen).map(({ object }) => object.key);
    const watched = groupBy(new Set([...risks.keys(), ...orphans]), (key) => splitKey(key).name);
    for (const history of others) {
      const { spec } = history.configs[0]!;
      for (const object of this.#input.inventory(history)?.values() ?? []) {
        if (risks.has(object.key)) this.#record(object).before.set(history.key, undefined);
      }
      if (!before.isBuilt(spec) && !mayHoldAny(before, spec, watched)) continue;
      this.#collectBuilt(history, (key) => risks.has(key) || this.#owners.has(key));
    }
  }

  /** Flux itself is in no folder where a release of the flux2 chart holds it, and goes with that release. */
  #collectHeld(): void {
    for (const [key, { how, by }] of this.#input.risks) {
      if (how !== "helm" || by === undefined || !isFluxCore(key) || this.#owners.has(key)) continue;
      const { kind, namespace, name } = splitKey(key);
      this.#record({ key, kind, namespace, name, spared: false }).before.set(by, undefined);
    }
  }

  #collectBuilt(history: FluxHistory, isMeant: (key: ObjectKey) => boolean): void {
    const build = this.#input.before.build(history.configs[0]!.spec);
    for (const object of build.ok ? build.objects.values() : []) {
      if (!isMeant(object.key)) continue;
      const known = this.#record(object);
      known.before.set(history.key, object);
      known.other ??= object;
      if (this.#stays(history)) known.after.add(history.key);
    }
  }

  #judge({ object, before, after }: Ownership, fluxAtRisk: boolean): Outcome {
    const { risks, today, later, settings } = this.#input;
    const { dataOf } = settings;
    const { key, kind, namespace, name, at, doc, made } = object;
    const risk = risks.get(key);
    const isOwnedToday = today?.objects.has(key) ?? false;
    const isOwnedLater = (later?.objects.has(key) || this.#input.before.adoptedElsewhere?.has(key)) ?? false;
    const owners = { before, after, isOwnedToday, isOwnedLater };
    const fate = fateOf({ key, ...owners, isAtRisk: risk !== undefined, isFluxAtRisk: fluxAtRisk });
    const lost = fate === "deleted" || fate === "recreated";
    const isAlone = lost && this.#isAlone(object);
    const paused = this.#paused.get(key);
    const outcome: Omit<Outcome, "reason"> = {
      ...{ key, kind, namespace, name, at, doc, fate },
      ...(made ? { made } : {}),
      before: [...[...before.keys()].map(ownerName), ...(isOwnedToday ? [OPERATOR] : [])],
      after: [...[...after].map(ownerName), ...(isOwnedLater ? [OPERATOR] : [])],
      ...(lost ? traceRisk(risks, key) : { chain: [], causes: [], leads: [] }),
      ...(lost && risk?.losesClaims ? { losesClaims: true as const } : {}),
      ...(lost && paused !== undefined ? { paused } : {}),
      danger: isAlone ? 1 : lost ? judgeLoss(key, dataOf).rank : 0,
    };
    if (risk?.how !== "hollow" || !lost) return { ...outcome, reason: sayReason(outcome, isAlone, dataOf) };
    return { ...outcome, reason: `Flux may delete what ${printKey(key)} installed: ${outcome.chain.at(-1)}.` };
  }

  /** A suspended release is left alone, and of some FluxKustomizations nothing in the inventory can be deleted. */
  #isAlone({ key, release, flux }: OwnedObject): boolean {
    const { histories, risks } = this.#input;
    if (flux?.own && !release) return flux.suspend;
    if (release) return release.suspend && !["reinstall", "hollow"].includes(String(risks.get(key)?.how));
    const history = flux ? histories.get(key) : undefined;
    if (!history) return false;
    const listed = [...(this.#input.inventory(history)?.keys() ?? [])];
    return history.configs.every((config) => {
      const build = buildOf(this.#input, config);
      if (!config.spec.finalizes || !build.ok) return !config.spec.finalizes;
      // Something else may take along first what its finalizer deletes.
      return build.unknown.length === 0 && ![...listed, ...build.objects.keys()].some((one) => risks.has(one));
    });
  }
}
