import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/contract/objects.ts";
import { carrySync } from "../../src/instance/sync/carry.ts";
import { buildSyncs } from "../flux-patches/builds.ts";

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
type Data = any;

const name = fc.constantFrom("home", "flux-system", "cluster", "a-b");
const duration = fc.constantFrom("1m", "10m", "10m0s", "600s", "1h", "1h30m", "5m30s");
const text = fc.oneof(
  fc.constantFrom(
    "a",
    "/*\n!/x\n",
    "$patch: delete",
    "${A}",
    "$$",
    "true",
    "null",
    "0",
    "- a\n- b",
    "# no comment",
    "a: b\n---\nc: d\n",
    "x\n\n  y\n",
  ),
  fc.string({ minLength: 1, maxLength: 12, unit: "grapheme-ascii" }),
);
const bool = fc.boolean();
const words = fc.array(fc.constantFrom("x", "y", "z"), { maxLength: 3 });
const map = fc.dictionary(fc.constantFrom("A", "B_C", "x.y/z", "$patch"), text, { maxKeys: 3 });
const optional = (record: Record<string, fc.Arbitrary<unknown>>) => fc.record(record, { requiredKeys: [] });
const patchList = fc.array(
  fc.record({ patch: text, target: optional({ kind: name, name, labelSelector: fc.constant("a notin (b)") }) }),
  { minLength: 1, maxLength: 3 },
);
const metadata = optional({
  labels: fc.dictionary(fc.constantFrom("team", "app.kubernetes.io/part-of", "x"), fc.constantFrom("a", "true", "1")),
  annotations: fc.dictionary(
    fc.constantFrom("note", "kustomize.toolkit.fluxcd.io/prune"),
    fc.constantFrom("a b", "{}", "x: y"),
  ),
});

const gitRef = fc.oneof(
  fc.constant(undefined),
  fc.record({ branch: fc.constant("main") }),
  fc.record({ tag: fc.constant("v1.0.0") }),
  fc.record({ name: fc.constant("refs/heads/x") }),
  fc.record({ semver: fc.constant(">=1") }),
  fc.record({ branch: fc.constant("main"), tag: fc.constant("v1.0.0") }),
);
const ociRef = fc.oneof(
  fc.constant(undefined),
  fc.record({ tag: fc.constant("latest") }),
  fc.record({ semver: fc.constant("*") }),
  fc.record({ semver: fc.constant("*"), tag: fc.constant("x") }),
);
const common = {
  timeout: duration,
  ignore: text,
  suspend: bool,
  secretRef: fc.record({ name }),
  proxySecretRef: fc.record({ name }),
};
const sources: fc.Arbitrary<{ kind: string; spec: Data }> = fc.oneof(
  fc
    .tuple(
      gitRef,
      optional({
        ...common,
        recurseSubmodules: bool,
        sparseCheckout: words,
        include: fc.array(fc.record({ repository: fc.record({ name }) })),
        provider: fc.constantFrom("generic", "azure", "github"),
        verify: fc.record({ mode: fc.constant("HEAD"), secretRef: fc.record({ name }) }),
      }),
    )
    .map(([ref, rest]) => ({
      kind: "GitRepository",
      spec: { url: "https://example.com/r", ...(ref ? { ref } : {}), ...rest },
    })),
  fc
    .tuple(
      ociRef,
      optional({
        ...common,
        insecure: bool,
        certSecretRef: fc.record({ name }),
        layerSelector: optional({ mediaType: text, operation: fc.constant("copy") }),
        provider: fc.constantFrom("generic", "aws", "gcp"),
      }),
    )
    .map(([ref, rest]) => ({
      kind: "OCIRepository",
      spec: { url: "oci://example.com/r", ...(ref ? { ref } : {}), ...rest },
    })),
  optional({
    ...common,
    region: text,
    insecure: bool,
    prefix: text,
    sts: fc.record({ provider: fc.constant("aws"), endpoint: text }),
    provider: fc.constantFrom("generic", "aws"),
  }).map((rest) => ({ kind: "Bucket", spec: { endpoint: "s3.example.com", bucketName: "flux", ...rest } })),
);
const root = fc.tuple(
  fc.record({ interval: duration, prune: bool }),
  optional({
    path: fc.constantFrom("./", "./a/b", "a/b/", "/a", ""),
    wait: bool,
    force: bool,
    suspend: bool,
    timeout: duration,
    retryInterval: duration,
    deletionPolicy: fc.constantFrom("Orphan", "MirrorPrune"),
    serviceAccountName: name,
    targetNamespace: name,
    namePrefix: text,
    components: words,
    dependsOn: fc.array(fc.record({ name }), { maxLength: 2 }),
    decryption: fc.record({ provider: fc.constant("sops"), secretRef: fc.record({ name }) }),
    postBuild: optional({ substitute: map, substituteFrom: fc.array(optional({ kind: name, name, optional: bool })) }),
    commonMetadata: optional({ labels: map }),
    images: fc.array(fc.record({ name, newTag: text })),
    patches: patchList,
    healthChecks: fc.array(fc.record({ kind: name, name })),
  }),
);

