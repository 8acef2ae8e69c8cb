import { describe, expect, test } from "vitest";
import { findChartElsewhere } from "../../src/cluster/chart-elsewhere.ts";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll, runPhase } from "../gotk/run-phases.ts";
import { memoryTree } from "../support/memory.ts";

const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: flux
  namespace: argocd
spec:
  source:
    repoURL: https://fluxcd-community.github.io/helm-charts
    chart: flux2
    targetRevision: 2.16.4
`;

const TERRAFORM = `resource "helm_release" "metrics" {
  chart = "metrics-server"
}

resource "helm_release" "gitops" {
  repository = "https://fluxcd-community.github.io/helm-charts"
  set {
    name  = "prometheus.podMonitor.create"
    value = "false"
  }
  chart = "flux2"
}
`;

const HELM_CHART = `apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata:
  name: flux
  namespace: kube-system
spec:
  repo: https://fluxcd-community.github.io/helm-charts
  chart: flux2
  targetNamespace: flux-system
`;

const NIX = `{
  services.k3s.manifests.flux.content = {
    apiVersion = "helm.cattle.io/v1";
    kind = "HelmChart";
    spec = {
      chart = "oci://ghcr.io/fluxcd-community/charts/flux2";
    };
  };
}
`;

const sync = { "sync.yaml": makeFluxSystem("clusters/home")["clusters/home/flux-system/gotk-sync.yaml"]! };
const root = { ...sync, "clusters/home/apps.yaml": APP };
const stopped = (more: Record<string, string>) =>
  runPhase({ ...root, ...more }, "install").findings.find(({ rule }) => rule === "install-not-found")!;

describe("the flux2 chart, installed by something other than Flux", () => {
  test("is found in Applications, ApplicationSets and Terraform", () => {
    const set = APPLICATION.replace("Application\n", "ApplicationSet\n").replace(
      /spec:[\s\S]*/,
      "spec:\n  template:\n    spec:\n      sources:\n        - chart: flux2\n",
    );
    const files = { "argo/flux.yaml": APPLICATION, "argo/set.yaml": set, "infra/main.tf": TERRAFORM };
    const module = { "infra/stack/main.tf": 'module "base" {\n  source = "../"\n}\n' };
    expect(findChartElsewhere(memoryTree({ ...files, ...module }))).toEqual([
      { by: "argo", file: "argo/flux.yaml", line: 9, name: "Application flux" },
      { by: "argo", file: "argo/set.yaml", line: 10, name: "ApplicationSet flux" },
      { by: "terraform", file: "infra/main.tf", line: 5, name: "module.base.helm_release.gitops" },
    ]);
  });

  test("is found in what keeps releases of it for Cluster API, Sveltos, Crossplane, Rancher Fleet and k0s", () => {
    const object = (group: string, kind: string, spec: string) =>
      `apiVersion: ${group}\nkind: ${kind}\nmetadata:\n  name: flux\nspec:\n${spec}`;
    const charts = "    helm:\n      charts:\n        - name: gitops\n          chartname: community/flux2\n";
    const keeping = {
      "capi.yaml": object("addons.cluster.x-k8s.io/v1alpha1", "HelmChartProxy", "  chartName: flux2\n"),
      "composition.yaml": object(
        "apiextensions.crossplane.io/v1",
        "Composition",
        "  resources:\n    - base:\n        kind: Release\n        spec:\n          forProvider:\n            chart:\n              name: flux2\n",
      ),
      "crossplane.yaml": object(
        "helm.crossplane.io/v1beta1",
        "Release",
        "  forProvider:\n    chart:\n      name: flux2\n",
      ),
      "fleet/fleet.yaml": "helm:\n  releaseName: flux\n  chart: flux2\n",
      "k0s.yaml": object("k0s.k0sproject.io/v1beta1", "ClusterConfig", `  extensions:\n${charts}`),
      "sveltos.yaml": object(
        "config.projectsveltos.io/v1beta1",
        "ClusterProfile",
        "  helmCharts:\n    - chartName: community/flux2\n",
      ),
    };
    expect(findChartElsewhere(memoryTree(keeping))).toEqual([
      { by: "reconciler", file: "capi.yaml", line: 6, name: "HelmChartProxy flux" },
      { by: "reconciler", file: "composition.yaml", line: 12, name: "Composition flux" },
      { by: "reconciler", file: "crossplane.yaml", line: 8, name: "Release flux" },
      { by: "reconciler", file: "fleet/fleet.yaml", line: 3, name: "the bundle of Rancher Fleet" },
      { by: "reconciler", file: "k0s.yaml", line: 10, name: "ClusterConfig flux" },
      { by: "reconciler", file: "sveltos.yaml", line: 7, name: "ClusterProfile flux" },
    ]);
    const others = Object.entries(keeping).map(([path, text]) => [path, text.replace("flux2", "flux2-sync")] as const);
    expect(findChartElsewhere(memoryTree(Object.fromEntries(others)))).toEqual([]);
    const said = runPhase({ ...makeFluxSystem("clusters/home"), ...root, ...keeping }, "install").findings;
    const places = said.filter(({ rule }) => rule === "automation-installs-flux").map(({ at }) => at?.file);
    expect(places).toEqual(Object.keys(keeping));
    expect(stopped({ "capi.yaml": keeping["capi.yaml"] }).what).toContain("HelmChartProxy flux does, with the chart");
  });

  test("is told of in each phase where Flux delivers it", () => {
    const proxy =
      "apiVersion: addons.cluster.x-k8s.io/v1alpha1\nkind: HelmChartProxy\nmetadata:\n  name: flux\nspec:\n  chartName: flux2\n";
    const files = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/capi.yaml": proxy };
    const { install, cutover, cleanup } = runAll(files);
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ at }) => at?.file === "apps/capi.yaml").map(({ rule }) => rule)).toEqual([
        "automation-installs-flux",
      ]);
  });

  test("is a copy of its manifests in what Cluster API or Talos applies", () => {
    const indent = (text: string, by: string) => text.replace(/^(?=.)/gm, by);
    const crd = (schema: string) =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gitrepositories.source.toolkit.fluxcd.io\nspec:\n  versions:\n  - schema:\n      ${schema}: {}\n`;
    const header = "# Flux Version: v2.6.4\nkind: Namespace\n";
    const inConfigMap = (text: string) => `kind: ConfigMap\ndata:\n  flux.yaml: |\n${indent(text, "    ")}`;
    const inTalos = (text: string) =>
      `cluster:\n  inlineManifests:\n    - name: flux\n      contents: |\n${indent(text, "        ")}`;
    const files = {
      "capi/flux.yaml": inConfigMap(header),
      "flux-system/gotk-components.yaml": `${header}---\n${crd("openAPIV3Schema")}`,
      "patch.yaml": inConfigMap(crd("other")),
      "talos/flux.yaml": inTalos(crd("openAPIV3Schema")),
    };
    expect(findChartElsewhere(memoryTree(files))).toEqual([
      { by: "embedded", file: "capi/flux.yaml", line: 4, name: "capi/flux.yaml" },
      { by: "embedded", file: "talos/flux.yaml", line: 8, name: "talos/flux.yaml" },
    ]);
    expect(stopped({ "talos.yaml": files["talos/flux.yaml"] }).what).toContain("a copy of its manifests does");
  });

  test("is Terraform, which rendered the manifests before it could bootstrap", () => {
    const files = {
      "infra/flux.tf": '# data "flux_install" "old" {}\ndata "flux_install" "main" {\n  target_path = "x"\n}\n',
      "examples/flux.tf": 'data "flux_install" "main" {}\n',
    };
    expect(findChartElsewhere(memoryTree(files))).toEqual([
      { by: "rendered", file: "infra/flux.tf", line: 2, name: "data.flux_install.main" },
    ]);
    const said = stopped(files);
    expect(said.what).toContain("Terraform renders the manifests of flux bootstrap and applies them (infra/flux.tf:2)");
    expect(said.next).toMatch(/flux install --export.*terraform state rm.*never destroy it/);
  });

  test("is what a machine installs by itself: a unit of systemd, in NixOS too, and cron", () => {
    const url = "https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml";
    const nix = (use: string) =>
      `let\n  manifest = pkgs.fetchurl {\n    url = "${url}";\n  };\nin {\n  systemd.timers.backup = { };\n  ${use}\n}\n`;
    const unit = (run: string) => `systemd.services.flux.script = ''\n    ${run}\n  '';`;
    const tool = (run: string) => `environment.systemPackages = [ (writeShellScriptBin "up" ''\n    ${run}\n  '') ];`;
    const apply = "kubectl apply -f $" + "{manifest}";
    const files = {
      "ansible/cron.yaml": `- ansible.builtin.cron:\n    name: flux\n    job: kubectl apply -f ${url}\n`,
      "etc/cron.d/flux": `*/15 * * * * root flux install --version=v2.6.4\n`,
      "etc/flux.service": "[Service]\nExecStart=/usr/local/bin/flux install --version=v2.6.4\n",
      "nix/direct.nix": `{\n  ${unit("flux install --version=v2.6.4")}\n}\n`,
      "nix/fetched.nix": nix(unit(apply)),
      "nix/named.nix": `{\n  ${unit("$" + "{flux} install \\\n      --export | $" + "{kubectl} apply -f -")}\n}\n`,
      "nix/package.nix": `{\n  ${unit("$" + "{lib.getExe pkgs.fluxcd} bootstrap git --url=ssh://git@x/y")}\n}\n`,
    };
    const by = "machine";
    expect(findChartElsewhere(memoryTree(files))).toEqual([
      { by, file: "ansible/cron.yaml", line: 3, name: "ansible/cron.yaml" },
      { by, file: "etc/cron.d/flux", line: 1, name: "etc/cron.d/flux" },
      { by, file: "etc/flux.service", line: 2, name: "etc/flux.service" },
      { by, file: "nix/direct.nix", line: 3, name: "nix/direct.nix" },
      { by, file: "nix/fetched.nix", line: 3, name: "nix/fetched.nix" },
      { by, file: "nix/named.nix", line: 3, name: "nix/named.nix" },
      { by, file: "nix/package.nix", line: 3, name: "nix/package.nix" },
    ]);
    const others = {
      "ansible/tasks.yaml": `- ansible.builtin.command:\n    cmd: kubectl apply -f ${url}\n`,
      "etc/off.service": "[Service]\n# ExecStart=/usr/local/bin/flux install\n",
      "nix/shell.nix": `{\n  ${tool("flux install")}\n}\n`,
      "nix/tool.nix": nix(tool(apply)),
      "nix/unused.nix": nix(""),
    };
    expect(findChartElsewhere(memoryTree(others)).filter(({ by }) => by === "machine")).toEqual([]);
    const said = runPhase({ ...makeFluxSystem("clusters/home"), ...root, ...files }, "install").findings;
    const found = said.filter(({ rule }) => rule === "automation-installs-flux");
    expect(found.map(({ at }) => at?.file)).toEqual(Object.keys(files));
    expect(found[0]!.next).toContain("switch it off before this is merged");
    const missing = stopped({ "nix/fetched.nix": files["nix/fetched.nix"] });
    expect(missing.what).toContain("a unit of systemd or cron does");
    expect(missing.why).not.toContain("takes Flux away");
    expect(missing.next).toContain("off the machine");
  });

  test("is one of those that NixOS has k3s deploy", () => {
    const charts = (said: string) => `{\n  services.k3s.autoDeployCharts = {\n    gitops = {\n${said}    };\n  };\n}\n`;
    const files = {
      "nix/address.nix": charts('      repo = "oci://ghcr.io/fluxcd-community/charts/flux2";\n'),
      "nix/named.nix": charts(
        '      name = "flux2";\n      repo = "https://fluxcd-community.github.io/helm-charts";\n',
      ),
      "nix/other.nix": charts('      name = "flux2-sync";\n'),
      "nix/user.nix": '{\n  users.flux = {\n    name = "flux2";\n  };\n}\n',
    };
    expect(findChartElsewhere(memoryTree(files))).toEqual([
      { by: "k3s", file: "nix/address.nix", line: 4, name: "HelmChart" },
      { by: "k3s", file: "nix/named.nix", line: 4, name: "HelmChart" },
    ]);
  });

  test("is found in what k3s and RKE2 install, from a manifest or from NixOS", () => {
    expect(findChartElsewhere(memoryTree({ "k3s/flux.yaml": HELM_CHART, "nix/k3s.nix": NIX }))).toEqual([
      { by: "k3s", file: "k3s/flux.yaml", line: 8, name: "HelmChart flux" },
      { by: "k3s", file: "nix/k3s.nix", line: 6, name: "HelmChart" },
    ]);
    const others = {
      "k3s/sync.yaml": HELM_CHART.replace("flux2\n", "flux2-sync\n"),
      "k3s/config.yaml": HELM_CHART.replace("HelmChart\n", "HelmChartConfig\n"),
      "nix/k3s.nix": NIX.replace("flux2", "cilium"),
    };
    expect(findChartElsewhere(memoryTree(others))).toEqual([]);
    const go = 'RepositoryOpts: "fluxcd-community",\n\t\tChart:   pulumi.String("flux2"),\n';
    expect(findChartElsewhere(memoryTree({ "infra/main.go": go }))).toMatchObject([{ by: "helm", line: 2 }]);
  });

  test("is to leave its hooks behind, of which one may be the root: an upgrade deletes them", () => {
    const values = [
      "  valuesContent: |-",
      "    extraObjects:",
      "      - apiVersion: kustomize.toolkit.fluxcd.io/v1",
      "        kind: Kustomization",
      "        metadata:",
      "          name: base",
      '          annotations: {"helm.sh/hook": "post-install,post-upgrade"}',
    ];
    const hooked = stopped({ "k3s/flux.yaml": `${HELM_CHART}${values.join("\n")}\n` });
    expect(hooked.next).toContain("values of the HelmChart. Leave out what has `helm.sh/hook` there");
    expect(stopped({ "k3s/flux.yaml": HELM_CHART }).next).not.toContain("hook");
  });

  test("k3s is told to leave it alone first, wherever the HelmChart lies", () => {
    for (const path of ["k3s/flux.yaml", "clusters/home/flux.yaml"]) {
      const { what, next } = stopped({ [path]: HELM_CHART });
      expect(what).toContain(`the HelmChart of k3s or RKE2 does, with the chart flux2 (${path}:8)`);
      expect(next).toMatch(/^Tell k3s to leave the release alone: .*unmanaged: "true".* a HelmRelease below the root/s);
    }
    const { install, cutover } = runAll({ ...makeFluxSystem("clusters/home"), "nix/k3s.nix": NIX });
    for (const { findings } of [install, cutover]) {
      const own = findings.filter(({ rule }) => rule === "automation-installs-flux");
      expect(own).toMatchObject([{ level: "caution", at: { file: "nix/k3s.nix", line: 6 } }]);
      expect(own[0]!.what).toContain("k3s or RKE2");
    }
  });

  const EXPORT = `{ pkgs, ... }: {
  services.k3s.manifests.flux.source = pkgs.runCommand "flux.yaml" { } ''
    # flux install
    \${pkgs.fluxcd}/bin/flux install \\
      --export > $out
  '';
}
`;
  const FOLDER = "/var/lib/rancher/k3s/server/manifests/flux.yaml";

  test("k3s is known to apply what lies in its own folder, whatever puts it there", () => {
    const by = (files: Record<string, string>) =>
      findChartElsewhere(memoryTree(files)).map(({ by, file, line }) => `${by} ${file}:${line}`);
    const copy = `- copy:\n    src: clusters/home/flux-system/gotk-components.yaml\n    dest: ${FOLDER}\n`;
    const ways = { "up.sh": `flux install --export | sudo tee ${FOLDER}\n`, "site/k3s.yaml": copy, "k3s.nix": EXPORT };
    expect(by(ways)).toEqual(["k3s-manifests k3s.nix:4", "k3s-manifests site/k3s.yaml:2", "k3s-manifests up.sh:1"]);
    const others = {
      "README.md": ways["up.sh"],
      "key.sh": `cp sops.yaml ${FOLDER.replace("flux", "flux-sops")}\n`,
      "flake.nix": EXPORT.replace("services.k3s.manifests.flux.source", "packages.flux"),
    };
    expect(by(others)).toEqual([]);
  });

  test.each([
    ["k0sctl.yaml", "- src: clusters/home/flux-system/*.yaml\n  dstDir: /var/lib/k0s/manifests/flux\n"],
    ["site/k0s.yaml", "copy: {src: ../clusters/home/flux-system/, dest: /var/lib/k0s/manifests/flux}\n"],
    ["up.sh", "flux install --export > /var/lib/k0s/manifests/flux/flux.yaml\n"],
  ])("k0s deletes what leaves its folder, and %s says so of Flux", (path, text) => {
    const files = { ...makeFluxSystem("clusters/home"), [path]: text };
    for (const { findings } of Object.values(runAll(files)).slice(0, 2)) {
      const own = findings.filter(({ at }) => at?.file === path);
      expect(own).toMatchObject([{ rule: "automation-installs-flux", level: "caution", at: { line: 1 } }]);
      expect(own[0]!.next).toContain("k0s.k0sproject.io/stack-");
    }
  });

  test.each([
    ["up.sh", "scp cilium.yaml n:/var/lib/k0s/manifests/\nkubectl apply -k clusters/home/flux-system\n"],
    ["up.sh", "rm -rf /var/lib/k0s/manifests/flux\ncp clusters/home/flux-system/gotk-components.yaml out/\n"],
    ["up.sh", "scp cilium.yaml n:/var/lib/rancher/k3s/server/manifests/\necho see clusters/home/flux-system\n"],
    ["up.sh", "scp clusters/home/flux-system/kustomization.yaml n:/var/lib/k0s/manifests/x\n"],
    ["clusters/home/flux-system/up.sh", "cp / ./x.yaml /var/lib/k0s/manifests/x\n"],
    [
      "k0sctl.yaml",
      "- src: clusters/home/flux-system/*.yaml\n  dstDir: /opt/flux\n- src: cni.yaml\n  dstDir: /var/lib/k0s/manifests/cni\n",
    ],
  ])("what %s puts into such a folder is not Flux", (path, text) => {
    expect(findChartElsewhere(memoryTree({ ...makeFluxSystem("clusters/home"), [path]: text }))).toEqual([]);
  });

  test.each([
    ["up.sh", "cp clusters/home/flux-system/*.yaml \\\n  /var/lib/k0s/manifests/flux/\n"],
    ["clusters/home/flux-system/up.sh", "cp ./*.yaml /var/lib/k0s/manifests/flux/\n"],
    [
      "site/k0s.yaml",
      "- copy: {src: '{{ item }}', dest: /var/lib/k0s/manifests/flux}\n  loop:\n    - clusters/home/flux-system/gotk-sync.yaml\n    - clusters/home/flux-system\n",
    ],
  ])("what %s puts into such a folder is Flux", (path, text) => {
    const found = findChartElsewhere(memoryTree({ ...makeFluxSystem("clusters/home"), [path]: text }));
    expect(found).toMatchObject([{ by: "k0s-manifests", file: path }]);
  });

  test.each([
    ["k3s-manifests", "/var/lib/rancher/k3s/server/manifests/flux"],
    ["k0s-manifests", "/var/lib/k0s/manifests/flux"],
  ])("a file of NixOS that links the folder of flux bootstrap for them: %s", (by, folder) => {
    const rule = `"L+ ${folder} - - - - \${../clusters/home/flux-system}"`;
    const files = {
      ...makeFluxSystem("clusters/home"),
      "nix/home.nix": `{\n  systemd.tmpfiles.rules = [\n    ${rule}\n  ];\n}\n`,
    };
    expect(findChartElsewhere(memoryTree(files))).toEqual([
      { by, file: "nix/home.nix", line: 3, name: "nix/home.nix" },
    ]);
  });

  test("a copy of the CRDs that something else applies is named in every phase", () => {
    const crd =
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gitrepositories.source.toolkit.fluxcd.io\nspec:\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema: {}\n";
    const text = `apiVersion: kubernetes.crossplane.io/v1alpha2\nkind: Object\nmetadata:\n  name: crd\nspec:\n  forProvider:\n    manifest:\n${crd.replace(/^(?=.)/gm, "      ")}`;
    const results = runAll({ ...makeFluxSystem("clusters/home"), "hub/crd.yaml": text });
    for (const { findings } of [results.install, results.cutover, results.cleanup]) {
      const own = findings.filter(({ at }) => at?.file === "hub/crd.yaml");
      expect(own).toMatchObject([{ rule: "automation-installs-flux", level: "caution" }]);
    }
  });

  test("k0s has other folders, and applies other files", () => {
    const others = {
      "k0sctl.yaml": "- src: clusters/home/apps/*.yaml\n  dstDir: /var/lib/k0s/manifests/apps\n",
      "up.sh": "cp clusters/home/flux-system/*.yaml /var/lib/other/manifests\n",
    };
    const files = { ...makeFluxSystem("clusters/home"), ...others };
    expect(findChartElsewhere(memoryTree(files))).toEqual([]);
  });

  test.each([
    "services.k3s.manifests.flux.source = ../clusters/home/flux-system/gotk-components.yaml;",
    'services.rke2.manifests = {\n    flux = {\n      source = "${self}/clusters/home/flux-system/gotk-sync.yaml";\n    };\n  };',
  ])("NixOS hands a file of flux bootstrap to k3s: %s", (text) => {
    const files = { ...makeFluxSystem("clusters/home"), "nix/k3s.nix": `{ ... }: {\n  ${text}\n}\n` };
    const { findings } = runPhase(files, "install");
    const own = findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(own).toMatchObject([
      { level: "caution", at: { line: text.split("\n").findIndex((l) => /gotk/.test(l)) + 2 } },
    ]);
  });

  test("flux bootstrap beside what k3s applies is named as well", () => {
    const book = [
      "- ansible.builtin.command: flux bootstrap github --owner=me --repository=lab --path=clusters/home",
      "- ansible.builtin.copy:",
      "    src: ../clusters/home/flux-system/gotk-components.yaml",
      `    dest: ${FOLDER}`,
    ];
    const { cutover } = runAll({ ...makeFluxSystem("clusters/home"), "site.yml": `${book.join("\n")}\n` });
    const own = cutover.findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(own.map(({ at, what }) => `${at?.line} ${what}`)).toEqual([
      expect.stringMatching(/^3 This has k3s/),
      expect.stringMatching(/^1 flux bootstrap writes/),
    ]);
  });

  test("what k3s applies from its folder is named before the operator comes, and written down where nothing is in Git", () => {
    const { what, next } = stopped({ "k3s.nix": EXPORT });
    expect(what).toContain("k3s or RKE2 does, from its own folder of manifests (k3s.nix:4)");
    expect(next).toMatch(
      /^Write down what runs.* Once Flux delivers it, take it out of k3s\.nix, and its copy out of/s,
    );
    const { findings } = runPhase({ ...makeFluxSystem("clusters/home"), "k3s.nix": EXPORT }, "install");
    const own = findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(own).toMatchObject([{ level: "caution", at: { file: "k3s.nix", line: 4 } }]);
  });

  test("what the Operator Lifecycle Manager keeps is to be replaced first", () => {
    const flux = `apiVersion: operators.coreos.com/v1alpha1
kind: Subscription
metadata: {name: gitops, namespace: flux-system}
spec: {channel: stable, name: flux, source: community-operators, sourceNamespace: openshift-marketplace}
`;
    const { what, next } = stopped({ "olm/gitops.yaml": flux });
    expect(what).toContain("the Operator Lifecycle Manager does (olm/gitops.yaml:1)");
    expect(next).toMatch(/^Replace it first.* delete it and its ClusterServiceVersion.* Write down what runs/s);
    const { install } = runAll({ ...makeFluxSystem("clusters/home"), "olm/gitops.yaml": flux });
    const own = install.findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(own).toMatchObject([{ level: "caution", at: { file: "olm/gitops.yaml", line: 1 } }]);
  });

  test("the pod of Timoni is to be replaced first, for the operator would run beside it", () => {
    const bundle =
      '// modules/flux-aio\nbundle: instances: flux: {\n\tmodule: url: "oci://ghcr.io/stefanprodan/modules/flux-aio"\n}\n';
    const { what, why, next } = stopped({ "infra/flux.cue": bundle });
    expect(what).toContain("Timoni does, with all controllers in one pod (infra/flux.cue:3)");
    expect(why).toContain("takes that pod neither over nor away");
    expect(next).toMatch(/^Replace that pod first.*never have Timoni delete it.* Write down what runs/s);
    const up = { "up.sh": "timoni bundle apply -f infra/flux-aio.cue\n" };
    const { cleanup } = runAll({ ...makeFluxSystem("clusters/home"), ...up });
    const own = cleanup.findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(own).toMatchObject([{ at: { file: "up.sh", line: 1 }, next: expect.stringMatching(/^Run instead/) }]);
  });

  const STEPS = {
    "ansible/roles/flux/tasks/main.yml":
      "- kubernetes.core.helm:\n    name: flux\n    chart_ref: fluxcd-community/flux2\n    release_namespace: flux-system\n",
    "bootstrap/helmfile.yaml":
      "repositories:\n  - name: fluxcd-community\n    url: https://fluxcd-community.github.io/helm-charts\nreleases:\n  - name: flux\n    chart: fluxcd-community/flux2\n",
    "bootstrap/up.sh":
      "# oci://ghcr.io/fluxcd-community/charts/flux2\nhelm upgrade --install flux oci://ghcr.io/fluxcd-community/charts/flux2 -n flux-system\n",
    "flux/kustomization.yaml":
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n  - name: flux2\n    repo: https://fluxcd-community.github.io/helm-charts\n",
    "infra/index.ts":
      "new k8s.helm.v3.Release('flux', {\n  chart: 'flux2',\n  repositoryOpts: { repo: 'https://fluxcd-community.github.io/helm-charts' },\n});\n",
  };

  test("is taken out of a chart of the repository that depends on it, and no second install is asked for", () => {
    const chart = (name: string, from = "https://fluxcd-community.github.io/helm-charts") =>
      `apiVersion: v2\nname: base\nversion: 1.0.0\ndependencies:\n  - name: ${name}\n    version: 2.14.1\n    repository: ${from}\n`;
    const files = { "charts/base/Chart.yaml": chart("flux2") };
    expect(findChartElsewhere(memoryTree(files))).toEqual([
      { by: "umbrella", file: "charts/base/Chart.yaml", line: 5, name: "charts/base" },
    ]);
    expect(findChartElsewhere(memoryTree({ "Chart.yaml": chart("flux2") }))).toMatchObject([{ line: 5, name: "base" }]);
    const { what, why, next } = stopped(files);
    expect(what).toContain(
      "a chart of this repository does, which depends on the chart flux2 (charts/base/Chart.yaml:5)",
    );
    expect(why).toContain("As long as charts/base has it");
    expect(next).toContain("in place of what installs charts/base now");
    expect(next).not.toContain("flux install");
    for (const text of [chart("flux2-sync"), chart("flux2", "https://charts.example.org")])
      expect(findChartElsewhere(memoryTree({ "charts/base/Chart.yaml": text }))).toEqual([]);
  });

  test("is found in the steps of a playbook, a helmfile, a script, a chart that kustomize inflates, and Pulumi", () => {
    expect(findChartElsewhere(memoryTree(STEPS)).map(({ by, file, line }) => `${by} ${file}:${line}`)).toEqual([
      "helm ansible/roles/flux/tasks/main.yml:3",
      "helm bootstrap/helmfile.yaml:6",
      "helm bootstrap/up.sh:2",
      "helm flux/kustomization.yaml:4",
      "helm infra/index.ts:2",
    ]);
    const written = "cat > sync.yaml << EOF\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nEOF\n";
    const script = `helm repo add mirror https://charts.example.org\nhelm upgrade --install flux mirror/flux2\n${written}`;
    expect(findChartElsewhere(memoryTree({ "up.sh": script }))).toMatchObject([{ by: "helm", file: "up.sh", line: 2 }]);
    expect(findChartElsewhere(memoryTree({ "up.yaml": script }))).toEqual([]);
    const others = {
      "README.md": STEPS["bootstrap/up.sh"],
      "helmfile.yaml": STEPS["bootstrap/helmfile.yaml"].replace("community/flux2", "community/flux2-sync"),
      "renovate.json": '{ "matchPackageNames": ["ghcr.io/fluxcd-community/charts/flux2"] }\n',
      "repo.yaml":
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/fluxcd-community/charts/flux2\n",
      "up.sh": STEPS["bootstrap/up.sh"].replace("helm upgrade", "# helm upgrade"),
    };
    expect(findChartElsewhere(memoryTree(others))).toEqual([]);
  });

  test("is found where a program or a playbook makes source and root beside it, but not where a HelmRelease has it", () => {
    const program = (objects: string) => ({ "infra/flux.ts": `${STEPS["infra/index.ts"]}${objects}` });
    const source =
      'new CustomResource("home", {\n  apiVersion: "source.toolkit.fluxcd.io/v1",\n  kind: "GitRepository",\n});\n';
    expect(findChartElsewhere(memoryTree(program(source)))).toMatchObject([
      { by: "helm", file: "infra/flux.ts", line: 2 },
    ]);
    const release = source.replace("source.", "helm.").replace("GitRepository", "HelmRelease");
    expect(findChartElsewhere(memoryTree(program(release)))).toEqual([]);
    const play = `${STEPS["ansible/roles/flux/tasks/main.yml"]}- kubernetes.core.k8s:\n    definition:\n      apiVersion: source.toolkit.fluxcd.io/v1\n`;
    expect(findChartElsewhere(memoryTree({ "tasks/main.yml": play }))).toMatchObject([{ by: "helm", line: 3 }]);
  });

  test.each<[string, string, number | undefined]>([
    [
      "infra/flux.ts",
      'import * as flux from "@acme/flux";\n// new flux.FluxBootstrapGit("old");\nnew flux.FluxBootstrapGit(\n',
      3,
    ],
    [
      "infra/bridged.ts",
      'import * as flux from "@pulumi/flux";\nexport const home = new flux.BootstrapGit("home", {\n',
      2,
    ],
    [
      "infra/render.js",
      'const flux = require("@acme/flux");\nconst { content } = await flux.getFluxInstall({ targetPath });\n',
      2,
    ],
    ["infra/main.go", 'import "example.com/pulumi-flux/sdk"\n_, err := flux.NewFluxBootstrapGit(ctx, "home",\n', 2],
    ["infra/render.go", 'import "example.com/pulumi-flux/sdk"\nflux.GetFluxSyncOutput(ctx, args)\n', 2],
    [
      "infra/__main__.py",
      "import pulumi_flux as flux\nmanifests = flux.get_flux_install_output(target_path=path)\n",
      2,
    ],
    ["infra/Flux.cs", "using Pulumi.Flux;\nvar install = GetFluxInstall.Invoke(new()\n", 2],
    ["infra/Home.cs", 'using Pulumi.Flux;\nvar home = new FluxBootstrapGit("home", new()\n', 2],
    ["infra/Pulumi.yaml", "resources:\n  home:\n    type: flux:FluxBootstrapGit\n", 3],
    [
      "infra/stack.ts",
      "import { BootstrapGit } from '@cdktf/provider-flux/lib/bootstrap-git';\nnew BootstrapGit(this, 'flux', {\n",
      2,
    ],
    [
      "infra/data.ts",
      "import { DataFluxInstall } from '../.gen/providers/flux';\nnew DataFluxInstall(this, 'flux', {\n",
      2,
    ],
    ["sdk/flux.go", "// pulumi\nfunc NewFluxBootstrapGit(ctx *pulumi.Context,\n", undefined],
    ["sdk/flux.ts", "// @pulumi/flux\n * flux.getFluxInstall({})\nexport function getFluxInstall(args) {\n", undefined],
    ["cli/flux.go", "return c.flux.BootstrapGit(ctx, cluster)\n", undefined],
    [
      "infra/chart.ts",
      "import * as cdk8s from 'cdk8s';\nnew cdk8s.Include(this, 'flux', {\n  url: 'https://github.com/fluxcd/flux2/releases/download/v2.6.1/install.yaml',\n",
      3,
    ],
    [
      "infra/flux.go",
      'import "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/yaml"\n// https://github.com/fluxcd/flux2/releases/latest/download/install.yaml\nFile: "https://github.com/fluxcd/flux2/releases/latest/download/install.yaml",\n',
      3,
    ],
    [
      "infra/base.py",
      'from pulumi_kubernetes.kustomize import Directory\nDirectory("flux", directory="https://github.com/fluxcd/flux2/manifests/install?ref=v2.6.1")\n',
      2,
    ],
    [
      "up.py",
      'import subprocess\nURL = "https://github.com/fluxcd/flux2/releases/download/v2.6.1/install.yaml"\n',
      undefined,
    ],
    [
      "lib/stack.ts",
      "import * as blueprints from '@aws-quickstart/eks-blueprints';\n// new FluxCDAddOn()\nconst addOn = new blueprints.addons.FluxCDAddOn({ repositories });\n",
      3,
    ],
    ["lib/builder.ts", "builder()\n  .addCertManagerAddOn()\n  .addFluxCDAddOn()\n", 3],
    ["lib/addons.ts", "export class FluxCDAddOn extends HelmAddOn {\n  constructor() {\n", undefined],
    ["docs/flux.md", 'import * as flux from "@pulumi/flux";\nnew flux.BootstrapGit("home", {\n', undefined],
  ])("is bootstrapped, or its manifests applied, by a program of Pulumi or a CDK: %s", (file, text, line) => {
    const found = line === undefined ? [] : [{ by: "program", file, line, name: file }];
    expect(findChartElsewhere(memoryTree({ [file]: text }))).toEqual(found);
  });

  test("a program is named before the operator comes, and its state is left first", () => {
    const program = {
      "infra/flux.ts": 'import * as flux from "@acme/flux";\nnew flux.FluxBootstrapGit("home", {});\n',
    };
    const { install, cutover } = runAll({
      ...makeFluxSystem("clusters/home"),
      "clusters/home/apps.yaml": APP,
      ...program,
    });
    for (const { findings } of [install, cutover]) {
      expect(findings.filter(({ rule }) => rule === "automation-installs-flux")).toMatchObject([
        {
          level: "caution",
          at: { file: "infra/flux.ts", line: 2 },
          next: expect.stringContaining("pulumi state delete"),
        },
      ]);
    }
    expect(stopped(program)).toMatchObject({
      what: expect.stringContaining("a program of Pulumi or a CDK does (infra/flux.ts:2)"),
      next: expect.stringMatching(/Write down what runs.*pulumi state delete/),
    });
  });

  test("is named with Helm, and the way out is a release of Flux and no second install", () => {
    const { what, next } = stopped({ "bootstrap/helmfile.yaml": STEPS["bootstrap/helmfile.yaml"] });
    expect(what).toContain("Helm does, with the chart flux2 (bootstrap/helmfile.yaml:6)");
    expect(next).toMatch(
      /^Let Flux deliver the chart first: a HelmRelease below the root .*take it out of bootstrap\/helmfile/s,
    );
    expect(next).not.toContain("pulumi");
    const program =
      "new k8s.helm.v3.Release('flux', {\n  chart: 'flux2',\n  repo: 'https://fluxcd-community.github.io/helm-charts',\n";
    expect(stopped({ "infra/flux.ts": program })).toMatchObject({
      what: expect.stringContaining("Helm does, with the chart flux2 (infra/flux.ts:2)"),
      next: expect.stringMatching(
        /take it out of infra\/flux\.ts; where .* uninstalls .*`pulumi state delete`.*RETAIN/,
      ),
    });
    const { install } = runAll({ ...makeFluxSystem("clusters/home"), ...STEPS });
    expect(install.findings.filter(({ rule }) => rule === "install-not-found")).toEqual([]);
  });

  test("is not what only resembles it", () => {
    const files = {
      "argo/sync.yaml": APPLICATION.replace("chart: flux2", "chart: flux2-sync"),
      "release.yaml": APPLICATION.replace("argoproj.io/v1alpha1", "example.org/v1"),
      "main.tf": TERRAFORM.replace('"flux2"', '"flux2-sync"'),
    };
    expect(findChartElsewhere(memoryTree(files))).toEqual([]);
  });

  test("is named where no install is found, with the way out of Argo CD", () => {
    const { what, next } = stopped({ "argo/flux.yaml": APPLICATION });
    expect(what).toContain("Argo CD does, with the chart flux2 (argo/flux.yaml:9)");
    expect(next).toMatch(/^Take Flux out of Argo CD without deleting it: .*--cascade=false.*flux install --export/s);
  });

  test("and with the one out of Terraform", () => {
    const { what, next } = stopped({ "infra/main.tf": TERRAFORM });
    expect(what).toContain("Terraform does, with the chart flux2 (infra/main.tf:5)");
    expect(next).toContain("terraform state rm helm_release.gitops");
    expect(stopped({}).what).toContain("are unknown");
    const hostile = stopped({ "infra/main.tf": TERRAFORM.replace('"gitops"', `"x'; reboot; '"`) });
    expect(hostile.next).not.toContain("reboot");
  });

  test("Argo CD beside an install in Git is said before anything is merged, and again at cutover", () => {
    const { install, cutover } = runAll({ ...makeFluxSystem("clusters/home"), "argo/flux.yaml": APPLICATION });
    for (const { findings } of [install, cutover]) {
      const [own, ...others] = findings.filter(({ rule }) => rule === "automation-installs-flux");
      expect(own).toMatchObject({ level: "caution", at: { file: "argo/flux.yaml", line: 9 } });
      expect(own!.next).toContain("--cascade=false");
      expect(others).toEqual([]);
    }
  });
});

