import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import type { OwnedObject } from "./types.ts";

/** How SOPS writes an encrypted value; each is made with a random start, so that no two are alike. */
const CIPHERTEXT = /^ENC\[[A-Z0-9_]+,data:/;

/**
 * What an edit by hand does to an encrypted object: `bare`, its values stay ciphertext and the `sops` block with the keys is
 * gone, so that Flux applies the ciphertext; `torn`, a value stands under another key than the one it was encrypted for.
 * SOPS binds each value to its path (getsops/sops, `Tree.Decrypt`), and kustomize-controller fails on it.
 */
export function findSpoilt(
  old: OwnedObject | undefined,
  now: OwnedObject,
): { how: "bare" | "torn"; path: string } | undefined {
  if (!now.body) return undefined;
  if (!now.encrypted) {
    if (old && !old.encrypted && listCiphertext(old.body).size > 0) return undefined;
    const [path] = listCiphertext(now.body).values();
    return path === undefined ? undefined : { how: "bare", path };
  }
  if (!old?.encrypted) return undefined;
  const known = listCiphertext(old.body);
  for (const [text, path] of listCiphertext(now.body)) {
    const was = known.get(text);
    if (was !== undefined && was !== path) return { how: "torn", path };
  }
  return undefined;
}

/** Encrypted values with the path that they are bound to, which counts no items of lists. */
function listCiphertext(body: YamlData): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const queue: { value: unknown; path: readonly string[] }[] = [{ value: body, path: [] }];
  for (const { value, path } of queue) {
    if (typeof value === "string") {
      if (CIPHERTEXT.test(value) && path[0] !== "sops" && !found.has(value)) found.set(value, path.join("."));
    } else if (Array.isArray(value)) {
      for (const one of value) queue.push({ value: one, path });
    } else if (isMap(value)) {
      for (const [key, one] of Object.entries(value)) queue.push({ value: one, path: [...path, key] });
    }
  }
  return found;
}
