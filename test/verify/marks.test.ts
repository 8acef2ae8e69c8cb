import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { finalizes, isForced, isSkipped, isSparedInGit, setsMark } from "../../src/change/exclusions.ts";
import { isRefused } from "../../src/change/refused-builds.ts";
import type { Build, FluxSpec } from "../../src/change/types.ts";

const OLD = { major: 2, minor: 0, patch: 1 };
const NEW = { major: 2, minor: 1, patch: 0 };
const mark = (text: string, where = "annotations") => parse(`${where}: {kustomize.toolkit.fluxcd.io/${text}}`);

// flux-facts 2.4 items 2 and 4.
describe("a mark on an object in Git", () => {
  test.each<[mark: string, spared: boolean, skipped: boolean]>([
    ["prune: disabled", true, false],
    ["prune: Disabled", true, false],
    ["prune: enabled", false, false],
    ["prune: true", false, false],
    ["prune: ''", false, false],
    ["ssa: Ignore", false, true],
    ["ssa: ignore", false, true],
    ["ssa: IfNotPresent", false, true],
    ["ssa: Merge", false, false],
    ["reconcile: disabled", false, true],
    ["reconcile: enabled", false, false],
    ["prune: disabled, kustomize.toolkit.fluxcd.io/ssa: IfNotPresent", false, true],
    ["prune: disabled, kustomize.toolkit.fluxcd.io/reconcile: disabled", false, true],
    ["prune: disabled, kustomize.toolkit.fluxcd.io/ssa: Merge", true, false],
  ])("%s", (text, spared, skipped) => {
    for (const where of ["annotations", "labels"]) {
      for (const version of [undefined, NEW]) {
        expect(isSparedInGit(mark(text, where), version)).toBe(spared);
        expect(isSkipped(mark(text, where), version)).toBe(skipped);
      }
    }
  });

  test("is told from capitals until Flux 2.1", () => {
    expect(isSparedInGit(mark("prune: Disabled"), OLD)).toBe(false);
    expect(isSparedInGit(mark("prune: disabled"), OLD)).toBe(true);
    expect(isSkipped(mark("ssa: ignore"), OLD)).toBe(false);
    expect(isSkipped(mark("ssa: Ignore"), OLD)).toBe(true);
  });

  test("is none where nothing, or another group, says it", () => {
    for (const metadata of [undefined, null, {}, parse("annotations: {helm.toolkit.fluxcd.io/prune: disabled}")])
      expect([isSparedInGit(metadata, undefined), isSkipped(metadata, undefined), isForced(metadata)]).toEqual([
        false,
        false,
        false,
      ]);
    expect(isForced(mark("force: enabled"))).toBe(true);
    expect(isForced(mark("force: Enabled", "labels"))).toBe(true);
    expect(isForced(mark("force: disabled"))).toBe(false);
  });

  test("may be set for all, whatever it says", () => {
    expect(setsMark(mark("prune: enabled"))).toBe(true);
    expect(setsMark(mark("prune: disabled", "labels"))).toBe(true);
    expect(setsMark(mark("ssa: Ignore"))).toBe(false);
    expect(setsMark(undefined)).toBe(false);
  });
});

// flux-facts 2.4 item 3; `deletionPolicy` came with Flux 2.5.
describe("the finalizer of a Kustomization", () => {
  const V24 = { major: 2, minor: 4, patch: 0 };
  const V25 = { major: 2, minor: 5, patch: 0 };
  test.each<[spec: string, deletes: boolean, before25: boolean]>([
    ["prune: true", true, true],
    ["prune: false", false, false],
    ["prune: 'true'", false, false],
    ["suspend: true, prune: true", false, false],
    ["suspend: true, deletionPolicy: Delete", false, false],
    ["suspend: false, prune: true", true, true],
    ["prune: true, deletionPolicy: Orphan", false, true],
    ["prune: false, deletionPolicy: Delete", true, false],
    ["prune: false, deletionPolicy: WaitForTermination", true, false],
    ["prune: true, deletionPolicy: MirrorPrune", true, true],
    ["prune: false, deletionPolicy: MirrorPrune", false, false],
  ])("with %s", (spec, deletes, before25) => {
    expect(finalizes(parse(`{${spec}}`), undefined)).toBe(deletes);
    expect(finalizes(parse(`{${spec}}`), V25)).toBe(deletes);
    expect(finalizes(parse(`{${spec}}`), V24)).toBe(before25);
  });

  test("of one without a spec deletes nothing", () => {
    expect(finalizes(undefined, undefined)).toBe(false);
  });
});

describe("a variable in a name, where Flux fills in nothing", () => {
  const build = (key: string, metadata: string, more = {}): Build => ({
    ok: true,
    objects: new Map([
      [
        key,
        { key, kind: "x", namespace: "", name: "", spared: false, body: parse(`metadata: {${metadata}}`), ...more },
      ],
    ]),
    unknown: [],
  });
  const spec = (text: string, more = {}) =>
    ({ id: "1", data: { isLocal: true, spec: parse(`{${text}}`) }, ...more }) as FluxSpec;
  const NAMED = build("|ConfigMap|a|b", "name: 'x-${APP}'");

  test.each<[what: string, spec: FluxSpec, build: Build, refused: boolean]>([
    ["in the name", spec(""), NAMED, true],
    ["in the namespace", spec(""), build("|ConfigMap|a|b", "name: b, namespace: '${NS}'"), true],
    ["in a label alone", spec(""), build("|ConfigMap|a|b", "name: b, labels: {a: '${APP}'}"), false],
    ["and postBuild", spec("postBuild: {substitute: {A: b}}"), NAMED, false],
    ["of a role", spec(""), build("rbac.authorization.k8s.io|Role|a|b", "name: 'x-${APP}'"), false],
    [
      "of what Flux leaves alone",
      spec(""),
      build("|ConfigMap|a|b", "name: '${A}', annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}"),
      false,
    ],
    ["of what is read in part", spec(""), build("|ConfigMap|a|b", "name: '${A}'", { isPart: true }), false],
    ["of another repository", spec("", { data: { isLocal: false, spec: {} } }), NAMED, false],
    ["of a ResourceSet", spec("", { own: {} }), NAMED, false],
    ["of what does not build", spec(""), { ok: false, reason: "x" }, false],
    ["of nothing", spec(""), { ok: true, objects: new Map(), unknown: [] }, false],
  ])("%s", (_, one, built, refused) => {
    expect(isRefused(one, () => built)).toBe(refused);
  });
});
