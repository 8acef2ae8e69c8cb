import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { planOf } from "../traps/support.ts";
import { flux, gitRepository, list } from "./fleet.ts";

const found = (files: Record<string, string>) =>
  planOf(files).findings.map(({ rule, at, next }) => [rule, at?.file, next]);

const TEMPLATE = gitRepository("home-ops", "https://#{ repository }#") + flux("cluster", "./kubernetes/flux");

test("a source in a file of JSON is found there, and to be read once that is called YAML", () => {
  const source = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", metadata: { name: "home-ops" } };
  const root = { "flux/root.yaml": flux("cluster", "./flux") };
  for (const json of [source, { apiVersion: "v1", kind: "List", items: [source] }]) {
    expect(found({ ...root, "flux/source.json": JSON.stringify(json) })).toEqual([
      ["root-not-found", "flux/root.yaml", expect.stringContaining("Have the name of flux/source.json end in .yaml")],
    ]);
  }
});

describe("a repository in which nothing is recognised", () => {
  test("is told to render its templates first", () => {
    const files = {
      "templates/flux/cluster.yaml.j2": TEMPLATE,
      "archive/old/ks.yaml": flux("old", "./archive/old/app"),
    };
    expect(found(files)).toEqual([
      [
        "nothing-recognised",
        "templates/flux/cluster.yaml.j2",
        expect.stringMatching(
          /^Render the templates as the repository's README says, .* Where a playbook .* applies them by itself/,
        ),
      ],
    ]);
  });

  test("is told who installs Flux with its chart, where source and root are not in Git either", () => {
    const files = {
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "apps/config.yaml": list(),
      "infra/flux.tf": 'resource "helm_release" "flux" {\n  chart = "flux2"\n}\n',
    };
    expect(found(files)[0]).toEqual([
      "root-not-found",
      "clusters/one/apps.yaml",
      expect.stringContaining("Flux itself is installed with the chart flux2 (infra/flux.tf:1): leave that as it is"),
    ]);
    const program = 'import * as flux from "@pulumi/flux";\nconst install = flux.getFluxInstallOutput({});\n';
    const [, , next] = found({
      "sync/operator.yaml": gitRepository("operator", "https://example.com/x"),
      "infra/a.ts": program,
    })[0]!;
    expect(next).toContain(
      "Flux itself is installed by something other than Flux (infra/a.ts:2): leave that as it is; the",
    );
    const sync = 'resource "helm_release" "sync" {\n  name = "home"\n  chart = "flux2-sync"\n}\n';
    expect(found({ ...files, "infra/sync.tf": sync })[0]?.[2]).toContain(
      "flux2-sync makes source and root (infra/sync.tf:3): both bear the name of its release. Commit the two",
    );
    const template = (kind: string, group: string) =>
      `apiVersion: ${group}.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata: {name: fleet}\nspec: {path: "{{ .Values.path }}"}\n`;
    const chart = {
      "charts/start/Chart.yaml": "name: start\nversion: 0.1.0\n",
      "charts/start/templates/root.yaml": template("Kustomization", "kustomize"),
      "charts/start/templates/source.yaml": template("GitRepository", "source"),
    };
    const [, , made] = found({ ...files, ...chart })[0]!;
    expect(made).toContain("charts/start makes a source and a FluxKustomization (charts/start/templates/root.yaml:1).");
    const { "charts/start/templates/source.yaml": _source, ...part } = chart;
    expect(found({ ...files, ...part })[0]?.[2]).not.toContain("charts/start");
    expect(found({ ...chart, "apps/config.yaml": list() })[0]?.[2]).not.toContain("filled in first");
    const { "infra/flux.tf": _, ...without } = files;
    expect(found(without)[0]?.[2]).not.toContain("flux2");
    const release =
      "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux}\nspec: {chart: {spec: {chart: flux2}}}\n";
    expect(found({ ...without, "infra/flux.yaml": release })[0]?.[2]).toContain(
      "Flux itself is installed by infra/flux.yaml:1, with the chart flux2.",
    );
  });

  test("is told that it runs Flux Operator already where a template becomes the FluxInstance", () => {
    const template =
      'apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\nspec:\n  sync: {path: "{{ path }}"}\n';
    const files = {
      "ansible/flux/flux-instance.yaml.j2": template,
      "clusters/one/kustomization.yaml": list("./apps.yaml"),
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "apps/kustomization.yaml": list("./more.yaml"),
      "apps/more.yaml": flux("more", "./more"),
    };
    const [[rule, , next] = []] = found(files);
    expect(rule).toBe("root-not-found");
    expect(next).toMatch(/^ansible\/flux\/flux-instance.yaml.j2 becomes a FluxInstance, so Flux Operator runs/);
    expect(next).toMatch(/ Else: /);
  });

  test("is told that Flux is the operator's already, where Terraform installs the chart of a FluxInstance", () => {
    const block =
      'resource "helm_release" "flux" {\n  chart = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-instance"\n}\n';
    const terraform = { "infra/main.tf": block };
    const told = expect.stringMatching(
      /^A cluster that is made with .* \(infra\/main\.tf:2\) .*nothing is left to migrate/,
    );
    expect(found({ ...terraform, "app/cm.yaml": "# toolkit.fluxcd.io\n" })).toEqual([
      ["nothing-recognised", undefined, told],
    ]);
    const stray = { ...terraform, "flux/apps.yaml": flux("apps", "./apps"), "apps/kustomization.yaml": list() };
    expect(found(stray)).toEqual([["root-not-found", "flux/apps.yaml", told]]);
    const start = gitRepository("home-ops", "https://example.org/home-ops");
    const two = { ...stray, "flux/base.yaml": flux("base", "./base"), "base/kustomization.yaml": list() };
    const { clusters } = planOf({ ...two, "flux/source.yaml": start }).phases[0]!;
    const [said] = clusters.flatMap(({ findings }) => findings).filter(({ rule }) => rule === "root-ambiguous");
    expect(said?.next).toEqual(told);
  });

  test("is told of the template of the root, which a playbook applies", () => {
    const files = {
      "ansible/roles/flux/templates/sync.yml.j2": TEMPLATE,
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "apps/config.yaml": list(),
    };
    const [[rule, at, next] = []] = found(files);
    expect([rule, at]).toEqual(["root-not-found", "clusters/one/apps.yaml"]);
    expect(next).toMatch(
      /^ansible\/roles\/flux\/templates\/sync\.yml\.j2:\d+ becomes a FluxKustomization that .* Else: /,
    );
    const archived = { ...files, "archive/sync.yml.j2": TEMPLATE };
    delete (archived as Record<string, string>)["ansible/roles/flux/templates/sync.yml.j2"];
    expect(found(archived)[0]?.[2]).not.toContain("j2");
  });

  describe("has nothing to migrate", () => {
    const terraform =
      'resource "local_file" "instance" {\n  content = yamlencode({\n    kind = "FluxInstance"\n    spec = {\n      sync = {\n        kind = "GitRepository"\n        path = "clusters/one"\n      }\n    }\n  })\n}\n';
    const files = {
      "terraform/flux.tf": terraform,
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "apps/more.yaml": flux("more", "./more"),
    };
    const values = "instance:\n  sync:\n    kind: GitRepository\n    path: clusters/one\n";
    const { "terraform/flux.tf": _, ...rest } = files;
    const rules = (more: Record<string, string>) => planOf({ ...files, ...more }).findings.map(({ rule }) => rule);

    test("where Terraform makes the FluxInstance that starts all of it", () => {
      const [one, ...others] = planOf(files).findings;
      expect([one, others]).toMatchObject([{ rule: "instance-elsewhere", level: "info" }, []]);
      expect([one?.at, one?.what]).toEqual([
        { file: "terraform/flux.tf", line: 7, col: 1 },
        "Flux Operator runs this Flux: terraform/flux.tf makes its FluxInstance, which starts from clusters/one. Nothing is left to migrate.",
      ]);
    });

    test("where a playbook fills in the FluxInstance, from a variable that has one value", () => {
      const template =
        'apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\nspec:\n  sync:\n    kind: GitRepository\n    path: "{{ flux_path }}"\n';
      const playbook = {
        ...rest,
        "ansible/templates/flux.yaml.j2": template,
        "ansible/vars.yml": "flux_path: clusters/one\n",
        "ansible/tasks.yml": "- ansible.builtin.template:\n    src: flux.yaml.j2\n",
      };
      const [one, ...others] = planOf(playbook).findings;
      expect([one, others]).toMatchObject([{ rule: "instance-elsewhere", level: "info" }, []]);
      expect(one?.at).toEqual({ file: "ansible/templates/flux.yaml.j2", line: 8, col: 1 });
      const { "ansible/tasks.yml": _, ...unused } = playbook;
      const other = { ...playbook, "ansible/host.yml": "flux_path: clusters/two\n" };
      const given = { ...playbook, "ansible/hosts.ini": "two flux_path=clusters/two\n" };
      for (const open of [unused, other, given]) expect(planOf(open).findings[0]?.rule).toBe("root-not-found");
      // Each host may have its own.
      const [, clusters] = Object.entries(rest).find(([path]) => path.startsWith("clusters/one/"))!;
      const both = {
        ...playbook,
        "ansible/templates/flux.yaml.j2": template.replace("{{ flux_path }}", "clusters/{{ name }}"),
        "ansible/vars.yml": "name: one\n",
        "clusters/two/apps.yaml": clusters,
      };
      const twice = ["one", "two"].map((name) => template.replace("{{ flux_path }}", `clusters/${name}`)).join("---\n");
      for (const text of [both["ansible/templates/flux.yaml.j2"], twice]) {
        const { findings } = planOf({ ...both, "ansible/templates/flux.yaml.j2": text });
        expect(findings.map(({ rule }) => rule)).toEqual(["instance-elsewhere", "instance-elsewhere"]);
      }
    });

    test("but where something lies beside it that may be another cluster", () => {
      const [said, ...others] = planOf({ ...files, "clusters/two/apps.yaml": flux("apps", "./apps") }).findings;
      expect([said?.rule, others.map(({ rule }) => rule)]).toEqual(["root-not-found", ["cluster-left-out"]]);
      expect(said?.next).toMatch(
        /^terraform\/flux.tf:\d+ has Flux Operator start this Flux from clusters\/one by a FluxInstance/,
      );
      const bootstrap = "flux bootstrap github --owner=me --path=clusters/one\n";
      expect(rules({ "scripts/up.sh": bootstrap })).toEqual(["root-not-found"]);
      const chart = 'resource "helm_release" "flux" {\n  chart = "flux2"\n}\n';
      expect(rules({ "infra/flux.tf": chart })).toEqual(["root-not-found"]);
      const instance =
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution:\n    version: 2.x\n";
      expect(rules({ "clusters/one/flux.yaml": instance })).toContain("root-not-found");
      // Nothing says who uses such a file.
      expect(found({ ...rest, "bootstrap/values.yaml": values })[0]![0]).toBe("root-not-found");
      expect(rules({ "scripts/up.sh": "flux create kustomization one --path=clusters/one\n" })).toEqual([
        "root-not-found",
      ]);
    });

    test.each<[string, string]>([
      ["terraform/boot.tf", 'resource "flux_bootstrap_git" "this" {\n  path = local.path\n}\n'],
      ["a/boot.tf", 'resource "flux_bootstrap_git" "this" {\n  path = "clusters/one"\n}\n'],
      ["scripts/up.sh", "flux install\n"],
      ["scripts/up.sh", "flux bootstrap github\n"],
      ["clusters/one/flux.yaml", list("https://github.com/fluxcd/flux2/manifests/install?ref=v2.6.4")],
      ["clusters/one/crd.yaml", "metadata:\n  name: gitrepositories.source.toolkit.fluxcd.io\n"],
      ["aks.bicep", "resource flux 'Microsoft.KubernetesConfiguration/fluxConfigurations@2023-05-01' = {}\n"],
    ])("but where %s may install or start a Flux as well: %j", (file, text) => {
      expect(rules({ [file]: text })).not.toContain("instance-elsewhere");
      expect(rules({ "docs/page.md": text })).toContain("instance-elsewhere");
    });

    test("but its source can still move to an artifact, which is done where the FluxInstance is made", () => {
      const plan = planOf(files, { oci: { sign: false }, phase: "prepare" });
      expect(plan.findings.map(({ rule }) => rule)).toEqual(["root-not-found"]);
    });
  });

  describe("whose root is in no file", () => {
    const remote = flux("apps", "./apps").replace("prune:", "kubeConfig: {secretRef: {name: edge}}\n  prune:");
    const files = { "hub/edge.yaml": remote, "apps/config.yaml": list() };
    const nextWith = (script: string) => found({ ...files, "scripts/up.sh": script })[0];
    const commit = "commit both as the cluster has them (flux export source git --all, flux export kustomization …)";

    test("is led to the command that made it", () => {
      const create = 'flux --context "kind-$HUB" create kustomization flux-system \\\n  --path=./hub';
      const next = `scripts/up.sh:2 makes a root in the cluster that is in no file here. If a cluster starts so, ${commit}`;
      expect(nextWith(`#!/bin/sh\n${create}\n`)).toEqual([
        "root-not-found",
        "hub/edge.yaml",
        expect.stringMatching(/^scripts.* and run fluxlift again\. Else: Run fluxlift where that cluster's own/),
      ]);
      expect(nextWith(`#!/bin/sh\n${create}\n`)?.[2]).toContain(next);
      const job = { ".github/workflows/e2e.yaml": `jobs:\n  e2e:\n    steps:\n      - run: ${create}\n` };
      expect(found({ ...files, ...job, "scripts/up.sh": `#!/bin/sh\n${create}\n` })[0]?.[2]).toContain(next);
    });

    test("is led to the block of Terraform that makes it", () => {
      const block =
        'resource "kubectl_manifest" "root" {\n  yaml_body = <<-EOT\n    apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind: Kustomization\n    spec:\n      path: ./hub\n      prune: true\n  EOT\n}\n';
      const [, , next] = found({ ...files, "terraform/main.tf": block })[0]!;
      expect(next).toMatch(/^terraform\/main\.tf:6 makes a root in the cluster that is in no file here/);
    });

    test("and told that a script or a person made it where no command is known", () => {
      const exported = "flux create kustomization x --path=./hub \\\n  --export > x.yaml";
      for (const script of ["true\n", `${exported}\n`, "# flux create kustomization x\n"]) {
        const [, , next] = nextWith(script)!;
        expect(next).toContain(`and a script or a person made its source and its root, ${commit}`);
        expect(next).not.toContain("scripts/up.sh");
      }
    });
  });

  test("is told what there is instead", () => {
    const what = (files: Record<string, string>) => planOf(files).findings.map((finding) => finding.what);
    const none = "mention a Flux API group (toolkit.fluxcd.io, fluxcd.controlplane.io).";
    expect(what({ "a.yaml": "a: 1\n" })).toEqual([`The one file here does not ${none}`]);
    const two = { "a.yaml": "a: 1\n", "b.yaml": "b: 1\n" };
    expect(what(two)).toEqual([`None of the 2 files here ${none.replace("mention", "mentions")}`]);
    const prose = { "README.md": "# kustomize.toolkit.fluxcd.io\n", "a.yaml": "a: 1\n" };
    expect(what(prose)).toEqual(["Files mention Flux, but no root was found among the 2 files here."]);
    expect(found({ "start.sh": "# kustomize.toolkit.fluxcd.io\n" })[0]?.[2]).toContain(
      "commit both as the cluster has them",
    );
  });

  test("is told where Flux starts, by whom a file has start it", () => {
    const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    const terraform = 'resource "flux_bootstrap_git" "this" {\n  path = "clusters/home"\n}\n';
    const script = "flux bootstrap github --owner=me --repository=fleet --path=clusters/home\n";
    const next = (more: Record<string, string>) => found({ "apps/web.yaml": deployment, ...more })[0]?.[2];
    expect(next({ "infra/main.tf": terraform })).toMatch(
      /^infra\/main\.tf:2 has Flux start from clusters\/home \(flux_bootstrap_git\.this\)\. If that folder is of another/,
    );
    expect(next({ "infra/main.tf": terraform.replace("home", "${var.name}") })).toMatch(
      /^infra\/main\.tf:2 has Flux start from clusters\/\$\{.*\} \(flux_bootstrap_git\.this\)\. If that folder is/,
    );
    expect(next({ "start.sh": script })).toMatch(/^start\.sh:1 has Flux start from clusters\/home \(flux bootstrap\)/);
    expect(next({ "start.sh": script.replace("clusters/home", "$WHERE") })).toMatch(/^Check that this is/);
    expect(next({ "start.sh": "kubectl apply -f apps\n" })).toMatch(/^Check that this is the GitOps repository/);
  });

  test("is told of the charts that install and start Flux, where Terraform has them and no file is of Flux", () => {
    const block = (name: string, chart: string) =>
      `resource "helm_release" "${name}" {\n  name  = "${name}"\n  chart = "${chart}"\n}\n`;
    const next = (text: string) => found({ "main.tf": text })[0]?.[2];
    const both = next(block("flux", "flux2") + block("sync", "flux2-sync"));
    expect(both).toMatch(/^If a cluster reads this repository, and a script or a person made its source and its root/);
    expect(both).toContain("The chart flux2-sync makes source and root (main.tf:7)");
    expect(both).toContain("Flux itself is installed with the chart flux2 (main.tf:1)");
    expect(next(block("web", "nginx"))).toMatch(/^Check that this is the GitOps repository/);
  });

  test("is told that Azure makes its Flux, where a file asks for that", () => {
    const release = "kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nmetadata: {name: web}\n";
    const rules = (files: Record<string, string>) =>
      planOf({ "apps/web.yaml": release, ...files }).findings.map(({ rule, at }) => `${rule} ${at?.file}:${at?.line}`);
    const uses = {
      "infra/main.tf": '# Flux\nresource "azurerm_kubernetes_flux_configuration" "home" {\n}\n',
      "infra/flux.bicep": "\nresource f 'Microsoft.KubernetesConfiguration/fluxConfigurations@2023-05-01' = {\n}\n",
      "clusters/flux.yaml": "kind: FluxConfiguration\napiVersion: kubernetesconfiguration.azure.com/v1api20230501\n",
      "start.sh": "#!/bin/sh\naz k8s-configuration flux create --name home\n",
    };
    for (const [file, text] of Object.entries(uses))
      expect(rules({ [file]: text })).toEqual([`managed-by-azure ${file}:2`]);
    const told = {
      "README.md": "az k8s-configuration flux create\n",
      "start.sh": "  # az k8s-configuration flux create\n",
    };
    expect(rules(told)[0]).toMatch(/^nothing-recognised/);
    const parent = flux("apps", "./apps", "GitRepository home");
    expect(rules({ ...uses, "apps/ks.yaml": parent })[0]).toBe("managed-by-azure infra/main.tf:2");
  });

  test("is told of the chart as well, where only some clusters have the extension of Azure", () => {
    const extension =
      'resource "azurerm_kubernetes_cluster_extension" "flux" {\n  extension_type = "microsoft.flux"\n}\n';
    const release = `resource "helm_release" "flux" {
  repository = "https://fluxcd-community.github.io/helm-charts"
  chart      = "flux2"
}
`;
    const [finding] = planOf({ "aks/main.tf": extension, "eks/main.tf": release }).findings;
    expect(finding?.what).toContain("other Flux comes with the chart flux2 (eks/main.tf:1)");
    expect(finding?.next).toMatch(/^There is nothing for fluxlift .* commit its source and its root as it has them/);
    const [alone] = planOf({ "aks/main.tf": extension }).findings;
    expect(`${alone?.what} ${alone?.next}`).not.toContain("chart");
  });

  test("is told every place that may start a cluster", () => {
    const files = {
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "clusters/two/apps.yaml": flux("apps", "./apps", "GitRepository other"),
      "apps/echo/ks.yaml": flux("echo", "./apps/echo/app"),
    };
    expect(found(files).map(([rule, file]) => `${rule} ${file}`)).toEqual([
      "root-not-found clusters/one/apps.yaml",
      "cluster-left-out clusters/two/apps.yaml",
    ]);
  });

  test("is told to give the folder of an artifact that a script publishes somehow", () => {
    const synced = (name: string) =>
      gitRepository(name, `oci://registry:5000/${name}`).replace("GitRepository", "OCIRepository") +
      flux(name, "./", `OCIRepository ${name}`);
    const files = {
      "clusters/home/apps.yaml": synced("apps"),
      "clusters/home/infra.yaml":
        synced("infra").replace("path: ./", "path: ./controllers") + flux("config", "./config", "OCIRepository infra"),
      "clusters/home/flux-system/kustomization.yaml": list("sync.yaml"),
      "clusters/home/flux-system/sync.yaml": synced("home"),
      "push.sh":
        'push() {\n  flux push artifact "$1" --path="$2"\n}\nwhile read -r to from; do push "oci://$to" "$from"; done < artifacts.txt\n',
    };
    const remotes = ["https://git.example.org/me/home.git"];
    const { clusters, leftOut } = buildModel({ tree: memoryTree(files), remotes, options: { layout: "auto" } });
    expect([clusters.length, leftOut[0]?.object.file]).toEqual([0, "clusters/home/apps.yaml"]);
    expect(leftOut[0]?.next).toMatch(
      /published to OCIRepository \S*apps, give that folder with --artifact-path apps=FOLDER/,
    );
  });

  test("is told of a start that names no source", () => {
    const source = gitRepository("fleet", "https://git.example.org/fleet");
    const files = {
      "clusters/home/sync.yaml": source + flux("fleet", "./clusters/home").replace("\n    name: home-ops", ""),
      "clusters/home/apps.yaml": flux("apps", "./apps", "GitRepository fleet"),
    };
    const [said] = found(files).filter(([, file]) => file === "clusters/home/sync.yaml");
    expect(said![2]).toBe("Write the name of the source that it reads into spec.sourceRef, and run fluxlift again.");
  });

  test("is told what is missing beside what it still uses, not beside an archived file", () => {
    const files = {
      "archive/old/ks.yaml": flux("old", "./archive/old/app"),
      "archive/old/app/ks.yaml": flux("app", "./archive/old/more"),
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "apps/echo/ks.yaml": flux("echo", "./apps/echo/app"),
      "apps/echo/app/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: echo\n",
    };
    expect(found(files)).toEqual([
      [
        "root-not-found",
        "clusters/one/apps.yaml",
        "Commit the GitRepository home-ops as the cluster has it (flux export source …), and the FluxKustomization that builds clusters/one, if the cluster has one (flux export kustomization …), beside this file, and run fluxlift again.",
      ],
    ]);
  });

  test.each(["template/{{ project_slug }}", "{{cookiecutter.name}}", "{% if flux %}flux{% endif %}"])(
    "is sent to what is made of a template, of which %s is a folder",
    (folder) => {
      const files = { [`${folder}/clusters/one/apps.yaml`]: flux("apps", "./apps"), "apps/cm.yaml": "" };
      expect(found(files).map(([, , next]) => next)).toEqual([
        "This file lies in a template, whose folders get their names when a repository is made of it: run fluxlift in what was made of it, and change the template by hand.",
      ]);
    },
  );

  test("is asked for the source alone where a start builds itself", () => {
    expect(found({ "clusters/one/sync.yaml": flux("one", "./clusters/one") })).toEqual([
      [
        "root-not-found",
        "clusters/one/sync.yaml",
        "Commit the GitRepository home-ops as the cluster has it (flux export source …) beside this file, and run fluxlift again.",
      ],
    ]);
  });
});

describe("a FluxInstance that starts no cluster", () => {
  const instance = (path: string, url = "https://git.example.org/me/home") =>
    `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: 2.x
    registry: ghcr.io/fluxcd
  sync:
    kind: GitRepository
    url: ${url}
    ref: refs/heads/main
    path: ${path}
`;
  const apps = {
    "clusters/one/apps.yaml": flux("apps", "./apps", "GitRepository flux-system"),
    "apps/kustomization.yaml": list("instance.yaml", "more.yaml"),
    "apps/more.yaml": flux("more", "./more", "GitRepository flux-system"),
    "more/kustomization.yaml": list(),
  };

  const REMOTE = ["https://git.example.org/me/home.git"];

  test("since the folder that it syncs is not there, is said first", () => {
    const plan = planOf({ ...apps, "apps/instance.yaml": instance("clusters/uno") }, {}, REMOTE);
    const [said] = plan.findings;
    expect(said).toMatchObject({ rule: "root-not-found", resource: "FluxInstance flux-system/flux" });
    expect([said?.at?.file, said?.what]).toEqual([
      "apps/instance.yaml",
      "No root was found: FluxInstance flux-system/flux describes a FluxInstance that syncs clusters/uno, which is no folder here.",
    ]);
    expect(said?.next).toMatch(/^If it is this cluster's, correct its sync\.path to the folder/);
  });

  test("since its values cannot be read, is said first", () => {
    const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux-instance
  namespace: flux-system
spec:
  interval: 1h
  chart:
    spec:
      chart: flux-instance
      sourceRef:
        kind: HelmRepository
        name: flux
  valuesFrom:
    - kind: ConfigMap
      name: flux-instance-values
`;
    const [said] = planOf({ ...apps, "apps/instance.yaml": release }).findings;
    expect(said?.what).toMatch(
      /^No root was found: HelmRelease flux-system\/flux-instance describes a FluxInstance whose values cannot be read here \(apps\/instance\.yaml:\d+: .*flux-instance-values\)\.$/,
    );
  });

  describe("stops a cluster", () => {
    const url = "https://git.example.org/me/home";
    const cluster = {
      "clusters/one/sync.yaml": gitRepository("home-ops", url) + flux("one", "./clusters/one"),
      "clusters/one/apps.yaml": flux("apps", "./apps"),
    };
    const said = (text: string, more: Record<string, string> = {}, remotes = REMOTE) =>
      planOf({ ...cluster, "apps/instance.yaml": text, ...more }, {}, remotes).phases.flatMap(({ clusters }) =>
        clusters.flatMap(({ findings }) =>
          findings.flatMap((one) => (one.rule === "sync-path-missing" ? [[one.cluster, one.what]] : [])),
        ),
      );
    const patch = "patches:\n  - patch: '[{op: replace, path: /spec/sync/path, value: clusters/one}]'\n";

    test("whose branch it syncs from a folder that is not there", () => {
      expect(said(instance("clusters/uno"))).toEqual([
        [
          "default",
          "The FluxInstance syncs clusters/uno, which is no folder here, so the Kustomization flux-system that the operator makes of it cannot be built.",
        ],
      ]);
    });

    test.each<[string, string, Record<string, string>?, string[]?]>([
      ["it is there", instance("clusters/one")],
      ["it is the top", instance("./")],
      ["it may be behind a link", instance("link/uno"), { link: "clusters" }],
      ["it is filled in", instance("clusters/{{ cluster }}")],
      ["a template of another kind fills it in", instance("clusters/<name>")],
      ["a patch changes it", instance("clusters/base"), { "apps/kustomization.yaml": list("instance.yaml") + patch }],
      ["the repository is another one", instance("clusters/uno", "https://git.example.org/me/other")],
      ["the branch is another one", instance("clusters/uno").replace("heads/main", "heads/rendered")],
      ["no remote says whose it is", instance("clusters/uno"), {}, []],
      ["nothing says where it is", instance("clusters/uno", '""'), {}, []],
    ])("but not where %s", (_, text, more, remotes) => {
      expect(said(text, more, remotes)).toEqual([]);
    });
  });
});
