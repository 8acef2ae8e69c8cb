import { groupKindHere, keyOfObject, printKey } from "../../admission/key.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import { type Given, goes } from "../../change/given.ts";
import {
  listOperators,
  listPlainOperators,
  type OperatorRelease,
  pairOperators,
  type RunningOperator,
} from "../../change/operator-releases.ts";
import type { Held, World } from "../../change/world.ts";
import { releaseNameOf } from "../../cluster/chart-release.ts";
import { itemsOf, valueAt, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYaml } from "../../yaml/read.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { isBound, listBound } from "./rights.ts";

const STOPS =
  "The operator then looks after Flux no more: no change of the FluxInstance arrives, and nobody repairs the controllers.";

interface Rule extends Pick<Stop, "look"> {
  /** The value to blame. */
  path: readonly string[];
  isOff: (release: OperatorRelease, after: World) => boolean;
  /** Goes on from the name of the release. */
  says: string;
  why: string;
  /** What it lacks is made by hand as well. */
  byHand?: true;
}

const says = (path: string, value: unknown) => (release: OperatorRelease) =>
  valueAt(release.values, path.split(".")) === value;

/** Values of the flux-operator chart that take from the operator what it runs by (templates of the chart, 0.58). */
const RULES: readonly Rule[] = [
  {
    path: ["values", "rbac", "create"],
    isOff: (release, after) => says("rbac.create", false)(release) && !isBoundElsewhere(release, after),
    says: "has no rights any more (rbac.create: false), and nothing in Git binds its ServiceAccount",
    why: "Helm deletes the binding to cluster-admin, which the chart has under this value alone.",
  },
  {
    path: ["values", "serviceAccount", "create"],
    isOff: (release, after) =>
      says("serviceAccount.create", false)(release) && !after.has(accountKey(release, accountOf(release))),
    says: "has no ServiceAccount any more (serviceAccount.create: false), and nothing in Git makes it",
    why: "Helm deletes the account, and without it no pod of the operator starts.",
    byHand: true,
  },
  {
    path: ["values", "serviceAccount", "automount"],
    isOff: says("serviceAccount.automount", false),
    says: "gets no token for the API server any more (serviceAccount.automount: false)",
    why: "Without a token it exits at start.",
  },
  {
    path: ["values", "web", "serverOnly"],
    isOff: (release) => says("web.serverOnly", true)(release) && !says("web.enabled", false)(release),
    says: "runs its web server alone from then on (web.serverOnly: true)",
    why: "That mode is for a second release of the chart, beside the one that runs the operator.",
  },
  {
    path: ["values", "replicas"],
    isOff: says("replicas", 0),
    says: "may be left without pods (replicas: 0)",
    why: "Charts that are known here have no such value.",
    look: "look with helm template whether the chart leaves the operator without pods",
  },
  {
    path: ["postRenderers"],
    isOff: ({ release }) => itemsOf(release.data.spec?.postRenderers).some(scalesDown),
    says: "is left without pods by a patch (postRenderers)",
    why: "The patch sets replicas: 0 over what the chart renders.",
  },
];

/** The value or field by which a release keeps its operator from all work, for certain. */
export function findOffSwitch(release: OperatorRelease, world: World): string | undefined {
  const rule = RULES.find(({ isOff, look, byHand }) => look === undefined && !byHand && isOff(release, world));
  return rule?.path.filter((part) => part !== "values").join(".");
}

/** Releases of Flux Operator that go while a FluxInstance stays, or whose values come to keep the operator from working. */
export function findIdleOperator(given: Given, change: ClusterChange): Stopped[] {
  const operators = listOperators(given, change);
  const idle = pairOperators(operators).flatMap(({ was, is }) => {
    if (is.release.data.spec?.suspend === true) return [];
    const broken = RULES.filter(({ isOff }) => isOff(is, given.after) && !isOff(was, given.before));
    return broken.map(({ path, says: what, why, look }) => ({
      held: is.held,
      rule: "instance-harms" as const,
      path: ["spec", ...path],
      what,
      why: `${why} ${STOPS}`,
      next: "Take the edit back, or make it when nothing hangs on Flux.",
      ...(look === undefined ? {} : { look }),
    }));
  });
  const plain = listPlainOperators(given);
  return [...idle, ...findGone(given, operators, plain), ...findUnbound(given, plain)];
}

