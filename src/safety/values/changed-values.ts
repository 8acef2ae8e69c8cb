import type { ClusterChange } from "../../change/change.ts";
import { listGenerated } from "../../change/generated-values.ts";
import { listSeeds } from "../../change/made-keys.ts";
import { differingKeys, ofCluster, valuesOf } from "../../change/value-keys.ts";
import { objectsIn } from "../../cluster/objects.ts";
import { groupBy } from "../../contract/group-by.ts";
import { bodyOf, type KubeObject } from "../../contract/objects.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";

/** Of more than this, those of other clusters count as well: each has to be looked for. */
const MANY = 200;

/**
 * `Kind/name` of every ConfigMap and Secret whose values a change may alter: those it edits, and those
 * that a kustomization generates from what it edits, with the keys that differ, or `undefined` for any key. Errs towards too many.
 */
export function findChangedValues(change: ClusterChange): Map<string, ReadonlySet<string> | undefined> {
  const { before, after, changed, cluster, isDelivered } = change;
  const isMoved = findMoved(change);
  const isElsewhere = findElsewhere(change);
  const [added, removed] = [change.added, change.removed].map((objects) => {
    const all = objects.filter((one) => isValues(one) && !isMoved(one) && !isElsewhere(one));
    return all.length > MANY ? all : ofCluster(all, [before, after], isDelivered);
  }) as [readonly KubeObject[], readonly KubeObject[]];
  const edited = [...changed].filter(isKustomizationFile);
  const declared = new Set([...change.added, ...change.removed].map(({ file }) => file));
  // Only what is no Kubernetes object is worth a search for the generator that reads it.
  const isSearched = [...changed].some(
    (file) => cluster.files.has(file) && !isKustomizationFile(file) && !declared.has(file),
  );
  const readGenerated = (tree: Tree): Valued[] => {
    const generators = isSearched ? tree.grep("Generator").filter(isKustomizationFile) : [];
    return [...new Set([...edited, ...generators])].flatMap((file) =>
      listGenerated(tree, file)
        .filter(({ reads }) => changed.has(file) || reads.some((input) => changed.has(input)))
        .map(({ kind, name, readValues }) => ({ id: `${kind}/${name}`, place: file, values: readValues() })),
    );
  };
  const [old, now] = [
    groupBy([...readDeclared(removed), ...readGenerated(before)], ({ id }) => id),
    groupBy([...readDeclared(added), ...readGenerated(after)], ({ id }) => id),
  ];
  return new Map([...new Set([...old.keys(), ...now.keys()])].map((id) => [id, diffKeys(old.get(id), now.get(id))]));
}

/** A ConfigMap or Secret of one tree; without values where they cannot be told. */
interface Valued {
  id: string;
  /** Where it is declared: what stands there in both trees is one thing. */
  place: string;
  values: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Whether a document lies in another file now and says the same: a folder that moves alters nothing in it, and which cluster reads a
 * new file is not known yet. Who is given another document of the name by it is found among what is delivered (`findAlteredValues`).
 */
function findMoved({ before, after, removed, added }: ClusterChange): (object: KubeObject) => boolean {
  const isOfOneTree = ({ file }: KubeObject) => before.has(file) !== after.has(file);
  const print = (one: KubeObject) => JSON.stringify([one.kind, one.namespace, one.name, readValues(one)]);
  const [gone, come] = [removed, added].map(
    (objects) => new Set(objects.filter((one) => isValues(one) && isOfOneTree(one)).map(print)),
  ) as [Set<string>, Set<string>];
  return (object) => isOfOneTree(object) && gone.has(print(object)) && come.has(print(object));
}

/**
 * Whether a new file brings a document that this cluster has already, of that namespace, in a file that stays as it is: so does the
 * folder of another cluster. Where it comes to this one as well, that shows among what is delivered.
 */
function findElsewhere({ before, changed, cluster }: ClusterChange): (object: KubeObject) => boolean {
  return ({ file, kind, namespace, name }) => {
    if (before.has(file) || namespace === "") return false;
    const files = before.grep(name).filter((one) => cluster.files.has(one) && !changed.has(one));
    return objectsIn(before, files).some(
      (one) => one.kind === kind && one.namespace === namespace && one.name === name,
    );
  };
}

/** Of an ExternalSecret only where it lists its keys: of another one nobody knows what it alters. */
const isValues = (one: KubeObject): boolean =>
  /^(ConfigMap|Secret|SealedSecret)$/.test(one.kind) ||
  (one.kind === "ExternalSecret" && readValues(one) !== undefined);

function readValues(one: KubeObject): Readonly<Record<string, unknown>> | undefined {
  const body = bodyOf(one);
  return one.kind === "ExternalSecret" ? listSeeds(body, one.namespace, one.name) : valuesOf(body);
}

/** `Kind/name` of what a document is, or has a controller make. */
const idOf = (one: KubeObject): string =>
  one.kind === "ExternalSecret"
    ? `Secret/${bodyOf(one).spec?.target?.name ?? one.name}`
    : `${one.kind.replace("Sealed", "")}/${one.name}`;

function readDeclared(objects: readonly KubeObject[]): Valued[] {
  return objects.map((one) => ({
    id: idOf(one),
    place: JSON.stringify([one.file, one.namespace]),
    values: readValues(one),
  }));
}

/** Keys whose value differs in any of them, encrypted or not; several documents of one name belong to different clusters or namespaces. */
function diffKeys(old: readonly Valued[] = [], now: readonly Valued[] = []): ReadonlySet<string> | undefined {
  if (old.length !== now.length) return undefined;
  const places = new Map(now.map((one) => [one.place, one.values]));
  const pairs =
    old.length === 1 ? [[old[0]!.values, now[0]!.values]] : old.map((one) => [one.values, places.get(one.place)]);
  const isTold = new Set(old.map(({ place }) => place)).size === old.length;
  const differing = new Set<string>();
  for (const [before, after] of pairs) {
    if (!isTold || !before || !after) return undefined;
    for (const key of differingKeys(before, after)) differing.add(key);
  }
  return differing;
}
