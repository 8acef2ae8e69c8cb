import { type Loc, lineOf } from "../contract/errors.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { describe } from "../delivery/kinds.ts";
import { splitImage } from "../delivery/kustomize/images.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isDocs, isSample } from "./automation-files.ts";
import { chartNameOf } from "./chart-release.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import { codeLines } from "./readable-text.ts";
import type { Cluster } from "./types.ts";

export interface AppliedOperator {
  at: Loc;
  name: string;
}

/** The manifests of a release of the operator, or its base. */
const REMOTE =
  /\bcontrolplaneio-fluxcd\/flux-operator(?:\.git)?\/{1,2}(?:releases\/\S+\/install\.ya?ml|config\/(?:default|manager))\b/;

/** The operator as Flux applies it in a cluster from manifests, without its chart. */
export function findAppliedOperators(tree: Tree, cluster: Cluster): AppliedOperator[] {
  const files = tree.grep("flux-operator").filter((file) => isYamlPath(file) && cluster.manifests.has(file));
  return files.flatMap((file): AppliedOperator[] => {
    if (isKustomizationFile(file)) {
      const lines = codeLines(tree, file);
      const line = lines.findIndex((each) => /^\s*-/.test(each) && REMOTE.test(each));
      return line < 0 ? [] : [{ at: lineOf(file, line + 1), name: file }];
    }
    const deployments = readObjects(tree, file).objects.filter(isOperator);
    return deployments.map((object) => ({ at: locateField(tree, object), name: describe(object) }));
  });
}

/** Where something else fetches them: k3s, Talos, a program or a script, for this cluster or another. */
export function findFetchedOperators(tree: Tree): Loc[] {
  return tree.grep("controlplaneio-fluxcd/flux-operator").flatMap((file) => {
    if (isKustomizationFile(file) || isDocs(file) || isArchived(file) || isSample(file)) return [];
    const line = codeLines(tree, file).findIndex((each) => REMOTE.test(each));
    return line < 0 ? [] : [lineOf(file, line + 1)];
  });
}

function isOperator(object: KubeObject): boolean {
  const isDeployment = object.kind === "Deployment" && object.apiVersion.startsWith("apps/");
  return isDeployment && findOperatorImage(bodyOf(object)) !== undefined;
}

/** The container of a Deployment that runs the operator, by its image: where it stands, and the tag. */
export function findOperatorImage({ spec }: YamlData): { at: number; tag: string } | undefined {
  const containers = itemsOf(spec?.template?.spec?.containers);
  const images = containers.map(({ image }, at) => ({ ...splitImage(String(image)), at }));
  return images.find(({ name }) => chartNameOf(name) === "flux-operator");
}
