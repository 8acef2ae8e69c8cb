import { expect, test } from "vitest";
import { findMadeInstances, findTold, isMadeInstance, kustomizationBlocks } from "../../src/cluster/outside/told.ts";
import { lineOf } from "../../src/contract/errors.ts";
import { memoryTree } from "../support/memory.ts";

const told = (files: Record<string, string>) =>
  findTold(memoryTree(files)).map(
    ({ path, at, by, declared }) => `${path} at ${at.file}:${at.line} by ${by}${declared ? ", declared" : ""}`,
  );

test.each<[line: string, path: string]>([
  ["flux bootstrap github --path=clusters/home", "clusters/home"],
  ["flux bootstrap github --path clusters/home --personal", "clusters/home"],
  ["flux bootstrap git --path='./clusters/home'", "./clusters/home"],
  ['flux bootstrap git --path "clusters/a-b_c.d"', "clusters/a-b_c.d"],
  ["flux bootstrap git --path=clusters/$CLUSTER/flux", "clusters/${variable}/flux"],
  ['flux bootstrap git --path="clusters/${CLUSTER}"', "clusters/${variable}"],
  ["flux bootstrap git --path=clusters/${CLUSTER:-home}/a", "clusters/${variable}/a"],
  ["flux bootstrap git --path=clusters/$(CLUSTER)/a", "clusters/${variable}/a"],
  ["flux bootstrap git --path=clusters/{{.CLUSTER}}", "clusters/${variable}"],
  ["flux bootstrap git --path=clusters/{{ .CLUSTER }}/a", "clusters/${variable}/a"],
  ["flux bootstrap git --path=clusters/${{ inputs.cluster }}/a-${{ inputs.b }}", "clusters/${variable}/a-${variable}"],
  ["flux bootstrap git \\\n  --owner=a \\\n  --path=b \\\n  --personal", "b"],
  ["flux bootstrap git\n  --owner=a\n  --path=b", "b"],
  ["flux bootstrap git \\  \n  $FLAGS \\\n  --path=b", "b"],
  ["flux bootstrap git\n-v\n--path=b", "b"],
])("a call says where: %s", (line, path) => {
  expect(told({ "boot.sh": `#!/bin/sh\n${line}\n` })).toEqual([`${path} at boot.sh:2 by flux bootstrap`]);
});

test.each<[what: string, files: Record<string, string>, ...told: string[]]>([
  ["a call without a path", { "boot.sh": "flux bootstrap github\necho --path=a\n" }],
  [
    "each of several",
    { "boot.sh": "flux bootstrap github --path=a\nflux bootstrap github --path=b" },
    "a at boot.sh:1 by flux bootstrap",
    "b at boot.sh:2 by flux bootstrap",
  ],
  [
    "a folded text of a workflow",
    { ".github/workflows/a.yaml": "steps:\n  - run: >-\n      flux bootstrap git\n      --path=a\n" },
    "a at .github/workflows/a.yaml:3 by flux bootstrap",
  ],
  ["docs", { "README.md": "flux bootstrap github --path=a\n" }],
  ["what is archived", { "archive/boot.sh": "flux bootstrap github --path=a\n" }],
])("of calls: %s", (_, files, ...all) => {
  expect(told(files)).toEqual(all);
});

const git = (path: string) => `resource "flux_bootstrap_git" "this" {\n  version = "1"\n  path = ${path}\n}\n`;
const BY = "by flux_bootstrap_git.this";

