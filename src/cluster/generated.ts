import type { KubeObject } from "../contract/objects.ts";
import { generateRoot } from "../release/generated-sync.ts";
import type { InstanceDescription } from "./types.ts";

type Described = Pick<InstanceDescription, "object" | "spec">;

/** Name of the source and the root that a FluxInstance generates (flux-facts 1.5). */
export function generatedName({ object, spec }: Described): string {
  return String(spec?.sync?.name || object.namespace || "flux-system");
}

/** The source the operator generates, as far as roots and artifacts depend on it. */
export function generatedSource(instance: Described): KubeObject {
  const { object, spec } = instance;
  const { kind, url, ref } = spec?.sync ?? {};
  return { ...object, kind: String(kind), name: generatedName(instance), data: { spec: { url, ref } } };
}

/** The FluxKustomization the operator generates (flux-facts 1.5), before instance patches. */
export function generatedRoot({ object, spec }: Described): KubeObject {
  const namespace = object.namespace || "flux-system";
  const data = generateRoot({ ...spec.sync, name: generatedName({ object, spec }) }, namespace);
  const { apiVersion, kind, metadata } = data;
  return { file: object.file, doc: object.doc, apiVersion, kind, ...metadata, data };
}
