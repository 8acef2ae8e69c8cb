import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { makeGotk } from "../gotk/make-gotk.ts";
import { memoryTree } from "../support/memory.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

const branch = (name: string, of: string) => gitRepository(name, URL).replace("branch: main", `branch: ${of}`);

/** The root brings `./` of a branch for each member, through a kubeconfig or into its own cluster. */
const fleet = (of: string, more = "  kubeConfig:\n    secretRef:\n      name: member\n") => ({
  "hub/kustomization.yaml": list("gotk-components.yaml", "start.yaml", "member.yaml"),
  "hub/gotk-components.yaml": makeGotk(),
  "hub/start.yaml": gitRepository("hub", URL) + flux("hub", "./hub", "GitRepository hub"),
  "hub/member.yaml": flux("member", "./members/one", "GitRepository hub", more),
  "members/one/start.yaml": branch("whole", of) + flux("whole", "./", "GitRepository whole"),
});
const roots = (files: Record<string, string>) =>
  buildModel({ tree: memoryTree(files), remotes: [URL], options: { layout: "auto" } }).clusters.map(
    ({ root }) => root.name,
  );

test("what reads all of another branch delivers nothing that lies here", () => {
  expect(roots(fleet("member/one"))).toEqual(["hub"]);
  expect(roots(fleet("member/one", ""))).toEqual(["hub"]);
  expect(roots(fleet("main"))).toEqual(["whole"]);
});

test.each<[string, string, string | undefined, string]>([
  ["holds the value", "    substitute:\n      BRANCH: edge\n", "edge", ""],
  ["refers to the value", "    substitute:\n      BRANCH: ${ON}\n      ON: edge\n", "edge", ""],
  ["takes it from elsewhere", "    substituteFrom:\n      - kind: ConfigMap\n        name: more\n", "${BRANCH}", ""],
  ["leaves the source alone", "    substitute:\n      BRANCH: edge\n", "${BRANCH}", "disabled"],
])("a branch is what the root fills in where it %s", (_, values, wanted, marker) => {
  const label = "  labels:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n";
  const source = gitRepository("start", URL).replace("branch: main", "branch: ${BRANCH}");
  const files = {
    "home/kustomization.yaml": list("gotk-components.yaml", "start.yaml"),
    "home/gotk-components.yaml": makeGotk(),
    "home/start.yaml":
      (marker ? source.replace("metadata:\n", `metadata:\n${label}`) : source) +
      flux("start", "./home", "GitRepository start", `  postBuild:\n${values}`),
  };
  const { clusters } = buildModel({ tree: memoryTree(files), remotes: [URL], options: { layout: "auto" } });
  expect(clusters.map((cluster) => cluster.branch)).toEqual([wanted]);
});
