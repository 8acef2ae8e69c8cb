import { describe, expect, test } from "vitest";
import {
  fluxKey,
  isCustomGroup,
  keyOfObject,
  keyOfOwner,
  ownerName,
  printKey,
  sayOwner,
  splitKey,
} from "../../src/admission/key.ts";
import type { Outcome } from "../../src/change/types.ts";
import { findFilled, listUses } from "../../src/change/variable-uses.ts";
import type { Course, FluxHistory } from "../../src/change/variants.ts";
import { isFluxCore, judgeLoss } from "../../src/safety/fate/danger.ts";
import { makeMadeJudge } from "../../src/safety/fate/made.ts";
import { findSecondOwners, isWorthAnOwner } from "../../src/safety/fate/second-owners.ts";
import { memoryTree } from "../support/memory.ts";

describe("the key of an object", () => {
  test.each<[apiVersion: string, kind: string, namespace: string, key: string]>([
    ["v1", "ConfigMap", "a", "|ConfigMap|a|x"],
    ["v1", "ConfigMap", "", "|ConfigMap|default|x"],
    ["v1", "Namespace", "a", "|Namespace||x"],
    ["v1", "PersistentVolume", "a", "|PersistentVolume||x"],
    ["v1", "PersistentVolumeClaim", "a", "|PersistentVolumeClaim|a|x"],
    ["apps/v1", "Deployment", "", "apps|Deployment|default|x"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole", "a", "rbac.authorization.k8s.io|ClusterRole||x"],
    ["rbac.authorization.k8s.io/v1", "Role", "a", "rbac.authorization.k8s.io|Role|a|x"],
    ["cert-manager.io/v1", "ClusterIssuer", "a", "cert-manager.io|ClusterIssuer||x"],
    ["cert-manager.io/v1", "Issuer", "", "cert-manager.io|Issuer||x"],
    ["source.toolkit.fluxcd.io/v1", "GitRepository", "", "source.toolkit.fluxcd.io|GitRepository|default|x"],
    ["fluxcd.controlplane.io/v1", "ResourceSet", "", "fluxcd.controlplane.io|ResourceSet|default|x"],
    ["example.com/v1", "Namespace", "a", "example.com|Namespace|a|x"],
  ])("%s %s in %j", (apiVersion, kind, namespace, key) => {
    expect(keyOfObject({ apiVersion, kind, namespace, name: "x" })).toBe(key);
    const far = keyOfObject({ apiVersion, kind, namespace, name: "x" }, "b/c");
    expect(far).toBe(`${key}|@b/c`);
    const [group, , own] = key.split("|");
    expect(splitKey(key)).toEqual({ group, kind, namespace: own, name: "x", remote: "" });
    expect(splitKey(far)).toEqual({ group, kind, namespace: own, name: "x", remote: "b/c" });
  });

  test.each<[group: string, custom: boolean]>([
    ["", false],
    ["apps", false],
    ["k8s.io", false],
    ["storage.k8s.io", false],
    ["helm.toolkit.fluxcd.io", false],
    ["fluxcd.controlplane.io", false],
    ["my.fluxcd.controlplane.io", false],
    ["x-k8s.io", true],
    ["k8s.io.example.com", true],
    ["cert-manager.io", true],
  ])("of the group %j", (group, custom) => {
    expect(isCustomGroup(group)).toBe(custom);
  });

  test("is said as people say it", () => {
    expect(printKey("|ConfigMap|a|x")).toBe("ConfigMap a/x");
    expect(printKey("|Namespace||x")).toBe("Namespace x");
    expect(printKey("|ConfigMap|a|x|@b/c")).toBe("ConfigMap a/x in the cluster of b/c");
    expect(fluxKey("", "x")).toBe("kustomize.toolkit.fluxcd.io|Kustomization|default|x");
  });

  test.each<[key: string, name: string, said: string]>([
    [fluxKey("a", "x"), "a/x", "Kustomization a/x"],
    ["fluxcd.controlplane.io|ResourceSet|a|x", "ResourceSet a/x", "ResourceSet a/x"],
    ["helm.toolkit.fluxcd.io|HelmRelease|a|x", "HelmRelease a/x", "HelmRelease a/x"],
  ])("of an owner, there and back: %s", (key, name, said) => {
    expect(ownerName(key)).toBe(name);
    expect(keyOfOwner(name)).toBe(key);
    expect(sayOwner(name)).toBe(said);
  });

  test("of the operator is its name", () => {
    expect(sayOwner("flux-operator")).toBe("flux-operator");
  });
});

describe("what a loss means", () => {
  test.each<[key: string, rank: number]>([
    ["apps|Deployment|flux-system|kustomize-controller", 9],
    ["apps|Deployment|flux-system|source-controller", 9],
    ["apps|Deployment|flux-system|helm-controller", 9],
    ["apps|Deployment|flux-system|notification-controller", 3],
    ["apps|Deployment|flux-system|my-source-controller", 3],
    ["apps|Deployment|flux-system|source-controller-shard1", 3],
    ["apps|Deployment|flux-system|source-controller|@a/b", 3],
    ["apiextensions.k8s.io|CustomResourceDefinition||kustomizations.kustomize.toolkit.fluxcd.io", 9],
    ["apiextensions.k8s.io|CustomResourceDefinition||gitrepositories.source.toolkit.fluxcd.io", 9],
    ["apiextensions.k8s.io|CustomResourceDefinition||alerts.notification.toolkit.fluxcd.io", 6],
    ["apiextensions.k8s.io|CustomResourceDefinition||a.helm.toolkit.fluxcd.io.example.com", 6],
    ["fluxcd.controlplane.io|FluxInstance|flux-system|flux", 9],
    ["example.com|FluxInstance|flux-system|flux", 1],
    ["fluxcd.controlplane.io|ResourceSet|a|x", 5],
    ["example.com|ResourceSet|a|x", 1],
    ["|Namespace||x", 8],
    ["example.com|Namespace|a|x", 1],
    ["|PersistentVolumeClaim|a|x", 7],
    ["helm.toolkit.fluxcd.io|HelmRelease|a|x", 5],
    ["kustomize.toolkit.fluxcd.io|Kustomization|a|x", 5],
    ["apps|StatefulSet|a|x", 4],
    ["example.com|MyDatabase|a|x", 4],
    ["example.com|MyDB|a|x", 4],
    ["example.com|MyCluster|a|x", 4],
    ["example.com|ClusterThing|a|x", 1],
    ["networking.k8s.io|Ingress|a|x", 3],
    ["batch|CronJob|a|x", 3],
    ["batch|Job|a|x", 3],
    ["apps|DaemonSet|a|x", 3],
    ["|Service|a|x", 3],
    ["gateway.networking.k8s.io|HTTPRoute|a|x", 3],
    ["serving.knative.dev|Services|a|x", 1],
    ["|Secret|a|x", 2],
    ["|ServiceAccount|a|x", 2],
    ["rbac.authorization.k8s.io|ClusterRoleBinding||x", 2],
    ["rbac.authorization.k8s.io|RoleBinding|a|x", 2],
    ["rbac.authorization.k8s.io|Role|a|x", 2],
    ["|ConfigMap|a|x", 1],
  ])("of %s", (key, rank) => {
    expect(judgeLoss(key).rank).toBe(rank);
    expect(isFluxCore(key)).toBe(rank === 9);
    expect(judgeLoss(key).takes !== undefined).toBe(rank >= 5 || key.includes("StatefulSet"));
  });

  test("is what somebody has settled", () => {
    expect(judgeLoss("|ConfigMap|a|x", () => "all of it")).toEqual({ rank: 7, takes: "all of it" });
  });
});

const outcome = (more: Partial<Outcome>): Outcome =>
  ({
    kind: "Deployment",
    namespace: "a",
    name: "x",
    key: "apps|Deployment|a|x",
    fate: "kept",
    before: [],
    after: [],
    danger: 3,
    ...more,
  }) as unknown as Outcome;

describe("what a template made goes", () => {
  const SET = "ResourceSet flux-system/tenants";
  const made = { template: "0", input: "a" };
  const gone = (more: Partial<Outcome> = {}) =>
    outcome({ fate: "deleted", before: [SET], made, ...more } as Partial<Outcome>);
  const comes = (more: Partial<Outcome> = {}) =>
    outcome({ key: "apps|Deployment|a|y", fate: "created", after: [SET], made, ...more } as Partial<Outcome>);
  const judge = (all: Outcome[], one: Outcome, isData = false, files: Record<string, string> = {}) =>
    makeMadeJudge(all, memoryTree(files))(one, isData);

  test("with its maker, which says it", () => {
    const maker = outcome({ key: "fluxcd.controlplane.io|ResourceSet|flux-system|tenants", fate: "deleted" });
    expect(judge([maker], gone())).toBeUndefined();
    expect(judge([{ ...maker, fate: "kept" } as Outcome], gone())).toMatchObject({ wanted: false });
  });

  test("for an input that is taken out", () => {
    expect(judge([], gone())).toEqual({ wanted: false, because: `An input or a template of ${SET} is taken out.` });
  });

  test("for another of its place", () => {
    const because = `${SET} makes Deployment a/y in its place; the old object goes.`;
    expect(judge([comes()], gone({ danger: 3 }))).toEqual({ wanted: false, because });
    expect(judge([comes()], gone({ danger: 4 }))).toEqual({ wanted: true, because });
    for (const other of [
      comes({ kind: "Service" }),
      comes({ made: { template: "1", input: "a" } }),
      comes({ after: ["ResourceSet a/b"] }),
      comes({ fate: "kept" as Outcome["fate"] }),
      { ...comes(), made: undefined } as unknown as Outcome,
    ])
      expect(judge([other], gone({ danger: 4 }))).toMatchObject({
        wanted: false,
        because: expect.stringContaining("taken out"),
      });
  });

  test("from a chart", () => {
    const RELEASE = "HelmRelease media/player";
    const of = (isData: boolean, files: Record<string, string>) =>
      judge([], gone({ before: [RELEASE], at: { file: "chart/templates/a.yaml", line: 1, col: 1 } }), isData, files);
    const here = { "chart/templates/a.yaml": "" };
    expect(of(true, {})).toEqual({ wanted: false, because: "Its template is removed from the chart." });
    expect(of(true, here)).toMatchObject({ wanted: true });
    expect(of(false, here)).toEqual({ wanted: false, because: "The chart no longer makes it." });
  });
});

describe("a second owner", () => {
  const history = (name: string, more: object = {}, stage = 2): [string, FluxHistory] => {
    const key = fluxKey("flux-system", name);
    const spec = { id: "1", prune: true, suspend: false, finalizes: true, source: "", ...more };
    return [
      key,
      {
        key,
        configs: [{ spec, stage, tree: "after" }],
        existed: true,
        delivered: true,
        at: { file: `${name}.yaml`, line: 1, col: 1 },
        fixed: false,
      } as unknown as FluxHistory,
    ];
  };
  const [A, B] = ["flux-system/a", "flux-system/b"];
  const UNBUILT = { build: () => ({ ok: false, reason: "" }), mayDiffer: () => true };
  const found = (outcomes: Outcome[], ...histories: [string, FluxHistory][]) =>
    findSecondOwners(outcomes, { histories: new Map(histories), after: UNBUILT } as unknown as Course).map(
      ({ resource, at, what }) => [resource, at.file, what.slice(0, what.indexOf(" as well"))],
    );
  const both = outcome({ before: [A], after: [A, B] });
  const SAID = ["Kustomization flux-system/b", "b.yaml", "Kustomization flux-system/b applies Deployment a/x"];

  test("comes beside the first", () => {
    expect(found([both], history("a"), history("b"))).toEqual([SAID]);
    const more = outcome({ key: "apps|Deployment|a|y", before: [A], after: [B, A] });
    expect(found([both, more], history("a"), history("b"))).toEqual([[SAID[0], SAID[1], `${SAID[2]} and 1 more`]]);
  });

  test.each<[what: string, one: Partial<Outcome>]>([
    ["was there before", { before: [A, B] }],
    ["takes it over", { after: [B] }],
    ["is alone", { after: [A] }],
    ["comes to a ConfigMap", { key: "|ConfigMap|a|x", kind: "ConfigMap" }],
    ["comes to a Namespace", { key: "|Namespace||x", kind: "Namespace" }],
  ])("is none where it %s", (_, one) => {
    expect(found([{ ...both, ...one } as Outcome], history("a"), history("b"))).toEqual([]);
  });

  test("comes to what is new with it", () => {
    const fresh = { ...both, before: [] } as Outcome;
    expect(found([fresh], history("a"), history("b"))).toEqual([SAID]);
    expect(found([{ ...fresh, key: "|ConfigMap|a|x", kind: "ConfigMap" }], history("a"), history("b"))).toEqual([]);
  });

  test("is none where one of both cannot delete", () => {
    for (const more of [{ prune: false }, { suspend: true }]) {
      expect(found([both], history("a", more), history("b"))).toEqual([]);
      expect(found([both], history("a"), history("b", more))).toEqual([]);
    }
    expect(found([both], history("a"), history("b", {}, 1))).toEqual([]);
    expect(found([both], history("a"))).toEqual([]);
  });

  test("is worth a word from a Deployment on", () => {
    expect(
      ["apps|Deployment|a|x", "|Secret|a|x", "|PersistentVolumeClaim|a|x"].map((key) =>
        isWorthAnOwner({ key, kind: splitKey(key).kind }),
      ),
    ).toEqual([true, false, true]);
  });
});

describe("variables that files use", () => {
  const uses = (files: Record<string, string>) => {
    const { filled, literal } = listUses(
      memoryTree(files),
      Object.keys(files),
      Object.keys(files).filter((file) => file.includes("kustomization")),
    );
    return [Object.fromEntries(filled), Object.fromEntries(literal)];
  };
  test.each<[text: string, names: string[]]>([
    ["a: ${NAME}", ["NAME"]],
    ["a: ${NAME} ${NAME} ${_x1}", ["NAME", "_x1"]],
    ["a: $${NAME}", []],
    ["a: ${NAME:=x}", []],
    ["a: ${NAME:-}", []],
    ["a: ${1NAME}", []],
    ["a: $NAME", []],
    ["# ${NAME}\na: b", []],
    ["  # ${NAME}\na: b # ${OTHER}", ["OTHER"]],
  ])("%j", (text, names) => {
    expect(uses({ "a.yaml": text })).toEqual([Object.fromEntries(names.map((name) => [name, ["a.yaml"]])), {}]);
    expect(findFilled(memoryTree({ "a.yaml": text }), new Set(["a.yaml"]))).toBe(
      names.length > 0 || /(?<!\$)\$\{NAME:/.test(text) ? "a.yaml" : undefined,
    );
  });

  const OFF = "metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n";
  test("are left where the document says so", () => {
    const text = `${OFF}a: \${ONE}\n---\na: \${TWO}\n`;
    expect(uses({ "a.yaml": text, "b.yaml": "c: ${TWO}" })).toEqual([
      { TWO: ["a.yaml", "b.yaml"] },
      { ONE: ["a.yaml"] },
    ]);
    for (const mark of [
      '"kustomize.toolkit.fluxcd.io/substitute": "disabled"',
      "{kustomize.toolkit.fluxcd.io/substitute: 'disabled'}",
    ])
      expect(uses({ "a.yaml": `a: ${mark}\nb: \${ONE}` })).toEqual([{}, { ONE: ["a.yaml"] }]);
    expect(uses({ "a.yaml": `${OFF.replace("disabled", "enabled")}b: \${ONE}` })[1]).toEqual({});
    expect(findFilled(memoryTree({ "a.yaml": `${OFF}a: \${ONE}` }), new Set(["a.yaml"]))).toBeUndefined();
  });

  test("are left in what a generator reads that says so", () => {
    const list = (mark: string) =>
      `configMapGenerator:\n  - name: made\n    files: [data.txt]\n    options: {annotations: {kustomize.toolkit.fluxcd.io/substitute: ${mark}}}\n`;
    const files = (mark: string) => ({ "app/kustomization.yaml": list(mark), "app/data.txt": "${ONE}" });
    expect(uses(files("disabled"))).toEqual([{}, { ONE: ["app/data.txt"] }]);
    expect(uses(files("enabled"))).toEqual([{ ONE: ["app/data.txt"] }, {}]);
  });
});
