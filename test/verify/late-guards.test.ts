import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fluxKey, keyOfObject } from "../../src/admission/key.ts";
import type { Comparison } from "../../src/change/comparison.ts";
import type { FluxSpec, Outcome } from "../../src/change/types.ts";
import { makeLateGuards } from "../../src/safety/fate/late-guards.ts";
import { memoryTree } from "../support/memory.ts";

const FILE = "app/a.yaml";
const LIST = "app/kustomization.yaml";
type Files = Record<string, string>;

interface Asked {
  before?: Files;
  after?: Files;
  kind?: string;
  owners?: string[];
  respecced?: [old: string[], now: string[]];
}

const spec = (text: string): FluxSpec => {
  const data = parse(`{${text}}`);
  return {
    id: text,
    prune: data.prune === true,
    suspend: false,
    finalizes: true,
    source: "",
    data: { spec: data, isLocal: true },
  };
};

/** What guards `Kind media/one`, which stands in `app/a.yaml` and is deleted. */
function asked({ before = {}, after = {}, kind = "ConfigMap", owners = ["flux-system/apps"], respecced }: Asked) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const change = {
    before: memoryTree(before),
    after: memoryTree(after),
    changed: new Set([...names].filter((name) => before[name] !== after[name])),
  };
  const [old = [], now = []] = respecced ?? [];
  const rows = [{ key: fluxKey("flux-system", "apps"), before: old.map(spec), after: now.map(spec) }];
  const comparison = { respecced: respecced ? rows : [] } as unknown as Pick<Comparison, "respecced">;
  const identity = { apiVersion: API[kind]!, kind, namespace: "media", name: "one" };
  const outcome = {
    ...identity,
    key: keyOfObject(identity),
    at: { file: FILE, line: 1, col: 1 },
    doc: 0,
    before: owners,
  };
  return makeLateGuards(comparison, change)(outcome as unknown as Outcome);
}
const API: Record<string, string> = {
  ConfigMap: "v1",
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
};
const text = (kind: string, metadata = "", rest = "") =>
  `apiVersion: ${API[kind]}\nkind: ${kind}\nmetadata: {name: one, namespace: media${metadata}}\n${rest}\n`;
const MARK = ", annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
const late = (how: string) =>
  `${how} with the same change, which is not live yet when Flux deletes it; in a change of its own it protects.`;

describe("a guard in the document that comes together with the removal", () => {
  test.each<[kind: string, old: string, now: string, guard: string | undefined]>([
    ["ConfigMap", text("ConfigMap"), text("ConfigMap", MARK), "kustomize.toolkit.fluxcd.io/prune: disabled"],
    ["ConfigMap", text("ConfigMap", MARK), text("ConfigMap", `${MARK}, labels: {a: b}`), undefined],
    ["ConfigMap", text("ConfigMap"), text("ConfigMap", ", labels: {a: b}"), undefined],
    ["HelmRelease", text("HelmRelease"), text("HelmRelease", "", "spec: {suspend: true}"), "suspend: true"],
    ["HelmRelease", text("HelmRelease"), text("HelmRelease", "", "spec: {suspend: 'true'}"), undefined],
    ["HelmRelease", text("HelmRelease"), text("HelmRelease", "", "spec: {prune: false}"), undefined],
    ["ConfigMap", text("ConfigMap"), text("ConfigMap", "", "spec: {suspend: true}"), undefined],
    [
      "Kustomization",
      text("Kustomization", "", "spec: {prune: true}"),
      text("Kustomization", "", "spec: {prune: true, suspend: true}"),
      "suspend: true",
    ],
    [
      "Kustomization",
      text("Kustomization", "", "spec: {prune: true}"),
      text("Kustomization", "", "spec: {prune: false}"),
      "prune: false",
    ],
    [
      "Kustomization",
      text("Kustomization", "", "spec: {prune: true}"),
      text("Kustomization", "", "spec: {prune: true, deletionPolicy: Orphan}"),
      "deletionPolicy: Orphan",
    ],
    [
      "Kustomization",
      text("Kustomization", "", "spec: {prune: true}"),
      text("Kustomization", "", "spec: {prune: true, wait: true}"),
      undefined,
    ],
    [
      "Kustomization",
      text("Kustomization", "", "spec: {prune: false}"),
      text("Kustomization", "", "spec: {prune: false, wait: true}"),
      undefined,
    ],
    ["Kustomization", text("Kustomization"), text("Kustomization", ", labels: {a: b}"), undefined],
  ])("%s: %s becomes %s", (kind, old, now, guard) => {
    const said = asked({ kind, before: { [FILE]: old }, after: { [FILE]: now } });
    expect(said).toBe(guard && late(`Its document gets ${guard}`));
  });

  test("is none where its document goes, or stays as it is", () => {
    expect(asked({ before: { [FILE]: text("ConfigMap") } })).toBeUndefined();
    const same = { [FILE]: text("ConfigMap", MARK) };
    expect(asked({ before: same, after: same })).toBeUndefined();
    expect(asked({ before: {}, after: same })).toBeUndefined();
  });
});

