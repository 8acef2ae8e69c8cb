import { readable } from "../contract/answer.ts";
import type { Finding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { getOrMake } from "../contract/group-by.ts";
import { listSome } from "../contract/list-some.ts";
import { itemsOf, type KubeObject } from "../contract/objects.ts";
import { operand, sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import { isKustomizationFile, loadKustomization } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived } from "./automation-files.ts";
import { builtBy, repositoryPath } from "./graph.ts";
import type { Start } from "./types.ts";

/** How a root that nothing delivers came into the cluster. */
export interface AppliedRoot {
  /** The folder whose build brings it, as `kubectl apply -k` does; undefined where none is known, and it is as its file has it. */
  dir?: string;
  finding?: Finding;
}

interface Way {
  /** The folder, or the file itself. */
  path: string;
  dir?: string;
  /** Source and root as they are then. */
  said: string;
}

/**
 * The folder that somebody applied to bring a root that delivers itself in no way: patches of its kustomization, and of those
 * that build from it, are part of the root. Where folders make different ones of it, that one counts which a command applies.
 */
export function findAppliedRoot(tree: Tree, { root, source, artifactRoot }: Start): AppliedRoot {
  const own = repositoryPath(root.data.spec, artifactRoot);
  const ways = foldersBringing(tree, root.file).flatMap((dir): Way[] => {
    const data = readBuilt(tree, root, dir);
    if (data === undefined || repositoryPath(data.spec, artifactRoot) !== own) return [];
    return [{ path: dir, dir, said: sayBoth(data, source && (readBuilt(tree, source, dir) ?? source.data)) }];
  });
  const [first] = ways;
  if (first === undefined) return {};
  const file: Way = { path: root.file, said: sayBoth(root.data, source?.data) };
  const all = [...ways, file];
  const words = wordsOfApply(tree);
  const applied = all.filter(({ path }) =>
    words.some((word) => word === path || (path !== "" && word.endsWith(`/${path}`))),
  );
  const isSame = all.every(({ said }) => said === file.said);
  if (isSame) return applied.length === 1 ? given({ dir: applied[0]!.dir }) : {};
  const meant = applied.length > 0 ? applied : ways;
  if (meant.every(({ said }) => said === meant[0]!.said)) return given({ dir: meant[0]!.dir });
  return { finding: reportDifferent(root, meant) };
}

const sayBoth = (root: KubeObject["data"], source: KubeObject["data"] | undefined) =>
  JSON.stringify([root.spec, source?.spec]);

function readBuilt(tree: Tree, object: KubeObject, dir: string) {
  const built = builtBy(tree, object, dir);
  return built && readable(built.effective);
}

/** The folders whose kustomization lists a file, or a folder that brings it; the nearest first. */
function foldersBringing(tree: Tree, file: string): string[] {
  const listing = new Map<string, string[]>();
  for (const path of tree.paths.filter(isKustomizationFile)) {
    const loaded = loadKustomization(tree, path);
    if (!loaded.ok || isArchived(path)) continue;
    const dir = dirname(path);
    for (const entry of ["resources", "bases"].flatMap((field) => itemsOf(loaded.file.data[field]))) {
      getOrMake(listing, join(dir, String(entry)), () => []).push(dir);
    }
  }
  const found = new Set(listing.get(file));
  for (const dir of found) for (const above of listing.get(dir) ?? []) found.add(above);
  return [...found];
}

/** The words of all lines, of scripts and of pages, that apply something: folders and files among them. */
function wordsOfApply(tree: Tree): string[] {
  const lines = tree.grep("apply").flatMap((file) => (tree.read(file) ?? "").split("\n"));
  const words = lines.filter((line) => /\bapply\b/.test(line)).flatMap((line) => line.split(/[\s"'`=]+/));
  return [...new Set(words.map((word) => word.replace(/\/$/, "").replace(/^\.\//, "")))];
}

function reportDifferent(root: KubeObject, ways: readonly Way[]): Finding {
  const paths = [...new Map(ways.map(({ said, path }) => [said, path])).values()];
  return {
    rule: "root-applied-differently",
    level: "blocker",
    resource: describe(root),
    at: { file: root.file, line: 1, col: 1 },
    what: `${describe(root)} is applied by hand, and ${listSome(paths, 3)} make different ones of it or of its source; which of them runs cannot be told.`,
    why: "The FluxInstance takes the place of what runs. What only one of them says, such as decryption, would be lost or added.",
    next: `Compare with what runs (${sh`flux export kustomization ${operand(root.name)}`.line}, and its source). Write down where it is read, in a script or a README, which one is applied: a line with ${sh`kubectl apply -k ${paths[0] ?? ""}`.line}, for one. Then run fluxlift again.`,
  };
}
