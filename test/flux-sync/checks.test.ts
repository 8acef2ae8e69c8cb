import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { KubeObject } from "../../src/contract/objects.ts";
import { checkMetadata, checkObjects, checkProvider, checkRoot } from "../../src/instance/sync/checks.ts";
import type { At, CarryInput } from "../../src/instance/sync/types.ts";

const at: At = (object, path = []) => ({ file: `${object.kind} ${path.join(".")}`.trim(), line: 1, col: 1 });

function object(kind: string, name: string, spec: string, namespace = "flux-system", metadata = "{}"): KubeObject {
  const data = { metadata: { name, namespace, ...parse(metadata) }, spec: parse(spec) };
  return { file: `${kind}.yaml`, doc: 0, apiVersion: "x/v1", kind, name, namespace, data };
}

const GIT = object("GitRepository", "home", "{url: https://git.example.invalid/me/home}");
const root = (ref = "kind: GitRepository, name: home", more = "", namespace = "flux-system") =>
  object("Kustomization", "cluster", `{sourceRef: {${ref}}${more}}`, namespace);
const input = (source: KubeObject, start = root(), more: Partial<CarryInput> = {}): CarryInput =>
  ({
    source,
    root: start,
    namespace: "flux-system",
    fluxVersion: { major: 2, minor: 6, patch: 4 },
    ...more,
  }) as CarryInput;

