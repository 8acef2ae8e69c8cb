import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const FILE = ".github/workflows/up.yaml";

const rulesOf = (folder: string) => {
  const text = `jobs:\n  up:\n    steps:\n      - run: kubectl apply -R -f ${folder}\n`;
  const { cutover } = runAll({ ...makeFluxSystem("clusters/one"), [FILE]: text });
  return cutover.findings.filter(({ at }) => at?.file === FILE).map(({ rule }) => rule);
};

test.each(["$GITHUB_WORKSPACE/clusters", "$CI_PROJECT_DIR/clusters/one", "clusters"])(
  "a job that applies %s with all its folders applies the install",
  (folder) => expect(rulesOf(folder)).toEqual(["automation-applies-removed"]),
);

test.each(["$GITHUB_WORKSPACE/apps", "$GITHUB_WORKSPACE", "$CLUSTERS"])(
  "one that applies %s may apply something else",
  (folder) => expect(rulesOf(folder)).toEqual([]),
);
