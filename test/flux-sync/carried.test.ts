// What comes of an old source and root, in full: `spec.sync`, the patches, what is told and where each field went.
import { join } from "node:path";
import type { KubeObject } from "../../src/contract/objects.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { carrySync } from "../../src/instance/sync/carry.ts";
import type { CarryInput } from "../../src/instance/sync/types.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { compareRecord } from "../support/record.ts";

interface Written {
  kind?: string;
  metadata?: string[];
  spec?: string[];
}

const GIT = ["interval: 1m", "url: https://git.example.invalid/home.git", "ref: {branch: main}"];
const OCI = ["interval: 5m", "url: oci://example.invalid/home", "ref: {tag: latest}"];
const BUCKET = ["interval: 5m", "endpoint: s3.example.invalid", "bucketName: home", "provider: aws"];
const PATH = ["interval: 10m", "path: ./clusters/home", "prune: true"];

const document = (apiVersion: string, { kind, metadata = [], spec = [] }: Written, name: string) =>
  [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind}`,
    "metadata:",
    ...[`name: ${name}`, "namespace: flux-system", ...metadata].map((line) => `  ${line}`),
    "spec:",
    ...spec.map((line) => `  ${line}`),
    "",
  ].join("\n");

function objectOf(text: string, file: string): KubeObject {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new Error(text);
  // biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
  const data = parsed.docs[0]!.data as any;
  const { apiVersion, kind, metadata } = data;
  return { file, doc: 0, apiVersion, kind, name: metadata.name, namespace: metadata.namespace, data };
}

/** @param own lines of the source and of the root, beside what makes them these */
function carry(
  own: { source?: Written; root?: Written } = {},
  more: (input: CarryInput) => CarryInput = (input) => input,
) {
  const { source = {}, root = {} } = own;
  const kind = source.kind ?? "GitRepository";
  const texts: Record<string, string> = {
    "source.yaml": document("source.toolkit.fluxcd.io/v1", { spec: GIT, ...source, kind }, "home"),
    "root.yaml": document(
      "kustomize.toolkit.fluxcd.io/v1",
      { ...root, kind: "Kustomization", spec: [...(root.spec ?? PATH), `sourceRef: {kind: ${kind}, name: home}`] },
      "cluster",
    ),
  };
  const input: CarryInput = {
    source: objectOf(texts["source.yaml"]!, "source.yaml"),
    root: objectOf(texts["root.yaml"]!, "root.yaml"),
    strategy: "adopt",
    namespace: "flux-system",
    fluxVersion: { major: 2, minor: 6, patch: 4 },
    substituted: false,
    readText: (path) => texts[path],
    locate: ({ file }, path) => ({ file: `${file}#${path.join(".")}`, line: 1, col: 1 }),
  };
  return () => say(carrySync(more(input)));
}

function say({ sync, patches, comments, findings, mapping }: ReturnType<typeof carrySync>): string {
  const lines = [
    `sync: ${JSON.stringify(sync)}`,
    ...comments.map((one) => `comment: ${one}`),
    ...patches.map(({ raw, from }) => `patch from ${from?.file}\n${raw.replace(/^/gm, "  ")}`),
    ...findings.map(sayFinding).map(({ level, rule, resource, at, what, why, next }) => {
      return [`${level} ${rule} ${resource} ${at?.file}:${at?.line}`, what, why, next].join("\n  ");
    }),
    ...mapping.map(({ from, title, to, note }) => `${from.file}: ${title} -> ${to} (${note})`),
  ];
  return `${lines.join("\n")}\n`;
}

const labels = ["labels: {team: a, env: b}", "annotations: {note: c}"];
const OPEN = { path: ["spec", "url"], written: "https://${HOST}/home", variable: "HOST", isKnown: false } as const;

