import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/contract/objects.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { carrySync } from "../../src/instance/sync/carry.ts";
import type { CarryInput } from "../../src/instance/sync/types.ts";
import { buildSyncs } from "../flux-patches/builds.ts";

const SOURCE = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: home
  namespace: flux-system
spec:
  interval: 30m
  url: ssh://git@example.com/me/home.git
  ref:
    branch: main
  secretRef:
    name: deploy-key
  # everything that is no manifest
  ignore: |
    # exclude all
    /*
    # include the cluster
    !/kubernetes
`;
const ROOT = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: cluster
  namespace: flux-system
spec:
  interval: 30m
  path: ./kubernetes/flux
  prune: false
  wait: false
  sourceRef:
    kind: GitRepository
    name: home
  decryption:
    provider: sops
    secretRef:
      name: sops-age # made by hand
  postBuild:
    substituteFrom:
      - kind: Secret
        name: cluster-secrets
  # every child decrypts
  patches:
    - patch: |-
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: not-used
        spec:
          decryption:
            provider: sops
            secretRef:
              name: sops-age
      target:
        group: kustomize.toolkit.fluxcd.io
        kind: Kustomization
        labelSelector: substitution/disabled notin (true)
    - patch: |
        $patch: delete
        apiVersion: v1
        kind: Namespace
        metadata:
          name: x
      target:
        kind: Namespace
        name: never
`;

function object(text: string, file: string): KubeObject {
  // biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
  const data = yaml.load(text) as any;
  const { apiVersion, kind, metadata } = data;
  return { file, doc: 0, apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? "", data };
}

function carry(source = SOURCE, root = ROOT, more: Partial<CarryInput> = {}) {
  const texts: Record<string, string> = { "source.yaml": source, "root.yaml": root };
  return carrySync({
    source: object(source, "source.yaml"),
    root: object(root, "root.yaml"),
    strategy: "adopt",
    namespace: "flux-system",
    fluxVersion: { major: 2, minor: 6, patch: 4 },
    substituted: false,
    readText: (path) => texts[path],
    ...more,
  });
}

const levels = (result: ReturnType<typeof carry>) => result.findings.map(({ rule, level }) => `${level} ${rule}`);

describe("spec.sync", () => {
  test("adopt keeps the name of the root", () => {
    const { sync } = carry();
    expect(sync).toEqual({
      name: "cluster",
      kind: "GitRepository",
      url: "ssh://git@example.com/me/home.git",
      ref: "refs/heads/main",
      path: "./kubernetes/flux",
      pullSecret: "deploy-key",
      interval: "30m",
    });
  });

  test("rename takes the name of the namespace, keep makes none", () => {
    expect(carry(SOURCE, ROOT, { strategy: "rename" }).sync!.name).toBeUndefined();
    expect(carry(SOURCE, ROOT, { strategy: "keep" })).toEqual({ comments: [], patches: [], findings: [], mapping: [] });
  });

  test("a root named like the namespace needs no name", () => {
    const root = ROOT.replace("name: cluster\n  namespace", "name: flux-system\n  namespace");
    expect(carry(SOURCE, root).sync!.name).toBeUndefined();
  });

  test.each([
    ["{ branch: main }", "refs/heads/main"],
    ["{ tag: v1 }", "refs/tags/v1"],
    ["{ name: refs/pull/1/head }", "refs/pull/1/head"],
    ["{}", "refs/heads/master"],
  ])("ref %s becomes %s without a patch", (ref, expected) => {
    const result = carry(SOURCE.replace("\n    branch: main", ` ${ref}`));
    expect(result.sync!.ref).toBe(expected);
    expect(result.patches.map(({ data }) => data.patch).join()).not.toContain("/spec/ref");
  });

  test.each(["{ semver: '>=1.0.0' }", "{ branch: main, semver: '>=1.0.0' }", "{ tag: v1, semver: '*' }"])(
    "ref %s is put back by a patch",
    (ref) => {
      const result = carry(SOURCE.replace("\n    branch: main", ` ${ref}`));
      const patch = result.patches.find(({ data }) => data.patch.includes("/spec/ref"))!;
      expect(yaml.load(patch.data.patch)).toEqual([{ op: "replace", path: "/spec/ref", value: yaml.load(ref) }]);
      expect(levels(result)).toContain("caution sync-ref-patched");
    },
  );

  test.each([
    ["GitRepository", "commit", "reads commit 0a1b and no other"],
    ["OCIRepository", "digest", "reads digest 0a1b and no other"],
  ])("a %s that is pinned to a %s stops the cluster: nothing in it can name the next", (kind, pin, what) => {
    const source = SOURCE.replace("GitRepository", kind).replace("branch: main", `tag: latest\n    ${pin}: 0a1b`);
    const read = kind === "OCIRepository" ? source.replace(/url: .*/, "url: oci://registry.example/home") : source;
    const { findings } = carry(read, ROOT.replace("GitRepository", kind));
    const found = findings.filter(({ rule }) => rule === "sync-not-expressible");
    expect(found.map((finding) => sayFinding(finding).what)).toEqual([expect.stringContaining(what)]);
  });

  test.each([
    ["gcp", "blocker"],
    ["aws", "blocker"],
    ["minio", "blocker"],
    ["github", undefined],
    ["azure", undefined],
    ["generic", undefined],
  ])("provider %s on a GitRepository of Flux 2.6: %s", (provider, level) => {
    const result = carry(SOURCE.replace("interval: 30m", `interval: 30m\n  provider: ${provider}`));
    expect(result.findings.find(({ rule }) => rule === "sync-provider-refused")?.level).toBe(level);
    expect(result.sync!.provider).toBe(provider);
  });

  test("aws on a GitRepository is accepted from Flux 2.9 on", () => {
    const source = SOURCE.replace("interval: 30m", "interval: 30m\n  provider: aws");
    expect(
      carry(source, ROOT, { fluxVersion: { major: 2, minor: 9, patch: 0 } }).findings.map(({ rule }) => rule),
    ).not.toContain("sync-provider-refused");
  });

  test("an interval the FluxInstance refuses is patched instead", () => {
    const result = carry(SOURCE.replace("interval: 30m", "interval: 90000000us"));
    expect(result.sync!.interval).toBe("1m");
    expect(result.patches[0]!.data.patch).toContain("interval: 90000000us");
  });

  test.each([
    ["namespace of the root", SOURCE, ROOT.replace("namespace: flux-system", "namespace: other")],
    ["namespace of the source", SOURCE.replace("namespace: flux-system", "namespace: other"), ROOT],
    ["namespace of sourceRef", SOURCE, ROOT.replace("    name: home\n", "    name: home\n    namespace: other\n")],
    ["another source", SOURCE.replace("name: home\n", "name: elsewhere\n"), ROOT],
    ["no url", SOURCE.replace(/ {2}url:.*\n/, ""), ROOT],
  ])("%s that sync cannot say is a blocker", (_, source, root) => {
    const result = carry(source, root);
    expect(levels(result)).toContain("blocker sync-not-expressible");
    expect(result.sync).toBeUndefined();
    expect(result.patches).toEqual([]);
  });
});

