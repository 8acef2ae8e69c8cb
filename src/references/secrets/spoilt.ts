import { groupKindHere } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { once } from "../../contract/once.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
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

const SCOPE = "sealedsecrets.bitnami.com";

/** SealedSecrets with values that were sealed for another name or namespace: their controller opens none of them there. */
export function findMovedSeals(given: Given): Stopped[] {
  const placesOf = once(() => {
    const found = new Map<string, Set<string>>();
    for (const { object } of given.before.all)
      for (const [, text] of listSealed(object)) getOrMake(found, text, () => new Set<string>()).add(scopeOf(object));
    return found;
  });
  return stopsOf(given, ({ object, by }): Stop | [] => {
    if (by?.fixed || by?.spec.suspend) return [];
    const scope = scopeOf(object);
    const moved = listSealed(object).flatMap(([key, text]) => {
      const places = placesOf().get(text);
      return places && !places.has(scope) ? [{ key, from: [...places][0]! }] : [];
    });
    const [first] = moved;
    if (!first) return [];
    return {
      path: ["spec", "encryptedData", first.key],
      what: `has a value at ${first.key} that was sealed for ${first.from}, which its controller cannot open for ${scope}: it makes no Secret of it, and renews none`,
      why: "A value is sealed for one name and namespace, unless the annotations of the SealedSecret say otherwise.",
      next: "Seal the value anew with kubeseal, for its new name and namespace.",
    };
  });
}

function listSealed({ key, body }: OwnedObject): [string, string][] {
  const data: unknown = groupKindHere(key) === "bitnami.com|SealedSecret" ? body?.spec?.encryptedData : undefined;
  return isMap(data) ? Object.entries(data).flatMap(([at, text]) => (isSeal(text) ? [[at, text]] : [])) : [];
}

/** A short text is none, and stands in many places. */
const isSeal = (text: unknown): text is string => typeof text === "string" && text.length > 64 && !isOpenText(text);

/** What its values are bound to (sealed-secrets, `EncryptionLabel`). */
function scopeOf({ namespace, name, body }: OwnedObject): string {
  const says = (scope: string) => body?.metadata?.annotations?.[`${SCOPE}/${scope}`] === "true";
  if (says("cluster-wide")) return "the whole cluster";
  return says("namespace-wide") ? `namespace ${namespace}` : `${namespace}/${name}`;
}
