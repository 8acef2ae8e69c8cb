import { object } from "../home-tree.ts";
import { type Cases, type Row, rows } from "./said.ts";

/** A release of a chart from elsewhere with some values before, and with others after. */
const values = (name: string, was: string, is: string, chart = "app", ...more: string[]): Row => {
  const all = (one: string) => [
    "spec:",
    "  interval: 1h",
    `  chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: charts}}}`,
    ...more.map((line) => `  ${line}`),
    `  values: ${one}`,
  ];
  return [name, "HelmRelease", all(was), all(is)];
};
const entry = (is: string) => `{persistence: {data: {${is}}}}`;
const own = (is: string) => `{persistence: {${is}}}`;
/** Values that are about something else. */
const REST = "{replicas: 1}";
const SIZE = "size: 5Gi";
const ON = "enabled: true";
const OFF = "enabled: false";
const PVC = "type: persistentVolumeClaim, size: 5Gi";
const KEEP = "annotations: {helm.sh/resource-policy: keep}";

/** What takes the values of a ConfigMap, which stay, beside its own. */
const FROM = "valuesFrom: [{kind: ConfigMap, name: claim}]";
const [shared, sharedEdits] = rows([
  values("named-anew", "{fullnameOverride: a}", "{fullnameOverride: b}", "app", FROM),
  values("part-off", "{db: {enabled: true}}", "{db: {enabled: false}}", "app", FROM),
  values("as-it-was", "{replicas: 1}", "{replicas: 2}", "app", FROM),
]);
const claim = object("ConfigMap", "claim", "v1", [
  "  namespace: flux-system",
  "data: {values.yaml: 'db: {persistence: {enabled: true, size: 5Gi}}'}",
]);

