import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { gitSource, homeTree, ks, kustomization, object, operatorTree, release } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const CONFIG = "kubernetes/flux/config/kustomization.yaml";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";
const LISTING = `${APP}/kustomization.yaml`;
const withoutClaim: Edits = { [`${APP}/pvc.yaml`]: undefined, [LISTING]: kustomization(["helmrelease.yaml"]) };
const unknownOf = (tree: Files, edits: Edits) =>
  judge(tree, edits)
    .safety.unknown.map(({ what }) => what)
    .join("\n");

describe("what an ArtifactGenerator makes", () => {
  const file = "kubernetes/flux/config/generator.yaml";
  const generator = object("ArtifactGenerator", "gen", "source.extensions.fluxcd.io/v1beta1", [
    "  namespace: flux-system",
    "spec:",
    "  sources: [{alias: repo, kind: GitRepository, name: home}]",
    "  artifacts:",
    `    - {name: player, copy: [{from: '@repo/${APP}/**', to: '@artifact/'}]}`,
  ]);
  const tree: Files = {
    ...homeTree(),
    [file]: generator,
    [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "generator.yaml"]),
    [PLAYER]: ks("player", "", ["targetNamespace: media"], "player").replace("GitRepository", "ExternalArtifact"),
  };

  const copied = (copy: string) => generator.replace(/copy: \[.*\]/, `copy: [${copy}]`);
  const PARTS = `{from: '@repo/${APP}/*.yaml', to: '@artifact/'}`;

  test("is unknown when objects leave what it copies file by file, or it comes to do so", () => {
    expect(unknownOf({ ...tree, [file]: copied(PARTS) }, withoutClaim)).toContain(
      "takes objects out of what it copies",
    );
    expect(unknownOf(tree, { [file]: copied(PARTS) })).toContain("ArtifactGenerator gen changes");
  });

  test("is known where it copies from a source of this repository that nothing else reads", () => {
    const source = "kubernetes/flux/config/second.yaml";
    const from: Files = {
      ...operatorTree(),
      [PLAYER]: tree[PLAYER]!,
      [CONFIG]: kustomization(["instance.yaml", "generator.yaml", "second.yaml"]),
      [source]: gitSource("second").replace("namespace: flux-system", "namespace: media"),
    };
    const by = (copy: string) => copy.replace("name: home}", "name: second, namespace: media}");
    expect(unknownOf({ ...from, [file]: by(copied(PARTS)) }, withoutClaim)).toContain(
      "takes objects out of what it copies",
    );
    expect(judge({ ...from, [file]: by(generator) }, withoutClaim).meant).toEqual([
      "deleted PersistentVolumeClaim media/player",
    ]);
  });

  test("is unknown when its source comes to leave objects out of what it copies file by file", () => {
    const from = { ...tree, [file]: copied(PARTS) };
    const left = "takes objects out of what it copies";
    expect(unknownOf(from, { ".sourceignore": `/${APP}/pvc.yaml\n` })).toContain(left);
    expect(unknownOf(from, { ".sourceignore": "/docs\n" })).toBe("");
    const cluster = "kubernetes/flux/config/cluster.yaml";
    const narrow = tree[cluster]!.replace("main}", `main}\n  ignore: /${APP}/pvc.yaml`);
    expect(unknownOf(from, { [cluster]: narrow })).toContain(left);
  });

  test("is read around what is no map in its lists", () => {
    const odd = copied(PARTS)
      .replace("  artifacts:\n", "  artifacts:\n    - null\n")
      .replace("sources: [", "sources: [null, ");
    expect(unknownOf({ ...tree, [file]: odd }, withoutClaim)).toContain("takes objects out of what it copies");
  });

  describe("of whole folders", () => {
    const reads = (path: string) => ({
      [PLAYER]: ks("player", path, ["targetNamespace: media"], "player").replace("GitRepository", "ExternalArtifact"),
    });
    const goes = (copy: string, path: string, edits = withoutClaim) => {
      const { safety } = judge({ ...tree, ...reads(path), [file]: copied(copy) }, edits);
      return [safety.verdict, ...safety.dangers.map(({ resource }) => resource)].join(" ");
    };
    const LOST = "deletes PersistentVolumeClaim media/player";

    test("is the same as the folder itself where a reader comes to it, or goes back", () => {
      const { [file]: _, ...rest } = tree;
      const direct = { [PLAYER]: ks("player", APP, ["targetNamespace: media"]) };
      const list = { [CONFIG]: kustomization(["cluster.yaml", "flux.yaml"]) };
      const plain: Files = { ...rest, ...direct, ...list };
      const [made, gone] = [
        { [file]: generator, [CONFIG]: tree[CONFIG]!, [PLAYER]: tree[PLAYER]! },
        { [file]: undefined, ...direct, ...list },
      ];
      expect(judge(plain, made).safety).toMatchObject({ dangers: [], unknown: [] });
      expect(judge(tree, gone).meant).toEqual(["deleted ArtifactGenerator flux-system/gen"]);
      expect(judge(tree, gone).safety).toMatchObject({ verdict: "deletes", unknown: [] });
      expect(judge(plain, { ...made, ...withoutClaim }).meant).toEqual(["deleted PersistentVolumeClaim media/player"]);
      const games = { ...made, [file]: generator.replace("media/player/app/**", "games/**") };
      expect(judge(plain, games).wanted).toContain("deleted PersistentVolumeClaim media/player");
      // The reader is left without an artifact.
      expect(judge(tree, { [file]: undefined, ...list }).safety.verdict).toBe("unsafe");
    });

    test("is unknown where variables or patches may make a generator another one", () => {
      const verdict = (edits: Edits, from: Files = tree) => judge(from, edits).safety.verdict;
      const other = generator.replace("media/player/app/**", "games/**");
      const { [file]: _, ...rest } = tree;
      const made = "gens/made.yaml";
      const filled: Files = {
        ...rest,
        [made]: generator,
        [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "gens.yaml"]),
        "kubernetes/flux/config/gens.yaml": ks("gens", "gens", ["postBuild: {substitute: {NAME: player}}"]),
      };
      const open = other.replace("{name: player,", "{name: '${NAME}',");
      expect(verdict({ [made]: open }, filled)).toBe("unproven");
      expect(unknownOf(filled, { [made]: open.replace("name: gen", "name: next") })).toContain("gen changes");
      expect(verdict({ [made]: generator }, { ...filled, [made]: open })).toBe("unproven");
      const list = (path: string, value: string) => {
        const patch = JSON.stringify([{ op: "replace", path, value }]);
        const patches = `patches: [{target: {kind: ArtifactGenerator}, patch: '${patch}'}]`;
        return { [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "generator.yaml"], [patches]) };
      };
      const renamed = other.replace("{name: player,", "{name: later,");
      expect(verdict({ [file]: renamed, ...list("/spec/artifacts/0/name", "player") })).toBe("unproven");
      expect(verdict(list("/spec/artifacts/0/copy/0/from", "@repo/kubernetes/apps/games/**"))).toBe("unproven");
    });

    test("is what the folders hold: their content, or they themselves", () => {
      expect(goes(`{from: '@repo/${APP}/**', to: '@artifact/'}`, "")).toBe(LOST);
      expect(goes(`{from: '@repo/${APP}', to: '@artifact/'}`, "app")).toBe(LOST);
      expect(goes("{from: '@repo/**', to: '@artifact/'}", APP)).toBe(LOST);
      const two = "{from: '@repo/kubernetes/apps/games/**', to: '@artifact/games/'}, ";
      expect(goes(`${two}{from: '@repo/kubernetes/apps/media/**', to: '@artifact/media'}`, "media/player/app")).toBe(
        LOST,
      );
    });

    test("is not touched by what lies in a folder beside the one that is read", () => {
      const copy = "{from: '@repo/kubernetes/apps/**', to: '@artifact/'}";
      const edits = { "kubernetes/apps/games/chess/app/other.yaml": undefined };
      const other = { "kubernetes/apps/games/chess/app/other.yaml": object("ConfigMap", "other") };
      const { safety } = judge({ ...tree, ...other, ...reads("media/player/app"), [file]: copied(copy) }, edits);
      expect(safety.verdict).toBe("safe");
    });

    test.each([
      [
        "it is made of several sources",
        "{from: '@repo/kubernetes/apps/**', to: '@artifact/'}, {from: '@charts/**', to: '@artifact/'}",
      ],
      [
        "something that is read is left out",
        "{from: '@repo/kubernetes/apps/**', to: '@artifact/', exclude: ['media/*/app/helm*']}",
      ],
      ["patterns are none that are known", "{from: '@repo/kubernetes/apps/**', to: '@artifact/', exclude: ['{a,b}']}"],
      [
        "the folders change their places",
        "{from: '@repo/kubernetes/apps/**', to: '@artifact/'}, {from: '@repo/kubernetes/flux', to: '@artifact/'}",
      ],
      [
        "a folder is renamed",
        "{from: '@repo/kubernetes/apps/media/**', to: '@artifact/other/'}, {from: '@repo/kubernetes/apps/**', to: '@artifact/'}",
      ],
    ])("is unknown where %s", (_, copy) => {
      expect(goes(copy, "media/player/app")).toBe("unproven");
    });

    test("is what the folders hold without what is left out", () => {
      const copy = "{from: '@repo/kubernetes/apps/**', to: '@artifact/', exclude: ['*.md', games/**, player/app]}";
      expect(goes(copy, "media/player/app")).toBe(LOST);
    });

    test("is what it copies before and after, where it changes", () => {
      const APPS = "{from: '@repo/kubernetes/apps/**', to: '@artifact/'}";
      const old = { ...tree, ...reads("media/player/app"), [file]: copied(APPS) };
      const then = (copy: string, edits: Edits = {}) => {
        const { safety } = judge(old, { [file]: copied(copy), ...edits });
        return [safety.verdict, ...safety.dangers.map(({ resource }) => resource)].join(" ");
      };
      const one = `{from: '@repo/${APP}', to: '@artifact/media/player/'}`;
      expect(then(one)).toBe("safe");
      expect(then(one, withoutClaim)).toBe(LOST);
      expect(then(APPS.replace("}", ", exclude: ['*.md']}"))).toBe("safe");
      expect(then("{from: '@repo/kubernetes/**', to: '@artifact/'}", reads("apps/media/player/app"))).toBe("safe");
      const renamed = copied(APPS).replace("{name: player,", "{name: later,");
      const reader = reads("media/player/app")[PLAYER]!.replace("    name: player\n", "    name: later\n");
      expect(then(APPS, { [file]: renamed, [PLAYER]: reader })).toBe("safe");
      // What it copies no more fails the build, or leaves nothing at the path.
      expect(then("{from: '@repo/kubernetes/flux/**', to: '@artifact/'}")).toBe("unsafe");
      expect(then(APPS.replace("}", ", exclude: [pvc.yaml]}"))).toBe("unproven");
      // With one of two edits the path leads elsewhere.
      expect(then("{from: '@repo/kubernetes/apps/media/**', to: '@artifact/'}", reads(""))).not.toMatch(/^safe/);
    });

    test("is unknown where what is read lies outside of them", () => {
      const copy = `{from: '@repo/${APP}/**', to: '@artifact/'}`;
      const outside = { [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "../more.yaml"]) };
      const more = { "kubernetes/apps/media/player/more.yaml": object("ConfigMap", "more") };
      const { safety } = judge({ ...tree, ...outside, ...more, ...reads(""), [file]: copied(copy) }, withoutClaim);
      expect(safety.verdict).toBe("unproven");
    });
  });

  test("is nothing to speak of when what it copies keeps its objects", () => {
    const edits = { [`${APP}/helmrelease.yaml`]: release("player", ["values: {replicas: 2}"]) };
    expect(unknownOf(tree, edits)).toBe("");
  });
});

