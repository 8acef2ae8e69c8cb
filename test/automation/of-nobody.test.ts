import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const files = {
  "README.md": "Start with `flux bootstrap github`.\n",
  "tools/up.sh": `# ${"flux ".repeat(4000)}\n`,
  "renovate.json5": "{ packageRules: [{ matchPackageNames: ['fluxcd/flux2'], groupName: 'flux' }] }\n",
  "templates/flux.yaml.j2": "resources:\n  - https://github.com/fluxcd/flux2/releases/download/v2.7.5/install.yaml\n",
};
const RULES = ["docs-name-removed", "line-not-searched", "renovate-names-removed", "template-regenerates"];

/** Whose the findings are that the whole repository is searched for. */
function ownersIn(clusters: readonly string[]): Record<string, string | undefined> {
  const trees = clusters.map((name) => makeFluxSystem(`clusters/${name}`));
  const { cutover } = runAll(Object.assign({}, files, ...trees));
  const found = cutover.findings.filter(({ rule }) => RULES.includes(rule));
  return Object.fromEntries(found.map((finding) => [finding.rule, finding.cluster]));
}

test("what names no cluster is of none where there are several", () => {
  expect(ownersIn(["one", "two"])).toEqual(Object.fromEntries(RULES.map((rule) => [rule, undefined])));
});

test("and of the only one", () => {
  expect(ownersIn(["one"])).toEqual(Object.fromEntries(RULES.map((rule) => [rule, "default"])));
});

test("a line that is told of for all clusters is not told again of the one it names", () => {
  const trees = ["one", "two"].map((name) => makeFluxSystem(`clusters/${name}`));
  const page = "flux-system/gotk-components.yaml\n\nSee clusters/two/flux-system.\n";
  const { cutover, cleanup } = runAll(Object.assign({ "README.md": `- clusters/two/${page}` }, ...trees));
  const told = [cutover, cleanup].map(({ findings }) =>
    findings.filter(({ rule }) => rule === "docs-name-removed").map(({ cluster, what }) => [cluster, what]),
  );
  const all = "Documentation describes what the migration removes or renames: README.md:1";
  for (const phase of told) expect(phase).toEqual([[undefined, expect.stringContaining(all)]]);
});
