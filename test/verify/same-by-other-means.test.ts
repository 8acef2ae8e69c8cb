import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object, operatorTree, release } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const APP = "kubernetes/apps/media/player/app";
const LIST = `${APP}/kustomization.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";

const verdict = (edits: Edits, tree: Files) => verifyEdits(edits, tree).verdict;

describe("a patch beside a remote base decides by what it says", () => {
  const base = kustomization(["helmrelease.yaml", "pvc.yaml", "https://example.invalid/base.yaml"]);
  const said = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: b}\n";
  const lines = (text: string) => text.replace(/^/gm, "      ").trimEnd();
  const inline = (text = said) => `${base}patches:\n  - patch: |-\n${lines(text)}\n`;
  const inFile = `${base}patches: [{path: patch.yaml}]\n`;
  const merged = `${base}patchesStrategicMerge: [patch.yaml]\n`;
  const tree = { ...homeTree(), [LIST]: inline() };
  const other = { ...homeTree(), [LIST]: inFile, [`${APP}/patch.yaml`]: said };

  test.each<[string, Files, Edits]>([
    ["goes into a file", tree, { [LIST]: inFile, [`${APP}/patch.yaml`]: `# Why\n${said}` }],
    ["comes out of a file", other, { [LIST]: inline(), [`${APP}/patch.yaml`]: undefined }],
    ["is written otherwise", tree, { [LIST]: inline(said.replace("data: {a: b}", "data:\n  a: 'b'")) }],
    ["changes its field", { ...other, [LIST]: merged }, { [LIST]: inFile }],
  ])("%s", (_, from, edits) => {
    expect(verdict(edits, from)).toBe("safe");
  });

  test.each([
    ["the chart of a release", release("far").replace("chart: app,", "chart: app, version: 1.2.3,"), "1.2.3", "1.3.0"],
    [
      "an image",
      "kind: Deployment\nmetadata: {name: far}\nspec: {x: [{name: a, image: 'far:1.2.3'}]}\n",
      ":1.2",
      ":1.3",
    ],
    ...["StatefulSet", "DaemonSet"].map((kind): [string, string, string, string] => [
      `an image of a ${kind}`,
      `kind: ${kind}\nmetadata: {name: far}\nspec: {x: [{name: a, image: 'far:1.2.3'}]}\n`,
      ":1.2",
      ":1.3",
    ]),
    [
      "an image of a CronJob",
      "kind: CronJob\nmetadata: {name: far}\nspec: {jobTemplate: {spec: {x: [{name: a, image: 'far:1.2.3'}]}}}\n",
      ":1.2",
      ":1.3",
    ],
  ])("gets another version of %s", (_, text, from, to) => {
    const now = { [`${APP}/patch.yaml`]: text.replace(from, to) };
    expect(verdict(now, { ...other, [`${APP}/patch.yaml`]: text })).toBe("safe");
  });

  test("gets another version of a source", () => {
    const text = object("OCIRepository", "far", "source.toolkit.fluxcd.io/v1", ["spec: {ref: {tag: 1.2.3}}"]);
    const now = { [`${APP}/patch.yaml`]: text.replace("1.2.3", "1.3.0") };
    expect(verdict(now, { ...other, [`${APP}/patch.yaml`]: text })).toBe("unproven");
  });

  test("says something else in its file", () => {
    const now = said.replace("data: {a: b}", "$patch: delete");
    expect(verdict({ [`${APP}/patch.yaml`]: now }, other)).toBe("unproven");
    expect(verdict({ [LIST]: inFile, [`${APP}/patch.yaml`]: now }, tree)).toBe("unproven");
  });
});

