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

test.each(["\n", "\r\n"])(
  "the head of a file stands right above its first patch, with %j at the end of a line",
  async (eol) => {
    const patch = (name: string) =>
      `---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  minReadySeconds: 5\n`;
    const body = `# since the incident\n${patch("helm-controller")}${patch("source-controller")}`;
    const { text } = await ported("- path: memory.yaml\n", () => body.replaceAll("\n", eol));
    expect(text).toMatch(/# since the incident\r?\n +\w/);
  },
);

test("the mark at the beginning of a file is no part of a patch", async () => {
  const { text, patch } = await ported(ITEM, (body) => `\ufeff${body}`);
  expect(text).not.toContain("\ufeff");
  expect(patch).toEqual((await ported(ITEM)).patch);
});

test("what stands at the head of a file, above the first document, goes with that one", async () => {
  const other =
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: source-controller\n  namespace: flux-system\nspec:\n  replicas: 1\n";
  const merge =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: helm-controller\n  namespace: flux-system\nspec:\n  minReadySeconds: 5\n";
  const { text, patch } = await ported("- path: memory.yaml\n", () => `# measured in May\n---\n${merge}${other}`);
  expect(patch.patch).toBe(`# measured in May\n${merge}`);
  expect(text.match(/# measured in May/g)).toHaveLength(1);
  expect(text).toContain("name: source-controller");
});

test("what stands above a patch of source or root, and in it, goes above the patch that takes its place", async () => {
  const { text } = await ported(
    `${ITEM}# the docs are no manifests
- patch: | # by hand
    # until they move
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system # the one of bootstrap
    spec:
      # a folder each
      # interval: 5m
      ignore: |
        # text
        /docs
  target:
    kind: GitRepository
- patch: |
    - op: add
      path: /spec/retryInterval # slow disks
      value: 2m
  target:
    kind: Kustomization
    name: flux-system
`,
  );
  const above = (kind: string) => {
    const lines = text
      .slice(0, text.indexOf(`kind: ${kind}\n`))
      .split("\n")
      .map((line) => line.trim());
    return lines.slice(lines.lastIndexOf("name: flux-system") + 1).filter((line) => line.startsWith("#"));
  };
  expect(above("GitRepository")).toEqual([
    ...["# the docs are no manifests", "# by hand", "# until they move", "# the one of bootstrap", "# a folder each"],
  ]);
  expect(text.match(/# slow disks/g)).toHaveLength(1);
  expect(text).not.toContain("# interval: 5m");
});

test("what stands right above a patch that is commented out speaks of that one", async () => {
  const second =
    "- patch: |\n    - op: add\n      path: /spec/minReadySeconds\n      value: 5\n  target:\n    kind: Deployment\n";
  const off =
    "# a cache for Helm\n# - patch: |\n#     - op: add\n#       path: /spec/replicas\n#       value: 2\n#   target:\n#     kind: Deployment\n";
  const { text } = await ported(`${ITEM}# of all that follow\n\n${off}# slow starts\n${second}`);
  expect(text).toMatch(
    /# of all that follow\n +# slow starts\n +- patch: \|\n +- op: add\n +path: \/spec\/minReadySeconds/,
  );
  expect(text).not.toContain("a cache for Helm");
});

test("what stands at another indent before a patch goes with it, and what stands in a part that a field says goes to the field", async () => {
  const { text } = await ported(
    `# at column zero
${ITEM}# $5 a month: before the second
  # - patch: one that is off

- patch: |
    # for the keys
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --feature-gates=ObjectLevelWorkloadIdentity=true
    # to find the leak
    - op: add
      path: /spec/template/spec/nodeSelector
      value:
        "kubernetes.io/os": linux # no other
        disk: fast
  target:
    kind: Deployment
- patch: |
    kind: Deployment
    apiVersion: apps/v1
    metadata:
      name: all
    spec:
      template:
        spec:
          # from the mirror alone
          imagePullSecrets:
            - name: mirror
  target:
    kind: Deployment
`,
  );
  expect(text).toMatch(/# at column zero\n\s+- path: memory|# at column zero\n\s+- patch:/);
  expect(text).toMatch(/# \$5 a month: before the second\n\s+- patch: \|\n\s+# to find the leak\n\s+- op: add\n/);
  expect(text).toMatch(/value:\n\s+"kubernetes.io\/os": linux # no other\n/);
  expect(text).toMatch(/# for the keys\n\s+objectLevelWorkloadIdentity: true\n/);
  expect(text).toMatch(/# from the mirror alone\n\s+imagePullSecret: mirror\n/);
  expect(text).not.toContain("one that is off");
  for (const comment of [
    "at column zero",
    "\\$5 a month: before the second",
    "for the keys",
    "to find the leak",
    "from the mirror",
  ])
    expect(text.match(new RegExp(`# ${comment}`, "g"))).toHaveLength(1);
});
