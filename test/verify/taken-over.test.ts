import { expect, test } from "vitest";
import { kustomization, object, release } from "./home-tree.ts";
import { APP, HR, h, LIST, PVC, sayOf } from "./odd-tree.ts";

const claim = (name: string) =>
  object("PersistentVolumeClaim", name, "v1", [
    "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}",
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
  ]);
/** The release of an app goes, and a claim comes into Git. */
const say = (name: string, values = "{}", more: string[] = []) =>
  sayOf(
    {
      ...h,
      [PVC]: undefined,
      [HR]: release("player", [`values: ${values}`, ...more]),
      [LIST]: kustomization(["helmrelease.yaml"]),
    },
    { [HR]: undefined, [`${APP}/claim.yaml`]: claim(name), [LIST]: kustomization(["claim.yaml"]) },
  );
const GOES = "deleted HelmRelease media/player";

test.each(["player", "player-data"])("a claim that the chart of a release that goes may have made: %s", (name) => {
  expect(say(name)).toBe(`unproven | ${GOES}`);
  expect(say("tunes-data", "{}", ["releaseName: tunes"])).toBe(`unproven | ${GOES}`);
});

test.each([
  ["has another name", "films", "{}", []],
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
