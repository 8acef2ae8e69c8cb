import { groupOf, identityOf } from "../flux-objects.ts";
import type { Data, Snapshot } from "../snapshot.ts";

/** Sources, which are there to be read by something. */
const SOURCES = new Set(["HelmRepository", "OCIRepository", "GitRepository", "Bucket", "HelmChart"]);
const CONFIG = new Set(["ConfigMap", "Secret"]);

const isReadable = (data: Data): boolean =>
  CONFIG.has(data?.kind) || (SOURCES.has(data?.kind) && groupOf(data.apiVersion) === "source.toolkit.fluxcd.io");

/** Name without the hash of a generator. */
const plainName = (data: Data): string =>
  CONFIG.has(data.kind)
    ? String(data.metadata?.name ?? "").replace(/-[a-z0-9]{10}$/, "")
    : String(data.metadata?.name ?? "");

const sayObject = (data: Data): string => `${data.kind} ${data.metadata?.namespace ?? ""}/${plainName(data)}`;

/** Every `kind name` that an object refers to, wherever in it, and every text of it. */
function wordsOf(data: Data, refs: Set<string>, texts: string[]): void {
  const todo: Data[] = [data];
  for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
    if (typeof value === "string") texts.push(value);
    else if (value && typeof value === "object") {
      if (typeof value.kind === "string" && typeof value.name === "string") refs.add(`${value.kind} ${value.name}`);
      todo.push(...Object.values(value).filter((one) => one !== null && one !== undefined));
    }
  }
}

/** What all objects of a cluster name, and the documents of its tree that nothing delivers. */
interface Named {
  refs: Set<string>;
  /** Texts of each object, with its own identity, which does not count. */
  texts: { of: string; all: string }[];
}

function namedBy(objects: Data[]): Named {
  const refs = new Set<string>();
  // The schema of a kind lists values and fields; a Secret called as one of them is not named by that.
  const real = objects.filter((data) => data?.kind !== "CustomResourceDefinition");
  const texts = real.map((data) => {
    const all: string[] = [];
    const { metadata, ...rest } = data ?? {};
    wordsOf({ ...rest, annotations: metadata?.annotations }, refs, all);
    return { of: sayObject(data), all: all.join("\n") };
  });
  return { refs, texts };
}

/** Whether anything names an object: a source by kind and name, configuration by its name in any text. */
function isNamed(data: Data, { refs, texts }: Named): boolean {
  const name = plainName(data);
  if (!CONFIG.has(data.kind)) return refs.has(`${data.kind} ${name}`);
  const own = sayObject(data);
  return texts.some(({ of, all }) => of !== own && all.includes(name));
}

export interface IdleObjectsInput {
  /** What the cluster gets before and after, what the FluxInstance generates included. */
  before: Data[];
  after: Data[];
  trees: { before: Snapshot; after: Snapshot };
}

/** Sources and configuration that something named before, and that are still delivered though nothing names them any more. */
export function findIdleObjects({ before, after, trees }: IdleObjectsInput): string[] {
  // An app that is switched off still means its source: what the tree describes counts as much as what is delivered.
  const described = (tree: Snapshot): Data[] => tree.objects("toolkit.fluxcd.io").map(({ data }) => data);
  const was = namedBy([...before, ...described(trees.before)]);
  const is = namedBy([...after, ...described(trees.after)]);
  const known = new Set(before.map(sayObject));
  return after
    .filter((data) => identityOf(data).name !== "" && isReadable(data) && known.has(sayObject(data)))
    .filter((data) => isNamed(data, was) && !isNamed(data, is))
    .map(sayObject)
    .sort();
}
