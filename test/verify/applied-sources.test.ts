import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import type { Edits } from "./judge.ts";
import { APP, cm, h, PLAYER, sayOf } from "./odd-tree.ts";

const SOURCE = "kubernetes/flux/src/source.yaml";
const LIST = "kubernetes/flux/src/kustomization.yaml";
const VARS = "kubernetes/flux/vars/cluster-settings.yaml";
const OTHER = "https://git.example.invalid/me/other.git";

const git = (ref: string, namespace = "flux-system", url = OTHER) =>
  object("GitRepository", "other", "source.toolkit.fluxcd.io/v1", [
    `  namespace: ${namespace}`,
    "spec:",
    "  interval: 1h",
    `  url: ${url}`,
    `  ref: {branch: ${ref}}`,
  ]);
const reader = (namespace = "flux-system") =>
  ks("far", "deploy", [], "other").replace("namespace: flux-system", `namespace: ${namespace}`);
const vars = (value: string) =>
  cm("cluster-settings", `{DOMAIN: example.invalid, REF: ${value}}`, ["  namespace: flux-system"]);
const patched = (path: string, value: string) => {
  const patch = JSON.stringify([{ op: "add", path, value }]);
  return kustomization(["source.yaml"], [`patches: [{target: {kind: GitRepository}, patch: '${patch}'}]`]);
};
const says = (tree: Edits, edits: Edits) => sayOf({ ...h, [LIST]: kustomization(["source.yaml"]), ...tree }, edits);

test("a variable or a patch that makes a source read another branch counts as an edit of it", () => {
  const open = { [SOURCE]: git("'${REF}'") + reader(), [VARS]: vars("main") };
  expect(says(open, { [VARS]: vars("next") })).toBe("unproven");
  expect(says({ [SOURCE]: git("main") + reader() }, { [LIST]: patched("/spec/ref/branch", "next") })).toBe("unproven");
});

test("a variable that comes into an address, or leaves it, counts by its value", () => {
  const at = (url: string, ref = "main") => git(ref, "flux-system", `https://git.example.invalid/me/${url}.git`);
  const edit = (was: string, is: string, more: Edits = {}) =>
    says({ [SOURCE]: was + reader(), [VARS]: vars("other"), ...more }, { [SOURCE]: is + reader() });
  expect(edit(at("other"), at("${REF}"))).toBe("safe");
  expect(edit(at("${REF}"), at("other"))).toBe("safe");
  expect(edit(at("other", "other"), at("other", "'${REF}'"))).toBe("safe");
  expect(edit(at("two"), at("${REF}"))).toBe("unproven");
  expect(edit(at("${REF}"), at("two"))).toBe("unproven");
  // Of a Secret nobody sees it.
  const CLUSTER = "kubernetes/flux/config/cluster.yaml";
  const unseen = { [CLUSTER]: h[CLUSTER]!.replace("kind: ConfigMap", "kind: Secret") };
  expect(edit(at("other"), at("${REF}"), unseen)).toBe("unproven");
  expect(edit(at("${REF}"), at("${REF}", "next"), unseen)).toBe("unproven");
  expect(edit(at("${REF}"), at("${REF}").replace("1h", "2h"), unseen)).toBe("safe");
});

test("an edit that a patch covers is none", () => {
  const tree = { [SOURCE]: git("main") + reader(), [LIST]: patched("/spec/ref/branch", "fixed") };
  expect(says(tree, { [SOURCE]: git("next") + reader() })).toBe("safe");
});

