import { diffFrozen } from "../../admission/immutable.ts";
import { type ObjectKey, splitKey } from "../../admission/key.ts";
import { pluralOf } from "../../admission/plural.ts";
import { chartOf } from "../../change/read-object.ts";
import type { OwnedObject, ReleaseSpec, Risk, RiskKind, Snapshot } from "../../change/types.ts";
import {
  buildOf,
  type Config,
  type Course,
  type FluxHistory,
  isWhollyUnknown,
  mayFollow,
} from "../../change/variants.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { once } from "../../contract/once.ts";
import { compareCharts, type OtherCharts } from "../sources/charts-behind.ts";
import { findUnread } from "../unknown/unread.ts";
import { isFluxCore } from "./danger.ts";
import { makeHandedOn } from "./handed-on.ts";

/**
 * Everything that may be deleted under some order of reconciling, with the first cause found. The owner label is not
 * followed: whoever prunes an object must have delivered it before, and then some order makes it the last applier, unless it
 * waits for the new owner.
 */
export function findRisks(input: Course, { releases }: Pick<OtherCharts, "releases">): Map<ObjectKey, Risk> {
  const search = new Search(input);
  search.run(releases);
  return search.risks;
}

class Search {
  readonly risks = new Map<ObjectKey, Risk>();
  readonly #input: Course;
  readonly #queue: ObjectKey[] = [];
  readonly #isHandedOn: ReturnType<typeof makeHandedOn>;
  #holders: { byName: ReadonlyMap<string, readonly Config[]>; anywhere: readonly Config[] } | undefined;

  constructor(input: Course) {
    this.#input = input;
    this.#isHandedOn = makeHandedOn(input, (key) => this.#forms(key));
  }

  run(renamed: readonly ObjectKey[]): void {
    for (const history of this.#input.histories.values()) if (!history.fixed) this.#pruneStale(history);
    for (const key of renamed) this.#add(key, { how: "reinstall", by: key });
    this.#collectByOperator();
    for (const key of this.#queue) this.#follow(key);
    for (const key of [...this.risks.keys()]) this.#hollowReleases(key);
  }

  #add(key: ObjectKey, risk: Risk): void {
    if (this.risks.has(key)) return;
    this.risks.set(key, risk);
    this.#queue.push(key);
  }

  /**
   * kustomize-controller cannot delete what the operator has adopted: the owner labels are gone (flux-facts 2.1 item
   * 6, 2.4 item 2).
   */
  #addByController(object: OwnedObject, risk: Risk): void {
    const { today, before } = this.#input;
    if (today?.objects.has(object.key) || before.adoptedElsewhere?.has(object.key)) return;
    this.#add(object.key, risk);
  }

  #objects(config: Config): ReadonlyMap<ObjectKey, OwnedObject> | undefined {
    const build = buildOf(this.#input, config);
    return build.ok ? build.objects : undefined;
  }