describe("a patch for releases that comes beside a remote base", () => {
  const base = kustomization(["helmrelease.yaml", "pvc.yaml", "https://example.invalid/base.yaml"]);
  const tree = { ...homeTree(), [LIST]: base };
  const patch = (text: string, more = "", target = "{kind: HelmRelease, name: far}") =>
    `${base}patches:\n  - patch: |-\n${text.replace(/^/gm, "      ")}\n    target: ${target}\n${more}`;
  const release = (spec: string, metadata = "{name: any}") => `kind: HelmRelease\nmetadata: ${metadata}\nspec: ${spec}`;

  test.each([
    ["how often they are asked", patch(release("{interval: 2h}"))],
    ["how many they keep", patch(release("{interval: 2h, maxHistory: 3}"))],
    ["with a namespace in it", patch(release("{timeout: 2h}", "{name: any, namespace: web}"))],
    ["of all of them", patch(release("{interval: 2h}"), "", "{kind: HelmRelease}")],
  ])("is content: %s", (_, text) => {
    expect(verdict({ [LIST]: text }, tree)).toBe("safe");
  });

  const fields = ["chart", "chartRef", "kubeConfig", "releaseName", "suspend", "targetNamespace", "storageNamespace"];
  const deeds = ["install", "upgrade", "rollback", "uninstall", "driftDetection", "postRenderers", "values"];
  test.each([
    ...[...fields, ...deeds, "valuesFrom"].map((one) => [one, patch(release(`{interval: 2h, ${one}: {a: b}}`))]),
    ["a field goes", patch(release("{interval: null}"))],
    ["all goes", patch("kind: HelmRelease\nmetadata: {name: any}\n$patch: delete\nspec: {interval: 2h}")],
    ["a part goes", patch(release("{interval: 2h, dependsOn: [{$patch: replace}]}"))],
    ["another field", patch(`${release("{interval: 2h}")}\nextra: a`)],
    ["a mark", patch(release("{interval: 2h}", "{name: any, annotations: {a: b}}"))],
    ["no spec", patch("kind: HelmRelease\nmetadata: {name: any}")],
    ["a spec that is none", patch(release("text"))],
    ["two documents", patch(`${release("{interval: 2h}")}\n---\n${release("{suspend: true}")}`)],
    ["operations", patch("- {op: replace, path: /spec/interval, value: 2h}")],
    ["text that cannot be read", patch("spec: {interval: [}")],
    ["another kind", patch(release("{interval: 2h}"), "", "{kind: Kustomization}")],
    ["any kind", patch(release("{interval: 2h}"), "", "{name: web}")],
    ["another name allowed", patch(release("{interval: 2h}"), "    options: {allowNameChange: true}\n")],
    [
      "no target",
      `${base}patches:\n  - patch: |-\n${release("{interval: 2h}", "{name: web}").replace(/^/gm, "      ")}\n`,
    ],
    ["a file that is not there", `${base}patches: [{path: gone.yaml, target: {kind: HelmRelease}}]\n`],
    ["no map", `${base}patches: [text]\n`],
  ])("may decide: %s", (_, text) => {
    expect(verdict({ [LIST]: text! }, tree)).not.toBe("safe");
  });

  test("may stand in the list of the older kind, by its text as by its file", () => {
    const text = "kind: HelmRelease\nmetadata: {name: any}\nspec: {suspend: true}";
    const inline = `${base}patchesStrategicMerge:\n  - |-\n${text.replace(/^/gm, "    ")}\n`;
    const file = { [LIST]: `${base}patchesStrategicMerge: [patch.yaml]\n`, [`${APP}/patch.yaml`]: text };
    expect(verdict(file, { ...tree, [LIST]: inline })).toBe("safe");
    expect(verdict({ [LIST]: inline, [`${APP}/patch.yaml`]: undefined }, { ...tree, ...file })).toBe("safe");
    expect(verdict({ [`${APP}/patch.yaml`]: text.replace("true", "false") }, { ...tree, ...file })).toBe("unproven");
  });
});

