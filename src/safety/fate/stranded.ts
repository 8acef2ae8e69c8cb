import { keyOfObject, type ObjectKey, ownerName, splitKey } from "../../admission/key.ts";
import type { Outcome } from "../../change/types.ts";

/**
 * Keys of objects that the tree goes on delivering and that do not come back once they are deleted: what they live in or
 * are an instance of is gone for good, or whatever would apply them again is deleted as well and not applied by anything
 * that stays, or has lost its source. Seen live: docs/live-proof.md, `wrong-namespace-dropped`, `wrong-component-omitted`,
 * `wrong-sync-removed`, `wrong-sync-name-dropped`.
 *
 * @param starved names of FluxKustomizations whose source is gone: kustomize-controller applies nothing for them
 */
export function findStranded(
  outcomes: readonly Pick<Outcome, "key" | "fate" | "after">[],
  definedBy: (key: ObjectKey) => ObjectKey | undefined,
  starved: ReadonlySet<string> = new Set(),
): Set<ObjectKey> {
  const gone = new Set(outcomes.filter(({ fate }) => fate === "deleted").map(({ key }) => key));
  const pending = outcomes.filter(({ fate }) => fate === "recreated");
  const isHomeless = (key: ObjectKey) => {
    const { namespace, remote } = splitKey(key);
    const home = keyOfObject({ apiVersion: "v1", kind: "Namespace", namespace: "", name: namespace }, remote);
    return gone.has(home) || gone.has(definedBy(key) ?? "");
  };
  const absent = new Set<string>();
  for (const { key, fate } of outcomes) if (isHere(key) && lost(fate)) absent.add(ownerName(key));
  const isBack = ({ key, after }: Pick<Outcome, "key" | "after">) =>
    !isHomeless(key) && after.some((owner) => !absent.has(owner) && !starved.has(owner));
  // What applies others is back only when something that stays, or came back itself, applies it: never by its own build.
  for (let grew = true; grew; ) {
    grew = false;
    for (const outcome of pending) {
      if (!isHere(outcome.key) || !absent.has(ownerName(outcome.key)) || !isBack(outcome)) continue;
      absent.delete(ownerName(outcome.key));
      grew = true;
    }
  }
  return new Set(pending.filter((outcome) => !isBack(outcome)).map(({ key }) => key));
}

const lost = (fate: Outcome["fate"]) => fate === "deleted" || fate === "recreated";

/** Whatever applies others runs where Flux does. */
const isHere = (key: ObjectKey) => splitKey(key).remote === "";