test("a source that is read by way of an artifact, or of an artifact of that", () => {
  // The folder is applied to the namespace of its app.
  const generator = (name: string, kind: string, from: string) =>
    object("ArtifactGenerator", name, "source.extensions.fluxcd.io/v1beta1", [
      "spec:",
      `  sources: [{alias: a, kind: ${kind}, name: ${from}}, {alias: b, kind: GitRepository, name: home}]`,
      `  artifacts: [{name: ${name}, copy: [{from: '@a/deploy/**', to: '@artifact/'}]}]`,
    ]);
  const OUTSIDE = "other, namespace: flux-system";
  const made = ks("far", "", [], "made").replace("GitRepository", "ExternalArtifact");
  const tree = (middle: string) => ({ [SOURCE]: git("main"), [`${APP}/parts.yaml`]: middle, ...lists });
  const lists = { [`${APP}/kustomization.yaml`]: kustomization(["parts.yaml"]) };
  const next = { [SOURCE]: git("next") };
  expect(says(tree(generator("made", "GitRepository", OUTSIDE) + made), next)).toBe("unproven");
  const chain = generator("made", "ExternalArtifact", "parts") + generator("parts", "GitRepository", OUTSIDE) + made;
  expect(says(tree(chain), next)).toBe("unproven");
  // Nothing reads what is made of it.
  expect(says(tree(generator("made", "GitRepository", OUTSIDE)), next)).toBe("safe");
  expect(says(tree(generator("made", "GitRepository", "home") + made), next)).toBe("safe");
});

test("two sources of one name in two namespaces are two", () => {
  const both = (second: string) => git("main", "media") + reader("media") + git(second, "games") + reader("games");
  expect(says({ [SOURCE]: both("main") }, { [SOURCE]: both("next") })).toBe("unproven");
  const list = { [LIST]: kustomization(["source.yaml"]) };
  const { findings } = verifyEdits({ [SOURCE]: both("next") }, { ...h, ...list, [SOURCE]: both("main") });
  const [told] = findings.filter(({ rule }) => rule === "source-switches");
  expect(told).toMatchObject({
    resource: "GitRepository games/other",
    what: expect.stringMatching(/^GitRepository games\/other reads branch next/),
  });
});

test("a source that only moves to another namespace, or gets another name, holds what it held", () => {
  const far = (namespace: string, name = "other") =>
    reader().replace("    name: other\n", `    name: ${name}\n    namespace: ${namespace}\n`);
  const tree = { [SOURCE]: git("main", "media") + far("media") };
  const moved = git("main") + far("flux-system");
  expect(says(tree, { [SOURCE]: moved })).toMatch(/^deletes \| deleted GitRepository media\/other$/);
  expect(says(tree, { [SOURCE]: git("next") + far("flux-system") })).toMatch(/^unproven\b/);
  expect(says(tree, { [SOURCE]: moved.replace("deploy", "other") })).toMatch(/^unproven\b/);
  const renamed = git("main", "media").replace("name: other", "name: theirs") + far("media", "theirs");
  expect(says(tree, { [SOURCE]: renamed })).toMatch(/^deletes \| deleted GitRepository media\/other$/);
  // Of two that have one name nobody knows which is meant.
  const both = git("main", "media") + git("next", "games");
  expect(says({ [SOURCE]: both + far("media") }, { [SOURCE]: both + far("games") })).toMatch(/^unproven\b/);
});

test("a source of another name is known by what is applied, not by what is written", () => {
  const named = (name: string, text: string) => text.replaceAll("name: other\n", `name: ${name}\n`);
  const both = (name: string, ref = "main", more = "") => named(name, git(ref) + more + reader());
  const becomes = (tree: Edits, edits: Edits) =>
    says({ [SOURCE]: both("other"), ...tree }, { [SOURCE]: both("theirs"), ...edits });
  expect(becomes({}, {})).toMatch(/^deletes \|/);
  const patch = { [LIST]: patched("/spec/ref/branch", "next") };
  expect(becomes({}, patch)).toMatch(/^unproven\b/);
  expect(becomes(patch, {})).toMatch(/^unproven\b/);
  const other = { [LIST]: patched("/spec/timeout", "2m").replace("kind: GitRepository", "kind: Kustomization") };
  expect(becomes(other, {})).toMatch(/^deletes \|/);
  const open = (name: string) => ({ [SOURCE]: both(name, "'${REF}'") });
  expect(becomes({ ...open("other"), [VARS]: vars("main") }, { ...open("theirs"), [VARS]: vars("next") })).toMatch(
    /^unproven\b/,
  );
  const base = (ref: string) => git(ref).replace("name: other\n", "name: base\n");
  const including = (name: string, ref: string) => ({
    [SOURCE]: both(name, "main", "  include: [{repository: {name: base}}]\n") + base(ref),
  });
  expect(becomes(including("other", "main"), including("theirs", "next"))).toMatch(/^unproven\b/);
});

