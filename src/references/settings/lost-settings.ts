import { isDeepStrictEqual } from "node:util";
import { findNear } from "../../admission/near.ts";
import type { Comparison } from "../../change/comparison.ts";
import { listGenerated } from "../../change/generated-values.ts";
import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { FluxSpec, Snapshot, TreeChange } from "../../change/types.ts";
import { findFilled, listUses } from "../../change/variable-uses.ts";
import type { YamlData } from "../../contract/objects.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { isSopsEncrypted } from "../../yaml/secret.ts";
import { listMarked } from "./marked.ts";
import {
  findUses,
  isSet,
  listOpened,
  makeKeysOfSides,
  type NeededSetting,
  readVariables,
  type Variables,
} from "./variables.ts";

/** What a FluxKustomization needs for what it builds and does not have after the change, or has and must not. */
export interface LostSetting {
  /** `namespace/name` of the FluxKustomization. */
  name: string;
  /**
   * `variables`: some that are filled in today have no value any more; `shell`: it begins to substitute, and empties what
   * was no variable of Flux; `unset`: a file comes to use what nothing sets; `literal`: a file is left alone from now on. `keys`: it decrypts without the Secret
   * that holds the keys.
   */
  field: "decryption" | "keys" | "postBuild" | "variables" | "shell" | "unset" | "literal";
  /** A file that needs it. */
  file: string;
  /** Of variables: their names. */
  names?: readonly string[];
  /** The file comes to the FluxKustomization, which never had the setting. */
  joins?: true;
}

/**
 * Roots and children that stop decrypting or substituting although files still need it, that get such files, or that begin
 * to substitute: kustomize-controller then writes the ciphertext of a Secret with `stringData` and refuses other encrypted
 * objects (trap 25; docs/live-proof.md), applies `${NAME}` literally, or empties it (flux-facts 2.9).
 */
export function findLostSettings(
  comparison: Comparison & { given: Given },
  snapshot: Snapshot,
  trees: TreeChange,
  artifactRoot: string,
): LostSetting[] {
  const { respecced, touched, joined, given } = comparison;
  const lost = [
    ...respecced.flatMap((one) => listTakenOut(one, snapshot, trees.after, artifactRoot)),
    ...touched.flatMap((one) => listAltered(one, given, trees, artifactRoot)),
  ];
  const seen = new Set<string>();
  for (const { name, file, needs } of joined) {
    if (seen.has(`${name} ${needs}`)) continue;
    seen.add(`${name} ${needs}`);
    lost.push({ name, field: needs, file, joins: true });
  }
  return lost;
}

/** Settings that the spec of a FluxKustomization had. */
function listTakenOut(
  { name, before, after }: Comparison["respecced"][number],
  snapshot: Snapshot,
  tree: Tree,
  artifactRoot: string,
): LostSetting[] {
  const had = (field: NeededSetting) => before.length > 0 && before.every(({ data }) => isSet(data.spec, field));
  return after.flatMap((spec) => {
    const lost: LostSetting[] = [];
    const lacks = (field: NeededSetting) => spec.data.isLocal && !isSet(spec.data.spec, field) && had(field);
    const needs = (field: NeededSetting) =>
      lacks(field) ? findNeed(field, spec, { tree, snapshot, artifactRoot }) : undefined;
    const secret = needs("decryption");
    if (secret !== undefined) lost.push({ name, field: "decryption", file: secret });
    const keyed = losesKeys(before, spec) ? findEncrypted(snapshot, spec) : undefined;
    // A controller may be given keys of its own (`--sops-age-secret`, Flux 2.7).
    if (keyed !== undefined && needsKeys(tree.read(keyed)) && tree.grep("sops-age-secret").length === 0)
      lost.push({ name, field: "keys", file: keyed });
    const template = needs("postBuild");
    if (template !== undefined) lost.push({ name, field: "postBuild", file: template });
    return lost;
  });
}

/** What the files of a FluxKustomization come to lack, and the variables that they lose. */
function listAltered(
  { key, name, before, after }: Comparison["touched"][number],
  given: Given,
  trees: TreeChange,
  artifactRoot: string,
): LostSetting[] {
  return after.flatMap((spec, index) => {
    const first = before[Math.min(index, before.length - 1)];
    if (!first || !spec.data.isLocal) return [];
    const lost: LostSetting[] = [];
    if (spec.data.spec.decryption === undefined) {
      const known = new Set(listEncryptedInputs(trees.before, first, artifactRoot));
      const added = listEncryptedInputs(trees.after, spec, artifactRoot).find((file) => !known.has(file));
      if (added !== undefined) lost.push({ name, field: "decryption", file: added, joins: true });
    }
    if (!isSet(spec.data.spec, "postBuild")) return lost;
    const valueless = listValueless(name, { old: first.data.spec, now: spec.data.spec }, given, trees, artifactRoot);
    const isTold = valueless.some(({ field }) => field === "literal" || field === "unset");
    return [...lost, ...valueless, ...(isTold ? [] : listMarked(key, { name, spec, given, tree: trees.after }))];
  });
}

