import { groupKindHere, keyOfObject, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { World } from "../../change/world.ts";
import { valueAt, type YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { refOf } from "../../instance/sync/values.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const FIELDS = [
  {
    path: ["spec", "git", "push", "branch"],
    effect: "it would commit to a branch that nothing reads, and Flux applies no new image",
  },
  {
    path: ["spec", "git", "checkout", "ref", "branch"],
    effect: "it would check out a branch that is not there, and commit nothing more",
  },
];

/** Names of branches are short: main, prod. */
const SHORT = 3;

/** A branch in an ImageUpdateAutomation that differs by a letter from the one that its source reads, or that it checks out. */
export function findStrayBranches(given: Given): Stopped[] {
  return stopsOf(given, ({ object: { key, body } }, was) => {
    if (groupKindHere(key) !== "image.toolkit.fluxcd.io|ImageUpdateAutomation" || body?.spec?.suspend === true)
      return [];
    const known = [
      branchOf(sourceOf(given.after, splitKey(key).namespace, body.spec?.sourceRef)),
      valueAt(body, FIELDS[1]!.path),
    ].filter((one) => typeof one === "string");
    return FIELDS.flatMap(({ path, effect }): Stop | [] => {
      const branch = valueAt(body, path);
      if (typeof branch !== "string" || isOpenText(branch) || known[0] === branch) return [];
      if (was && valueAt(was.object.body, path) === branch) return [];
      const near = findNear(branch, known, { short: SHORT });
      if (near === undefined) return [];
      return {
        path,
        what: `names the branch ${branch}, and ${near} is what is read here: where ${branch} is a slip of that, ${effect}`,
        why: "",
        next: "",
        look: `look with ${sh`git ls-remote --heads origin ${operand(branch)}`.line} whether there is such a branch`,
      };
    });
  });
}

function sourceOf(world: World, home: string, ref: YamlData): YamlData {
  const { kind = "GitRepository", name, namespace = home } = ref ?? {};
  const key = keyOfObject({ apiVersion: "source.toolkit.fluxcd.io/v1", kind, namespace, name: String(name) });
  world.has(key);
  return world.objects.get(key)?.object.body;
}

/** The branch of a GitRepository; what the operator generates calls it by its full name (flux-facts 1.5). */
export function branchOf(body: YamlData): string | undefined {
  return /^refs\/heads\/(.+)$/.exec(refOf("GitRepository", body?.spec).ref)?.[1];
}
