import { expect, it } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import type { Options } from "../../src/contract/options.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { agreeOn } from "../../src/plan/agreed.ts";
import removeBootstrap from "../../transforms/remove-bootstrap/index.ts";
import { findReferences } from "../../transforms/shared/references/find.ts";
import type { Rename } from "../../transforms/shared/references/renames.ts";
import { inputOf } from "../support/fixtures.ts";
import { makeRepo } from "../support/repo.ts";

const ECHO = "kubernetes/apps/default/echo/ks.yaml";
const options: Options = {
  phase: "cleanup",
  sync: "adopt",
  clusters: [],
  direct: false,
  only: [],
  skip: [],
  serviceMonitor: false,
  layout: "auto",
};

/** The blockers of remove-bootstrap at cleanup, on the tree of a fixture with one file written anew. */
async function blockersOf(echo?: (text: string) => string, more: Record<string, string> = {}) {
  const input = new Map(inputOf("remove-bootstrap/gives-up-while-the-old-name-is-used"));
  const entry = input.get(ECHO)!;
  if (echo) input.set(ECHO, { ...entry, bytes: Buffer.from(echo(entry.bytes.toString())) });
  for (const [path, text] of Object.entries(more)) input.set(path, { ...entry, bytes: Buffer.from(text) });
  const { tree } = await openWorkspace(makeRepo(input, { branch: false }));
  const model = buildModel({ tree, remotes: [], options });
  const { findings } = removeBootstrap.run({
    tree,
    before: tree,
    model,
    cluster: model.clusters[0]!,
    phase: "cleanup",
    options,
    edited: new Set(),
    agreed: agreeOn(model, () => options),
  });
  return findings.filter(({ level }) => level === "blocker");
}

it("refuses to remove a source that a variable still names", async () => {
  expect(await blockersOf()).toMatchObject([{ rule: "reference-remains", at: { file: ECHO, line: 17 } }]);
});

it("takes a namespace that a variable fills in for the one of the source", async () => {
  const named = (text: string) =>
    text
      .replace("namespace: flux-system", "namespace: ${NS}")
      .replace("name: cluster", "name: home-ops")
      .replace(/ {2}postBuild:[\s\S]*/, "");
  expect(await blockersOf(named)).toMatchObject([{ rule: "reference-remains", at: { file: ECHO } }]);
});

it("lets what nothing delivers be told the new name, where the root starts other clusters as well", async () => {
  const spec =
    "  interval: 1h\n  path: ./production\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: home-ops\n";
  const head = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
  const production = `${head}metadata:\n  name: production\n  namespace: flux-system\nspec:\n${spec}`;
  const more = { "production/ks.yaml": production };
  const named = (text: string) => text.replace(/ {2}postBuild:[\s\S]*/, "");
  expect(await blockersOf(named, more)).toMatchObject([
    {
      rule: "reference-remains",
      at: { file: "production/ks.yaml" },
      next: expect.stringContaining("Where that folder starts other clusters too, write cluster here and in all"),
    },
  ]);
  expect(
    await blockersOf(named, { "production/ks.yaml": production.replace("name: home-ops", "name: cluster") }),
  ).toEqual([]);
});

it("leaves an operation alone whose name could mean two objects", () => {
  const renames: Rename[] = [
    {
      kind: "GitRepository",
      group: "source.toolkit.fluxcd.io",
      name: "x",
      namespace: "",
      to: "a",
    },
    {
      kind: "Kustomization",
      group: "kustomize.toolkit.fluxcd.io",
      name: "x",
      namespace: "",
      to: "b",
    },
  ];
  const find = (path: string) =>
    findReferences([{ op: "replace", path, value: "x" }], 0, renames, { namespace: "", isAboveInstance: false });
  expect(find("/spec/resources/0/name")).toEqual([]);
  expect(find("/spec/values/name")).toEqual([]);
  expect(find("/spec/sourceRef/name")).toMatchObject([{ op: { value: "a" } }]);
  expect(find("/spec/dependsOn/0/name")).toMatchObject([{ op: { value: "b" } }]);
});
