import { printKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { Harm, TreeChange } from "../../change/types.ts";
import { readDeliveredKeys } from "../../change/value-keys.ts";
import { findUses, readVariables } from "../../references/settings/lost-settings.ts";
import { formatFluxVersion } from "../../release/releases.ts";
import type { Upgrade } from "../operator/instance-needs.ts";
import type { ClusterSnapshot } from "../snapshot.ts";
import { isStrict } from "./strict.ts";

interface UnsetInput {
  given: Given;
  /** The tree after the change, as the cluster sees it. */
  later: Pick<ClusterSnapshot, "findUnset">;
  artifactRoot: string;
  upgrade: Upgrade | undefined;
}

/** Kustomizations that a Flux which the change brings builds no more, as they use variables that nothing sets. */
export function findUnset({ before, after }: TreeChange, { given, later, artifactRoot, upgrade }: UnsetInput): Harm[] {
  if (!upgrade || isStrict(before, upgrade.from) || !isStrict(after, upgrade.to)) return [];
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
  const [from, to] = [upgrade.from, upgrade.to].map(formatFluxVersion);
  const more = rest.map(({ key, what }) => `${printKey(key)} (${what})`).join(", ");
  const same = more === "" ? "" : ` The same holds for ${more}.`;
  return [
    {
      resource: printKey(first.key),
      at: first.at,
      what: `Flux ${to} builds ${printKey(first.key)} no more, as nothing sets ${first.what} there.${same}`,
      why: `Flux ${from} puts nothing in the place of such a variable. From Flux 2.9 on it is an error.`,
      next: `Before Flux is updated, set it in spec.postBuild, give it a default (\${NAME:=}), or write $\${NAME} where a shell is to fill it in.`,
    },
  ];
}