test.each<[what: string, files: Record<string, string>, ...told: string[]]>([
  ["a text", { "main.tf": git('"clusters/home"') }, `clusters/home at main.tf:3 ${BY}`],
  ["a comment behind it", { "main.tf": git('"clusters/home" # here') }, `clusters/home at main.tf:3 ${BY}`],
  ["another one", { "main.tofu": git('"clusters/home" // here') }, `clusters/home at main.tofu:3 ${BY}`],
  ["the older resource", { "main.tf": git('"a/b"').replace("_git", "") }, "a/b at main.tf:3 by flux_bootstrap.this"],
  [
    "the data of a sync",
    { "main.tf": 'data "flux_sync" "main" {\n  target_path = "a/b"\n}\n' },
    "a/b at main.tf:2 by flux_sync.main",
  ],
  [
    "blanks before it",
    { "main.tf": '  \tdata "flux_sync" "main" {\n\ttarget_path\t=\t"a/b"\n}\n' },
    "a/b at main.tf:2 by flux_sync.main",
  ],
  ["no path", { "main.tf": 'resource "flux_bootstrap_git" "this" {\n}\npath = "a"\n' }],
  [
    "the path of an inner block",
    { "main.tf": 'resource "flux_bootstrap_git" "this" {\n  a {\n  }\n  path = "a/b"\n}\n' },
    `a/b at main.tf:4 ${BY}`,
  ],
  ["an empty one", { "main.tf": git('""') }],
  ["an expression", { "main.tf": git('join("/", ["a", "b"])') }],
  ["a local", { "main.tf": git("local.path") }],
  [
    "a local that is said",
    { "main.tf": git("local.path"), "vars.tf": 'locals {\n  path = "clusters/${var.name}"\n}\n' },
    "clusters/${var.name} at main.tf:3 by flux_bootstrap_git.this",
  ],
  ["a variable without a default", { "main.tf": git("var.path") }, `\${var.path} at main.tf:3 ${BY}`],
  ["one in a text", { "main.tf": git('"clusters/${var.name}"') }, `clusters/\${var.name} at main.tf:3 ${BY}`],
  [
    "its default",
    { "main.tf": git("var.path"), "vars.tf": 'variable "path" {\n  type = string\n  default = "a/b"\n}\n' },
    `a/b at main.tf:3 ${BY}`,
  ],
  [
    "its default in a folder",
    { "tf/main.tf": git("var.path"), "tf/vars.tf": 'variable "path" {\n  default = "a/b"\n}\n' },
    `a/b at tf/main.tf:3 ${BY}`,
  ],
  [
    "the default of another folder",
    { "tf/main.tf": git("var.path"), "vars.tf": 'variable "path" {\n  default = "a/b"\n}\n' },
    `\${var.path} at tf/main.tf:3 ${BY}`,
  ],
  [
    "the default of another variable",
    { "main.tf": git("var.path"), "vars.tf": 'variable "other" {\n  default = "a/b"\n}\n' },
    `\${var.path} at main.tf:3 ${BY}`,
  ],
  [
    "two defaults",
    {
      "main.tf": git("var.path"),
      "a.tf": 'variable "path" {\n  default = "a"\n}\n',
      "b.tf": 'variable "path" {\n  default = "b"\n}\n',
    },
    `\${var.path} at main.tf:3 ${BY}`,
  ],
  [
    "a value before its default",
    {
      "main.tf": git("var.path"),
      "vars.tf": 'variable "path" {\n  default = "a/b"\n}\n',
      "my.auto.tfvars": 'path = "c/d"\n',
    },
    `c/d at main.tf:3 ${BY}`,
  ],
  [
    "a value that is an example",
    { "main.tf": git("var.path"), "example.tfvars": 'path = "c/d"\n' },
    `\${var.path} at main.tf:3 ${BY}`,
  ],
  [
    "two values",
    { "main.tf": git("var.path"), "a.tfvars": 'path = "c"\n', "b.tfvars": 'path = "d"\n' },
    `\${var.path} at main.tf:3 ${BY}`,
  ],
  [
    "the same value twice",
    { "main.tf": git("var.path"), "a.tfvars": 'path = "c"\n', "b.tfvars": 'path = "c"\n' },
    `c at main.tf:3 ${BY}`,
  ],
  ["what is archived", { "archive/main.tf": git('"a"') }],
  ["what is commented out", { "main.tf": `/*\n${git('"a"')}*/\n` }],
  ["a line that is commented out", { "main.tf": `# ${git('"a"')}` }],
  ["a line of an older one", { "main.tf": '# data "flux_sync" "main" {\n  target_path = "a/b"\n}\n' }],
  [
    "wide blanks",
    {
      "a.tf": '  resource  "flux_bootstrap_git"\t\t"a"  {\n  path  =  "a"\n}\n',
      "b.tf": 'data\t\t"flux_sync"  "b"  {\n  target_path  =  "b"  // here\n}\n',
      "c.tf":
        '  resource  "kubectl_manifest"\t\t"c"  {\n  kustomize.toolkit.fluxcd.io/v1\n  kind:  Kustomization\n  path:  c\n}\n'.replace(
          "path:  c",
          'path:  "c"',
        ),
      "d.tf": '# flux\nname  =  "instance.sync.path"  \n\n  value  =  "d"\n',
      "e.tf": '# flux\n  "sync"  =  {  \n  path  =  "e"\n}\n',
    },
    "a at a.tf:2 by flux_bootstrap_git.a",
    "b at b.tf:2 by flux_sync.b",
    "c at c.tf:4 by kubectl_manifest.c, declared",
    "d at d.tf:4 by the sync of a FluxInstance",
    "e at e.tf:3 by the sync of a FluxInstance",
  ],
  ["text that only ends as a variable", { "main.tf": git("x.var.path") }],
  ["text that begins as a variable", { "main.tf": git("var.path.more") }],
  ["another resource", { "main.tf": git('"a/b"').replace("flux_bootstrap_git", "flux_other") }],
])("Terraform says where: %s", (_, files, ...all) => {
  expect(told(files)).toEqual(all);
});