describe("what a ResourceSet makes", () => {
  const file = "kubernetes/flux/config/tenants.yaml";
  const spec =
    "{interval: 1h, prune: true, path: './tenants/<< inputs.name >>', sourceRef: {kind: GitRepository, name: home}}";
  const set = (...body: string[]) =>
    object("ResourceSet", "tenants", "fluxcd.controlplane.io/v1", ["spec:", "  inputs: [{name: one}]", ...body]);
  const forms = {
    resources: set(
      "  resources:",
      "    - apiVersion: kustomize.toolkit.fluxcd.io/v1",
      "      kind: Kustomization",
      "      metadata: {name: << inputs.name >>, namespace: flux-system}",
      `      spec: ${spec}`,
    ),
    resourcesTemplate: set(
      "  resourcesTemplate: |",
      "    apiVersion: kustomize.toolkit.fluxcd.io/v1",
      "    kind: Kustomization",
      "    metadata: {name: << inputs.name >>, namespace: flux-system}",
      "    spec:",
      "      path: ./tenants/<< inputs.name >>",
    ),
  };

  test.each(Object.entries(forms))("%s: its Kustomizations may prune what leaves the folders they read", (_, text) => {
    const claim = "tenants/one/claim.yaml";
    const tree: Files = {
      ...homeTree(),
      [file]: text,
      [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "tenants.yaml"]),
      [claim]: object("PersistentVolumeClaim", "one"),
      "tenants/one/web.yaml": object("Deployment", "web", "apps/v1"),
    };
    expect(unknownOf(tree, { [claim]: undefined })).toContain(`may read ${claim}`);
    expect(unknownOf(tree, { [claim]: object("PersistentVolumeClaim", "one", "v1", ["spec: {}"]) })).toBe("");
    expect(unknownOf(tree, { "other/one/claim.yaml": object("ConfigMap", "x") })).toBe("");
  });
});