describe("a pair that spec.sync cannot say", () => {
  const found = (source: KubeObject, start?: KubeObject) =>
    checkObjects(input(source, start), at).map((one) => [
      one.rule,
      one.at?.file,
      "facts" in one ? one.facts : undefined,
    ]);
  const CANNOT = "sync-not-expressible";

  test.each<[what: string, source: KubeObject, start: KubeObject | undefined]>([
    ["a plain one", GIT, undefined],
    ["no namespaces", object("GitRepository", "home", "{url: x}", ""), root(undefined, "", "")],
    ["a namespace that is the same", GIT, root("kind: GitRepository, name: home, namespace: flux-system")],
    ["a bucket", object("Bucket", "home", "{bucketName: b, endpoint: e}"), root("kind: Bucket, name: home")],
    ["an address with a user", object("GitRepository", "home", "{url: ssh://git@x/y}"), undefined],
  ])("is not %s", (_, source, start) => {
    expect(found(source, start)).toEqual([]);
  });

  test.each<[source: KubeObject, start: KubeObject, field: string, open: string]>([
    [object("GitRepository", "home", "{url: 'https://x/${REPO}'}"), root(), "url", "${REPO}"],
    [
      object("GitRepository", "home", "{url: x, ref: {branch: '${BRANCH:=main}'}}"),
      root(),
      "ref.branch",
      "${BRANCH:=main}",
    ],
    [object("GitRepository", "home", "{url: x, secretRef: {name: '${KEY}'}}"), root(), "secretRef.name", "${KEY}"],
    [GIT, root(undefined, ", path: './clusters/${NAME}'"), "path", "${NAME}"],
  ])("is one with a variable that Flux does not fill in", (source, start, field, open) => {
    const owner = field === "path" ? start : source;
    const place = `${owner.kind} spec.${field}`;
    expect(found(source, start)).toEqual([[CANNOT, place, { resource: `${owner.kind} ${owner.name}`, field, open }]]);
    expect(checkObjects(input(source, start, { oldSubstituted: true }), at)).toEqual([]);
  });

  test.each([
    ["url", "ssh://git@git.example.invalid/<your-org>/fleet", "<your-org>"],
    ["url", "https://git.example.invalid/YOUR_ORG/fleet", "YOUR_ORG"],
    ["url", "https://git.example.invalid/yourusername/fleet", "yourusername"],
    ["ref.branch", "REPLACE_ME_GIT_BRANCH", "REPLACE_ME_GIT_BRANCH"],
  ])("is one whose template leaves the %s open (%s), which Flux never fills in", (field, value, open) => {
    const spec = field === "url" ? `{url: '${value}'}` : `{url: x, ref: {branch: ${value}}}`;
    for (const oldSubstituted of [true, false])
      expect(checkObjects(input(object("GitRepository", "home", spec), root(), { oldSubstituted }), at)).toMatchObject([
        { rule: CANNOT, facts: { field, open } },
      ]);
  });

  test.each(["https://git.example.invalid/my-org/your-app", "https://git.example.invalid/exchange-me/yourself"])(
    "is not %s, which may be a name",
    (url) => {
      expect(found(object("GitRepository", "home", `{url: '${url}'}`))).toEqual([]);
    },
  );

  test("is one with a variable without braces, which Flux never fills in", () => {
    const source = object("GitRepository", "home", "{url: x, ref: {branch: $BRANCH}}");
    for (const oldSubstituted of [true, false])
      expect(checkObjects(input(source, root(), { oldSubstituted }), at)).toMatchObject([
        { facts: { open: "$BRANCH" } },
      ]);
  });

  test("is one whose reference is filled in together with the name of its field, also by Flux", () => {
    const source = object(
      "GitRepository",
      "home",
      "url: https://git.example.invalid/me/home\nref:\n  ${REF:=branch: main}\n",
    );
    const facts = { resource: "GitRepository home", field: "ref", open: "${REF:=branch", isName: true };
    for (const oldSubstituted of [false, true])
      expect(checkObjects(input(source, root(), { oldSubstituted }), at)).toMatchObject([{ rule: CANNOT, facts }]);
  });

  test("is looked for in one pass over a value, however many braces it opens", () => {
    const source = object("GitRepository", "home", `{url: '${"${1".repeat(300_000)}'}`);
    expect(checkObjects(input(source, root()), at)).toEqual([]);
  });

  test.each<[what: string, source: KubeObject, start: KubeObject | undefined, found: unknown[][]]>([
    [
      "another kind",
      object("HelmRepository", "home", "{url: x}"),
      root("kind: HelmRepository, name: home"),
      [[CANNOT, "HelmRepository", { kind: "HelmRepository" }]],
    ],
    [
      "a source elsewhere",
      object("GitRepository", "home", "{url: x}", "other"),
      undefined,
      [
        [
          CANNOT,
          "GitRepository metadata.namespace",
          { resource: "GitRepository home", namespace: "flux-system", instead: "other" },
        ],
      ],
    ],
    [
      "a root elsewhere",
      GIT,
      root(undefined, "", "other"),
      [
        [
          CANNOT,
          "Kustomization metadata.namespace",
          { resource: "Kustomization cluster", namespace: "flux-system", instead: "other" },
        ],
      ],
    ],
    [
      "another name",
      GIT,
      root("kind: GitRepository, name: other"),
      [[CANNOT, "Kustomization spec.sourceRef", { reads: "GitRepository other", source: "GitRepository home" }]],
    ],
    [
      "another kind of the same name",
      GIT,
      root("kind: OCIRepository, name: home"),
      [[CANNOT, "Kustomization spec.sourceRef", { reads: "OCIRepository home", source: "GitRepository home" }]],
    ],
    [
      "a reference to another namespace",
      GIT,
      root("kind: GitRepository, name: home, namespace: other"),
      [[CANNOT, "Kustomization spec.sourceRef.namespace", { from: "other", namespace: "flux-system" }]],
    ],
    [
      "no URL",
      object("GitRepository", "home", "{}"),
      undefined,
      [[CANNOT, "GitRepository spec", { resource: "GitRepository home", field: "url" }]],
    ],
    [
      "an empty URL",
      object("GitRepository", "home", "{url: ''}"),
      undefined,
      [[CANNOT, "GitRepository spec", { resource: "GitRepository home", field: "url" }]],
    ],
    [
      "a bucket without a name",
      object("Bucket", "home", "{endpoint: e, url: x}"),
      root("kind: Bucket, name: home"),
      [[CANNOT, "Bucket spec", { resource: "Bucket home", field: "bucketName" }]],
    ],
    [
      "a bucket without a place",
      object("Bucket", "home", "{bucketName: b}"),
      root("kind: Bucket, name: home"),
      [[CANNOT, "Bucket spec", { resource: "Bucket home", field: "endpoint" }]],
    ],
    ...(
      [
        ["GitRepository", "git@github.com:acme/fleet.git", "https://, http:// or ssh://"],
        ["OCIRepository", "image://ghcr.io/acme/fleet", "oci://"],
      ] as const
    ).map(([kind, url, begins]): [string, KubeObject, KubeObject, unknown[][]] => [
      `a URL that the API server refuses to a ${kind}`,
      object(kind, "home", `{url: '${url}'}`),
      root(`kind: ${kind}, name: home`),
      [[CANNOT, `${kind} spec.url`, { resource: `${kind} home`, url, begins }]],
    ]),
    [
      "a URL with a password",
      object("GitRepository", "home", "{url: 'https://me:secret@x/y'}"),
      undefined,
      [["sync-url-secret", "GitRepository spec", { resource: "GitRepository home" }]],
    ],
  ])("is %s", (_, source, start, said) => {
    expect(found(source, start)).toEqual(said);
  });

  test("stops, and names what is stopped", () => {
    const [first] = checkObjects(input(object("GitRepository", "home", "{url: 'https://me:secret@x/y'}", "other")), at);
    expect(first).toMatchObject({ level: "blocker", resource: "GitRepository home" });
  });
});

