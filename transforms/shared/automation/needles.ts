import { helmInstallsChart } from "../../../src/cluster/chart-command.ts";
import { COMMUNITY } from "../../../src/cluster/chart-elsewhere.ts";
import { makeWithin } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { TransformContext } from "../../contract.ts";
import { oldInstall, sourceNamesOf } from "../references/renames.ts";
import { isOfOthers } from "./of-others.ts";
import { onlyLeadsOn, type Page } from "./page.ts";
import { planRemoval } from "./removed.ts";
import { isReporter, reporterOf } from "./reporter.ts";
import { listTargets } from "./targets.ts";
import { FLAGS } from "./words.ts";

/** A text that names what goes, to be looked for in lines of pages and automation. */
export interface Needle {
  text: string;
  /** @param page the whole file that the line is of */
  test(line: string, page: Page): boolean;
  /** The folder that it names, where that stays and nothing of it is built any more. */
  unbuilt?: string;
}

/** Commands of the flux CLI on objects of the old install, such as `flux reconcile kustomization flux`. */
export function commandNeedles({ cluster }: TransformContext): Needle[] {
  const words: Record<string, string> = {
    Kustomization: "(?:kustomizations?|ks)",
    OCIRepository: "(?:source oci|ocirepositor(?:y|ies)[./ ]\\S*?)",
  };
  // A kustomization on the remote base is an object without a name.
  const named = oldInstall(cluster).filter(({ name }) => name !== "");
  return named.flatMap(({ kind, name }) => {
    const pattern = new RegExp(`\\b${words[kind]}[ /]${FLAGS}["']?${escapeRegExp(name)}["']?(?![\\w-])`);
    const test = (line: string) => {
      const flux = /\bflux\b/.exec(line);
      return flux !== null && pattern.test(line.slice(flux.index + "flux".length));
    };
    return words[kind] ? [{ text: name, test }] : [];
  });
}

/** What a phase takes away, by its paths, to be looked for in pages, which have people put keys there, or in automation. */
export function pathNeedles(
  context: TransformContext,
  phase: "cutover" | "cleanup",
  where: "pages" | "automation" = "pages",
): Needle[] {
  const isLead = isReporter(context);
  const removal = planRemoval({ ...context, phase });
  const ownOf = (paths: readonly string[]) => paths.filter((path) => !isOfOthers(context, path));
  const [folders, builds, files] = [ownOf(removal.folders), ownOf(removal.builds), ownOf(removal.files)];
  const isInside = makeWithin(removal.folders);
  return [
    ...folders.flatMap((path) => pathNeedle(path, "folder", isLead, where)),
    ...builds.filter((path) => !folders.includes(path)).flatMap((path) => pathNeedle(path, "build", isLead)),
    ...files.filter((path) => !isInside(path)).flatMap((path) => pathNeedle(path, "file", isLead)),
  ];
}

/** Folders that stay, but that no longer start a cluster when somebody applies them. */
function startNeedles(context: TransformContext): Needle[] {
  const folders = listTargets(context).filter(({ isFile, stays, roles }) => !isFile && stays && roles.length > 0);
  return folders.flatMap(({ path }) =>
    pathNeedle(path, "build", isReporter(context)).map(({ text, test }) => ({
      text,
      test: (line, page) => /\b(?:kubectl|oc)\b.*\bapply\b/.test(line) && test(line, page),
    })),
  );
}

export function cleanupNeedles(context: TransformContext): Needle[] {
  const needles = [...pathNeedles(context, "cleanup"), ...startNeedles(context)];
  const { from, to } = sourceNamesOf(context.cluster)?.source ?? { from: "", to: "" };
  if (from !== to) {
    const kinds = "(?:git|oci|bucket|gitrepositor(?:y|ies)|ocirepositor(?:y|ies)|--sources?)";
    needles.push(textNeedle(from, new RegExp(`${kinds}[ /=]["'\`]?${escapeRegExp(from)}(?![\\w-])`, "i")));
  }
  const common = commonNeedles(context);
  if (isReporter(context)) return [...needles, ...common];
  // Of a tree of flux bootstrap the reporter looks for all at cutover already.
  const isTold = context.phase === "cleanup" || reporterOf(context)?.install?.style === "gotk";
  const isCommon = (line: string, page: Page) => isTold && common.some(({ test }) => test(line, page));
  return needles.map(({ test, ...needle }) => ({
    ...needle,
    test: (line, page) => test(line, page) && !isCommon(line, page),
  }));
}

