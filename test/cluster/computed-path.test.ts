import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { sampleOptions } from "../report/sample-cluster.ts";
import { memoryTree } from "../support/memory.ts";

import { flux, gitRepository } from "./fleet.ts";

const modelOf = (files: Record<string, string>) =>
  buildModel({ tree: memoryTree(files), remotes: ["https://example.com/fleet"], options: sampleOptions() });

test("a template of ytt whose path is computed starts no cluster: read as YAML it would build the whole repository", () => {
  const { clusters, leftOut } = modelOf({
    "clusters/prod/sync.yaml":
      gitRepository("fleet", "https://example.com/fleet") + flux("cluster", "./clusters/prod", "GitRepository fleet"),
    "clusters/prod/apps.yaml": flux("apps", "./apps", "GitRepository fleet"),
    "apps/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: default\n",
    "ytt/apps.yaml": `#@ load("@ytt:data", "data")\n${flux("apps", "#@ data.values.path", "GitRepository fleet")}`,
  });
  expect(clusters.map(({ root }) => root.file)).toEqual(["clusters/prod/sync.yaml"]);
  expect(leftOut).toEqual([]);
});

test("and where there is no other, it is what has to be filled in", () => {
  const { clusters, leftOut } = modelOf({
    "ytt/sync.yaml":
      gitRepository("fleet", "https://example.com/fleet") +
      flux("cluster", '#@ "./clusters/" + data.values.name', "GitRepository fleet"),
    "clusters/prod/apps.yaml": flux("apps", "./apps", "GitRepository fleet"),
    "apps/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: default\n",
  });
  expect(leftOut.map(({ object, why }) => [object.file, why])).toContainEqual([
    "ytt/sync.yaml",
    'builds "./clusters/" + data.values.name, which something fills in before Flux reads it',
  ]);
  expect(clusters.map(({ root }) => root.file)).not.toContain("ytt/sync.yaml");
});
