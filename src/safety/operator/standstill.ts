import { isOpenText } from "../../admission/open-text.ts";
import type { Refusal } from "../../admission/refusal.ts";
import { findRefusals } from "../../admission/refused.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { OperatorSet, Snapshot } from "../../change/types.ts";
import { objectNamed } from "../../cluster/objects.ts";
import type { Cluster, InstanceDescription } from "../../cluster/types.ts";
import { bodyOf, type KubeObject, readableSpec } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import type { Tree } from "../../files/tree.ts";
import { isPausedBy, OPERATOR_MARK } from "../../references/flux/paused.ts";
import type { InstanceRefusal } from "./instance-refusal.ts";
import { findFirstHarms, findFirstRefusal } from "./refused-parts.ts";

export const isPaused = ({ object, form, values }: InstanceDescription): boolean =>
  isPausedBy(form === "chart" ? values?.commonAnnotations : bodyOf(object)?.metadata?.annotations, OPERATOR_MARK);

/** An operator looks after its own namespace alone (flux-facts 1.1); where nothing here says one, what delivers it does. */
function liesElsewhere({ form, object, namespace }: InstanceDescription, own: string): boolean {
  const target: unknown = form === "chart" ? bodyOf(object).spec?.targetNamespace : undefined;
  const place = target || object.namespace || namespace || own;
  return place !== own && !isOpenText(place);
}

/** Whether the operator works. */
export interface Standstill {
  /** Why it has taken nothing over, where that is known. */
  reason: string | undefined;
  /** It does nothing after the change either. */
  isIdle: boolean;
}

export interface StandstillInput {
  old: InstanceDescription | undefined;
  next: InstanceDescription | undefined;
  change: ClusterChange;
  today: Snapshot;
  later: Snapshot;
  /** Somebody has looked in the cluster whether the objects are its own. */
  isSeen: boolean | undefined;
}

/** Nothing else says that the operator ever took over what Git still applies. */
export const mayStandStill = ({ change, isSeen }: StandstillInput): boolean =>
  change.cluster.install !== undefined && !isSeen;

/** What its own files say of that, before and after a change. */
export function readStandstill(input: StandstillInput): Standstill {
  const { old, next, change, today, later } = input;
  const { before, after, cluster } = change;
  if (!mayStandStill(input)) return { reason: undefined, isIdle: false };
  const reason = findStandstill(old, cluster, today.operator, before);
  return { reason, isIdle: reason !== undefined && staysStill(next, cluster, later.operator, after) };
}

/** Why the operator changes nothing in Flux, for certain, as long as a FluxInstance, and what carries both, says this. */
function findStandstill(
  instance: InstanceDescription | undefined,
  { operators, namespace }: Cluster,
  set: OperatorSet | undefined,
  tree: Tree,
): string | undefined {
  if (!instance) return undefined;
  const { form, object, parent } = instance;
  const isOff = (one: KubeObject) => bodyOf(one).spec?.suspend === true;
  if (isPaused(instance)) return `the FluxInstance is paused (${OPERATOR_MARK})`;
  const suspended = [
    form === "chart" && isOff(object) ? object : undefined,
    readableSpec(parent)?.suspend === true ? parent?.object : undefined,
    operators.every(isOff) ? operators[0] : undefined,
  ].find((one) => one !== undefined);
  if (suspended) return `${describe(suspended)} is suspended`;
  if (liesElsewhere(instance, namespace)) return "the FluxInstance lies in another namespace";
  const isRefused =
    set?.isStuck ||
    isSureRefusal(findFirstRefusal(instance)) ||
    (form === "manifest" && findRefusals(bodyOf(object)).some(isSure)) ||
    findFirstHarms(instance, set, tree).length > 0;
  return isRefused ? "it cannot apply the FluxInstance as that stands" : undefined;
}

/** A newer operator may embed a Flux that is not known here. */
const isSureRefusal = (one: InstanceRefusal | undefined): boolean =>
  one !== undefined && !(one.field === "build" && one.unbuilt.isLater);

/** Another component may come with a newer operator; a slip is found as that. */
const isSure = ({ doubtful, path }: Refusal): boolean => !doubtful && path[1] !== "components";

/** Whether that holds after a change, too. Errs towards an operator that starts: what delivers the FluxInstance may resume. */
function staysStill(
  next: InstanceDescription | undefined,
  cluster: Cluster,
  set: OperatorSet | undefined,
  after: Tree,
): boolean {
  if (!next) return false;
  const { parent: _, ...own } = next;
  const operators = cluster.operators.flatMap((one) => objectNamed(after, one.file, one) ?? []);
  return findStandstill(own, { ...cluster, operators }, set, after) !== undefined;
}
