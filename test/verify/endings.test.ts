import { describe, expect, test } from "vitest";
import { readFrozen } from "../../src/admission/immutable.ts";
import { fluxKey, splitKey } from "../../src/admission/key.ts";
import { readOwnedObject } from "../../src/change/read-object.ts";
import { DEFAULTS } from "../../src/change/settings.ts";
import type { FluxSpec, OwnedObject } from "../../src/change/types.ts";
import type { Config, FluxHistory } from "../../src/change/variants.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import {
  type Ending,
  findNeeds,
  findRefused,
  findStuck,
  findUnprotected,
  specsOf,
} from "../../src/safety/fate/endings.ts";

const at = { file: "app.yaml", line: 2, col: 1 };
const history: FluxHistory = {
  ...{
    key: fluxKey("media", "player"),
    configs: [],
    existed: true,
    delivered: true,
    parents: new Set<never>(),
    fixed: false,
  },
};
/** A FluxKustomization that reads this repository, by what its spec says. */
const flux = (spec: object = {}, more: Partial<FluxSpec> = {}): FluxSpec => ({
  ...{ id: "", prune: true, suspend: false, finalizes: true, source: "", data: { isLocal: true, spec } },
  ...more,
});
const object = (more: Partial<OwnedObject> = {}, key = "|ConfigMap|media|a"): OwnedObject => {
  const { kind, namespace, name } = splitKey(key);
  return { key, kind, namespace, name, spared: false, at, ...more };
};
const ending = (one: OwnedObject, spec = flux()): Ending => ({ history, spec, object: one });
const config = (spec: FluxSpec, stage: Config["stage"], tree: Config["tree"] = "before"): Config => {
  return { spec, stage, tree };
};

describe("what an object needs of the FluxKustomization that it comes to", () => {
  const secret = object({ encrypted: true });
  const filled = object({ body: { data: { host: "${DOMAIN}" } } });
  const before = [config(flux({ postBuild: {} }), 0)];
  const needs = (...args: Parameters<typeof findNeeds>) => findNeeds(...args).map(({ needs }) => needs);

  test("is decryption for what is encrypted", () => {
    expect(findNeeds(ending(secret), [])).toEqual([
      { name: "media/player", spec: flux(), file: "app.yaml", needs: "decryption" },
    ]);
    expect(needs(ending(secret, flux({ decryption: { provider: "sops" } })), [])).toEqual([]);
    expect(needs(ending(object()), [])).toEqual([]);
  });

  test("is postBuild for variables that were filled in before", () => {
    expect(needs(ending(filled), before)).toEqual(["postBuild"]);
    expect(needs(ending(filled, flux({ postBuild: {} })), before)).toEqual([]);
    expect(needs(ending(filled), [])).toEqual([]);
    expect(needs(ending(filled), [config(flux(), 0)])).toEqual([]);
    expect(needs(ending(filled), [config(flux({ postBuild: {} }), 2)])).toEqual([]);
    expect(needs(ending(filled), [...before, config(flux(), 0)])).toEqual(["postBuild"]);
  });

  test.each([
    ["${DOMAIN}", true],
    ["a${_x}", true],
    ["$${DOMAIN}", false],
    ["${1}", false],
    ["plain", false],
  ])("%s is a variable: %s", (text, isVariable) => {
    expect(needs(ending(object({ body: { text } })), before)).toEqual(isVariable ? ["postBuild"] : []);
  });

  test("is nothing where the object is not known, or another repository is read", () => {
    expect(needs(ending(object({ encrypted: true, at: undefined })), [])).toEqual([]);
    expect(needs(ending(secret, { ...flux(), data: { isLocal: false, spec: {} } }), [])).toEqual([]);
    expect(needs(ending(object()), before)).toEqual([]);
  });
});

