import { expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import docs from "../../transforms/docs-mentions/index.ts";
import { flux, gitRepository, list, URL } from "../cluster/fleet.ts";
import { clusterFiles, contextOf, runTransform } from "./support.ts";

const instance = `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  sync:\n    name: cluster\n    kind: GitRepository\n    url: ${URL}\n    ref: refs/heads/main\n    path: ./manifests\n`;
const page = `flux create source git kube --url ${URL} --branch main
kubectl apply --filename cluster.yaml
kubectl apply --filename my-cluster.yaml
A file called cluster.yaml describes it.
flux reconcile source git kube
`;

test("a page that makes source and root by hand is listed, and no command that makes one gets the generated name", () => {
  const files = {
    "cluster.yaml": gitRepository("kube", URL) + flux("cluster", "./manifests", "GitRepository kube"),
    "manifests/kustomization.yaml": list("./instance.yaml"),
    "manifests/instance.yaml": instance,
    "DEPLOY.md": page,
  };
  const { texts, findings } = runTransform(docs, contextOf(files));
  expect(texts).toEqual({ "DEPLOY.md": page.replace("reconcile source git kube", "reconcile source git cluster") });
  expect(findings.map(({ what }) => /renames: (.*)\.$/.exec(what)?.[1])).toEqual([
    "DEPLOY.md:1 (kube), DEPLOY.md:2 (cluster.yaml)",
  ]);
});

test("a line that applies the bootstrap of several clusters gets the commands of none of them", () => {
  const bootstrap = "bootstrap/flux/kustomization.yaml";
  const files = { ...clusterFiles("kubernetes/east"), ...clusterFiles("kubernetes/west") };
  const { [`kubernetes/east/${bootstrap}`]: shared = "", [`kubernetes/west/${bootstrap}`]: _, ...rest } = files;
  const recipe = "up cluster:\n  kubectl --context {{ cluster }} apply -k kubernetes/bootstrap/flux\n";
  const tree = { ...rest, [`kubernetes/${bootstrap}`]: shared, justfile: recipe };
  for (const [name, other] of [
    ["east", "west"],
    ["west", "east"],
  ] as const) {
    const { texts, findings } = runTransform(transform, contextOf(tree, name));
    expect(texts.justfile).toBeUndefined();
    expect(findings.map(({ rule, what }) => [rule, what.includes(`starts ${other} too`)])).toEqual([
      ["automation-shared-line", true],
    ]);
  }
});

test("a folder that a FluxKustomization builds, and that held nothing but the source, applies nothing to an empty cluster", () => {
  const { "kubernetes/flux/config/cluster.yaml": both = "", ...files } = clusterFiles("kubernetes");
  const [source, root] = both.split("---\n");
  const line = "kustomize build kubernetes/source | kubectl apply -f -\n";
  const tree = {
    ...files,
    "kubernetes/flux/config/cluster.yaml": root!,
    "kubernetes/flux/source.yaml": flux("source", "./kubernetes/source", "GitRepository cluster"),
    "kubernetes/source/kustomization.yaml": list("repo.yaml"),
    "kubernetes/source/repo.yaml": source!,
    "up.sh": line,
  };
  const run = (more: Record<string, string> = {}) => runTransform(transform, contextOf({ ...tree, ...more }));
  expect(run().texts["up.sh"]).toMatch(/^helm upgrade/);
  expect(run().texts["up.sh"]).not.toContain("kubectl");
  expect(run({ "up.sh": `if ! ${line.trim()}; then exit 1; fi\n` }).findings.map(({ what }) => what)).toEqual([
    "This line applies kubernetes/source, which lists nothing any more, so it fails.",
  ]);
  const other = { "kubernetes/source/kustomization.yaml": list("repo.yaml", "other.yaml") };
  const kept = run({ ...other, "kubernetes/source/other.yaml": "apiVersion: v1\nkind: ConfigMap\n" });
  expect(kept.texts["up.sh"]).toContain(line);
});

const MANY = "$abcdefgh".repeat(10);

test("a variable in quotes keeps them", () => {
  const runOn = (context: string) => {
    const script = `kubectl --context ${context} apply -k kubernetes/bootstrap/flux\n`;
    return runTransform(transform, contextOf({ ...clusterFiles("kubernetes"), "up.sh": script })).texts["up.sh"];
  };
  expect(runOn('"$1"')!.match(/--kube-context "\$1"/g)).toHaveLength(2);
  expect(runOn("$1")!.match(/--kube-context \$1/g)).toHaveLength(2);
  expect(runOn(`'$1 "'`)).toBeUndefined();
});

test("another command of the line says nothing of the cluster that an apply is for", () => {
  const script = "#!/bin/sh\nkubectl apply -k kubernetes/bootstrap/flux && ./index.sh --context docs\n";
  const { findings } = runTransform(transform, contextOf({ ...clusterFiles("kubernetes"), "up.sh": script }));
  const found = findings.find(({ rule }) => rule === "automation-applies-removed");
  expect(found?.next).toContain("helm upgrade");
  expect(found?.next).not.toContain("--kube-context");
});

test("a line that does more than the apply before it is not taken out with it", () => {
  const apply = "kubectl apply -k kubernetes/bootstrap/flux";
  const script = `#!/bin/sh\n${apply}\n${apply} && ./restore-secrets.sh\n`;
  const { findings } = runTransform(transform, contextOf({ ...clusterFiles("kubernetes"), "up.sh": script }));
  const found = findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(found.map(({ next }) => next).join()).toContain("Run instead");
});

test.each([
  ["kubectl --kubeconfig wl.yaml apply -k kubernetes/bootstrap/flux || exit 1", "--kubeconfig wl.yaml"],
  ["KUBECONFIG=wl.yaml kubectl apply -k kubernetes/bootstrap/flux", "--kubeconfig wl.yaml"],
  ['KUBECONFIG="$HOME/${ENV}" kubectl apply -k kubernetes/bootstrap/flux', '--kubeconfig "$HOME/${ENV}"'],
  ['KUBECONFIG="`curl x`" kubectl apply -k kubernetes/bootstrap/flux', "--kubeconfig '\"`curl x`\"'"],
  ["kubectl --context prod apply -k kubernetes/bootstrap/flux && kubectl --context b get nodes", "--kube-context prod"],
  ["kubectl --context b get ns && kubectl --context prod apply -k kubernetes/bootstrap/flux", "--kube-context prod"],
  ["(kubectl apply -k kubernetes/bootstrap/flux --context prod)", "--kube-context prod"],
  [
    "echo 'kubectl apply --context b' && kubectl apply -k kubernetes/bootstrap/flux --context prod",
    "--kube-context prod",
  ],
  ['kubectl --context "my prod" apply -k kubernetes/bootstrap/flux && echo', "--kube-context 'my prod'"],
  ["kubectl --context 'my prod' apply -k kubernetes/bootstrap/flux && echo", "--kube-context 'my prod'"],
  ['kubectl apply --context="$CTX" -k kubernetes/bootstrap/flux && echo done', '--kube-context "$CTX"'],
  ["kubectl --context {{ x }} apply -k kubernetes/bootstrap/flux || exit 1", "--kube-context {{ x }}"],
  ["kubectl --context {{x;curl y}} apply -k kubernetes/bootstrap/flux || exit 1", "--kube-context '{{x;curl y}}'"],
  ["kubectl --context {{$(curl)}} apply -k kubernetes/bootstrap/flux || exit 1", "--kube-context '{{$''(curl)}}'"],
  [
    'kubectl --context "{{x | default "y"}}" apply -k kubernetes/bootstrap/flux || exit 1',
    "--kube-context '{{x | default \"y\"}}'",
  ],
  // Read character by character: variable after variable takes no time.
  [`kubectl --context ${MANY}+ apply -k kubernetes/bootstrap/flux || exit 1`, `--kube-context '${MANY}+'`],
])("what is advised in place of a line starts the cluster of that line: %s", (line, flags) => {
  const files = { ...clusterFiles("kubernetes"), "up.sh": `#!/bin/sh\n${line}\n` };
  const { texts, findings } = runTransform(transform, contextOf(files));
  const found = findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(texts["up.sh"]).toBeUndefined();
  expect(found).toHaveLength(1);
  const commands = found[0]!.next.split(/(?=helm upgrade)/).slice(1);
  expect(commands).toHaveLength(2);
  for (const command of commands) expect(command).toContain(` ${flags} `);
});

test("what is advised names no path from the top of the disk where a variable stands in front of the slash", () => {
  const script = 'kubectl apply -k "$ROOT"/kubernetes/bootstrap/flux\n';
  const { findings } = runTransform(transform, contextOf({ ...clusterFiles("kubernetes"), "up.sh": script }));
  const found = findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(found.map(({ next }) => next.includes(" kubernetes/apps/"))).toEqual([true]);
  expect(found[0]!.next).not.toContain(" /kubernetes/");
});

test.each(["$(NAME)", "${NAME}"])("what is advised for a Makefile keeps its variable %s", (variable) => {
  const line = `kustomize build kubernetes/bootstrap/flux | \\\n\t\tkubectl apply -f - --context=k3d-${variable}`;
  const { findings } = runTransform(
    transform,
    contextOf({ ...clusterFiles("kubernetes"), Makefile: `up:\n\t${line}\n` }),
  );
  const found = findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(found.map(({ next }) => next.match(/ --kube-context k3d-\$\{NAME\} /g)?.length)).toEqual([2]);
});

test("what is advised for Terraform keeps what Terraform fills in", () => {
  const apply = "kubectl apply -k ${path.module}/../kubernetes/bootstrap/flux";
  const block = `provisioner "local-exec" {\n    command = "${apply} --kubeconfig=\${local.config} --context=kind-\${var.name}"\n  }`;
  const files = {
    ...clusterFiles("kubernetes"),
    "terraform/main.tf": `resource "null_resource" "flux" {\n  ${block}\n}\n`,
  };
  const found = runTransform(transform, contextOf(files)).findings.filter(
    ({ rule }) => rule === "automation-applies-removed",
  );
  expect(found.map(({ next }) => next).join()).toContain(
    " --kubeconfig ${local.config} --kube-context kind-${var.name} ",
  );
});

test.each([
  ["{{x}}", "{{x}}"],
  ["{{x;curl y}}", "'{{x;curl y}}'"],
  ["{{$(curl)}}", "'{{$''(curl)}}'"],
])("a template of a plain command runs nothing where it is copied to: %s", (context, word) => {
  const line = `kubectl --context ${context} apply -k bootstrap/flux`;
  const files = { ...clusterFiles("kubernetes"), justfile: `up root:\n  ${line}\n` };
  const [found] = runTransform(transform, contextOf(files)).findings;
  expect(found?.next.split(` --kube-context ${word} `)).toHaveLength(3);
});

test.each([
  ['command = "kubectl apply -k flux"\n    working_dir = "${path.module}/../kubernetes/bootstrap"', "applies"],
  ['working_dir = "../kubernetes/bootstrap"\n    command = "kubectl apply -k ./flux"', "applies"],
  ['working_dir = "../kubernetes/other"\n    command = "kubectl apply -k ./flux"', "nothing"],
  ['command = "kubectl apply -k ../${var.place}/flux"', "perhaps"],
])("what Terraform runs elsewhere, or on a folder that only a run names: %s", (lines, said) => {
  const files = {
    ...clusterFiles("kubernetes"),
    "kubernetes/other/flux/kustomization.yaml": list("./map.yaml"),
    "kubernetes/other/flux/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map\n",
    "terraform/main.tf": `resource "null_resource" "flux" {\n  provisioner "local-exec" {\n    ${lines}\n  }\n}\n`,
  };
  const { findings } = runTransform(transform, contextOf(files));
  const found = findings.filter(({ at }) => at?.file === "terraform/main.tf").map(({ what }) => what);
  expect(found.length > 0).toBe(said !== "nothing");
  expect(found.join()).toContain({ applies: "applies kubernetes/bootstrap/flux", perhaps: "", nothing: "" }[said]!);
});
