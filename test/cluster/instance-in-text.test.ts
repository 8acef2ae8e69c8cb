import { describe, expect, test } from "vitest";
import { findTold } from "../../src/cluster/outside/told.ts";
import { memoryTree } from "../support/memory.ts";
import { planOf } from "../traps/support.ts";
import { flux } from "./fleet.ts";

const INSTANCE = `apiVersion: v1
kind: Namespace
metadata: {name: flux-system}
---
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: flux-system}
spec:
  sync:
    kind: GitRepository
    path: clusters/edge # the start
`;
const indent = (text: string, by: number) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));
const CONFIG_MAP = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flux}\ndata:\n  a: |\n    b\n\n  flux.yaml: |\n${indent(INSTANCE, 4)}  c: d\n`;
const TALOS = `cluster:\n  inlineManifests:\n    - name: flux\n      contents: |-\n${indent(INSTANCE, 8)}`;
const told = (files: Record<string, string>) =>
  findTold(memoryTree(files)).map(({ path, at }) => `${path} at ${at.file}:${at.line}`);

describe("a FluxInstance in a text of something else", () => {
  test("says where Flux starts", () => {
    expect(told({ "capi/flux.yaml": CONFIG_MAP })).toEqual(["clusters/edge at capi/flux.yaml:19"]);
    expect(told({ "talos/controlplane.yaml": TALOS })).toEqual(["clusters/edge at talos/controlplane.yaml:15"]);
  });

  test("but not as a patch, as a sample, with a variable, or as an object by itself", () => {
    const patch = `patches:\n  - patch: |\n${indent(INSTANCE, 6)}    target: {kind: FluxInstance}\n`;
    for (const files of [
      { "a/kustomization.yaml": patch },
      { "examples/flux.yaml": CONFIG_MAP },
      { "archive/flux.yaml": CONFIG_MAP },
      { "a.yaml": CONFIG_MAP.replace("clusters/edge", "clusters/${NAME}") },
      { "a.yaml": INSTANCE },
      { "a.yaml": `apiVersion: v1\nkind: List\nitems:\n  -\n${indent(INSTANCE.split("---\n")[1]!, 4)}` },
      { "a.yaml": CONFIG_MAP.replace("kind: FluxInstance", "kind: FluxReport # kind: FluxInstance") },
    ])
      expect(told(files as Record<string, string>)).toEqual([]);
  });

  test("says so in a script that writes it out, too", () => {
    const script = `#!/bin/sh\nkubectl apply -f - <<EOF\n${INSTANCE}EOF\n`;
    expect(told({ "up.sh": script })).toEqual(["clusters/edge at up.sh:13"]);
    const task = `version: "3"\ntasks:\n  up:\n    cmds:\n      - |\n${indent(script, 8)}`;
    expect(told({ "Taskfile.yaml": task })).toEqual(["clusters/edge at Taskfile.yaml:18"]);
    for (const files of [
      { "examples/up.sh": script },
      { "up.sh": script.replace("clusters/edge", "clusters/$1") },
      { "up.sh": script.replace("kind: FluxInstance", "kind: FluxReport") },
    ])
      expect(told(files as Record<string, string>)).toEqual([]);
  });

  test.each([
    ["capi/flux.yaml", CONFIG_MAP],
    ["up.sh", `kubectl apply -f - <<EOF\n${INSTANCE}EOF\n`],
  ])("leaves nothing to migrate where it starts all of Flux: %s", (place, text) => {
    const files: Record<string, string> = {
      [place]: text,
      "clusters/edge/apps.yaml": flux("apps", "./apps", "GitRepository flux-system"),
      "apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n",
    };
    expect(planOf(files).findings.map(({ rule, at }) => [rule, at?.file])).toEqual([["instance-elsewhere", place]]);
    const { [place]: _, ...without } = files;
    expect(planOf(without).findings.map(({ rule }) => rule)).toContain("root-not-found");
  });
});
