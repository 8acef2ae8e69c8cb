import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftEdit } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { printDocument } from "../../../src/yaml/print.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import { sameData } from "../../../src/yaml/values.ts";
import { combine, type Outcome, type TransformContext } from "../../contract.ts";
import { buildApp } from "./documents.ts";
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
  const created = createNamespaceDir(cluster, app, newNamespaceDir.dir, listing.entry, tree);
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
  const taken = [...files].flatMap(([path, text]) => (tree.has(path) && !isPrepared(tree, path, text) ? [path] : []));
  const edits = [...files]
    .filter(([path]) => !tree.has(path))
    .map(([path, text]): DraftEdit => ({ kind: "create", path, text, why, evidence: [wanted.install.at] }));
  return { edits, findings: taken.map((path) => pathTaken(path, name)) };
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

function createNamespaceDir(
  cluster: Cluster,
  { conventions, placement }: AppContext,
  dir: string,
  entry: string,
  tree: Tree,
): DraftEdit[] {
  if (tree.isDir(dir)) return [];
  // The Namespace in a gotk file is the operator's from then on; a second one would be a second owner (trap 34).
  const hasNamespace =
    placement.layout === "manifests" ||
    cluster.install?.style === "gotk" ||
    [...cluster.files].some((file) => isWithin(file, dir) || file.endsWith(`${cluster.namespace}/namespace.yaml`));
  const print = (kind: "Kustomization" | undefined, value: YamlData) =>
    printDocument(
      value,
      conventions.style,
      kind && conventions.schemas[kind] ? { leadingComments: [conventions.schemas[kind]!] } : {},
    );
  const namespace = `namespace${conventions.extension}`;
  const edits: DraftEdit[] = [
    {
      kind: "create",
      path: join(dir, `kustomization${conventions.extension}`),
      text: print("Kustomization", {
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: [...(hasNamespace ? [] : [`${conventions.listPrefix}${namespace}`]), entry],
      }),
      why: `Give ${cluster.namespace} a folder among the apps.`,
    },
  ];
  if (!hasNamespace) {
    edits.push({
      kind: "create",
      path: join(dir, namespace),
      text: print(undefined, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: cluster.namespace, annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } },
      }),
      why: "The namespace of the controllers must outlive any change of the files that name it.",
    });
  }
  return edits;
}

/** A file that stands where one of an app would go. */
function pathTaken(path: string, app: AppName): DraftFinding {
  return { rule: "path-taken", level: "blocker", at: lineOf(path), facts: { app } };
}
