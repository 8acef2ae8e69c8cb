import { printKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { listSome } from "../../contract/list-some.ts";
import { isMap } from "../../yaml/is-map.ts";
import { locateIn, type ReportInput } from "../report.ts";

const SHOWN = 4;

/**
 * Edits in Git of what Flux Operator owns before and after the change: kustomize-controller leaves out what the operator
 * has marked with `ssa: Ignore` (flux-facts 2.1, 2.4 item 4). Such copies are there between install and cutover, as where
 * `flux bootstrap` or a person edits the files of the old install once more, and a manifest of the namespace stays for good.
 * Where a copy only comes to say what the operator's own object says, as a cutover frees the root from the old install, nothing is lost.
 */
export function reportIdleEdits(input: ReportInput, { before, after }: Given): SaidFinding[] {
  const isOwned = (world: World, { key }: OwnedObject) => {
    const held = world.objects.get(key);
    return held !== undefined && held.by === undefined;
  };
  const edited = after.holders.flatMap((holder) => {
    if (holder.fixed) return [];
    const were = before.holdersOf(holder.key).flatMap((old) => before.objectsOf(old));
    const bodies = new Map(were.map(({ key, body }) => [key, body]));
    return after.objectsOf(holder).flatMap((object) => {
      const was = bodies.get(object.key);
      const isSame = !was || !object.body || JSON.stringify(was) === JSON.stringify(object.body);
      if (isSame || ![before, after].every((world) => isOwned(world, object))) return [];
      const made: unknown = after.objects.get(object.key)?.object.body;
      return isInLine(was, object.body, made) ? [] : [{ object, by: holder }];
    });
  });
  const [first] = edited;
  if (first === undefined) return [];
  const names = [...new Set(edited.map(({ object }) => printKey(object.key)))];
  return [
    {
      rule: "edit-idle",
      level: "caution",
      resource: names[0]!,
      at: locateIn(input, first, []),
      what: `Nothing comes of what the change edits of ${listSome(names, SHOWN)}: Flux Operator owns ${names.length === 1 ? "it" : "them"} once the FluxInstance is Ready, and Flux leaves out the copy in Git.`,
      why: "The operator makes it from the FluxInstance, and marks it with ssa: Ignore. No error is reported.",
      next: "Say the same in the FluxInstance (spec.distribution, spec.sync or a patch in spec.kustomize), or take the edit back.",
    },
  ];
}

/** Whether an edit leaves every field that it touches as `made` has it. */
function isInLine(was: unknown, now: unknown, made: unknown): boolean {
  if (!isMap(made)) return false;
  const open = [{ was, now, made: made as unknown }];
  for (const one of open) {
    const [old, is, wanted] = [one.was, one.now, one.made].map((value) => JSON.stringify(value));
    if (old === is || is === wanted) continue;
    const { was: from, now: to, made: own } = one;
    if (!isMap(from) || !isMap(to) || !isMap(own)) return false;
    for (const name of new Set([...Object.keys(from), ...Object.keys(to)]))
      open.push({ was: from[name], now: to[name], made: own[name] });
  }
  return true;
}
