import { findMisfits, type Misfit, schemaIn } from "../admission/crd-fields.ts";
import { groupKindOf, printKey, splitKey } from "../admission/key.ts";
import { hasSchema, sayPath } from "../admission/refused.ts";
import type { Given } from "../change/given.ts";
import type { Held, World } from "../change/world.ts";
import { groupBy } from "../contract/group-by.ts";
import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { isFluxGroup } from "../delivery/kinds.ts";
import type { Stopped } from "./stopped.ts";

/**
 * Objects that the CustomResourceDefinition in Git does not take: that gets stricter while they stay as they are, or they come to
 * say what it does not have. One that is not in Git, or that a chart brings, is not known.
 */
export function findUnfit({ before, after }: Given): Stopped[] {
  const definitions = after.all.filter(isDefinition);
  if (definitions.length === 0) return [];
  const edited = definitions.filter(
    (held) => !held.by?.fixed && isOther(before.objects.get(held.object.key), held) && before.has(held.object.key),
  );
  // That reads further objects, so it comes before any of them are listed.
  const groups = edited.flatMap(listVersions);
  if (groups.length > 0) for (const world of [before, after]) world.search(groups);
  const isEdited = new Set(edited);
  const objects = groupBy(after.all, ({ object }) => groupKindOf(object.key));
  return definitions.flatMap((definition) => {
    const all = objects.get(definition.object.defines!) ?? [];
    const mine = isEdited.has(definition) ? all : all.filter(({ by }) => by?.fixed === false);
    const known = makeKnown(before, definition);
    const found = mine.flatMap((held) => listNew(held, definition, { before, known }).map((one) => ({ held, ...one })));
    return sayAll(found, definition, isEdited.has(definition));
  });
}

/** What Flux keeps applied of this cluster: of another one, or a suspended one, it is not known what is there. Its own kinds are in a table. */
function isDefinition({ object: { key, defines, ignored }, by }: Held): boolean {
  if (!defines || !by || by.spec.suspend || ignored) return false;
  const [group = ""] = defines.split("|");
  return splitKey(key).remote === "" && !isFluxGroup(group);
}

/** What is wrong with objects of before, which are there all the same: whatever takes them is not what Git has. */
function makeKnown(before: World, { object: { key, defines } }: Held): () => ReadonlySet<string> {
  return once(() => {
    const was = before.objects.get(key);
    if (was) before.search(listVersions(was));
    const isThere = ({ object, by }: Held) =>
      groupKindOf(object.key) === defines && isMeant(object) && !by?.spec.suspend;
    return new Set(was ? before.all.filter(isThere).flatMap((held) => list(held, was).map(print)) : []);
  });
}

const isMeant = ({ key, body, ignored }: Held["object"]): boolean =>
  !ignored && splitKey(key).remote === "" && body?.sops === undefined && !hasSchema(body ?? {});

/** The place in a list is left out: what stands before it may go. */
const print = ({ path, what }: Misfit): string =>
  `${path.filter((one) => typeof one === "string").join(".")} ${what.split(",")[0]}`;

const listVersions = ({ object: { body } }: Held): string[] =>
  itemsOf(body?.spec?.versions).map(({ name }) => `${body.spec.group}/${name}`);

const isOther = (was: Held | undefined, { object: { body } }: Held): boolean =>
  was?.object.body !== body && JSON.stringify(was?.object.body?.spec) !== JSON.stringify(body?.spec);

interface Found extends Misfit {
  held: Held;
  /** It stays as it is today. */
  isSame: boolean;
}

interface Known {
  before: World;
  known: () => ReadonlySet<string>;
}

function listNew(held: Held, definition: Held, { before, known }: Known): Omit<Found, "held">[] {
  const { key, body, isPart } = held.object;
  if (!isMeant(held.object) || held.by?.spec.suspend) return [];
  const now = list(held, definition);
  if (now.length === 0) return [];
  const was = before.applied(key);
  const isAsBefore = ({ path }: Misfit): boolean => {
    const place = path.slice(0, -1);
    const [then, today] = [valueAt(was?.object.body, place), valueAt(body, place)];
    return was !== undefined && !isPart && JSON.stringify(then) === JSON.stringify(today);
  };
  return now.filter((one) => !known().has(print(one))).map((one) => ({ ...one, isSame: isAsBefore(one) }));
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
