import { keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { andSoMore } from "../../contract/list-some.ts";
import { itemsOf } from "../../contract/objects.ts";
import { sh } from "../../contract/shell.ts";
import { readYaml } from "../../yaml/read.ts";
import { type PlacedValue, walkData } from "../../yaml/walk-data.ts";
import { isAtWork, type Stopped } from "../stopped.ts";

const GROUP = "k8s.cni.cncf.io";
const KIND = "NetworkAttachmentDefinition";
const PLURAL = "network-attachment-definitions.k8s.cni.cncf.io";
/** How pods and virtual machines are told their networks (Multus: how to use; KubeVirt: interfaces and networks). */
const ANNOTATIONS = new Set<unknown>(["k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network"]);

/** That pods of something join a network. */
interface Joined {
  held: Held;
  path: PlacedValue["path"];
  target: ObjectKey;
}

/** Networks of Multus that pods join and that go, or that are misspelt: a pod is not started without one of them. */
export function findLostNetworks(given: Given): Stopped[] {
  const { before, after, risks } = given;
  const gone = [...risks.keys()].filter((key) => isNetwork(key) && before.has(key) && !after.has(key));
  after.search(gone.map((key) => splitKey(key).name));
  const joined = after.all.filter(({ by }) => gone.length > 0 || !by?.fixed).flatMap(listJoined);
  if (joined.length === 0) return [];
  const lost = new Set(gone);
  const broken = joined.filter(({ target, held }) => lost.has(target) && !mayBeMade(given, target, held.object.key));
  return [
    ...[...groupBy(broken, ({ target }) => target).values()].map(sayGone),
    ...joined.filter((one) => !lost.has(one.target) && isNew(given, one)).flatMap((one) => findSlip(given, one)),
  ];
}

const isNetwork = (key: ObjectKey): boolean => key.startsWith(`${GROUP}|${KIND}|`) && splitKey(key).remote === "";

function listJoined(held: Held): Joined[] {
  if (!isAtWork(held)) return [];
  const { body, namespace, release } = held.object;
  return walkData(body).flatMap(({ value, path }) =>
    (typeof value === "string" ? readNetworks(value, path) : []).flatMap(
      ([own = release?.target ?? namespace, name]) =>
        /\$\{|\{\{/.test(`${own}${name}`)
          ? []
          : [{ held, path, target: keyOfObject({ apiVersion: `${GROUP}/v1`, kind: KIND, namespace: own, name }) }],
    ),
  );
}

type Place = [namespace: string | undefined, name: string];

/** `networks/lan@eth1, iot`, or the same as a list in JSON. */
function readNetworks(text: string, path: PlacedValue["path"]): Place[] {
  const isOfMachine = path.at(-1) === "networkName" && path.at(-2) === "multus";
  if (!isOfMachine && !ANNOTATIONS.has(path.at(-1))) return [];
  if (text.trimStart().startsWith("[")) {
    const read = readYaml(text);
    return itemsOf(read.ok ? read.docs[0]?.data : []).flatMap(({ name, namespace }): Place[] => {
      const own = typeof namespace === "string" && namespace !== "" ? namespace : undefined;
      return typeof name === "string" && name !== "" ? [[own, name]] : [];
    });
  }
  return text.split(",").flatMap((one): Place[] => {
    const [, namespace, name] = /^\s*(?:([^\s/@]+)\/)?([^\s/@]+)(?:@\S*)?\s*$/.exec(one) ?? [];
    return name === undefined ? [] : [[namespace, name]];
  });
}

function sayGone(all: readonly Joined[]): Stopped {
  const [{ held, path, target }] = all as [Joined];
  const others = [...new Set(all.map((one) => one.held))].filter((one) => one !== held);
  return {
    ...{ held, path, others },
    rule: "reference-breaks",
    what: `joins ${printKey(target)}, which this change removes${andSoMore(others.length)}: pods that start from then on do not get that network, and do not run`,
    why: "Multus has to find each network that a pod names before the pod starts.",
    next: "Name the network that takes its place, or leave this one.",
  };
}

/** Nothing was told that name before. */
function isNew({ before }: Given, { held, target }: Joined): boolean {
  const was = before.objects.get(held.object.key);
  return !held.by?.fixed && !(was && listJoined(was).some((one) => one.target === target));
}

function findSlip(given: Given, { held, path, target }: Joined): Stopped[] {
  const { before, after } = given;
  after.search([KIND]);
  if (before.makes(target) || after.makes(target) || mayBeMade(given, target, held.object.key)) return [];
  const { namespace, name } = splitKey(target);
  const near = findNear(name, after.namesLike(target));
  if (near === undefined) return [];
  return [
    {
      ...{ held, path },
      rule: "reference-missing",
      what: `joins ${printKey(target)}, and nothing makes that: its pods do not start`,
      why: `There is ${near}; Multus has to find each network that a pod names before the pod starts.`,
      next: `Write ${near} if that is meant.`,
      look: `see whether ${sh`kubectl get ${PLURAL} -n ${namespace} ${name}`.line} finds one that somebody made by hand`,
    },
  ];
}

/** A release of that name, a name with a variable, or something that comes to say the very name. */
function mayBeMade({ before, after }: Given, target: ObjectKey, by: ObjectKey): boolean {
  if (after.makes(target) || after.isOfRelease(target) || after.isOpenName(target)) return true;
  return after.isNamed(target, by) && !before.isNamed(target, by);
}