describe("beside a remote base", () => {
  const fills = (more: string) =>
    ks("player", APP, [
      "targetNamespace: media",
      `postBuild: {substituteFrom: [{kind: Secret, name: settings${more}}]}`,
    ]);
  const list = kustomization(["helmrelease.yaml", "https://example.invalid/base.yaml"]);

  test.each([
    ["", ", optional: true"],
    [", optional: true", ""],
    ["", ", optional: false"],
  ])("what is substituted from is optional or not: %s to %s", (from, to) => {
    expect(verdict({ [PLAYER]: fills(to) }, { ...homeTree(), [LIST]: list, [PLAYER]: fills(from) })).toBe("safe");
  });
});

describe("a Kustomization on another repository", () => {
  const foreign = (...extra: string[]) => homeTree()[PLAYER] + ks("theirs", "deploy", extra, "theirs");
  const tree = { ...homeTree(), [PLAYER]: foreign() };

  test.each([
    [
      "does not prune any more",
      homeTree()[PLAYER] + ks("theirs", "deploy", [], "theirs").replace("prune: true", "prune: false"),
    ],
    ["is forced", foreign("force: true")],
    ["waits", foreign("wait: true")],
    ["writes its path in another way", foreign().replace("./deploy", "/deploy/")],
  ])("%s", (_, text) => {
    expect(verdict({ [PLAYER]: text }, tree)).toBe("safe");
  });

  test.each([
    ["a label", "{labels: {team: home, app.kubernetes.io/name: theirs}}", "safe"],
    ["a mark for Flux", "{annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}", "unproven"],
    ["a level of pod security", "{labels: {pod-security.kubernetes.io/enforce: restricted}}", "unproven"],
  ])("gets %s for all that it applies", (_, common, said) => {
    expect(verdict({ [PLAYER]: foreign(`commonMetadata: ${common}`) }, tree)).toBe(said);
  });

  test("gets another folder", () => {
    expect(verdict({ [PLAYER]: foreign().replace("./deploy", "./other") }, tree)).toBe("unproven");
  });
});

