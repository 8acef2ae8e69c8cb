import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { kustomization, object, release } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";
import { APP, HR, h, LIST, PVC, sayOf } from "./odd-tree.ts";

const claim = (name: string) =>
  object("PersistentVolumeClaim", name, "v1", [
    "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}",
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
  ]);
/** The release of an app goes, and a claim comes into Git. */
const treeOf = (values: string, more: string[]): Edits => ({
  ...h,
  [PVC]: undefined,
  [HR]: release("player", [`values: ${values}`, ...more]),
  [LIST]: kustomization(["helmrelease.yaml"]),
});
const editOf = (name: string): Edits => ({
  [HR]: undefined,
  [`${APP}/claim.yaml`]: claim(name),
  [LIST]: kustomization(["claim.yaml"]),
});
const say = (name: string, values = "{}", more: string[] = []) => sayOf(treeOf(values, more), editOf(name));
const reportOf = (name: string, values: string, more: string[]) => {
  const { [PVC]: _, ...tree } = treeOf(values, more);
  return verifyEdits(editOf(name), tree as Files);
};
const GOES = "deleted HelmRelease media/player";

test.each(["player", "player-data"])("a claim that the chart of a release that goes may have made: %s", (name) => {
  expect(say(name)).toBe(`unproven | ${GOES}`);
  expect(say("tunes-data", "{}", ["releaseName: tunes"])).toBe(`unproven | ${GOES}`);
});

test("a claim by a name that the values give to what the chart makes", () => {
  expect(say("films-data", "{global: {fullnameOverride: films}}")).toBe(`unproven | ${GOES}`);
  expect(say("films", "{persistence: {data: {name: films}}}")).toBe(`unproven | ${GOES}`);
});

test("what is said of it names both, and the way out", () => {
  const [point] = reportOf("player", "{}", []).clusters.flatMap(({ safety }) => safety.unknown);
  expect(point).toMatchObject({
    resources: ["PersistentVolumeClaim media/player"],
    what: expect.stringMatching(/comes into Git while HelmRelease media\/player goes, .* deletes it with its data/),
    look: expect.stringMatching(/helm get manifest player .*; suspend the release before it leaves Git/),
    at: { file: `${APP}/claim.yaml`, line: 1 },
  });
});

test("a claim that comes while the release stays, or other objects that come while it goes", () => {
  const before = { ...h, [PVC]: undefined, [LIST]: kustomization(["helmrelease.yaml"]) };
  const stays = { [`${APP}/claim.yaml`]: claim("player"), [LIST]: kustomization(["helmrelease.yaml", "claim.yaml"]) };
  expect(sayOf(before, stays)).toBe("safe");
  const map = object("ConfigMap", "player-data", "v1", ["data: {a: b}"]);
  const goes = { [HR]: undefined, [`${APP}/map.yaml`]: map, [LIST]: kustomization(["map.yaml"]) };
  expect(sayOf(before, goes)).toBe(`deletes | ${GOES}`);
});

test.each([
  ["has another name", "films", "{}", []],
  ["bears another name of the values", "films", "{service: {namespace: films, host: films}, name: ''}", []],
  ["is of another cluster's release", "player", "{}", ["kubeConfig: {secretRef: {name: far}}"]],
  ["goes on with the name of the release in it", "players-data", "{}", []],
  [
    "was there already, as the values say",
    "player-data",
    "{persistence: [{config: {existingClaim: player-data}}]}",
    [],
  ],
  ["lies elsewhere", "player-data", "{}", ["targetNamespace: games", "releaseName: player"]],
  ["is of a release that Helm leaves alone", "player-data", "{}", ["suspend: true"]],
])("nothing is said of a claim that %s", (_, name, values, more) => {
  expect(say(name, values, more)).toBe(`deletes | ${GOES}`);
});
