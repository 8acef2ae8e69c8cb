import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { YamlData } from "../../src/contract/objects.ts";
import { patchObject } from "../../src/delivery/kustomize/index.ts";
import { diffObject, writeDiff } from "../../src/instance/sync/diff.ts";

const generated = (kind = "GitRepository", spec = "{interval: 1m0s, ref: {name: refs/heads/main}, url: x}") => ({
  apiVersion: `${kind === "Kustomization" ? "kustomize" : "source"}.toolkit.fluxcd.io/v1`,
  kind,
  metadata: { name: "flux-system", namespace: "flux-system" },
  spec: parse(spec),
});
const diff = (spec: string, made = generated(), metadata = "{}") =>
  diffObject({ metadata: parse(metadata) }, parse(spec), made);
const NONE = { set: {}, remove: [], labels: {}, annotations: {} };
const SAME = "interval: 1m, ref: {branch: main}, url: x";

describe("what the generated object does not say", () => {
  test.each<[spec: string, set: object, remove: string[]]>([
    [`{${SAME}}`, {}, []],
    [`{${SAME}, timeout: 5m, ignore: null}`, { timeout: "5m" }, []],
    ["{interval: 5m, ref: {branch: main}, url: x}", { interval: "5m" }, []],
    ["{interval: 1m, ref: {branch: other}, url: x}", { ref: { branch: "other" } }, []],
    ["{interval: 1m, ref: {branch: main}, url: y}", { url: "y" }, []],
    ["{interval: 1m, url: x}", {}, ["ref"]],
    ["{interval: 1m, ref: null, url: x}", {}, ["ref"]],
    ["{interval: null, ref: {branch: main}, url: x}", {}, ["interval"]],
  ])("%s", (spec, set, remove) => {
    expect(diff(spec)).toEqual({ ...NONE, set, remove });
  });

  test.each<[spec: string, set: object, remove: string[]]>([
    ["{path: ./a, prune: true, sourceRef: {kind: Bucket, name: other}}", {}, []],
    ["{path: a/, prune: true, sourceRef: {}}", {}, []],
    ["{path: b, prune: true}", { path: "b" }, []],
    ["{path: a}", {}, ["prune"]],
  ])("of a root: %s", (spec, set, remove) => {
    const made = generated(
      "Kustomization",
      "{path: ./a, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}",
    );
    expect(diff(spec, made)).toEqual({ ...NONE, set, remove });
  });

  test("of a root without a path, and of a source that has one", () => {
    const made = generated("Kustomization", "{prune: true}");
    expect(diff("{path: ./, prune: true}", made).set).toEqual({ path: "./" });
    const bucket = generated("Bucket", "{bucketName: b, path: ./a, sourceRef: x}");
    expect(diff("{bucketName: b, path: a, sourceRef: y}", bucket).set).toEqual({ path: "a", sourceRef: "y" });
    expect(diff("{bucketName: b, ref: c}", generated("Bucket", "{bucketName: b, ref: c}")).set).toEqual({});
  });

  test("leaves out what is the operator's own, and nothing that is called alike", () => {
    const own = [
      ...[
        "app.kubernetes.io/instance",
        "app.kubernetes.io/version",
        "app.kubernetes.io/part-of",
        "app.kubernetes.io/managed-by",
      ],
      ...["ssa", "prune", "name", "namespace"].map((name) => `kustomize.toolkit.fluxcd.io/${name}`),
      ...["fluxcd.controlplane.io/name", "fluxcd.controlplane.io/namespace"],
      ...[
        "kubectl.kubernetes.io/last-applied-configuration",
        "meta.helm.sh/release-name",
        "meta.helm.sh/release-namespace",
      ],
    ];
    const users = [
      ...[
        "app.kubernetes.io/name",
        "app.kubernetes.io/instances",
        "my.app.kubernetes.io/instance",
        "app-kubernetes.io/version",
      ],
      ...[
        "kustomize.toolkit.fluxcd.io/reconcile",
        "kustomize.toolkit.fluxcd.io/names",
        "fluxcd.controlplane.io/reconcile",
      ],
      ...["meta.helm.sh/release-names", "team"],
    ];
    const map = (names: string[]) => Object.fromEntries(names.map((name) => [name, "x"]));
    const metadata = JSON.stringify({ labels: map([...own, ...users]), annotations: map([...users, ...own]) });
    expect(diff(`{${SAME}}`, generated(), metadata)).toEqual({ ...NONE, labels: map(users), annotations: map(users) });
    expect(diffObject({}, parse(`{${SAME}}`), generated())).toEqual(NONE);
    expect(diff(`{${SAME}}`, generated(), "{labels: {a: 5}}").labels).toEqual({ a: "5" });
  });
});

