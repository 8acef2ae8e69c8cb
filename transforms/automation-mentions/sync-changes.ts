import { type AutomationFile, type AutomationKind, FLUX } from "../../src/cluster/automation-files.ts";
import { readCommands } from "../../src/cluster/command-lines.ts";
import { instanceOf, strategyInTree, syncNameOf } from "../../src/cluster/instances.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { ofOwn } from "../../src/contract/of-own.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import { depthOf, linesOf } from "../shared/automation/lines.ts";
import { runsOf, withoutTexts } from "../shared/automation/sayings.ts";
import { makesCluster } from "./test-runs.ts";
import { findAppliedTexts } from "./text-manifests.ts";

/** A kind as kubectl and as the flux CLI take it. */
const KINDS: Record<string, { kubectl: string; flux: string }> = {
  GitRepository: { kubectl: "gitrepo(?:sitory|sitories)?", flux: "source\\s+git" },
  OCIRepository: { kubectl: "ocirepo(?:sitory|sitories)?", flux: "source\\s+oci" },
  Bucket: { kubectl: "buckets?", flux: "source\\s+bucket" },
  Kustomization: { kubectl: "(?:ks|kustomizations?)", flux: "(?:ks|kustomization)" },
};

const OWN_FLUX = new RegExp(`${FLUX}install\\b`);
const CREATES = new RegExp(`${FLUX}create\\b`);
const RECIPES: readonly AutomationKind[] = ["make", "just", "task"];
const UNINSTALL = new RegExp(`${FLUX}uninstall\\b`);

/**
 * Commands that change the source or the root in the cluster, to try a branch or to pause it: the operator writes both
 * whole (flux-facts 2.1 item 7), and counts by `ref.name` (flux-facts 1.5).
 */
export function findSyncChanges(context: TransformContext, files: readonly AutomationFile[]): DraftFinding[] {
  const { cluster } = context;
  const { namespace, root } = cluster;
  const sync = syncOf(cluster);
  const changes = sync.map(({ kind, name }) => makeTest(kind, [name, root.name], namespace));
  const isChange = (command: string) => !/--export\b/.test(command) && changes.some((test) => test.test(command));
  return findOwnCommands(files, isChange, (text) => findAppliedTexts(text, sync)).map(({ at, places }) => {
    return { rule: "automation-changes-sync", level: "caution", at, facts: { places, namespace } };
  });
}

/**
 * Those of them that set something to stay, where nothing delivers the file of what they change: it has stayed in the
 * cluster alone, and is not in the FluxInstance, which is written from the files.
 */
export function findSetByHand(context: TransformContext, all: readonly AutomationFile[]): DraftFinding[] {
  const { cluster } = context;
  const { namespace, root, source } = cluster;
  const open =
    strategyInTree(cluster) === "keep" ? [] : [source, root].filter((one) => one && !cluster.files.has(one.file));
  if (cluster.rootFrom === "instance" || open.length === 0) return [];
  const changes = open.map((one) => makeTest(one!.kind, [one!.name], namespace));
  const files = [...new Set(open.map((one) => one!.file))];
  return findOwnCommands(all, (command) => {
    return !/--export\b|suspend/.test(command) && changes.some((test) => test.test(command));
  }).map(({ at, places }) => {
    return { rule: "automation-changes-sync", level: "caution", at, facts: { places, namespace, files } };
  });
}

/** Lines of a file that create the source or the root of a cluster, as what follows `flux install` does. */
export function findCreates({ cluster }: TransformContext, { text }: AutomationFile): number[] {
  const sync = syncOf(cluster);
  const patterns = sync.map(({ kind, name }) => {
    const { flux } = ofOwn(KINDS, kind) ?? KINDS.GitRepository!;
    return new RegExp(`${FLUX}create\\s+${flux}\\s+${nameOf([name, cluster.root.name])}`);
  });
  const numbers = readCommands(withoutTexts(text)).flatMap(({ line, number }) => {
    const command = runsOf(line);
    const creates = !/--export\b/.test(command) && patterns.some((test) => test.test(command));
    return creates ? [number] : [];
  });
  return inOrder([...numbers, ...findAppliedTexts(text, sync)]);
}

function inOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Source and root that the operator writes: as the tree has them, and once it no longer does, as the instance says them. */
function syncOf(cluster: Cluster): Pick<KubeObject, "kind" | "name" | "namespace">[] {
  const { source, root, namespace } = cluster;
  if (strategyInTree(cluster) === "keep") return [];
  if (source) return [source, root];
  const instance = instanceOf(cluster);
  const name = instance && syncNameOf(instance, namespace);
  return name === undefined
    ? []
    : [{ kind: String(instance?.spec.sync?.kind ?? "GitRepository"), name, namespace }, root];
}

function nameOf(names: readonly string[]): string {
  return `["']?(?:${[...new Set(names)].map(escapeRegExp).join("|")})(?![\\w.-])`;
}

/**
 * `flux uninstall`, which takes the controllers away while the FluxInstance asks for them (flux-facts 2.2): the operator
 * installs them again, or goes with the namespace before it has taken its finalizer off.
 */
export function findUninstalls({ cluster }: TransformContext, files: readonly AutomationFile[]): DraftFinding[] {
  const { namespace } = cluster;
  return findOwnCommands(files, (command) => UNINSTALL.test(command) && !/--dry-run\b/.test(command)).map(
    ({ at, places }) => ({ rule: "automation-uninstalls-flux", level: "caution", at, facts: { places, namespace } }),
  );
}

/**
 * Commands of each file for a cluster of this repository: what installs Flux first does so in a cluster of its own (`findTestRuns`).
 * A file of recipes may install it in one and pause it in another; what creates the source there follows the install.
 */
function findOwnCommands(
  files: readonly AutomationFile[],
  test: (command: string) => boolean,
  findMore: (text: string) => readonly number[] = () => [],
) {
  return files.flatMap((file) => {
    const { path, kind, text } = file;
    if (kind === "renovate" || kind === "lint") return [];
    const commands = readCommands(withoutTexts(text)).map(({ line, number }) => ({ command: runsOf(line), number }));
    const installs = commands.filter(({ command }) => OWN_FLUX.test(command) && !/--export\b/.test(command));
    const isFree = installs.length === 0;
    if (!isFree && (!RECIPES.includes(kind) || makesCluster(text))) return [];
    const recipes = isFree ? [] : recipesOf(file);
    const installing = new Set(installs.map(({ number }) => recipes[number - 1]));
    const isApart = ({ command, number }: (typeof commands)[number]) =>
      !CREATES.test(command) && !installing.has(recipes[number - 1]);
    const found = commands.filter((one) => test(one.command) && (isFree || isApart(one))).map(({ number }) => number);
    const numbers = inOrder([...found, ...(isFree ? findMore(text) : [])]);
    const [first] = numbers;
    return first === undefined
      ? []
      : [{ at: lineOf(path, first), places: numbers.map((number) => `${path}:${number}`) }];
  });
}

/** The recipe in which each line stands, by a number. */
function recipesOf(file: AutomationFile): number[] {
  const lines = linesOf(file);
  const first = lines.findIndex((line) => /^tasks:/.test(line)) + 1;
  const isHead = (line: string) => !/^\s*(?:#|$)/.test(line);
  const own = file.kind === "task" ? depthOf(lines.slice(first).find(isHead) ?? "") : 0;
  let recipe = 0;
  return lines.map((line) => (isHead(line) && depthOf(line) <= own ? ++recipe : recipe));
}

interface Test {
  test: (command: string) => boolean;
}

function makeTest(kind: string, names: readonly string[], namespace: string): Test {
  const { kubectl, flux } = ofOwn(KINDS, kind) ?? KINDS.GitRepository!;
  const name = nameOf(names);
  const patch = String.raw`\b(?:kubectl|oc)\s(?=(?:[^|;&]*\s)?patch\s)[^|;&]*\s${kubectl}(?:\.[\w.]+)?[\s/]+${name}`;
  const one = new RegExp(`${patch}|${FLUX}(?:create|suspend)\\s+${flux}\\s+${name}`, "i");
  const all = new RegExp(String.raw`${FLUX}suspend\s+${flux}\s[^|;&]*`, "i");
  return {
    test: (command) => {
      const suspends = all.exec(command)?.[0] ?? "";
      return one.test(command) || (/\s--all(?![\w-])/.test(suspends) && mayReach(suspends, namespace));
    },
  };
}

/** Without a namespace the flux CLI takes that of bootstrap; what a variable says may be any. */
function mayReach(command: string, namespace: string): boolean {
  const [, said] = /\s(?:-n|--namespace)[\s=]+["']?([^\s"']+)/.exec(command) ?? [];
  return said === undefined ? namespace === "flux-system" : said === namespace || /[${]/.test(said);
}
