import { diffFrozen, makeImmutableRows, readFrozen } from "../../admission/immutable.ts";
import { printKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { isQuantity, parseQuantity } from "../../admission/quantity.ts";
import { findRefusals, sayPath } from "../../admission/refused.ts";
import { LOOK_AT_CONTROLLER, listNewSpoilt } from "../../change/spoilt-install.ts";
import type { Harm, OpenPoint, OperatorSet } from "../../change/types.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { notIn } from "../../contract/not-in.ts";
import { bodyOf, itemsOf, sortKeys, type YamlData } from "../../contract/objects.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import {
  findRefusedPods,
  findRefusedUrl,
  findRefusedValues,
  type InstanceSets,
  type Said,
  UNKNOWN_FIELD,
} from "./refused-parts.ts";
import { isPaused } from "./standstill.ts";

/** What a change of the FluxInstance, or of the release that holds it, does to Flux beside what it generates. */
export interface InstanceChanges {
  harms: Harm[];
  open: OpenPoint[];
}

interface Input extends InstanceSets {
  old: InstanceDescription;
  after: Tree;
}

const TAKEN_BACK = "Take the edit back, or make it when nothing hangs on Flux.";

/** Compares one FluxInstance before and after a change. What is the same on both sides draws no word. */
export function findInstanceChanges(input: Input): InstanceChanges {
  const { object, form } = input.now;
  const isChart = form === "chart";
  const harms = [
    findPause(input),
    findIdlePatches(input),
    findRefusedPods(input),
    findRefusedUrl(input),
    findFrozen(input),
    findSpoilt(input),
    findStorage(input),
    findMarks(input),
    isChart ? findUninstall(input) : [],
    isChart ? findRefusedValues(input) : [],
  ];
  const values = isChart ? findUnknownValues(input) : [];
  harms.push(
    values.filter(({ isSlip }) => isSlip).map(({ path, what }) => ({ path, what, why: DROPS, next: CORRECT })),
  );
  const open = [
    ...findDoubtful(input),
    ...findPerhapsIdle(input),
    ...findResume(input),
    ...values.flatMap(({ path, says, isSlip }) => (isSlip ? [] : { path, what: says, look: LOOK_AT_CHART })),
    ...(isChart ? findHidden(input) : []),
  ];
  const { after } = input;
  return {
    harms: harms.flat().map(({ path, ...said }) => ({ ...pointAt(after, object, path), ...said })),
    open: open.map(({ path, ...said }) => ({ ...pointAt(after, object, path), ...said, decides: true })),
  };
}

type Open = Pick<OpenPoint, "what" | "look"> & { path: readonly string[] };

/** What was edited while the operator left it alone takes effect with this. */
function findResume({ old, now }: Input): Open[] {
  if (!isPaused(old) || isPaused(now)) return [];
  const what =
    "is disabled today and is looked after again: what changed in it meanwhile takes effect, and that cannot be seen here";
  const look = "compare what flux-operator build instance gives with what flux-operator tree instance flux shows";
  return [{ path: ["metadata"], what, look }];
}

/** The operator leaves a disabled instance alone, and its finalizer deletes nothing (flux-facts 1.1, 2.2). */
function findPause({ old, now }: Input): Said | [] {
  if (isPaused(old) || !isPaused(now)) return [];
  return {
    path: ["metadata", "annotations"],
    what: "The operator stops looking after Flux: the FluxInstance is annotated with fluxcd.controlplane.io/reconcile: disabled.",
    why: "Later changes of the FluxInstance have no effect, and nobody repairs the controllers.",
    next: "Leave the annotation out, unless a person works on that cluster right now.",
  };
}

/**
 * Patches whose target is edited so that it selects nothing any more; the operator leaves such a patch out. Where the patch
 * itself is edited with it, as by a name that stands in both, it takes the place of one for the same kind that is gone.
 */
function findIdlePatches(input: Input): Said[] {
  if (input.sets[1]?.isGuessed) return [];
  return listIdle(input).map((target) => ({
    path: ["spec"],
    what: `The operator applies a patch of the FluxInstance no more: its target becomes ${target}, which selects nothing, and such a patch is left out without a word.`,
    why: "With the target of before it applies today.",
    next: "Correct the target, or take the patch out if nobody wants it any more.",
  }));
}

/** The same where no known release of Flux is the one that runs: a later one may hold what is selected. */
function findPerhapsIdle(input: Input): Open[] {
  if (!input.sets[1]?.isGuessed) return [];
  return listIdle(input).map((target) => ({
    path: ["spec"],
    what: `has a patch whose target becomes ${target}, which selects nothing of any Flux that fluxlift knows: the operator leaves such a patch out without a word`,
    look: "look with flux-operator build instance whether the Flux that is installed holds it",
  }));
}

