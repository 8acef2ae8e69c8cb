// What is said of a tree in which no cluster is recognised: whoever reads it, no object may go.
import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { ks, kustomization, object } from "./home-tree.ts";
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
    "values come to make no CRDs",
    "unproven",
    { [HR]: far("values: {crds: {enabled: true}}").replace("chart: web", "chart: rook-ceph") },
    { [HR]: far("values: {crds: {enabled: false}}").replace("chart: web", "chart: rook-ceph") },
  ],
  [
    "values come to make no CRDs of a chart that has them kept",
    "safe",
    { [HR]: far("values: {crds: {enabled: true}}").replace("chart: web", "chart: cert-manager") },
    { [HR]: far("values: {crds: {enabled: false}}").replace("chart: web", "chart: cert-manager") },
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

const app = listed("");
const list = "apps/kustomization.yaml";
const web = "apps/web.yaml";
const patched = (patch: string): Files => ({ ...listed("patches: [{path: patch.yaml}]\n"), "apps/patch.yaml": patch });
const remove = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: old}\n$patch: delete\n";
const operations = (path: string) => `- {op: remove, path: ${path}}\n`;
const git = (branch: string) =>
  object("GitRepository", "own", "source.toolkit.fluxcd.io/v1", [
    `spec: {url: 'https://g.example/a', ref: {branch: ${branch}}}`,
  ]);
const flux = (components: string) =>
  object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [`spec: {components: [${components}]}`]);
const generator = (to: string) =>
  object("ArtifactGenerator", "apps", "source.extensions.fluxcd.io/v1beta1", [
    `spec: {artifacts: [{name: ${to}, copy: []}]}`,
  ]);
const fills = ks("apps", "apps", ["postBuild: {substituteFrom: [{kind: Secret, name: settings}]}"]);
const secret = (value: string) => object("Secret", "settings", "v1", [`stringData: {A: ${value}}`]);
const claim = (name: string) =>
  object("PersistentVolumeClaim", "data", "v1", [`spec: {storageClassName: ${name}, resources: {}}`]);

test.each<[string, Files, Edits]>([
  ["a document goes that is no object", { "env/a.yaml": "a: 1\n" }, { "env/a.yaml": undefined }],
  ["a document comes that is nothing", { [web]: app[web]! }, { [web]: `${app[web]}---\n` }],
  ["a document of nothing goes", { [web]: `${app[web]}---\nnull\n` }, { [web]: app[web] }],
  ["an object comes", app, { "apps/more.yaml": object("Secret", "more") }],
  ["another field changes", { [web]: app[web]! }, { [web]: `${app[web]}spec: {replicas: 2}\n` }],
  ["a text changes", { ...app, "docs/a.txt": "a" }, { "docs/a.txt": "b" }],
  ["a page changes", { ...app, "README.md": "a" }, { "README.md": "b" }],
  ["the page of a chart changes", { ...chart, "charts/web/README.md": "a" }, { "charts/web/README.md": "b" }],
  ["a file of JSON changes that is in no list", { ...app, "apps/a.json": "{}" }, { "apps/a.json": "[]" }],
  ["a file changes that cannot be read", { "apps/a.yaml": "a: [\n" }, { "apps/a.yaml": "a: {\n" }],
  ["a list gets more", app, { [list]: kustomization(["web.yaml", "more.yaml"]), "apps/more.yaml": app[web] }],
  ["a list gets other images", app, { [list]: `${app[list]}images: [{name: a, newTag: '2'}]\n` }],
  ["a list gets other replicas", app, { [list]: `${app[list]}replicas: [{name: web, count: 2}]\n` }],
  ["an older list gets more", { ...app, [list]: "bases: [a]\n" }, { [list]: "bases: [a, b]\n" }],
  [
    "a patch of the older kind says more",
    {
      ...listed("patchesStrategicMerge: [patch.yaml]\n"),
      "apps/patch.yaml": remove.replace("$patch: delete", "spec: {}"),
    },
    { "apps/patch.yaml": remove.replace("$patch: delete", "spec: {replicas: 2}") },
  ],
  ["a list comes to a new folder", app, { "more/kustomization.yaml": kustomization([]) }],
  ["a folder gets its list", { [web]: app[web]! }, { [list]: app[list] }],
  ["a folder gets its list by name", { [web]: app[web]! }, { [list]: `${app[list]}metadata: {name: apps}\n` }],
  [
    "a folder gets the list of files and folders",
    { [web]: app[web]!, "apps/sub/kustomization.yaml": kustomization(["../web.yaml"]) },
    { [list]: kustomization(["web.yaml", "sub"]) },
  ],
  ["a Kustomization is asked more often", { "apps.yaml": fills }, { "apps.yaml": fills.replace("30m", "10m") }],
])("%s: safe", (_, tree, edits) => {
  expect(verifyEdits(edits, tree).verdict).toBe("safe");
});

