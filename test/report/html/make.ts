import { defaultOptions } from "../../../src/cli/options.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import { openWorkspace } from "../../../src/files/snapshot.ts";
import { makePlan } from "../../../src/plan/plan.ts";
import { verifyChange } from "../../../src/safety/verify.ts";
import { commitAll, git, makeRepo, writeFiles } from "../../support/repo.ts";

type Files = Readonly<Record<string, string | undefined>>;

/** The plan of the first phase for a tree. */
export async function planRepo(tree: Record<string, string>): Promise<Plan> {
  return makePlan(await openWorkspace(makeRepo(tree)), defaultOptions());
}

/** A tree and its change, judged; what is `undefined` goes. */
export function verifyTrees(tree: Record<string, string>, change: Files) {
  const root = makeRepo(tree);
  for (const [path, text] of Object.entries(change)) {
    if (text === undefined) git(root, "rm", "-q", "--", path);
    else writeFiles(root, { [path]: text });
  }
  commitAll(root, "Change");
  return verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [] });
}
