import { expect, test } from "vitest";
import { kustomization, object } from "./home-tree.ts";
import { APP, type Case, h, LIST, PLAYER, player, sayOf } from "./odd-tree.ts";

const DELETES = "{$patch: delete, apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: any}}";
const policy = (name: string) => object("NetworkPolicy", name, "networking.k8s.io/v1", ["spec: {podSelector: {}}"]);
const ALL = ["helmrelease.yaml", "pvc.yaml", "policies.yaml"];
const entry = (name: string, how = `patch: '${DELETES}'`) => `{target: {kind: NetworkPolicy, name: ${name}}, ${how}}`;
const list = (name: string, how?: string) => kustomization(ALL, [`patches: [${entry(name, how)}]`]);
const tree = { ...h, [LIST]: list("deny"), [`${APP}/policies.yaml`]: policy("deny") + policy("other") };
const OF_FILE = "path: delete.yaml";
const filed = { ...tree, [LIST]: list("deny", OF_FILE), [`${APP}/delete.yaml`]: `${DELETES}\n` };
const spec = (name: string) => player(`patches: [${entry(name)}]`);
const LOST = "unsafe | setting-lost Kustomization flux-system/player";

const CASES: Case[] = [
  ["its target gets a slip", LOST, tree, { [LIST]: list("dney") }],
  ["the same of one in a file", LOST, filed, { [LIST]: list("dney", OF_FILE) }],
  [
    "the same of one of Flux",
    LOST,
    { ...tree, [LIST]: kustomization(ALL), [PLAYER]: spec("deny") },
    { [PLAYER]: spec("dney") },
  ],
  [
    "it is for another one",
    "unsafe | wanted-may-go NetworkPolicy media/other | deleted NetworkPolicy media/other",
    tree,
    { [LIST]: list("other") },
  ],
  ["its target says the same in other words", "safe", tree, { [LIST]: list("'deny$'") }],
  ["it goes", "safe", tree, { [LIST]: kustomization(ALL) }],
  ["what it was for goes as well", "safe", tree, { [LIST]: list("dney"), [`${APP}/policies.yaml`]: policy("other") }],
];

test.each(CASES)("a patch that deletes: %s", (_, said, before, change) => {
  expect(sayOf(before, change)).toBe(said);
});

const GONE = "deletes | deleted NetworkPolicy media/other";
const bare = { ...tree, [LIST]: kustomization(ALL) };
const OTHER = DELETES.replace("name: any", "name: other");

test.each<Case>([
  ["by a target", GONE, bare, { [LIST]: list("other") }],
  ["without one", GONE, bare, { [LIST]: kustomization(ALL, [`patches: [{patch: '${OTHER}'}]`]) }],
  [
    "in a file",
    GONE,
    bare,
    { [LIST]: kustomization(ALL, ["patches: [{path: delete.yaml}]"]), [`${APP}/delete.yaml`]: `${OTHER}\n` },
  ],
  ["as they were written once", GONE, bare, { [LIST]: kustomization(ALL, [`patchesStrategicMerge: ['${OTHER}']`]) }],
  ["of Flux", GONE, bare, { [PLAYER]: spec("other") }],
  [
    "beside another one",
    GONE,
    tree,
    { [LIST]: kustomization(ALL, [`patches: [${entry("deny")}, ${entry("other")}]`]) },
  ],
  [
    "by a pattern",
    "unsafe | wanted-may-go NetworkPolicy media/other | deleted NetworkPolicy media/other",
    tree,
    { [LIST]: kustomization(ALL, [`patches: [${entry("deny")}, ${entry("oth.*")}]`]) },
  ],
])("a new patch deletes what it names, %s", (_, said, before, change) => {
  expect(sayOf(before, change)).toBe(said);
});
