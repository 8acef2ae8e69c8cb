import { expect, test } from "vitest";
import { homeTree, release } from "../home-tree.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const renders = (entry: string, ...spec: string[]) =>
  release("player", [`postRenderers: [{kustomize: {patches: [${entry}]}}]`, ...spec]);
const STOPS = "unsafe | reconcile-stops HelmRelease media/player";
const REMOVE = `patch: '[{"op": "remove", "path": "/spec/replicas"}]'`;
const MERGE = "patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: player}, spec: {replicas: 1}}'";

test("a patch over what a chart renders that kustomize takes in no case", () => {
  for (const entry of [
    `{${REMOVE}}`,
    "{patch: none}",
    "{target: {kind: Deployment}, patch: 'op: remove'}",
    "{patch: ''}",
    `{target: {kind: Deployment}, ${REMOVE.replace("remove", "remvoe")}}`,
    `{target: {kind: Deployment}, ${REMOVE.replace("path", "pth")}}`,
  ])
    expect(inShort(homeTree(), { [HELM]: renders(entry) })).toBe(STOPS);
  const { findings } = says(homeTree(), { [HELM]: renders(`{${REMOVE}}`) });
  expect(findings.find(({ rule }) => rule === "reconcile-stops")!.what).toBe(
    "HelmRelease media/player is not upgraded any more: kustomize cannot run postRenderers.0.kustomize.patches.0 over what its chart renders (must specify a target for a JSON patch).",
  );
});

test("what depends on the chart, what is suspended, and what was so before draws no word", () => {
  for (const entry of [`{target: {kind: Deployment}, ${REMOVE}}`, `{${MERGE}}`, `{target: {kind: Pod}, ${MERGE}}`])
    expect(inShort(homeTree(), { [HELM]: renders(entry) })).toBe("safe");
  expect(inShort(homeTree(), { [HELM]: renders(`{${REMOVE}}`, "suspend: true") })).toBe("safe");
  const spoilt = { ...homeTree(), [HELM]: renders(`{${REMOVE}}`) };
  expect(inShort(spoilt, { [HELM]: renders(`{${REMOVE}}`, "timeout: 3m") })).toBe("safe");
});
