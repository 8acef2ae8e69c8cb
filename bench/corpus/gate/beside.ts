import { groupOf, identityOf, isFluxKustomization, keyOf } from "./flux-objects.ts";
import type { RootSight } from "./sights.ts";
import { type Data, joinPath, type Snapshot } from "./snapshot.ts";

const SOURCE = "source.toolkit.fluxcd.io";

/**
 * Roots that share one source, where one needs sources that only the other one's folder has: both run in one cluster, which
 * starts from the one in need. Told by folders and by text alone, without builds.
 */
export function joinBeside(tree: Snapshot, roots: readonly RootSight[]): RootSight[] {
  const joined = roots.map((root) => {
    const beside = roots.filter((other) => other.source === root.source && serves(tree, other, root));
    return beside.length > 0 ? { ...root, beside: beside.map(({ data, file }) => ({ data, file })) } : root;
  });
  const taken = new Set(joined.flatMap(({ beside = [] }) => beside.map(({ data }) => data)));
  return joined.filter(({ data }) => !taken.has(data));
}

function serves(tree: Snapshot, other: RootSight, root: RootSight): boolean {
  if (other === root) return false;
  const [there, here] = [folderOf(other), folderOf(root)];
  if (there === "" || here === "" || `${there}/`.startsWith(`${here}/`) || `${here}/`.startsWith(`${there}/`))
    return false;
  const docs = tree.objects("toolkit.fluxcd.io");
  const below = (folder: string): Data[] =>
    docs.filter(({ file }) => file.startsWith(`${folder}/`)).map(({ data }) => data);
  // What starts nothing but itself is no start of one that starts others: it was forgotten, or is applied by hand.
  const startsOthers = (folder: string) => below(folder).filter(isFluxKustomization).length > 1;
  if (startsOthers(there) && !startsOthers(here)) return false;
  // Two of one name in one cluster would each undo the other: these are two clusters.
  const names = new Set(below(here).map((data) => keyOf(identityOf(data))));
  if (below(there).some((data) => names.has(keyOf(identityOf(data))))) return false;
  const sourcesOf = (all: Data[]): string[] =>
    all.filter((data) => groupOf(data.apiVersion) === SOURCE).map((data) => `${data.kind}/${data.metadata?.name}`);
  const own = new Set([...sourcesOf(below(here)), `${root.source.kind}/${root.source.metadata?.name}`]);
  const brought = new Set(sourcesOf(below(there)).filter((name) => !own.has(name)));
  return below(here).some((data) =>
    [data.spec?.sourceRef, data.spec?.chartRef, data.spec?.chart?.spec?.sourceRef].some(
      (ref) => ref && brought.has(`${ref.kind}/${ref.name}`),
    ),
  );
}

const folderOf = ({ data, prefix }: RootSight): string => joinPath(prefix, String(data.spec.path));

/** What runs beside a root, as a later tree has it. */
export function besideOf(tree: Snapshot, { beside = [] }: RootSight): Data[] {
  return beside.flatMap(({ data, file }) =>
    tree
      .yaml(file)
      .docs.map((doc) => doc.data)
      .filter((now) => isFluxKustomization(now) && now.metadata?.name === data.metadata?.name),
  );
}
