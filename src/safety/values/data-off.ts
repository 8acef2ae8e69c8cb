import { isOpenText } from "../../admission/open-text.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { keptBy } from "../../references/kept-data.ts";
import { readToldSpec } from "../unknown/told-losses.ts";

/** A list in values of which a chart makes an object each, by its name. */
interface MadeList {
  kind: string;
  /** The one that the chart makes where values say nothing of the list. */
  usual?: string;
}

/** What charts make of their values and holds data; from the templates and the values of the charts. */
const CHARTS: Readonly<
  Record<
    string,
    {
      lists: Readonly<Record<string, MadeList>>;
      specs: Readonly<Record<string, string>>;
      /** Values that are the name of one. */
      names: Readonly<Record<string, string>>;
    }
  >
> = {
  "rook-ceph-cluster": {
    lists: {
      cephBlockPools: { kind: "CephBlockPool", usual: "ceph-blockpool" },
      cephECBlockPools: { kind: "CephBlockPool" },
      cephFileSystems: { kind: "CephFilesystem", usual: "ceph-filesystem" },
      cephObjectStores: { kind: "CephObjectStore", usual: "ceph-objectstore" },
      cephObjectStoreUsers: { kind: "CephObjectStoreUser" },
    },
    specs: { cephClusterSpec: "ceph.rook.io|CephCluster" },
    names: { clusterName: "CephCluster" },
  },
};

/** What of the data that a chart makes goes, or is told to be deleted, where a release gets other values. Goes on from its name. */
export function findDataOff(
  chart: string,
  before: YamlData,
  after: YamlData,
): { path: string[]; what: string } | undefined {
  const { lists = {}, specs = {}, names = {} } = ofOwn(CHARTS, chart) ?? {};
  for (const [path, { kind, usual }] of Object.entries(lists)) {
    const [was, is] = [before, after].map((values): string[] => {
      const said: YamlData = values?.[path];
      return said === undefined ? (usual === undefined ? [] : [usual]) : itemsOf(said).map((one) => String(one?.name));
    });
    const gone = was!.find((name) => !is!.includes(name));
    if (gone === undefined || is!.some(isOpenText)) continue;
    const old = itemsOf(before?.[path]).find((one) => one?.name === gone);
    const kept = old && keptBy(`ceph.rook.io|${kind}`, old);
    const data = kept
      ? `its operator leaves the data in it (${kept}), which nothing looks after any more`
      : "its operator the data in it";
    const what = `has no ${kind} ${gone} made by its values any more (${path}): Helm deletes it, and ${data}`;
    return { path: [path], what };
  }
  for (const [path, kind] of Object.entries(names)) {
    const [was, is]: unknown[] = [before?.[path] ?? "", after?.[path] ?? ""];
    if (was === is || isOpenText(was) || isOpenText(is)) continue;
    const what = `comes to call its ${kind} ${is === "" ? "as its namespace" : is} (${path}), and not ${was === "" ? "as its namespace" : was}: Helm deletes the old one and makes another, which has none of its data`;
    return { path: [path], what };
  }
  for (const [path, groupKind] of Object.entries(specs)) {
    const what = readToldSpec(groupKind, before?.[path] ?? {}, after?.[path] ?? {});
    if (what !== undefined) return { path: [path], what: `${what} (${path} in its values)` };
  }
  return undefined;
}
