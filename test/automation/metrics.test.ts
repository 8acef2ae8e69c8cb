import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

/** A cluster whose source is called `fleet` and becomes `flux-system`, with what watches it. */
function found(files: Files, clusters: readonly string[] = ["home"]): string[][] {
  const tree: Files = { ...files };
  for (const name of clusters) {
    for (const [path, text] of Object.entries({
      ...makeFluxSystem(`clusters/${name}`),
      [`clusters/${name}/apps.yaml`]: APP,
    }))
      tree[path] = text.replace(/(kind: GitRepository\n(?:metadata:\n)? +name: )flux-system/g, "$1fleet");
  }
  const { install, cutover, cleanup } = runAll(tree);
  return [install, cutover, cleanup].map(({ findings }) =>
    findings
      .filter(({ rule }) => rule === "automation-names-renamed")
      .map(({ at, what, cluster }) => `${cluster} ${at?.file}:${at?.line} ${what}`),
  );
}

const rule = (expr: string) =>
  `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: flux\n  namespace: default\nspec:\n  groups:\n    - name: flux\n      rules:\n        - alert: Stale\n          expr: ${expr}\n`;
const SAID = "This line names GitRepository fleet, which is called flux-system from now on.";

test.each<[string, string, string]>([
  ["clusters/home/rule.yaml", rule(`gotk_resource_info{customresource_kind="GitRepository", name="fleet"} == 1`), "11"],
  ["clusters/home/rule.yaml", rule(`gotk_reconcile_condition{kind="GitRepository",name=~"fleet|other"} == 1`), "11"],
  [
    "clusters/home/rule.yaml",
    rule(`>-\n            gotk_resource_info{\n              exported_name != "fleet"\n            }`),
    "13",
  ],
  [
    "clusters/home/rule.yaml",
    rule(`gotk_resource_info{kind="HelmRelease"} or gotk_resource_info{kind="GitRepository", name="fleet"}`),
    "11",
  ],
  ["clusters/home/rule.yaml", rule(`flux_resource_info{exported_namespace="flux-system", name="fleet"}`), "11"],
  ["dashboards/flux.json", `{\n  "expr": "gotk_reconcile_duration_seconds_sum{name=\\"fleet\\"}"\n}\n`, "2"],
])("a query that names the source by its old name is named when that goes: %s %s", (path, text, line) => {
  expect(found({ [path]: text })).toEqual([[], [], [`default ${path}:${line} ${SAID}`]]);
});

test.each([
  rule(`gotk_resource_info{kind="HelmRelease", name="fleet"}`),
  rule(`gotk_resource_info{name="fleet-apps"}`),
  rule(`gotk_resource_info{name="my-fleet"}`),
  rule(`gotk_resource_info{namespace="fleet"}`),
  rule(`up{name="fleet"}`),
  rule(`up{name="fleet"} and on() gotk_resource_info{name="apps"}`),
  rule(`>-\n            gotk_resource_info{kind="HelmRelease",\n              name="fleet"}`),
  rule(`gotk_resource_info{exported_namespace="tenant-a", name="fleet"}`),
  rule(`>-\n            # gotk_resource_info{name="fleet"}\n            up`),
])("not one that means something else: %s", (text) => {
  expect(found({ "clusters/home/rule.yaml": text })[2]).toEqual([]);
});

test("of several clusters the one that has it delivered", () => {
  const text = rule(`gotk_resource_info{name="fleet"}`);
  expect(found({ "clusters/hub/rule.yaml": text }, ["home", "hub"])[2]).toEqual([
    `hub clusters/hub/rule.yaml:11 ${SAID}`,
  ]);
});
