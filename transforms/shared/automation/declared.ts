import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { basename } from "../../../src/delivery/paths.ts";
import type { Word } from "./words.ts";

/** What k3s, RKE2 and k0s apply by themselves as soon as it lies there. */
const APPLIED_FOLDER = /\/(?:server|k0s)\/manifests\b/;

/** Files of programs that apply the manifests at each path that they list, and run no command for it. */
function listsManifests({ path, text }: AutomationFile): boolean {
  if (/^apiVersion:\s*["']?skaffold\//m.test(text) || /^kind:\s*["']?ZarfPackageConfig\b/m.test(text)) return true;
  // What k0sctl lays into the folder of manifests, k0s applies.
  if (/^apiVersion:\s*["']?k0sctl\./m.test(text) && APPLIED_FOLDER.test(text)) return true;
  // Rancher Fleet; other files of that name have other fields.
  return basename(path) === "fleet.yaml" && /^kustomize:/m.test(text);
}

/** Told once a file: each of its words may ask. */
const listing = new WeakMap<AutomationFile, boolean>();
/** A value of YAML or an item of a list, alone on its line or the first in brackets. */
const VALUE = /^\s*(?:-\s+)*(?:["']?([\w.-]+)["']?:\s*)?(?:\{\s*["']?([\w.-]+)["']?:\s*)?\[?\s*["']?$/;
const OTHER_KEYS = /^(?:name|ignore|exclude|context|dockerfile|description|url|default)$/i;

/** Whether a word is a path in a file whose program applies what lies there: `paths:` of Skaffold. */
export function isDeclared(file: AutomationFile, text: string, { start }: Word): boolean {
  const place = VALUE.exec(text.slice(Math.max(0, start - REACH), start));
  if (!place || OTHER_KEYS.test(place[2] ?? place[1] ?? "")) return false;
  return getOrMake(listing, file, () => listsManifests(file));
}

const REACH = 200;

/** Whether a line puts a path there: a copy, a link, a mount. */
export function isPutThere(text: string): boolean {
  return APPLIED_FOLDER.test(text) && /(?:^|[\s;&|"'])(?:cp|ln|scp|rsync|install|mv)\s/.test(text);
}