describe("a guard that a kustomization above it lays over it", () => {
  const list = (more = "") => ({ [LIST]: `resources: [a.yaml]\n${more}` });
  const doc = { [FILE]: text("ConfigMap") };
  const NOTES = "commonAnnotations: {kustomize.toolkit.fluxcd.io/prune: disabled}\n";
  const PATCH = `patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: one, namespace: media${MARK}}}'}]\n`;
  const LAID = late(`${LIST} gives it kustomize.toolkit.fluxcd.io/prune: disabled`);

  test.each<[what: string, old: Files, now: Files, says: string | undefined]>([
    ["by annotations", list(), list(NOTES), LAID],
    ["by a patch", list(), list(PATCH), LAID],
    ["which was there", list(NOTES), list(`${NOTES}namePrefix: x-\n`), undefined],
    ["which comes by a patch where annotations were there", list(NOTES), list(NOTES + PATCH), undefined],
    ["with another word", list(), list("commonAnnotations: {a: b}\n"), undefined],
    ["which is new", {}, list(NOTES), undefined],
    ["which cannot be read", list(), { [LIST]: "resources: [" }, undefined],
    ["which has a patch in a file", list(), list("patches: [{path: p.yaml}]\n"), undefined],
    ["which has patches that are none", list(), list("patches: {a: b}\n"), undefined],
    ["by a patch for another", list(), list(PATCH.replace("name: one", "name: two")), undefined],
  ])("%s", (_, old, now, says) => {
    expect(asked({ before: { ...doc, ...old }, after: { ...doc, ...now } })).toBe(says);
  });

  test("from further up, and not from beside", () => {
    const up = { "kustomization.yaml": "resources: [app]\n" };
    const marked = { "kustomization.yaml": `resources: [app]\n${NOTES}` };
    expect(asked({ before: { ...doc, ...up }, after: { ...doc, ...marked } })).toBe(
      LAID.replace(LIST, "kustomization.yaml"),
    );
    const beside = (more: string) => ({ ...doc, "other/kustomization.yaml": `resources: [b.yaml]\n${more}` });
    expect(asked({ before: beside(""), after: beside(NOTES) })).toBeUndefined();
  });
});

describe("a guard of the Kustomization that delivers it", () => {
  const OWNER = "Kustomization flux-system/apps gets";
  const READ = "with the same change, which Flux may read too late; in a change of its own it protects.";
  const COMMON = "commonMetadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}";
  test.each<[old: string[], now: string[], guard: string | undefined]>([
    [["prune: true"], ["prune: false"], "prune: false"],
    [["prune: false"], ["prune: false"], undefined],
    [["prune: true"], ["prune: true"], undefined],
    [["prune: true", "prune: false"], ["prune: false"], "prune: false"],
    [["prune: true"], ["prune: true", "prune: false"], undefined],
    [["prune: true"], [`prune: true, ${COMMON}`], "commonMetadata with kustomize.toolkit.fluxcd.io/prune: disabled"],
    [[`prune: true, ${COMMON}`], [`prune: true, ${COMMON}`], undefined],
  ])("%j becomes %j", (old, now, guard) => {
    const both = { [FILE]: text("ConfigMap") };
    expect(asked({ before: both, after: both, respecced: [old, now] })).toBe(guard && `${OWNER} ${guard} ${READ}`);
    expect(asked({ before: both, after: both, respecced: [old, now], owners: ["flux-system/other"] })).toBeUndefined();
  });

  test("laid over it by a patch", () => {
    const both = { [FILE]: text("ConfigMap") };
    const patch = `prune: true, patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: one, namespace: media${MARK}}}'}]`;
    expect(asked({ before: both, after: both, respecced: [["prune: true"], [patch]] })).toBe(
      late("Kustomization flux-system/apps gives it kustomize.toolkit.fluxcd.io/prune: disabled"),
    );
    expect(asked({ before: both, after: both, respecced: [[patch], [patch]] })).toBeUndefined();
  });
});