const INSTANCE = "by the sync of a FluxInstance";

test.each<[what: string, text: string, ...told: string[]]>([
  [
    "set of the chart",
    '# flux\nset {\n  name  = "instance.sync.path"\n  value = "a/b"\n}\n',
    `a/b at main.tf:4 ${INSTANCE}`,
  ],
  [
    "set on one line",
    '# flux\nset = [{ name = "instance.sync.path", value = "a/b" }]\n',
    `a/b at main.tf:2 ${INSTANCE}`,
  ],
  [
    "a variable",
    '# flux\nset {\n  name = "instance.sync.path"\n  value = var.path\n}\n',
    `\${var.path} at main.tf:4 ${INSTANCE}`,
  ],
  [
    "a map",
    '# flux\nvalues = {\n  sync = {\n    kind = "GitRepository"\n    path = "a/b"\n  }\n}\n',
    `a/b at main.tf:5 ${INSTANCE}`,
  ],
  [
    "a map that others are joined to",
    '# flux\nsync = merge(\n  {\n    ref = "main"\n    path = "a/b"\n  },\n  var.more,\n)\n',
    `a/b at main.tf:5 ${INSTANCE}`,
  ],
  ["a map behind another", '# flux\nsync = merge(var.more, {\n  path = "a/b"\n})\n', `a/b at main.tf:3 ${INSTANCE}`],
  ["a map in quotes", '# flux\n"sync" = {\n  "path" = "a/b"\n}\n', `a/b at main.tf:3 ${INSTANCE}`],
  ["YAML in a text", "# flux\nyaml = <<EOT\n  sync:\n    path: a/b\nEOT\n", `a/b at main.tf:4 ${INSTANCE}`],
  [
    "lines with variables before the path",
    "# flux\nyaml = <<EOT\n  sync:\n    url: ${var.host}/${var.name}.git\n    ref: $x\n    path: a/b\nEOT\n",
    `a/b at main.tf:6 ${INSTANCE}`,
  ],
  ["a map between", '# flux\nsync = {\n  a = "b"\n}\nc = {\n  path = "a/b"\n}\n'],
  ["a path of something else", '# flux\nsync = {\n  a = "b"\n}\npath = "a/b"\n'],
  ["a file that has nothing of it", 'sync = {\n  path = "a/b"\n}\n'],
])("a FluxInstance of Terraform says where: %s", (_, text, ...all) => {
  expect(told({ "main.tf": text })).toEqual(all);
});

const manifest = (more: string, kind = "Kustomization", type = "kubectl_manifest") =>
  `# one\nresource "${type}" "root" {\n  yaml_body = <<EOT\n    apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind: ${kind}\n    spec:\n      path: a/b\n${more}EOT\n}\n`;

