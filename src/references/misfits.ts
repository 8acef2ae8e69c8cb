import { findMisfits, type Misfit, schemaIn } from "../admission/crd-fields.ts";
import { groupKindOf, printKey, splitKey } from "../admission/key.ts";
import { hasSchema, sayPath } from "../admission/refused.ts";
import type { Given } from "../change/given.ts";
import type { Held, World } from "../change/world.ts";
import { groupBy } from "../contract/group-by.ts";
import { notIn } from "../contract/not-in.ts";
import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";
import type { Stopped } from "./stopped.ts";

/**
 * Objects that the CustomResourceDefinition in Git does not take: that gets stricter while they stay as they are, or they come to
 * say what it does not have. One that is not in Git, or that a chart brings, is not known.
 */
export function findUnfit({ before, after }: Given): Stopped[] {
  const definitions = after.all.filter(({ object, by }) => object.defines && by && !object.ignored);
  if (definitions.length === 0) return [];
  const edited = definitions.filter(
    (held) => !held.by?.fixed && isOther(before.objects.get(held.object.key), held) && before.has(held.object.key),
  );
  // That reads further objects, so it comes before any of them are listed.
  const groups = edited.flatMap(({ object: { body } }) =>
    itemsOf(body?.spec?.versions).map(({ name }) => `${body.spec.group}/${name}`),
  );
  if (groups.length > 0) for (const world of [before, after]) world.search(groups);
  const isEdited = new Set(edited);
  const objects = groupBy(after.all, ({ object }) => groupKindOf(object.key) as string);
  return definitions.flatMap((definition) => {
    const all = objects.get(definition.object.defines!) ?? [];
    const mine = isEdited.has(definition) ? all : all.filter(({ by }) => by?.fixed === false);
    const found = mine.flatMap((held) => listNew(held, definition, { before }).map((one) => ({ held, ...one })));
    return sayAll(found, definition, isEdited.has(definition));
  });
}

const isOther = (was: Held | undefined, { object: { body } }: Held): boolean =>
  was?.object.body !== body && JSON.stringify(was?.object.body?.spec) !== JSON.stringify(body?.spec);

interface Found extends Misfit {
  held: Held;
  /** It stays as it is today. */
  isSame: boolean;
}

function listNew(held: Held, definition: Held, { before }: { before: World }): Omit<Found, "held">[] {
  const { key, body, isPart, ignored } = held.object;
  if (
    ignored ||
    held.by?.spec.suspend ||
    splitKey(key).remote !== "" ||
    body?.sops !== undefined ||
    hasSchema(body ?? {})
  )
    return [];
  const now = list(held, definition);
  if (now.length === 0) return [];
  const [was, old] = [before.applied(key), before.objects.get(definition.object.key)];
  const known = was && old ? list(was, old) : [];
  const isAsBefore = ({ path }: Misfit): boolean => {
    const place = path.slice(0, -1);
    const [then, today] = [valueAt(was?.object.body, place), valueAt(body, place)];
    return was !== undefined && !isPart && JSON.stringify(then) === JSON.stringify(today);
  };
  const print = ({ path, what }: Misfit) => `${path.join(".")} ${what.split(",")[0]}`;
  return notIn(now, known, print).map((one) => ({ ...one, isSame: isAsBefore(one) }));
}

function list({ object: { body, isPart } }: Held, { object: { body: definition } }: Held): Misfit[] {
  const schema: YamlData = schemaIn(definition, body?.apiVersion);
  return schema === undefined ? [] : findMisfits(body, schema, !isPart);
}

/** One finding for a field, and one for what may go on. */
function sayAll(found: readonly Found[], definition: Held, isEdited: boolean): Stopped[] {
  const name = printKey(definition.object.key);
  const placeOf = ({ path }: Found) => path.filter((one) => typeof one === "string");
  return [...groupBy(found, (one) => `${isDoubtful(one)} ${placeOf(one).join(".")}`).values()].map((group): Stopped => {
    const [first] = group as [Found];
    const others = [...new Set(group.map(({ held }) => held))].slice(1);
    const more = others.length > 0 ? `, and so it is in ${others.length} more` : "";
    return {
      held: first.held,
      path: first.path,
      rule: "object-refused",
      others,
      what: `has ${sayPath(first.path)}, which ${first.what} as ${name} says it${isEdited ? " from then on" : ""}${more}`,
      why: "The API server refuses it, and Flux then applies nothing more of its Kustomization.",
      next: "Correct the object, or leave the definition as it takes it.",
      ...(isDoubtful(first)
        ? {
            look: "Kubernetes takes what is there already and stays as it is since 1.30; anywhere else, in a new cluster and with the next edit it refuses that",
          }
        : {}),
    };
  });
}

const isDoubtful = ({ isSpared, isSame }: Found): boolean => isSpared && isSame;