/** What charts make of values that are about claims. */
export const CLAIMS: Cases = {
  "an entry or a part that makes no claim any more": rows([
    values("entry-goes", entry(PVC), "{persistence: {}}"),
    values("entry-is-called-otherwise", entry(PVC), "{persistence: {config: {type: pvc, size: 5Gi}}}"),
    values("entry-of-another-type", entry(PVC), entry(`type: nfs, ${SIZE}`)),
    values("entry-without-its-type", entry(PVC), entry(SIZE)),
    values("entry-that-comes-to-have-a-type", entry(SIZE), entry(PVC)),
    values("entry-off", entry(PVC), entry(`${PVC}, ${OFF}`)),
    values("entry-of-another-claim", entry(PVC), entry(`${PVC}, existingClaim: a`)),
    values("entry-that-says-less", entry(SIZE), entry("annotations: {a: b}")),
    values("entry-that-is-only-on", entry(SIZE), entry(ON)),
    values("entry-that-was-only-on", entry(ON), REST),
    values("entry-with-a-class", entry("storageClass: a"), REST),
    values("entry-with-a-class-by-its-name", entry("storageClassName: a"), REST),
    values("entry-with-a-mode", entry("accessMode: a"), REST),
    values("entry-with-modes", entry("accessModes: [a]"), REST),
    values("entry-that-says-nothing", entry("a: b"), REST),
    values("entry-from-elsewhere", entry("existingClaim: a"), REST),
    values("entry-on-the-host", entry(`${ON}, hostPath: /a`), REST),
    values("entry-that-is-empty", entry(`${ON}, emptyDir: {}`), REST),
    values("entry-in-memory", entry(`${ON}, medium: Memory`), REST),
    values("entry-of-a-configmap", entry(`${ON}, configMap: a`), REST),
    values("entry-of-a-secret", entry(`${ON}, secret: a`), REST),
    values("entry-of-nfs", entry(`${ON}, nfs: a`), REST),
    values("entry-on-the-host-with-a-size", entry(`${SIZE}, hostPath: /a`), REST),
    values("entry-of-a-claim-by-its-short-name", entry("type: PVC"), REST),
    values("entry-of-a-template", entry("type: pvc-template"), REST),
    values("entry-that-is-kept", entry(`${PVC}, retain: true`), REST),
    values("entry-that-is-not-kept", entry(`${PVC}, retain: false`), REST),
    values("entry-that-is-marked", entry(`${PVC}, ${KEEP}`), REST),
    values("entry-that-is-marked-otherwise", entry(`${PVC}, annotations: {a: keep}`), REST),
    values("entry-that-is-not-marked", entry(`${PVC}, annotations: keep`), REST),
    values("entry-with-a-policy", entry(`${PVC}, resourcePolicy: keep`), REST),
    values("entry-with-no-policy", entry(`${PVC}, resourcePolicy: ''`), REST),
    values("entry-that-is-kept-while-it-goes", entry(PVC), entry(`${PVC}, ${OFF}, retain: true`)),
    values("part", own(ON), own(OFF)),
    values("part-that-goes", own(ON), "{a: b}"),
    values("part-with-a-size-alone", own(SIZE), own(OFF)),
    values("part-without-a-claim", own(`${ON}, type: emptyDir`), REST),
    values("part-of-the-host-with-a-claim", own(`${ON}, hostPath: /a`), REST),
    values("volume-of-prometheus", "{server: {persistentVolume: {enabled: true}}}", "{server: {}}"),
    values("claim-in-full", "{persistentVolumeClaim: {enabled: true}}", REST),
    values("claim-in-short", "{a: {b: {pvc: {enabled: true}}}}", "{a: {b: {}}}"),
    values("no-claim-by-its-name", "{pvcs: {enabled: true}, persistences: {enabled: true}}", REST),
    values("no-claim-of-that-name", "{my-pvc: {enabled: true}}", REST),
    values("no-map", "{persistence: true}", "{persistence: false}"),
    values("no-map-any-more", own(ON), "{persistence: none}"),
    values("above-it-goes", "{db: {persistence: {enabled: true}}}", "{db: none}"),
    values("above-it-is-off", `{db: {${ON}, persistence: {${ON}}}}`, `{db: {${OFF}, persistence: {${ON}}}}`),
    values("above-it-was-off", `{db: {${OFF}, persistence: {${ON}}}}`, `{db: {${OFF}, persistence: {${OFF}}}}`),
    values("all-of-it-is-off", `{${ON}, persistence: {${ON}}}`, `{${OFF}, persistence: {${ON}}}`),
    values("all-of-it-was-off", `{${OFF}, persistence: {${ON}}}`, `{${OFF}, persistence: {${OFF}}}`),
    values("is-open", own(ON), own("enabled: '${A}'")),
    values("was-open", own("enabled: '${A}'"), own("enabled: '${A}', size: 1Gi")),
    values("was-open-and-is-off", own("enabled: '${A}'"), own(OFF)),
    values("was-open-and-is-on", own("enabled: '${A}'"), own(ON)),
    values("was-open-and-goes", entry("enabled: '${A}', type: pvc"), REST),
    values("was-open-in-its-type", entry("type: '${A}', size: 5Gi"), REST),
    values("was-open-in-its-type-alone", entry("type: '${A}', path: /a"), REST),
    values("was-open-in-what-it-takes", entry(`${PVC}, existingClaim: '\${A}'`), REST),
    values("was-open-in-what-says-nothing", own("path: '${A}'"), REST),
    values("was-open-and-is-open-otherwise", own("enabled: '${A}'"), own("enabled: '${B}'")),
    values("is-open-in-its-type", entry(PVC), entry("type: '${A}', size: 5Gi")),
    values("is-open-in-what-it-takes", entry(PVC), entry(`${PVC}, existingClaim: '\${A}'`)),
    values("suspended", own(ON), own(OFF), "app", "suspend: true"),
    values("by-values-alone", entry(PVC), "{}", "app-template"),
  ]),
  "a part that comes to refuse the claim of its chart": rows([
    values("first-word", "{}", own(OFF)),
    values("first-word-is-another-claim", "{}", own("existingClaim: a")),
    values("first-word-is-yes", "{}", own(ON)),
    values("first-word-is-a-size", "{}", own(SIZE)),
    values("first-word-below", "{a: {b: 1}}", "{a: {b: 1, pvc: {enabled: false}}}"),
    values("first-word-of-what-comes", "{}", "{a: {pvc: {enabled: false}}}"),
    values("of-what-comes-on", "{}", "{a: {enabled: true, pvc: {enabled: false}}}"),
    values("of-what-was-off", "{a: {enabled: false}}", "{a: {enabled: false, pvc: {enabled: false}}}"),
    values("of-what-was-on", "{a: {enabled: true}}", "{a: {enabled: true, pvc: {enabled: false}}}"),
    values("of-what-is-off-as-a-whole", "{enabled: false}", "{enabled: false, pvc: {enabled: false}}"),
    values("of-what-is-on-as-a-whole", "{}", "{enabled: true, pvc: {enabled: false}}"),
    values("was-refused", own(OFF), own(`${OFF}, a: b`)),
    values("had-another-claim", own("existingClaim: a"), own(OFF)),
    values("had-another-type", own("type: emptyDir"), own(OFF)),
    values("had-only-a-size", own(SIZE), own(`${SIZE}, existingClaim: a`)),
    values("had-no-map", "{pvc: none}", "{pvc: {enabled: false}}"),
    values("is-no-map", "{}", "{pvc: none}"),
    values("is-no-claim", "{}", "{cache: {enabled: false}}"),
    values("of-a-part-that-was-no-map", "{a: none}", "{a: {pvc: {enabled: false}}}"),
    values("by-values-alone-from-elsewhere", "{}", own("existingClaim: a"), "app-template"),
    values("of-a-library", "{}", own(OFF), "common"),
  ]),
  "a claim that is asked to change": rows([
    values("smaller", entry(`${PVC}`), entry("type: persistentVolumeClaim, size: 4Gi")),
    values("larger", entry(PVC), entry("type: persistentVolumeClaim, size: 6Gi")),
    values("smaller-and-larger", own(`${ON}, size: 1Gi`), own(`${ON}, size: 1000Mi`)),
    values("no-size-before", own(ON), own(`${ON}, size: 1Gi`)),
    values("no-size-after", own(`${ON}, size: 1Gi`), own(ON)),
    values("no-number", own(`${ON}, size: much`), own(`${ON}, size: little`)),
    values("other-class", own(`${ON}, storageClass: a`), own(`${ON}, storageClass: b`)),
    values("other-class-by-its-name", own(`${ON}, storageClassName: a`), own(`${ON}, storageClassName: b`)),
    values("other-mode", own(`${ON}, accessMode: a`), own(`${ON}, accessMode: b`)),
    values("other-modes", own(`${ON}, accessModes: [a]`), own(`${ON}, accessModes: [a, b]`)),
    values("modes-in-a-list", own(`${ON}, accessModes: a`), own(`${ON}, accessModes: [a]`)),
    values("class-that-comes", own(ON), own(`${ON}, storageClass: b`)),
    values("class-that-goes", own(`${ON}, storageClass: a`), own(ON)),
    values("class-that-is-open", own(`${ON}, storageClass: a`), own(`${ON}, storageClass: '\${A}'`)),
    values("class-that-was-open", own(`${ON}, storageClass: '\${A}'`), own(`${ON}, storageClass: a`)),
    values("class-that-is-a-map", own(`${ON}, storageClass: a`), own(`${ON}, storageClass: {a: b}`)),
    values("another-volume", own(`${OFF}, storageClass: a`), own(`${ON}, storageClass: b`)),
    values("kept-by-its-mark", own(`${ON}, ${KEEP}, size: 2Gi`), own(`${ON}, ${KEEP}, size: 1Gi`)),
    values("kept-by-its-policy", own(`${ON}, resourcePolicy: keep, size: 2Gi`), own(`${ON}, size: 1Gi`)),
    values(
      "of-a-part-that-goes-off",
      `{a: {pvc: {${ON}, retain: true, size: 2Gi}}}`,
      "{a: {enabled: false, pvc: {enabled: true, size: 1Gi}}}",
    ),
  ]),
  "a claim that gets another name": rows([
    values("whole-name", `{fullnameOverride: a, pvc: {${ON}}}`, `{fullnameOverride: b, pvc: {${ON}}}`),
    values("whole-name-comes", `{pvc: {${ON}}}`, `{fullnameOverride: b, pvc: {${ON}}}`),
    values("whole-name-goes", `{fullnameOverride: b, pvc: {${ON}}}`, `{pvc: {${ON}}}`),
    values(
      "whole-name-is-the-release",
      `{pvc: {${ON}}}`,
      `{fullnameOverride: whole-name-is-the-release, pvc: {${ON}}}`,
    ),
    values("name", `{nameOverride: a, pvc: {${ON}}}`, `{nameOverride: b, pvc: {${ON}}}`),
    values("name-is-the-chart", `{pvc: {${ON}}}`, `{nameOverride: app, pvc: {${ON}}}`),
    values("name-is-the-release", `{pvc: {${ON}}}`, `{nameOverride: name-is-the-release, pvc: {${ON}}}`),
    values(
      "name-below-a-whole-one",
      `{fullnameOverride: a, nameOverride: a, pvc: {${ON}}}`,
      `{fullnameOverride: a, nameOverride: b, pvc: {${ON}}}`,
    ),
    values(
      "name-as-a-whole-one-comes",
      `{nameOverride: a, pvc: {${ON}}}`,
      `{fullnameOverride: name-as-a-whole-one-comes, nameOverride: b, pvc: {${ON}}}`,
    ),
    values(
      "name-of-all-parts",
      `{global: {nameOverride: a}, pvc: {${ON}}}`,
      `{global: {nameOverride: b}, pvc: {${ON}}}`,
    ),
    values("name-that-is-open", `{nameOverride: '\${A}', pvc: {${ON}}}`, `{nameOverride: b, pvc: {${ON}}}`),
    values("name-that-comes-open", `{nameOverride: a, pvc: {${ON}}}`, `{nameOverride: '\${A}', pvc: {${ON}}}`),
    values("name-that-is-empty", `{nameOverride: '', pvc: {${ON}}}`, `{nameOverride: app, pvc: {${ON}}}`),
    values("name-without-a-claim", "{nameOverride: a}", "{nameOverride: b}"),
    values(
      "name-of-what-keeps-its-claim",
      `{nameOverride: a, pvc: {${ON}, ${KEEP}}}`,
      `{nameOverride: b, pvc: {${ON}, ${KEEP}}}`,
    ),
    values("global-is-no-map", `{global: a, pvc: {${ON}}}`, `{global: b, pvc: {${ON}}}`),
  ]),
  "values that stay in a ConfigMap, beside some that do not": [
    { ...shared, "kubernetes/flux/rows/claim.yaml": claim },
    sharedEdits,
  ],
};