describe("a field that cannot change", () => {
  const CLAIM = "|PersistentVolumeClaim|media|a";
  const claim = (storageClassName: string, more: Partial<OwnedObject> = {}) =>
    object({ frozen: readFrozen(CLAIM, { spec: { storageClassName } }, DEFAULTS.immutable), ...more }, CLAIM);
  const stuck = (now: OwnedObject, spec?: FluxSpec) => findStuck(ending(now, spec), claim("a", { doc: 1 }), DEFAULTS);

  test("is said with both places", () => {
    const [only, ...rest] = stuck(claim("b", { at: { ...at, file: "other.yaml" } }));
    expect(rest).toEqual([]);
    expect(only).toMatchObject({
      key: CLAIM,
      owner: "media/player",
      change: { field: "spec.storageClassName", from: "a", to: "b" },
      old: { file: "app.yaml", doc: 1 },
      now: { file: "other.yaml", doc: 0 },
    });
    expect(stuck(claim("b", { at: undefined }))[0]!.now).toBeUndefined();
  });

  test("is nothing where it stays, or where nobody or force changes it", () => {
    expect(stuck(claim("a"))).toEqual([]);
    expect(stuck(claim("b"), flux({}, { suspend: true }))).toEqual([]);
    expect(stuck(claim("b"), flux({}, { force: true }))).toEqual([]);
    expect(stuck(claim("b", { force: true }))).toEqual([]);
  });
});

describe("what the API server refuses", () => {
  const FLUX = { major: 2, minor: 3, patch: 0 };
  const kustomization = (spec: object) => ({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "a" },
    spec: { interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: "a" }, ...spec },
  });
  const slip = object({ body: kustomization({ dependOn: [] }), doc: 2 });
  const paths = (...args: Parameters<typeof findRefused>) => findRefused(...args).map(({ refusal }) => refusal.path);

  test("is said with the owner and the place", () => {
    expect(findRefused(ending(slip), undefined, undefined)).toMatchObject([
      {
        key: slip.key,
        owner: "media/player",
        refusal: { path: ["spec", "dependOn"] },
        now: { file: "app.yaml", doc: 2 },
      },
    ]);
  });

  test("is nothing of the change where it was refused before", () => {
    expect(paths(ending(slip), slip, undefined)).toEqual([]);
    const more = object({ body: kustomization({ dependOn: [], pathh: "a" }) });
    expect(paths(ending(more), slip, undefined)).toEqual([["spec", "pathh"]]);
    expect(paths(ending(slip), object(), undefined)).toEqual([["spec", "dependOn"]]);
  });

  test("counts a field that is younger than the Flux that runs, in its own cluster only", () => {
    const young = object({ body: kustomization({ deletionPolicy: "Orphan" }) });
    expect(paths(ending(young), undefined, FLUX)).toEqual([["spec", "deletionPolicy"]]);
    expect(paths(ending(young), undefined, undefined)).toEqual([]);
    expect(paths(ending(young, flux({}, { remote: "edge" })), undefined, FLUX)).toEqual([]);
  });

  test("counts nothing that only may be missing", () => {
    const { interval: _, ...rest } = kustomization({}).spec;
    const body = { ...kustomization({}), spec: rest };
    expect(paths(ending(object({ body })), undefined, undefined)).toEqual([["spec", "interval"]]);
    expect(paths(ending(object({ body, isPart: true })), undefined, undefined)).toEqual([]);
  });

  const whole = (body: object, more: Partial<OwnedObject> = {}) =>
    paths(ending(object({ body, ...more })), undefined, undefined).length;

  test("counts nothing that the operator fills in before it applies it", () => {
    const secret = (annotations: object) => ({
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "a", annotations } },
      type: "kubernetes.io/dockerconfigjson",
    });
    const made = { made: { template: "0", input: "" } };
    const copy = secret({ "fluxcd.controlplane.io/copyFrom": "b/c" });
    expect(whole(copy, made)).toBe(0);
    expect(whole(copy)).toBe(1);
    expect(whole(secret({}), made)).toBe(1);
  });

  test("counts nothing that is missing in what is laid over an object that is there", () => {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: 0 };
    const mount = { name: "config-volume", mountPath: "/x" };
    const shell = (mark: string | undefined, containers: object[], on = "annotations") => ({
      ...{ apiVersion: "apps/v1", kind: "Deployment" },
      metadata: { name: "coredns", [on]: mark && { "kustomize.toolkit.fluxcd.io/ssa": mark } },
      spec: {
        ...{ replicas: 2, selector: { matchLabels: { a: "b" } }, strategy: { rollingUpdate } },
        template: { metadata: { labels: {} }, spec: { containers } },
      },
    });
    const context = {
      ...{ version: undefined, sources: new Set<string>(), viewOf: () => "", chartHolds: () => [] },
      ...{ ids: new Map(), specs: new WeakMap() },
    };
    const count = (body: YamlData, common?: object) => {
      const one = { apiVersion: "apps/v1", kind: "Deployment", namespace: "", name: "coredns", file: at.file, doc: 0 };
      return paths(ending(readOwnedObject({ ...one, body }, common, context, "")), undefined, undefined).length;
    };
    for (const containers of [[], [{ name: "coredns", volumeMounts: [mount] }]]) {
      for (const mark of ["merge", "Merge", "MERGE"]) expect(count(shell(mark, containers))).toBe(0);
      expect(count(shell("merge", containers, "labels"))).toBe(0);
      for (const mark of [undefined, "IfNotPresent"]) expect(count(shell(mark, containers))).toBeGreaterThan(2);
    }
    const common = { annotations: { "kustomize.toolkit.fluxcd.io/ssa": "Merge" } };
    expect(count(shell(undefined, []), common)).toBe(0);
  });

  test("is nothing of an object that is left out of what is applied, but for what is read of it", () => {
    const marked = (mark: object, more: object = {}) => {
      const annotations = Object.fromEntries(
        Object.entries(mark).map(([name, value]) => [`kustomize.toolkit.fluxcd.io/${name}`, value]),
      );
      return object({ body: { ...kustomization({ dependOn: [] }), metadata: { name: "a", annotations, ...more } } });
    };
    const [spec, common] = [["spec", "dependOn"], { commonMetadata: { labels: { a: "b" } } }];
    for (const mark of [{ ssa: "Ignore" }, { ssa: "ignore" }, { reconcile: "disabled" }]) {
      expect(paths(ending(marked(mark)), undefined, undefined)).toEqual([]);
      expect(paths(ending(slip), marked(mark), undefined)).toEqual([spec]);
      expect(paths(ending(marked(mark), flux(common)), undefined, undefined)).toEqual([spec]);
      expect(paths(ending(marked(mark, { spec: {} })), undefined, undefined)).toEqual([["metadata", "spec"]]);
    }
    expect(paths(ending(marked({ ssa: "IfNotPresent" })), undefined, undefined)).toEqual([spec]);
  });

  test("is nothing where nobody applies the object, or it is not known", () => {
    expect(paths(ending(slip, flux({}, { suspend: true })), undefined, undefined)).toEqual([]);
    expect(paths(ending(object()), undefined, undefined)).toEqual([]);
  });
});

