import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";

/** What of each entry of a `sops` block tells the key that opens it (getsops/sops, `stores`). */
const KEYS: Readonly<Record<string, string>> = {
  age: "recipient",
  pgp: "fp",
  kms: "arn",
  gcp_kms: "resource_id",
  azure_kv: "name",
  hc_vault: "key_name",
};
const SHOWN = 2;
/** Of more sets of keys than this one finding is enough. */
const SEVERAL = 5;

/**
 * Objects that come to be encrypted for keys alone which open nothing that this cluster reads today. Where Flux does not have
 * such a key it cannot decrypt them; whether it has nobody can tell from here.
 */
export function findOtherRecipients(
  { before, after }: Given,
  { before: tree, isDelivered }: Pick<ClusterChange, "before" | "isDelivered">,
): Stopped[] {
  const strange = after.all.flatMap((held): { held: Held; keys: string[] } | [] => {
    const keys = held.by?.fixed || !held.object.encrypted ? [] : listRecipients(held);
    const was = before.objects.get(held.object.key);
    const old = new Set(was ? listRecipients(was) : []);
    return keys.length === 0 || keys.some((key) => old.has(key)) ? [] : { held, keys };
  });
  const files = strange.length > 0 ? tree.grep("ENC[").filter(isDelivered) : [];
  if (files.length === 0) return [];
  const used = findUsed(files, tree, new Set(strange.flatMap(({ keys }) => keys)));
  const others = strange.filter(({ keys }) => !keys.some((key) => used.has(key)));
  const groups = [...groupBy(others, ({ keys }) => keys.join("\n")).values()];
  if (groups.length > SEVERAL) return say(others, " for keys of their own");
  return groups.flatMap((group) => say(group));
}

function say([first, ...rest]: readonly { held: Held; keys: string[] }[], whose = ""): Stopped[] {
  if (!first) return [];
  const { held, keys } = first;
  const more = rest.length > 0 ? `, like ${rest.length} more${whose}` : "";
  return [
    {
      held,
      path: ["sops"],
      rule: "build-breaks",
      others: rest.map((one) => one.held),
      what: `is encrypted for ${listSome(keys, SHOWN)} alone${more}, for which nothing is that this cluster reads today: where Flux does not have that key it cannot decrypt it, and applies nothing more of what delivers it`,
      why: "The keys of before open it no more.",
      next: "Encrypt it for the key of this cluster as well.",
      look: "compare it with the keys in the Secret that spec.decryption names",
    },
  ];
}

/** Which keys stand in some files; each is read once, however many keys there are. */
function findUsed(files: readonly string[], tree: Tree, keys: ReadonlySet<string>): Set<string> {
  const used = new Set<string>();
  for (const file of files) {
    for (const [word] of (tree.read(file) ?? "").matchAll(/[^\s"',{}[\]=]+/g)) if (keys.has(word)) used.add(word);
  }
  return used;
}

function listRecipients({ object }: Held): string[] {
  const sops: YamlData = object.body?.sops;
  // Of groups several keys are needed.
  if (!isMap(sops) || itemsOf(sops.key_groups).length > 0) return [];
  const all = Object.entries(KEYS).flatMap(([list, field]) => itemsOf(sops[list]).map((one) => one[field]));
  return all.filter((one): one is string => typeof one === "string" && one !== "").sort();
}
