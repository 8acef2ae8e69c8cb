import type { Finding } from "../contract/finding.ts";
import { sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import { reach } from "../delivery/kustomize/index.ts";
import { basename, dirname } from "../delivery/paths.ts";
import { foldersOf } from "../files/disk-tree.ts";
import type { Tree } from "../files/tree.ts";
import type { Cluster } from "./types.ts";

type Started = Pick<Cluster, "root" | "source" | "rootFrom" | "peers" | "rivals" | "files" | "install">;

/**
 * A blocker where the root looks like a child of one that is not in Git: the folder in which it lies holds the install too,
 * neither the root nor what it starts delivers that folder, and no script or page is seen to apply it. As with source and
 * install in `clusters/prod/flux-system` beside `clusters/prod/apps.yaml`, which builds `./apps`.
 * Errs towards saying nothing: a line with `apply` and the name of one of these files or folders is a person who does it.
 */
export function reportUnseenRoot(tree: Tree, cluster: Started): Finding | undefined {
  const { root, source, rootFrom, peers, rivals, files, install } = cluster;
  if (rootFrom === "instance" || peers.length + rivals.length > 0 || files.has(root.file) || !install) return undefined;
  // Bootstrap writes both into one file under one name, and so does a person who starts from there.
  if (root.file === source?.file || root.name === source?.name) return undefined;
  const installed = install.objects.map(({ file }) => file);
  if (installed.length === 0 || installed.some((file) => files.has(file))) return undefined;
  const folder = foldersOf(root.file).find((dir) => {
    const built = new Set(reach(tree, dir).resources);
    return built.has(root.file) && installed.some((file) => built.has(file));
  });
  if (folder === undefined) return undefined;
  const names = [root.file, ...installed].flatMap((file) => [basename(file), basename(dirname(file))]);
  if (isAppliedByHand(tree, new Set([...names, basename(folder)]))) return undefined;
  return {
    rule: "root-ambiguous",
    level: "blocker",
    resource: describe(root),
    at: { file: root.file, line: 1, col: 1 },
    what: `Nothing that can be read here delivers ${folder}, which holds the install of Flux and ${describe(root)}: whether a FluxKustomization that is not in Git builds that folder, and is the root, is unknown.`,
    why: "A FluxInstance syncs one path. Were the wrong one taken for the root, the real one would lose its source and the folder that it builds.",
    next: `Look with \`flux get kustomizations -A\`. If one builds ${folder}, commit it there as it is (flux export kustomization …) and list it. If the folder is only applied by hand, write that down where it is read, in a script or a README: a line with ${sh`kubectl apply -k ${folder}`.line}. Then run fluxlift again.`,
  };
}

function isAppliedByHand(tree: Tree, names: ReadonlySet<string>): boolean {
  const applies = (line: string) => /\bapply\b/.test(line) && line.split(/[\s"'/]+/).some((word) => names.has(word));
  return tree.grep("apply").some((file) => (tree.read(file) ?? "").split("\n").some(applies));
}
