import { describe, expect, test } from "vitest";
import { APPS, CLUSTER, change, type Files, homeOps, migrate, yamlOf } from "../traps/support.ts";
import { indent, KS, ofRelease, PARENT, patch, says, undone } from "./parent-patches.ts";

const REMEDIATION = "install:\n  remediation:\n    retries: 3";
const PLAIN = "fluxlift.dev/plain notin (true)";
const PRUNE = '[{"op": "replace", "path": "/spec/prune", "value": true}]';
const OPERATOR_PRUNED = "spec.prune of flux-operator becomes true";
const next = (text: string) => text.replace("  patches:\n", "");
/** A patch of what every child applies. */
const ofAll = (spec: string, more = "") => ofRelease(spec).replace("\n        name: flux-.*", more);
const prune = patch(PRUNE, "kind: Kustomization");
const labelsOf = (files: Files) =>
  ["flux-operator", "flux-instance"].map((app) => yamlOf(files, `${APPS}/${app}/ks.yaml`)[0].metadata.labels);
const selectorsIn = (files: Files, path: string, doc = 0) => {
  const data = yamlOf(files, path)[doc];
  return (data.patches ?? data.spec.patches).map(({ target }: { target: { labelSelector?: string } }) => {
    return target.labelSelector;
  });
};

test("of several ways out that selectors offer, an app takes the first that helps", () => {
  const apps = `${ofRelease("timeout: 3m", "!quick")}${next(ofRelease(REMEDIATION, "!retried"))}`;
  expect(labelsOf(migrate(homeOps({ apps })).files)).toEqual([{ retried: "true" }, { retried: "true" }]);
});

test("a patch that names the app, and has no target, offers none", () => {
  const body = `${KS}\nmetadata:\n  name: flux-operator\n  namespace: flux-system\nspec:\n  prune: true`;
  const apps = `  patches:\n    - patch: |\n${indent(body, 8)}\n`;
  expect(undone(homeOps({ apps }))).toEqual([says("flux-operator", OPERATOR_PRUNED)]);
});

test("a patch that is narrowed keeps what it selects by", () => {
  const apps = `${ofAll(REMEDIATION, '\n        labelSelector: "!off"')}${next(ofAll("install:\n  disableWait: false"))}`;
  const { files } = migrate(homeOps({ apps }));
  expect(selectorsIn(files, PARENT)).toEqual([`!off, ${PLAIN}`, PLAIN]);
});

describe("where the instance generates the root anew, and the root is the parent", () => {
  const LISTING = "kubernetes/apps/kustomization.yaml";
  const INSTANCE = "kubernetes/flux-system/flux-instance/app/helmrelease.yaml";
  const make = (settings: Parameters<typeof homeOps>[0]) => {
    const whole = change(homeOps(settings), CLUSTER, "path: ./kubernetes/flux", "path: ./kubernetes");
    const { [PARENT]: _apps, ...files } = whole;
    return files;
  };

  test("a patch of a folder is narrowed there, whatever the instance says", () => {
    const { files } = migrate({
      ...make({}),
      "kubernetes/kustomization.yaml": `${homeOps()[LISTING]!.replace("./flux-system", "./apps").replace("./default", "./flux/config")}patches:\n  - target:\n      kind: Kustomization\n    patch: '${PRUNE}'\n`,
    });
    expect(selectorsIn(files, "kubernetes/kustomization.yaml")).toEqual([PLAIN]);
  });

  test("a patch is not narrowed where the instance has another one in its place", () => {
    const before = make({ root: prune });
    const { files } = migrate(before);
    const kept = Object.entries(files).filter(([path]) => !path.includes("/flux-operator/"));
    const half = { ...Object.fromEntries(kept), [CLUSTER]: before[CLUSTER]! };
    const listed = change(half, "kubernetes/flux-system/kustomization.yaml", "  - ./flux-operator/ks.yaml\n", "");
    const place = `${CLUSTER}:25 Patches of this FluxKustomization`;
    expect(undone(listed)).toEqual([`${place} reach flux-operator and undo its protection: ${OPERATOR_PRUNED}.`]);
    const same = change(listed, INSTANCE, `                      labelSelector: ${PLAIN}\n`, "");
    expect(undone(same)).toEqual([]);
  });
});

test("patches are narrowed all, or none where one of them cannot be edited", () => {
  const item = (target: string) => `  - target: ${target}\n    patch: '${PRUNE}'\n`;
  const listing = `patches:\n${item("&all {kind: Kustomization}")}${item("*all")}`;
  expect(undone(homeOps({ listing, apps: prune }))).toEqual(
    ["flux-operator", "flux-instance"].map((app) => {
      const place = `${APPS}/kustomization.yaml:8 Patches in a kustomization that this FluxKustomization builds`;
      return `${place} reach ${app} and undo its protection: spec.prune of ${app} becomes true.`;
    }),
  );
});