describe("a protection that commonMetadata sets back", () => {
  const marked = flux({ commonMetadata: { labels: { "kustomize.toolkit.fluxcd.io/prune": "enabled" } } });
  const [old, now] = [object({ spared: true }), object()];

  test("is a harm at the document", () => {
    expect(findUnprotected(ending(now, marked), old)).toEqual([
      {
        resource: "ConfigMap media/a",
        at,
        what: "Kustomization media/player sets kustomize.toolkit.fluxcd.io/prune over what ConfigMap media/a says: it is protected no more.",
        why: "commonMetadata goes over the labels and annotations of every object, so Flux may delete this one from then on.",
        next: "Take that key out of commonMetadata.",
      },
    ]);
  });

  test("is none where it was none, stays, or something else takes it", () => {
    expect(findUnprotected(ending(now, marked), now)).toEqual([]);
    expect(findUnprotected(ending(old, marked), old)).toEqual([]);
    expect(findUnprotected(ending(object({ at: undefined }), marked), old)).toEqual([]);
    expect(findUnprotected(ending(now), old)).toEqual([]);
    expect(findUnprotected(ending(now, flux()), old)).toEqual([]);
  });
});

test("what a FluxKustomization is today and in the end is told by stage and tree", () => {
  const [one, two, three, four] = ["1", "2", "3", "4"].map((id) => flux({}, { id })) as [
    FluxSpec,
    FluxSpec,
    FluxSpec,
    FluxSpec,
  ];
  const configs = [config(one, 0), config(two, 1, "after"), config(three, 2), config(four, 2, "after")];
  expect(specsOf({ ...history, configs })).toEqual({ before: [one], after: [four] });
});
