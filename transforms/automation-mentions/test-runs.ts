import { type AutomationFile, FLUX } from "../../src/cluster/automation-files.ts";
import { readCommands } from "../../src/cluster/command-lines.ts";
import { UNKNOWN } from "../../src/cluster/entering.ts";
import { repositoryPath } from "../../src/cluster/graph.ts";
import { isCommentLine } from "../../src/cluster/readable-text.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import { readableSpec } from "../../src/contract/objects.ts";
import { makeIgnore } from "../../src/delivery/ignore-rules.ts";
import { dirname, isWithin } from "../../src/delivery/paths.ts";
import { ofText } from "../../src/yaml/of-text.ts";
import type { TransformContext } from "../contract.ts";
import type { Apply } from "../shared/automation/applies.ts";
import { type Expand, isComment, makeExpander, pathTest, withoutComment } from "../shared/automation/words.ts";

const INSTALL = new RegExp(`${FLUX}install\\b`);
const PART = String.raw`\$\{\{[^}\n]*\}\}|\$(?!\{\{)|[^\s"'$]`;
/** A word that may hold `${{ matrix.cluster }}`. */
const WORD = `(?:${PART})+`;
/** The word behind the flag, with quotes around it or around a part: `./clusters/"$MODE"`. */
const START = new RegExp(`${FLUX}create\\s+(?:ks|kustomization)\\s.*--path[= \\t]+((?:${PART}|["'])+)`);
/** `--ignore-paths=…` of `flux create source`, `ignore: …` of a source in the text. */
const IGNORES = new RegExp(
  String.raw`(?:--ignore-paths[= \t]+|^[ \t]*ignore:[ \t]+)(?:"([^"\n]*)"|'([^'\n]*)'|(?![|>])(${WORD}))`,
  "gm",
);

/**
 * Jobs that try a branch in a throw-away cluster, started from the root's folder (flux install, flux create, a FluxKustomization in the text): with the
 * folder comes the FluxInstance now, and the operator syncs what that says (flux-facts 2.1 item 7).
 */
export function findTestRuns({ cluster, before }: TransformContext, files: readonly AutomationFile[]): DraftFinding[] {
  const [instance] = cluster.instances;
  const root = repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  const { ref } = instance?.spec.sync ?? {};
  if (!instance || !root || typeof ref !== "string") return [];
  const dir = dirname(instance.object.file);
  const deliverers = cluster.local.filter((item) => {
    const path = repositoryPath(readableSpec(item), cluster.artifactRoot);
    return path !== undefined && path !== root && isWithin(dir, path);
  });
  const own = [...deliverers.map(({ object }) => object.file), instance.object.file];
  return files.flatMap((file) => {
    const { path, kind, text } = file;
    if (kind === "renovate" || kind === "lint" || !/--path|path:/.test(text)) return [];
    const commands = readCommands(text).filter(({ line }) => !isComment(line));
    const isTrial = makesCluster(text) || NEAR.test(text);
    if (!commands.some(({ line }) => INSTALL.test(withoutComment(line))) && !(isTrial && SOURCE.test(text))) return [];
    const expand = makeExpander(before, file, files);
    const started = commands.flatMap(({ line, number }) => {
      const said = START.exec(withoutComment(line))?.[1];
      return said !== undefined && !/--export\b/.test(line) ? [{ said, number }] : [];
    });
    const found = [...started, ...(isTrial ? listDeclared(text) : [])].filter(({ said }) =>
      pathTest(expand(said.replaceAll(/["']/g, "")))(root),
    );
    const [first] = found;
    const leavesOut = readIgnored(text, expand);
    if (!first || own.some(leavesOut)) return [];
    const open = given({ isOpen: (kind !== "workflow" && !isTrial) || undefined });
    const facts = { places: found.map(({ number }) => `${path}:${number}`), folder: root, ref, file: own[0]!, ...open };
    return [{ rule: "automation-tests-sync", level: "caution", at: lineOf(path, first.number), facts }];
  });
}

/** What makes a cluster that is thrown away: a program, or an action of a workflow. */
const THROWAWAY =
  /\b(?:k3d\s+cluster\s+create|kind\s+create\s+cluster|minikube\s+start|(?:kind|k3d|k3s|minikube)-action|(?:action-|setup-)(?:kind|k3d|k3s|minikube))\b(?!\.)/;

/** Whether a text makes a cluster itself, as one that is thrown away again is made. */
export const makesCluster = ofText(
  (text: string) => text.split("\n").some((line) => !isCommentLine(line) && THROWAWAY.test(line)),
  16,
);

/** The context of a cluster on this machine, as `kind`, `k3d` and `minikube` call theirs. */
const NEAR = /^[^#\n]*(?:context[= \t]{1,20}|CONTEXT\w{0,40}[:=][ \t]{0,20})["']?(?:(?:kind|k3d)-|minikube\b)/m;
/** Such a cluster has a source of its own, by a command or by a manifest in the text. */
const SOURCE = new RegExp(`${FLUX}create\\s+source\\s|^[ \\t]*apiVersion:[ \\t]+source\\.toolkit\\.fluxcd\\.io/`, "m");

/** Lines of a FluxKustomization that are looked at. */
const MOST_LINES = 30;

/** Where the FluxKustomizations begin that stand in a text to be applied. */
function listDeclared(text: string): { said: string; number: number }[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const [indent] = /^[ \t]*(?=apiVersion:[ \t]+kustomize\.toolkit\.fluxcd\.io\/)/.exec(line) ?? [];
    if (indent === undefined) return [];
    const own = lines.slice(start + 1, start + MOST_LINES);
    const last = own.findIndex(
      (one) => one.trim() !== "" && !(one.startsWith(indent) && /^[a-z \t]/.test(one.slice(indent.length))),
    );
    const at = (last < 0 ? own : own.slice(0, last)).findIndex((one) => PATH.test(one));
    const said = PATH.exec(own[at] ?? "")?.[1];
    return said === undefined ? [] : [{ said, number: start + at + 2 }];
  });
}

const PATH = /^[ \t]+path:[ \t]+(\S+)[ \t\r]*$/;

/** A file that makes such a cluster and applied the controllers alone: what takes their place brings source and root, too. */
export function findFollowers({ cluster }: TransformContext, applies: readonly Apply[]): DraftFinding[] {
  const [instance] = cluster.instances;
  const [first] = applies;
  const { ref } = instance?.spec.sync ?? {};
  if (!instance || !first || typeof ref !== "string" || !makesCluster(first.line.file.text)) return [];
  if (applies.some(({ match }) => match.target.roles.includes("instance"))) return [];
  const { path } = first.line.file;
  const places = applies.map(({ line }) => `${path}:${line.told}`);
  const facts = { places, folder: first.match.target.path, ref, file: instance.object.file, isInstalled: true };
  return [{ rule: "automation-tests-sync", level: "caution", at: lineOf(path, first.line.told), facts }];
}

/** Whether the source that a text makes leaves a file out. */
function readIgnored(text: string, expand: Expand): (path: string) => boolean {
  const patterns = [...text.matchAll(IGNORES)].flatMap(([, double, single, plain]) =>
    expand(double ?? single ?? plain ?? "").split(","),
  );
  if (patterns.length === 0) return () => false;
  const lines = patterns.map((pattern) => pattern.replaceAll(UNKNOWN, "*").replace(/^\.\//, "/"));
  return makeIgnore([{ dir: "", text: lines.join("\n") }]);
}
