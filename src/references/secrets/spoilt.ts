import type { Given } from "../../change/given.ts";
import { type Stopped, stopsOf } from "../stopped.ts";
import { findDecrypted, findSpoilt, findUnencrypted } from "./ciphertext.ts";

/** Encrypted objects that an edit by hand leaves without their keys, or with values that nothing can decrypt. */
export function findSpoiltObjects(given: Given): Stopped[] {
  return stopsOf(given, (held, was) => {
    if (held.by?.fixed || held.by?.spec.suspend) return [];
    const old = was?.object;
    const clear = held.by?.spec.data.spec.decryption ? findUnencrypted(old, held.object) : undefined;
    if (clear) {
      const what = `has a value at ${clear.join(".")} in the clear, where its sops block says that all is encrypted: Flux cannot decrypt it, and applies nothing more of what delivers it`;
      const why = "SOPS decrypts every value of that part, and stops at one that it did not encrypt.";
      const next = "Add values with sops edit, which encrypts them; and change this one once it was pushed.";
      return { path: clear, rule: "build-breaks", what, why, next };
    }
    const spoilt = findSpoilt(old, held.object);
    if (!spoilt) return [];
    const path = spoilt.path.split(".");
    if (spoilt.how === "apart") {
      const what = `holds an encrypted value at ${spoilt.path}, where its sops block says that nothing is encrypted: Flux applies the ciphertext as it stands`;
      const why = "SOPS decrypts what encrypted_regex or encrypted_suffix names, and leaves everything else as it is.";
      const next = "Put the pattern back, or encrypt the file anew with sops.";
      return { path, rule: "setting-lost", what, why, next };
    }
    return spoilt.how === "bare"
      ? {
          path,
          rule: "setting-lost",
          what: `holds encrypted values at ${spoilt.path} and no sops block: Flux applies the ciphertext as it stands`,
          why: "The keys are in that block; without it nobody can decrypt the values, and Flux does not try.",
          next: "Put the sops block back, or encrypt the file anew with sops.",
        }
      : {
          path,
          rule: "build-breaks",
          what: `has an encrypted value at ${spoilt.path} that was encrypted for another key: Flux cannot decrypt it, and applies nothing more of what delivers it`,
          why: "SOPS binds each value to the place that it is encrypted for.",
          next: "Make such edits with sops edit, which encrypts the value for its new place.",
        };
  });
}

/** Secrets that were encrypted in Git and that the change brings in the clear: Flux applies them as before. */
export function findDecryptedObjects(given: Given): Stopped[] {
  return stopsOf(given, ({ object, by }, was) => {
    const path = by?.fixed ? undefined : findDecrypted(was?.object, object);
    if (path === undefined) return [];
    const [field = "", ...rest] = path.split(".");
    return {
      path: [field, rest.join(".")],
      rule: "secret-in-clear",
      level: "caution",
      what: `was encrypted, and ${path} stands in the clear: whoever reads this repository, now or in its history, knows it`,
      why: "Flux applies it all the same, so nothing in the cluster shows it.",
      next: "Encrypt the file with sops before the merge, and change the value itself once it was pushed.",
    };
  });
}
