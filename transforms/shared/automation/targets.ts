import { allInstalls } from "../../../src/cluster/all-installs.ts";
import { UNKNOWN } from "../../../src/cluster/entering.ts";
import { repositoryIdentity } from "../../../src/contract/address.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import {
  findKustomization,
  isKustomizationFile,
  kustomizationOf,
  reach,
} from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join, makeWithin, normalizePath } from "../../../src/delivery/paths.ts";
import { matchTokens } from "../../../src/files/glob.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext } from "../../contract.ts";
import { LISTS, listed } from "./idle-folders.ts";
import { isOfOthers } from "./of-others.ts";
import { planRemoval } from "./removed.ts";
import { type Expand, segmentTest } from "./words.ts";

/** What a bootstrap does by applying a path: install the controllers, or start the sync. */
export type Role = "operator" | "instance";

/** Both, in the order in which they are done. */
export const ROLES: readonly Role[] = ["operator", "instance"];

/** A path that goes, or whose kustomization loses entries. */
export interface Target {
  path: string;
  isFile: boolean;
  roles: Role[];
  /** It stays and still applies other objects. */
  stays: boolean;
  /** Nothing is left at the path; otherwise naming it without applying it goes on working. */
  vanishes: boolean;
  /** The folder keeps its kustomization, without entries: it still builds. */
  isEmptied?: boolean;
  /** What the repository is called on its host, `owner/name`: an address of a file begins with it. */
  repository?: string;
}

/**
 * Everything of a cluster that automation may name and that a phase takes away or thins out, judged on the tree as the
 * phase began: a line that serves several clusters is the same line for each of them.
 */
export function listTargets(given: TransformContext, phase: "cutover" | "cleanup" = "cleanup"): Target[] {
  const context: TransformContext = { ...given, tree: given.before, phase };
  const { builds, folders, files, trimmed, documents, links, ...removal } = planRemoval(context, true);
  const emptied = [...removal.emptied, ...removal.bare];
  const isInside = makeWithin(folders);
  const rolesBelow = (path: string) => findRoles(context, (file) => isWithin(file, path));
  const rolesIn = (dir: string) => findRoles(context, (file) => dirname(file) === dir);
  const targets: Target[] = [];
  const addGone = (path: string, isFile: boolean, isEmptied = false) => {
    const vanishes = isFile || isInside(path);
    targets.push({ path, isFile, roles: rolesBelow(path), stays: false, vanishes, isEmptied });
  };
  const addThinned = (path: string, isFile: boolean, roles: Role[]) =>
    targets.push({ path, isFile, roles, stays: true, vanishes: false });
  for (const path of new Set([...builds, ...folders])) addGone(path, false);
  for (const path of files) addGone(path, true);
  // `kubectl apply` fails on a kustomization that lists nothing.
  for (const dir of emptied.map(dirname)) addGone(dir, false, true);
  for (const dir of trimmed.filter((file) => !emptied.includes(file)).map(dirname)) {
    const roles = rolesIn(dir);
    // It no longer leads to an install that stays where it is, for others.
    const led = reach(given.before, dir).resources;
    const isLed = links.some(({ kustomization }) => dirname(kustomization) === dir);
    const brought = isLed ? findRoles(context, (file) => led.includes(file)) : [];
    const all = ROLES.filter((role) => roles.includes(role) || (role === "operator" && brought.includes(role)));
    if (all.length > 0) addThinned(dir, false, all);
  }
  for (const file of new Set(documents.map((object) => object.file))) {
    if (files.includes(file)) continue;
    const dir = dirname(file);
    addThinned(file, true, rolesBelow(file));
    if (targets.some(({ path }) => path === dir) || !findKustomization(context.tree, dir)) continue;
    addThinned(dir, false, rolesIn(dir));
  }
  for (const [dir, roles] of foldersAbove(context.tree, targets)) {
    const own = targets.find(({ path }) => path === dir);
    if (own) own.roles = roles;
    else addThinned(dir, false, roles);
  }
  const repository = repositoryOf(context);
  return targets.filter(({ path }) => !isOfOthers(context, path)).map((target) => ({ ...target, ...repository }));
}

function repositoryOf({ cluster }: TransformContext): Pick<Target, "repository"> {
  const url: unknown = cluster.source?.data.spec?.url;
  const [, ...path] = typeof url === "string" ? repositoryIdentity(url).split("/") : [];
  return path.length > 1 ? { repository: path.join("/") } : {};
}

