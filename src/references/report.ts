import { groupKindOf, type ObjectKey, ownerName, printKey, splitKey } from "../admission/key.ts";
import { POD_SPECS } from "../admission/pods.ts";
import type { OpenPoint, TreeChange } from "../change/types.ts";
import type { Held, World } from "../change/world.ts";
import { formatLoc, type Loc } from "../contract/errors.ts";
import type { SaidFinding } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { withOthers } from "../contract/list-some.ts";
import { locateField } from "../delivery/locations.ts";
import type { BrokenReference, ReferenceAnswer } from "./broken.ts";

/** From so many on that lose the same, they are one finding. */
const MANY = 6;
const SHOWN = 4;

export interface ReportInput {
  change: TreeChange;
  after: World;
  /** Where a finding stands that has no place of its own. */
  fallback: Loc;
}

/** Where an object says something; what lies in no file of this repository, at what applies it. */
export function locateIn(
  { change, after, fallback }: ReportInput,
  { object, by }: Held,
  path: readonly (string | number)[],
): Loc {
  const holder = object.at || !by ? undefined : after.objects.get(by.key)?.object;
  const { at, doc = 0 } = holder ?? object;
  return at ? locateField(change.after, { file: at.file, doc }, holder ? ["spec"] : path) : fallback;
}