describe("a root that is moved with its own document", () => {
  const move = (tree: Files): Edits =>
    Object.fromEntries(
      Object.entries(tree)
        .filter(([path]) => path.startsWith("kubernetes/flux/"))
        .flatMap(([path, text]) => [
          [path, undefined],
          [path.replace("/flux/", "/main/"), text.replace(/path: (\.\/)?kubernetes\/flux/, "path: $1kubernetes/main")],
        ]),
    );

  test.each([
    ["a root that applies itself", homeTree(), "kubernetes/main/config/cluster.yaml"],
    ["a FluxInstance", operatorTree(), "kubernetes/main/config/instance.yaml"],
  ])("learns its new path only where the old folder is left: %s", (_, tree, file) => {
    const { findings } = verifyEdits(move(tree), tree);
    const { why, next } = findings.find(({ rule }) => rule === "build-breaks")!;
    expect(why).toContain(`Its new path, kubernetes/main, stands in ${file}`);
    expect(next).toContain("Leave a kustomization.yaml in the old folder");
    const left = { ...move(tree), "kubernetes/flux/kustomization.yaml": kustomization(["../main"]) };
    const listed = Object.keys(tree).filter((path) => path.startsWith("kubernetes/flux/") && !/\/kust/.test(path));
    const list = kustomization(listed.map((path) => `./${path.slice("kubernetes/flux/".length)}`));
    expect(verdict({ ...left, "kubernetes/main/kustomization.yaml": list }, tree)).toBe("safe");
  });

  test("what it leads to its new folder is said with it, once", () => {
    const tree = homeTree();
    const all = Object.entries(tree).flatMap(([path, text]): [string, string | undefined][] => [
      [path, undefined],
      [path.replace("kubernetes/", "prod/"), text.replaceAll("path: ./kubernetes/", "path: ./prod/")],
    ]);
    const { findings } = verifyEdits(Object.fromEntries(all), tree);
    const broken = findings.filter(({ rule }) => rule === "build-breaks");
    expect(broken.map(({ resource }) => resource)).toEqual(["Kustomization flux-system/cluster"]);
    expect(broken[0]!.what).toContain(
      "What it leads to its new folder waits for it: Kustomization flux-system/cluster-apps, Kustomization flux-system/chess",
    );
  });

  test("what many folders were moved for without what leads to them is one advice, by which reports put them together", () => {
    const adviceFor = (count: number) => {
      const names = ["one", "two", "three", "four"].slice(0, count);
      const apps = (top: string) =>
        names.flatMap((name) => [
          [`${top}/apps/${name}/ks.yaml`, ks(name, `${top}/apps/${name}/app`)],
          [`${top}/apps/${name}/app/cm.yaml`, object("ConfigMap", name)],
        ]);
      const tree = { ...homeTree(), ...Object.fromEntries(apps("kubernetes")) };
      const old = Object.keys(tree).filter((path) => path.startsWith("kubernetes/apps/"));
      const moved = old.map((path) => [path, undefined]);
      const { findings } = verifyEdits(Object.fromEntries([...moved, ...apps("prod")]), tree);
      const broken = findings.filter(({ why }) => why.startsWith("Its new path"));
      expect(broken.map(({ resource }) => resource)).toEqual(
        names.map((name) => `Kustomization flux-system/${name}`).sort(),
      );
      return [...new Set(broken.map(({ next }) => next))];
    };
    expect(adviceFor(3)).toHaveLength(3);
    expect(adviceFor(4)).toEqual([
      "Leave a kustomization.yaml in each old folder for now, which lists what is in the new one; take them away once that is reconciled.",
    ]);
  });

  test("is not sent to the folder of another cluster, whose root has the same name", () => {
    const edge = Object.entries(homeTree())
      .filter(([path]) => path.startsWith("kubernetes/flux/"))
      .map(([path, text]) => [path.replace("kubernetes/", "edge/"), text.replaceAll("kubernetes/flux", "edge/flux")]);
    const tree = { ...homeTree(), ...Object.fromEntries(edge) };
    const { findings } = verifyEdits(move(homeTree()), tree);
    const { why } = findings.find(({ rule }) => rule === "build-breaks")!;
    expect(why).toContain("Its new path, kubernetes/main, stands in kubernetes/main/config/cluster.yaml");
  });

  test("a path that is wrong is said as before", () => {
    const { findings } = verifyEdits({ [PLAYER]: homeTree()[PLAYER]!.replace("player/app", "palyer/app") });
    expect(findings.find(({ rule }) => rule === "build-breaks")?.why).toMatch(/^It builds today/);
  });

  test("a folder that is there and hidden from Flux is no folder that was moved", () => {
    const { findings } = verifyEdits({ ".sourceignore": `/${APP}/\n` });
    const broken = findings.filter(({ rule }) => rule === "build-breaks");
    expect(broken.map(({ why }) => why)).toEqual([expect.stringMatching(/^It builds today/)]);
  });
});

