import { printKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { Harm, TreeChange } from "../../change/types.ts";
import { readDeliveredKeys } from "../../change/value-keys.ts";
import type { Cluster } from "../../cluster/types.ts";
import { listControllers } from "../../references/flux/flags.ts";
import { findUses, readVariables } from "../../references/settings/variables.ts";
import { type FluxVersion, formatFluxVersion } from "../../release/releases.ts";
import type { Upgrade } from "../operator/instance-needs.ts";
import type { ClusterSnapshot } from "../snapshot.ts";
import { isStrict } from "./strict.ts";

interface UnsetInput {
  given: Given;
  /** The tree after the change, as the cluster sees it. */
  later: Pick<ClusterSnapshot, "findUnset">;
  cluster: Pick<Cluster, "artifactRoot" | "files" | "namespace">;
  upgrade: Upgrade | undefined;
  /** The Flux that runs, where the change brings no other. */
  version: FluxVersion | undefined;
}

/** Kustomizations that are built no more by another Flux, or with another gate, as they use variables that nothing sets. */
export function findUnset(
  { before, after }: TreeChange,
  { given, later, cluster: { artifactRoot, files, namespace }, upgrade, version }: UnsetInput,
): Harm[] {
  const controller = listControllers(given, namespace).find(({ name }) => name === "kustomize-controller");
  if (isStrict(before, upgrade?.from ?? version, files, controller?.before)) return [];
  if (!isStrict(after, upgrade?.to ?? version, files, controller?.after)) return [];
  const found = given.after.holders.flatMap(({ key, spec }) => {
    const { isLocal, spec: data } = spec.data;
    if (!isLocal || data.postBuild === undefined || given.after.fails(key)) return [];
    const { namespace } = splitKey(key);
    const keysOf = (id: string) => readDeliveredKeys(given, "after", after, { namespace, id });
    const { all, has, whole } = readVariables(data, keysOf);
    const isUnset = (name: string) => !has(name);
    const unset =
      whole && findUses(after, readFiles(after, data, artifactRoot), isUnset) ? later.findUnset(spec, all) : undefined;
    return unset ? [{ key, ...unset }] : [];
  });
  const [first, ...rest] = found;
  if (!first) return [];
  const { by, why, next } = sayStrict(upgrade);
  const more = rest.map(({ key, what }) => `${printKey(key)} (${what})`).join(", ");
  const same = more === "" ? "" : ` The same holds for ${more}.`;
  return [
    {
      resource: printKey(first.key),
      at: first.at,
      what: `${by} builds ${printKey(first.key)} no more, as nothing sets ${first.what} there.${same}`,
      why,
      next: `${next}, set it in spec.postBuild, give it a default (\${NAME:=}), or write $\${NAME} where a shell is to fill it in.`,
    },
  ];
}

function sayStrict(upgrade: Upgrade | undefined): { by: string; why: string; next: string } {
  if (!upgrade) {
    const why =
      "Flux puts nothing in the place of such a variable today. With the gate StrictPostBuildSubstitutions, which is on by default from Flux 2.9 on, it is an error.";
    return { by: "Flux", why, next: "Before the gate is on" };
  }
  const [from, to] = [upgrade.from, upgrade.to].map(formatFluxVersion);
  const why = `Flux ${from} puts nothing in the place of such a variable. From Flux 2.9 on it is an error.`;
  return { by: `Flux ${to}`, why, next: "Before Flux is updated" };
}
