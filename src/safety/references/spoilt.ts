import { findSpoilt } from "../ciphertext.ts";
import type { Given } from "../given.ts";
import type { Stopped } from "./stopped.ts";

/** Encrypted objects that an edit by hand leaves without their keys, or with values that nothing can decrypt. */
export function findSpoiltObjects({ before, after }: Given): Stopped[] {
  return [...after.objects.values()].flatMap((held): Stopped[] => {
    if (held.by?.fixed || held.by?.spec.suspend) return [];
    const spoilt = findSpoilt(before.objects.get(held.object.key)?.object, held.object);
    if (!spoilt) return [];
    const path = spoilt.path.split(".");
    return spoilt.how === "bare"
      ? [
          {
            held,
            path,
            rule: "setting-lost",
            what: `holds encrypted values at ${spoilt.path} and no sops block: Flux applies the ciphertext as it stands`,
            why: "The keys are in that block; without it nobody can decrypt the values, and Flux does not try.",
            next: "Put the sops block back, or encrypt the file anew with sops.",
          },
        ]
      : [
          {
            held,
            path,
            rule: "build-breaks",
            what: `has an encrypted value at ${spoilt.path} that was encrypted for another key: Flux cannot decrypt it, and applies nothing more of what delivers it`,
            why: "SOPS binds each value to the place that it is encrypted for.",
            next: "Make such edits with sops edit, which encrypts the value for its new place.",
          },
        ];
  });
}
