import { printKey, sayOwner } from "../../admission/key.ts";
import { sayPath, sayRefusal } from "../../admission/refused.ts";
import type { Comparison } from "../../change/comparison.ts";
import type { OpenPoint, RefusedObject } from "../../change/types.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome, withOthers } from "../../contract/list-some.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import type { Locate } from "../fate/losses.ts";
import { isPatchedIn } from "./patched-words.ts";

const SHOWN = 4;

/** What the API server refuses from now on; what a patch does to several objects is one finding. */
export function reportRefusals({ refusals }: Pick<Comparison, "refusals">, after: Tree, locate: Locate): SaidFinding[] {
  const own = refusals.filter(({ refusal }) => !refusal.doubtful && !isPatchedIn(refusal, after));
  return [...groupBy(own, ({ refusal }) => sayRefusal(refusal)).entries()].map(([says, group]): SaidFinding => {
    const [first] = group as [RefusedObject];
    const names = [...new Set(group.map(({ key }) => printKey(key)))];
    const owners = [...new Set(group.map(({ owner }) => sayOwner(owner)))];
    const more = names.length > 1 ? ` The same holds for ${listSome(names.slice(1), SHOWN)}.` : "";
    const place = {
      level: "blocker" as const,
      resource: names[0]!,
      ...withOthers(names.slice(1)),
      at: first.now ? locateField(after, first.now, first.refusal.path) : locate({}),
    };
    if (first.refusal.drops === "values") {
      return {
        ...place,
        rule: "field-ignored",
        what: `Helm gets none of the values of ${names[0]}: ${says}.${more}`,
        why: "helm-controller reads what is no map as no values at all, says nothing, and upgrades the release to what its chart says by default.",
        next: "Write the values as a map, without | or quotes.",
      };
    }
    if (first.refusal.drops === "object") {
      return {
        ...place,
        rule: "field-ignored",
        what: `Flux leaves ${names[0]} out of what it applies, and deletes the one that is there: ${says}.${more}`,
        why: "kustomize-controller takes what has no text for a name for no object of Kubernetes, and says nothing.",
        next: 'Put the name in quotes: "2048".',
      };
    }
    if (first.refusal.drops === "field") {
      return {
        ...place,
        rule: "field-ignored",
        what: `Flux applies ${names[0]} as if ${sayPath(first.refusal.path)} were not there: it ${first.refusal.what}.${more}`,
        why: "Flux prints objects of Kubernetes anew before it applies them, which leaves out fields that their kind does not have, without a word.",
        next: "Correct the name of the field, or take it out.",
      };
    }
    if (first.refusal.drops) {
      return {
        ...place,
        rule: "labels-dropped",
        what: `Flux applies ${names[0]} without any of its labels: ${says}.${more}`,
        why: "kustomize-controller adds its own labels to those it reads, and where one value is no text it reads none.",
        next: 'Put the value in quotes: "true".',
      };
    }
    return {
      ...place,
      rule: "object-refused",
      what: `The API server refuses ${names[0]}: ${says}. Flux then applies nothing more of ${listSome(owners, SHOWN)}.${more}`,
      why: "kustomize-controller tries all objects of a build before it applies the first, and one that is refused stops them all.",
      next: "Correct the field; flux diff kustomization asks the API server before the merge.",
    };
  });
}

/**
 * Fields that are not known here, and that no slip explains.
 * @param stopped what is said of objects for certain: no more is asked of those that a blocker names
 */
export function listDoubtfulRefusals(
  refusals: readonly RefusedObject[],
  stopped: readonly Pick<SaidFinding, "level" | "resource">[],
): OpenPoint[] {
  const named = new Set(stopped.flatMap(({ level, resource }) => (level === "blocker" ? resource : [])));
  const open = refusals.filter(({ refusal, key }) => refusal.doubtful && !named.has(printKey(key)));
  return [...groupBy(open, ({ refusal }) => sayRefusal(refusal)).values()].map((group) => {
    const [{ key, refusal, owner, now }] = group as [RefusedObject];
    return {
      resource: printKey(key),
      what: `gets ${sayPath(refusal.path)}, ${sayDoubt(refusal)}: ${refusal.drops ? "where Flux does not know it either, it leaves it out without a word" : `where the API server does not take that, Flux applies nothing more of ${sayOwner(owner)}`}`,
      look: "ask the API server with flux diff kustomization, or look it up in the documentation of that kind",
      ...(now ? { at: { file: now.file, line: 1, col: 1 } } : {}),
    };
  });
}

/** What an edit has moved, or made another thing, is told as that. */
function sayDoubt({ what, near }: RefusedObject["refusal"]): string {
  const isUnknown = what === "is no field there" && near === undefined;
  return isUnknown ? "a field that fluxlift does not know" : `which ${what}`;
}