describe("a command of Helm", () => {
  const found = (files: Record<string, string>) =>
    findChartElsewhere(memoryTree(files)).map(({ by, file, line }) => `${by} ${file}:${line}`);

  test("installs the chart from a repository of any name", () => {
    expect(
      found({
        Makefile: "flux:\n\thelm upgrade --install flux fluxcd/flux2 --version 2.15.0\n",
        "up.sh":
          "helm repo add x https://example.org\nhelm install gitops \\\n  oci://mirror.example.org/charts/flux2 \\\n  -n gitops\n",
        "ci.sh":
          "cat values.yaml | helm -n flux-system upgrade -i flux2 --repo https://mirror.example.org/helm flux2 -f -\n",
        "helmfile.yaml":
          "repositories:\n- name: fluxcd\n  url: https://fluxcd-community.github.io/helm-charts\nreleases:\n- name: flux\n  chart: fluxcd/flux2\n",
      }).sort(),
    ).toEqual(["helm Makefile:2", "helm ci.sh:1", "helm helmfile.yaml:6", "helm up.sh:2"]);
  });

  test.each(["$REPO/flux2", '"${REPO}"/flux2', '"${REPO:-fluxcd}/flux2"', "$(REPO)/flux2", "{{ .REPO }}/flux2"])(
    "installs the chart from a repository whose name a variable holds: %s",
    (chart) =>
      expect(found({ "up.sh": `helm upgrade --install flux ${chart} -n flux-system\n` })).toEqual(["helm up.sh:1"]),
  );

  test("does not, where it reads, or installs something else", () => {
    const lines = [
      "helm template flux fluxcd/flux2",
      "helm show values fluxcd/flux2",
      "helm upgrade web charts/web --set image=ghcr.io/fluxcd/flux2",
      "git clone https://github.com/fluxcd/flux2 && helm install web charts/web",
      "helm upgrade flux2 charts/web",
      "helm install schemas fluxcd/flux2-schemas",
    ];
    expect(found(Object.fromEntries(lines.map((line, index) => [`${index}.sh`, `${line}\n`])))).toEqual([]);
  });
});
