import type { ClusterDelivery, Node } from "./deliver.ts";
import { chartUrlsOf, groupOf, identityOf, isCommunityChart, isHelmRelease, keyOf } from "./flux-objects.ts";
import type { PhasePlan } from "./plan-json.ts";
import { isPruneDisabled } from "./protections.ts";
import type { Data } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

/** One side of a phase boundary: what FluxKustomizations deliver, and what the FluxInstance generates. */
export interface BoundarySide {
  delivery: ClusterDelivery;
  generated: Data[];
}

export interface BoundaryInput {
  before: BoundarySide;
  after: BoundarySide;
  /** Whether the operator has reconciled its FluxInstance before the phase is merged. */
  adopted: boolean;
  /** What the plan says Flux will do; absent where the phase changes nothing. */
  said: PhasePlan["clusters"][number]["safety"];
}

/** Names a plan lists of each outcome; beyond that it only counts. */
const LISTED = 50;

const keysOf = (objects: Data[]): Set<string> => new Set(objects.map((data) => keyOf(identityOf(data))));
const spell = (data: Data): string => {
  const { kind, namespace, name } = identityOf(data);
  return namespace ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
};

/**
 * Gate item 7 for one cluster and one phase: nothing that is still delivered afterwards may be deleted on the way,
 * judged by owners alone: whoever prunes and stops delivering an object, or goes itself, deletes it in some order. What the
 * plan cannot know makes the boundary unproven, and what goes without the plan saying so is a failure.
 */
export function checkBoundary(input: BoundaryInput): GateResult {
  const verdict = new Verdict(7);
  const { before, after, said } = input;
  for (const danger of said?.dangers ?? []) {
    if (danger.wanted) verdict.fail(`${danger.resource} is still wanted and may be ${danger.outcome}`);
  }
  for (const { what } of said?.unknown ?? []) verdict.skip(what);
  const owned = input.adopted ? keysOf([...before.generated, ...after.generated]) : new Set<string>();
  const wanted = new Set([...after.delivery.objects.keys(), ...keysOf(after.generated)]);
  const gone = new Map<string, string>();
  for (const node of before.delivery.nodes) {
    if (node.error) continue;
    for (const [key, how] of losses(node, before.delivery, after.delivery, owned)) gone.set(key, how);
  }
  for (const [key, how] of gone) {
    if (wanted.has(key)) verdict.fail(`${key} is still wanted, but ${how}`);
  }
  checkHolders(verdict, before.delivery, after.delivery, gone);
  checkSaid(verdict, before.delivery, gone, said);
  return verdict.result();
}

/** What one FluxKustomization deletes because it stops delivering it, or because it goes itself. */
function losses(node: Node, before: ClusterDelivery, after: ClusterDelivery, owned: Set<string>): Map<string, string> {
  const found = new Map<string, string>();
  const { spec } = node.data;
  const now = after.nodes.find(({ key }) => key === node.key);
  if (now?.error || spec?.suspend === true) return found;
  const isGone = !now && !after.objects.has(node.key) && !owned.has(node.key);
  const holder = before.objects.get(node.key)?.by ?? [];
  const isDeleted = isGone && holder.some((key) => before.nodes.some((one) => one.key === key && prunes(one.data)));
  if (!now && !isDeleted) return found;
  const finalizes =
    spec?.deletionPolicy === undefined || spec.deletionPolicy === "MirrorPrune"
      ? prunes(node.data)
      : spec.deletionPolicy !== "Orphan";
  if (isDeleted ? !finalizes : !(prunes(node.data) || prunes(now?.data))) return found;
  const kept = keysOf(now?.objects ?? []);
  for (const data of node.objects) {
    const key = keyOf(identityOf(data));
    if (kept.has(key) || owned.has(key) || isPruneDisabled(data)) continue;
    found.set(key, isDeleted ? `${node.key} goes and takes it along` : `${node.key} prunes it`);
  }
  return found;
}

const prunes = (data: Data): boolean => data?.spec?.prune === true && data.spec.suspend !== true;

/** Namespaces, CRDs and releases take along what is in them, whoever delivers that. */
function checkHolders(
  verdict: Verdict,
  before: ClusterDelivery,
  after: ClusterDelivery,
  gone: Map<string, string>,
): void {
  const charts = chartUrlsOf([...before.objects.values()].map(({ data }) => data));
  for (const key of gone.keys()) {
    const data = before.objects.get(key)?.data;
    const rest = [...after.objects].map(([, object]) => object.data);
    if (data?.kind === "Namespace") {
      const inside = rest.find((one) => one.metadata?.namespace === data.metadata?.name);
      if (inside) verdict.fail(`${key} goes, and ${keyOf(identityOf(inside))} with it`);
    } else if (data?.kind === "CustomResourceDefinition") {
      const one = rest.find(
        (item) => groupOf(item.apiVersion) === data.spec?.group && item.kind === data.spec?.names?.kind,
      );
      if (one) verdict.fail(`${key} goes, and ${keyOf(identityOf(one))} with it`);
    } else if (data && isCommunityChart(data, charts) && data.spec?.suspend !== true) {
      verdict.fail(`${key} goes unsuspended, so Helm uninstalls Flux`);
    }
  }
  const release = (data: Data): string =>
    JSON.stringify([data.spec?.releaseName, data.spec?.targetNamespace, data.spec?.storageNamespace]);
  for (const [key, { data }] of after.objects) {
    const old = before.objects.get(key)?.data;
    if (old && isHelmRelease(data) && release(old) !== release(data))
      verdict.fail(`${key} moves, so Helm uninstalls it first`);
  }
}

/** Everything that goes has to be among what the plan says is deleted. */
function checkSaid(
  verdict: Verdict,
  before: ClusterDelivery,
  gone: Map<string, string>,
  said: BoundaryInput["said"],
): void {
  const listed = [said?.outcomes.deleted, said?.outcomes.recreated];
  const names = new Set([
    ...listed.flatMap((one) => one?.names ?? []),
    ...(said?.dangers ?? []).map(({ resource }) => resource),
  ]);
  if (listed.some((one) => (one?.count ?? 0) > LISTED)) return;
  for (const [key, how] of gone) {
    const data = before.objects.get(key)?.data;
    if (!data || names.has(spell(data))) continue;
    verdict.fail(`the plan does not say that ${key} goes: ${how}`);
  }
}