describe("values that a kustomization generates", () => {
  const VARS = "kubernetes/flux/vars";
  const options = "namespace: flux-system\ngeneratorOptions: {disableNameSuffixHash: true}\n";
  const generate = (source: string) =>
    `${kustomization(["settings.sops.yaml"])}${options}configMapGenerator: [{name: cluster-settings, ${source}}]\n`;
  const from = "substituteFrom: [{kind: ConfigMap, name: cluster-settings}, {kind: Secret, name: settings}]";
  const app = { [PLAYER]: `${homeTree()[PLAYER]}  postBuild: {${from}}\n` };
  const named = (name: string) => ({ [`${APP}/pvc.yaml`]: homeTree()[`${APP}/pvc.yaml`]!.replace("player", name) });
  const tree = (name: string): Files => ({
    ...homeTree(),
    ...app,
    ...named(name),
    [`${VARS}/cluster-settings.yaml`]: undefined as unknown as string,
    [`${VARS}/kustomization.yaml`]: generate("envs: [settings.env]"),
    [`${VARS}/settings.env`]: "DOMAIN=example.invalid\nZONE=a\n",
  });
  const clean = (files: Files): Files => Object.fromEntries(Object.entries(files).filter(([, text]) => text));

  test.each<[string, string, Edits]>([
    ["another key than that of a name", "'${key}'", { [`${VARS}/settings.env`]: "DOMAIN=example.invalid\nZONE=b\n" }],
    ["a key that no name takes, beside a default", "'${CLAIM:-player}'", { [`${VARS}/settings.env`]: "DOMAIN=b\n" }],
    [
      "the same as literals",
      "'${key}'",
      { [`${VARS}/kustomization.yaml`]: generate("literals: [DOMAIN=example.invalid, ZONE=a]") },
    ],
  ])("%s", (_, name, edits) => {
    expect(verdict(edits, clean(tree(name)))).toBe("safe");
  });

  test("the key of a name", () => {
    const edits = { [`${VARS}/settings.env`]: "DOMAIN=example.invalid\nZONE=a\nkey=b\n" };
    expect(verdict(edits, clean(tree("'${key}'")))).toBe("unproven");
  });

  test("a document that becomes a generator", () => {
    const edits: Edits = {
      [`${VARS}/cluster-settings.yaml`]: undefined,
      [`${VARS}/kustomization.yaml`]: generate("literals: [DOMAIN=example.invalid]"),
    };
    expect(verdict(edits, { ...homeTree(), ...app, ...named("'${key}'") })).toBe("safe");
  });
});

describe("a name becomes a variable, and the Kustomization gives it in the same change", () => {
  const CLAIM = `${APP}/pvc.yaml`;
  const given = (tree: Files, more = "") => `${tree[PLAYER]}  postBuild: {substitute: {APP: player}${more}}\n`;
  const named = (tree: Files) => tree[CLAIM]!.replace("name: player", "name: ${APP}");
  const plain = homeTree();
  const filled = {
    ...homeTree(),
    [`${APP}/helmrelease.yaml`]: release("player"),
    [PLAYER]: `${plain[PLAYER]}  postBuild: {substitute: {HOST: a}}\n`,
  };
  const role = {
    ...homeTree(),
    [`${APP}/helmrelease.yaml`]: release("player"),
    [CLAIM]: object("ClusterRole", "player", "rbac.authorization.k8s.io/v1"),
  };

  // With the old spec nothing is filled in, and the API server refuses the name before anything is pruned.
  test("nothing was filled in before", () => {
    const edits = { [PLAYER]: given(plain), [CLAIM]: named(plain), [`${APP}/helmrelease.yaml`]: release("player") };
    expect(verdict(edits, plain)).toBe("safe");
  });

  test.each<[string, Files, Edits]>([
    ["the old spec empties it", filled, { [PLAYER]: given(plain, ", HOST: a"), [CLAIM]: named(filled) }],
    ["a role may have that name", role, { [PLAYER]: given(role), [CLAIM]: named(role) }],
  ])("%s", (_, tree, edits) => {
    expect(verdict(edits, tree)).toBe("unsafe");
  });
});

test("two that go on applying something are spoken of as two", () => {
  const config = "kubernetes/apps/media/player/config";
  const more = (name: string) => ks(name, config, ["targetNamespace: media"]);
  const edits: Edits = {
    [PLAYER]: homeTree()[PLAYER]! + more("one") + more("two"),
    [LIST]: kustomization(["helmrelease.yaml"]),
    [`${APP}/pvc.yaml`]: undefined,
    [`${config}/kustomization.yaml`]: kustomization(["pvc.yaml"]),
    [`${config}/pvc.yaml`]: homeTree()[`${APP}/pvc.yaml`],
  };
  const text = verifyEdits(edits).findings.map(({ what, why }) => `${what} ${why}`);
  expect(text.join("\n")).toMatch(/before flux-system\/one and flux-system\/two apply it again/);
  expect(text.join("\n")).toMatch(/flux-system\/one and flux-system\/two still deliver it/);
});
