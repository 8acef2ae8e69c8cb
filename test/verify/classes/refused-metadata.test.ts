import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findOddLabel } from "../../../src/admission/metadata.ts";
import { isLabelValue } from "../../../src/admission/names.ts";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";

const refusals = (text: string) => findRefusals(parse(text));
const of = (metadata: string, api = "v1", kind = "ConfigMap") =>
  `{apiVersion: ${api}, kind: ${kind}, metadata: {${metadata}}}`;
const named = (name: string, api?: string, kind?: string) => of(`name: ${name}`, api, kind);
const marked = (marks: string) => of(`name: a, ${marks}`);
const namespace = (labels: string) => of(`name: a, labels: {${labels}}`, "v1", "Namespace");
const pods = (metadata: string, kind = "Deployment", api = "apps/v1") =>
  `{apiVersion: ${api}, kind: ${kind}, metadata: {name: a}, spec: {template: {metadata: {${metadata}}}}}`;
const cron = (metadata: string) =>
  `{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {template: {metadata: {${metadata}}}}}}}`;

const SMALL = "only small letters, digits, - and . may be in it";
const HOST = "only small letters, digits and - may be in it, at most 63";
const SERVER = "is set, and may be set by the API server only";
const VALUE = "which is no value of a label";
const long = (length: number) => "a".repeat(length);

