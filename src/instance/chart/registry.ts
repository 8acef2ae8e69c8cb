import { DEFAULT_REGISTRY, readRegistry } from "../../cluster/gotk/images.ts";
import type { ImageReference } from "../../cluster/types.ts";
import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import type { YamlData } from "../../contract/objects.ts";
import { CONTROLLERS, isCreated } from "./table.ts";

/**
 * The registry that all running controllers come from, each under its own name, as a FluxInstance can say it. Undefined where
 * one comes from elsewhere or has another name, as the chart takes any image, and where a variable stands in one.
 */
export function registryOfChart(
  values: YamlData,
  locate: (path: string[]) => Loc,
): { registry: string; findings: DraftFinding[] } | undefined {
  const images = Object.entries(CONTROLLERS)
    .filter(([key]) => isCreated(values, key))
    .map(([key, { component }]): ImageReference => {
      const written = String(values?.[key]?.image ?? `${DEFAULT_REGISTRY}/${component}`);
      const slash = written.lastIndexOf("/");
      const at = locate([key, "image"]);
      return { component, registry: written.slice(0, Math.max(slash, 0)), image: written.slice(slash + 1), at };
    });
  const registries = new Set(images.map(({ registry }) => registry));
  const isSayable = ({ component, image, registry }: ImageReference) => component === image && !registry.includes("${");
  if (registries.size !== 1 || !images.every(isSayable)) return undefined;
  const { registry, findings } = readRegistry(images);
  return { registry: registry?.value ?? DEFAULT_REGISTRY, findings };
}
