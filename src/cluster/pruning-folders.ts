import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, isWithin, join, normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isOthers, listStarting, readsRepository } from "./argo-folders.ts";
import { isArchived, isDocs, isSample } from "./automation-files.ts";
import { readCommands } from "./command-lines.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import { READERS } from "./pruning-objects.ts";
import { codeLines } from "./readable-text.ts";
import type { Cluster } from "./types.ts";

/** Flags with which nothing is changed. */
const TRIES = /\s--(?:dry-run(?!=["']?(?:none|false)\b)|diff-run(?!=false))/;

/** `kubectl apply --prune` deletes what has its label, or stands in its set, and is no longer among what it applies. */
export function isPruning(line: string): boolean {
  const prunes = /\bkubectl\b/.test(line) && /\sapply\b/.test(line) && /\s--prune(?!-|=false)\b/.test(line);
  return prunes && !TRIES.test(line);
}

/** Commands that do the same as often as they are run. */
const COMMANDS: readonly { search: string; program: string; isMeant: (line: string) => boolean }[] = [
  { search: "kapp", program: "kapp", isMeant: (line) => /\bkapp\s+(?:app-)?deploy\b/.test(line) },
  { search: "kpt live", program: "kpt", isMeant: (line) => /\bkpt\s+live\s+apply\b/.test(line) },
  { search: "--prune", program: "kubectl --prune", isMeant: isPruning },
];

/** Its settings; older releases of it apply what `manifest_projects` lists. */
const AGENT = /(?:^|\/)\.gitlab\/agents\/[^/]+\/config\.yaml$/;

/**
 * What applies the files that Flux is made of and deletes what leaves their folder, as `reportArgoFolders` does for Argo CD. What
 * runs by itself stops the phase in which they go, unless it is a sample, at rest, or reads what may be another repository; a command is
 * named, as somebody may run it. A path with a variable is left out.
 * @param leaving the files that go in this phase; without them all that install Flux and start the cluster
 */
export function reportPruners(tree: Tree, cluster: Cluster, leaving?: readonly string[]): DraftFinding[] {
  const files = leaving ?? listStarting(cluster);
  const url: unknown = cluster.source?.data.spec?.url;
  return [...findByObjects(tree, files, url, leaving !== undefined), ...findByCommands(tree, files)];
}

const isRead = (path: string): boolean => !isArchived(path) && !isDocs(path);

function findByObjects(tree: Tree, files: readonly string[], url: unknown, isLeaving: boolean): DraftFinding[] {
  return READERS.flatMap(({ search, kinds, program, read }) => {
    const objects = tree
      .grep(search)
      .filter((path) => isRead(path) && isYamlPath(path))
      .flatMap((path) => readObjects(tree, path).objects)
      .filter(({ apiVersion, kind }) => apiVersion.includes(search) && kinds.test(kind));
    return objects.flatMap((object) =>
      read(object.data, tree).flatMap(({ path, field, url: own, isIdle }): DraftFinding[] => {
        const file = readsRepository(own, url) ? files.find((each) => applies(tree, path, each)) : undefined;
        if (file === undefined) return [];
        const isSure = !isIdle && !isSample(object.file) && !isOthers(own, url);
        const level = isLeaving && isSure ? "blocker" : "caution";
        const resource = `${object.kind} ${object.name}`;
        const at = locateField(tree, object, [...field]);
        return [{ rule: "pruner-applies-flux", level, resource, at, facts: { program, path, file } }];
      }),
    );
  });
}

function findByCommands(tree: Tree, files: readonly string[]): DraftFinding[] {
  const agents = tree.paths.filter((path) => AGENT.test(path));
  const scripts = [
    ...COMMANDS.map(({ search, ...rest }) => ({ ...rest, paths: tree.grep(search) })),
    { paths: agents, program: "GitLab's agent", isMeant: (line: string) => /\bglob:/.test(line) },
  ];
  return scripts.flatMap(({ paths, program, isMeant }) =>
    paths.filter(isRead).flatMap((script) =>
      readCommands(codeLines(tree, script).join("\n")).flatMap(({ line, number }): DraftFinding[] => {
        const meant = commandsIn(line).filter((command) => isMeant(command) && !TRIES.test(command));
        const [found] = meant.flatMap((command) => findPath(tree, script, command, files) ?? []);
        if (!found) return [];
        const facts = { program, ...found };
        return [{ rule: "pruner-applies-flux", level: "caution", at: lineOf(script, number), facts }];
      }),
    ),
  );
}

/** A folder with a kustomization is built; of any other all files count, those of folders below as well. */
function applies(tree: Tree, written: unknown, file: string): boolean {
  const dir =
    typeof written === "string" && !/[{*$]/.test(written) ? normalizePath(written.replace(/^\//, "")) : undefined;
  if (dir === undefined) return false;
  if (findKustomization(tree, dir) !== undefined) return reach(tree, dir).resources.includes(file);
  return isWithin(file, dir);
}

/** The word of a line that names a folder, a file or a pattern with one of the files in it, from the top or beside the script. */
function findPath(tree: Tree, script: string, text: string, files: readonly string[]) {
  for (const word of text.split(/[\s"'=,;()[\]{}]+/)) {
    const [bare = "", ...pattern] = word.split("*");
    if (!bare.includes("/") || /^(?:https?|oci|git):|\$/.test(bare)) continue;
    for (const base of ["", dirname(script)]) {
      const path = join(base, bare.replace(/^\//, "").replace(/\/$/, ""));
      const isNone = path === "" && pattern.length === 0;
      const file = isNone ? undefined : files.find((each) => each === path || applies(tree, path, each));
      if (file !== undefined) return { path, file };
    }
  }
  return undefined;
}

/** The commands of a line, without what is said behind them; a pipe is one. */
function commandsIn(line: string): string[] {
  return line.replace(/(?:^|\s)#.*$/s, "").split(/&&|\|\||;/);
}
