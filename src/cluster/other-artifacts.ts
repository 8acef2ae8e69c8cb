import { parseAddress } from "../contract/address.ts";
import { cutEnd } from "../contract/cut.ts";
import { type Loc, lineOf } from "../contract/errors.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { Claim, KubeObject } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { FILLED_FROM, type FluxObjectSpec } from "../contract/specs.ts";
import { isWithin, normalizePath } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { findFilling, findOpenPush, isNamedByPush, isSpelledByPush } from "./artifact-root.ts";
import { isQuiet, kindOf } from "./automation-files.ts";
import { readCommands } from "./command-lines.ts";
import { repositoryPath } from "./graph.ts";
import { generatedSource } from "./instances.ts";
import { readPublishedFolders } from "./published-folder.ts";
import { codeLines } from "./readable-text.ts";
import { readReleaseSource } from "./sources.ts";
import type { InstanceDescription } from "./types.ts";

export interface Filling {
  /** From which an artifact is filled. */
  folder?: Claim<string>;
  /**
   * Whether that is sure: a person says so, or it is of the owner of the root's source, or a push spells its address. What a
   * digest pins no push alters.
   */
  isSure: boolean;
  /** Whether it may be filled from a folder that cannot be read: by a push here, or beside the artifact of the root. */
  isOpen: boolean;
}

/** What a cluster starts from, and so what is no artifact beside that. */
interface Starts {
  sources: readonly (KubeObject | undefined)[];
  instances: readonly InstanceDescription[];
  /** What a person says is published: `--artifact-path`. */
  artifactPath: string | undefined;
}

/**
 * Tells the folder that an artifact is filled from, and whether one that cannot be read may be it. What a person says of all
 * artifacts need not mean this one, and neither does the call that fills the one of the root, nor one whose address is all
 * variables: these fit the artifacts of other owners as well.
 */
export function makeFilling(tree: Tree, { sources, instances, artifactPath }: Starts): (source: KubeObject) => Filling {
  const { named } = readPublishedFolders(artifactPath);
  // Most clusters read no artifact beside that of the root, and each would go over the instances of all.
  const starting = once(() => {
    const synced = instances.filter(({ spec }) => spec.sync?.url).map(generatedSource);
    const roots = [...sources.filter((one) => one !== undefined), ...synced];
    return {
      calls: roots.flatMap((root) => findFilling(tree, root) ?? []),
      owners: new Set(roots.map(ownerOf)),
      places: new Set(roots.filter(isOci).map(placeOf)),
      repositories: roots.filter(({ kind }) => kind === "GitRepository").map(pathOf),
    };
  });
  const isAt = (one: Loc, { file, line }: Loc) => one.file === file && one.line === line;
  // What a matrix or a loop runs several times fills another one from another folder.
  const isOfRoot = (at: Loc, folder?: string) =>
    starting().calls.some((one) => isAt(one.at, at) && (folder === undefined || folder === one.value));
  const isSure = (one: KubeObject) =>
    !isOci(one) ||
    (one.data.spec?.ref?.digest === undefined && (starting().owners.has(ownerOf(one)) || isSpelledByPush(tree, one)));
  // `oci://ghcr.io/me/home/apps` of github.com/me/home.
  const isOfRepository = (one: KubeObject) =>
    starting().repositories.some((path) => path !== "" && isWithin(pathOf(one), path));
  const read = (one: KubeObject): Filling => {
    const value = named.get(one.name);
    if (value !== undefined) return { folder: { value, at: lineOf(one.file) }, isSure: true, isOpen: false };
    // A release of Flux is none, wherever it is mirrored.
    const isRelease = readReleaseSource(one, undefined) !== undefined;
    const isBeside =
      isOci(one) && !isRelease && (starting().places.has(placeOf(one)) || isOfRepository(one) || isHandled(tree, one));
    if (isOci(one) && !isNamedByPush(tree, one)) return { isSure: false, isOpen: isBeside };
    const found = findFilling(tree, one);
    if (found && !isOfRoot(found.at, found.value)) return { folder: found, isSure: isSure(one), isOpen: false };
    const open = findOpenPush(tree, one);
    return { isSure: false, isOpen: isBeside || (open !== undefined && !isOfRoot(open)) };
  };
  // Many read one artifact.
  const known = new Map<KubeObject, Filling>();
  return (one) => getOrMake(known, one, () => read(one));
}

function isOci({ kind }: Pick<KubeObject, "kind">): boolean {
  return kind === "OCIRepository";
}

