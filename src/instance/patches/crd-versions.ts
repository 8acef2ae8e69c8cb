import type { YamlData } from "../../contract/objects.ts";
import { joinPointer, splitPointer } from "../../delivery/kustomize/index.ts";

/**
 * The path of an operation on `/spec/versions/N/…` of a CRD, moved to where that version stands in the target release:
 * Alert and Receiver lost versions in 2.7 and 2.9 (flux-facts 3). A version that is gone, or an index that the
 * installed CRD does not have either, becomes the storage version.
 * @returns undefined when the path is no such path or need not change.
 */
export function moveVersionIndex(path: string, installed: YamlData[], target: YamlData[]): string | undefined {
  const segments = splitPointer(path);
  if (segments[0] !== "spec" || segments[1] !== "versions" || !/^\d+$/.test(segments[2] ?? "")) return undefined;
  const name = installed[Number(segments[2])]?.name;
  const sameVersion = target.findIndex((version) => version.name === name);
  const index = sameVersion >= 0 ? sameVersion : target.findIndex((version) => version.storage);
  if (index < 0 || index === Number(segments[2])) return undefined;
  return joinPointer([...segments.slice(0, 2), String(index), ...segments.slice(3)]);
}
