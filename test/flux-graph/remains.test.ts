import { expect, it } from "vitest";
import type { Options } from "../../src/engine/types.ts";
import { buildModel } from "../../src/flux/model.ts";
import { findReferences } from "../../src/flux/references/find.ts";
import type { Rename } from "../../src/flux/references/renames.ts";
import { openWorkspace } from "../../src/workspace/snapshot.ts";
import removeBootstrap from "../../transforms/remove-bootstrap.ts";
import { inputOf } from "../support/fixtures.ts";
import { makeRepo } from "../support/repo.ts";

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

it("refuses to remove a source that a variable still names", () => {
  const { tree } = openWorkspace(
    makeRepo(inputOf("remove-bootstrap/gives-up-while-the-old-name-is-used"), { branch: false }),
  );
  const model = buildModel({ tree, remotes: [], options });
  const { findings } = removeBootstrap.run({ tree, model, cluster: model.clusters[0]!, phase: "cleanup", options });
  expect(findings.filter(({ level }) => level === "blocker")).toMatchObject([
    { rule: "reference-remains", at: { file: "kubernetes/apps/default/echo/ks.yaml", line: 17 } },
  ]);
});

it("leaves an operation alone whose name could mean two objects", () => {
  const to = (kind: string, name: string) => ({ kind, group: "g", name });
  const renames: Rename[] = [
    {
      kind: "GitRepository",
      group: "source.toolkit.fluxcd.io",
      name: "x",
      namespace: "",
      to: to("GitRepository", "a"),
    },
    {
      kind: "Kustomization",
      group: "kustomize.toolkit.fluxcd.io",
      name: "x",
      namespace: "",
      to: to("Kustomization", "b"),
    },
  ];
  const find = (path: string) =>
    findReferences([{ op: "replace", path, value: "x" }], 0, renames, { namespace: "", isAboveInstance: false });
  expect(find("/spec/resources/0/name")).toEqual([]);
  expect(find("/spec/values/name")).toEqual([]);
  expect(find("/spec/sourceRef/name")).toMatchObject([{ op: { value: "a" } }]);
  expect(find("/spec/dependsOn/0/name")).toMatchObject([{ op: { value: "b" } }]);
});
