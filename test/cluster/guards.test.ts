import { describe, expect, test } from "vitest";
import {
  isGuard,
  listGuards,
  rootIsRenamed,
  supersededSource,
  syncName,
  withoutGuards,
} from "../../src/cluster/guards.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";

const flux = (name: string, spec: object = {}, namespace = ""): KubeObject => ({
  ...{
    file: `${name}.yaml`,
    doc: 0,
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    name,
    namespace,
  },
  data: { spec },
});
const release = (name: string, namespace = ""): KubeObject => ({
  ...flux(name, {}, namespace),
  ...{ apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease" },
});
const cluster = (root: KubeObject, objects?: KubeObject[], source?: string): Cluster =>
  ({
    ...{ name: "home", namespace: "flux-system", root, findObjects: () => [] },
    ...(objects ? { install: { objects } } : {}),
    ...(source === undefined ? {} : { source: { ...flux(source), kind: "GitRepository" } }),
  }) as unknown as Cluster;

describe("the guards that later phases rest on", () => {
  const adopt = { sync: "adopt" } as const;
  const rename = { sync: "rename" } as const;
  const root = { kind: "Kustomization", namespace: "flux-system", name: "cluster" };

  test("are what root and install say of prune and deletionPolicy", () => {
    expect(listGuards(cluster(flux("cluster", { prune: true })), adopt)).toEqual([]);
    expect(listGuards(cluster(flux("cluster", { prune: false, deletionPolicy: "Orphan" })), adopt)).toEqual([
      { ...root, field: "deletionPolicy", value: "Orphan" },
      { ...root, field: "prune", value: "false" },
    ]);
    expect(listGuards(cluster(flux("cluster", { deletionPolicy: "Delete" })), adopt)).toEqual([]);
    expect(listGuards(cluster({ ...flux("cluster"), data: {} }), adopt)).toEqual([]);
    const install = [
      flux("flux", { prune: false }, "other"),
      { ...flux("source", { prune: false }), kind: "GitRepository" },
    ];
    expect(listGuards(cluster(flux("cluster"), install), adopt)).toEqual([
      { kind: "Kustomization", namespace: "other", name: "flux", field: "prune", value: "false" },
    ]);
  });

  test("are prune of a root that gets another name, whatever it says now", () => {
    expect(listGuards(cluster(flux("cluster", { prune: true }), [flux("flux", { prune: true })]), rename)).toEqual([
      { ...root, field: "prune", value: "false" },
    ]);
    expect(listGuards(cluster(flux("flux-system", { prune: true })), rename)).toEqual([]);
  });

  test("are suspend of each release of the chart", () => {
    expect(listGuards(cluster(flux("cluster"), [release("flux2"), release("more", "other")]), adopt)).toEqual([
      { kind: "HelmRelease", namespace: "flux-system", name: "flux2", field: "suspend", value: "true" },
      { kind: "HelmRelease", namespace: "other", name: "more", field: "suspend", value: "true" },
    ]);
  });
});

describe("the name of source and root after the migration", () => {
  const one = (sync: "adopt" | "rename" | "keep", name = "cluster", source?: string) => {
    const of = cluster(flux(name), [], source);
    return [rootIsRenamed(of, { sync }), syncName(of, { sync }), supersededSource(of, { sync })?.name];
  };

  test.each([
    ["adopt", "cluster", "home", false, "cluster", "home"],
    ["adopt", "cluster", "cluster", false, "cluster", undefined],
    ["adopt", "cluster", undefined, false, "cluster", undefined],
    ["rename", "cluster", "home", true, "flux-system", "home"],
    ["rename", "flux-system", "flux-system", false, "flux-system", undefined],
    ["keep", "cluster", "home", false, undefined, undefined],
  ] as const)("--sync %s, root %s, source %s", (sync, name, source, ...expected) => {
    expect(one(sync, name, source)).toEqual(expected);
  });
});

describe("a field that fluxlift added", () => {
  const text = (line: string, end = "\n") => `spec:\n  path: a # fluxlift:guard\n  ${line}${end}`;
  const asked = (line: string, end?: string, field = "prune") =>
    isGuard(memoryTree({ "a.yaml": text(line, end) }), { file: "a.yaml", doc: 0 }, field);

  test("carries the mark on its own line", () => {
    expect(asked("prune: false # fluxlift:guard")).toBe(true);
    expect(asked("prune: false # fluxlift:guard", "")).toBe(true);
    expect(asked("prune: false # fluxlift:guard", "\n  x: y\n")).toBe(true);
    expect(asked("prune: false")).toBe(false);
    expect(asked("prune: false", "")).toBe(false);
    expect(asked("prune: false", "\n  suspend: true # fluxlift:guard\n")).toBe(false);
    expect(asked("prune: false # mine")).toBe(false);
    expect(asked("prune: false # fluxlift:guard", "\n", "suspend")).toBe(false);
  });

  test("is none in a file that is empty, or is not there", () => {
    expect(isGuard(memoryTree({ "a.yaml": "" }), { file: "a.yaml", doc: 0 }, "prune")).toBe(false);
    expect(isGuard(memoryTree({}), { file: "a.yaml", doc: 0 }, "prune")).toBe(false);
  });

  test("says nothing about what the owner wants", () => {
    const tree = memoryTree({ "ours.yaml": text("prune: false # fluxlift:guard"), "mine.yaml": text("prune: false") });
    const meant = (file: string, prune: boolean) =>
      withoutGuards(tree, { file, doc: 0 }, { spec: { prune, path: "a" } });
    expect(meant("ours.yaml", false)).toEqual({ spec: { prune: true, path: "a" } });
    expect(meant("mine.yaml", false)).toEqual({ spec: { prune: false, path: "a" } });
    expect(meant("ours.yaml", true)).toEqual({ spec: { prune: true, path: "a" } });
    expect(withoutGuards(tree, { file: "ours.yaml", doc: 0 }, undefined)).toBeUndefined();
    expect(withoutGuards(tree, { file: "ours.yaml", doc: 0 }, {})).toEqual({});
  });
});
