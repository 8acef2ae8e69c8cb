// What is said of a tree in which no cluster is recognised: whoever reads it, no object may go.
import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { kustomization, object } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const HR = "apps/release.yaml";
const release = (spec: string) =>
  object("HelmRelease", "web", "helm.toolkit.fluxcd.io/v2", ["  namespace: web", `spec: {interval: 1h, ${spec}}`]);
const far = (more: string) =>
  release(`chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: far}}}, ${more}`);
const near = "chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: own}";
const CLAIM = `{{ if .Values.claim }}\n${object("PersistentVolumeClaim", "data")}{{ end }}\n`;
const chart: Files = {
  [HR]: release(`${near}}}`),
  "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
  "charts/web/values.yaml": "claim: true\n",
  "charts/web/templates/claim.yaml": CLAIM,
  "charts/web/templates/_names.tpl": '{{ define "name" }}web{{ end }}\n',
};
const beside: Files = {
  ...chart,
  [HR]: release(`${near}, valuesFiles: [env/far.yaml]}}`),
  "env/far.yaml": "claim: true\n",
  "env/near.yaml": "claim: true\n",
};
const cm = (data: string) => object("ConfigMap", "settings", "v1", ["  namespace: web", `data: ${data}`]);
const oci = (url: string, tag = "1.0.0") =>
  object("OCIRepository", "web", "source.toolkit.fluxcd.io/v1", [
    `spec: {url: 'oci://r.example/${url}', ref: {tag: ${tag}}, layerSelector: {mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip}}`,
  ]);
const sets = (replicas: number, when = "Delete") =>
  object("StatefulSet", "db", "apps/v1", [
    `spec: {replicas: ${replicas}, persistentVolumeClaimRetentionPolicy: {whenScaled: ${when}}}`,
  ]);
const listed = (more: string): Files => ({
  "apps/kustomization.yaml": kustomization(["web.yaml"]) + more,
  "apps/web.yaml": object("Deployment", "web", "apps/v1"),
});
const prefix = (text: string) =>
  `apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: prefix}\nprefix: ${text}\nfieldSpecs: [{path: metadata/name}]\n`;
const replacement = (path: string) =>
  `source: {kind: Deployment, fieldPath: metadata.namespace}\ntargets: [{select: {kind: Deployment}, fieldPaths: [${path}]}]\n`;

test.each<[string, "safe" | "unproven", Files, Edits]>([
  ["a file of a chart goes", "unproven", chart, { "charts/web/templates/claim.yaml": undefined }],
  [
    "a template of a chart changes",
    "unproven",
    chart,
    { "charts/web/templates/claim.yaml": CLAIM.replace("claim", "store") },
  ],
  ["a helper of a chart changes", "unproven", chart, { "charts/web/templates/_names.tpl": "" }],
  ["the values of a chart change", "unproven", chart, { "charts/web/values.yaml": "claim: false\n" }],
  ["a chart goes", "unproven", chart, { "charts/web/Chart.yaml": undefined }],
  ["a file that is named like a chart changes", "safe", chart, { "charts/web.yaml": "claim: false\n" }],
  ["values that a release takes from a file change", "unproven", beside, { "env/far.yaml": "claim: false\n" }],
  ["values that no release takes change", "safe", beside, { "env/near.yaml": "claim: false\n" }],

  [
    "values come to make no claim",
    "unproven",
    { [HR]: far("values: {persistence: {data: {enabled: true, type: pvc}}}") },
    { [HR]: far("values: {persistence: {data: {enabled: false, type: pvc}}}") },
  ],
  [
    "values keep their claim",
    "safe",
    { [HR]: far("values: {replicas: 1, persistence: {data: {enabled: true, type: pvc}}}") },
    { [HR]: far("values: {replicas: 2, persistence: {data: {enabled: true, type: pvc}}}") },
  ],
  [
    "a ConfigMap with the values of a release changes",
    "unproven",
    { [HR]: far("valuesFrom: [{kind: ConfigMap, name: settings}]"), "apps/cm.yaml": cm("{values.yaml: 'a: 1'}") },
    { "apps/cm.yaml": cm("{values.yaml: 'a: 2'}") },
  ],
  [
    "a ConfigMap that nothing takes values from changes",
    "safe",
    { [HR]: far("valuesFrom: [{kind: ConfigMap, name: others}]"), "apps/cm.yaml": cm("{values.yaml: 'a: 1'}") },
    { "apps/cm.yaml": cm("{values.yaml: 'a: 2'}") },
  ],
  ["a source comes to hold another chart", "unproven", { "apps/oci.yaml": oci("web") }, { "apps/oci.yaml": oci("db") }],
  [
    "a source gets another version of its chart",
    "safe",
    { "apps/oci.yaml": oci("web") },
    { "apps/oci.yaml": oci("web", "1.1.0") },
  ],
  [
    "patches over a chart delete what it renders",
    "unproven",
    { [HR]: far("values: {}") },
    { [HR]: far("postRenderers: [{kustomize: {patches: [{target: {kind: Secret}, patch: '$patch: delete'}]}}]") },
  ],
  ["pods go that take their claims along", "unproven", { "apps/db.yaml": sets(3) }, { "apps/db.yaml": sets(1) }],
  ["pods come", "safe", { "apps/db.yaml": sets(1) }, { "apps/db.yaml": sets(3) }],
  [
    "an object gets an owner",
    "unproven",
    { "apps/cm.yaml": object("ConfigMap", "a") },
    { "apps/cm.yaml": object("ConfigMap", "a", "v1", ["  ownerReferences: [{kind: Node, name: a, uid: a-b}]"]) },
  ],

  [
    "a transformer gives other names",
    "unproven",
    { ...listed("transformers: [prefix.yaml]\n"), "apps/prefix.yaml": prefix("a-") },
    { "apps/prefix.yaml": prefix("b-") },
  ],
  [
    "a replacement in a file gives other names",
    "unproven",
    { ...listed("replacements: [{path: names.yaml}]\n"), "apps/names.yaml": replacement("spec.x") },
    { "apps/names.yaml": replacement("metadata.name") },
  ],
  [
    "a patch in a file sets another image",
    "safe",
    {
      ...listed("patches: [{path: image.yaml}]\n"),
      "apps/image.yaml": object("Deployment", "web", "apps/v1", ["spec: {image: 'a:1'}"]),
    },
    { "apps/image.yaml": object("Deployment", "web", "apps/v1", ["spec: {image: 'a:2'}"]) },
  ],
])("%s: %s", (_, verdict, tree, edits) => {
  expect(verifyEdits(edits, tree).verdict).toBe(verdict);
});
