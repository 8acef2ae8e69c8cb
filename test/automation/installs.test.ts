import { describe, expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { clusterFiles, contextOf, homeWith, runTransform } from "./support.ts";

function runOnScript(script: string) {
  const outcome = runTransform(transform, contextOf(homeWith({ "run.sh": script })));
  return { text: outcome.texts["run.sh"], rules: outcome.rules };
}

describe("installs of Flux", () => {
  test.each(["\n", "\r\n"])("a command that goes on in the next line is one command (%j)", (eol) => {
    const run = ["      - run: |", "          flux install \\", "            --export > flux/components.yaml", ""].join(
      eol,
    );
    const { findings } = runTransform(transform, contextOf(homeWith({ ".github/workflows/update.yaml": run })));
    expect(findings.map(({ at, what, level }) => [at?.line, what, level])).toEqual([
      [2, "This line writes the manifests of a whole Flux install into the repository again.", "caution"],
    ]);
  });

  test.each([
    ["flux install --version=v2.6.0 >/dev/null 2>&1", false],
    ["flux install 2> install.log", false],
    ["flux install --export | kubectl apply -f -", false],
    ["flux install --export | tee flux/components.yaml", true],
    ["flux install --export >> flux/components.yaml", true],
    ["flux install --export | grep -v '^#' > flux/components.yaml", true],
    ["flux install --dry-run=false", false],
    ["flux install --export >flux/components.yaml 2>/dev/null", true],
    ["flux install --export | /opt/bin/kubectl apply -f -", false],
    ["flux install --export | k3s kubectl apply -f -", false],
  ])("%s writes manifests: %s", (line, writes) => {
    const { findings } = runTransform(transform, contextOf(homeWith({ "run.sh": `${line}\n` })));
    const own = findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(own.map(({ what }) => /writes the manifests/.test(what))).toEqual([writes]);
  });

  test.each([
    "flux install --export | diff -q - flux/components.yaml",
    "flux install --version=v2.6.0 --export | /usr/bin/cmp - flux/components.yaml && echo same",
    "diff <(flux install --export) flux/components.yaml",
    "flux install --export --components=source-controller | kubeconform -strict",
    "images=$(flux install --export | grep 'image:' | sort -u)",
    "flux install --dry-run 2>/dev/null | grep image: > images.txt",
    "flux install --dry-run",
  ])("%s only compares", (line) => expect(runOnScript(`${line}\n`).rules).toEqual([]));

  test.each([
    ["run.sh", "flux bootstrap github --owner=me", ["automation-installs-flux"]],
    ["run.sh", "flux --context x install", ["automation-installs-flux"]],
    ["run.sh", 'echo "$TOKEN" | flux bootstrap github --owner=me', ["automation-installs-flux"]],
    ["run.sh", 'echo "now run flux bootstrap github"', []],
    ["run.sh", 'echo "here we go; with Flux" && flux bootstrap github --owner=me', ["automation-installs-flux"]],
    ["run.sh", "log_info go; flux install", ["automation-installs-flux"]],
    ["run.sh", 'test -d x || { die "run flux install first"; }', []],
    ["run.sh", "if ! test -d x; then >&2 printf 'flux install | first\\n'; fi", []],
    ["run.sh", 'read -p "run flux bootstrap github?" yes', []],
    ["run.sh", 'read -r x; flux install # echo "it"', ["automation-installs-flux"]],
    ["run.sh", 'echo "flux install" | ssh box', ["automation-installs-flux"]],
    ["Makefile", 'help:\n\t@echo "up: flux bootstrap github"', []],
    ["Taskfile.yaml", "tasks:\n  up:\n    prompt: run flux bootstrap github?\n    cmds:\n      - cat x", []],
    ["justfile", '[confirm("flux bootstrap github?")]\nup:\n    ls', []],
    [".github/workflows/up.yaml", "      - name: Run flux bootstrap github\n        run: ls", []],
    [".github/workflows/up.yaml", "      - name: Up\n        run: flux bootstrap github", ["automation-installs-flux"]],
    [".github/workflows/e2e.yaml", "  TOKEN: x # used by flux bootstrap github", ["automation-installs-flux"]],
    ["run.sh", "nix run nixpkgs#fluxcd -- bootstrap github --owner=me", ["automation-installs-flux"]],
    ["up.nix", 'run = "nix run nixpkgs#fluxcd -- -n flux-system install";', ["automation-installs-flux"]],
    ["run.sh", "docker run ghcr.io/fluxcd/flux-cli:v2.4.0 bootstrap git --url=x", ["automation-installs-flux"]],
    ["run.sh", '"$FLUX_BIN" bootstrap github --owner=me', ["automation-installs-flux"]],
    ["run.sh", "$FLUX --context x install", ["automation-installs-flux"]],
    ["run.sh", 'KUBECONFIG="$K" "$HOME/bin/flux" bootstrap git \\\n  --url=x', ["automation-installs-flux"]],
    ["run.sh", "'bin/flux' install --export > old.yaml", ["automation-installs-flux"]],
    ["run.sh", 'grep -i "flux" install.sh', []],
    ["run.sh", 'echo "see bin/flux" bootstrap git', []],
    ["up.nix", `"$${"{pkgs.fluxcd}/bin/flux"}" bootstrap github`, ["automation-installs-flux"]],
    [
      "Taskfile.yaml",
      'tasks:\n  up:\n    cmds:\n      - "{{ .BIN }}/flux" bootstrap github\n      - "{{.BIN}}/flux" get all',
      ["automation-installs-flux"],
    ],
    ["up.nix", `$${"{lib.getExe' pkgs.fluxcd"} "flux"} install`, ["automation-installs-flux"]],
    ["up.nix", `$${"{influx}"} install`, []],
    ["run.sh", "nix shell nixpkgs#fluxcd nixpkgs#kubectl", []],
    ["run.sh", 'flux bootstrap git --author-name "a # b" # again', ["automation-installs-flux"]],
    [
      "run.sh",
      "kubectl apply -f https://github.com/fluxcd/flux2/releases/latest/download/install.yaml",
      ["automation-installs-flux"],
    ],
    ["run.sh", "helm upgrade --install flux oci://ghcr.io/fluxcd-community/charts/flux2", ["automation-installs-flux"]],
    [
      "terraform/flux.tf",
      'resource "helm_release" "flux" {\n  repository = "https://fluxcd-community.github.io/helm-charts"\n  chart      = "flux2"\n}',
      ["automation-installs-flux"],
    ],
    [
      "first/kustomization.yaml",
      "helmCharts:\n  - name: flux2\n    repo: https://fluxcd-community.github.io/helm-charts",
      ["automation-installs-flux"],
    ],
    ["run.sh", "flux bootstrap \\\n  github --owner=me", ["automation-installs-flux"]],
    ["main.nu", '  run-external "flux" "bootstrap" "github" $"--owner=($env.OWNER)"', ["automation-installs-flux"]],
    ["main.nu", '  # run-external "flux" "bootstrap" "github" $"--owner=($env.OWNER)"', []],
    [
      "terraform/flux.tf",
      'data "flux_install" "main" {\n  target_path = "clusters/home"\n}',
      ["automation-installs-flux"],
    ],
    ["terraform/flux.tf", "content = data.flux_install.main.content", []],
    ["terraform/flux.tf", 'chart = "flux2"', []],
    ["run.sh", "helm template flux fluxcd-community/flux2 | kubectl apply --filename -", ["automation-installs-flux"]],
    ["run.sh", "curl -sL https://github.com/fluxcd/flux2/releases/latest/download/crd-schemas.tar.gz", []],
    ["run.sh", "brew install fluxcd/tap/flux", []],
    ["run.sh", "flux check --pre && flux get all", []],
    [".github/workflows/e2e.yaml", "      - uses: fluxcd/flux2/action@main", []],
  ])("%s: %s", (path, line, rules) => {
    const outcome = runTransform(transform, contextOf(homeWith({ [path]: `${line}\n` })));
    expect([outcome.texts, outcome.rules]).toEqual([{}, rules]);
  });
});

test.each([
  [
    'data "kustomization_build" "flux" {',
    '  path = "github.com/fluxcd/flux2/manifests/install?ref=v2.2.3"',
    "take all",
  ],
  [
    'data "http" "flux" {',
    '  url = "https://github.com/fluxcd/flux2/releases/download/${var.flux}/install.yaml"',
    "take all",
  ],
  [
    'provisioner "local-exec" {',
    '  command = "kubectl apply -k https://github.com/fluxcd/flux2/manifests/install"',
    "Run in",
  ],
])("Terraform that reads the release manifests is told to forget what it made of them: %s", (head, line, said) => {
  const { findings } = runTransform(transform, contextOf(homeWith({ "terraform/flux.tf": `${head}\n${line}\n}\n` })));
  expect(findings.map(({ next }) => next)).toEqual([expect.stringContaining(said)]);
});

test.each([
  ["terraform/flux.tf", 'resource "helm_release" "flux" {\n', "}\n"],
  ["terraform/addons.tf", 'module "addons" {\n  helm_releases = {\n    flux2 = {\n', "    }\n  }\n}\n"],
  ["terraform/prod.tfvars", "charts = {\n  flux = {\n", "  }\n}\n"],
])("a release of the chart that Terraform keeps leaves its state before the code: %s", (path, head, end) => {
  const chart = '  repository = "https://fluxcd-community.github.io/helm-charts"\n  chart = "flux2"\n';
  const { findings } = runTransform(transform, contextOf(homeWith({ [path]: `${head}${chart}${end}` })));
  expect(findings.map(({ why, next }) => `${why} ${next}`)).toEqual([
    expect.stringMatching(/Helm uninstalls it.*take the release out of the state.*only then out of the code/),
  ]);
});

test("a template of the chart keeps no release", () => {
  const block = (kind: string) =>
    `${kind} "flux" {\n  repository = "https://fluxcd-community.github.io/helm-charts"\n  chart = "flux2"\n}\n`;
  const files = { "terraform/flux.tf": `${block('resource "helm_release"')}${block('data "helm_template"')}` };
  const { findings } = runTransform(transform, contextOf(homeWith(files)));
  expect(findings.map(({ what }) => what)).toEqual([
    "Terraform keeps a release of the community chart of Flux here.",
    "Terraform reads or renders the manifests of Flux here.",
  ]);
});

test("what a command of Terraform has Helm install is told with the command in its place", () => {
  const run = 'provisioner "local-exec" {\n  command = "helm upgrade --install flux2 fluxcd-community/flux2"\n}\n';
  const { findings } = runTransform(transform, contextOf(homeWith({ "terraform/flux.tf": run })));
  expect(findings.map(({ next }) => next)).toEqual([expect.stringMatching(/^Run in/)]);
});

test("a kustomization that renders the chart is told to run no commands", () => {
  const list = "helmCharts:\n  - name: flux2\n    repo: https://fluxcd-community.github.io/helm-charts\n";
  const { findings } = runTransform(transform, contextOf(homeWith({ "first/kustomization.yaml": list })));
  expect(findings.map(({ next }) => next)).toEqual([expect.stringMatching(/^Take the entry out/)]);
});

test.each([
  ["up.sh", "flux bootstrap github --owner=me", " $(yq -r "],
  ["Makefile", "up:\n\tflux bootstrap github --owner=me", " $$(yq -r "],
  ["Makefile", "up:\n\tkubectl apply -k kubernetes/bootstrap/flux || exit 1", " $$(yq -r "],
])("what is advised for a line of %s can be written there", (path, line, said) => {
  const { findings } = runTransform(transform, contextOf({ ...clusterFiles("kubernetes"), [path]: `${line}\n` }));
  const [finding] = findings.filter(({ at }) => at?.file === path);
  expect(finding?.next).toContain(said);
});

test("the chart that makes source and root is named: its release would take them along", () => {
  const repository = 'repository = "https://fluxcd-community.github.io/helm-charts"';
  const files = {
    "terraform/sync.tf": `resource "helm_release" "sync" {\n  ${repository}\n  chart      = "flux2-sync"\n}\n`,
    "up.sh": "helm upgrade --install home oci://ghcr.io/fluxcd-community/charts/flux2-sync --values sync.yaml\n",
  };
  const { findings, texts } = runTransform(transform, contextOf(homeWith(files)));
  expect(texts).toEqual({});
  expect(findings.map(({ at, level }) => [at?.file, at?.line, level])).toEqual([
    ["up.sh", 1, "caution"],
    ["terraform/sync.tf", 3, "caution"],
  ]);
  for (const { next } of findings) expect(next).toContain("without uninstalling it");
});

test("a line that installs the old chart is to go where the lines beside it do its work by then", () => {
  const chart = "helm upgrade --install flux2 fluxcd-community/flux2 -n flux-system\n";
  const nextOf = (script: string) => {
    const { findings } = runTransform(transform, contextOf(homeWith({ "run.sh": script })));
    return findings.find(({ rule }) => rule === "automation-installs-flux")?.next;
  };
  expect(nextOf(`${chart}kubectl apply -k kubernetes/bootstrap/flux\n`)).toContain("Take it out");
  const other = `up() {\n  ${chart}}\ndown() {\n  kubectl apply -k kubernetes/bootstrap/flux\n}\n`;
  expect(nextOf(other)).toContain("Run instead");
});

test("a line that only reads the community chart is said to install nothing", () => {
  const line = "helm template flux fluxcd-community/flux2 --values values.yaml\n";
  const { findings } = runTransform(transform, contextOf(homeWith({ "check.sh": line })));
  expect(findings).toMatchObject([{ level: "info", what: expect.stringContaining("reads the community chart") }]);
});

test("an uninstall is one that is run, not one that is spoken of", () => {
  const said = (line: string) => runTransform(transform, contextOf(homeWith({ "run.sh": `${line}\n` }))).rules;
  expect(said('echo "by flux uninstall" # later')).toEqual([]);
  expect(said("flux uninstall # not --dry-run")).toEqual(["automation-uninstalls-flux"]);
  expect(said("echo off && flux uninstall")).toEqual(["automation-uninstalls-flux"]);
});