/**
 * Folders that build what goes through a folder below, `clusters/home` above `clusters/home/flux-system`: applied by hand
 * they start a cluster, and no longer will. With what they bring to it.
 */
function foldersAbove(tree: Tree, targets: readonly Target[]): [dir: string, roles: Role[]][] {
  const known = new Map(targets.map((target) => [target.path, target]));
  const above = new Map<string, Role[]>();
  const queue = targets.map(({ path, roles }): [string, Role[]] => [path, roles]);
  // A folder comes once more for each role that it brings, so at most twice.
  for (const [path, brought] of queue) {
    for (const dir of listersOf(tree).get(path) ?? []) {
      const own = known.get(dir);
      const before = above.get(dir) ?? own?.roles ?? [];
      const roles = ROLES.filter((role) => before.includes(role) || brought.includes(role));
      if (own?.stays === false || roles.length === before.length) continue;
      above.set(dir, roles);
      queue.push([dir, roles]);
    }
  }
  return [...above];
}

/** The folders whose kustomization lists a path, by that path. */
function listersOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
  return remember(tree, "folders that list", "", () => {
    const entries = buildFolders(tree).flatMap((dir) => {
      const own = kustomizationOf(tree, dir);
      return (own ? listed(own, LISTS) : []).map((entry) => ({ dir, path: join(dir, String(entry)) }));
    });
    const groups = [...groupBy(entries, ({ path }) => path)];
    return new Map(groups.map(([path, all]) => [path, all.map(({ dir }) => dir)]));
  });
}

function findRoles({ cluster }: TransformContext, isInside: (file: string) => boolean): Role[] {
  const files = allInstalls(cluster).flatMap(({ at, objects }) => [at.file, ...objects.map(({ file }) => file)]);
  const starts = cluster.rootFrom === "manifest" ? [cluster.source, cluster.root] : [];
  const roles: Role[] = files.some(isInside) ? ["operator"] : [];
  return starts.some((object) => object && isInside(object.file)) ? [...roles, "instance"] : roles;
}

/** A word of a line that names a target. */
export interface Match {
  target: Target;
  /** The word means this path and no other, whatever a run fills in. */
  certain: boolean;
  /** Folder a relative word was resolved from; `''` is the root. */
  base: string;
  /** Other paths that the word may mean too. */
  others: string[];
  /** Nothing of it is known but the last name, which an image or a chart may have as well. */
  byName?: true;
  /** The line looks for it by its name alone, wherever it lies. */
  bySearch?: true;
  /** Only as long as a variable has its default. */
  byDefault?: true;
}

/**
 * Which target a word of a line means. Plain words resolve against the folders in `bases`; a word whose variables are
 * only known at run time is certain when one path of the whole tree fits it. Errs towards uncertain: a word that only
 * ends like a target (`bootstrap/flux` after an unseen `cd`) is matched, but never edited on.
 */
export function matchWord(
  word: string,
  expand: Expand,
  bases: readonly string[],
  targets: readonly Target[],
  tree: Tree,
): Match | undefined {
  if (!/[\w}]/.test(word)) return undefined;
  const addressed = findAddressed(word, targets);
  if (addressed || word.includes("://")) return guess(addressed);
  const revised = findRevised(word, targets);
  if (revised) return guess(revised.target);
  // `${./clusters/home}` is a path of Nix.
  const whole = expand(word.replace(/\$\{(\.\.?\/[^}]*)\}/, "$1"));
  const named = whole.replace(/\/(\*\*?)?$/, "").replace(/\/\*\*?(?:\.\w*)?\/?$/, "");
  // `clusters/*/flux-system/gotk-*.yaml`, `gotk-{components,sync}.yaml`: other paths fit it as well.
  const text = named.replace(/(?<!\*)\*(?!\*)|\{[\w.-]+(?:,[\w.-]+)+\}/g, UNKNOWN);
  const isAbsolute = /^[/~]/.test(text);
  const segments = text.split("/").filter((segment) => segment !== "" && segment !== "." && segment !== "~");
  const last = segments.at(-1);
  if (last === undefined || !(last.includes(UNKNOWN) || lastSegments(tree, targets).has(last))) return undefined;
  // `/github/workspace/kubernetes/flux/config`: somewhere the whole path of a target.
  if (isAbsolute && text.includes(UNKNOWN)) return matchBelow(segments, targets, tree);
  if (isAbsolute)
    return guess(targets.find(({ path }) => path.includes("/") && `/${segments.join("/")}`.endsWith(`/${path}`)));
  if (!text.includes(UNKNOWN)) return matchPlain({ text, whole, segments }, bases, targets, tree);
  for (const base of segments[0] === UNKNOWN ? [""] : bases) {
    const all = withoutParents([...base.split("/").filter(Boolean), ...segments]);
    const found = matchPattern(all, targets, tree, segments[0] !== UNKNOWN);
    if (found) return { ...found, certain: found.certain && text === named, base };
  }
  return undefined;
}

