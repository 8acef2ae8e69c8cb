import { keyOfObject, splitKey } from "../../admission/key.ts";
import { withoutHash } from "../../change/generated-names.ts";
import type { Given } from "../../change/given.ts";
import { listReferencesAndOptional, type Reference } from "../../change/read.ts";
import type { Held } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { textsIn, walkData } from "../../yaml/walk-data.ts";
import { homeOf, sayPath } from "../named.ts";

interface Unhashed extends Reference {
  from: Held;
  /** Whether Git goes on generating it, under its name with a hash. */
  isKept: boolean;
}

const KINDS = ["ConfigMap", "Secret"];

/**
 * Names of generated ConfigMaps and Secrets into which kustomize put the hash by a nameReference of the tree, in values of
 * a chart mostly, and does so no more: what is applied then names what is nowhere. Fields that kustomize knows by itself are
 * references of their own.
 */
export function findUnhashed({ before, after }: Given): Unhashed[] {
  return after.all.flatMap((from) => {
    const { object, by } = from;
    if (by?.fixed !== false || object.ignored || splitKey(object.key).remote !== "") return [];
    const was = before.applied(object.key)?.object.body;
    if (!was || !object.body) return [];
    const old = new Set(textsIn(was));
    const stems = groupBy(old, stemOf);
    const now = walkData(object.body).flatMap(({ value, path }) =>
      typeof value === "string" && value !== "" && !old.has(value) && stems.has(value) ? [{ text: value, path }] : [],
    );
    if (now.length === 0) return [];
    const known = new Set(listReferencesAndOptional(object).map(({ target }) => target));
    return now.flatMap(({ text, path }): Unhashed[] => {
      const namespace = homeOf(object, path);
      if (namespace === undefined) return [];
      const keyOf = (kind: string, name: string) => keyOfObject({ apiVersion: "v1", kind, namespace, name });
      const kind = KINDS.find((one) => stems.get(text)?.some((full) => before.has(keyOf(one, full))));
      const target = kind && keyOf(kind, text);
      if (target === undefined || known.has(target) || after.makes(target)) return [];
      known.add(target);
      return [{ from, target, path, field: sayPath(path), isKept: after.isHashed(target) }];
    });
  });
}

/** A name without the hash at its end; nothing for any other text. */
function stemOf(text: string): string {
  const key = withoutHash(keyOfObject({ apiVersion: "v1", kind: "Secret", namespace: "", name: text }));
  return key === undefined ? "" : splitKey(key).name;
}
