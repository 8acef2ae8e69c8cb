import type { YamlData } from "../contract/objects.ts";
import { textEntries } from "./kustomize/data.ts";

/** An object as a FluxKustomization with `commonMetadata` applies it: that goes over what it says itself (`SetCommonMetadata` of fluxcd/pkg/ssa). */
export function withCommonMetadata(body: YamlData, common: YamlData): YamlData {
  const [labels, annotations] = [textEntries(common?.labels), textEntries(common?.annotations)];
  if (labels.length + annotations.length === 0) return body;
  const { metadata } = body;
  const marks = {
    ...(labels.length > 0 ? { labels: { ...metadata?.labels, ...Object.fromEntries(labels) } } : {}),
    ...(annotations.length > 0
      ? { annotations: { ...metadata?.annotations, ...Object.fromEntries(annotations) } }
      : {}),
  };
  return { ...body, metadata: { ...metadata, ...marks } };
}