/** What the reporter looks for in the name of all clusters. */
function commonNeedles(context: TransformContext): Needle[] {
  return [
    textNeedle("flux bootstrap", /\bflux bootstrap\b/),
    textNeedle('flux" bootstrap', /\/flux" bootstrap\b/),
    textNeedle("gotk-components.yaml", /\bgotk-components\.yaml\b/),
    textNeedle("gotk-sync.yaml", /\bgotk-sync\.yaml\b/),
    textNeedle("flux install", /\bflux install\b/),
    textNeedle('flux" install', /\/flux" install\b/),
    textNeedle("flux uninstall", /\bflux uninstall\b/),
    textNeedle("flux-manifests", /\bflux-manifests\b/),
    textNeedle("fluxcd/flux2/manifests", /fluxcd\/flux2\/manifests/),
    ...chartNeedle(context),
    // A heading stands above what is found by itself.
    textNeedle("Flux bootstrap", /^(?!\s*#).*\bFlux bootstrap\b/),
  ];
}

/** Commands that install the community chart, where no cluster is installed from it any more. */
function chartNeedle({ model }: TransformContext): Needle[] {
  if (model.clusters.some(({ install }) => install?.style === "community-chart")) return [];
  const test = (line: string) =>
    helmInstallsChart(line) ||
    (line.includes(COMMUNITY) && /\bhelm\s+(?:install|upgrade)\b/.test(line) && /\bflux2\b(?!-)/.test(line));
  return [{ text: "flux2", test }];
}

function textNeedle(text: string, pattern: RegExp): Needle {
  return { text, test: (line) => pattern.test(line) };
}

/**
 * Finds a path by its last two segments, so that `$KUBERNETES_DIR/bootstrap/flux` counts too; one segment (`config`)
 * would find prose. Segments before them must not contradict: `kubernetes/edge/bootstrap/flux` is not main's.
 * A folder that stays for its other files counts only by itself, not as part of a longer path, and one that goes in
 * automation not as the place of a key: a key that Git has keeps its folder, and any other lies on somebody's disk.
 */
function pathNeedle(
  path: string,
  type: "folder" | "build" | "file",
  isLead: boolean,
  where: "pages" | "automation" = "pages",
): Needle[] {
  const segments = path.split("/");
  const text = segments.slice(type === "file" ? -3 : -2).join("/");
  if (!text.includes("/")) return [];
  const tail = type === "folder" ? "(?![\\w-]|\\.\\w)" : "(?![\\w-]|\\.\\w|/[\\w*])";
  const pattern = new RegExp(`(?<![\\w-])${escapeRegExp(text)}${tail}`, "g");
  const before = segments.slice(0, -text.split("/").length).reverse();
  const fits = (segment: string, index: number) =>
    index >= before.length || /[{}$<>*]|^\.\.?$/.test(segment) || segment === before[index];
  const agrees = (prefix: string) => {
    const written = prefix.split("/").filter(Boolean).reverse();
    const isVague = written.length < before.length || /[{}$<>*]/.test(prefix);
    return (isLead || !isVague) && written.every(fits);
  };
  const test = (line: string, page: Page) => {
    let done = 0;
    const isNamed = [...line.matchAll(pattern)].some(({ index }) => {
      const prefix = trailingPath(line.slice(done, index));
      done = index + text.length;
      return agrees(prefix) && !(where === "automation" && type === "folder" && namesOwnKey(line, done));
    });
    return isNamed && !(type === "build" && onlyLeadsOn(line, page));
  };
  return [{ text, test, ...(type === "build" && { unbuilt: path }) }];
}

/** Whether what stands behind a folder names a key or a secret in it, in a line that reads or tests it: to write one needs the folder. */
function namesOwnKey(line: string, at: number): boolean {
  BEHIND.lastIndex = at;
  const name = BEHIND.exec(line)?.[0].split("/").at(-1);
  return name !== undefined && KEY.test(name) && !WRITES.test(line);
}

const BEHIND = /(?:\/[\w.-]{1,250}){1,9}/y;
const KEY = /\.sops\.|secret|(?<![a-z])keys?(?![a-z])|\.(?:agekey|age|pem|pub|env)$/i;
const WRITES = />|\b(?:tee|cp|mv|install)\b|\s(?:-o|--output)\b/;

/** What of a path stands at the end of a text. */
function trailingPath(text: string): string {
  let start = text.length;
  while (start > 0 && /[\w.{}$<>*/-]/.test(text[start - 1]!)) start--;
  return text.slice(start);
}