function listIdle({ old, now, sets: [was, is] }: Input): string[] {
  const read = ({ spec }: InstanceDescription, set: OperatorSet | undefined) => {
    const idle = new Set(set?.idle);
    return itemsOf(spec.kustomize?.patches).map((one: YamlData) => {
      const target = JSON.stringify(sortKeys(one?.target ?? null));
      return { patch: one?.patch, kind: one?.target?.kind, target, isIdle: idle.has(target) };
    });
  };
  type Patch = ReturnType<typeof read>[number];
  const firstBy = (list: readonly Patch[], field: "patch" | "kind") =>
    new Map(list.toReversed().map((one) => [one[field], one]));
  const [before, after] = [read(old, was), read(now, is)];
  const targets = new Set(after.map(({ target }) => target));
  const [ofPatch, isLeft] = [firstBy(before, "patch"), firstBy(after, "patch")];
  const gone = firstBy(
    before.filter(({ patch, target }) => !isLeft.has(patch) && !targets.has(target)),
    "kind",
  );
  const idle = after.filter(({ patch, kind, target, isIdle }) => {
    const same = isIdle ? (ofPatch.get(patch) ?? gone.get(kind)) : undefined;
    return same !== undefined && same.target !== target && !same.isIdle;
  });
  return idle.map(({ target }) => target);
}

/** What is made of these is known in full. */
const PATCHED = ["Deployment", "ClusterRoleBinding"];

/** Patches that change what the API server lets nobody change; the operator makes nothing anew (flux-facts 2.1 item 8). */
function findFrozen({ sets: [was, is] }: Input): Said[] {
  const rows = makeImmutableRows();
  return [...(is?.objects ?? [])].flatMap(([key, { body, kind }]): Said | [] => {
    const old = was?.objects.get(key)?.body;
    if (!PATCHED.includes(kind) || !old || !body) return [];
    const [change] = diffFrozen(key, readFrozen(key, old, rows), readFrozen(key, body, rows), rows);
    if (!change?.sure) return [];
    return {
      path: ["spec"],
      what: `The API server refuses the change of ${change.field} that a patch of the FluxInstance makes to ${printKey(key)}. The operator then changes nothing more in Flux.`,
      why:
        change.why ??
        "The field cannot be changed once the object exists, and the operator deletes nothing to make it anew.",
      next: `Take the patch back; or delete ${printKey(key)} by hand at the merge, which the operator then makes anew.`,
    };
  });
}

/** Patches by which parts of Flux do not fit together any more. */
function findSpoilt({ sets: [was, is] }: Input): Said | [] {
  const first = listNewSpoilt(was?.spoilt, is?.spoilt).find(({ isOpen }) => !isOpen);
  if (first === undefined) return [];
  return {
    path: ["spec"],
    what: `A patch of the FluxInstance spoils Flux: ${first.says}.`,
    why: "The API server takes what the patch makes, so the operator applies it. Where Flux gets no sources then, no commit can undo that.",
    next: "Correct that patch.",
  };
}

/** Those that a controller may work with all the same. */
function findDoubtful({ sets: [was, is] }: Input): Open[] {
  return listNewSpoilt(was?.spoilt, is?.spoilt)
    .filter(({ isOpen }) => isOpen)
    .map(({ says }) => ({
      path: ["spec"],
      what: `has a patch that may spoil Flux: ${says}`,
      look: LOOK_AT_CONTROLLER,
    }));
}

/** The claim of source-controller cannot be changed, and the operator makes nothing anew (flux-facts 2.1 item 8). */
function findStorage({ old, now }: Input): Said | [] {
  const [was, is] = [old, now].map(({ spec }) => spec.storage);
  // The chart then leaves it out.
  const size: unknown = now.form === "chart" && is?.size === "" ? undefined : is?.size;
  if (typeof size === "string" && size !== was?.size && !isOpenText(size) && !isQuantity(size))
    return {
      path: ["spec", "storage"],
      what: `The API server refuses the claim source-controller: spec.storage.size is ${JSON.stringify(size)}, which is no amount. The operator then changes nothing more in Flux.`,
      why: "The operator tries all of a stage before it writes the first object of it.",
      next: "Write an amount, such as 10Gi.",
    };
  if (!was?.class || !is?.class) return [];
  const [from, to] = [was, is].map(({ size }) => parseQuantity(size));
  const shrinks = from !== undefined && to !== undefined && to < from;
  if (was.class === is.class && !shrinks) return [];
  return {
    path: ["spec", "storage"],
    what: `The API server refuses the change of ${shrinks ? "spec.storage.size" : "spec.storage.class"} to the claim source-controller, and the operator then changes nothing more in Flux.`,
    why: "A claim keeps its class and never shrinks, and the operator deletes nothing to make it anew.",
    next: "Take storage out, let that reconcile, and set it again; or take the edit back.",
  };
}

/** What the operator sets each to, which is read without regard to case. */
const MARKS: readonly [mark: string, value: string][] = [
  ["kustomize.toolkit.fluxcd.io/prune", "disabled"],
  ["kustomize.toolkit.fluxcd.io/ssa", "ignore"],
];

