import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { type Given, goes } from "../../change/given.ts";
import { listMade } from "../../change/makers.ts";
import { listReferences } from "../../change/read.ts";
import type { Held, World } from "../../change/world.ts";
import { listSome } from "../../contract/list-some.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { operand, sh } from "../../contract/shell.ts";
import type { Stopped } from "../stopped.ts";

/**
 * What goes with its maker and comes again: a Secret that comes to Git while what made it goes, which owns the one in the
 * cluster, so that Kubernetes deletes it along, after Flux applied the one of Git over it (Kubernetes: Garbage Collection;
 * External Secrets: creationPolicy Owner; Sealed Secrets: ownerReferences). Or what another one makes from then on: an
 * ArtifactGenerator deletes what stands in its inventory, whoever has written it last (source-watcher, `finalize`).
 */
export function findHandedOver(given: Given): Stopped[] {
  const { before, after, risks } = given;
  const seen = new Set<ObjectKey>();
  return [...risks.keys()].flatMap((maker): Stopped[] => {
    const was = before.applied(maker);
    if (!was || !goes(given, maker)) return [];
    return listMade(was.object).flatMap(({ key, owned }): Stopped[] => {
      if (!owned || seen.has(key) || before.has(key)) return [];
      seen.add(key);
      const held = after.find(key);
      const isMarked = held?.object.ignored === true;
      if (!held || (isMarked && after.ownedKeys().includes(key))) return findRemade(after, key, maker);
      if (held.by?.spec.suspend) return [];
      return [isMarked ? sayEnd(held, maker) : sayGap(held, key, maker)];
    });
  });
}

/** Makers that make anew what went, unasked, and by which annotation they are asked to. */
const MAKERS: Readonly<Record<string, { why: string; mark: string }>> = {
  ArtifactGenerator: {
    why: "source-watcher makes it again within an hour, or when one of its sources changes.",
    mark: "reconcile.fluxcd.io/requestedAt",
  },
  ExternalSecret: { why: "External Secrets makes it again when it tries the next time.", mark: "force-sync" },
};

/** Read by this many, the others are counted. */
const SHOWN = 3;

/** What reads something that goes and that another maker makes again, which cannot own it before. */
function findRemade(after: World, key: ObjectKey, maker: ObjectKey): Stopped[] {
  const { kind, name } = splitKey(maker);
  after.search([splitKey(key).name, name]);
  const isMaker = ({ object }: Held) =>
    ofOwn(MAKERS, object.kind) !== undefined && listMade(object).some((one) => one.key === key && !one.filled);
  const held = after.all.find((one) => isMaker(one) && !one.object.ignored);
  const again = held && ofOwn(MAKERS, held.object.kind);
  if (!again) return [];
  const asked = sh`kubectl annotate ${held.object.kind.toLowerCase()} ${operand(held.object.name)} -n ${held.object.namespace} --overwrite ${again.mark}=now`;
  const lead = held.object.kind === kind ? `Keep the name ${name}, or have` : "Have";
  const readers = after.all.filter(({ object }) => listReferences(object).some(({ target }) => target === key));
  if (readers.length === 0) return [];
  const names = listSome(
    readers.map(({ object }) => printKey(object.key)),
    SHOWN,
  );
  return [
    {
      held,
      path: ["metadata", "name"],
      rule: "reference-breaks",
      level: "caution",
      what: `makes ${printKey(key)} in the place of ${printKey(maker)}, with which it goes for a while: ${names} ${readers.length > 1 ? "are" : "is"} without it until then`,
      why: again.why,
      next: `${lead} it made again at once when ${printKey(maker)} is gone (${asked.line}).`,
    },
  ];
}

function sayEnd(held: Held, maker: ObjectKey): Stopped {
  return {
    held,
    path: ["metadata"],
    rule: "reference-breaks",
    level: "caution",
    what: `is gone for good: ${printKey(maker)} owns the one in the cluster, and Kubernetes deletes that when it goes`,
    why: "Flux does not apply the one of Git, as it is marked with ssa: Ignore or reconcile: disabled.",
    next: `Take the mark out, or keep ${printKey(maker)}.`,
  };
}

function sayGap(held: Held, key: ObjectKey, maker: ObjectKey): Stopped {
  const { name, namespace } = splitKey(held.by?.key ?? key);
  const run = held.by
    ? `with ${sh`flux reconcile kustomization ${operand(name)} -n ${namespace}`.line}`
    : "by reconciling what applies it";
  return {
    held,
    path: ["metadata", "name"],
    rule: "reference-breaks",
    level: "caution",
    what: `is gone for a while: ${printKey(maker)} owns the one in the cluster, and Kubernetes deletes that when it goes`,
    why: "Flux applies the one of Git over it first, and brings it back with its next run. Pods that start in between do not find it.",
    next: `Once ${printKey(maker)} is gone, bring it back at once ${run}, or give the one of Git another name together with those that read it.`,
  };
}