/** An operator that Flux applies itself, and whose account nothing binds any more. */
function findUnbound({ before, after }: Given, plain: Record<Side, RunningOperator[]>): Stopped[] {
  const binds = ({ object }: Held) => object.kind === "ClusterRoleBinding";
  const isIn = (world: World, { held }: RunningOperator) => {
    const { namespace, body } = held.object;
    return isBound(listBound(world, binds), namespace, String(body?.spec?.template?.spec?.serviceAccountName));
  };
  const lost = pairOperators(plain).filter(({ was, is }) => isIn(before, was) && !isIn(after, is));
  if (lost.length === 0) return [];
  after.readAll();
  return lost
    .filter(({ is }) => !isIn(after, is))
    .map(({ is }) => ({
      held: is.held,
      path: ["spec"],
      rule: "instance-harms" as const,
      what: "has no rights any more: this change removes the last binding of its ServiceAccount",
      why: STOPS,
      next: "Keep the binding.",
    }));
}

function findGone(
  given: Given,
  { before, after }: Record<Side, OperatorRelease[]>,
  plain: Record<Side, RunningOperator[]>,
): Stopped[] {
  const isServer = says("web.serverOnly", true);
  const isSuspended = ({ release }: OperatorRelease) => release.data.spec?.suspend === true;
  const all = [...before.filter((one) => !isServer(one) && !isSuspended(one)), ...plain.before];
  const first = all.find(({ held }) => goes(given, held.object.key));
  if (!first || plain.after.length > 0 || after.some((one) => !isServer(one))) return [];
  given.after.search(["FluxInstance"]);
  return stopsOf(given, ({ object }) => {
    if (groupKindHere(object.key) !== "fluxcd.controlplane.io|FluxInstance") return [];
    return {
      rule: "instance-harms",
      path: [],
      what: `loses its operator: ${printKey(first.held.object.key)} goes, and nothing in Git runs it any more`,
      why: STOPS,
      next: `Keep ${printKey(first.held.object.key)} as long as the FluxInstance is there.`,
    };
  });
}

/** Name of what the chart makes, as its helpers have it. */
export function accountOf({ release, values }: OperatorRelease): string {
  const own = releaseNameOf(release);
  const chart = String(values?.nameOverride || "flux-operator");
  const full = values?.fullnameOverride || (own.includes(chart) ? own : `${own}-${chart}`);
  return String(values?.serviceAccount?.name || full);
}

export const namespaceOf = ({ release }: OperatorRelease) =>
  String(release.data.spec?.targetNamespace ?? release.namespace);

const accountKey = (release: OperatorRelease, name: string) =>
  keyOfObject({ apiVersion: "v1", kind: "ServiceAccount", namespace: namespaceOf(release), name });

function isBoundElsewhere(release: OperatorRelease, after: World): boolean {
  const name = accountOf(release);
  after.search([name]);
  return isBound(listBound(after), namespaceOf(release), name);
}

function scalesDown(renderer: YamlData): boolean {
  return itemsOf(renderer?.kustomize?.patches).some(({ patch }) => {
    const parsed = readYaml(typeof patch === "string" ? patch : "");
    const bodies: YamlData[] = parsed.ok ? parsed.docs.map(({ data }) => data) : [];
    const isZero = (op: YamlData) => op?.path === "/spec/replicas" && op.value === 0;
    return bodies.some((body) => (Array.isArray(body) ? body.some(isZero) : isMap(body) && body.spec?.replicas === 0));
  });
}
