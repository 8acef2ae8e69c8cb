import { isDeepStrictEqual } from "node:util";
import type { DraftEdit } from "../../../src/contract/edit.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { findKustomization } from "../../../src/delivery/kustomize/index.ts";
import { dirname, relative } from "../../../src/delivery/paths.ts";
import { combine, type Outcome, type TransformContext } from "../../contract.ts";
import { learnConventions } from "../apps/conventions.ts";
import type { SchemaKind } from "../apps/learn-schemas.ts";
import { listResource } from "../apps/listing.ts";
import { printUnderSchema } from "../apps/under-schema.ts";
import { firstDoc } from "../read.ts";
import type { InstanceSync } from "./types.ts";

/** A new file beside the instance. */
export interface Companion {
  /** Name without extension, such as `gitrepository`. */
  file: string;
  data: YamlData;
  schema?: SchemaKind;
  why: string;
  evidence: Loc[];
}

/**
 * Adds a file where the instance is described, so that the same FluxKustomization delivers it: where fluxlift made the app
 * that one never prunes. The namespace is written only where the instance writes it too.
 */
export function addCompanion(context: TransformContext, sync: InstanceSync, companion: Companion): Outcome {
  const { tree } = context;
  const { object } = sync.instance;
  const dir = dirname(object.file);
  const conventions = learnConventions(context, sync.version);
  const extension = object.file.endsWith(".yml") ? ".yml" : ".yaml";
  const join = (name: string) => (dir === "" ? `${name}${extension}` : `${dir}/${name}${extension}`);
  const { namespace: _, ...metadata } = companion.data.metadata;
  const data = {
    ...companion.data,
    metadata: object.namespace === "" ? metadata : { ...metadata, namespace: object.namespace },
  };
  const usual = join(companion.file);
  // Two clusters of one instance folder get one file.
  if (isDeepStrictEqual(firstDoc(tree, usual), data)) return {};
  const path = tree.has(usual) ? join(`${companion.file}-${companion.data.metadata.name}`) : usual;
  const schema = companion.schema && conventions.schemas[companion.schema];
  const text = printUnderSchema(data, conventions.style, { schema, isSchemaAbove: conventions.schemasAboveStart });
  const created: DraftEdit = { kind: "create", path, text, why: companion.why, evidence: companion.evidence };
  const listing = nearestKustomization(context, dir);
  if (listing === undefined) return { edits: [created] };
  const entry = `${conventions.listPrefix}${relative(listing, path)}`;
  return combine({ edits: [created] }, listResource(tree, listing, entry, "List the new file."));
}

/** The folder whose kustomization lists the instance; undefined where the folder is built recursively. */
function nearestKustomization({ tree, cluster }: TransformContext, from: string): string | undefined {
  for (let dir = from; ; dir = dirname(dir)) {
    const found = findKustomization(tree, dir);
    if (found?.error === undefined && found && cluster.files.has(found.path)) return dir;
    if (dir === "") return undefined;
  }
}
