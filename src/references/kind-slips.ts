import { groupKindHere, splitKey } from "../admission/key.ts";
import { findNear } from "../admission/near.ts";
import { fieldsOf, groupOfKind, kindsLike } from "../change/fields.ts";
import type { Given } from "../change/given.ts";
import { walk } from "../change/read.ts";
import type { ReferenceField } from "../change/reference-field.ts";
import type { Held } from "../change/world.ts";
import { once } from "../contract/once.ts";
import { groupOf, isFluxGroup } from "../delivery/kinds.ts";
import { isMap } from "../yaml/is-map.ts";
import { isAtWork } from "./new-references.ts";
import { type Stop, type Stopped, stopsOf } from "./stopped.ts";

/**
 * References that the change gives a kind, or a group, which differs by a letter from the one that is meant: `ClustreIssuer`. Of
 * Flux and of Kubernetes itself the API server knows the words; other operators, and what scales or routes, find nothing by that.
 */
export function findKindSlips({ before, after }: Given): Stopped[] {
  const known = once(() => {
    const kinds = [before, after].flatMap(({ all }) =>
      all.flatMap(({ object: { kind, defines } }) => [kind, ...(defines ? [defines.split("|")[1]!] : [])]),
    );
    return new Set(kinds);
  });
  return stopsOf({ before, after }, (held, was) => {
    const key = groupKindHere(held.object.key);
    if (held.by?.fixed !== false || !isMap(held.object.body) || !isAtWork(held)) return [];
    if (isFluxGroup(splitKey(held.object.key).group)) return [];
    const old = new Set((was ? listWritten(key, was) : []).map(print));
    const fresh = listWritten(key, held).filter((one) => !old.has(print(one)));
    return fresh.flatMap((one) => findKind(one, known) ?? findGroup(one) ?? []);
  });
}

interface Written {
  row: ReferenceField;
  path: readonly (string | number)[];
  kind?: string;
  group?: string;
}

const print = ({ path, kind, group }: Written): string => JSON.stringify([path, kind, group]);

function listWritten(key: string, { object: { body } }: Held): Written[] {
  return fieldsOf(key).flatMap((row) =>
    row.kind === undefined && row.only === undefined
      ? []
      : walk(body, row.field).flatMap(({ value, path }): Written[] => {
          if (!isMap(value) || row.name !== undefined) return [];
          const { kind, group, apiVersion } = value as Record<string, unknown>;
          const own = typeof apiVersion === "string" ? groupOf(apiVersion) : group;
          return [
            {
              ...{ row, path },
              ...(typeof kind === "string" ? { kind } : {}),
              ...(typeof own === "string" ? { group: own } : {}),
            },
          ];
        }),
  );
}

function findKind({ row, path, kind }: Written, known: () => ReadonlySet<string>): Stop | undefined {
  if (kind === undefined || groupOfKind(kind) !== undefined) return undefined;
  const near = findNear(kind, row.only ?? kindsLike(row.kind!));
  return near === undefined || known().has(kind) ? undefined : say([...path, "kind"], row, `the kind ${kind}`, near);
}

function findGroup({ row, path, kind = row.kind, group }: Written): Stop | undefined {
  const meant = kind === undefined ? undefined : groupOfKind(kind);
  if (!meant || group === undefined) return undefined;
  const near = findNear(group, [meant], { short: 3, digits: true });
  return near === undefined ? undefined : say([...path], row, `the group ${group}`, near);
}

const say = (path: Stop["path"], { field }: ReferenceField, what: string, near: string): Stop => ({
  path,
  rule: "reference-missing",
  what: `names ${what} in ${field.replaceAll("[]", "")}, which nothing here knows: it does not work any more`,
  why: `There is ${near}, which differs by a letter. The API server refuses the other one, or its controller finds nothing by that.`,
  next: `Write ${near}.`,
});
