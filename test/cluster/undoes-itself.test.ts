import { expect, test } from "vitest";
import { run } from "../traps/support.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

/** What the root brings into the Kustomizations that `target` says. */
const patching = (target: string, spec: string) =>
  [
    "  patches:",
    `    - target: {kind: Kustomization${target}}`,
    "      patch: |",
    "        apiVersion: kustomize.toolkit.fluxcd.io/v1",
    "        kind: Kustomization",
    "        metadata: {name: any}",
    `        spec: ${spec}`,
    "",
  ].join("\n");

const RELEASES = `{patches: [{target: {kind: HelmRelease}, patch: "- {op: add, path: /spec/suspend, value: true}"}]}`;

const said = (patches: string) =>
  run(
    {
      "prod/kustomization.yaml": list("sync.yaml", "app.yaml"),
      "prod/sync.yaml": `${gitRepository("fleet", URL)}${flux("fleet", "./prod", "GitRepository fleet", patches)}`,
      "prod/app.yaml": flux("app", "./app", "GitRepository fleet"),
      "app/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\n",
    },
    {},
    [URL],
  ).findings.filter(({ rule }) => rule === "root-undoes-itself");

test("a root that brings other patches into itself is in force in turns, and stops", () => {
  const [finding] = said(patching("", RELEASES));
  expect(finding).toMatchObject({ level: "blocker", resource: "Kustomization flux-system/fleet" });
  expect(finding?.at).toMatchObject({ file: "prod/sync.yaml" });
});

test.each([
  ["it leaves itself out", patching(", name: app", RELEASES)],
  ["it brings no patches", patching("", "{prune: false}")],
  ["it has none", ""],
])("does not where %s", (_, patches) => {
  expect(said(patches)).toEqual([]);
});
