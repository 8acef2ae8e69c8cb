import { dirOf, kustomizationFile } from "./reach.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Mention } from "./types.ts";

const COMMAND =
  /(?:\bkustomize build|\bapply\b.*?(?:--kustomize|-k))[ =]+["']?((?:\{\{[^}]*\}\}|\$\{[^}]*\}|[^\s"'|;&])+)/g;
const DEFINITION = /^\s*(?:export\s+|set\s+)?["']?([A-Za-z_]\w*)["']?\s*(?::=|[:=])\s*["']?([^"'#\n]+?)["']?\s*$/gm;
const VARIABLE = /\{\{-?\s*\.?(\w+)[^}]*\}\}|\$\{(\w+)[^}]*\}|\$(\w+)/g;

/** Files that people or CI run, as opposed to manifests. */
export const isAutomation = (path: string): boolean =>
  /(^|\/)(\.?taskfiles?|justfile|\.?mise|makefile|scripts?|\.github|hack|bin)|\.(sh|just|mk|toml|envrc|py)$|\.envrc$/i.test(
    path,
  );

/** Variables that scripts and tasks set, by name; where several set one, the first counts. */
export function definitions(tree: Snapshot): Map<string, string> {
  const out = new Map<string, string>();
  for (const path of tree.paths.filter(isAutomation)) {
    for (const [, name = "", value = ""] of tree.text(path).matchAll(DEFINITION))
      if (!out.has(name)) out.set(name, value);
  }
  return out;
}

/** A path with known variables filled in; unknown ones stand for a folder nobody knows and are cut with what is before. */
export function expandPath(text: string, known: Map<string, string>): string {
  let current = text;
  for (let round = 0; round < 4; round++) {
    current = current.replace(
      VARIABLE,
      (whole, a?: string, b?: string, c?: string) => known.get(a ?? b ?? c ?? "") ?? whole,
    );
  }
  return (
    current
      .split(/\{\{[^}]*\}\}|\$\{[^}]*\}|\$\w+/)
      .at(-1)
      ?.replace(/^[./]+|[/.]+$/g, "") ?? ""
  );
}

/** A kustomization without any item: `kubectl apply -k` ends with "no objects passed to apply". */
function buildsNothing(tree: Snapshot, dir: string): boolean {
  const file = kustomizationFile(tree, dir);
  return !file || !/^\s*-\s|^\w+:\s*\[\s*[^\]\s]/m.test(tree.text(file).replace(/^\s*#.*$/gm, ""));
}

const FILE_COMMAND =
  /\b(?:apply|create|replace)\b.*?(?:--filename|-f)[ =]+["']?((?:\{\{[^}]*\}\}|\$\{[^}]*\}|[^\s"'|;&])+)/g;

/** Commands that apply a file which is gone, also where all that is written of its folder is a variable. */
export function findDeadFiles(before: Snapshot, after: Snapshot): Mention[] {
  const gone = before.paths.filter((path) => !after.has(path));
  if (gone.length === 0) return [];
  const known = definitions(after);
  const ends = (file: string, path: string): boolean => file === path || file.endsWith(`/${path}`);
  const out: Mention[] = [];
  for (const file of after.paths.filter(isAutomation)) {
    for (const [index, line] of after.text(file).split("\n").entries()) {
      if (/^\s*(?:#|\/\/)/.test(line) || line.length > 2000 || line.includes("://")) continue;
      for (const [, target = ""] of line.matchAll(FILE_COMMAND)) {
        const path = expandPath(target, known);
        const hit = path && gone.find((one) => ends(one, path));
        if (hit && !after.paths.some((one) => ends(one, path))) {
          out.push({ file, line: index + 1, what: `applies ${hit}, which is gone` });
        }
      }
    }
  }
  return out;
}

/** Scripts that start the instance before the operator, whose chart brings its CRD. */
export function findWrongOrder(after: Snapshot): Mention[] {
  return after.paths.filter(isAutomation).flatMap((file): Mention[] => {
    const lines = after.text(file).split("\n");
    const find = (name: string) => lines.findIndex((line) => new RegExp(`helmfile\\b.*name=${name}\\b`).test(line));
    const [operator, instance] = [find("flux-operator"), find("flux-instance")];
    if (operator < 0 || instance < 0 || instance >= operator) return [];
    return [{ file, line: instance + 1, what: "installs the instance before the operator" }];
  });
}

/** Commands of scripts and tasks that build one of some folders, and none of the others that end alike. */
export function commandsOnFolders(
  after: Snapshot,
  dirs: string[],
  others = new Set<string>(),
): (Mention & { dir: string })[] {
  const known = definitions(after);
  const ends = (dir: string, path: string): boolean => dir === path || dir.endsWith(`/${path}`);
  const out: (Mention & { dir: string })[] = [];
  for (const file of after.paths.filter(isAutomation)) {
    for (const [index, line] of after.text(file).split("\n").entries()) {
      if (/^\s*#/.test(line) || line.length > 2000) continue;
      for (const [, target = ""] of line.matchAll(COMMAND)) {
        const path = expandPath(target, known);
        const dir = path && dirs.find((one) => ends(one, path));
        if (dir && ![...others].some((one) => ends(one, path)))
          out.push({ file, line: index + 1, what: `builds ${dir}`, dir });
      }
    }
  }
  return out;
}

/** Commands that build a folder which had a kustomization, and has none any more or an empty one, so that they fail. */
export function findDeadKustomize(before: Snapshot, after: Snapshot): Mention[] {
  const dirs = new Set(before.paths.map(dirOf));
  const isDead = (dir: string): boolean =>
    !kustomizationFile(after, dir) || (!buildsNothing(before, dir) && buildsNothing(after, dir));
  const dead = [...dirs].filter((dir) => kustomizationFile(before, dir) && isDead(dir));
  if (dead.length === 0) return [];
  const alive = new Set(after.paths.map(dirOf).filter((dir) => kustomizationFile(after, dir) && !isDead(dir)));
  return commandsOnFolders(after, dead, alive).map(({ dir, ...mention }) => ({
    ...mention,
    what: `builds ${dir}, of which nothing is left to build`,
  }));
}
