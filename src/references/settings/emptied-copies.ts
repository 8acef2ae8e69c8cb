import { splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import { isFilled } from "../../contract/objects.ts";
import { readCopied } from "../../delivery/resource-set/filled.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const DATA = ["data", "stringData", "binaryData"];

/** ConfigMaps and Secrets that Flux Operator has filled, and fills no more, while their templates say nothing themselves. */
export function findEmptiedCopies({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, ({ object }, was): Stop | [] => {
    const from = was && copiedFrom(was.object);
    const isKept = copiedFrom(object) !== undefined || DATA.some((field) => isFilled(object.body?.[field]));
    if (!from || isKept || object.isPart || !object.body) return [];
    return {
      path: ["metadata"],
      rule: "reference-breaks",
      what: `is filled from ${from.from} no more (${from.annotation.replace(/^.*\//, "")}), and holds nothing from then on`,
      why: "Flux Operator takes the keys back that it has written, as the template does not say them itself. Whatever reads them finds none.",
      next: "Keep the annotation, or write the data into the template.",
    };
  });
}

function copiedFrom({ key, body, made }: OwnedObject) {
  const { group, kind } = splitKey(key);
  return made !== undefined && group === "" ? readCopied(body, kind) : undefined;
}