describe("patches of the sync objects", () => {
  test("keep the owner's text and comments", () => {
    const { patches } = carry();
    expect(patches.map(({ data }) => data.target)).toEqual([
      { kind: "GitRepository", name: "cluster" },
      { kind: "Kustomization", name: "cluster" },
    ]);
    expect(patches[0]!.raw).toContain("# everything that is no manifest");
    expect(patches[1]!.raw).toContain("name: sops-age # made by hand");
    expect(patches[1]!.raw).toContain("# every child decrypts");
    for (const { raw, data } of patches) expect(yaml.load(raw)).toEqual(data);
  });

  test("say in the mapping where every field went", () => {
    const rows = carry().mapping.map(({ title, to }) => `${title} -> ${to}`);
    expect(rows).toEqual([
      "GitRepository home: interval, url, ref, secretRef -> spec.sync",
      "GitRepository home: spec.ignore -> spec.kustomize.patches",
      "Kustomization cluster: path -> spec.sync",
      ...["interval", "prune", "wait", "decryption", "postBuild", "patches"].map(
        (field) => `Kustomization cluster: spec.${field} -> spec.kustomize.patches`,
      ),
    ]);
  });

  test("the same interval written differently needs none", () => {
    const root = ROOT.replace("interval: 30m", "interval: 10m").replace(/ {2}(wait|prune): false\n/g, "");
    const patch = carry(SOURCE, `${root}  prune: true\n`).patches[1]!.data.patch;
    expect(patch).not.toMatch(/interval|prune|wait/);
  });

  test("metadata of the owner comes along, that of Flux and the operator does not", () => {
    const root = ROOT.replace(
      "  namespace: flux-system\n",
      `  namespace: flux-system
  finalizers: [x]
  labels: { team: infra, app.kubernetes.io/part-of: flux, kustomize.toolkit.fluxcd.io/name: cluster }
  annotations: { note: hello, kustomize.toolkit.fluxcd.io/prune: disabled }
`,
    );
    const result = carry(SOURCE, root);
    const body = yaml.load(result.patches[1]!.data.patch) as { metadata: object };
    expect(body.metadata).toEqual({ name: "cluster", labels: { team: "infra" }, annotations: { note: "hello" } });
    expect(levels(result)).toContain("caution sync-metadata-lost");
  });

  test("substitution is escaped where the new place substitutes and the old one did not", () => {
    const root = ROOT.replace("name: sops-age # made by hand", "name: sops-${CLUSTER} # made by hand");
    const escaped = carry(SOURCE, root, { substituted: true });
    expect(escaped.patches[1]!.raw).toContain("sops-$${CLUSTER}");
    expect(escaped.patches[1]!.data.patch).toContain("sops-$${CLUSTER}");
    expect(levels(escaped)).toContain("info patch-escaped");
    const same = carry(SOURCE, root, { substituted: true, oldSubstituted: true });
    expect(same.patches[1]!.raw).toContain("sops-${CLUSTER}");
    expect(same.patches[1]!.raw).not.toContain("$${");
    expect(levels(same)).not.toContain("info patch-escaped");
    const lost = carry(SOURCE, root, {
      oldSubstituted: true,
      locate: (object) => ({ file: object.file, line: 1, col: 1 }),
    });
    const line = root.split("\n").findIndex((text) => text.includes("${CLUSTER}")) + 1;
    expect(lost.findings.find(({ level }) => level === "blocker")).toMatchObject({
      rule: "patch-substitution-lost",
      at: { file: "root.yaml", line },
    });
  });

  test("a variable that only spec.sync says, and that nothing in Git fills in, is told with its line", () => {
    const locate = (item: KubeObject) => ({ file: item.file, line: 1, col: 1 });
    const source = SOURCE.replace("branch: main", "branch: ${BRANCH}");
    const lost = carry(source, ROOT, { oldSubstituted: true, locate });
    const line = source.split("\n").findIndex((text) => text.includes("${BRANCH}")) + 1;
    expect(lost.findings.find(({ level }) => level === "blocker")).toMatchObject({
      rule: "patch-substitution-lost",
      at: { file: "source.yaml", line },
      facts: { variable: "BRANCH", owner: "spec.sync for GitRepository home" },
    });
    expect(levels(carry(source, ROOT, { substituted: true }))).toContain("blocker sync-not-expressible");
    expect(levels(carry(source, ROOT, { substituted: true, oldSubstituted: true })).join()).not.toContain("patch-");
    const path = ROOT.replace("path: ./kubernetes/flux", "path: ./kubernetes/${CLUSTER}");
    const levelsOf = levels(carry(SOURCE, path, { oldSubstituted: true, locate }));
    expect(levelsOf.filter((one) => one.startsWith("blocker"))).toEqual(["blocker patch-substitution-lost"]);
  });

  test("text that substitution makes literal today stays literal where nothing is substituted", () => {
    const root = ROOT.replace("name: sops-age # made by hand", () => "name: sops-$${CLUSTER} # made by hand");
    const literal = carry(SOURCE, root, { oldSubstituted: true });
    expect(literal.patches[1]!.raw).toContain("sops-${CLUSTER} # made by hand");
    expect(levels(literal)).not.toContain("blocker patch-substitution-lost");
  });

  test("an object that opts out of substitution is literal today", () => {
    const disabled = "metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n";
    const root = ROOT.replace("name: sops-age # made by hand", "name: sops-${CLUSTER} # made by hand");
    const literal = carry(SOURCE, root.replace("metadata:\n", disabled), { oldSubstituted: true });
    expect(levels(literal)).not.toContain("blocker patch-substitution-lost");
    expect(literal.patches[1]!.raw).toContain("sops-${CLUSTER}");
    const escaped = carry(SOURCE, root.replace("metadata:\n", disabled), { oldSubstituted: true, substituted: true });
    expect(escaped.patches[1]!.raw).toContain("sops-$${CLUSTER}");
  });

  test("a suspended root and one that waits are said", () => {
    const root = ROOT.replace("wait: false", "wait: true\n  suspend: true");
    expect(levels(carry(SOURCE, root))).toEqual(
      expect.arrayContaining(["caution sync-suspended", "info sync-root-waits"]),
    );
  });

  test("legacy patch fields of the root become patches, lost fields are said", () => {
    const root = ROOT.replace("kustomize.toolkit.fluxcd.io/v1", "kustomize.toolkit.fluxcd.io/v1beta1").replace(
      "  prune: false\n",
      `  prune: false
  validation: client
  patchesStrategicMerge:
    - apiVersion: v1
      kind: Namespace
      metadata: { name: x, labels: { a: b } }
  patchesJson6902:
    - patch: [{ op: add, path: /metadata/labels/c, value: d }]
      target: { kind: Namespace, name: x }
`,
    );
    const result = carry(SOURCE.replace("  ref:", "  accessFrom: {}\n  ref:"), root);
    const body = yaml.load(result.patches[1]!.data.patch) as { spec: { patches: { patch: string }[] } };
    expect(body.spec.patches).toHaveLength(4);
    expect(yaml.load(body.spec.patches[2]!.patch)).toMatchObject({
      kind: "Namespace",
      metadata: { labels: { a: "b" } },
    });
    expect(levels(result)).toEqual(expect.arrayContaining(["info sync-field-lost", "caution sync-field-lost"]));
  });

  test("a field that no Flux has does not come along: as a patch it would stop the operator", () => {
    const odd = SOURCE.replace("  ref:", "  depth: 1\n  timeout: 2m\n  ref:");
    const result = carry(odd, ROOT.replace("  prune:", "  pruning: true\n  prune:"));
    const texts = result.patches.map(({ data }) => data.patch).join("\n");
    expect(texts).toContain("timeout: 2m");
    expect(texts).not.toMatch(/depth|pruning/);
    const lost = result.findings.filter(({ rule }) => rule === "sync-field-lost");
    expect(lost).toMatchObject([
      { level: "caution", facts: { field: "depth" } },
      { level: "caution", facts: { field: "pruning" } },
    ]);
    const later = carry(odd, ROOT, { fluxVersion: { major: 2, minor: 99, patch: 0 } });
    expect(later.patches.map(({ data }) => data.patch).join("\n")).toContain("depth: 1");
  });

  test("multitenancy: the service account the operator adds is taken off again", () => {
    const result = carry(SOURCE, ROOT, { multitenant: true });
    expect(yaml.load(result.patches.at(-1)!.data.patch)).toEqual([{ op: "remove", path: "/spec/serviceAccountName" }]);
    const same = carry(SOURCE, `${ROOT}  serviceAccountName: kustomize-controller\n`, { multitenant: true });
    expect(same.patches.map(({ data }) => data.patch).join()).not.toContain("serviceAccountName");
  });
});

describe("built with real kustomize", () => {
  test("source and root equal the old ones", () => {
    const { sync, patches } = carry();
    const list = patches.map(({ data }) => data);
    const built = buildSyncs([{ sync: sync!, patches: list, namespace: "flux-system" }]);
    const [source, root] = ["GitRepository", "Kustomization"].map((kind) =>
      built.find((object) => object.kind === kind),
    );
    const oldSource = object(SOURCE, "").data;
    const oldRoot = object(ROOT, "").data;
    expect(source.spec).toEqual({ ...oldSource.spec, ref: { name: "refs/heads/main" } });
    expect(root.spec).toEqual({ ...oldRoot.spec, sourceRef: { kind: "GitRepository", name: "cluster" } });
  });
});
