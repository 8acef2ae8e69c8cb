import type { YamlData } from "../contract/objects.ts";
import { textEntries } from "./kustomize/data.ts";

/**
 * An object as a FluxKustomization with `commonMetadata` applies it: that goes over what it says itself (`SetCommonMetadata` of
 * fluxcd/pkg/ssa).
 */
export function withCommonMetadata(body: YamlData, common: YamlData): YamlData {
  const marks = ["labels", "annotations"].flatMap((field) => {
    const own = textEntries(common?.[field]);
    return own.length > 0 ? [[field, { ...body.metadata?.[field], ...Object.fromEntries(own) }]] : [];
  });
  return marks.length === 0 ? body : { ...body, metadata: { ...body.metadata, ...Object.fromEntries(marks) } };
}
