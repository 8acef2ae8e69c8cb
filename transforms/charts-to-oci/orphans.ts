import { keyOf } from "../../src/cluster/graph.ts";
import { isYamlPath, readObjects } from "../../src/cluster/objects.ts";
import { cutEnd } from "../../src/contract/cut.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { itemsOf, type KubeObject } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { loadKustomization } from "../../src/delivery/kustomize/index.ts";
import { pointAt } from "../../src/delivery/locations.ts";
import { dirname } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { sayFinding } from "../../src/findings/say.ts";
import type { TransformContext, TransformResult } from "../contract.ts";
import { unlistResources } from "../shared/apps/listing.ts";
import { editFile } from "../shared/edit-file.ts";
import { listingsOf } from "./place.ts";
import { findMirror } from "./source.ts";

/**
 * Removes the HelmRepositories of charts that come from OCIRepositories now, in a merge of its own: helm-controller has
 * taken its HelmCharts away by then, so nothing asks for a repository that is gone. Only what no file names any more goes.
 */
export function removeOrphans(context: TransformContext): TransformResult {
  const result: TransformResult = { edits: [], findings: [] };
  let { tree } = context;
  for (const known of findReplaced(context)) {
    // The documents before it may be gone by now, by this loop or by a cluster that shares the file.
    const repository = readObjects(tree, known.file).objects.find(
      ({ kind, name, namespace }) => kind === known.kind && name === known.name && namespace === known.namespace,
    );
    if (!repository) continue;
    const user = findUser(tree, repository);
    if (user === "release") continue;
    const removal = user ?? remove(tree, repository);
    if (typeof removal === "string") {
      const place = pointAt(tree, repository);
      const facts = { resource: place.resource, reason: removal };
      result.findings.push({ rule: "chart-repository-kept", level: "info", ...place, facts });
      continue;
    }
    result.edits.push(...removal);
    tree = applyEdits(tree, removal).tree;
  }
  return result;
}

/** HelmRepositories below whose address, or its mirror, an OCIRepository reads a chart: it has taken their place. */
function findReplaced({ cluster, tree, options }: TransformContext): KubeObject[] {
  const charts = cluster.objects
    .filter(({ object }) => object.kind === "OCIRepository" && object.data.spec?.layerSelector !== undefined)
    .map(({ object }) => String(object.data.spec?.url ?? ""));
  const seen = new Set<string>();
  return cluster.objects
    .filter(({ object }) => object.kind === "HelmRepository" && tree.has(object.file))
    .filter(({ object }) => !seen.has(keyOf(object)) && seen.add(keyOf(object)))
    .map(({ object }) => object)
    .filter(({ data }) => {
      const url = cutEnd(String(data.spec?.url ?? ""), "/");
      return charts.some((chart) => {
        const name = chart.slice(chart.lastIndexOf("/") + 1);
        const mirror = findMirror(url, name, options.oci?.chartMirrors ?? []);
        return chart.startsWith(`${url}/`) || (mirror && chart === `${cutEnd(mirror.oci, "/")}/${name}`);
      });
    });
}

/** Who still names it: a release, or a reason in words. Errs towards a user: any mention beside the kind counts. */
function findUser(tree: Tree, { name, file, doc }: KubeObject): string | undefined {
  const mention = new RegExp(`(?<![\\w.-])${escapeRegExp(name)}(?![\\w.-])`);
  for (const path of tree.grep(name)) {
    const text = tree.read(path) ?? "";
    if (!text.includes("HelmRepository") && !text.includes("chart:")) continue;
    const objects = isYamlPath(path) ? readObjects(tree, path).objects : [];
    const others = objects.filter((object) => object.file !== file || object.doc !== doc);
    if (others.some(({ kind, data }) => kind === "HelmRelease" && data.spec?.chart?.spec?.sourceRef?.name === name))
      return "release";
    const texts = objects.length > 0 ? others.map(({ data }) => JSON.stringify(data)) : [text];
    if (texts.some((item) => item.includes("HelmRepository") && mention.test(item))) return `${path} names it`;
  }
  return undefined;
}

function remove(tree: Tree, repository: KubeObject): DraftEdit[] | string {
  const { file, doc } = repository;
  const why = `Nothing reads ${describe(repository)} any more.`;
  const text = tree.read(file) ?? "";
  const documents = text.split(/^---(?:\s.*)?$/m).filter((part) => part.replace(/#.*/g, "").trim() !== "").length;
  if (documents > 1 || readObjects(tree, file).objects.length > 1) {
    const { edits, findings } = editFile(tree, file, [{ op: "delete-document", doc }], why);
    return edits ?? (findings?.[0] ? sayFinding(findings[0]).what : "its document cannot be taken out");
  }
  const edits: DraftEdit[] = [{ kind: "delete", path: file, why }];
  for (const listing of listingsOf(tree, file)) {
    const loaded = loadKustomization(tree, listing.path);
    if (itemsOf(loaded.ok && loaded.file.data.resources).length <= 1)
      return `${listing.path} would list nothing any more, and such a folder does not build`;
    const unlisted = unlistResources(tree, listing.path, listing.dir, new Set([file]));
    if (unlisted.findings) return sayFinding(unlisted.findings[0]!).what;
    edits.push(...(unlisted.edits ?? []));
  }
  const isAlone = tree.entries(dirname(file)).filter((entry) => isYamlPath(entry)).length <= 1;
  if (isAlone) return `its folder ${dirname(file) || "."} would be empty, and a path that is gone does not build`;
  return edits;
}
