import { type Loc, lineOf } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { dirname } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { positionAt } from "../../yaml/lines.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { isArchived, isJinja, listAutomation } from "../automation-files.ts";
import { readTerraform } from "../gotk/terraform-text.ts";
import { expandTerraform } from "../gotk/terraform-variables.ts";
import { isYamlPath } from "../objects.ts";
import { findUnfilled } from "../unfilled/find.ts";
import { readTemplates } from "./templates.ts";
import { readScripts, readTexts } from "./texts.ts";

/** A folder that Flux reads as its root, as a file other than the manifest of a root says it. */
export interface Told {
  /** As it is written, from the root of the artifact; `${…}` stands for a part that the file does not say. */
  path: string;
  at: Loc;
  /** `flux_bootstrap_git.this`, `flux bootstrap`: who says so. */
  by: string;
  /** The FluxKustomization itself stands there, so that it needs no Flux in the folder to be believed. */
  declared?: true;
}

/** By whom, where Terraform, a playbook, a script or a text in a manifest makes a FluxInstance. */
const SYNC_OF_INSTANCE = "the sync of a FluxInstance";

/** FluxInstances that Terraform makes, so that Flux Operator runs already where it is applied. */
export function findMadeInstances(tree: Tree): Told[] {
  return toldByTerraform(tree).filter((one) => one.path !== "" && isMadeInstance(tree, one));
}

/** Whether it is the sync of a FluxInstance by the words of its file; `sync:` stands in others as well. */
export function isMadeInstance(tree: Tree, { by, at }: Told): boolean {
  return (
    by === SYNC_OF_INSTANCE && (isJinja(at.file) || /\bFluxInstance\b|flux-instance/.test(readTerraform(tree, at.file)))
  );
}

/** What the text of a FluxKustomization holds, in whatever language. */
export const FLUX_KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/";

/** Files that Terraform reads. */
export function isTerraform(path: string): boolean {
  return /\.(tf|tofu|hcl|tfvars)$/.test(path) && !isArchived(path);
}

/** Everything in a tree that says where Flux starts, besides manifests of roots and FluxInstances. */
export function findTold(tree: Tree): readonly Told[] {
  return remember(tree, "told", undefined, () => {
    const told = [
      ...toldByTerraform(tree),
      ...unlikeOf(
        [readTemplates, readTexts, readScripts]
          .flatMap((read) => read(tree))
          .map((one) => ({ ...one, by: SYNC_OF_INSTANCE })),
      ),
      ...listAutomation(tree).flatMap(({ path, text }) => unlikeOf(readCalls(path, text))),
      ...findUnfilled(tree).map(({ path, sync }) => ({ path, at: lineOf(sync), by: "an empty gotk-sync.yaml" })),
      ...tree.grep("sync:").flatMap((file) => unlikeOf(readValues(tree, file))),
    ];
    return told.filter(({ path }) => path !== "");
  });
}

function toldByTerraform(tree: Tree): readonly Told[] {
  return remember(tree, "told by Terraform", undefined, () =>
    tree.paths.filter(isTerraform).flatMap((file) => unlikeOf(readBlocks(tree, file))),
  );
}

/** What a file says again says nothing new. */
function unlikeOf(told: readonly Told[]): Told[] {
  return [...groupBy(told, ({ by, path }) => `${by}\0${path}`).values()].map(([first]) => first!);
}

/** Blocks of Terraform that start Flux, with the argument that says where. */
const BLOCKS: readonly [start: RegExp, argument: string][] = [
  [/^[ \t]*resource[ \t]+"(flux_bootstrap(?:_git)?)"[ \t]+"([^"]+)"[ \t]*\{/gm, "path"],
  [/^[ \t]*data[ \t]+"(flux_sync)"[ \t]+"([^"]+)"[ \t]*\{/gm, "target_path"],
];

