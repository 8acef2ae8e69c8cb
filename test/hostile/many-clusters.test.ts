import { expect, test } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Options } from "../../src/contract/options.ts";
import { type CommittedInput, checkCommitted } from "../../src/plan/committed.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";

test("git is asked once, not for each cluster, what a branch names and holds", () => {
  const root = makeRepo({ "a.yaml": "a: b\n" }, { remote: "https://example.org/home-ops.git" });
  const behind = git(root, "rev-parse", "HEAD").trim();
  git(root, "update-ref", "refs/remotes/origin/main", behind);
  writeFiles(root, { "b.yaml": "a: b\n" });
  commitAll(root, "More");
  const judged: unknown[] = [];
  const route = {
    transforms: [],
    checkCommitted: ({ committed }: { committed: { model: unknown } }) => {
      judged.push(committed.model);
      return [];
    },
  };
  const facts = { branch: "main", head: git(root, "rev-parse", "HEAD").trim(), dirty: () => [], remotes: () => [] };
  const input = {
    workspace: { root, git: facts },
    phase: "cutover",
    remotes: [],
    route,
    agreed: {},
    tree: {},
    model: {},
  };
  const options = { phase: "cutover", layout: "auto", clusters: [], only: [], skip: [] };
  for (let i = 0; i < 100; i++) {
    const cluster = { name: `c${i}`, branch: "main", instances: [], root: { file: "a.yaml" } };
    checkCommitted(
      input as never as CommittedInput,
      cluster as never as Cluster,
      { ...options, fluxVersion: i === 7 ? "2.6.x" : "2.5.x" } as never as Options,
    );
    // Whoever asks again finds none.
    if (i === 0) git(root, "update-ref", "-d", "refs/remotes/origin/main");
  }
  expect([judged.length, new Set(judged).size]).toEqual([200, 3]);
});
