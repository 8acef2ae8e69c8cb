import type { ClusterChange } from "../../change/change.ts";
import type { ReadContext } from "../../change/read-object.ts";
import type { OpenPoint } from "../../change/types.ts";
import { objectsIn } from "../../cluster/objects.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { bodyOf, type KubeObject, sortKeys, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { describe } from "../../delivery/kinds.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { dirname, join, makeWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";

const TERRAFORM = "infra.contrib.fluxcd.io";
const PROGRAM = /\.(tf|tofu)(\.json)?$/;

/** Terraform objects of tofu-controller: what their folder no longer says is destroyed, and all of it with an object that says so. */
export function findPrograms(input: ClusterChange & { read: ReadContext }): OpenPoint[] {
  const { model, cluster, before, after, changed, isDelivered, read } = input;
  const objects = before.grep(TERRAFORM);
  const holding = new Set([...objects, ...after.grep(TERRAFORM)]);
  if (![...changed].some((file) => PROGRAM.test(file) || holding.has(file))) return [];
  const files = new Set([...objects, ...changed]);
  const isProgram = ({ kind, apiVersion }: KubeObject) => kind === "Terraform" && apiVersion.startsWith(TERRAFORM);
  // What no cluster is known to deliver may be of each.
  const isOwn = ({ file }: KubeObject) =>
    isDelivered(file) || (changed.has(file) && !model.clusters.some((one) => one.files.has(file)));
  const inTree = (tree: Tree) => objectsIn(tree, files).filter((one) => isProgram(one) && isOwn(one));
  const kept = new Map(inTree(after).map((one) => [describe(one), one]));
  const used = inTree(before);
  const losing = [...changed].filter((file) => losesBlocks(before, after, file));
  const modulesOf = makeModules(before);
  return used.flatMap((object) => {
    const spec = bodyOf(object).spec;
    const now = bodyOf(kept.get(describe(object)) ?? object)?.spec;
    const ref = spec?.sourceRef;
    // What is suspended does nothing, gone or not; what resumes does all at once.
    const isIdle = spec?.suspend === true && now?.suspend === true;
    if (!read.sources.has(`${ref?.kind}/${ref?.name}`) || isIdle) return [];
    const goes = !kept.has(describe(object));
    const [folder = "", other] = [spec, now].map((one) =>
      join(cluster.artifactRoot, fluxPath(String(one?.path ?? ""))),
    );
    const lost = losing.length > 0 ? losing.find(makeWithin(modulesOf(folder))) : undefined;
    const what = goes
      ? spec?.destroyResourcesOnDeletion === true &&
        "goes, and destroys everything that it made (destroyResourcesOnDeletion)"
      : folder !== other
        ? `reads ${now?.path} instead of ${spec?.path}: what is not in there is destroyed`
        : now?.destroy === true && spec?.destroy !== true
          ? "is told to destroy everything that it made (destroy)"
          : printState(spec) !== printState(now)
            ? "keeps its state elsewhere from then on (workspace, backendConfig): what it made is left as it is, and made once more"
            : lost !== undefined && `reads ${lost}, which loses blocks: what they made is destroyed`;
    if (!what) return [];
    return {
      resource: `Terraform ${object.namespace || cluster.namespace}/${object.name}`,
      what: `${what}, and that cannot be seen here`,
      look: `look at its plan (tfctl show plan ${object.name})`,
      at: locateField(before, object),
    };
  });
}

/** Gives a folder, and those of the modules that it and they take from this repository. */
function makeModules(tree: Tree): (folder: string) => ReadonlySet<string> {
  const files = once(() =>
    groupBy(
      tree.paths.filter((path) => PROGRAM.test(path)),
      dirname,
    ),
  );
  const named = new Map<string, readonly string[]>();
  const known = new Map<string, ReadonlySet<string>>();
  const namedIn = (dir: string) =>
    getOrMake(named, dir, () =>
      (files().get(dir) ?? []).flatMap((file) =>
        [...(tree.read(file) ?? "").matchAll(/"?\bsource"?[ \t]*[=:][ \t]*"(\.\.?\/[^"\n]*)"/g)].map(([, path]) =>
          join(dir, path!),
        ),
      ),
    );
  return (folder) =>
    getOrMake(known, folder, () => {
      const found = new Set([folder]);
      // Grows while it is walked.
      for (const dir of found) for (const other of namedIn(dir)) found.add(other);
      return found;
    });
}

/** What decides where the state lies. */
function printState(spec: YamlData): string {
  const { workspace = "default", backendConfig, backendConfigsFrom, cloud } = spec ?? {};
  return JSON.stringify(sortKeys([workspace, backendConfig, backendConfigsFrom, cloud].map((one) => one ?? null)));
}

/** Whether a file of Terraform lacks a resource or module that it had. */
function losesBlocks(before: Tree, after: Tree, file: string): boolean {
  if (!PROGRAM.test(file)) return false;
  const blocksOf = (tree: Tree) =>
    [...(tree.read(file) ?? "").matchAll(/^[ \t]*(?:resource[ \t]+"[^"\n]+"|module)[ \t]+"[^"\n]+"/gm)].map(([text]) =>
      text.trim(),
    );
  const now = new Set(blocksOf(after));
  return blocksOf(before).some((one) => !now.has(one)) || (file.endsWith(".json") && !after.has(file));
}
