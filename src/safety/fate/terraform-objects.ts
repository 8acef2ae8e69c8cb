import { keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { ArtifactView } from "../../change/artifact-views.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { ReadContext } from "../../change/read-object.ts";
import type { OpenPoint, OwnedObject } from "../../change/types.ts";
import type { Held } from "../../change/world.ts";
import { objectsIn } from "../../cluster/objects.ts";
import type { Loc } from "../../contract/errors.ts";
import { given } from "../../contract/given.ts";
import { groupBy } from "../../contract/group-by.ts";
import { bodyOf, type KubeObject, sortKeys, type YamlData } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { join, pathsWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { isProgramFile } from "./terraform-blocks.ts";
import { type FolderPair, makeLosses } from "./terraform-losses.ts";

const TERRAFORM = "infra.contrib.fluxcd.io";

interface ProgramsInput extends ClusterChange {
  read: ReadContext;
  given: Given;
  viewOf: (source: string) => ArtifactView;
}

/** Terraform objects of tofu-controller: what their folder no longer says is destroyed, and all of it with an object that says so. */
export function findPrograms(input: ProgramsInput): OpenPoint[] {
  if (input.before.grep(TERRAFORM).length === 0) return [];
  const programs = [...listApplied(input), ...listWritten(input)].flatMap((one) => placeProgram(one, input));
  // By what a source leaves out, which is the same for most.
  const byView = groupBy(programs, ({ view }) => view.token);
  return [...byView.values()].flatMap((same) => {
    const { view } = same[0]!;
    const isTouched = hasChanged(view, input) || same.some(({ pair }) => pair[0] !== pair[1]);
    const lostOf = isTouched
      ? makeLosses(
          view.before,
          view.after,
          same.map(({ pair }) => pair),
        )
      : () => undefined;
    return same.flatMap((one) => {
      const what = tellLoss(one, lostOf(one.pair));
      if (!what) return [];
      return {
        resource: printKey(one.key),
        what: `${what}, and that cannot be seen here`,
        look: `look at its plan (tfctl show plan ${splitKey(one.key).name})`,
        ...given({ at: one.at }),
      };
    });
  });
}

interface PlacedProgram extends Program {
  view: ArtifactView;
  pair: FolderPair;
}

/** With what it reads; nothing for one that reads another repository, or does nothing. */
function placeProgram(one: Program, { cluster, read, viewOf }: ProgramsInput): PlacedProgram[] {
  const { spec } = one;
  const now = one.now ?? spec;
  const source = `${spec?.sourceRef?.kind}/${spec?.sourceRef?.name}`;
  // What is suspended does nothing, gone or not; what resumes does all at once.
  const isIdle = spec?.suspend === true && now?.suspend === true;
  if (!read.sources.has(source) || isIdle) return [];
  const folderOf = ({ path }: YamlData) => join(cluster.artifactRoot, fluxPath(String(path ?? "")));
  return [{ ...one, now, view: viewOf(source), pair: [folderOf(spec), folderOf(now)] }];
}

function tellLoss({ spec, now, isLost, view, pair }: PlacedProgram, lost: string | undefined): string | undefined {
  if (isLost && spec.destroyResourcesOnDeletion === true)
    return "goes, and destroys everything that it made (destroyResourcesOnDeletion)";
  if (pair[0] !== pair[1] && (lost !== undefined || !hasMoved(view, pair)))
    return `reads ${now.path} instead of ${spec.path}: what is not in there is destroyed`;
  if (now.destroy === true && spec.destroy !== true) return "is told to destroy everything that it made (destroy)";
  if (printState(spec) !== printState(now))
    return "keeps its state elsewhere from then on (workspace, backendConfig): what it made is left as it is, and made once more";
  return isLost || lost === undefined ? undefined : `reads ${lost}`;
}

/** The folder moves, and all in it. */
function hasMoved({ before, after }: ArtifactView, [from, to]: FolderPair): boolean {
  const read = (tree: Tree, dir: string) =>
    pathsWithin(tree.paths, dir).map((path) => [path.slice(dir.length), tree.read(path)]);
  return (
    pathsWithin(after.paths, from).length === 0 &&
    JSON.stringify(read(before, from)) === JSON.stringify(read(after, to))
  );
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

/** Whether files of Terraform are edited, or their source comes to leave some out. */
function hasChanged(view: ArtifactView, { before, changed }: ProgramsInput): boolean {
  const isLeft = (path: string) => isProgramFile(path) && view.before.has(path) && !view.after.has(path);
  return [...changed].some(isProgramFile) || (view.differs && before.paths.some(isLeft));
}

/** What decides where the state lies. */
function printState(spec: YamlData): string {
  const { workspace = "default", backendConfig, backendConfigsFrom, cloud } = spec ?? {};
  return JSON.stringify(sortKeys([workspace, backendConfig, backendConfigsFrom, cloud].map((one) => one ?? null)));
}