/** Variables of files that have a value no more, or that are none of Flux's and are substituted from now on. */
function listValueless(
  name: string,
  { old, now }: Record<"old" | "now", YamlData>,
  given: Given,
  trees: TreeChange,
  artifactRoot: string,
): LostSetting[] {
  const namespace = name.slice(0, name.indexOf("/"));
  const keysOf = makeKeysOfSides(given, trees, namespace);
  const [was, is] = [readVariables(old, keysOf.before), readVariables(now, keysOf.after)];
  const begins = !isSet(old, "postBuild");
  const opened = listOpened(was, is, keysOf);
  const isEmptied = (one: string) =>
    !is.has(one) && (begins ? is.whole : was.has(one) && !opened.some(({ keys }) => keys.has(one)));
  const reads = [readFiles(trees.before, old, artifactRoot), readFiles(trees.after, now, artifactRoot)] as const;
  const others = (begins ? [] : findOther(trees, reads, is)).map((one) => ({ name, ...one }));
  if (!begins && was.all.every((keys) => is.all.includes(keys) || [...keys].every(is.has))) return others;
  const found = findUses(trees.after, reads[1], isEmptied);
  return found ? [...others, { name, field: begins ? "shell" : "variables", ...found }] : others;
}

/** A file of a FluxKustomization that needs a setting. */
export function findNeed(
  field: NeededSetting,
  spec: FluxSpec,
  { tree, snapshot, artifactRoot }: { tree: Tree; snapshot: Snapshot; artifactRoot: string },
): string | undefined {
  return field === "decryption"
    ? (findEncrypted(snapshot, spec) ?? listEncryptedInputs(tree, spec, artifactRoot)[0])
    : findFilled(tree, readFiles(tree, spec.data.spec, artifactRoot));
}

/** So many at once are no slips. */
const MOST_SLIPS = 20;

type Other = Pick<LostSetting, "field" | "file" | "names">;

/** Variables that the edited files begin to use and that nothing sets, and those that stay as they are written from now on. */
function findOther(
  { before, after, changed }: TreeChange,
  [old, now]: readonly [ReadonlySet<string>, ReadonlySet<string>],
  { has, whole }: Variables,
): Other[] {
  const edited = [...changed].filter((file) => old.has(file) || now.has(file));
  if (edited.length === 0) return [];
  const lists = edited.filter(isKustomizationFile);
  const read = (tree: Tree, files: ReadonlySet<string>) => {
    const kustomizations = [...files].filter(isKustomizationFile);
    const generated = lists.flatMap((file) => listGenerated(tree, file).flatMap(({ reads }) => reads));
    return listUses(
      tree,
      [...edited, ...generated].filter((file) => files.has(file)),
      kustomizations,
    );
  };
  const [was, is] = [read(before, old), read(after, now)];
  const pick = (
    uses: ReadonlyMap<string, readonly string[]>,
    isMeant: (name: string, file: string) => boolean,
    field: Other["field"],
  ): Other[] => {
    const found = [...uses].flatMap(([name, files]) => {
      const file = files.find((one) => isMeant(name, one));
      return file === undefined ? [] : [{ name, file }];
    });
    return found.length === 0 ? [] : [{ field, file: found[0]!.file, names: found.map(({ name }) => name) }];
  };
  // Another file that was filled in says nothing of one that never was, but of one that comes.
  const wasFilled = (name: string, file: string) =>
    was.filled.get(name)?.some((one) => one === file || !before.has(file)) ?? false;
  const isNew = (name: string) => !has(name) && !was.filled.has(name);
  // What cannot be seen here may set anything, but hardly what one letter makes of a variable that stood in its place.
  const left = [...was.filled].filter(([name, files]) => has(name) && !isDeepStrictEqual(files, is.filled.get(name)));
  const isSlip = (name: string, file: string) => {
    if (left.length > MOST_SLIPS) return false;
    const meant = findNear(
      name,
      left.flatMap(([one, files]) => (files.includes(file) ? one : [])),
    );
    return meant !== undefined && !is.filled.get(meant)?.includes(file);
  };
  return [
    ...pick(is.filled, (name, file) => isNew(name) && (whole || isSlip(name, file)), "unset"),
    ...pick(is.literal, (name, file) => has(name) && wasFilled(name, file), "literal"),
  ];
}

/** Encrypted files that generators of a FluxKustomization read: kustomize-controller decrypts them before it builds. */
function listEncryptedInputs(tree: Tree, { data }: FluxSpec, artifactRoot: string): string[] {
  const lists = [...readFiles(tree, data.spec, artifactRoot)].filter(isKustomizationFile);
  const inputs = lists.flatMap((file) => listGenerated(tree, file).flatMap(({ reads }) => reads));
  return inputs.filter((file) => isSopsEncrypted(tree.read(file) ?? ""));
}

function losesKeys(before: readonly FluxSpec[], { data }: FluxSpec): boolean {
  const secretOf = (spec: FluxSpec) => spec.data.spec.decryption?.secretRef?.name;
  const now = data.isLocal ? data.spec.decryption : undefined;
  return now !== undefined && now.secretRef?.name === undefined && before.length > 0 && before.every(secretOf);
}

/** Whether a file is encrypted for keys that stand in a Secret; a cloud hands out its own. */
function needsKeys(text = ""): boolean {
  const pgp = text.search(/\bpgp\b/);
  return (
    (/\bage1/.test(text) || (pgp >= 0 && /\bfp\b/.test(text.slice(pgp)))) &&
    !/\barn:aws:kms\b|\bresource_id\b|\bvault_url\b|\bvault_address\b/.test(text)
  );
}

function findEncrypted(snapshot: Snapshot, spec: FluxSpec): string | undefined {
  const build = snapshot.build(spec);
  if (!build.ok) return undefined;
  return [...build.objects.values()].find(({ encrypted }) => encrypted)?.at?.file;
}
