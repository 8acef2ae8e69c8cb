import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Given } from "../given.ts";
import { splitKey } from "../key.ts";
import { isOpenText } from "../open-text.ts";
import type { ObjectKey } from "../types.ts";
import type { Stopped } from "./stopped.ts";
import { labelsOf, type World } from "./world.ts";

const OPERATOR = "fluxcd.controlplane.io";
const PROVIDER = "ResourceSetInputProvider";

/**
 * A selector for inputs that no provider has the labels for by an edit of the one or of the other: the operator takes that for no
 * inputs, and prunes what the ResourceSet made. A provider that goes is another matter, as is a ResourceSet that comes.
 */
export function findIdleSelectors({ before, after }: Given): Stopped[] {
  return [...after.objects.values()].flatMap((held): Stopped[] => {
    const { group, kind, remote, namespace } = splitKey(held.object.key);
    const was = before.objects.get(held.object.key)?.object.body;
    if (group !== OPERATOR || kind !== "ResourceSet" || remote !== "" || held.by?.fixed || !isMap(was)) return [];
    const known = new Set(inputsOf(was).map(({ selector }) => JSON.stringify(selector)));
    return inputsOf(held.object.body).flatMap(({ selector }, index): Stopped[] => {
      if (!isMap(selector)) return [];
      const wanted = Object.entries((selector as YamlData).matchLabels ?? {});
      const isPlain = wanted.length > 0 && (selector as YamlData).matchExpressions === undefined;
      if (!isPlain || wanted.some(([, value]) => isOpenText(value)) || listMatched(after, namespace, wanted).length > 0)
        return [];
      // One that stays as it is loses its providers by an edit of their labels, where these stay.
      const isOld = known.has(JSON.stringify(selector));
      if (isOld && !listMatched(before, namespace, wanted).some((key) => after.has(key))) return [];
      return [
        {
          held,
          path: ["spec", "inputsFrom", index, "selector"],
          rule: "reference-breaks",
          what: `makes nothing any more of spec.inputsFrom.${index}: no ${PROVIDER} has the labels ${wanted.map((one) => one.join(": ")).join(", ")}`,
          why: "The operator takes that for no inputs, and prunes what it made of those before.",
          next: "Correct the selector, or give the provider those labels.",
        },
      ];
    });
  });
}

const inputsOf = (body: YamlData): YamlData[] => itemsOf(isMap(body) ? (body as YamlData).spec?.inputsFrom : undefined);

function listMatched(world: World, namespace: string, wanted: readonly (readonly [string, unknown])[]): ObjectKey[] {
  world.search([PROVIDER]);
  return [...world.objects.values()].flatMap((held) => {
    if (held.object.kind !== PROVIDER || held.object.namespace !== namespace) return [];
    const own = labelsOf(held);
    return wanted.every(([key, value]) => own[key] === value) ? [held.object.key] : [];
  });
}
