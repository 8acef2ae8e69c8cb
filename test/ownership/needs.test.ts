import { describe, expect, test } from "vitest";
import { APPS, type Files, homeOps, migrate, yamlOf } from "../traps/support.ts";
import { HR, indent, KS, patch, says, undone } from "./parent-patches.ts";

const APP_NAMES = ["flux-operator", "flux-instance"];
/** A patch of every FluxKustomization, which breaks the apps and brings something with it. */
const ofAll = (fields: string) =>
  patch(`${KS}\nmetadata:\n  name: x\nspec:\n  prune: true\n${indent(fields, 2)}`, "kind: Kustomization");
/** The same for what the children apply. */
const below = (kind: string, spec: string) => {
  const type = kind === "HelmRelease" ? HR : `apiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}`;
  const body = `${type}\nmetadata:\n  name: x\nspec:\n${indent(spec, 2)}`;
  return ofAll(`patches:\n  - patch: |\n${indent(body, 6)}\n    target:\n      kind: ${kind}`);
};
const labelled = (files: Files) =>
  APP_NAMES.filter(
    (app) => yamlOf(files, `${APPS}/${app}/ks.yaml`)[0].metadata.labels?.["fluxlift.dev/plain"] === "true",
  );
const stops = (need: (app: string) => string) =>
  APP_NAMES.map(
    (app) => `${says(app, `spec.prune of ${app} becomes true`)} They also bring ${need(app)}, which it may need.`,
  );

describe("a patch is not narrowed where an app would lose by it", () => {
  test.each([
    ["targetNamespace: tools", "targetNamespace"],
    ["kubeConfig:\n  secretRef:\n    name: edge", "kubeConfig"],
  ])("the place where it is applied: %s", (fields, field) => {
    expect(undone(homeOps({ apps: ofAll(fields) }))).toEqual(stops(() => `spec.${field}`));
  });

  test("another path is no loss: it has nothing of the app", () => {
    const files = homeOps({ apps: ofAll("path: ./elsewhere") });
    expect([undone(files), labelled(migrate(files).files)]).toEqual([[], APP_NAMES]);
  });

  test.each([
    ["HelmRelease", "serviceAccountName: deployer", "serviceAccountName"],
    ["HelmRelease", "values:\n  imagePullSecrets: [{name: mirror}]", "values"],
    ["OCIRepository", "insecure: true", "insecure"],
  ])("what its %s is given: %s", (kind, spec, field) => {
    expect(undone(homeOps({ apps: below(kind, spec) }))).toEqual(stops((app) => `spec.${field} of ${kind} ${app}`));
  });
});

test("nor where it loses the source that it is applied from", () => {
  const own = "  sourceRef:\n    kind: GitRepository\n    name: home\n";
  const apps = `${own}${ofAll("sourceRef:\n  kind: OCIRepository\n  name: mirror")}`;
  expect(undone(homeOps({ apps }))).toEqual(stops(() => "spec.sourceRef"));
});

describe("and is narrowed where it loses what it says itself, or cannot use", () => {
  test.each([
    ["HelmRelease", "timeout: 3m\nmaxHistory: 2\ntest:\n  enable: true"],
    ["OCIRepository", "interval: 3m\ntimeout: 3m"],
    ["OCIRepository", "suspend: true"],
    // No API server takes a chart beside `chartRef`.
    ["HelmRelease", "chart:\n  spec:\n    interval: 1h"],
    // Nothing of the apps is a bucket.
    ["Bucket", "endpoint: minio"],
  ])("%s: %s", (kind, spec) => {
    expect(labelled(migrate(homeOps({ apps: below(kind, spec) })).files)).toEqual(APP_NAMES);
  });

  test("a variable of a text that has none", () => {
    const apps = ofAll("postBuild:\n  substitute:\n    level: debug");
    expect(labelled(migrate(homeOps({ apps })).files)).toEqual(APP_NAMES);
  });
});
