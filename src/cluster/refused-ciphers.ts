import type { Finding } from "../contract/finding.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { walkData } from "../yaml/walk-data.ts";
import type { Cluster } from "./types.ts";

/** As SOPS writes every value that it encrypts. */
const CIPHER = "ENC[AES256_GCM,";

/**
 * Values of a source, root or install that SOPS has encrypted. Flux decrypts them where they stand; a FluxInstance that they are
 * carried into would hold the ciphertext. A cluster that has an instance has got past that.
 */
export function refuseCiphers(tree: Tree, cluster: Cluster): Finding[] {
  const { name, source, root, install, instances } = cluster;
  if (instances.length > 0) return [];
  const objects = new Set([...(source ? [source] : []), root, ...(install?.objects ?? [])]);
  return [...objects].flatMap((object): Finding[] => {
    const isCipher = (value: unknown) => typeof value === "string" && value.trimStart().startsWith(CIPHER);
    const found = walkData(object.data.spec, ["spec"]).find(({ value }) => isCipher(value));
    if (found === undefined) return [];
    const path = found.path.map(String);
    return [
      {
        rule: "edit-refused",
        level: "blocker",
        cluster: name,
        at: locateField(tree, object, path),
        what: `${path.join(".")} is encrypted with SOPS, so ${name} is left as it is.`,
        why: "The FluxInstance needs what stands there. Only Flux can decrypt it: copied as it is, the instance would take the ciphertext for the value.",
        next: "Write that value in plain text (sops --decrypt), commit it, then run fluxlift again.",
      },
    ];
  });
}