test("metadata that cannot travel is named", () => {
  const said = (metadata: string) =>
    checkMetadata(object("GitRepository", "home", "{}", "flux-system", metadata), at).map((one) => [
      one.level,
      one.at?.file,
      "facts" in one && one.facts,
    ]);
  expect(said("{labels: {a: b}, annotations: {c: d}}")).toEqual([]);
  expect(said("{finalizers: [x], ownerReferences: []}")).toEqual(
    ["finalizers", "ownerReferences"].map((field) => [
      "caution",
      `GitRepository metadata.${field}`,
      { resource: "GitRepository home", field },
    ]),
  );
});

// trap 28.
test.each<[kind: string, provider: string | undefined, minor: number, why: string | undefined]>([
  ["GitRepository", undefined, 6, undefined],
  ["GitRepository", "generic", 6, undefined],
  ["GitRepository", "azure", 6, undefined],
  ["GitRepository", "github", 6, undefined],
  ["GitRepository", "gcp", 6, "gcp is for OCIRepository and Bucket"],
  ["GitRepository", "aws", 8, "aws on a GitRepository needs Flux 2.9"],
  ["GitRepository", "aws", 9, undefined],
  ["OCIRepository", "aws", 6, undefined],
  ["OCIRepository", "gcp", 6, undefined],
  ["Bucket", "gcp", 6, undefined],
  ["OCIRepository", "github", 6, "github is for GitRepository"],
  ["Bucket", "other", 6, "it is none of generic, aws, azure, gcp, github"],
])("a %s with the provider %s in Flux 2.%i", (kind, provider, minor, why) => {
  const of = input(object(kind, "home", "{}"), root(), { fluxVersion: { major: 2, minor, patch: 0 } });
  const found = checkProvider(
    of,
    { kind, url: "x", path: "", ref: "", ...(provider ? { provider } : {}) } as never,
    at,
  );
  expect(found).toEqual(
    why === undefined
      ? []
      : [
          {
            ...{ rule: "sync-provider-refused", level: "blocker", resource: `${kind} home` },
            at: { file: `${kind} spec.provider`, line: 1, col: 1 },
            facts: { provider, why },
          },
        ],
  );
});

test.each<[source: string, spec: string, found: string[]]>([
  ["{}", "{}", []],
  ["{suspend: true}", "{}", ["sync-suspended GitRepository spec.suspend"]],
  [
    "{suspend: true}",
    "{suspend: true}",
    ["sync-suspended GitRepository spec.suspend", "sync-suspended Kustomization spec.suspend"],
  ],
  ["{suspend: false}", "{suspend: 'true'}", []],
  ["{}", "{wait: true}", ["sync-root-waits Kustomization spec.wait"]],
  ["{}", "{wait: false}", []],
  ["{}", "{healthChecks: [{name: a}]}", ["sync-root-waits Kustomization spec.healthChecks"]],
  ["{}", "{healthChecks: []}", []],
  ["{}", "{healthChecks: a}", []],
  ["{}", "{wait: true, healthChecks: [{name: a}]}", ["sync-root-waits Kustomization spec.wait"]],
])("a source with %s and a root with %s", (source, spec, found) => {
  const of = input(object("GitRepository", "home", source), object("Kustomization", "cluster", spec));
  expect(checkRoot(of, parse(spec), at).map((one) => `${one.rule} ${one.at?.file}`)).toEqual(found);
});
