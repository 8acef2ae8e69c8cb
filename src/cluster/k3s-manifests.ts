import type { InstallElsewhere } from "../contract/install-ways.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isDocs, isJinja } from "./automation-files.ts";
import { codeLines } from "./readable-text.ts";

const INSTALL = /\bflux\s+install\b|fluxcd\/flux2\/(?:releases|manifests)\b|\bgotk-components\b/;
const FOLDER = /\/server\/manifests\//;
/** `source = ../clusters/home/flux-system/gotk-components.yaml;`, as a path of Nix or the end of a text that holds one. */
const NIX_FILE = /\bgotk-(?:components|sync)\.ya?ml["']?\s*;/;
/** What a playbook copies and whither stand this many lines from each other. */
const NEAR = 4;

/**
 * Lines that put an install into `/var/lib/rancher/k3s/server/manifests`, and `flux install --export` or its file in a file of NixOS
 * that sets `services.k3s.manifests`. k3s applies what lies there at every start and as often as it changes, and deletes nothing
 * when it goes. Errs towards naming a Nix file that exports an install for something else.
 */
export function findK3sManifests(tree: Tree): InstallElsewhere[] {
  const nix = tree.grep("services").filter((file) => file.endsWith(".nix"));
  const files = new Set([...nix, ...tree.grep("/server/manifests/")]);
  return [...files].flatMap((file): InstallElsewhere[] => {
    if (isArchived(file) || isDocs(file) || isJinja(file)) return [];
    const lines = codeLines(tree, file);
    const found = file.endsWith(".nix") ? findInNix(lines) : findCopy(lines);
    return found < 0 ? [] : [{ by: "k3s-manifests", file, line: found + 1, name: file }];
  });
}

function findInNix(lines: readonly string[]): number {
  const text = lines.join("\n");
  if (!/\b(?:k3s|rke2)\b/.test(text) || !/\bmanifests\b/.test(text)) return -1;
  const exported = text.includes("--export") ? lines.findIndex((line) => /\bflux\s+install\b/.test(line)) : -1;
  return exported < 0 ? lines.findIndex((line) => NIX_FILE.test(line)) : exported;
}

function findCopy(lines: readonly string[]): number {
  return lines.findIndex(
    (line, index) =>
      INSTALL.test(line) && lines.slice(Math.max(0, index - NEAR), index + NEAR + 1).some((near) => FOLDER.test(near)),
  );
}