const guess = (target: Target | undefined): Match | undefined =>
  target && { target, certain: false, base: "", others: [] };

/** What a word names in a revision, or through the API of a forge; both may have it still. */
function findRevised(word: string, targets: readonly Target[]): { target: Target | undefined } | undefined {
  // `git show HEAD:clusters/home/flux-system/gotk-components.yaml`
  const [, revised] = /^[^:]+:(?:\.\/)?([^:]+)$/.exec(word) ?? [];
  const target = revised === undefined ? undefined : targets.find(({ path }) => path === revised);
  if (target) return { target };
  // `gh api repos/$REPO/contents/clusters/home/…?ref=main`: a repository that may be this one.
  const [, asked] = /^\/?repos\/.*?\/contents\/([^?]+)/.exec(word) ?? [];
  return asked === undefined ? undefined : { target: targets.find(({ path }) => path === asked) };
}

/** A path of which nothing is open. */
interface PlainPath {
  text: string;
  /** With the stars at its end. */
  whole: string;
  segments: readonly string[];
}

function matchPlain(
  { text, whole, segments }: PlainPath,
  bases: readonly string[],
  targets: readonly Target[],
  tree: Tree,
): Match | undefined {
  // The same words in a folder that is tried first mean that one, unless the command runs further down.
  const isElsewhere = (here: string) =>
    bases.slice(0, bases.indexOf(here)).some((base) => findKustomization(tree, join(base, text)) !== undefined);
  const leavesRoot = (base: string) => text.startsWith("../".repeat(base.split("/").filter(Boolean).length + 1));
  for (const base of bases) {
    const target = targets.find(({ path }) => path === join(base, text));
    // What is left in the folder goes on being applied by `kubectl apply -f folder/*.yaml`.
    const isWhole = target?.vanishes || whole === text || !whole.includes("*");
    if (target && !leavesRoot(base)) return { target, certain: isWhole && !isElsewhere(base), base, others: [] };
  }
  const isThere = (path: string) => tree.isDir(path) || tree.read(path) !== undefined;
  const isOther = segments[0] === ".." && bases.some((base) => !leavesRoot(base) && isThere(join(base, text)));
  // A playbook looks from folders of its own: `../flux/config.yaml`.
  const below = segments.slice(segments.findIndex((segment) => segment !== ".."));
  if (isOther || below.length < 2 || below.includes("..")) return undefined;
  return guess(targets.find(({ path }) => `/${path}`.endsWith(`/${below.join("/")}`)));
}

/**
 * What an address of this repository names, as kustomize and `kubectl apply -f` fetch one: `github.com/owner/name//path?ref=main`,
 * `https://raw.githubusercontent.com/owner/name/main/path`. A commit in it may keep the path alive.
 */