compareRecord("what is carried", join(PROJECT_ROOT, "test/flux-sync/carried.txt"), {
  "a plain pair": carry(),
  "a plain pair, under the name of the namespace": carry({}, (input) => ({ ...input, strategy: "rename" })),
  "a plain pair whose places are not known": carry({}, ({ locate: _, ...input }) => input),
  "a pair whose texts are not known": carry(
    { source: { spec: [...GIT, "timeout: 5m # slow"] } },
    ({ readText: _, ...input }) => input,
  ),
  "a registry": carry({ source: { kind: "OCIRepository", spec: OCI } }),
  "a bucket with a login": carry({
    source: { kind: "Bucket", spec: [...BUCKET, "secretRef: {name: login}", "region: eu"] },
  }),
  "a root without a path": carry({ root: { spec: ["interval: 10m", "prune: true"] } }),
  "a root with an empty path": carry({ root: { spec: ["interval: 10m", "prune: true", 'path: ""'] } }),
  "an interval that an instance does not take": carry({ source: { spec: ["interval: 1000000us", ...GIT.slice(1)] } }),
  "fields of its own, with comments": carry({
    source: { spec: [...GIT, "timeout: 5m # slow", "# not these", "ignore: |", "  *.md"] },
    root: { spec: ["interval: 1h # seldom", "path: ./clusters/home", "prune: false", "force: true"] },
  }),
  "a root that does not prune": carry({ root: { spec: ["interval: 10m", "path: ./clusters/home"] } }),
  "labels and annotations": carry({ source: { metadata: labels }, root: { metadata: labels } }),
  "a tag, and no branch": carry({ source: { spec: [...GIT.slice(0, 2), "ref: {tag: v1}"] } }),
  "a range of tags": carry({ source: { spec: [...GIT.slice(0, 2), "ref: {semver: 1.x}"] } }),
  "a branch that image automation of others reads": carry({}, (input) => ({
    ...input,
    branchReader: { file: "auto.yaml", other: "Kustomization apps" } as NonNullable<CarryInput["branchReader"]>,
  })),
  "fields that are gone": carry({
    source: { spec: [...GIT, "gitImplementation: libgit2", "accessFrom: {}"] },
    root: { spec: [...PATH, "validation: client"] },
  }),
  "fields that nothing knows": carry({
    source: { spec: [...GIT, "depth: 1"] },
    root: { spec: [...PATH, "pruning: true"] },
  }),
  "suspended, and waiting": carry({
    source: { spec: [...GIT, "suspend: true"] },
    root: { spec: [...PATH, "wait: true", "suspend: true"] },
  }),
  "variables of the source that are filled in today alone": carry(
    { source: { spec: ["interval: 1m", "url: https://${HOST}/home", "timeout: ${TIME}"] } },
    (input) => ({ ...input, oldSubstituted: true }),
  ),
  "variables of the source that stop filling in": carry(
    { source: { spec: ["interval: 1m", "url: https://${HOST}/home", "ref: {branch: main}"] } },
    (input) => ({ ...input, oldSubstituted: true, unfilled: { ...OPEN, object: input.source } }),
  ),
  "variables of the root, and the source stops filling in": carry(
    { root: { spec: ["interval: 10m", "prune: true", "path: ./${CLUSTER}"] } },
    (input) => ({ ...input, oldSubstituted: true, unfilled: { ...OPEN, object: input.source } }),
  ),
  "text like variables that comes to be filled in": carry(
    { source: { spec: [...GIT, "ignore: '${KEEP}'"] }, root: { metadata: ["annotations: {note: '${NOTE}'}"] } },
    (input) => ({ ...input, substituted: true }),
  ),
  "a source that opts out of variables": carry(
    {
      source: {
        metadata: ["annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}"],
        spec: [...GIT, "ignore: '${KEEP}'"],
      },
    },
    (input) => ({ ...input, oldSubstituted: true }),
  ),
  "several tenants": carry({}, (input) => ({ ...input, multitenant: true })),
  "a strategy that keeps them": carry({}, (input) => ({ ...input, strategy: "keep" })),
});
