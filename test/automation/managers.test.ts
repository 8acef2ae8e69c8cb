import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

function found(files: Files): string[][] {
  const { install, cutover, cleanup } = runAll({
    ...makeFluxSystem("clusters/home"),
    "clusters/home/apps.yaml": APP,
    ...files,
  });
  return [install, cutover, cleanup].map(({ findings }) =>
    findings
      .filter(({ rule }) => rule === "automation-installs-flux")
      .map(({ level, at }) => `${level} ${at?.file}:${at?.line}`),
  );
}

const ANYWHERE = "apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind:";
const SPEC = "\nmetadata:\n  name: home\n  namespace: default\nspec: {}\n";

test.each<[string, Files, string]>([
  [
    "EKS Anywhere, which has Flux deliver its own files",
    { "clusters/home/home/eksa-cluster.yaml": `${ANYWHERE} Cluster${SPEC}---\n${ANYWHERE} FluxConfig${SPEC}` },
    "clusters/home/home/eksa-cluster.yaml:9",
  ],
  [
    "eksctl",
    {
      "infra/cluster.yaml":
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata:\n  name: home\ngitops:\n  flux:\n    # by us\n    gitProvider: github\n    flags:\n      path: clusters/home\n",
    },
    "infra/cluster.yaml:8",
  ],
  [
    "a script that writes the file of eksctl",
    {
      "up.sh": `cat >eks.yaml <<EOF\napiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\ngitops:\n  flux:\n    gitProvider: github\nEOF\neksctl create cluster -f eks.yaml\n`,
    },
    "up.sh:6",
  ],
  [
    "the extension of Gardener",
    {
      "infra/shoot.yaml":
        "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nmetadata:\n  name: home\nspec:\n  extensions:\n    - type: shoot-flux\n      providerConfig:\n        apiVersion: flux.extensions.gardener.cloud/v1alpha1\n        kind: FluxConfig\n",
    },
    "infra/shoot.yaml:10",
  ],
  [
    "the extension of Azure",
    {
      "infra/aks.tf":
        'resource "azurerm_kubernetes_cluster_extension" "flux" {\n  name           = "flux"\n  extension_type = "microsoft.flux"\n}\n',
    },
    "infra/aks.tf:3",
  ],
  [
    "Terraform that applies the root by itself",
    {
      "infra/flux.tf": `resource "kubectl_manifest" "source" {\n  yaml_body = "kind: GitRepository"\n}\n
/*
resource "kubectl_manifest" "old" {
  yaml_body = "apiVersion: kustomize.toolkit.fluxcd.io/v1"
}
*/
resource "kubectl_manifest" "root" {
  yaml_body = <<-YAML
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: \${var.name}
    spec:
      path: \${var.path}
      prune: true
  YAML
}
`,
    },
    "infra/flux.tf:10",
  ],
])("what makes the cluster and bootstraps Flux in it is named in every phase: %s", (_, files, place) => {
  expect(found(files)).toEqual([[`caution ${place}`], [`caution ${place}`], [`caution ${place}`]]);
});

test("eksctl that is told to bootstrap Flux is named where it goes on a rebuilt cluster", () => {
  expect(found({ Makefile: "flux:\n\t@eksctl enable flux -f eks.yaml\n" }).at(-1)).toEqual(["caution Makefile:2"]);
});

test("not where it leaves Flux alone", () => {
  const files = {
    "infra/cluster.yaml":
      "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata:\n  name: home\n# gitops:\n#   flux:\n#     gitProvider: github\n",
    "infra/anywhere.yaml": `${ANYWHERE} Cluster${SPEC}`,
    "infra/aks.bicep": "// extensionType: 'microsoft.flux'\n",
    "README.md": `${ANYWHERE} FluxConfig\n`,
    "docs/eks.md": "apiVersion: eksctl.io/v1alpha5\ngitops:\n  flux:\n    gitProvider: github\n",
    Makefile: "help:\n\t@echo run eksctl enable flux\n",
  };
  expect(found(files)).toEqual([[], [], []]);
});

const BOOT = "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n";
const stray = (files: Files) => found({ "boot/flux/kustomization.yaml": BOOT, ...files });

test("a kustomization that installs Flux in one of several clusters, nothing says which, is named when the install goes", () => {
  const [install, ...rest] = stray(makeFluxSystem("clusters/east"));
  expect(install).toEqual([]);
  for (const said of rest) expect(said).toEqual(["caution boot/flux/kustomization.yaml:2"]);
});

test("the only cluster has it as its own", () => {
  expect(stray({}).flat()).toEqual([]);
});

