import type { DraftFinding } from "../../src/contract/finding.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import type { Tree } from "../../src/files/tree.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { readYamlCached } from "../../src/yaml/read.ts";
import { movePatches } from "../shared/oci/instance-patches.ts";
import type { OciTarget } from "../shared/oci/types.ts";

/** The patches of the instance as the switch will leave them, as data. */
export function futurePatches(tree: Tree, target: OciTarget): { patches: YamlData; findings: DraftFinding[] } {
  const { file, doc, base, spec } = target.sync.target;
  const { ops, findings } = movePatches(tree, target);
  const edited = editYaml(tree.read(file) ?? "", ops);
  const parsed = edited.ok ? readYamlCached(edited.text) : undefined;
  if (!parsed?.ok) return { patches: spec?.kustomize?.patches, findings };
  const data = parsed.docs.find(({ index }) => index === doc)?.data as YamlData;
  const next = base.reduce((value: YamlData, key) => value?.[key], data);
  return { patches: next?.kustomize?.patches, findings };
}
