import { keyOf } from "../../../src/cluster/graph.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import { readableSpec } from "../../../src/contract/objects.ts";
import { isSubstitutionDisabled } from "../../../src/delivery/kustomize/index.ts";
import { listVariables } from "../../../src/instance/patches/escape.ts";
import type { FluxApp } from "./apps.ts";

export interface Substitution {
  /** The text holds `$$`, which becomes `$`. */
  unescape: boolean;
  /** Names that stay literal. */
  variables: string[];
}

/**
 * What post-build substitution does to an app's inline values before helm-controller sees them, and a command does not
 * (flux-facts 2.9, trap 37).
 */
export function readSubstitution(cluster: Cluster, app: Pick<FluxApp, "object" | "values">): Substitution {
  const none = { unescape: false, variables: [] };
  const text = JSON.stringify(app.values ?? {});
  if (!text.includes("${") && !text.includes("$$")) return none;
  const delivered = cluster.objects.find(({ object }) => keyOf(object) === keyOf(app.object));
  if (isSubstitutionDisabled(delivered ? readable(delivered.effective) : app.object.data)) return none;
  if (delivered?.parent && readableSpec(delivered.parent)?.postBuild === undefined) return none;
  return { unescape: text.includes("$$"), variables: listVariables(text).sort() };
}