/** One finding a target and field; from six users on they share one. */
export function reportBroken(input: ReportInput, broken: readonly BrokenReference[]): SaidFinding[] {
  const groups = groupBy(broken, (one) => `${one.isGone} ${one.optional ?? false} ${one.target} ${one.field}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group as [BrokenReference];
    const { rule, what: named, why, next } = first.isGone ? sayGone(first) : sayMissing(first);
    const place = ({ from, path }: BrokenReference, resource: string) =>
      ({ rule, level: first.level ?? "blocker", resource, at: locateIn(input, from, path) }) as const;
    if (group.length < MANY) {
      return group.map((one): SaidFinding => {
        const resource = printKey(one.from.object.key);
        const what = `${resource} names ${named}: ${effectOn(one)}.`;
        return { ...place(one, resource), what, why: `${why} ${sayWay(input.after, one.from)}`.trim(), next };
      });
    }
    const places = group
      .slice(0, SHOWN)
      .map((one) => `${printKey(one.from.object.key)} (${formatLoc(locateIn(input, one.from, one.path))})`);
    const who = `They are ${places.join(", ")} and ${group.length - SHOWN} more.`;
    const what = `${group.length} objects name ${named}: ${effectOn(first, true)}. ${who}`;
    const users = withOthers([...new Set(group.map(({ from }) => printKey(from.object.key)))]);
    return { ...place(first, printTarget(first)), ...users, what, why, next };
  });
}

/** `Kind/name`, as references say it. */
function printTarget({ target }: BrokenReference): string {
  const { kind, name } = splitKey(target);
  return name === "" ? `a ${kind} without a name` : `${kind}/${name}`;
}

const CHART_SOURCE = "spec.chart.spec.sourceRef";
const HASHED =
  "kustomize puts a hash at the end of the generated name, and writes it only into references that it knows.";
const TAKE_OUT =
  "Take that reference out in the same change, or point it at what takes the place of it; or keep what it names.";
const NO_HASH = "Set disableNameSuffixHash for it, or add a nameReference for this field to the configurations.";

function sayGone(one: BrokenReference) {
  if (one.lapses)
    return {
      rule: "reference-breaks" as const,
      what: `${printTarget(one)} in ${one.field}, which no Certificate makes any more after this change`,
      why: "cert-manager leaves the Secret as it is, and renews it no more.",
      next: "Point it at the new name in the same change, or keep the name in the Certificate.",
    };
  return {
    rule: one.optional ? ("setting-lost" as const) : ("reference-breaks" as const),
    what: `${printTarget(one)} in ${one.field}, which this change removes`,
    why: one.hashed ? HASHED : "It resolves today, and nothing of that name is left afterwards.",
    next: one.hashed ? NO_HASH : TAKE_OUT,
  };
}

function sayMissing(one: BrokenReference) {
  const { namespace } = splitKey(one.target);
  const place = namespace === "" ? "" : ` in namespace ${namespace}`;
  return {
    rule: "reference-missing" as const,
    what: `${printTarget(one)} in ${one.field}, and nothing makes that${place}`,
    why: one.hashed
      ? HASHED
      : one.near
        ? `There is ${one.near}, which differs by ${one.near.includes(" ") ? "its kind" : one.near.includes("/") ? "its namespace" : "a letter"}.`
        : splitKey(one.target).name === ""
          ? "The name is there, and has nothing in it."
          : "Nothing in this repository makes it, before or after, and nothing relied on it before.",
    next: one.hashed
      ? NO_HASH
      : one.near
        ? `Write ${one.near} if that is meant, or add ${printTarget(one)}.`
        : "Correct the name, the kind or the namespace, or add what it names in the same change.",
  };
}

function effectOn(one: BrokenReference, isMany = false): string {
  const { from, field, optional, isGone, lapses } = one;
  const { group, kind } = splitKey(from.object.key);
  const [it, its] = isMany ? ["them", "their"] : ["it", "its"];
  const say = (single: string, many: string) => (isMany ? many : single);
  if (lapses) return `${say("it goes", "they go")} on with the certificate that is there until that runs out`;
  if (optional) return `${say("it goes", "they go")} on without what stands in there`;
  // What it is filled in from, where a template makes it.
  if (field.includes("annotations.fluxcd.controlplane.io/"))
    return `the operator applies nothing more of ${say("its ResourceSet", "their ResourceSets")}`;
  if (field.includes("healthChecks"))
    return say("it never becomes ready, and what depends on it is not applied any more", "they never become ready");
  if (field.includes("dependsOn"))
    return `${say("it waits", "they wait")} for that for ever, and Flux does not apply ${it} any more`;
  // Its HelmChart keeps the chart that it has (flux-facts 6.2).
  if (isGone && field === CHART_SOURCE)
    return `${say("it gets", "they get")} no other version of ${its} chart, and once source-controller has lost the one it keeps Flux does not apply ${it} any more`;
  if (/storageClass(?:Name)?$/.test(field)) return `no volume is made for ${it} any more`;
  if (field === "spec.serviceName") return `nothing finds ${its} pods by their own names any more`;
  if (Object.hasOwn(POD_SPECS, groupKindOf(from.object.key))) return `${its} pods do not start any more`;
  return effectOnKind(group, kind, field, say);
}

/** The same by the kind of what names it. */
function effectOnKind(group: string, kind: string, field: string, say: (single: string, many: string) => string) {
  const it = say("it", "them");
  if (kind === "Receiver" && field.startsWith("spec.resources"))
    return say(
      "its webhook wakes nothing by that name, and answers with an error",
      "their webhooks answer with an error",
    );
  if (kind === "Alert" && field.startsWith("spec.eventSources"))
    return say("it says nothing of that any more", "they say nothing of that any more");
  // The release itself is applied as before.
  if (kind === "HelmRelease" && field.startsWith("spec.values."))
    return `what ${say("its chart makes", "their charts make")} with that does not work any more`;
  if (group === "source.toolkit.fluxcd.io") return `Flux does not fetch ${it} any more`;
  if (APPLIED.test(group)) return `Flux does not apply ${it} any more`;
  return say("it does not work any more", "they do not work any more");
}

/** Kinds that stand for what they apply; of the others the API server has all the same. */
const APPLIED = /^(?:kustomize|helm)\.toolkit\.fluxcd\.io$|^fluxcd\.controlplane\.io$/;

/** References that nobody can settle from here. */
export function openReferences(input: ReportInput, unproven: ReferenceAnswer["unproven"]): OpenPoint[] {
  return unproven.map((one) => ({
    resource: printKey(one.from.object.key),
    what: `names ${printTarget(one)} in ${one.field}, which nothing in this repository makes and nothing relied on before; ${one.because}`,
    look: one.look,
    anywhere: true,
    at: locateIn(input, one.from, one.path),
  }));
}

/** How an object reaches the cluster, from the root down. */
function sayWay(world: World, { by }: Held): string {
  const way: string[] = [];
  const seen = new Set<ObjectKey>();
  for (let holder = by; holder && !seen.has(holder.key); holder = world.objects.get(holder.key)?.by) {
    seen.add(holder.key);
    way.unshift(ownerName(holder.key));
  }
  return way.length > 1 ? `It is applied through ${way.join(", ")}.` : "";
}