describe("the patches that make up for it", () => {
  const apply = (old: string, made = generated(), metadata = "{}") => {
    const patches = writeDiff(made, diff(old, made, metadata)).map(({ data }) => data);
    const done = patchObject(made, patches);
    if (!done.ok) throw new Error("the patch does not apply");
    const object: YamlData = done.object;
    return { patches, object };
  };

  test.each<[what: string, spec: string, how: ("merge" | "json")[]]>([
    ["nothing", `{${SAME}}`, []],
    ["a new field", `{${SAME}, timeout: 5m}`, ["merge"]],
    ["another text", "{interval: 5m, ref: {branch: main}, url: x}", ["merge"]],
    ["a map that is there", "{interval: 1m, ref: {branch: main, tag: v1}, url: x}", ["json"]],
    ["a map that is new", `{${SAME}, verify: {mode: HEAD}}`, ["merge"]],
    ["an empty map", `{${SAME}, verify: {}}`, ["json"]],
    ["an empty list deep inside", `{${SAME}, verify: {mode: HEAD, keys: []}}`, ["json"]],
    ["nothing deep inside", `{${SAME}, verify: {mode: null}}`, ["json"]],
    ["a directive", `{${SAME}, verify: {mode: HEAD, $patch: delete}}`, ["json"]],
    ["a field that goes", "{interval: 1m, url: x}", ["json"]],
    ["several", "{interval: 5m, url: x, timeout: 5m}", ["merge", "json"]],
    ["a text that ends in a line break", `{${SAME}, ignore: "/*\\n!/a\\n"}`, ["merge"]],
    ["one beside others", `{${SAME}, ignore: "/*\\n", timeout: 5m}`, ["merge"]],
    ["one in a map that is there", '{interval: 1m, ref: {branch: main, note: "a\\n"}, url: x}', ["json"]],
  ])("%s", (_, spec, how) => {
    const { patches, object } = apply(spec);
    expect(patches.map(({ patch }) => (patch.startsWith("-") ? "json" : "merge"))).toEqual(how);
    for (const { target } of patches) expect(target).toEqual({ kind: "GitRepository", name: "flux-system" });
    // What it was, in the words of the generated one where both say the same.
    const old = parse(spec);
    const { set } = diff(spec);
    for (const [field, value] of Object.entries<unknown>(old))
      if (Object.hasOwn(set, field)) expect(object.spec[field]).toEqual(value);
      else if (value !== null) expect(object.spec[field]).toEqual(generated().spec[field]);
    for (const field of Object.keys(object.spec)) expect(Object.hasOwn(old, field)).toBe(true);
    // kustomize trims the end of a patch.
    for (const { patch } of patches) expect(parse(patch.trimEnd())).toEqual(parse(patch));
  });

  test("labels and annotations, with and without fields", () => {
    for (const [spec, fields] of [
      [`{${SAME}}`, false],
      [`{${SAME}, timeout: 5m}`, true],
    ] as const) {
      const { patches } = apply(spec, generated(), "{labels: {a: b}, annotations: {c: d}}");
      const [merge, ...more] = patches.map(({ patch }) => parse(patch));
      expect(more).toEqual([]);
      expect(merge.metadata).toEqual({ name: "flux-system", labels: { a: "b" }, annotations: { c: "d" } });
      expect(merge.spec !== undefined).toBe(fields);
    }
    const [only] = apply(`{${SAME}}`, generated(), "{labels: {a: b}}").patches.map(({ patch }) => parse(patch));
    expect(only).toEqual({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: { name: "flux-system", labels: { a: "b" } },
    });
    const [other] = apply(`{${SAME}}`, generated(), "{annotations: {a: b}}").patches.map(({ patch }) => parse(patch));
    expect(other.metadata).toEqual({ name: "flux-system", annotations: { a: "b" } });
  });
});
