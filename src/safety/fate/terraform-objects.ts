import { keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { ArtifactView } from "../../change/artifact-views.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { ReadContext } from "../../change/read-object.ts";
import type { OpenPoint, OwnedObject } from "../../change/types.ts";
import type { Held } from "../../change/world.ts";
import { objectsIn } from "../../cluster/objects.ts";
import { markComments } from "../../cluster/program-comments.ts";
import type { Loc } from "../../contract/errors.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { bodyOf, type KubeObject, sortKeys, type YamlData, type YamlMap } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { describe } from "../../delivery/kinds.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { dirname, join, makeWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { readYaml } from "../../yaml/read.ts";
import { walkData } from "../../yaml/walk-data.ts";

const TERRAFORM = "infra.contrib.fluxcd.io";
const PROGRAM = /\.(tf|tofu)(\.json)?$/;

interface ProgramsInput extends ClusterChange {
  read: ReadContext;
  given: Given;
  viewOf: (source: string) => ArtifactView;
}

/** Terraform objects of tofu-controller: what their folder no longer says is destroyed, and all of it with an object that says so. */
export function findPrograms(input: ProgramsInput): OpenPoint[] {
  const { cluster, before, read, viewOf } = input;
  if (before.grep(TERRAFORM).length === 0) return [];
  const known = new Map<string, ReturnType<typeof makeLosing>>();
  // By what a source leaves out, which is the same for most.
  const losingFor = (source: string) => {
    const view = viewOf(source);
    return getOrMake(known, view.token, () => makeLosing(view, listChanged(view, input)));
  };
  return [...listApplied(input), ...listWritten(input)].flatMap(({ key, spec, now = spec, isLost, at }) => {
    const ref = spec?.sourceRef;
    // What is suspended does nothing, gone or not; what resumes does all at once.
    const isIdle = spec?.suspend === true && now?.suspend === true;
    const source = `${ref?.kind}/${ref?.name}`;
    if (!read.sources.has(source) || isIdle) return [];
    const [folder = "", other] = [spec, now].map((one) =>
      join(cluster.artifactRoot, fluxPath(String(one?.path ?? ""))),
    );
    const lost = losingFor(source)(folder);
    const what =
      isLost && spec?.destroyResourcesOnDeletion === true
        ? "goes, and destroys everything that it made (destroyResourcesOnDeletion)"
        : folder !== other
          ? `reads ${now?.path} instead of ${spec?.path}: what is not in there is destroyed`
          : now?.destroy === true && spec?.destroy !== true
            ? "is told to destroy everything that it made (destroy)"
            : printState(spec) !== printState(now)
              ? "keeps its state elsewhere from then on (workspace, backendConfig): what it made is left as it is, and made once more"
              : !isLost && lost !== undefined && `reads ${lost}, which loses blocks: what they made is destroyed`;
    if (!what) return [];
    return {
      resource: printKey(key),
      what: `${what}, and that cannot be seen here`,
      look: `look at its plan (tfctl show plan ${splitKey(key).name})`,
      ...(at ? { at } : {}),
    };
  });
}

/** A Terraform object as it is today, and afterwards where it is there then. */
interface Program {
  key: ObjectKey;
  spec: YamlData;
  now?: YamlData;
  isLost: boolean;
  at?: Loc | undefined;
}

const isProgram = ({ key }: OwnedObject): boolean => key.startsWith(`${TERRAFORM}|Terraform|`);

/** As the cluster is given them. */
function listApplied({ given }: ProgramsInput): Program[] {
  const [olds, nows] = [given.before, given.after].map((world) => {
    world.search(["Terraform"]);
    return new Map(world.all.flatMap(({ object }) => (isProgram(object) ? [[object.key, object] as const] : [])));
  });
  return [...olds!.values()].map(({ key, body, at }) => {
    return { key, spec: body?.spec, now: nows!.get(key)?.body?.spec, isLost: given.risks.has(key), at };
  });
}

/** Those of files that nothing is known to apply, or that do not build. */
function listWritten({ model, cluster, before, after, changed, isDelivered, given }: ProgramsInput): Program[] {
  const files = new Set([...before.grep(TERRAFORM), ...changed]);
  const worlds = [given.before, given.after];
  const applied = new Set(worlds.flatMap(({ all }) => all.filter(({ object }) => isProgram(object)).map(placeOf)));
  // What no cluster is known to deliver may be of each.
  const isOwn = ({ file }: KubeObject) =>
    isDelivered(file) || (changed.has(file) && !model.clusters.some((one) => one.files.has(file)));
  const isMeant = (one: KubeObject) =>
    one.kind === "Terraform" && one.apiVersion.startsWith(TERRAFORM) && isOwn(one) && !applied.has(one.file);
  const nows = new Map(objectsIn(after, files).flatMap((one) => (isMeant(one) ? [[describe(one), one]] : [])));
  return objectsIn(before, files)
    .filter(isMeant)
    .map((one) => {
      const now = nows.get(describe(one));
      const key = keyOfObject({ ...one, namespace: one.namespace || cluster.namespace });
      const at = locateField(before, one);
      return { key, spec: bodyOf(one).spec, ...(now ? { now: bodyOf(now).spec } : {}), isLost: !now, at };
    });
}

const placeOf = ({ object }: Held): string => object.at?.file ?? "";

/** Changed files as a source passes them on, what it comes to leave out among them. */
function listChanged(view: ArtifactView, { before, changed }: ProgramsInput): string[] {
  const isLeft = (path: string) => PROGRAM.test(path) && view.before.has(path) && !view.after.has(path);
  return [...changed, ...(view.differs ? before.paths.filter(isLeft) : [])];
}

/** Gives a file that loses blocks of those that a folder takes. */
function makeLosing({ before, after }: Record<Side, Tree>, changed: readonly string[]) {
  const losing = changed.filter((file) => losesBlocks(before, after, file));
  const modulesOf = makeModules(before);
  return (folder: string) => (losing.length > 0 ? losing.find(makeWithin(modulesOf(folder))) : undefined);
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

/** Whether a file of Terraform lacks a resource or module that it had, or takes a module from another folder. */
function losesBlocks(before: Tree, after: Tree, file: string): boolean {
  if (!PROGRAM.test(file)) return false;
  const now = new Set(blocksOf(after, file));
  return blocksOf(before, file).some((one) => !now.has(one));
}

const BLOCK = /^[ \t]*(?:resource[ \t]+"[^"\n]+"|module)[ \t]+"[^"\n]+"/;
/** What begins a block, and not only gives a value. */
const OPENS = /^[ \t]*(\w+)[ \t]*["{]/;
const FOLDER = /^[ \t]*source[ \t]*=[ \t]*"\.\.?\/[^"\n]*"/;

function blocksOf(tree: Tree, file: string): string[] {
  const text = tree.read(file) ?? "";
  if (!file.endsWith(".json")) return blocksIn(markComments(file, text).split("\n"));
  const parsed = readYaml(text);
  const depths: YamlMap = { resource: 3, module: 2 };
  const blocks = walkData(parsed.ok ? parsed.docs[0]?.data : undefined).filter(({ path }) => {
    return path.length === depths[String(path[0])];
  });
  return [...(text === "" ? [] : [file]), ...blocks.map(({ path }) => path.join(" "))];
}

/** Resources and modules, and the folders that modules are taken from: other blocks name files in `source`. */
function blocksIn(lines: readonly string[]): string[] {
  let opened: string | undefined;
  return lines.flatMap((line) => {
    opened = OPENS.exec(line)?.[1] ?? opened;
    const [found] = BLOCK.exec(line) ?? (opened === "module" ? FOLDER.exec(line) : undefined) ?? [];
    return found === undefined ? [] : [found.replace(/[ \t]+/g, "")];
  });
}