test("a Kustomization that only somebody's kubectl can have applied may prune as well", () => {
  const { "kubernetes/flux/apps.yaml": apps, ...rest } = homeTree();
  const tree: Files = { ...rest, "bootstrap/apps.yaml": apps! };
  expect(unknownOf(tree, withoutClaim)).toMatch(/player is applied by nothing .* PersistentVolumeClaim media\/player/);
  const bumped = { [`${APP}/helmrelease.yaml`]: release("player", ["values: {replicas: 2}"]) };
  expect(unknownOf(tree, bumped)).toBe("");
  // By hand nobody will apply it any more; a root that is not here deletes it.
  expect(unknownOf(tree, { ...withoutClaim, [PLAYER]: undefined })).toMatch(
    /player goes, .* where a root that is not here/,
  );
  // What a list of a folder that is built leaves out was left out on purpose.
  const unlisted = { ...homeTree(), "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]) };
  expect(unknownOf(unlisted, { [PLAYER]: undefined })).toBe("");
});

test("a Kustomization that leaves a list which a root that is not here may build goes with it", () => {
  const { "kubernetes/flux/apps.yaml": apps, ...rest } = homeTree();
  const list = "bootstrap/kustomization.yaml";
  const tree: Files = {
    ...rest,
    "bootstrap/apps.yaml": apps!,
    [list]: kustomization(["apps.yaml"]),
    "management/kustomization.yaml": kustomization(["../bootstrap"]),
  };
  const left = (from: string) => new RegExp(`leaves ${from}, and nothing in this repository applies it`);
  expect(unknownOf(tree, { [list]: kustomization([]) })).toMatch(left(list));
  expect(unknownOf(tree, { "management/kustomization.yaml": kustomization([]) })).toMatch(
    left("management/kustomization.yaml"),
  );
  const moved = { "bootstrap/apps.yaml": undefined, "bootstrap/all.yaml": apps!, [list]: kustomization(["all.yaml"]) };
  expect(unknownOf(tree, moved)).toBe("");
  const renamed = (from: Files, to: string) => ({
    ...Object.fromEntries(Object.keys(from).map((file) => [file, undefined])),
    [`${to}/apps.yaml`]: apps!,
    [`${to}/kustomization.yaml`]: kustomization(["apps.yaml"]),
  });
  const { "bootstrap/apps.yaml": _apps, [list]: own } = tree;
  const whole = renamed({ "bootstrap/apps.yaml": apps!, [list]: own! }, "first");
  expect(unknownOf(tree, { ...whole, "management/kustomization.yaml": kustomization(["../first"]) })).toBe("");
  // The list above leads there still.
  const other = { "management/apps.yaml": apps!, "bootstrap/apps.yaml": undefined, [list]: kustomization([]) };
  const both = { "management/kustomization.yaml": kustomization(["../bootstrap", "apps.yaml"]) };
  expect(unknownOf(tree, { ...other, ...both })).toBe("");
});

test("a Kustomization whose document nothing applies may be applied all the same, and lose what its files need", () => {
  const { "kubernetes/flux/config/cluster.yaml": text = "", ...rest } = homeTree();
  const root = "bootstrap/cluster.yaml";
  const filled = object("ConfigMap", "filled", "v1", ["  namespace: media", "data: {host: '${DOMAIN}'}"]);
  const own = ks("own", "extra", ["postBuild: {substitute: {DOMAIN: a}}"]);
  const tree: Files = {
    ...{ ...rest, [root]: text, [CONFIG]: kustomization(["flux.yaml"]), "bootstrap/own.yaml": own },
    ...{ "kubernetes/flux/filled.yaml": filled, "extra/filled.yaml": filled },
  };
  const without = (field: string, from = text, file = root) =>
    unknownOf(tree, { [file]: from.replace(new RegExp(`\\n *${field}:.*`), "") });
  expect(without("postBuild")).toContain("it loses spec.postBuild, which kubernetes/flux/filled.yaml needs");
  expect(without("decryption")).toContain("it loses spec.decryption, which kubernetes/flux/vars/settings.sops.yaml");
  expect(without("postBuild", own, "bootstrap/own.yaml")).toContain("loses spec.postBuild, which extra/filled.yaml");
  expect(
    unknownOf({ ...tree, "extra/filled.yaml": object("ConfigMap", "b") }, { "bootstrap/own.yaml": ks("own", "extra") }),
  ).toBe("");
  expect(unknownOf(tree, { [root]: text.replace("interval: 30m", "interval: 10m") })).toBe("");
});

test("a root whose document nothing applies may be applied all the same, and lose what its new path has not", () => {
  const { "kubernetes/flux/config/cluster.yaml": text = "", ...rest } = homeTree();
  const root = "bootstrap/cluster.yaml";
  const tree: Files = { ...rest, [root]: text, [CONFIG]: kustomization(["flux.yaml"]) };
  const said = (to: string) => unknownOf(tree, { [root]: text.replace(/path: \S+/, `path: ${to}`) });
  expect(said("./kubernetes/apps")).toMatch(/cluster changes, and nothing in this .* Flux deletes/);
  expect(said("./kubernetes/nowhere")).toMatch(/what it delivers then cannot be read here/);
  expect(unknownOf(tree, { [root]: text.replace("  interval: ", "  timeout: 5m\n  interval: ") })).toBe("");
});

test("a release that resumes catches up on what changed meanwhile", () => {
  const file = `${APP}/helmrelease.yaml`;
  const tree: Files = { ...homeTree(), [file]: release("player", ["suspend: true"]) };
  expect(unknownOf(tree, { [file]: release("player") })).toContain("HelmRelease media/player is suspended today");
  expect(unknownOf(tree, { [file]: release("player", ["suspend: true", "timeout: 5m"]) })).toBe("");
});

describe("a generator whose file is not in the repository (`.env`)", () => {
  const generator = "configMapGenerator: [{name: env, envs: [player.env]}]";
  const listing = (resources: string[]) => kustomization(resources, [generator]);
  const tree: Files = { ...homeTree(), [LISTING]: listing(["helmrelease.yaml", "pvc.yaml"]) };

  test("hides nothing of what else the folder stops delivering", () => {
    const edits = { ...withoutClaim, [LISTING]: listing(["helmrelease.yaml"]) };
    expect(judge(tree, edits).safety.outcomes.deleted?.names).toEqual(["PersistentVolumeClaim media/player"]);
  });

  test("stops the build when the change itself takes the file away: nothing is pruned", () => {
    const edits = { [`${APP}/player.env`]: undefined, ...withoutClaim, [LISTING]: listing(["helmrelease.yaml"]) };
    const verdict = judge({ ...tree, [`${APP}/player.env`]: "A=b\n" }, edits);
    expect(verdict.wanted).toEqual([]);
    expect(JSON.stringify(verdict.findings)).toContain("player.env: no such file");
  });
});

describe("artifacts of two clusters that have one name", () => {
  const generator = (folder: string) =>
    object("ArtifactGenerator", "parts", "source.extensions.fluxcd.io/v1beta1", [
      "  namespace: flux-system",
      "spec:",
      "  sources: [{alias: repo, kind: GitRepository, name: flux-system}]",
      `  artifacts: [{name: apps, copy: [{from: '@repo/apps/${folder}/**', to: '@artifact/'}]}]`,
    ]);
  const source = object("GitRepository", "flux-system", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec: {interval: 1m, url: 'https://git.example.invalid/me/home.git', ref: {branch: main}}",
  ]);
  const cluster = (folder: string, hasRoot: boolean): Files => ({
    [`clusters/${folder}/flux-system/gotk-sync.yaml`]: hasRoot
      ? source + ks("flux-system", `clusters/${folder}`, [], "flux-system")
      : "",
    [`clusters/${folder}/flux-system/gotk-components.yaml`]: "",
    [`clusters/${folder}/parts.yaml`]: generator(folder),
    [`clusters/${folder}/apps.yaml`]: ks("apps", "", [], "apps").replace("GitRepository", "ExternalArtifact"),
    [`apps/${folder}/claim.yaml`]: object("PersistentVolumeClaim", folder, "v1", ["  namespace: media"]),
    [`apps/${folder}/space.yaml`]: object("Namespace", "media"),
  });

  test.each([
    ["", true],
    [" and no root in Git", false],
  ])("are each made from the folder of their own cluster%s", (_, hasRoot) => {
    const tree = { ...cluster("one", hasRoot), ...cluster("two", hasRoot) };
    for (const folder of ["one", "two"]) {
      const { verdict, clusters } = verifyEdits({ [`apps/${folder}/claim.yaml`]: undefined }, tree, []);
      const goes = clusters.flatMap(({ safety }) => safety.dangers.map(({ resource }) => resource));
      expect([verdict, goes]).toEqual(["deletes", [`PersistentVolumeClaim media/${folder}`]]);
    }
  });
});