  /** What is in the inventory after a build; today that may be more than what is built. */
  #held(history: FluxHistory, config: Config): OwnedObject[] {
    const built = this.#objects(config);
    const more = config.stage === 0 ? this.#input.inventory(history) : undefined;
    return [...(built?.values() ?? []), ...[...(more?.values() ?? [])].filter(({ key }) => !built?.has(key))];
  }

  /** What an earlier build applied and a later one does not (flux-facts 2.4 items 1 and 2). */
  #pruneStale(history: FluxHistory): void {
    const unread = findUnread(this.#input, history);
    for (const later of history.configs) {
      if (later.spec.suspend) continue;
      const kept = this.#objects(later);
      if (!kept || isWhollyUnknown(buildOf(this.#input, later))) continue;
      const prunes = (key: ObjectKey) => later.spec.prune && !unread.has(key) && !this.#isSpared(history, key);
      for (const earlier of history.configs.filter((one) => mayPruneAfter(one, later))) {
        for (const object of this.#held(history, earlier)) {
          const now = kept.get(object.key);
          if (now) {
            this.#checkRelease([object, this.#objects(earlier)], [now, kept]);
            this.#checkForce(history, later, object, now);
          } else if (prunes(object.key) && !this.#isHandedOn(history, object.key)) {
            this.#addByController(object, { how: "stale", by: history.key });
          }
        }
      }
    }
  }

  /** Only if every form in which this FluxKustomization applies it says so: the last one applied is on the live object. */
  #isSpared(history: FluxHistory, key: ObjectKey): boolean {
    const forms = history.configs.flatMap((config) => this.#objects(config)?.get(key) ?? []);
    return forms.length > 0 && forms.every(({ spared }) => spared);
  }

  #checkRelease([before, first]: Applied, [now, then]: Applied): void {
    const [old, next] = [before.release, now.release];
    if (!old || !next || next.suspend) return;
    const name = () => [nameChart(old, first, this.#input.before), nameChart(next, then, this.#input.after)] as const;
    // What a source holds that stays the same one is asked of all releases together.
    const isSameRef = old.chartRef !== undefined && old.chartRef === next.chartRef;
    if (old.identity === next.identity && (isSameRef || compareCharts(...name()) !== "other")) return;
    this.#add(now.key, { how: "reinstall", by: now.key });
  }

  /** With `force`, kustomize-controller deletes what the API server refuses to change (flux-facts 2.4 item 4). */
  #checkForce({ key: by }: FluxHistory, { spec }: Config, before: OwnedObject, now: OwnedObject): void {
    if (!(spec.force || now.force || before.force)) return;
    const changes = diffFrozen(now.key, before.frozen, now.frozen, this.#input.settings.immutable);
    if (changes.length === 0) return;
    const fields = changes.map(({ field }) => field);
    const losesClaims = fields.includes("spec.volumeClaimTemplates");
    this.#addByController(now, { how: "force", by, fields, ...(losesClaims ? { losesClaims } : {}) });
  }

  #collectByOperator(): void {
    const { today, later } = this.#input;
    if (!today || !later) return;
    for (const key of today.objects.keys()) {
      if (!later.objects.has(key) && !today.keeps.has(key)) this.#add(key, { how: "operator" });
    }
  }

  #follow(key: ObjectKey): void {
    const { kind, group, name, remote } = splitKey(key);
    const { histories, today, later } = this.#input;
    const risk = this.risks.get(key)!;
    const history = histories.get(key);
    if (history && risk.how !== "uninstall") this.#finalize(history);
    if (group === "helm.toolkit.fluxcd.io" && remote === "") this.#uninstall(key);
    for (const operator of [today, later]) {
      if (!operator?.carriers.includes(key) || !this.#isUninstalled(key)) continue;
      for (const [owned] of operator.objects) {
        if (splitKey(owned).kind !== "Namespace") this.#add(owned, { how: "uninstall", by: key, after: key });
      }
    }
    if (this.#isEmptied(key)) {
      const isIn = ({ object }: Along) => object.kind !== "Namespace";
      this.#takeAlong(key, "namespace", (this.#along().byNamespace.get(`${remote} ${name}`) ?? []).filter(isIn));
    }
    if (kind === "CustomResourceDefinition" && !isFluxCore(key)) this.#dropKind(key);
  }

  /**
   * The finalizer deletes the inventory unless every spec the object may have at that moment says otherwise
   * (flux-facts 2.4 item 3).
   */
  #finalize(history: FluxHistory): void {
    for (const config of history.configs) {
      if (!history.configs.some(({ spec }) => spec.finalizes && spec.remote === config.spec.remote)) continue;
      for (const object of this.#held(history, config)) {
        if (this.#isSpared(history, object.key)) continue;
        this.#addByController(object, { how: "finalizer", by: history.key, after: history.key });
      }
    }
  }

  #forms(key: ObjectKey): OwnedObject[] {
    this.#holders ??= this.#indexHolders();
    const { byName, anywhere } = this.#holders;
    return [...(byName.get(splitKey(key).name) ?? []), ...anywhere].flatMap((config) => {
      return this.#input[config.tree].mayHold(config.spec, key) ? (this.#objects(config)?.get(key) ?? []) : [];
    });
  }

  /** Who may hold an object of some name: asked for each of thousands of releases. */
  #indexHolders(): { byName: Map<string, Config[]>; anywhere: Config[] } {
    const byName = new Map<string, Config[]>();
    const anywhere: Config[] = [];
    for (const config of [...this.#input.histories.values()].flatMap(({ configs }) => configs)) {
      const names = this.#input[config.tree].namesIn(config.spec);
      if (!names) anywhere.push(config);
      for (const name of names ?? []) getOrMake(byName, name, () => []).push(config);
    }
    return { byName, anywhere };
  }

  #isUninstalled(key: ObjectKey): boolean {
    const releases = this.#forms(key).flatMap(({ release }) => release ?? []);
    return releases.length === 0 || releases.some(({ suspend }) => !suspend);
  }

  /** Helm removes what a release holds whatever its labels say; a suspended release is left alone (trap 62). */
  #uninstall(key: ObjectKey): void {
    for (const { release } of this.#forms(key)) {
      if (!release || release.suspend) continue;
      for (const held of release.holds) this.#add(held, { how: "helm", by: key, after: key });
    }
  }

  /** Losing the namespace of Flux is losing Flux, after which nothing can be promised anyway. */
  #isEmptied(key: ObjectKey): boolean {
    const { kind, group, name, remote } = splitKey(key);
    if (kind !== "Namespace" || group !== "") return false;
    return remote !== "" || !this.risks.has(`apps|Deployment|${name}|kustomize-controller`);
  }

  #dropKind(key: ObjectKey): void {
    const { name, remote } = splitKey(key);
    const defined = new Set(this.#forms(key).flatMap(({ defines }) => defines ?? []));
    const { byKind, byPlural } = this.#along();
    // What the operator generates is known by name only.
    const found = new Set(byPlural.get(`${remote} ${name}`));
    for (const kind of defined) for (const one of byKind.get(`${remote} ${kind}`) ?? []) found.add(one);
    this.#takeAlong(
      key,
      "crd",
      [...found].sort((one, other) => one.order - other.order),
    );
  }

  /** A release that installs into a namespace that goes loses what it installed, though the HelmRelease may stay. */
  #hollowReleases(key: ObjectKey): void {
    const { name, remote } = splitKey(key);
    if (this.#isEmptied(key)) this.#takeAlong(key, "hollow", this.#along().byTarget.get(`${remote} ${name}`) ?? []);
  }

  /** Adds what goes with another object of the same cluster. */
  #takeAlong(key: ObjectKey, how: RiskKind, all: readonly Along[]): void {
    for (const { object } of all) this.#add(object.key, { how, by: key, after: key });
  }

  /** All objects by what they may go with: asked for each of thousands of namespaces and definitions. */
  readonly #along = once(() => {
    const { histories, today, later } = this.#input;
    const configs = [...histories.values()].flatMap((history) => history.configs);
    const sets = [...configs.map((config) => this.#objects(config)), today?.objects, later?.objects];
    const all = sets
      .flatMap((objects) => [...(objects?.values() ?? [])])
      .map((object, order): Along => ({ object, order, ...splitKey(object.key) }));
    const by = (keyOf: (one: Along) => string) => groupBy(all, keyOf);
    const releases = all.filter(({ object }) => object.release);
    return {
      byNamespace: by(({ remote, object }) => `${remote} ${object.namespace}`),
      byKind: by(({ remote, group, kind }) => `${remote} ${group}|${kind}`),
      byPlural: by(({ remote, group, kind }) => `${remote} ${pluralOf(kind)}.${group}`),
      byTarget: groupBy<Along>(releases, ({ remote, object }) => `${remote} ${object.release?.target}`),
    };
  });
}

/** An object that may go with another one, in the order in which they are looked at. */
interface Along {
  object: OwnedObject;
  order: number;
  remote: string;
  group: string;
  kind: string;
}

/** An object, and what is applied with it. */
type Applied = readonly [OwnedObject, ReadonlyMap<ObjectKey, OwnedObject> | undefined];

/** The chart of a release; of a source that is applied with it as patches and variables leave that. */
function nameChart({ chart, chartRef }: ReleaseSpec, beside: Applied[1], world: Snapshot): string | undefined {
  if (chart !== undefined || chartRef === undefined) return chart;
  const source = beside?.get(chartRef);
  return source ? chartOf(source.body) : world.chartBehind?.(chartRef);
}

/** Whether one build may have to prune what another applied. The inventory knows no clusters: what it applied to another one stays there. */
function mayPruneAfter(earlier: Config, later: Config): boolean {
  if (!mayFollow(later, earlier) || (earlier.stage > 0 && earlier.spec.suspend)) return false;
  return later.spec.remote === earlier.spec.remote;
}
