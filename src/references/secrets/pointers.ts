import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { isLfsPointer } from "../../files/file-text.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";

/** A generator of Secrets writes what it reads in base64. */
const ENCODED = "dmVyc2lvbiBodHRwczovL2dpdC1sZnMuZ2l0aHViLmNvbS9zcGVjL3Yx";

/** What a generator reads and Git LFS holds: source-controller fetches nothing from there, and the pointer becomes the value. */
export function findPointers({ before, after }: Given): Stopped[] {
  // A job that publishes an artifact may well have fetched it.
  const isOfGit = ({ by }: Held) => (by?.spec.data.spec.sourceRef?.kind ?? "GitRepository") === "GitRepository";
  const isNew = ({ by }: Held) => !by?.fixed && !by?.spec.suspend;
  const fresh = after.all.filter((held) => isNew(held) && isOfGit(held)).flatMap(listPointers);
  if (fresh.length === 0) return [];
  const known = listKnown(before);
  const found = fresh.filter(({ text }) => !known.has(text));
  return found.map(({ held, path }) => ({
    held,
    path,
    rule: "setting-lost",
    what: `gets a pointer of Git LFS as its value at ${path.join(".")}, in place of what the file holds`,
    why: "Flux fetches the files of a commit and nothing from Git LFS, where the content of this one lies.",
    next: "Take the file out of the patterns of .gitattributes, and add it anew with git add --renormalize.",
  }));
}

function listKnown(world: World): ReadonlySet<string> {
  return new Set(world.all.flatMap(listPointers).map(({ text }) => text));
}

function listPointers(held: Held): { held: Held; path: string[]; text: string }[] {
  const { kind, body } = held.object;
  if (kind !== "ConfigMap" && kind !== "Secret") return [];
  return ["data", "stringData", "binaryData"].flatMap((field) => {
    const values: unknown = isMap(body) ? (body as Record<string, unknown>)[field] : undefined;
    return Object.entries(isMap(values) ? values : {}).flatMap(([key, text]: [string, unknown]) =>
      typeof text === "string" && (isLfsPointer(text) || text.startsWith(ENCODED))
        ? [{ held, path: [field, key], text }]
        : [],
    );
  });
}
