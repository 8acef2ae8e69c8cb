import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, operatorTree, release } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const CONFIG = "kubernetes/flux/config/kustomization.yaml";
const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";
const CHESS = "kubernetes/apps/games/chess";
const LISTING = `${APP}/kustomization.yaml`;
const PVC = "PersistentVolumeClaim media/player";
const player = (...spec: string[]) => ks("player", APP, ["targetNamespace: media", ...spec]);
const video = { [PLAYER]: ks("video", APP, ["targetNamespace: media"]) };
const fates = (tree: Files, edits: Edits, name: string) =>
  Object.entries(judge(tree, edits).safety.outcomes)
    .filter(([, known]) => known!.names.includes(name))
    .map(([fate]) => fate);

describe("a root that does not build any more", () => {
  test("is reported when its path leads nowhere, and takes nothing along", () => {
    const edits = { [CLUSTER]: homeTree()[CLUSTER]!.replace("path: ./kubernetes/flux", "path: ./kubernetes/gone") };
    const verdict = judge(homeTree(), edits);
    expect(verdict.blockers).toEqual(["build-breaks"]);
    expect([...verdict.wanted, ...verdict.meant]).toEqual([]);
    expect(verdict.safety.outcomes.orphaned).toBeUndefined();
  });

  test("is reported when the operator generates it, also when the FluxInstance went with it", () => {
    const edits = { "kubernetes/flux/config/instance.yaml": undefined, [CONFIG]: kustomization([]) };
    expect(judge(operatorTree(), edits).blockers).toEqual(["build-breaks"]);
  });
});

describe("a FluxInstance that is not taken", () => {
  const INSTANCE = "kubernetes/flux/config/instance.yaml";
  const named: Files = Object.fromEntries(
    Object.entries(operatorTree()).map(([path, text]) => [
      path,
      text.replace("sync: {", "sync: {name: cluster, ").replaceAll("    name: flux-system\n", "    name: cluster\n"),
    ]),
  );
  const edit = (tree: Files, from: string, to: string) =>
    judge(tree, { [INSTANCE]: tree[INSTANCE]!.replace(from, to) });

  test("another sync.name is refused, so nothing goes", () => {
    const verdict = edit(named, "name: cluster,", "name: other,");
    expect(verdict.blockers).toEqual(["instance-refused"]);
    expect([...verdict.wanted, ...verdict.meant]).toEqual([]);
    expect(verdict.findings[0]!.what).toContain("sync.name cannot change from cluster to other");
  });

  test("taking it away is not, and takes the root along", () => {
    expect(edit(named, "name: cluster, ", "").blockers).toContain("flux-may-go");
  });

  test("an older Flux is refused by the operator, a newer one is not", () => {
    expect(edit(operatorTree(), "2.6.x", "2.5.x").blockers).toEqual(["instance-refused"]);
    expect(edit(operatorTree(), "2.6.x", "2.7.x").blockers).toEqual([]);
  });
});

describe("below a parent that does not build today", () => {
  const bare = homeTree()[`${CHESS}/ks.yaml`]!.replace("  namespace: flux-system\n", "");
  const files: [string, Files][] = [
    ["an object is refused", { [`${CHESS}/ks.yaml`]: bare }],
    ["a file is missing", { "kubernetes/apps/games/kustomization.yaml": kustomization(["gone.yaml"]) }],
  ];

  test.each(files)("children go on pruning: %s", (_, broken) => {
    const verdict = judge({ ...homeTree(), ...broken }, { [LISTING]: kustomization(["helmrelease.yaml"]) });
    expect(verdict.meant).toEqual([`deleted ${PVC}`]);
  });
});