describe("is refused, and said with its place", () => {
  test.each<[text: string, ...said: string[]]>([
    [named("My-App"), `metadata.name is "My-App", and ${SMALL}`],
    [named("a_b"), `metadata.name is "a_b", and ${SMALL}`],
    [named("-a"), `metadata.name is "-a", and ${SMALL}`],
    [named("a-"), `metadata.name is "a-", and ${SMALL}`],
    [named(long(254)), `metadata.name is "${long(254)}", and ${SMALL}`],
    [named("a.b", "v1", "Namespace"), `metadata.name is "a.b", and ${HOST}`],
    [named(long(64), "v1", "Namespace"), `metadata.name is "${long(64)}", and ${HOST}`],
    [named(long(53), "batch/v1", "CronJob"), `metadata.name is "${long(53)}", and at most 52 characters may be in it`],
    [named(long(64), "batch/v1", "Job"), `metadata.name is "${long(64)}", and at most 63 characters may be in it`],
    [named("a.b", "v1", "Service"), `metadata.name is "a.b", and ${HOST}`],
    [named("a:B", "example.org/policy/v1"), `metadata.name is "a:B", and ${SMALL}`],
    [
      marked(
        "ownerReferences: [{apiVersion: '', kind: '', name: '', uid: ''}, {apiVersion: v1, kind: A, name: a, uid: ''}]",
      ),
      ...["apiVersion", "kind", "name", "uid"].map(
        (field) => `metadata.ownerReferences.0.${field} has to be a text that is not empty, and is ""`,
      ),
      'metadata.ownerReferences.1.uid has to be a text that is not empty, and is ""',
      "metadata.ownerReferences.1 has uid , which another item of the list has",
    ],
    [named("2048"), "metadata.name is 2048, and no text"],
    [named("true"), "metadata.name is true, and no text"],
    [named("[a]"), "metadata.name is a map or list, and no text"],
    [of("name: a, namespace: 2048"), "metadata.namespace has to be text, and is 2048"],
    [of("name: a, namespace: {}"), "metadata.namespace has to be text, and is a map or list"],
    [marked("labels: [a]"), "metadata.labels has to be a map"],
    [marked("annotations: a"), "metadata.annotations has to be a map"],
    [
      marked("annotations: {a: 5, b: true, c: [d]}"),
      "metadata.annotations.a has to be text, and is 5",
      "metadata.annotations.b has to be text, and is true",
      "metadata.annotations.c has to be text, and is a map or list",
    ],
    [marked("labels: {a: b, c: 5}"), "metadata.labels.c is 5, and no text"],
    [marked("labels: {a: {}}"), "metadata.labels.a is a map or list, and no text"],
    [marked("labels: {a: b c}"), `metadata.labels.a is "b c", ${VALUE}`],
    [marked("labels: {a: -b}"), `metadata.labels.a is "-b", ${VALUE}`],
    [marked("labels: {a: b-}"), `metadata.labels.a is "b-", ${VALUE}`],
    [marked(`labels: {a: ${long(64)}}`), `metadata.labels.a is "${long(64)}", ${VALUE}`],
    [marked("labels: {a b: c}"), "metadata.labels.a b has a name that is none of a label"],
    [marked("labels: {a/b/c: d}"), "metadata.labels.a/b/c has a name that is none of a label"],
    [marked("labels: {a/: d}"), "metadata.labels.a/ has a name that is none of a label"],
    [marked("labels: {/a: d}"), "metadata.labels./a has a name that is none of a label"],
    [marked("labels: {a..b/c: d}"), "metadata.labels.a..b/c has a name that is none of a label"],
    [marked("labels: {A.b/c: d}"), "metadata.labels.A.b/c has a name that is none of a label"],
    [marked("labels: {'': d}"), "metadata.labels. has a name that is none of a label"],
    [marked(`labels: {${long(64)}: d}`), `metadata.labels.${long(64)} has a name that is none of a label`],
    [marked(`labels: {${long(254)}/a: d}`), `metadata.labels.${long(254)}/a has a name that is none of a label`],
    [marked("annotations: {a b: c}"), "metadata.annotations.a b has a name that is none of an annotation"],
    [marked("deletionTimestamp: a"), `metadata.deletionTimestamp ${SERVER}`],
    [marked("deletionGracePeriodSeconds: 0"), `metadata.deletionGracePeriodSeconds ${SERVER}`],
    [marked("managedFields: [{}]"), `metadata.managedFields ${SERVER}`],
    [marked("resourceVersion: '5'"), `metadata.resourceVersion ${SERVER}`],
    [marked("label: {}"), "metadata.label is no field of metadata"],
    [marked("finalizers: a"), 'metadata.finalizers has to be a list, and is "a"'],
    [marked("finalizers: [a/b, a/b]"), 'metadata.finalizers.1 has "a/b", which another item of the list has'],
    [marked("finalizers: ['']"), 'metadata.finalizers.0 has to be a text that is not empty, and is ""'],
    [
      marked("ownerReferences: [{}]"),
      ...["apiVersion", "kind", "name", "uid"].map((field) => `metadata.ownerReferences.0.${field} is missing`),
    ],
    [
      marked("ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: a, controller: a, blockOwnerDeletion: 5}]"),
      'metadata.ownerReferences.0.controller has to be true or false, and is "a"',
      "metadata.ownerReferences.0.blockOwnerDeletion has to be true or false, and is 5",
    ],
    [marked("generation: a"), 'metadata.generation has to be a whole number, and is "a"'],
    [marked("resourceVersion: 5"), "metadata.resourceVersion has to be text, and is 5"],
    [marked("selfLink: 5"), "metadata.selfLink has to be text, and is 5"],
    [marked("uid: 5"), "metadata.uid has to be text, and is 5"],
    ...["enforce", "audit", "warn"].flatMap((mode): [string, string][] => {
      const key = `pod-security.kubernetes.io/${mode}`;
      return [
        [
          namespace(`${key}: strict`),
          `metadata.labels.${key} has to be one of privileged, baseline, restricted, and is "strict"`,
        ],
        [namespace(`${key}-version: "1.30"`), `metadata.labels.${key}-version has to be latest or v1.x, and is "1.30"`],
      ];
    }),
    [
      namespace("pod-security.kubernetes.io/warn-version: v1.30.1"),
      'metadata.labels.pod-security.kubernetes.io/warn-version has to be latest or v1.x, and is "v1.30.1"',
    ],
    [pods("labels: {a: b c}"), `spec.template.metadata.labels.a is "b c", ${VALUE}`],
    [pods("labels: {a b: c}"), "spec.template.metadata.labels.a b has a name that is none of a label"],
    [
      pods("annotations: {a b: c}", "Job", "batch/v1"),
      "spec.template.metadata.annotations.a b has a name that is none of an annotation",
    ],
    [cron("labels: {a: b c}"), `spec.jobTemplate.spec.template.metadata.labels.a is "b c", ${VALUE}`],
  ])("%s", (text, ...said) => {
    const own = refusals(text).map(sayRefusal);
    expect(own.filter((one) => one.includes("metadata"))).toEqual(said);
  });
});