test.each<[string, Files, Edits]>([
  ["files are left out", app, { ".sourceignore": "apps\n" }],
  ["a submodule reads another repository", { ...app, ".gitmodules": "a" }, { ".gitmodules": "b" }],
  ["an object goes", app, { [web]: undefined }],
  ["an object goes and another comes", app, { [web]: undefined, "apps/a.yaml": object("Secret", "a") }],
  ["a Kustomization builds another folder", { "apps.yaml": fills }, { "apps.yaml": fills.replace("./apps", "./more") }],
  [
    "a list gets less of two",
    { ...app, [list]: kustomization(["web.yaml", "more.yaml"]), "apps/more.yaml": object("Secret", "a") },
    { [list]: app[list] },
  ],
  ["one of two objects goes", { [web]: app[web]! + object("Secret", "a") }, { [web]: app[web] }],
  ["an object gets another name", app, { [web]: app[web]!.replace("name: web", "name: shop") }],
  ["a file cannot be read any more", app, { [web]: `${app[web]}  a: [\n` }],
  ["what cannot be changed changes", { "apps/a.yaml": claim("fast") }, { "apps/a.yaml": claim("slow") }],
  [
    "a page is an input",
    { ...listed("configMapGenerator: [{name: a, files: [a.md]}]\n"), "apps/a.md": "a" },
    { "apps/a.md": "b" },
  ],
  [
    "a file of JSON is in a list",
    { ...app, [list]: kustomization(["a.json"]), "apps/a.json": "{}" },
    { "apps/a.json": "[]" },
  ],
  ["a patch comes to delete", patched(remove.replace("$patch: delete\n", "")), { "apps/patch.yaml": remove }],
  ["a patch that deletes says another thing", patched(remove), { "apps/patch.yaml": `${remove}a: b\n` }],
  ["operations change", patched(operations("/spec/a")), { "apps/patch.yaml": operations("/metadata/labels") }],
  ["a list gets less", app, { [list]: kustomization([]) }],
  ["an older list gets less", { ...app, [list]: "bases: [web.yaml]\n" }, { [list]: "bases: []\n" }],
  ["a list gives another namespace", app, { [list]: `${app[list]}namespace: shop\n` }],
  ["a list goes", app, { [list]: undefined }],
  ["a list is none any more", app, { [list]: "- web.yaml\n" }],
  ["a list was none", { ...app, [list]: "- web.yaml\n" }, { [list]: app[list] }],
  ["a folder gets a list of less", { [web]: app[web]! }, { [list]: kustomization([]) }],
  ["a folder gets a list that is none", { [web]: app[web]! }, { [list]: "- web.yaml\n" }],
  ["a folder gets a list with a namespace", { [web]: app[web]! }, { [list]: `${app[list]}namespace: shop\n` }],
  [
    "a folder gets a list without a folder in it",
    { [web]: app[web]!, "apps/sub/kustomization.yaml": kustomization(["../web.yaml"]) },
    { [list]: app[list] },
  ],
  ["a folder gets a second list", app, { "apps/kustomization.yml": app[list] }],
  ["a source reads another branch", { "apps/a.yaml": git("main") }, { "apps/a.yaml": git("next") }],
  ["an instance changes", { "apps/a.yaml": flux("a") }, { "apps/a.yaml": flux("b") }],
  ["what copies artifacts changes", { "apps/a.yaml": generator("a") }, { "apps/a.yaml": generator("b") }],
  [
    "a value of variables changes",
    { "apps.yaml": fills, "settings.yaml": secret("a") },
    { "settings.yaml": secret("b") },
  ],
])("%s: unproven", (_, tree, edits) => {
  expect(verifyEdits(edits, tree).verdict).toBe("unproven");
});
