import { expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import type { Options } from "../../src/contract/options.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { readBase } from "../support/fixture-tree.ts";
import { makeRepo, readTree, writeFiles } from "../support/repo.ts";
import type { Tree } from "../support/tree.ts";

const OPTIONS = {
  ...{ phase: "all", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
  ...{ serviceMonitor: false, layout: "auto" },
} as unknown as Options;
const FILE = "clusters/home/flux-system/kustomization.yaml";
const ITEM = "- path: memory.yaml\n  target:\n    kind: Deployment\n    name: helm-controller\n";

/** What becomes of the patches when the item that names a file is written otherwise, or the file is. */
async function ported(item: string, edit = (text: string) => text) {
  const root = makeRepo(readBase("gotk") as Tree, { remote: "https://github.com/example-org/fleet" });
  const now = readTree(root);
  expect(now[FILE]).toContain(ITEM);
  const body = "clusters/home/flux-system/memory.yaml";
  writeFiles(root, { [FILE]: now[FILE]!.replace(ITEM, item), [body]: edit(now[body]!) });
  const changes = composeChanges(makePlan(await openWorkspace(root), OPTIONS));
  const text = changes.find(({ after }) => after?.includes("kind: FluxInstance"))?.after ?? "";
  const read = readYaml(text);
  return { text, patch: read.ok ? (read.docs[0]!.data as YamlData).spec.kustomize.patches[0] : undefined };
}

test("comments of an item that names a file go with the patch", async () => {
  const plain = await ported(ITEM);
  const { text, patch } = await ported(
    "# more memory since the incident\n- path: memory.yaml # from ops\n  # this one alone\n  target:\n    kind: Deployment # no other\n    name: helm-controller\n",
  );
  for (const comment of ["more memory since the incident", "from ops", "this one alone", "no other"])
    expect(text).toContain(`# ${comment}\n`);
  expect(patch).toEqual(plain.patch);
});

test.each([
  ["flow style", "- {path: memory.yaml, target: {kind: Deployment, name: helm-controller}}\n"],
  ["the target first", "- target:\n    kind: Deployment\n    name: helm-controller\n  'path': \"memory.yaml\"\n"],
])("%s says the same", async (_name, item) => {
  expect((await ported(item)).patch).toEqual((await ported(ITEM)).patch);
});

test("the mark at the beginning of a file is no part of a patch", async () => {
  const { text, patch } = await ported(ITEM, (body) => `\ufeff${body}`);
  expect(text).not.toContain("\ufeff");
  expect(patch).toEqual((await ported(ITEM)).patch);
});