describe("is taken as it is", () => {
  test.each([
    named("a-1.b"),
    named(long(253)),
    named("system:a", "rbac.authorization.k8s.io/v1", "ClusterRole"),
    named("A_b", "policy/v1", "PodDisruptionBudget"),
    named("a:B", "certificates.k8s.io/v1", "CertificateSigningRequest"),
    named("a:B", "user.openshift.io/v1", "Group"),
    named("a:B", "openshift.io/v1", "Group"),
    named("a.b:1", "data.packaging.carvel.dev/v1alpha1", "Package"),
    named("a.b", "v1", "ConfigMap"),
    named(long(63), "v1", "Namespace"),
    named("1a", "v1", "Namespace"),
    named(long(52), "batch/v1", "CronJob"),
    named(long(63), "batch/v1", "Job"),
    `{apiVersion: batch/v1, kind: Job, metadata: {name: ${long(64)}}, spec: {manualSelector: true}}`,
    named(long(64), "example.org/v1", "Job"),
    named('"${NAME}"', "v1", "Namespace"),
    named('"A${NAME}"'),
    of("name: a, namespace: null"),
    of("generateName: a"),
    marked("labels: null, annotations: null"),
    marked('labels: "${LABELS}", annotations: "${ALL}"'),
    marked("annotations: {a: null, b: any text}"),
    marked("labels: {a: null, b: ''}"),
    marked('labels: {a: "${A} b", "${KEY} c": d}'),
    marked(`labels: {a: ${long(63)}, b: A_b.c-d}`),
    marked(`labels: {${long(63)}: a, ${long(253)}/a: b, a.b-1/C_d: e}`),
    marked("annotations: {A.b/C: d}"),
    marked("deletionTimestamp: null, deletionGracePeriodSeconds: null, managedFields: []"),
    marked("resourceVersion: ''"),
    marked("resourceVersion: '0'"),
    marked('resourceVersion: "${V}"'),
    marked("creationTimestamp: null, finalizers: [a/b, orphan], generation: 5, selfLink: a, uid: a"),
    marked(
      "ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: a, controller: true, blockOwnerDeletion: false}]",
    ),
    namespace("pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/warn-version: latest"),
    namespace("pod-security.kubernetes.io/audit: restricted, pod-security.kubernetes.io/audit-version: v1.30"),
    namespace('pod-security.kubernetes.io/warn: privileged, pod-security.kubernetes.io/enforce: "${LEVEL}"'),
    namespace("my.pod-security.kubernetes.io/enforce: a, pod-security.kubernetes.io/other: a"),
    marked("labels: {pod-security.kubernetes.io/enforce: strict}"),
    pods("labels: {a: b}, annotations: {a: b c}"),
    pods("labels: {a b: c d}", "Deployment", "example.org/v1"),
    cron("labels: {a: b}"),
    "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: null}",
    "{apiVersion: v1, kind: A, metadata: a}",
    "{apiVersion: v1, kind: A}",
  ])("%s", (text) => {
    expect(
      refusals(text)
        .map(sayRefusal)
        .filter((one) => one.includes("metadata")),
    ).toEqual([]);
  });
});

test("what is dropped without a word, and what only some refuse, is said so", () => {
  expect(refusals(named("5"))).toMatchObject([{ drops: "object" }]);
  expect(refusals(marked("labels: {a: 5}"))).toMatchObject([{ drops: "labels" }]);
  expect(refusals(named("1a", "v1", "Service")).map((one) => [sayRefusal(one), one.doubtful])).toEqual([
    ['metadata.name is "1a", and Kubernetes before 1.36 takes no Service whose name begins with a digit', true],
  ]);
  expect(refusals(named("a1", "v1", "Service"))).toEqual([]);
});

test("a value of a label, and a label whose value is none", () => {
  for (const value of ["", "a", "A.b_c-d", long(63)]) expect(isLabelValue(value)).toBe(true);
  for (const value of ["-a", "a-", "a b", long(64)]) expect(isLabelValue(value)).toBe(false);
  expect(findOddLabel({ a: "b", c: null, d: 5, e: true })).toBe("d");
  expect(findOddLabel({ a: "b", c: null })).toBeUndefined();
  expect(findOddLabel("a")).toBeUndefined();
});