test.each<[what: string, text: string, ...told: string[]]>([
  ["YAML in a text", manifest(""), "a/b at main.tf:7 by kubectl_manifest.root, declared"],
  [
    "the other provider",
    manifest("", "Kustomization", "kubernetes_manifest"),
    "a/b at main.tf:7 by kubernetes_manifest.root, declared",
  ],
  [
    "a map",
    'resource "kubernetes_manifest" "root" {\n  manifest = {\n    apiVersion = "kustomize.toolkit.fluxcd.io/v1"\n    kind = "Kustomization"\n    spec = {\n      path = "a/b"\n    }\n  }\n}\n',
    "a/b at main.tf:6 by kubernetes_manifest.root, declared",
  ],
  ["one that prunes", manifest("      prune: true\n"), "a/b at main.tf:7 by kubectl_manifest.root, declared"],
  ["one that prunes nothing", manifest("      prune: false\n")],
  ["one for another cluster", manifest("      kubeConfig:\n        secretRef:\n          name: a\n")],
  ["another kind", manifest("", "Other")],
  ["another resource", manifest("", "Kustomization", "helm_release")],
  ["one without a path", manifest("").replace("path: a/b", "interval: 1h")],
  ["another group", manifest("").replace("kustomize.toolkit.fluxcd.io", "flux.example.org")],
  [
    "two",
    manifest("") + manifest("").replace("root", "other").replace("a/b", "c/d"),
    "a/b at main.tf:7 by kubectl_manifest.root, declared",
    "c/d at main.tf:16 by kubectl_manifest.other, declared",
  ],
])("a FluxKustomization of Terraform says where: %s", (_, text, ...all) => {
  expect(told({ "main.tf": text })).toEqual(all);
});

const VALUES =
  "instance:\n  components: []\n  storage:\n    path: x\n  sync:\n    kind: GitRepository\n    path: a/b\n";

test.each<[what: string, files: Record<string, string>, ...told: string[]]>([
  ["values", { "values.yaml": VALUES }, "a/b at values.yaml:7 by instance.sync.path"],
  ["each document", { "values.yaml": `a: b\n---\n${VALUES}` }, "a/b at values.yaml:9 by instance.sync.path"],
  ["on one line", { "values.yml": "instance: {sync: {path: a/b}}\n" }, "a/b at values.yml:1 by instance.sync.path"],
  ["no text", { "values.yaml": VALUES.replace("a/b", "5") }],
  ["an empty one", { "values.yaml": VALUES.replace("a/b", "''") }],
  ["no sync", { "values.yaml": "instance:\n  sync: a\n" }],
  ["no instance", { "values.yaml": "other: {instance: a}\nsync:\n  path: a/b\n" }],
  ["an instance that is no map", { "values.yaml": "instance: a\nsync:\n  path: a/b\n" }],
  ["a release, which says it itself", { "values.yaml": `kind: HelmRelease\n${VALUES}` }],
  ["no YAML", { "values.yaml": `${VALUES}  ]\n` }],
  ["another file", { "values.txt": VALUES }],
  ["a template", { "values.yaml.j2": VALUES }],
  ["what is archived", { "archive/values.yaml": VALUES }],
])("values of the chart say where: %s", (_, files, ...all) => {
  expect(told(files)).toEqual(all);
});

test("blocks of FluxKustomizations have their lines", () => {
  const blocks = kustomizationBlocks(manifest("") + manifest("").replace("root", "other"));
  expect(blocks.map(({ name, line }) => [name, line])).toEqual([
    ["kubectl_manifest.root", 2],
    ["kubectl_manifest.other", 11],
  ]);
  expect(kustomizationBlocks("")).toEqual([]);
  expect(kustomizationBlocks(manifest("", "Other"))).toEqual([]);
});

test("an empty folder of bootstrap says where it is", () => {
  const dir = "clusters/home/flux-system";
  const files = { "gotk-components.yaml": "", "gotk-sync.yaml": "", "kustomization.yaml": "" };
  expect(told(Object.fromEntries(Object.entries(files).map(([name, text]) => [`${dir}/${name}`, text])))).toEqual([
    `clusters/home at ${dir}/gotk-sync.yaml:1 by an empty gotk-sync.yaml`,
  ]);
});

test("a FluxInstance is one by the words of its file", () => {
  const sync = 'values = {\n  sync = {\n    path = "a/b"\n  }\n}\n';
  const made = (files: Record<string, string>) => findMadeInstances(memoryTree(files))[0]?.path;
  expect(made({ "main.tf": `# flux-instance\n${sync}` })).toBe("a/b");
  expect(made({ "main.tf": `# FluxInstance\n${sync}` })).toBe("a/b");
  expect(made({ "main.tf": `# a flux of syncs\n${sync}` })).toBeUndefined();
  expect(made({ "boot.sh": "# FluxInstance\nflux bootstrap git --path=a\n" })).toBeUndefined();
  const by = "the sync of a FluxInstance";
  expect(isMadeInstance(memoryTree({}), { path: "a", by, at: lineOf("gone.tf") })).toBe(false);
});