/** Any object, as a map or as YAML in a text. */
const MANIFEST = /^[ \t]*resource[ \t]+"(kubernetes_manifest|kubectl_manifest)"[ \t]+"([^"]+)"[ \t]*\{/gm;
const fieldOf = (name: string, value: string) => new RegExp(`^[ \\t]*"?${name}"?[ \\t]*[=:][ \\t]*(${value})$`, "m");

/** Values of the flux-instance chart, or a FluxInstance: as arguments, as a map, or as YAML in a text. */
const SYNC: readonly RegExp[] = [
  /name[ \t]*=[ \t]*"instance\.sync\.path"[ \t\r]*[\n,;]\s*value[ \t]*=[ \t]*("[^"\n]*"|[\w.]+)/g,
  /^[ \t]*"?sync"?[ \t]*[=:][ \t]*(?:merge\([^{}\n]{0,200}(?:\n[ \t]*)?)?(?:\{[ \t]*)?\n(?:(?:[^\n{}]|\$\{[^\n{}]*\})*\n){0,8}?[ \t]*"?path"?[ \t]*[=:][ \t]*(.+)$/gm,
];

const CHART_NAME = "flux2-sync";

/** The same of the chart that makes a source and a root. */
const CHART_SYNC: readonly RegExp[] = [
  /name[ \t]*=[ \t]*"kustomization\.spec\.path"[ \t\r]*[\n,;]\s*value[ \t]*=[ \t]*("[^"\n]*"|[\w.]+)/g,
  /^[ \t]*"?kustomization"?[ \t]*[=:][ \t]*(?:\{[ \t]*)?\n[ \t]*"?spec"?[ \t]*[=:][ \t]*(?:\{[ \t]*)?\n(?:(?:[^\n{}]|\$\{[^\n{}]*\})*\n){0,8}?[ \t]*"?path"?[ \t]*[=:][ \t]*(.+)$/gm,
];

function readBlocks(tree: Tree, file: string): Told[] {
  const text = readTerraform(tree, file);
  if (!/flux/i.test(text)) return [];
  const tell: Tell = (written, index, by) => {
    const path = written === undefined ? undefined : readExpression(tree, file, written);
    return path === undefined ? [] : [{ path, at: lineOf(file, positionAt(text, index).line), by }];
  };
  const blocks = BLOCKS.flatMap(([start, argument]) =>
    [...text.matchAll(start)].flatMap((found) => {
      const said = new RegExp(`^[ \\t]*${argument}[ \\t]*=[ \\t]*(.+)$`, "m").exec(blockAt(text, found.index));
      return tell(said?.[1], found.index + (said?.index ?? 0), `${found[1]}.${found[2]}`);
    }),
  );
  const find = (patterns: readonly RegExp[], by: string) =>
    patterns.flatMap((pattern) =>
      [...text.matchAll(pattern)].flatMap((found) => tell(found[1], found.index + found[0].length, by)),
    );
  const made = text.includes(CHART_NAME) ? find(CHART_SYNC, `the chart ${CHART_NAME}`) : [];
  return [...blocks, ...readManifests(text, tell), ...find(SYNC, SYNC_OF_INSTANCE), ...made];
}

type Tell = (written: string | undefined, index: number, by: string) => Told[];

interface ManifestBlock {
  /** `kubectl_manifest.root` */
  name: string;
  index: number;
  line: number;
  text: string;
}

/**
 * Blocks of Terraform that apply a FluxKustomization by themselves, for the cluster that they apply it to.
 * @param text as `readTerraform` gives it
 */
export function kustomizationBlocks(text: string): ManifestBlock[] {
  if (!text.includes(FLUX_KUSTOMIZATION)) return [];
  return [...text.matchAll(MANIFEST)].flatMap(({ index, 1: type, 2: name }) => {
    const { line } = positionAt(text, index);
    const block = blockAt(text, index);
    if (!block.includes(FLUX_KUSTOMIZATION) || !fieldOf("kind", "[\"']?Kustomization[\"']?,?").test(block)) return [];
    return fieldOf("kubeConfig", ".*").test(block) ? [] : [{ name: `${type}.${name}`, index, line, text: block }];
  });
}

/** One that prunes nothing takes nothing along. */
function readManifests(text: string, tell: Tell): Told[] {
  return kustomizationBlocks(text).flatMap((block) => {
    if (fieldOf("prune", "false,?").test(block.text)) return [];
    const said = fieldOf("path", ".+").exec(block.text);
    const told = tell(said?.[1], block.index + (said?.index ?? 0), block.name);
    return told.map((one) => ({ ...one, declared: true }));
  });
}

/** Characters of a block that are looked at. */
const LONGEST_BLOCK = 20_000;

/** A block from its first line to its last. */
function blockAt(text: string, from: number): string {
  let depth = 0;
  const end = Math.min(text.length, from + LONGEST_BLOCK);
  for (let at = from; at < end; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return text.slice(from, at);
  }
  return text.slice(from, end);
}

/** A literal, a variable, or a local that is said; other expressions leave `${…}` in the text. */
function readExpression(tree: Tree, file: string, said: string): string | undefined {
  const written = said.replace(/(?<![ \t])[ \t]+(?:#|\/\/).*$/s, "").trim();
  const bare = /^["']?([\w./${}-]+?)["']?,?$/.exec(written)?.[1];
  if (bare === undefined) return undefined;
  const isText = /^["']/.test(written) || bare.includes("/");
  if (!isText && !/^(?:var|local)\.\w+$/.test(bare)) return undefined;
  const text = expandTerraform(tree, dirname(file), isText ? bare : `\${${bare}}`, true);
  return text === `\${${bare}}` && bare.startsWith("local.") ? undefined : text;
}

/** What a shell, make, a task runner or a forge fills in. */
const OPEN = String.raw`\$?\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\$\(\w+\)|\$\w+`;
const PATH_FLAG = new RegExp(String.raw`--path[= ]+["']?((?:${OPEN}|[\w./-])+)`);
const OPEN_PARTS = new RegExp(OPEN, "g");

/** `flux bootstrap github --path=clusters/home` in a task, a script or a workflow; a folded text has flags on lines of their own. */
function readCalls(file: string, text: string): Told[] {
  const told: Told[] = [];
  for (let from = text.indexOf("flux bootstrap"); from >= 0; from = text.indexOf("flux bootstrap", from + 1)) {
    const lines = text.slice(from, from + 4000).split("\n");
    const goesOn = (at: number) => lines[at]!.trimEnd().endsWith("\\") || /^\s*--?\w/.test(lines[at + 1] ?? "");
    const last = lines.findIndex((_, at) => !goesOn(at));
    const call = lines.slice(0, last + 1).join("\n");
    const path = PATH_FLAG.exec(call)?.[1];
    if (path === undefined) continue;
    const at = lineOf(file, positionAt(text, from).line);
    told.push({ path: path.replace(OPEN_PARTS, "${variable}"), at, by: "flux bootstrap" });
  }
  return told;
}

/** Values of the flux-instance chart that a person or another tool installs. */
function readValues(tree: Tree, file: string): Told[] {
  if (!isYamlPath(file) || isArchived(file) || isJinja(file)) return [];
  const text = tree.read(file) ?? "";
  if (!text.includes("instance:") || text.includes("kind: HelmRelease")) return [];
  const parsed = readYamlCached(text);
  if (!parsed.ok) return [];
  return parsed.docs.flatMap(({ data }) => {
    const sync = isMap(data) && isMap(data.instance) ? data.instance.sync : undefined;
    const path = isMap(sync) ? sync.path : undefined;
    const lines = text.split("\n");
    const start = lines.findIndex((one) => /^\s*sync:/.test(one));
    const line = lines.findIndex((one, at) => at > start && /^\s*path:/.test(one)) + 1;
    return typeof path === "string" ? [{ path, at: lineOf(file, Math.max(line, 1)), by: "instance.sync.path" }] : [];
  });
}
