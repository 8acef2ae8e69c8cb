import type { InstallElsewhere } from "../contract/install-ways.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isDocs, isJinja } from "./automation-files.ts";
import { codeLines } from "./readable-text.ts";

const INSTALL = /\bflux\s+install\b|fluxcd\/flux2\/(?:releases|manifests)\b|\bgotk-components\b/;
/** `source = ../clusters/home/flux-system/gotk-components.yaml;`, as a path of Nix or the end of a text that holds one. */
const NIX_FILE = /\bgotk-(?:components|sync)\.ya?ml["']?\s*;/;
/** What a playbook copies and whither stand this many lines from each other. */
const NEAR = 4;

/** What applies the manifests of a folder of its machine, and a search for lines that name such a folder. */
const HOSTS = [
  { by: "k3s-manifests", search: "/server/manifests/", folder: /\/server\/manifests\// },
  { by: "k0s-manifests", search: "/k0s/manifests", folder: /\/k0s\/manifests(?![\w.-])/ },
] as const;

/**
 * Lines that put an install into `/var/lib/rancher/k3s/server/manifests` or `/var/lib/k0s/manifests`, and `flux install --export` or
 * its file in a file of NixOS that sets `services.k3s.manifests`. Both apply what lies there at every start and as often as it
 * changes; k3s deletes nothing when it goes, and k0s deletes all of it (k0s docs, Manifest Deployer). Errs towards naming a Nix file
 * that exports an install for something else.
 */
export function findHostManifests(tree: Tree): InstallElsewhere[] {
  const nix = tree.grep("services").filter((file) => file.endsWith(".nix"));
  return HOSTS.flatMap(({ by, search, folder }) => {
    const files = new Set([...(by === "k3s-manifests" ? nix : []), ...tree.grep(search)]);
    return [...files].flatMap((file): InstallElsewhere[] => {
      if (isArchived(file) || isDocs(file) || isJinja(file)) return [];
      const lines = codeLines(tree, file);
      const inNix = file.endsWith(".nix") && by === "k3s-manifests" ? findInNix(lines) : -1;
      const found = inNix < 0 ? findCopy(tree, file, lines, folder) : inNix;
      return found < 0 ? [] : [{ by, file, line: found + 1, name: file }];
    });
  });
}

function findInNix(lines: readonly string[]): number {
  const text = lines.join("\n");
  if (!/\b(?:k3s|rke2)\b/.test(text) || !/\bmanifests\b/.test(text)) return -1;
  const exported = text.includes("--export") ? lines.findIndex((line) => /\bflux\s+install\b/.test(line)) : -1;
  return exported < 0 ? lines.findIndex((line) => NIX_FILE.test(line)) : exported;
}

function findCopy(tree: Tree, file: string, lines: readonly string[], folder: RegExp): number {
  // What deletes a file there puts none there.
  const folders = [...lines.keys()].filter((index) => folder.test(lines[index]!) && !/\brm\s/.test(lines[index]!));
  const isStructured = /\.ya?ml$/.test(file);
  // Every line is held against few: those that stand beside it.
  const near = new Map<number, number[]>();
  for (const index of folders)
    for (let at = index - NEAR; at <= index + NEAR; at++) near.set(at, [...(near.get(at) ?? []), index]);
  return lines.findIndex((line, at) => {
    const found = near.get(at);
    if (!found || /\bkubectl\b/.test(line)) return false;
    if (INSTALL.test(line)) return true;
    return namesFolder(tree, file, line) && found.some((index) => belongs(lines, [at, index], isStructured));
  });
}

/** Whether two lines are of one command, or of one item of a list. */
function belongs(lines: readonly string[], places: readonly [number, number], isStructured: boolean): boolean {
  const [first, last] = [Math.min(...places), Math.max(...places)];
  if (!isStructured) return lines.slice(first, last).every((line) => line.trimEnd().endsWith("\\"));
  const indentOf = (line: string) => line.search(/\S/);
  const indent = indentOf(lines[first]!);
  return !lines.slice(first + 1, last + 1).some((line) => /^\s*-\s/.test(line) && indentOf(line) <= indent);
}

/** Whether a line names the folder of an install, or its files by a glob of k0sctl: `src: clusters/home/flux-system/*.yaml`. */
function namesFolder(tree: Tree, file: string, line: string): boolean {
  const paths = line.split(/[^\w./*-]+/).filter((word) => word.includes("/") && !word.startsWith("/"));
  return paths.some((path) => {
    const dir = path.slice(path.lastIndexOf("/")).includes("*") ? dirname(path) : path;
    return ["", dirname(file)].some((base) => tree.has(join(base, dir, "gotk-components.yaml")));
  });
}
