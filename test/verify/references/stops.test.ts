import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, operatorTree } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS, CHESS_APP, chart, chartTree, GAMES, inShort, REPOS, says } from "./tree.ts";

const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const APPS = "kubernetes/flux/apps.yaml";
const INSTANCE = "kubernetes/flux/config/instance.yaml";

describe("suspend", () => {
  test("of the root, which cannot resume itself", () => {
    const edits = {
      [CLUSTER]: homeTree()[CLUSTER]!.replace(
        "  path: ./kubernetes/flux",
        "  suspend: true\n  path: ./kubernetes/flux",
      ),
    };
    const { verdict, findings } = says(homeTree(), edits);
    expect(verdict).toBe("unsafe");
    const found = findings.find(({ rule }) => rule === "reconcile-stops")!;
    expect(found).toMatchObject({ resource: "Kustomization flux-system/cluster", at: { file: CLUSTER, line: 19 } });
    expect(found.why).toContain("flux resume");
  });

  test("of a parent, and of the source", () => {
    expect(inShort(homeTree(), { [APPS]: ks("cluster-apps", "kubernetes/apps", ["suspend: true"]) })).toBe(
      "unsafe | reconcile-stops Kustomization flux-system/cluster-apps",
    );
    const source = {
      [CLUSTER]: homeTree()[CLUSTER]!.replace("  ref: {branch: main}", "  ref: {branch: main}\n  suspend: true"),
    };
    expect(inShort(homeTree(), source)).toBe("unsafe | reconcile-stops GitRepository flux-system/home");
  });

  test("of a single app or release is everyday", () => {
    expect(inShort(homeTree(), { [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", "suspend: true"]) })).toBe(
      "safe",
    );
    expect(
      inShort(chartTree(), { [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts", ["suspend: true"]) }),
    ).toBe("safe");
  });

  test("of a release whose health is checked, which reads nothing of it", () => {
    const check =
      "healthChecks: [{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: chess, namespace: games}]";
    const tree = { ...chartTree(), [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", check]) };
    const edits = { [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts", ["suspend: true"]) };
    expect(inShort(tree, edits)).toBe("safe");
  });

  test("of what makes the artifact that a Kustomization reads", () => {
    const generator = (annotations: string) =>
      object("ArtifactGenerator", "parts", "source.extensions.fluxcd.io/v1beta1", [
        `  namespace: flux-system\n  annotations: {${annotations}}`,
        "spec:",
        "  sources: [{alias: repo, kind: GitRepository, name: home}]",
        "  artifacts: [{name: chess, copy: [{from: '@repo/kubernetes/**', to: '@artifact/'}]}]",
      ]);
    const path = "kubernetes/flux/parts.yaml";
    const reader = homeTree()[CHESS]!.replace("GitRepository\n    name: home", "ExternalArtifact\n    name: chess");
    const paused = { [path]: generator("source.extensions.fluxcd.io/reconcile: Disabled") };
    const stop = "reconcile-stops ArtifactGenerator flux-system/parts";
    expect(inShort({ ...homeTree(), [path]: generator("a: b"), [CHESS]: reader }, paused)).toContain(stop);
    expect(inShort({ ...homeTree(), [path]: generator("a: b") }, paused)).not.toContain(stop);
  });
});

describe("a sharding label", () => {
  const label = (shard: string) => ({
    [CHESS]: operatorTree()[CHESS]!.replace(
      "  name: chess\n",
      `  name: chess\n  labels: {sharding.fluxcd.io/key: ${shard}}\n`,
    ),
  });
  const tree: Files = {
    ...operatorTree(),
    [INSTANCE]: operatorTree()[INSTANCE]!.replace("spec:\n", "spec:\n  sharding: {shards: [one, two]}\n"),
  };

  test("of a shard that is not there", () => {
    expect(inShort(tree, label("three"))).toBe("unsafe | reconcile-stops Kustomization flux-system/chess");
    expect(inShort(operatorTree(), label("three"))).toContain("unproven");
  });

  test("is that of commonMetadata, which goes over its own", () => {
    const common = (shard: string) => ({
      [APPS]: operatorTree()[APPS]!.replace(
        "spec:\n",
        `spec:\n  commonMetadata: {labels: {sharding.fluxcd.io/key: ${shard}}}\n`,
      ),
    });
    expect(inShort({ ...tree, ...common("two") }, label("three"))).toBe("safe");
    expect(inShort({ ...tree, ...label("two") }, common("three"))).toContain("reconcile-stops");
  });

  test("of a shard whose name begins like that of one that is there", () => {
    const controller = "kubernetes/flux/shard.yaml";
    const served = (selector: string): Files => ({
      ...operatorTree(),
      [controller]: `# --watch-label-selector=${selector}\n`,
    });
    expect(inShort(served("sharding.fluxcd.io/key=three"), label("three"))).toBe("safe");
    expect(inShort(served("sharding.fluxcd.io/key=three, env=test"), label("three"))).toBe("safe");
    expect(inShort(served("'sharding.fluxcd.io/key in (three, four)'"), label("three"))).toBe("safe");
    for (const selector of [
      "sharding.fluxcd.io/key=three-b",
      "'sharding.fluxcd.io/key in (three-b)'",
      "sharding.fluxcd.io/key!=three",
    ])
      expect(inShort(served(selector), label("three"))).toBe(
        "unsafe | reconcile-stops Kustomization flux-system/chess",
      );
  });

  test("of one that is there, or under another key", () => {
    expect(inShort(tree, label("two"))).toBe("safe");
    const other: Files = {
      ...tree,
      [INSTANCE]: tree[INSTANCE]!.replace("{shards", "{key: shard.example.com/key, shards"),
    };
    expect(
      inShort(other, { [CHESS]: label("three")[CHESS]!.replace("sharding.fluxcd.io/key", "shard.example.com/key") }),
    ).toContain("reconcile-stops");
  });
});

describe("a URL over another protocol", () => {
  const source = (url: string, more = "  secretRef: {name: deploy-key}") =>
    homeTree()[CLUSTER]!.replace("  url: https://git.example.invalid/me/home.git", `  url: ${url}\n${more}`);
  const HTTPS = "https://git.example.invalid/me/home.git";
  const SSH = "ssh://git@git.example.invalid/me/home.git";
  const secret = (keys: string) => ({
    "kubernetes/flux/vars/key.yaml": object("Secret", "deploy-key", "v1", [
      "  namespace: flux-system",
      `stringData: {${keys}}`,
      "sops: {version: 3.9.0}",
    ]),
  });
  const tree = (keys?: string): Files => ({ ...homeTree(), [CLUSTER]: source(HTTPS), ...(keys ? secret(keys) : {}) });

  test("while the Secret stays", () => {
    expect(inShort(tree(), { [CLUSTER]: source(SSH) })).toContain("unproven");
    expect(inShort(tree("username: x, password: x"), { [CLUSTER]: source(SSH) })).toBe(
      "unsafe | login-mismatch GitRepository flux-system/home",
    );
    expect(
      inShort({ ...tree("identity: x, known_hosts: x"), [CLUSTER]: source(SSH) }, { [CLUSTER]: source(HTTPS) }),
    ).toBe("unsafe | login-mismatch GitRepository flux-system/home");
  });

  test("while the Secret is there for somebody else to fill", () => {
    expect(inShort({ ...tree(), ...secret("") }, { [CLUSTER]: source(SSH) })).toContain("unproven");
    expect(inShort(tree("username: x, password: x"), secret(""))).toBe(
      "unsafe | login-mismatch GitRepository flux-system/home",
    );
  });

  test("with a Secret that fits is quiet", () => {
    expect(
      inShort(tree("username: x, password: x"), {
        [CLUSTER]: source(SSH),
        ...secret("identity: x, known_hosts: x"),
      }),
    ).toBe("safe");
    expect(inShort(tree("username: a, password: b, identity: c, known_hosts: d"), { [CLUSTER]: source(SSH) })).toBe(
      "safe",
    );
  });

  test("and the Secret in Git loses what is logged in with", () => {
    expect(inShort(tree("username: x, password: x"), secret("user: x, password: x"))).toBe(
      "unsafe | login-mismatch GitRepository flux-system/home",
    );
    expect(inShort(tree("username: x, password: x"), secret("bearerToken: x"))).toBe("safe");
    expect(inShort(tree("user: x, password: x"), secret("users: x"))).toBe("safe");
  });

  // source-controller, getAuthOpts: a GitHub App needs both, and either alone fails.
  test.each<[was: string, is: string, verdict: string]>([
    ["timeout: 1m", "provider: github", "unsafe"],
    ["timeout: 1m", "provider: github\n  secretRef: {name: app}", "safe"],
    ["secretRef: {name: token}", "provider: github\n  secretRef: {name: token}", "unsafe"],
    ["provider: github\n  secretRef: {name: app}", "secretRef: {name: app}", "unsafe"],
    ["provider: github\n  secretRef: {name: app}", "secretRef: {name: token}", "safe"],
    ["secretRef: {name: token}", "secretRef: {name: app}", "unsafe"],
    ["secretRef: {name: byhand}", "provider: github\n  secretRef: {name: byhand}", "unproven"],
    ["timeout: 1m", "provider: azure", "unproven"],
    ["provider: azure", "timeout: 1m", "unproven"],
    ["timeout: 1m", "provider: generic", "safe"],
  ])("and another provider: %s becomes %s", (was, is, verdict) => {
    const secretOf = (name: string, keys: string) =>
      object("Secret", name, "v1", ["  namespace: flux-system", `stringData: {${keys}}`]);
    const files: Files = {
      ...homeTree(),
      "kubernetes/flux/vars/app.yaml": secretOf("app", "githubAppID: x, githubAppInstallationID: x"),
      "kubernetes/flux/vars/token.yaml": secretOf("token", "username: x, password: x"),
    };
    const said = inShort({ ...files, [CLUSTER]: source(HTTPS, `  ${was}`) }, { [CLUSTER]: source(HTTPS, `  ${is}`) });
    expect(said.split(" | ")[0]).toBe(verdict);
    if (verdict === "unsafe") expect(said).toBe("unsafe | login-mismatch GitRepository flux-system/home");
  });
});

describe("a new Kustomization, or release, that never builds", () => {
  const GO = "kubernetes/apps/games/go";
  const add = (path: string, files: Files) => ({
    [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml"]),
    [`${GO}/ks.yaml`]: ks("go", path, ["targetNamespace: games"]),
    ...files,
  });

  test("for a typo in its path, at that line", () => {
    const { verdict, findings } = says(
      chartTree(),
      add(`${GO}/ap`, { [`${GO}/app/helmrelease.yaml`]: chart("go", "bjw-charts") }),
    );
    expect(verdict).toBe("unsafe");
    const found = findings.find(({ rule }) => rule === "build-breaks")!;
    expect(found.at).toMatchObject({ file: `${GO}/ks.yaml`, line: 9 });
    expect(found.why).toContain("The change brings it");
  });

  test("for a file that is listed and missing, and for what moves into it", () => {
    const files = {
      [`${GO}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "x.yaml"]),
      [`${GO}/app/helmrelease.yaml`]: chart("go", "bjw-charts"),
    };
    expect(inShort(chartTree(), add(`${GO}/app`, files))).toContain("build-breaks Kustomization flux-system/go");
    const moved = {
      ...add(`${GO}/app`, files),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization([]),
      [`${CHESS_APP}/helmrelease.yaml`]: undefined,
      [`${GO}/app/helmrelease.yaml`]: chart("chess", "bjw-charts"),
    };
    expect(inShort(chartTree(), moved)).toContain("unsafe");
  });

  test("for a file that a generator reads, unless it was missing before", () => {
    const generator = (file: string) =>
      kustomization(["helmrelease.yaml"], [`configMapGenerator: [{name: go, files: [${file}]}]`]);
    const files = (file: string) => ({
      [`${GO}/app/kustomization.yaml`]: generator(file),
      [`${GO}/app/helmrelease.yaml`]: chart("go", "bjw-charts"),
      [`${GO}/app/config.ini`]: "a=b\n",
    });
    expect(inShort(chartTree(), add(`${GO}/app`, files("config.ini")))).toBe("safe");
    expect(inShort(chartTree(), add(`${GO}/app`, files("confg.ini")))).toBe(
      "unsafe | build-breaks Kustomization flux-system/go",
    );
    const tree = { ...chartTree(), ...add(`${GO}/app`, files("config.ini")) };
    expect(inShort(tree, { [`${GO}/app/kustomization.yaml`]: generator("confg.ini") })).toBe(
      "unsafe | build-breaks Kustomization flux-system/go",
    );
    const kept = { ...chartTree(), ...add(`${GO}/app`, files("secret.env")) };
    expect(inShort(kept, { [`${GO}/app/helmrelease.yaml`]: chart("go", "bjw-charts", ["values: {a: b}"]) })).toBe(
      "safe",
    );
  });

  test("for a chart in this repository that is not there", () => {
    const GO_CHART = "apiVersion: v2\nname: go\nversion: 1.0.0\n";
    const own = (folder: string) =>
      chart("go", "x")
        .replace("chart: app", `chart: ./charts/${folder}`)
        .replace("kind: HelmRepository, name: x", "kind: GitRepository, name: home");
    const files = (folder: string) => ({
      [`${GO}/app/helmrelease.yaml`]: own(folder),
      "charts/go/Chart.yaml": GO_CHART,
    });
    expect(inShort(chartTree(), add(`${GO}/app`, files("go")))).not.toContain("build-breaks");
    expect(inShort(chartTree(), add(`${GO}/app`, files("goo")))).toContain(
      "unsafe | build-breaks HelmRelease games/go",
    );
    const tree = { ...chartTree(), ...add(`${GO}/app`, files("go")) };
    const renamed = { "charts/go/Chart.yaml": undefined, "charts/gone/Chart.yaml": GO_CHART };
    expect(inShort(tree, renamed)).toContain("build-breaks HelmRelease games/go");
  });
});

describe("controllers applied by hand-written manifests", () => {
  const file = "kubernetes/flux/controllers.yaml";
  const controller = (name: string, replicas: number) =>
    object("Deployment", name, "apps/v1", [
      "  namespace: flux-system",
      "spec:",
      `  replicas: ${replicas}`,
      `  selector: {matchLabels: {app: ${name}}}`,
      `  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: manager, image: "ghcr.io/fluxcd/${name}:v1.6.2"}]}}`,
    ]);
  /** Flux comes from this file, and not from the artifact. */
  const tree = (name: string, replicas: number): Files => ({
    ...homeTree(),
    "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]),
    [file]: controller(name, replicas),
  });

  test.each(["kustomize-controller", "source-controller", "helm-controller"])("%s without pods", (name) => {
    expect(inShort(tree(name, 1), { [file]: controller(name, 0) })).toBe(
      `unsafe | reconcile-stops Deployment flux-system/${name}`,
    );
  });

  test("more of them, or one that others do not hang on, is everyday", () => {
    expect(inShort(tree("kustomize-controller", 1), { [file]: controller("kustomize-controller", 2) })).toBe("safe");
    expect(inShort(tree("kustomize-controller", 0), { [file]: controller("kustomize-controller", 1) })).toBe("safe");
    const idle = inShort(tree("notification-controller", 1), { [file]: controller("notification-controller", 0) });
    expect(idle).toBe("safe");
  });
});

test("a source without an interval is fetched no more", () => {
  const zero = (interval: string) => ({
    [CLUSTER]: homeTree()[CLUSTER]!.replace("  interval: 30m\n  url", `  interval: ${interval}\n  url`),
  });
  for (const interval of ["0s", "0h0m0.0s"])
    expect(inShort(homeTree(), zero(interval))).toBe("unsafe | reconcile-stops GitRepository flux-system/home");
  expect(inShort(homeTree(), zero("0h1s"))).toBe("safe");
  expect(inShort({ ...homeTree(), ...zero("0s") }, zero("0m"))).toBe("safe");
});

test("a source without time to be fetched is fetched no more", () => {
  const timeout = (text: string) => ({
    [CLUSTER]: homeTree()[CLUSTER]!.replace("  ref: {branch: main}", `  ref: {branch: main}\n  timeout: ${text}`),
  });
  expect(inShort(homeTree(), timeout("0s"))).toBe("unsafe | reconcile-stops GitRepository flux-system/home");
  expect(inShort(homeTree(), timeout("0m1s"))).toBe("safe");
  expect(inShort({ ...homeTree(), ...timeout("0s") }, timeout("0m"))).toBe("safe");
  const repos = `${REPOS}/bjw.yaml`;
  const own = { [repos]: chartTree()[repos]!.replace("  interval: 1h", "  interval: 1h\n  timeout: 0s") };
  expect(inShort(chartTree(), own)).toBe("safe");
});

test("a release whose chart has a source without a kind", () => {
  const FILE = `${CHESS_APP}/helmrelease.yaml`;
  const of = (...spec: string[]) => chart("chess", "bjw-charts", spec);
  const bare = (text: string) => text.replace("kind: HelmRepository, ", "");
  const says = (before: string, after: string) => inShort({ ...chartTree(), [FILE]: before }, { [FILE]: after });
  expect(bare(of())).not.toBe(of());
  expect(says(of(), bare(of()))).toBe("unsafe | reconcile-stops HelmRelease games/chess");
  expect(says(of(), bare(of("suspend: true")))).toBe("safe");
  expect(says(bare(of()), bare(of("timeout: 5m")))).toBe("safe");
});