/** What stands before the name of an artifact: its registry and owner. */
function placeOf({ data }: Pick<KubeObject, "data">): string {
  return String(data.spec?.url ?? "")
    .toLowerCase()
    .replace(/\/[^/]*\/?$/, "");
}

/** `me/apps` of `oci://ghcr.io/me/apps`, and `me/home` of `ssh://git@github.com/me/home.git`. */
function pathOf({ data }: Pick<KubeObject, "data">): string {
  const { path } = parseAddress(String(data.spec?.url ?? "").toLowerCase());
  return normalizePath(path.replace(/\.git\/?$/, "")) ?? "";
}

/** `me` of them. */
function ownerOf(one: Pick<KubeObject, "data">): string {
  const [owner = ""] = pathOf(one).split("/");
  return owner || parseAddress(String(one.data.spec?.url ?? "").toLowerCase()).host;
}

/** What fills an artifact, near its address: `oras push`, an action, a build whose `tags` hold it. */
const FILLS =
  /\b(?:oras|docker|podman|buildah|nerdctl|helm)\s[^|;&]*push|\bcrane\s+(?:append|copy|cp|mutate|push|rebase|tag)\b|\bskopeo\s+(?:copy|sync)\b|\bregctl\s[^|;&]*\b(?:put|copy|import|create|mod)\b|\bimagetools\s+create\b|uses:.*push|\bpush:\s*true/i;
/** What asks a registry for it, whatever is filled beside that. */
const ASKS = /\b(?:pull|digest|manifest|inspect|verify|ls|tags)\s/;
/** What copies an artifact, from which registry and owner: `skopeo copy docker://ghcr.io/other/app docker://…`. */
const COPIES = /\b(?:copy|cp|sync)\s(?:[^|;&]*?[\s"'/])??((?:[\w-]+\.)+[a-z]{2,}(?::\d+)?\/([\w.-]+)\/[\w./-]+)/i;
/** Registries of everybody: one of a company moves what is built from one part of it to the next. */
const SHARED = /^(?:ghcr\.io|(?:[\w-]+\.)*docker\.io|quay\.io|public\.ecr\.aws|registry\.gitlab\.com|codeberg\.org)\//;
const [ABOVE, BELOW] = [6, 3];

/** Whether a job, task or script here may fill an artifact by another tool: it names its address. */
function isHandled(tree: Tree, { data }: Pick<KubeObject, "data">): boolean {
  const place = cutEnd(String(data.spec?.url ?? "").replace(/^oci:\/\//, ""), "/");
  if (!place.includes("/")) return false;
  return remember(tree, "addresses in automation", place, () => {
    const names = new RegExp(`(?:(?:oci|docker)://|(?<![\\w./-]))${escapeRegExp(place)}(?![\\w./-])`);
    return tree.grep(place).some((file) => {
      const lines = commandsOf(tree, file);
      const isNear = (at: number) => lines.slice(Math.max(0, at - ABOVE), at + BELOW).some((line) => FILLS.test(line));
      const isMirror = (line: string) => {
        const [, from, owner] = COPIES.exec(line) ?? [];
        const [host, own] = place.split("/");
        if (from === undefined || owner === own || (from.startsWith(`${host}/`) && !SHARED.test(from))) return false;
        return !isMade(tree, from);
      };
      const isFilled = (line: string, at: number) =>
        FILLS.test(line) ? !isMirror(line) : !ASKS.test(line) && isNear(at);
      return lines.some((line, at) => names.test(line) && isFilled(line, at));
    });
  });
}

function commandsOf(tree: Tree, file: string): readonly string[] {
  if (kindOf(file) === "other" || isQuiet(file)) return [];
  return remember(tree, "commands", file, () =>
    readCommands(codeLines(tree, file).join("\n")).map((command) => command.line),
  );
}

/** Whether something here names an address for more than to ask for it or to copy from there. */
function isMade(tree: Tree, from: string): boolean {
  const isMaking = (line: string) => line.includes(from) && !ASKS.test(line) && COPIES.exec(line)?.[1] !== from;
  return tree.grep(from).some((file) => commandsOf(tree, file).some(isMaking));
}

/**
 * The folder that the path of a FluxKustomization counts from, where that is sure and the path is there. Of a push of `.` nobody
 * knows where it is run: what applies the whole of a repository is its root at most.
 */
export function followedFolder(
  { folder, isSure }: Filling,
  spec: FluxObjectSpec | undefined,
  isDir: (path: string) => boolean,
): string | undefined {
  if (!folder || !isSure) return undefined;
  const path = repositoryPath({ ...spec, [FILLED_FROM]: folder.value }, "") ?? folder.value;
  return path !== "" && isDir(path) ? folder.value : undefined;
}