function findAddressed(word: string, targets: readonly Target[]): Target | undefined {
  const repository = targets[0]?.repository;
  if (repository === undefined || word.startsWith("oci:") || !word.toLowerCase().includes(repository)) return undefined;
  const [address = ""] = word.split(/[?#]/);
  const parts = address.replace(/\.git(?=\/)/, "").replace(/[:/]+/g, "/");
  const start = parts.toLowerCase().indexOf(`/${repository}/`);
  if (start < 0) return undefined;
  const rest = parts.slice(start + repository.length + 1);
  const named = targets.filter(({ path }) => rest.endsWith(`/${path}`));
  return named.sort((a, b) => b.path.length - a.path.length)[0];
}

/** The target that `.` or `../..` means from one of the folders in `bases`; certain where no other of those builds anything. */
export function matchHere(
  word: string,
  bases: readonly string[],
  targets: readonly Target[],
  tree: Tree,
): Match | undefined {
  const meant = bases.flatMap((base) => {
    const path = normalizePath(base === "" ? word : `${base}/${word}`);
    return path === undefined ? [] : [{ base, path, target: targets.find((target) => target.path === path) }];
  });
  const found = meant.find(({ target }) => target);
  if (!found?.target) return undefined;
  const { base, target } = found;
  const others = meant.map(({ path }) => path).filter((path) => path !== target.path && findKustomization(tree, path));
  return { target, certain: others.length === 0, base, others };
}

/** Names a word must end with to mean any target; spares resolving every word of every script. */
function lastSegments(tree: Tree, targets: readonly Target[]): Set<string> {
  return remember(tree, "last names", targets, () => new Set(targets.map(({ path }) => basename(path))));
}

/** `$HERE/../../clusters/home` as `$HERE/clusters/home`: what lies above a folder that is not known is not known either. */
function withoutParents(segments: readonly string[]): string[] {
  const kept: string[] = [];
  for (const segment of segments) {
    const last = kept.at(-1);
    const isOpen = last === undefined || last === ".." || (last.includes(UNKNOWN) && kept.length > 1);
    if (segment !== ".." || isOpen) kept.push(segment);
    else if (last !== UNKNOWN) kept.pop();
  }
  return kept;
}

/** `$(git rev-parse --show-toplevel)/clusters/$cluster/flux-system`, of which the word begins with the slash. */
function matchBelow(segments: readonly string[], targets: readonly Target[], tree: Tree): Match | undefined {
  const below = segments.slice(segments.findIndex((segment) => segment !== ".."));
  if (below.filter((segment) => !segment.includes(UNKNOWN)).length < 2) return undefined;
  const found = matchPattern([UNKNOWN, ...below], targets, tree);
  return found && { ...found, certain: false };
}

/** What nothing but flux bootstrap calls a file. */
const GOTK = ["gotk-components.yaml", "gotk-sync.yaml"];

/** @param isAnchored whether it begins in this repository, as `../$cluster/flux-system` does in a folder at the top */
function matchPattern(
  segments: readonly string[],
  targets: readonly Target[],
  tree: Tree,
  isAnchored = segments[0] !== UNKNOWN,
): Match | undefined {
  const concrete = segments.filter((segment) => !segment.includes(UNKNOWN) && segment !== "**");
  // `$dir/gotk-components.yaml`: it may lie in a folder for a moment only, but it is never another file.
  const isNamed = concrete.length === 1 && GOTK.includes(segments.at(-1)!);
  // `$dir/$cluster/bootstrap`: only the one folder of that name that anything is built from.
  const isTail = concrete.length === 1 && segments.length > 2 && segments.at(-1) === concrete[0];
  if (concrete.length < (isAnchored || isNamed || isTail ? 1 : 2) || segments.includes("..")) return undefined;
  const isAny = (segment: string, index: number) => segment === "**" || (index === 0 && segment === UNKNOWN);
  const tokens = segments.map((segment, index) => (isAny(segment, index) ? "*" : segmentTest(segment)));
  const fits = (path: string) => matchTokens(tokens, path.split("/")) !== undefined;
  const fitting = targets.filter(({ path }) => fits(path));
  // Of a base and the overlay that builds it, the overlay is what starts a cluster.
  const isBuilt = (path: string) => fitting.some((other) => listersOf(tree).get(path)?.includes(other.path));
  const target = fitting.find(({ path }) => !isBuilt(path)) ?? fitting[0];
  if (!target) return undefined;
  // Nothing says that the folder is one of this repository, so the line is rewritten for no cluster.
  if (isNamed) return { target, certain: false, base: "", others: [] };
  const rivals = target.isFile ? tree.paths : buildFolders(tree);
  const others = rivals.filter((path) => path !== target.path && fits(path));
  if (!isAnchored && isTail) {
    const isOnly = !target.isFile && others.length === 0;
    return isOnly ? { target, certain: false, base: "", others, byName: true } : undefined;
  }
  // A variable in front only says where the repository lies. One further down may take other values in other runs, unless
  // it is a folder of its own, such as the cluster's, and the rest of the path is in no other.
  const isFixed = segments.every((segment, index) => {
    const isFirst = index === 0 && !isAnchored;
    return !segment.includes(UNKNOWN) || (segment === UNKNOWN && (isFirst || index < segments.length - 2));
  });
  return { target, certain: others.length === 0 && isFixed, base: "", others };
}

function buildFolders(tree: Tree): string[] {
  return remember(tree, "kustomization folders", "", () => tree.paths.filter(isKustomizationFile).map(dirname));
}