describe("a renamed Kustomization hands over what it applied", () => {
  test.each([
    ["prune: false", player().replace("prune: true", "prune: false")],
    ["deletionPolicy: Orphan", player("deletionPolicy: Orphan")],
    ["suspend: true", player("suspend: true")],
  ])("when it had %s before", (_, text) => {
    const tree: Files = { ...homeTree(), [PLAYER]: text };
    expect(fates(tree, video, PVC)).toEqual(["moved"]);
    expect(judge(tree, video).wanted).toEqual([]);
  });

  test("and leaves it behind when nothing else delivers it", () => {
    const tree: Files = { ...homeTree(), [PLAYER]: player("suspend: true") };
    const listing = { "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]) };
    expect(fates(tree, listing, PVC)).toEqual(["orphaned"]);
  });
});

describe("somebody else delivers it as well, under a name that stands nowhere", () => {
  const both = (folder: Files, mine: string): Files => ({
    ...homeTree(),
    [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "extra.yaml"]),
    [`${APP}/extra.yaml`]: mine,
    [`${CHESS}/ks.yaml`]: ks("chess", `${CHESS}/app`, ["targetNamespace: media"]),
    ...folder,
  });
  const dropped = { [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml"]) };

  test("a generator", () => {
    const fields = [
      "generatorOptions: {disableNameSuffixHash: true}",
      "secretGenerator: [{name: creds, literals: [a=b]}]",
    ];
    const folder = { [`${CHESS}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml"], fields) };
    expect(judge(both(folder, object("Secret", "creds")), dropped).wanted).toEqual(["recreated Secret media/creds"]);
  });

  test("a prefix", () => {
    const folder = {
      [`${CHESS}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml"], ["namePrefix: pre-"]),
      [`${CHESS}/app/pvc.yaml`]: object("PersistentVolumeClaim", "data"),
    };
    const tree = both(folder, object("PersistentVolumeClaim", "pre-data"));
    expect(judge(tree, dropped).wanted).toEqual(["recreated PersistentVolumeClaim media/pre-data"]);
  });

  test("what another one goes on delivering is not left behind", () => {
    const claim = (...lines: string[]) => object("PersistentVolumeClaim", "shared", "v1", lines);
    const folder = {
      [`${CHESS}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
      [`${CHESS}/app/pvc.yaml`]: claim(),
    };
    const tree = both(folder, claim("  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}"));
    expect(fates(tree, dropped, "PersistentVolumeClaim media/shared")).toEqual(["kept"]);
  });
});

test("a cluster-scoped object is one, whatever namespace it lies in", () => {
  const tree: Files = {
    ...homeTree(),
    [`${APP}/issuer.yaml`]: object("ClusterIssuer", "le", "cert-manager.io/v1"),
    [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "issuer.yaml"]),
  };
  const moved = {
    [LISTING]: homeTree()[LISTING],
    [`${CHESS}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "../../../media/player/app/issuer.yaml"]),
  };
  expect(judge(tree, moved).wanted).toEqual(["recreated ClusterIssuer le"]);
  const renamed = judge(tree, { [PLAYER]: ks("player", APP, ["targetNamespace: movies"]) });
  expect([...renamed.wanted, ...renamed.meant].join()).not.toContain("ClusterIssuer");
});

test("an annotation that is applied once only may not be on the live object", () => {
  const marks = "{kustomize.toolkit.fluxcd.io/prune: disabled, kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}";
  const claim = object("PersistentVolumeClaim", "player", "v1", [`  annotations: ${marks}`]);
  const tree: Files = { ...homeTree(), [`${APP}/pvc.yaml`]: claim };
  expect(judge(tree, { [LISTING]: kustomization(["helmrelease.yaml"]) }).meant).toEqual([`deleted ${PVC}`]);
});

describe("values that go while something reads them", () => {
  const broken = (tree: Files, edits: Edits) =>
    judge(tree, edits)
      .findings.filter(({ rule }) => rule === "reference-breaks")
      .map(
        ({ resource, what }) =>
          `${resource}: ${what
            .match(/names (\S+) in (\S+),/)
            ?.slice(1)
            .join(" ")}`,
      );
  const gone = { [SETTINGS]: undefined };
  const root = "Kustomization flux-system/cluster: ConfigMap/cluster-settings spec.postBuild.substituteFrom";

  test("substituteFrom", () => {
    expect(broken(homeTree(), gone)).toEqual([root]);
    const optional = homeTree()[CLUSTER]!.replace("name: cluster-settings", "name: cluster-settings, optional: true");
    expect(broken({ ...homeTree(), [CLUSTER]: optional }, gone)).toEqual([]);
  });

  test("substituteFrom that a parent patches in", () => {
    const patch = [
      "patches:",
      "  - target: {kind: Kustomization, name: player}",
      `    patch: '[{"op":"add","path":"/spec/postBuild","value":{"substituteFrom":[{"kind":"ConfigMap","name":"cluster-settings"}]}}]'`,
    ];
    const tree: Files = { ...homeTree(), "kubernetes/flux/apps.yaml": ks("cluster-apps", "kubernetes/apps", patch) };
    expect(broken(tree, gone)).toEqual([
      root,
      "Kustomization flux-system/player: ConfigMap/cluster-settings spec.postBuild.substituteFrom",
    ]);
  });

  test("valuesFrom, in the namespace of the release and not in another", () => {
    const reader = (name: string) => release(name, ["valuesFrom: [{kind: ConfigMap, name: app-values}]"]);
    const tree: Files = {
      ...homeTree(),
      [`${APP}/helmrelease.yaml`]: reader("player"),
      [`${CHESS}/app/helmrelease.yaml`]: reader("chess"),
      [`${APP}/values.yaml`]: object("ConfigMap", "app-values"),
      [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "values.yaml"]),
    };
    expect(broken(tree, { [LISTING]: homeTree()[LISTING] })).toEqual([
      "HelmRelease media/player: ConfigMap/app-values spec.valuesFrom",
    ]);
  });

  test("not when something new makes them", () => {
    const tree: Files = { ...homeTree(), [SETTINGS]: homeTree()[SETTINGS]!.replace("kind: ConfigMap", "kind: Secret") };
    tree[CLUSTER] = tree[CLUSTER]!.replace(
      "kind: ConfigMap, name: cluster-settings",
      "kind: Secret, name: cluster-settings",
    );
    const external = object("ExternalSecret", "cluster-settings", "external-secrets.io/v1", [
      "  namespace: flux-system",
    ]);
    expect(broken(tree, { [SETTINGS]: undefined })).toHaveLength(1);
    expect(broken(tree, { [SETTINGS]: external })).toEqual([]);
  });
});

describe("a FluxKustomization that stays in the cluster though it leaves Git", () => {
  const apps = ks("cluster-apps", "kubernetes/apps").replace("prune: true", "prune: false");
  const tree: Files = { ...homeTree(), "kubernetes/flux/apps.yaml": apps };
  const unlisted = { "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml"]) };
  const left = (edits: Edits) =>
    judge(tree, { ...unlisted, ...edits }).findings.find(({ rule }) => rule === "left-behind");

  test("goes on applying what Git holds, and takes that along when somebody deletes it", () => {
    expect(left({ [`${CHESS}/ks.yaml`]: undefined })).toMatchObject({
      what: expect.stringMatching(
        /any more\. Kustomization flux-system\/chess goes on by itself: what it reads in Git/,
      ),
      next: "Delete by hand what nobody needs; along with it goes what a Kustomization with prune: true applied.",
    });
  });

  test("fails where its folder goes", () => {
    const gone = { [`${CHESS}/app/kustomization.yaml`]: undefined, [`${CHESS}/app/helmrelease.yaml`]: undefined };
    expect(left({ [`${CHESS}/ks.yaml`]: undefined, ...gone })?.what).toMatch(
      /chess goes on by itself, and fails from then on: kustomization path not found: kubernetes\/apps\/games\/chess\/app\.$/,
    );
  });

  test("stops what depends on it where it fails, and nothing where it goes on", () => {
    const player = Object.keys(tree).filter((path) => path.startsWith("kubernetes/apps/media/player/"));
    const unlist = { "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]) };
    const games = { ...tree, "kubernetes/flux/games.yaml": ks("games", "kubernetes/apps/games") };
    const media = apps.replace("./kubernetes/apps", "./kubernetes/apps/media");
    for (const files of [tree, { ...games, "kubernetes/flux/apps.yaml": media }]) {
      const whole = judge(files, { ...unlist, ...Object.fromEntries(player.map((path) => [path, undefined])) });
      expect(whole.blockers).toEqual(["reconcile-stops"]);
      expect(whole.findings[0]?.what).toMatch(/chess depends on Kustomization flux-system\/player, which leaves Git/);
      expect(judge(files, { ...unlist, [PLAYER]: undefined }).blockers).toEqual([]);
    }
  });

  const gone = (kind: string, name: string, apiVersion: string, spec: string[]) => ({
    [`kubernetes/flux/${name}.yaml`]: object(kind, name, apiVersion, ["  namespace: flux-system", ...spec]),
  });
  const two = gone("GitRepository", "two", "source.toolkit.fluxcd.io/v1", [
    "spec: {url: 'https://b.c/d', interval: 1h}",
  ]);
  const values = gone("ConfigMap", "two", "v1", ["data: {A: b}"]);
  const wants = "postBuild: {substituteFrom: [{kind: ConfigMap, name: two}]}";
  const unmedia = { "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]) };
  const last = { "kubernetes/flux/two.yaml": undefined };

  test.each<[string, Files, Edits, RegExp]>([
    [
      "source",
      { ...two, [PLAYER]: ks("player", APP, [], "two") },
      last,
      /GitRepository flux-system\/two goes, which it names in spec\.sourceRef/,
    ],
    ["values", { ...values, [PLAYER]: player(wants) }, last, /ConfigMap flux-system\/two goes/],
    [
      "dependency",
      { "kubernetes/flux/two.yaml": ks("two", "kubernetes/flux/vars"), [PLAYER]: player("dependsOn: [{name: two}]") },
      last,
      /Kustomization flux-system\/two goes/,
    ],
  ])("stops what depends on it where its %s goes", (_, more, edits, reason) => {
    const files = { ...tree, ...more };
    const found = judge(files, { ...unmedia, [PLAYER]: undefined, ...edits }).findings;
    expect(found.find(({ rule }) => rule === "reconcile-stops")).toMatchObject({
      what: expect.stringMatching(/chess depends on Kustomization flux-system\/player, which leaves Git/),
      why: expect.stringMatching(reason),
    });
    expect(judge(files, { ...unmedia, [PLAYER]: undefined }).blockers).toEqual([]);
  });

  test("stops what depends on one that waits for it, or checks its health", () => {
    const folder = Object.fromEntries(
      Object.keys(tree).flatMap((path) =>
        path.startsWith("kubernetes/apps/media/player/") ? [[path, undefined]] : [],
      ),
    );
    const between = {
      "kubernetes/apps/media/mid.yaml": ks("mid", "kubernetes/flux/vars", ["dependsOn: [{name: player}]"]),
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml", "mid.yaml", "player/ks.yaml"]),
    };
    const chess = (on: string) => tree[`${CHESS}/ks.yaml`]!.replace("dependsOn: [{name: player}]", on);
    const chain = { ...tree, ...between, [`${CHESS}/ks.yaml`]: chess("dependsOn: [{name: mid}]") };
    const whole = { ...unmedia, ...folder, "kubernetes/apps/media/mid.yaml": undefined };
    expect(judge(chain, whole).findings[0]?.why).toMatch(/it waits for Kustomization flux-system\/player, which fails/);
    const check =
      "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, name: player, namespace: flux-system}";
    const checks = { ...tree, [`${CHESS}/ks.yaml`]: chess(`healthChecks: [${check}]`) };
    expect(judge(checks, { ...unmedia, ...folder }).findings[0]?.what).toContain("has a health check on Kustomization");
    expect(judge(checks, unmedia).blockers).toEqual([]);
    const own = chess(`healthChecks: [${check}]\n  healthCheckExprs: [{kind: Kustomization, current: 'true'}]`);
    expect(judge({ ...checks, [`${CHESS}/ks.yaml`]: own }, { ...unmedia, ...folder }).blockers).toEqual([]);
  });

  test("stops a release that depends on one that is left without its chart", () => {
    const inMedia = (text: string, name: string) =>
      text.replace(`name: ${name}\n`, `name: ${name}\n  namespace: media\n`);
    const local =
      "chart: {spec: {chart: charts/db, sourceRef: {kind: GitRepository, name: home, namespace: flux-system}}}";
    const db = inMedia(release("db"), "db");
    const chart = { "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n" };
    const files: Files = {
      ...homeTree(),
      ...chart,
      [PLAYER]: player().replace("prune: true", "prune: false"),
      [LISTING]: kustomization(["helmrelease.yaml", "db.yaml"]),
      [`${APP}/helmrelease.yaml`]: inMedia(release("player", ["dependsOn: [{name: db}]"]), "player"),
      [`${APP}/db.yaml`]: db.replace(/chart: .*/, local),
    };
    const drop = { [LISTING]: kustomization(["helmrelease.yaml"]), [`${APP}/db.yaml`]: undefined };
    expect(judge(files, drop).blockers).toEqual([]);
    const verdict = judge(files, { ...drop, "charts/db/Chart.yaml": undefined });
    expect(verdict.blockers).toEqual(["reconcile-stops"]);
    expect(verdict.findings[0]?.why).toContain("its chart goes, charts/db");
  });

  test.each([
    ["prune is off for what is above", "prune: false", "cluster-apps"],
    ["deletionPolicy is Orphan", "prune: true\n  deletionPolicy: Orphan", "chess"],
  ])("breaks nothing where it goes with all that applied it: %s", (_, prune, name) => {
    const root = homeTree()[CLUSTER]!.replace("prune: true", prune.includes("false") ? prune : "prune: true");
    const extra = { "kubernetes/flux/extra.yaml": ks("extra", "kubernetes/flux/vars", ["dependsOn: [{name: chess}]"]) };
    const files: Files = {
      ...homeTree(),
      [CLUSTER]: root,
      "kubernetes/flux/apps.yaml": homeTree()["kubernetes/flux/apps.yaml"]!.replace("prune: true", prune),
    };
    const paths = Object.keys(files).filter((path) => /^kubernetes\/(?:flux\/apps|apps)/.test(path));
    const edits = Object.fromEntries(paths.map((path) => [path, undefined]));
    const verdict = judge(files, edits);
    expect(verdict.blockers).toEqual([]);
    expect(verdict.findings.find(({ rule }) => rule === "left-behind")?.what).toMatch(
      new RegExp(`Kustomization flux-system/${name} goes on by itself, and fails from then on`),
    );
    expect(judge({ ...files, ...extra }, edits).blockers).toEqual(["reconcile-stops"]);
  });

  test("goes on where what applied it is deleted without what that applied", () => {
    const orphaning = `${ks("cluster-apps", "kubernetes/apps")}  deletionPolicy: Orphan\n`;
    const files: Files = { ...homeTree(), "kubernetes/flux/apps.yaml": orphaning };
    const found = judge(files, { "kubernetes/flux/apps.yaml": undefined }).findings;
    expect(found.find(({ rule }) => rule === "left-behind")).toMatchObject({
      what: expect.stringContaining(
        "chess goes on by itself, and so does 1 more: what it reads in Git it still applies.",
      ),
      next: "Delete by hand what nobody needs; along with it goes what a Kustomization with prune: true applied and all that lies in a Namespace.",
    });
  });

  test("says so of none that goes, or that somebody suspended", () => {
    const suspended = { ...tree, [`${CHESS}/ks.yaml`]: ks("chess", `${CHESS}/app`, ["suspend: true"]) };
    const said = judge(suspended, { ...unlisted, [`${CHESS}/ks.yaml`]: undefined }).findings;
    expect(said.find(({ rule }) => rule === "left-behind")).toMatchObject({
      what: expect.stringMatching(/any more\.$/),
      next: "Delete by hand what nobody needs.",
    });
  });
});