function object(kind: string, objectName: string, namespace: string, spec: Data, meta: Data): KubeObject {
  const apiVersion = kind === "Kustomization" ? "kustomize.toolkit.fluxcd.io/v1" : "source.toolkit.fluxcd.io/v1";
  const data = { apiVersion, kind, metadata: { name: objectName, namespace, ...meta }, spec };
  return { file: "x.yaml", doc: 0, apiVersion, kind, name: objectName, namespace, data };
}

const seconds = (time: string) =>
  [...time.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * { h: 3600, m: 60, s: 1 }[unit as "h"],
    0,
  );
const folder = (path = "") => path.replace(/^[./]+/, "").replace(/\/$/, "");

/** The old spec in the only words that may differ without a patch. */
function meaning(kind: string, spec: Data): Data {
  const copy = { ...spec, interval: seconds(spec.interval) };
  if (kind === "Kustomization") return { ...copy, path: folder(spec.path), sourceRef: null };
  const ref = spec.ref ?? {};
  const keys = Object.keys(ref);
  if (kind === "OCIRepository") copy.ref = keys.length === 0 ? { tag: "latest" } : ref;
  else if (kind === "GitRepository") {
    if (keys.length === 0) copy.ref = { name: "refs/heads/master" };
    else if (keys.length === 1 && ref.branch) copy.ref = { name: `refs/heads/${ref.branch}` };
    else if (keys.length === 1 && ref.tag) copy.ref = { name: `refs/tags/${ref.tag}` };
  }
  return copy;
}

const own = /part-of|kustomize\.toolkit/;
const users = (entries: Data) => Object.fromEntries(Object.entries(entries ?? {}).filter(([key]) => !own.test(key)));

const cases = fc.record({
  source: sources,
  root,
  a: name,
  b: name,
  interval: duration,
  m1: metadata,
  m2: metadata,
  multitenant: bool,
});

describe("for any old source and root", () => {
  test("generated objects with the patches say the same", { timeout: 300_000 }, () => {
    // Fifty cases share one build, so a failure is not shrunk: the assertion shows the case.
    fc.assert(
      fc.property(fc.array(cases, { minLength: 50, maxLength: 50 }), (list) => {
        const olds = list.map(({ source, root: [must, may], a, b, interval, m1, m2 }, index) => {
          const namespace = `ns-${index}`;
          const s = object(source.kind, a, namespace, { interval, ...source.spec }, m1);
          const sourceRef = { kind: source.kind, name: a };
          return [s, object("Kustomization", b, namespace, { ...must, ...may, sourceRef }, m2)] as const;
        });
        const results = olds.map(([source, root], index) =>
          carrySync({
            source,
            root,
            strategy: "adopt",
            namespace: `ns-${index}`,
            fluxVersion: { major: 2, minor: 6, patch: 4 },
            substituted: false,
            multitenant: list[index]!.multitenant,
          }),
        );
        const built = buildSyncs(
          results.map(({ sync, patches }, index) => ({
            sync: sync!,
            patches: patches.map(({ data }) => data),
            namespace: `ns-${index}`,
            multitenant: list[index]!.multitenant,
          })),
        );
        for (const old of olds.flat()) {
          const next = built.find(
            ({ kind, metadata }: Data) => kind === old.kind && metadata.namespace === old.namespace,
          );
          expect(meaning(old.kind, next.spec)).toEqual(meaning(old.kind, old.data.spec));
          expect(next.metadata.labels ?? {}).toEqual(users(old.data.metadata?.labels));
          expect(next.metadata.annotations ?? {}).toEqual(users(old.data.metadata?.annotations));
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
});
