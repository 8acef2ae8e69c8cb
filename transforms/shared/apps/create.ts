import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftEdit } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { printDocument } from "../../../src/yaml/print.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import { sameData } from "../../../src/yaml/values.ts";
import { combine, type Outcome, type TransformContext, type TransformResult } from "../../contract.ts";
import { buildApp, KUSTOMIZATION, printAs } from "./documents.ts";
import { listResource } from "./listing.ts";
import type { AppName, AppPlace } from "./placement.ts";
import type { AppContext } from "./types.ts";

/** Creates an app and lists it where its namespace folder is built. */
export function createApp(
  context: TransformContext,
  app: AppContext,
  name: AppName,
  values: YamlData,
  why: string,
): Outcome {
  const { tree, cluster } = context;
  const { listing } = app.placement.apps[name];
  const files = writeFiles(tree, app, name, buildApp({ cluster, app, name, values }), why);
  const { newNamespaceDir } = app.placement;
  if (!newNamespaceDir || !listing || tree.isDir(listing.dir)) return combine(files, list(tree, listing, name));
  const created = createNamespaceDir(cluster, app, newNamespaceDir.dir, listing.entry);
  return combine(files, { edits: created }, list(tree, newNamespaceDir.listedIn, `the ${cluster.namespace} folder`));
}

/** Creates the files of an app; one that stands in the way is left as it is. */
export function writeFiles(
  tree: Tree,
  { wanted }: AppContext,
  name: AppName,
  files: ReadonlyMap<string, string>,
  why: string,
): Outcome {
  const result: TransformResult = { edits: [], findings: [] };
  for (const [path, text] of files) {
    if (!tree.has(path)) result.edits.push({ kind: "create", path, text, why, evidence: [wanted.install.at] });
    else if (!isPrepared(tree, path, text))
      result.findings.push({ rule: "path-taken", level: "blocker", at: lineOf(path), facts: { app: name } });
  }
  return result;
}

/** Whether a file says already what would be written, however it is laid out. */
function isPrepared(tree: Tree, path: string, text: string): boolean {
  const [there, wanted] = [readYamlCached(tree.read(path) ?? ""), readYamlCached(text)];
  return there.ok && wanted.ok && sameData(there.docs, wanted.docs);
}

/** Lists what is new in a kustomization; where there is none to list it, the folder is walked. */
export function list(tree: Tree, listing: AppPlace["listing"], what: string): Outcome {
  return listing ? listResource(tree, listing.dir, listing.entry, `Deliver ${what}.`) : {};
}

function createNamespaceDir(cluster: Cluster, app: AppContext, dir: string, entry: string): DraftEdit[] {
  const { conventions, placement } = app;
  // The Namespace in a gotk file is the operator's from then on; a second one would be a second owner (trap 34).
  const hasNamespace =
    placement.layout === "manifests" ||
    cluster.install?.style === "gotk" ||
    [...cluster.files].some((file) => isWithin(file, dir) || file.endsWith(`${cluster.namespace}/namespace.yaml`));
  const namespace = `namespace${conventions.extension}`;
  const resources = [...(hasNamespace ? [] : [`${conventions.listPrefix}${namespace}`]), entry];
  const kustomization: DraftEdit = {
    kind: "create",
    path: join(dir, `kustomization${conventions.extension}`),
    text: printAs("Kustomization", conventions, { ...KUSTOMIZATION, resources }),
    why: `Give ${cluster.namespace} a folder among the apps.`,
  };
  if (hasNamespace) return [kustomization];
  const metadata = { name: cluster.namespace, annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } };
  const text = printDocument({ apiVersion: "v1", kind: "Namespace", metadata }, conventions.style);
  const why = "The namespace of the controllers must outlive any change of the files that name it.";
  return [kustomization, { kind: "create", path: join(dir, namespace), text, why }];
}
