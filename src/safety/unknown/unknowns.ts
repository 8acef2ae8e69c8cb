import { printKey } from "../../admission/key.ts";
import { readFiles } from "../../change/touched.ts";
import type { OpenPoint, TreeChange } from "../../change/types.ts";
import { GUARD_MARK } from "../../cluster/guards.ts";
import type { Cluster } from "../../cluster/types.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome } from "../../contract/list-some.ts";
import { readableSpec } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import type { Acceptor, SafetyUnknown } from "../../contract/safety.ts";

const MAX_NAMES = 3;

interface Judgement {
  /** Whether Flux itself or what the migration rests on hangs on it. */
  decides: (point: OpenPoint) => boolean;
  findAcceptor: (resource: string) => Acceptor | undefined;
}

/**
 * Joins what is open for the same reason at the same place: a remote base that fifty FluxKustomizations share is one thing
 * to look at, and so is a source that fifty of them name and nothing here makes.
 */
export function joinOpenPoints(points: readonly OpenPoint[], { decides, findAcceptor }: Judgement): SafetyUnknown[] {
  const judged = points.map((point) => ({ point, decides: decides(point), acceptedBy: findAcceptor(point.resource) }));
  const groups = groupBy(judged, ({ point, ...facts }) =>
    JSON.stringify([point.anywhere ? point.look : point.at, point.what, facts]),
  );
  return [...groups.values()].map((group) => {
    const [{ point: first, ...facts }] = group as [(typeof judged)[number]];
    const resources = [...new Set(group.map(({ point }) => point.resource))];
    const mayGo = [...new Set(group.flatMap(({ point }) => point.mayGo ?? []))].map(printKey);
    return {
      resources,
      what: `${first.resource} ${first.what}${first.at ? ` (${first.at.file}:${first.at.line})` : ""}.${sayMore(resources.slice(1))}`,
      look: first.look,
      ...(first.at ? { at: first.at } : {}),
      ...(mayGo.length > 0 ? { mayGo } : {}),
      ...(facts.decides ? { decides: true as const } : {}),
      ...(facts.acceptedBy ? { accepted: true as const, acceptedBy: facts.acceptedBy } : {}),
    };
  });
}

function sayMore(others: readonly string[]): string {
  return others.length === 0 ? "" : ` The same holds for ${listSome(others, MAX_NAMES)}.`;
}

/**
 * Tells of what is open whether Flux, its operator, the instance, the source, the root or a guarded object stays depends
 * on it: a build reads the file of one of them, or of a FluxKustomization that leads to one.
 */
export function makeDecides(change: TreeChange, cluster: Cluster): (point: OpenPoint) => boolean {
  const vital = once(() => listVitalFiles(change, cluster));
  return ({ decides, specs = [], at }) => {
    if (decides) return true;
    if (at && vital().has(at.file)) return true;
    return specs.some(({ data }) => {
      if (!data.isLocal) return false;
      const trees = [change.before, change.after];
      return trees.some((tree) =>
        [...readFiles(tree, data.spec, cluster.artifactRoot)].some((file) => vital().has(file)),
      );
    });
  };
}

function listVitalFiles({ before }: TreeChange, cluster: Cluster): Set<string> {
  const { root, source, install, instances, operators, local, artifactRoot } = cluster;
  const own = [root, source, ...(install?.objects ?? []), ...instances.map(({ object }) => object), ...operators];
  const files = new Set([
    ...own.flatMap((object) => (object ? [object.file] : [])),
    ...(install ? [install.at.file] : []),
    ...before.grep(GUARD_MARK),
  ]);
  // Parents stand before their children.
  for (const child of [...local].reverse()) {
    if ([...readFiles(before, readableSpec(child), artifactRoot)].some((file) => files.has(file)))
      files.add(child.object.file);
  }
  return files;
}
