import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const h = homeTree();
const APPS = "kubernetes/flux/apps.yaml";
const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const PLAYER_APP = "kubernetes/apps/media/player/app";
const CHESS = "kubernetes/apps/games/chess/ks.yaml";
const CHESS_APP = "kubernetes/apps/games/chess/app";
const GAMES = "kubernetes/apps/games/kustomization.yaml";
const GO = "kubernetes/apps/games/go/ks.yaml";

const paused = (file: string, tree: Files = h) => ({
  [file]: tree[file]!.replace("  prune: true", "  suspend: true\n  prune: true"),
});
const chess = (...more: string[]) => ks("chess", CHESS_APP, ["targetNamespace: games", ...more]);
const player = (...more: string[]) => ks("player", PLAYER_APP, ["targetNamespace: media", ...more]);
/** A second Kustomization of its own in the namespace of games, with these lines. */
const withGo = (...more: string[]): Files => ({
  ...h,
  [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml"]),
  [GO]: ks("go", "kubernetes/apps/games/go/app", ["targetNamespace: games", ...more]),
  "kubernetes/apps/games/go/app/kustomization.yaml": kustomization(["helmrelease.yaml"]),
  "kubernetes/apps/games/go/app/helmrelease.yaml": release("go"),
});
/** A root without a manifest in what it applies. */
const listed: Files = {
  ...h,
  "kubernetes/flux/kustomization.yaml": kustomization(["apps.yaml", "vars/cluster-settings.yaml"]),
  [APPS]: h[APPS]!,
};

const spec = (lines: readonly string[]) => ["spec:", ...lines.map((line) => `  ${line}`)];
const chart = (name: string, was: string[] | undefined, is: string[] | undefined): Row => {
  const all = (more: string[]) => spec(["interval: 1h", "chartRef: {kind: OCIRepository, name: charts}", ...more]);
  return [name, "HelmRelease", was && all(was), is && all(is)];
};
const on = (...names: string[]) => `dependsOn: [${names.map((name) => `{name: ${name}}`).join(", ")}]`;

/** A source that one or more Kustomizations read. */
const SECOND = "kubernetes/flux/second.yaml";
const second = (...more: string[]) => ({
  [SECOND]: object("GitRepository", "second", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    ...spec(["interval: 1h", "url: https://git.example.invalid/me/home.git", "ref: {branch: main}", ...more]),
  ]),
});
const readsSecond: Files = { ...h, [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games"], "second") };

const generator = (annotations: string, names: string[]) => ({
  "kubernetes/flux/parts.yaml": object("ArtifactGenerator", "parts", "source.extensions.fluxcd.io/v1beta1", [
    `  namespace: flux-system\n  annotations: {${annotations}}`,
    "spec:",
    "  sources: [{alias: repo, kind: GitRepository, name: home}]",
    `  artifacts: [${names.map((name) => `{name: ${name}, copy: [{from: '@repo/kubernetes/**', to: '@artifact/'}]}`).join(", ")}]`,
  ]),
});
const MARK = "source.extensions.fluxcd.io/reconcile";
const ofArtifact = (file: string, name: string) => ({
  [file]: h[file]!.replace("GitRepository\n    name: home", `ExternalArtifact\n    name: ${name}`),
});
const parts: Files = {
  ...h,
  ...generator("a: b", ["one", "two"]),
  ...ofArtifact(CHESS, "one"),
  ...ofArtifact(PLAYER, "two"),
};

/** Kustomizations and releases that a patch of `cluster-apps` reaches. */
const SUSPEND = (kind: string, name = "") =>
  `patches: [{target: {kind: ${kind}${name && `, name: ${name}`}}, patch: '[{"op": "add", "path": "/spec/suspend", "value": true}]'}]`;
const apps = (...more: string[]) => ({ [APPS]: ks("cluster-apps", "kubernetes/apps", more) });
const PART = "kubernetes/parts/pause/kustomization.yaml";
const part = (suspends: boolean) => ({
  [PART]: `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{target: {kind: HelmRelease}, patch: '[{"op": "add", "path": "/spec/${suspends ? 'suspend", "value": true' : 'timeout", "value": "5m"'}}]'}]\n`,
});
const shared: Files = {
  ...withGo("components: [../../../../parts/pause]"),
  ...part(false),
  [PLAYER]: player("components: [../../../../parts/pause]"),
  [CHESS]: chess("components: [../../../../parts/pause]"),
};
const inOneApp: Files = {
  ...h,
  ...part(false),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(
    ["helmrelease.yaml", "more.yaml"],
    ["components: [../../../../parts/pause]"],
  ),
  [`${PLAYER_APP}/more.yaml`]: release("more"),
};

/** What comes to a halt as something is suspended, and its neighbours that go on. */
export const SUSPENDED: Cases = {
  "a root that applies itself": [h, paused(CLUSTER)],
  "a root that nothing applies": [listed, paused(CLUSTER)],
  "a parent of two": [withGo(), paused(APPS)],
  "a parent of one": [{ ...listed, [GAMES]: kustomization(["namespace.yaml"]) }, paused(CLUSTER)],
  "one that is suspended, and builds no more": [
    { ...h, ...paused(PLAYER) },
    { [`${PLAYER_APP}/helmrelease.yaml`]: "a: [b\n" },
  ],
  "one that comes suspended, and does not build": [
    h,
    {
      ...withGo("suspend: true"),
      "kubernetes/apps/games/go/app/kustomization.yaml": kustomization(["gone.yaml"]),
    },
  ],
  "a parent that is suspended today": [{ ...h, ...paused(APPS) }, { [APPS]: `${paused(APPS)[APPS]}  timeout: 5m\n` }],
  "an app, on which one depends": [{ ...h, [CHESS]: chess(on("player")) }, paused(PLAYER)],
  "an app, on which two depend": [{ ...withGo(on("player")), [CHESS]: chess(on("player")) }, paused(PLAYER)],
  "an app that comes to depend on two, of which one is suspended": [
    { ...withGo("suspend: true"), [CHESS]: chess() },
    { [CHESS]: chess(on("player", "go")) },
  ],
  "an app that comes to depend on one that says itself when it is ready": [
    { ...withGo("suspend: true"), [CHESS]: chess() },
    { [CHESS]: chess("dependsOn: [{name: player}, {name: go, readyExpr: 'true'}]") },
  ],
  "releases that depend on what comes suspended": rows([
    chart("base", undefined, ["suspend: true"]),
    chart("old", ["suspend: true"], ["suspend: true", "timeout: 5m"]),
    chart("ready", [], ["timeout: 5m"]),
    chart("waits", undefined, [on("ready", "base")]),
    chart("comes-to-wait", [on("ready")], [on("ready", "base")]),
    chart("waits-for-old", undefined, [on("old")]),
    chart("waits-for-ready", undefined, [on("ready")]),
    chart("suspended", undefined, [on("base"), "suspend: true"]),
    chart("says-itself", undefined, ["dependsOn: [{name: base, readyExpr: 'true'}]"]),
    chart("waited-before", [on("base")], [on("base"), "timeout: 5m"]),
  ]),
  "a source that one reads": [{ ...readsSecond, ...second() }, second("suspend: true")],
  "a source that four read": [
    h,
    { [CLUSTER]: h[CLUSTER]!.replace("  ref: {branch: main}", "  ref: {branch: main}\n  suspend: true") },
  ],
  "a source that only one reads which is suspended": [
    { ...readsSecond, ...paused(CHESS, readsSecond), ...second() },
    second("suspend: true"),
  ],
  "a source that comes suspended, for one": [h, { [CHESS]: readsSecond[CHESS], ...second("suspend: true") }],
  "a source that comes suspended, for two": [
    h,
    {
      [CHESS]: readsSecond[CHESS],
      [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media"], "second"),
      ...second("suspend: true"),
    },
  ],
  "a source that is suspended and read today, and only comes to Git": [readsSecond, second("suspend: true")],
  "a source that is suspended today": [
    { ...readsSecond, ...second("suspend: true") },
    second("suspend: true", "timeout: 1m"),
  ],
  "what makes two artifacts": [parts, generator(`${MARK}: Disabled`, ["one", "two"])],
  "what makes two artifacts, and is only marked otherwise": [parts, generator(`${MARK}: enabled`, ["one", "two"])],
  "what makes two artifacts, and is only annotated": [parts, generator("a: c", ["one", "two"])],
  "what makes an artifact that nothing reads": [
    { ...h, ...generator("a: b", ["one"]) },
    generator(`${MARK}: disabled`, ["one"]),
  ],
  "a source with spec.suspend, which stops no generator": [
    parts,
    {
      "kubernetes/flux/parts.yaml": parts["kubernetes/flux/parts.yaml"]!.replace("spec:\n", "spec:\n  suspend: true\n"),
    },
  ],
  "two Kustomizations by a patch of their parent": [withGo(), apps(SUSPEND("Kustomization", "chess|go"))],
  "three Kustomizations by a patch of their parent": [withGo(), apps(SUSPEND("Kustomization"))],
  "one Kustomization by a patch of its parent": [withGo(), apps(SUSPEND("Kustomization", "go"))],
  "three releases of three apps by a component": [shared, part(true)],
  "releases by a component that suspends one of them today": [
    { ...shared, [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["suspend: true"]) },
    part(true),
  ],
  "releases that come with what suspends them": [
    { ...inOneApp, ...part(true), [`${PLAYER_APP}/more.yaml`]: "" },
    { [`${PLAYER_APP}/more.yaml`]: release("more") + release("less") },
  ],
  "two releases of one app by a component": [inOneApp, part(true)],
  "releases of two kinds of parents, and one in its own file": [
    shared,
    { ...part(true), [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["suspend: true"]) },
  ],
};