/** `commonMetadata` goes over the marks that the operator sets (flux-facts 2.1 item 5). */
function findMarks({ old, now }: Input): Said[] {
  const isSet = ({ spec }: InstanceDescription, mark: string, own: string) => {
    const value: unknown = spec.commonMetadata?.annotations?.[mark];
    return value !== undefined && String(value).toLowerCase() !== own;
  };
  const lost = MARKS.filter(([mark, own]) => isSet(now, mark, own) && !isSet(old, mark, own));
  return lost.map(([mark]) => ({
    path: ["spec", "commonMetadata"],
    what: `spec.commonMetadata sets ${mark} over what the operator marks the objects of Flux with.`,
    why: "With these marks kustomize-controller neither changes nor deletes them, whatever Git says about them.",
    next: "Take that key out of commonMetadata.",
  }));
}

/** Ways in which Helm deletes the FluxInstance, which uninstalls Flux (flux-facts 2.2, trap 5). */
function findUninstall({ old, now }: Input): Said[] {
  const [was, is] = [old, now].map(({ object }) => bodyOf(object).spec);
  const why =
    "The operator uninstalls Flux when its FluxInstance goes, CRDs included, and with them everything that Flux manages.";
  const harms: Said[] = [];
  const uninstalls = (spec: YamlData) => spec?.upgrade?.remediation?.strategy === "uninstall";
  if (!uninstalls(was) && uninstalls(is)) {
    const what = "A failed upgrade of the release uninstalls it from now on, and the FluxInstance with it.";
    harms.push({ path: ["spec", "upgrade", "remediation", "strategy"], what, why, next: TAKEN_BACK });
  }
  // The chart calls it `flux` unless told otherwise; the operator takes no other name.
  const [from, to] = [old, now].map(({ values }) => values?.fullnameOverride ?? "flux");
  if (from !== to) {
    const what = `Helm deletes the FluxInstance ${from} to make ${to} in its place.`;
    harms.push({ path: ["spec", "values", "fullnameOverride"], what, why, next: TAKEN_BACK });
  }
  return harms;
}

/** Values of the chart beside the FluxInstance itself (0.49.0). */
const CHART_VALUES = [
  "instance",
  "healthcheck",
  "commonLabels",
  "commonAnnotations",
  "nameOverride",
  "fullnameOverride",
];
const DROPS = "The chart renders only the values that it knows, and Helm says nothing of others.";
const CORRECT = "Correct the name, or its depth.";
const LOOK_AT_CHART = "look for it in the values of that version of the chart (helm show values)";

/** Values that come and that the chart, or the FluxInstance that it renders, has no field for; a newer one may have what is no slip. */
function findUnknownValues({ old, now }: Input) {
  const list = ({ values }: InstanceDescription) => {
    const spec: YamlData = values?.instance;
    const instance = { apiVersion: "fluxcd.controlplane.io/v1", kind: "FluxInstance", spec };
    const unknown = findRefusals(instance, false).filter(({ what }) => what.startsWith(UNKNOWN_FIELD));
    const inside = unknown.map(({ path, near, doubtful }) => ({
      path: ["instance", ...path.slice(1)],
      near,
      doubtful,
    }));
    const beside = Object.keys(values ?? {}).flatMap((name) => {
      const near = CHART_VALUES.includes(name) ? undefined : findNear(name, CHART_VALUES);
      return near === undefined ? [] : { path: [name], near, doubtful: undefined };
    });
    return [...beside, ...inside];
  };
  return notIn(list(now), list(old), ({ path }) => sayPath(path)).map(({ path, near, doubtful }) => {
    const says = `sets ${sayPath(path)}, which its chart has no value for as far as is known here`;
    const hint = near === undefined ? "" : ` (but for ${near})`;
    const what = `The chart of the FluxInstance has no value ${sayPath(path)}${hint}: it is left out without a word, and what stood there before is what the chart says by default.`;
    return { path: ["spec", "values", ...path.map(String)], what, says, isSlip: !doubtful };
  });
}

/** What of a release decides what the FluxInstance says and cannot be read. */
function findHidden({ old, now }: Input): Open[] {
  const [was, is] = [old, now].map(({ object }) => bodyOf(object).spec);
  const points: Open[] = [];
  const note = (what: string, path: string[]) =>
    points.push({ path, what, look: "compare what helm template gives with kubectl get fluxinstance flux -o yaml" });
  const differs = (field: string) => JSON.stringify(was?.[field]) !== JSON.stringify(is?.[field]);
  if (differs("postRenderers"))
    note("changes what is patched over the FluxInstance after Helm has rendered it", ["spec", "postRenderers"]);
  const isUnread = (now.unread ?? old.unread) !== undefined;
  if (isUnread && (differs("valuesFrom") || itemsOf(is?.valuesFrom).length !== itemsOf(was?.valuesFrom).length)) {
    note("takes the values of the FluxInstance from elsewhere, which cannot be read here", ["spec", "valuesFrom"]);
  }
  return points;
}
