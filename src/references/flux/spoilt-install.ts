import { splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { LOOK_AT_CONTROLLER, listNewSpoilt, listSpoilt } from "../../change/spoilt-install.ts";
import type { Held, World } from "../../change/world.ts";
import type { Stopped } from "../stopped.ts";

const PARTS = new Set(["Deployment", "Service", "ClusterRole", "ClusterRoleBinding"]);

/** Parts of Flux that a change makes not fit together, where Flux applies itself. What an operator makes is judged with its FluxInstance. */
export function findSpoiltInstall({ before, after }: Given, namespace: string): Stopped[] {
  return listNewSpoilt(spoiltIn(before, namespace), spoiltIn(after, namespace)).flatMap((one): Stopped | [] => {
    const held = after.objects.get(`apps|Deployment|${namespace}|${one.name}`);
    // Where it comes in this very change, it may be no Flux that runs today.
    if (!held || !before.objects.has(held.object.key)) return [];
    return {
      held,
      path: ["spec"],
      what: `${one.isOpen ? "may be" : "is"} spoilt by this change: ${one.says}`,
      why: "The API server takes that, so Flux applies it. Where Flux gets no sources then, no commit can undo that.",
      next: "Take the edit back, or correct the patch that makes it so.",
      ...(one.isOpen ? { look: LOOK_AT_CONTROLLER } : {}),
    };
  });
}

function spoiltIn(world: World, namespace: string) {
  const parts = world.all.filter((held) => isPartOf(held, namespace));
  return parts.some(({ object }) => object.kind === "Deployment")
    ? listSpoilt(parts.map(({ object }) => object.body))
    : [];
}

function isPartOf({ object, by }: Held, namespace: string): boolean {
  const { remote } = splitKey(object.key);
  const isHere = object.namespace === "" || object.namespace === namespace;
  return (
    PARTS.has(object.kind) && isHere && remote === "" && by !== undefined && object.body !== undefined && !object.isPart
  );
}
