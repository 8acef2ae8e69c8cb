import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const APP = "kubernetes/apps/media/player/app";
const LISTING = `${APP}/kustomization.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const BOTH = ["helmrelease.yaml", "pvc.yaml"];
const CLAIM = "PersistentVolumeClaim media/player";
const URL = "https://git.example.invalid/you/player?ref=v1";

function answer(tree: Files, edits: Edits) {
  const { verdict, dangers, unknown } = judge({ ...homeTree(), ...tree }, edits).safety;
  return { verdict, goes: dangers.map(({ resource }) => resource), mayGo: unknown.flatMap(({ mayGo = [] }) => mayGo) };
}
const SAFE = { verdict: "safe", goes: [], mayGo: [] };

describe("a part that cannot be read and is new", () => {
  test("takes nothing away: a remote base, or a file that is not there where another one is missing", () => {
    expect(answer({}, { [LISTING]: kustomization([...BOTH, URL]) })).toEqual(SAFE);
    const broken = { [LISTING]: kustomization([...BOTH, "gone.yaml"]) };
    expect(answer(broken, { [LISTING]: kustomization([...BOTH, "new/ks.yaml", "gone.yaml"]) })).toEqual(SAFE);
  });

  test("does not make a ConfigMap whose hash changes one that goes", () => {
    const list = (value: string, name = "config") =>
      kustomization([...BOTH, "gone.yaml"], [`configMapGenerator: [{name: ${name}, literals: [a=${value}]}]`]);
    expect(answer({ [LISTING]: list("1") }, { [LISTING]: list("2") })).toEqual(SAFE);
    expect(answer({ [LISTING]: list("1") }, { [LISTING]: list("1", "other") }).verdict).toBe("unproven");
  });

  test("may hold what leaves the folder in the same change", () => {
    const found = answer({}, { [LISTING]: kustomization(["helmrelease.yaml", URL]) });
    expect(found).toMatchObject({ verdict: "unproven", goes: [CLAIM] });
  });

  test("may change what is known: a component, or what a patch is read from", () => {
    const component = kustomization(BOTH, [`components: ["${URL}"]`]);
    expect(answer({}, { [LISTING]: component }).verdict).toBe("unproven");
    const patch = kustomization(BOTH, ["patches: [{path: https://git.example.invalid/patch.yaml}]"]);
    expect(answer({}, { [LISTING]: patch }).verdict).toBe("unproven");
  });

  test("is no more than another part that is missing: what was missing before has to be so still", () => {
    const broken = { [LISTING]: kustomization([...BOTH, "gone.yaml"]) };
    expect(answer(broken, { [LISTING]: kustomization([...BOTH, "other.yaml"]) }).verdict).toBe("unproven");
  });
});

describe("what shapes a remote base", () => {
  const inner = `${APP}/remote/kustomization.yaml`;
  const tree = { [LISTING]: kustomization([...BOTH, "remote"]), [inner]: kustomization([URL]) };
  const beside = (extra: string[]) => ({
    [LISTING]: kustomization([...BOTH, "remote", "beside"]),
    [`${APP}/beside/kustomization.yaml`]: kustomization(["map.yaml"], extra),
    [`${APP}/beside/map.yaml`]: object("ConfigMap", "map"),
  });

  test("is not what shapes a folder beside it", () => {
    expect(answer(tree, beside(["namePrefix: a-"]))).toEqual(SAFE);
  });

  test("is what stands above it, components included", () => {
    expect(answer(tree, { [LISTING]: kustomization([...BOTH, "remote"], ["namePrefix: a-"]) }).verdict).not.toBe(
      "safe",
    );
    expect(answer(tree, { [inner]: kustomization([URL], ["namespace: games"]) }).verdict).toBe("unproven");
    const shaped = {
      ...tree,
      [inner]: kustomization([URL], ["components: [../shape]"]),
      [`${APP}/shape/kustomization.yaml`]: "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
    };
    const edit = {
      [`${APP}/shape/kustomization.yaml`]: `${shaped[`${APP}/shape/kustomization.yaml`]}namespace: games\n`,
    };
    expect(answer(shaped, edit).verdict).toBe("unproven");
  });
});

describe("objects of a folder that cannot be built", () => {
  const broken = (resources: string[]) => ({ [LISTING]: kustomization([...resources, "gone.yaml"]) });

  test("are named where the change takes them out", () => {
    expect(answer(broken(BOTH), broken(["helmrelease.yaml"]))).toEqual({
      verdict: "unproven",
      goes: [],
      mayGo: [CLAIM],
    });
    const mended = { [LISTING]: kustomization(["helmrelease.yaml"]) };
    expect(answer(broken(BOTH), mended)).toEqual({ verdict: "unproven", goes: [], mayGo: [CLAIM] });
  });

  test("are named where all of it goes, but for those that Flux never deletes", () => {
    const spared = "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
    const tree = {
      ...broken([...BOTH, "kept.yaml"]),
      [`${APP}/kept.yaml`]: object("ConfigMap", "kept", "v1", [spared]),
    };
    const edits = {
      [PLAYER]: undefined,
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
    };
    expect(answer(tree, edits)).toMatchObject({ mayGo: ["HelmRelease media/player", CLAIM] });
  });
});

describe("a patch for a folder of another repository", () => {
  const text = (spec: string, metadata = "{name: all}") =>
    JSON.stringify(
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: ${metadata}\nspec: {${spec}}\n`,
    );
  const entry = (patch: string, target = ", target: {kind: HelmRelease}") => `patches: [{patch: ${patch}${target}}]`;
  const foreign = (...extra: string[]) => ks("theirs", "deploy", ["targetNamespace: media", ...extra], "theirs");
  const tree = { [PLAYER]: homeTree()[PLAYER] + foreign() };
  const verdict = (patch: string) => answer(tree, { [PLAYER]: homeTree()[PLAYER] + foreign(patch) }).verdict;

  test("is content where it only sets what decides nothing about a release", () => {
    expect(verdict(entry(text("serviceAccountName: theirs")))).toBe("safe");
  });

  test.each([
    ["names the chart", entry(text("chart: {spec: {chart: other}}"))],
    ["suspends", entry(text("suspend: true"))],
    ["takes something away", entry(text("serviceAccountName: null"))],
    ["deletes", entry(text("$patch: delete"))],
    ["sets an annotation", entry(text("interval: 1h", "{name: all, annotations: {a: b}}"))],
    ["has no target", entry(text("interval: 1h"), "")],
    ["is for whatever kind", entry(text("interval: 1h"), ", target: {kind: '.*'}")],
    [
      "is a list of operations",
      `patches: [{patch: '[{"op": "remove", "path": "/spec"}]', target: {kind: HelmRelease}}]`,
    ],
  ])("decides where it %s", (_, patch) => {
    expect(verdict(patch)).toBe("unproven");
  });
});