test("a source that a reader may name by a variable nobody can read", () => {
  const secret = (namespace: string, from: string) => {
    const flux = ks("vars", "deploy/vars", ["postBuild: {substituteFrom: [{kind: Secret, name: vars}]}"]);
    const far = reader().replace("    name: other\n", `    name: other\n    namespace: '${from}'\n`);
    const tree = (ref: string) => ({
      [SOURCE]: flux + (isOpen(namespace) ? "" : git(ref, namespace)),
      "deploy/vars/all.yaml": far + (isOpen(namespace) ? git(ref, `'${namespace}'`) : ""),
    });
    return says(tree("main"), tree("next"));
  };
  const isOpen = (text: string) => text.includes("${");
  expect(secret("${NS}", "flux-system")).toBe("unproven");
  expect(secret("${NS:-flux-system}", "${NS:-flux-system}")).toBe("unproven");
  expect(secret("flux-system", "${NS}")).toBe("unproven");
  expect(secret("games", "team-${NS}")).toBe("safe");
});

test("a patch by which a source of this repository leaves out files", () => {
  const own = git("main", "flux-system", "https://git.example.invalid/me/home.git");
  const tree = { [SOURCE]: own, [PLAYER]: ks("player", APP, ["targetNamespace: media"], "other") };
  expect(says(tree, { [LIST]: patched("/spec/ignore", `/${APP}/pvc.yaml`) })).toBe(
    "unproven | source-switches GitRepository other",
  );
  expect(says(tree, { [LIST]: patched("/spec/timeout", "2m") })).toBe("safe");
});

test("a bucket that is read below another prefix", () => {
  const bucket = (more: string) =>
    object("Bucket", "other", "source.toolkit.fluxcd.io/v1", [
      "  namespace: flux-system",
      `spec: {interval: 1h, endpoint: s3.example.invalid, bucketName: b${more}}`,
    ]) + reader().replace("GitRepository", "Bucket");
  expect(says({ [SOURCE]: bucket("") }, { [SOURCE]: bucket(", prefix: prod/") })).toBe("unproven");
  const { findings } = verifyEdits(
    { [SOURCE]: bucket(", prefix: prod/") },
    { ...homeTree(), [LIST]: kustomization(["source.yaml"]), [SOURCE]: bucket("") },
  );
  expect(findings.map(({ what }) => what).join()).toContain("passes on other parts of s3.example.invalid/b from");
  expect(says({ [SOURCE]: bucket("") }, { [SOURCE]: bucket(", timeout: 2m") })).toBe("safe");
});

test("sources that are called by one variable are compared file by file", () => {
  const team = (url: string, interval = "1h") =>
    git("main", "flux-system", `https://git.example.invalid/me/${url}.git`)
      .replace("name: other", "name: ${team}")
      .replace("interval: 1h", `interval: ${interval}`) +
    reader().replaceAll("name: far", "name: ${team}").replaceAll("name: other", "name: ${team}");
  const bases = { one: team("home"), two: team("two") };
  const tree: Edits = {
    ...h,
    ...Object.fromEntries(
      Object.entries(bases).flatMap(([name, text]) => [
        [`teams/base/${name}/sync.yaml`, text],
        [
          `kubernetes/flux/${name}.yaml`,
          ks(`team-${name}`, `teams/base/${name}`, [`postBuild: {substitute: {team: ${name}}}`]),
        ],
      ]),
    ),
  };
  const edit = (one: string, two: string) =>
    sayOf(tree, { "teams/base/one/sync.yaml": one, "teams/base/two/sync.yaml": two });
  expect(edit(team("home", "2h"), team("two"))).toBe("safe");
  expect(edit(team("home", "2h"), team("two", "2h"))).toBe("safe");
  expect(edit(team("home"), team("three", "2h"))).toMatch(/^unproven/);
  expect(edit(team("two"), team("two", "2h"))).toMatch(/^unproven/);
});