test("an address in a list of a machine config or in a setting is to be taken out: no command can stand there", () => {
  const url = "https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml";
  const files = {
    ...makeFluxSystem("clusters/home"),
    "clusters/home/apps.yaml": APP,
    "talos/patch.yaml": `cluster:\n  extraManifests:\n    - ${url} # Flux\n`,
    "talos/kustomization.yaml.tpl": "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n",
    "up.sh": `kubectl apply -f \\\n  ${url}\n`,
    ".ci/pins.yaml": `flux:\n  install: ${url}\n  sha256: abc\n`,
    "play/vars.yml": 'flux_url: "https://github.com/fluxcd/flux2/releases/download/{{ flux }}/install.yaml"\n',
  };
  const { cutover } = runAll(files);
  const said = cutover.findings.filter(({ rule }) => rule === "automation-installs-flux");
  expect(said.map(({ at, next }) => [at?.file, next.slice(0, 24)])).toEqual([
    ["up.sh", "Run instead, in this ver"],
    [".ci/pins.yaml", "Look for what reads it. "],
    ["play/vars.yml", "Look for what reads it. "],
    ["talos/kustomization.yaml.tpl", "Take the address out, wi"],
    ["talos/patch.yaml", "Take the address out, wi"],
  ]);
});

test.each([
  "kubectl -n flux-system wait --for=condition=Available deployment --all",
  "kubectl -n flux-system rollout status deployment/source-controller",
  "flux reconcile kustomization flux-system --with-source",
  "kubectl -n flux-system wait --for=condition=Ready kustomization/flux-system",
])("what asks for Flux behind its files stands below both commands, and is asked when Flux is there: %s", (ask) => {
  const folder = "clusters/home/flux-system";
  const apply = ["components", "sync"].map((name) => `kubectl --context home apply -f ${folder}/gotk-${name}.yaml`);
  const until = "until kubectl --context home -n flux-system get kustomization/flux-system; do sleep 5; done";
  const runOn = (lines: (string | undefined)[]) => {
    const script = ["#!/bin/sh", ...lines, ""].join("\n");
    return runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "up.sh": script });
  };
  for (const lines of [
    [apply[0], ask, apply[1]],
    [apply[0], apply[1], ask],
  ]) {
    const { cutover, cleanup } = runOn(lines);
    for (const { files, findings } of [cutover, cleanup]) {
      const [before, after] = files["up.sh"]!.split(`${until}\n`);
      expect(before).toContain("helm upgrade --install flux-instance");
      expect(after).toContain(ask);
      expect(findings.map(({ rule }) => rule)).not.toContain("automation-waits-early");
    }
  }
  expect(runOn(apply).cleanup.files["up.sh"]).not.toContain(until);
  expect(runOn([...apply, `# ${ask}`]).cleanup.files["up.sh"]).not.toContain(until);
});

test.each([
  "kubectl apply -f https://github.com/fluxcd/flux2/releases/latest/download/install.yaml",
  "kubectl apply -f clusters/home/flux-system/gotk-components.yaml || exit 1",
])("what is advised in place of a line waits where the next one asks for Flux: %s", (line) => {
  const nextOf = (ask: string) => {
    const script = `#!/bin/sh\n${line}\n${ask}\n`;
    const { cutover } = runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "up.sh": script });
    return cutover.findings.filter(({ at }) => at?.file === "up.sh").map(({ next }) => next);
  };
  const until = "--values - ; until kubectl -n flux-system get kustomization/flux-system; do sleep 5; done";
  expect(nextOf("flux check").join()).toContain(until);
  expect(nextOf("kubectl get pods").join()).not.toContain("until");
});

test("what brings the instance brings the operator with it where that would come further down", () => {
  const apply = (name: string) => `kubectl apply -f clusters/home/flux-system/gotk-${name}.yaml`;
  const runOn = (lines: string[]) => {
    const script = ["#!/bin/sh", "flux install --export > /tmp/flux.yaml", ...lines, ""].join("\n");
    return runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "up.sh": script }).cutover;
  };
  const nextOf = (lines: string[]) => {
    const found = runOn(lines).findings.filter(({ rule }) => rule === "automation-applies-removed");
    return found.map(({ next }) => next.match(/--install flux-(?:operator|instance)/g)?.join());
  };
  const [sync, components] = [`${apply("sync")} || exit 1`, `${apply("components")} || exit 1`];
  const [operator, instance] = ["--install flux-operator", "--install flux-instance"];
  expect(nextOf([sync, components])[0]).toBe(`${operator},${instance}`);
  expect(nextOf([components, sync])).toEqual([operator, instance]);
  expect(nextOf(["first() {", `  ${sync}`, "}", "second() {", `  ${components}`, "}"])[0]).toBe(instance);
});

test("a change of the root is said also where a script writes the manifests of Flux, and installs none", () => {
  const patch = "kubectl -n flux-system patch kustomization flux-system --type=merge -p '{}'";
  const rulesOf = (install: string) => {
    const script = `#!/bin/sh\n${install}\n${patch}\n`;
    return runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "up.sh": script }).cutover
      .rules;
  };
  expect(rulesOf("flux install --export > install.yaml")).toContain("automation-changes-sync");
  expect(rulesOf("flux install")).not.toContain("automation-changes-sync");
});
