import type { DraftFinding, TransformContext, TransformResult } from "../../engine/transform.ts";
import type { DraftEdit } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import { printDocument } from "../../yaml/print.ts";
import { isWithin, join } from "../paths.ts";
import type { Cluster, YamlData } from "../types.ts";
import type { AppContext } from "./context.ts";
import { buildApp } from "./documents.ts";
import { listResource } from "./listing.ts";
import type { AppName } from "./placement.ts";
import { portInstall } from "./ported.ts";

/** Creates an app and lists it where its namespace folder is built. */
export function createApp(
  context: TransformContext,
  app: AppContext,
  name: AppName,
  values: YamlData,
  why: string,
  releaseAnnotations?: Record<string, string>,
): TransformResult {
  const { tree, cluster } = context;
  const { desired, conventions, placement } = app;
  const place = placement.apps[name];
  const evidence: Loc[] = [desired.install.at];
  const edits: DraftEdit[] = [];
  const findings: DraftFinding[] = [];
  const input = {
    cluster,
    conventions,
    version: desired.version,
    chartVersion: desired.operatorVersion,
    place,
    name,
    values,
    isLockedDown: isLockedDown(context, app),
  };
  for (const [path, text] of buildApp({ ...input, ...(releaseAnnotations ? { releaseAnnotations } : {}) })) {
    if (tree.has(path)) findings.push(pathTaken(path, name));
    else edits.push({ kind: "create", path, text, why, evidence });
  }
  const listing = place.listing;
  const isNew = placement.newNamespaceDir !== undefined && listing !== undefined && !tree.isDir(listing.dir);
  if (isNew)
    edits.push(
      ...createNamespaceDir(cluster, { desired, conventions, placement }, listing!.entry, tree.isDir.bind(tree)),
    );
  else if (listing) {
    const listed = listResource(tree, listing.dir, listing.entry, `Deliver ${name}.`);
    if (listed.edit) edits.push(listed.edit);
    if (listed.finding) findings.push(listed.finding);
  }
  const listedIn = placement.newNamespaceDir?.listedIn;
  if (isNew && listedIn) {
    const listed = listResource(tree, listedIn.dir, listedIn.entry, `Deliver the ${cluster.namespace} folder.`);
    if (listed.edit) edits.push(listed.edit);
    if (listed.finding) findings.push(listed.finding);
  }
  return { edits, findings };
}

/**
 * Whether the controllers act as the default service account unless told otherwise (multi-tenancy lockdown): then the apps
 * must name the controllers' own accounts, or they may create nothing (flux-semantics 1.6, trap 33).
 */
export function isLockedDown(context: TransformContext, app: AppContext): boolean {
  const { fields, patches } = portInstall(context, app);
  return fields.multitenant !== undefined || patches.some(({ raw }) => raw.includes("--default-service-account="));
}

function createNamespaceDir(
  cluster: Cluster,
  { conventions, placement }: AppContext,
  entry: string,
  exists: (dir: string) => boolean,
): DraftEdit[] {
  const dir = placement.newNamespaceDir!.dir;
  if (exists(dir)) return [];
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
export function pathTaken(path: string, name: AppName): DraftFinding {
  return {
    rule: "path-taken",
    level: "blocker",
    at: { file: path, line: 1, col: 1 },
    what: `fluxlift would create this file for ${name}, but it exists and is not a ${name} app that could be completed.`,
    why: "Overwriting a file that means something else could delete what it delivers.",
    next: "Move or finish that file, commit, and run fluxlift again.",
  };
}
