import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LATER, PREFETCH } from "../../src/cli/load-engine.ts";
import type { Options } from "../../src/contract/options.ts";
import { buildDiskTree } from "../../src/files/disk-tree.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { readBase } from "../support/fixture-tree.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeRepo, readTree } from "../support/repo.ts";

const OPTIONS: Options = {
  ...{ phase: "all", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
  ...{ serviceMonitor: false, layout: "auto", accept: [] },
};
/** More than are read rather than searched. */
const OTHERS = Array.from({ length: 3000 }, (_, index) => `src/${index}.txt`);

/** What only the tree itself names: secrets, sources, and paths of its files, with either slash. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  "home-ops": [
    ...["cluster-secrets", "sops-age", "home-ops"],
    ...["config/cluster.yaml", "config\\cluster.yaml", "config/kustomization.yaml", "config\\kustomization.yaml"],
  ],
  "the base gotk": ["memory.yaml"],
};

const EXAMPLES = ["home-ops", "fleet"].map((name) => [name, () => join(PROJECT_ROOT, "examples", name)] as const);
const BASES = ["gotk", "two-clusters", "operated"].map(
  (name) => [`the base ${name}`, () => makeRepo(readBase(name), { branch: false })] as const,
);

describe.each([...EXAMPLES, ...BASES])("a plan of %s in a large tree", (name, make) => {
  it("looks up together what is asked of every tree", () => {
    const root = make();
    const files = readTree(root);
    const searches: (readonly string[])[] = [];
    const search = (needles: readonly string[]) => {
      searches.push(needles);
      return Object.keys(files).filter((path) => needles.some((needle) => files[path]!.includes(needle)));
    };
    const { tree } = buildDiskTree(root, [...Object.keys(files), ...OTHERS].sort(), [], search, LATER);
    tree.prefetch(PREFETCH);
    const plan = makePlan({ root, tree, git: null }, OPTIONS);
    expect(plan.phases.length).toBeGreaterThan(0);
    expect(searches.slice(1).flat()).toEqual(OWN[name] ?? []);
  });
});
