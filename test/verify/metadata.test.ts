import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findRefusals, sayRefusal } from "../../src/admission/refused.ts";
import { object } from "./home-tree.ts";
import { judge } from "./judge.ts";
import { type Case, h, LIST, op, PLAYER, PVC, player, sayOf } from "./odd-tree.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const says = (metadata: string, more = "", kind = "{apiVersion: v1, kind: ConfigMap") =>
  findRefusals(parse(`${kind}, metadata: {name: x, ${metadata}}${more}}`)).map(sayRefusal);
const OWNER = "apiVersion: v1, kind: ConfigMap, name: a, uid: 1f3b";

// All asked of kube-apiserver 1.34 with a server-side apply on trial.
describe("metadata", () => {
  test.each<[metadata: string, says: string]>([
    ["managedFields: [{manager: a}]", "managedFields is set, and may be set by the API server only"],
    ["resourceVersion: '5'", "resourceVersion is set, and may be set by the API server only"],
    ["resourceVersion: 5", "resourceVersion has to be text, and is 5"],
    ["deletionTimestamp: '2026-01-01T00:00:00Z'", "deletionTimestamp is set, and may be set by the API server only"],
    ["generation: '2'", 'generation has to be a whole number, and is "2"'],
    ["finalizers: a.example/b", 'finalizers has to be a list, and is "a.example/b"'],
    ["finalizers: [a.example/b, a.example/b]", 'finalizers.1 has "a.example/b", which another item of the list has'],
    ["ownerReferences: [{kind: ConfigMap, name: a, uid: x}]", "ownerReferences.0.apiVersion is missing"],
    ["ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a}]", "ownerReferences.0.uid is missing"],
    ["labels: {a/b/c: x}", "labels.a/b/c has a name that is none of a label"],
    ["labels: {A.b/c: x}", "labels.A.b/c has a name that is none of a label"],
    ["labels: {/c: x}", "labels./c has a name that is none of a label"],
    ["annotations: {a b: x}", "annotations.a b has a name that is none of an annotation"],
    ["annotations: {-b: x}", "annotations.-b has a name that is none of an annotation"],
    ["annotations: {example.com:8080/c: x}", "annotations.example.com:8080/c has a name that is none of an annotation"],
    [`annotations: {${"a".repeat(64)}: x}`, `annotations.${"a".repeat(64)} has a name that is none of an annotation`],
  ])("that the API server refuses: %s", (metadata, what) => {
    expect(says(metadata)).toEqual([`metadata.${what}`]);
  });

  test.each([
    ...["annotations: {A.b/c: x, a_b: y}", "labels: {a.example/b_c.D: x}", "resourceVersion: ''", "managedFields: []"],
    ...[`ownerReferences: [{${OWNER}, controller: true}]`, "finalizers: [foregroundDeletion]", "labels: {'${A} b': x}"],
    ...["creationTimestamp: null", "generation: 2", "selfLink: /x", "annotations: null", "finalizers: null"],
  ])("that it takes: %s", (metadata) => {
    expect(says(metadata)).toEqual([]);
  });

  test.each([
    ["an object whose name was text becomes a number", PVC, object("PersistentVolumeClaim", "'2048'"), "2048"],
    ["a name comes to be a number by its variable", PVC, object("ConfigMap", "${NAME}"), "2048"],
  ])("%s: Flux leaves it out, and deletes what is there", (_, file, text, name) => {
    const app = (value: string) => player(`postBuild: {substitute: {NAME: ${value}}}`);
    const [from, to] = text.includes("$") ? [app("game"), app(`"${name}"`)] : [app("a"), app("a")];
    const edits = { [file]: text.replace("'2048'", name), [PLAYER]: to };
    expect(sayOf({ ...h, [PLAYER]: from, [file]: text }, edits)).toMatch(/^unsafe \| field-ignored/);
  });

  test("of a Service whose name begins with a digit hangs on the version of Kubernetes", () => {
    const service = (name: string) =>
      object("Service", name, "v1", ["spec: {type: ExternalName, externalName: a.example}"]);
    expect(sayOf(h, { [PVC]: h[PVC] + service("2048-game") })).toBe("unproven");
    expect(sayOf(h, { [PVC]: h[PVC] + service("game-2048") })).toBe("safe");
  });

  test("of a Namespace holds levels of pod security that there are", () => {
    const enforce = (more: string) =>
      says(`labels: {pod-security.kubernetes.io/${more}}`, "", "{apiVersion: v1, kind: Namespace");
    expect(enforce("enforce: privilegd")).toEqual([
      'metadata.labels.pod-security.kubernetes.io/enforce has to be one of privileged, baseline, restricted, and is "privilegd"',
    ]);
    expect(enforce("warn-version: '1.2'")).toEqual([
      'metadata.labels.pod-security.kubernetes.io/warn-version has to be latest or v1.x, and is "1.2"',
    ]);
    expect(enforce("audit: restricted, pod-security.kubernetes.io/audit-version: v1.30")).toEqual([]);
  });

  test("of pods counts as that of objects", () => {
    const spec = ", spec: {jobTemplate: {}, template: {metadata: {labels: {'x y': z}}}}";
    expect(says("labels: {a: b}", spec, "{apiVersion: apps/v1, kind: DaemonSet")).toContain(
      "spec.template.metadata.labels.x y has a name that is none of a label",
    );
  });
});

describe("a field that a kind of Kubernetes does not have", () => {
  test("stops a Role, which Flux applies as it is written, and is left out of a binding", () => {
    const of = (kind: string) =>
      findRefusals(
        parse(`{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: {name: a}, rule: [], rules: []}`),
      );
    expect(of("Role")[0]).not.toHaveProperty("drops");
    expect(of("RoleBinding")[0]).toHaveProperty("drops", "field");
  });

  test("is left out by the operator as well, where a patch of the FluxInstance brings it", () => {
    const patch = (path: string) =>
      `  kustomize: {patches: [{target: {kind: Deployment, name: source-controller}, patch: "- {op: add, path: /spec/${path}, value: 2}"}]}\n`;
    const { findings } = judge(op, { [INSTANCE]: op[INSTANCE]! + patch("replica") });
    expect(findings.map(({ rule, what }) => [rule, what])).toEqual([
      [
        "instance-harms",
        "The operator leaves out what a patch of the FluxInstance brings to Deployment source-controller: spec.replica is no field there, but replicas is.",
      ],
    ]);
    expect(judge(op, { [INSTANCE]: op[INSTANCE]! + patch("replicas") }).safety.verdict).toBe("safe");
  });
});

const claim = (uid: string, more = "") =>
  object("PersistentVolumeClaim", "player", "v1", [
    ...(uid === "" ? [] : [`  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: ${uid}}]`]),
    more,
  ]);

describe("an owner, by whose uid Kubernetes collects what has none left", () => {
  test.each<Case>([
    ["comes to a claim", "unproven", { ...h, [PVC]: claim("") }, { [PVC]: claim("1f3b") }],
    ["gets another uid", "unproven", { ...h, [PVC]: claim("1f3b") }, { [PVC]: claim("2f3b") }],
    [
      "comes with a new object",
      "unproven",
      { ...h, [LIST]: h[LIST]!.replace("  - pvc.yaml\n", "") },
      { [PVC]: claim("1f3b"), [LIST]: h[LIST] },
    ],
    ["was there before", "safe", { ...h, [PVC]: claim("1f3b") }, { [PVC]: claim("1f3b", "  labels: {a: b}") }],
    ["goes", "safe", { ...h, [PVC]: claim("1f3b") }, { [PVC]: claim("") }],
  ])("%s", (_, expected, before, change) => {
    expect(sayOf(before, change)).toBe(expected);
  });
});
