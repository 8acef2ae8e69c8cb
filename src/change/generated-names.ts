import { keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { HASH_PATTERN } from "../delivery/kustomize/index.ts";

export const isSettings = (key: ObjectKey): boolean => /^\|(?:ConfigMap|Secret)\|/.test(key);

/** What kustomize puts behind the name of a generated ConfigMap or Secret, or what stands for it where it cannot be known. */
const HASH = new RegExp(`^(\\|(?:ConfigMap|Secret)\\|.*)-(?:${HASH_PATTERN}|\\((?:old |new )?hash\\))(?=$|\\|@)`);

/** A generated ConfigMap or Secret under the name that it has without its hash; undefined for anything else. */
export function withoutHash(key: ObjectKey): ObjectKey | undefined {
  const plain = key.replace(HASH, "$1");
  return plain === key ? undefined : plain;
}

/** Under the name that stands for a hash which cannot be known, whether its content changes or not. */
export function withSettledHash(key: ObjectKey): ObjectKey {
  return key.replace(/-\((?:old|new) hash\)(?=$|\|@)/, "-(hash)");
}

/**
 * The name that stands for it where kustomize writes the hash into an object, which no name in the tree shows.
 * @param follows the generated objects that it names so: `OwnedObject.follows`
 */
export function withOpenHash(target: ObjectKey, follows: readonly string[]): ObjectKey {
  const { kind, namespace, name, remote } = splitKey(target);
  if (!isSettings(target) || !follows.includes(`${kind} ${name}`)) return target;
  return keyOfObject({ apiVersion: "v1", kind, namespace, name: `${name}-(hash)` }, remote);
}