test("below a source that no file declares, other versions take nothing away, and anything else may", () => {
  const tree = { [PLAYER]: ks("player", APP, ["targetNamespace: media"], "elsewhere") };
  const player = (more: string) => release("player", [`values: {image: {tag: ${more}}}`]);
  const old = { ...tree, [`${APP}/helmrelease.yaml`]: player("v1.2.3") };
  const verdict = (edits: Edits) => answer(old, edits).verdict;
  expect(verdict({ [`${APP}/helmrelease.yaml`]: player(`v1.3.0@sha256:${"a".repeat(64)}`) })).toBe("safe");
  expect(verdict({ [`${APP}/helmrelease.yaml`]: player("v1.2.3, pullPolicy: Always") })).toBe("unproven");
  expect(verdict({ [`${APP}/helmrelease.yaml`]: player("v1.2.3").replace("/v2\n", "/v2beta2\n") })).toBe("unproven");
  expect(verdict({ [LISTING]: kustomization(["helmrelease.yaml"]) })).toBe("unproven");
  const sized = (size: string) => ({ [`${APP}/helmrelease.yaml`]: player(`v1.2.3, size: ${size}`) });
  expect(answer({ ...old, ...sized("10Gi") }, sized("5Gi")).verdict).toBe("unproven");
});
