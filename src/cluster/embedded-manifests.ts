import type { InstallElsewhere } from "../contract/install-ways.ts";
import type { Tree } from "../files/tree.ts";
import { positionAt } from "../yaml/lines.ts";
import { isArchived, isDocs, isJinja } from "./automation-files.ts";
import { isYamlPath } from "./objects.ts";
import { readableText } from "./readable-text.ts";

const CRD = "gitrepositories.source.toolkit.fluxcd.io";
const HEADER = /^[ \t]+# Flux Version: v?\d/m;
const NAME = /^[ \t]{3,}name: gitrepositories\.source\.toolkit\.fluxcd\.io[ \t\r]*$/m;
const INSIDE = [/^[ \t]+kind: CustomResourceDefinition\b/m, /^[ \t]{7,}openAPIV3Schema:/m];

/**
 * Manifests of Flux as the text of something else: a ConfigMap that Cluster API applies to the clusters it makes, the
 * `inlineManifests` of Talos, a file that cloud-init writes. What only holds a patch of a CRD has no schema.
 */
export function findEmbedded(tree: Tree): InstallElsewhere[] {
  const files = new Set([...tree.grep("Flux Version:"), ...tree.grep(CRD)]);
  return [...files].flatMap((file): InstallElsewhere[] => {
    if (!isYamlPath(file) || isArchived(file) || isDocs(file) || isJinja(file)) return [];
    const text = readableText(tree, file) ?? "";
    const isCopy = NAME.test(text) && INSIDE.every((part) => part.test(text)) && !/^kind: List\b/m.test(text);
    const found = HEADER.exec(text) ?? (isCopy ? NAME.exec(text) : null);
    if (!found) return [];
    return [{ by: "embedded", file, line: positionAt(text, found.index).line, name: file }];
  });
}
