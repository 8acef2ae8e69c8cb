import { describe, expect, test } from "vitest";
import { findTerraform, terraformOf } from "../../src/cluster/gotk/terraform.ts";
import { fateWords } from "../../src/report/text-safety.ts";
import { memoryTree } from "../support/memory.ts";
import { verifyEdits } from "../verify/edited.ts";
import {
  APP,
  CONFIG,
  fluxKustomization,
  kustomization,
  makeChartRelease,
  makeFluxSystem,
  makeGotk,
  makeSync,
} from "./make-gotk.ts";
import { type Files, instanceText, type Migrated, runAll, runPhase } from "./run-phases.ts";

const TERRAFORM = `provider "flux" {}

resource "flux_bootstrap_git" "this" {
  version          = "v2.6.4"
  path             = "clusters/home"
  components_extra = ["image-reflector-controller"]
  timeouts {
    create = "5m"
  }
}
`;

const POLICY = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: app
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: app
`;

const FOREIGN = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: capacitor
  namespace: flux-system
spec:
  interval: 12h
  url: oci://registry.example.org/manifests/capacitor
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: capacitor
  namespace: flux-system
spec:
  interval: 12h
  path: ./
  prune: true
  sourceRef:
    kind: OCIRepository
    name: capacitor
`;

const tree = (more: Files = {}): Files => ({ ...makeFluxSystem("clusters/home"), ...more });

describe("what surrounds a bootstrapped cluster", () => {
  test("Terraform blocks are read with their literals", () => {
    expect(findTerraform(memoryTree({ "infra/flux.tf": TERRAFORM }))).toEqual([
      {
        file: "infra/flux.tf",
        line: 3,
        address: "flux_bootstrap_git.this",
        version: "v2.6.4",
        path: "clusters/home",
        components: ["image-reflector-controller"],
        states: [{ dir: "infra", address: "flux_bootstrap_git.this" }],
        isShared: false,
        namedBy: [],
      },
    ]);
  });

  test("a block in a folder that the source leaves out is told as well", () => {
    // The root would read a file that is left out as well, so that only the others count.
    const left = { ".sourceignore": "infra/\naside.yaml\n", "clusters/home/aside.yaml": CONFIG };
    const { rules } = runPhase(tree({ "infra/flux.tf": TERRAFORM, ...left }), "install");
    expect(rules).toContain("terraform-owns-flux");
  });

  test("a block between the marks of a comment is none, however often it is named", () => {
    const aside = `resource "other" "one" {}\n\n/*\nBroken\n${TERRAFORM}*/\n`;
    expect(findTerraform(memoryTree({ "infra/flux.tf": aside }))).toEqual([]);
    const { rules } = runPhase(tree({ "infra/flux.tf": aside }), "install");
    expect(rules).not.toContain("terraform-owns-flux");
    expect(runAll(tree({ "infra/flux.tf": aside })).cleanup.rules).not.toContain("automation-installs-flux");
    for (const code of [`/* one */\n${TERRAFORM}`, `/* no end\n${TERRAFORM}`, `locals { glob = "*/" }\n${TERRAFORM}`])
      expect(findTerraform(memoryTree({ "infra/flux.tf": code }))).toHaveLength(1);
  });

  test("a block in a module is in the state of the folder that calls it, under the names of the modules", () => {
    const call = (name: string, source: string, more = "") =>
      `module "${name}" {\n  providers = {\n    source = "./none"\n  }\n  source = "${source}"\n${more}}\n`;
    const [block] = findTerraform(
      memoryTree({
        "modules/flux/main.tf": TERRAFORM,
        "modules/flux/key.tf":
          'resource "key" "one" {\n  depends_on = [flux_bootstrap_git.this]\n  # flux_bootstrap_git.this\n  of = flux_bootstrap_git.this_other\n}\n',
        "modules/cluster/main.tf": call("gitops", "../flux"),
        "live/east/main.tf": call("cluster", "../../modules/cluster"),
        "live/west/main.tf": call("all", "../../modules/cluster", "  for_each = var.clusters\n"),
        "live/old/main.tf": call("none", "git::https://git.example.org/flux"),
      }),
    );
    expect(block!.states).toEqual([
      { dir: "live/east", address: "module.cluster.module.gitops.flux_bootstrap_git.this" },
      { dir: "live/west", address: 'module.all["<key>"].module.gitops.flux_bootstrap_git.this', isEach: true },
    ]);
    expect(block!.namedBy).toEqual(["modules/flux/key.tf:2"]);
  });

  test("a module that is made for several clusters is each one's own", () => {
    const call = (path: string) => `module "flux" {\n  source = "../../modules/flux"\n  target = ${path}\n}\n`;
    const files = {
      "modules/flux/main.tf": TERRAFORM.replace('"clusters/home"', "var.target"),
      "live/home/main.tf": call('"clusters/home"'),
      "live/work/main.tf": call('"clusters/work"'),
    };
    const address = "module.flux.flux_bootstrap_git.this";
    const [home] = terraformOf(memoryTree(files), "clusters/home");
    expect(home!.states).toEqual([{ dir: "live/home", address, path: "clusters/home" }]);
    expect(home!.isShared).toBe(true);
    expect(terraformOf(memoryTree(files), "clusters/other")).toEqual([]);
    const open = { ...files, "live/work/main.tf": call("local.path") };
    expect(terraformOf(memoryTree(open), "clusters/home")[0]!.states.map(({ dir }) => dir)).toEqual([
      "live/home",
      "live/work",
    ]);
  });

  test("a block that is made for each of several clusters is never to be deleted with one of them", () => {
    const of = (files: Files) => {
      const { findings } = runPhase(tree(files), "install");
      const { next = "" } = findings.find(({ rule }) => rule === "terraform-owns-flux") ?? {};
      expect(next).not.toContain("delete the block");
      return next;
    };
    const block = TERRAFORM.replace('"clusters/home"', "each.value");
    const each = block.replace(/(path +=)/, "for_each = local.clusters\n  $1");
    expect(of({ "infra/flux.tf": each })).toContain(`terraform state rm 'flux_bootstrap_git.this["<key>"]', then let`);
    const call = '  source = "../../modules/flux"\n  target = each.value\n';
    const module = { "modules/flux/main.tf": TERRAFORM.replace('"clusters/home"', "var.target") };
    expect(of({ ...module, "live/all/main.tf": `module "flux" {\n  for_each = local.clusters\n${call}}\n` })).toContain(
      "leaves this one out",
    );
    const open = `module "flux" {\n${call.replace("each.value", "local.path")}}\n`;
    expect(of({ ...module, "live/a/main.tf": open, "live/b/main.tf": open })).toContain(
      "for the one of these that makes this cluster, in live/a, terraform state rm module.flux.flux_bootstrap_git.this, or in live/b",
    );
  });

  test("a name that Terraform does not take gets into no command", () => {
    const hostile = TERRAFORM.replace('"this"', `"x'; reboot; '"`);
    expect(hostile).toContain("reboot");
    expect(findTerraform(memoryTree({ "a/main.tf": hostile }))).toEqual([]);
  });

  test("modules that call each other end somewhere", () => {
    const [block] = findTerraform(
      memoryTree({
        "a/main.tf": `${TERRAFORM}module "b" {\n  source = "../b"\n}\n`,
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\nmodule "again" {\n  source = "../a"\n}\n',
      }),
    );
    expect(block!.states).toEqual([{ dir: "a", address: "flux_bootstrap_git.this" }]);
  });

  test("Terraform that owns the install is said at install, with the state step", () => {
    const { findings } = runPhase(tree({ "infra/flux.tf": TERRAFORM }), "install");
    const owner = findings.find(({ rule }) => rule === "terraform-owns-flux");
    expect(owner?.at).toMatchObject({ file: "infra/flux.tf", line: 3 });
    expect(owner?.next).toContain("terraform state rm flux_bootstrap_git.this");
    expect(findings.map(({ rule }) => rule)).toContain("terraform-version-differs");
  });

  test("an install applied by hand is no leftover: it goes at cutover, and nothing says that it stays", () => {
    const { "clusters/home/flux-system/gotk-components.yaml": gotk, ...rest } = tree();
    const kustomization = rest["clusters/home/flux-system/kustomization.yaml"]!;
    const files = {
      "clusters/home/kustomization.yaml": kustomization.replace(/- gotk[\s\S]*/, "- app.yaml\n"),
      "clusters/home/app.yaml": CONFIG,
      "install.yaml": gotk!,
      "sync.yaml": rest["clusters/home/flux-system/gotk-sync.yaml"]!,
    };
    const { install, cutover } = runAll(files);
    expect(install.rules).not.toContain("gotk-undelivered");
    // The root lists what it builds, so the apps need no folder above it.
    expect(install.changed).toContain("clusters/home/flux-system/flux-operator/helmrelease.yaml");
    const [plan] = install.plan.phases[0]!.clusters;
    expect(plan!.safety!.outcomes.adopted).toBeUndefined();
    expect(new Map(fateWords(plan!)).get("created")).toContain("applied by hand");
    const [usual] = runPhase(tree(), "install").plan.phases[0]!.clusters;
    expect(new Map(fateWords(usual!)).get("created")).toBe("created");
    expect(cutover.changed).toContain("install.yaml");
    expect(cutover.files["install.yaml"]).toBeUndefined();
    const copy = runPhase({ ...tree(), "old/install.yaml": gotk! }, "install");
    expect(copy.rules).toContain("gotk-undelivered");
  });

  test("a kustomization that starts an empty cluster with the old install is named until it is mended", () => {
    const list = (entry: string) =>
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ${entry}\n`;
    const gotk = tree()["clusters/home/flux-system/gotk-components.yaml"]!;
    const start = { "base/flux/install.yaml": gotk, "base/flux/kustomization.yaml": list("install.yaml") };
    const find = ({ findings }: Migrated) => findings.find(({ rule }) => rule === "gotk-undelivered");
    const alone = runAll(tree(start));
    expect([find(alone.install)?.level, find(alone.cleanup)?.level]).toEqual(["info", "info"]);
    const built = runAll(tree({ ...start, "bootstrap/kustomization.yaml": list("../base/flux") }));
    expect([find(built.install)?.level, find(built.cleanup)?.level]).toEqual(["info", "caution"]);
    expect(find(built.cleanup)?.what).toContain("but bootstrap/kustomization.yaml builds from it");
    expect(find(built.cleanup)?.next).toContain("take it out of what builds from it");
  });

  test("what goes on applying the CRDs of flux2 is named at cutover", () => {
    const list = (url: string) =>
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ${url}\n`;
    const crds = "clusters/home/crds/kustomization.yaml";
    const { cutover } = runAll(tree({ [crds]: list("https://github.com/fluxcd/flux2/manifests/crds/?ref=v2.7.5") }));
    const found = cutover.findings.find(({ rule }) => rule === "definitions-twice");
    expect(found?.at).toMatchObject({ file: crds, line: 4 });
    expect(found?.next).toContain("prune: disabled");
    const kept = runAll(
      tree({
        ...makeFluxSystem("clusters/home", { root: { prune: false } }),
        [crds]: list("https://github.com/fluxcd/flux2/manifests/crds/?ref=v2.7.5"),
      }),
    );
    const said = kept.cutover.findings.find(({ rule }) => rule === "definitions-twice");
    expect([said?.why, said?.next].join()).not.toMatch(/makes Flux prune|disabled/);
    expect(said?.next).toContain("Kustomization flux-system/flux-system has prune: false, so the definitions stay");
    const other = runAll(tree({ [crds]: list("https://github.com/example/parts/manifests/crds/?ref=v1") })).cutover;
    expect(other.rules).not.toContain("definitions-twice");
  });

  test("what Terraform has in a module is named as its state names it, with what names it", () => {
    const module = { "infra/flux/flux.tf": TERRAFORM, "infra/main.tf": 'module "gitops" {\n  source = "./flux"\n}\n' };
    const waits = { "infra/flux/key.tf": 'resource "key" "one" {\n  depends_on = [flux_bootstrap_git.this]\n}\n' };
    const { install, cutover } = runAll(tree({ ...module, ...waits }));
    const owner = install.findings.find(({ rule }) => rule === "terraform-owns-flux");
    expect(owner?.next).toContain("in infra, terraform state rm module.gitops.flux_bootstrap_git.this");
    expect(owner?.next).toContain("then delete the block and what names it (infra/flux/key.tf:2)");
    const [step] = cutover.plan.phases[0]!.clusters[0]!.runbook.steps;
    expect(step!.commands).toContain("terraform -chdir=infra state rm module.gitops.flux_bootstrap_git.this");
    expect(step!.body.join(" ")).toContain("infra/flux/key.tf:2");
  });

  test("the call of a module that makes more than the block is not to be deleted with it", () => {
    const call = (name: string) => `module "all" {\n  source = "../../modules/all"\n  target = "clusters/${name}"\n}\n`;
    const { install, cutover } = runAll(
      tree({
        "modules/all/flux.tf": TERRAFORM.replace('"clusters/home"', "var.target"),
        "modules/all/cluster.tf": 'resource "aws_eks_cluster" "this" {\n}\n',
        "live/home/main.tf": call("home"),
        "live/work/main.tf": call("work"),
      }),
    );
    const owner = install.findings.find(({ rule }) => rule === "terraform-owns-flux");
    const [step] = cutover.plan.phases[0]!.clusters[0]!.runbook.steps;
    for (const text of [owner!.next, step!.body.join(" ")]) {
      expect(text).toContain("by a count or for_each in it that leaves this one out");
      expect(text).toContain("only where its module makes nothing else, by deleting the call");
      expect(text).not.toContain("removed");
    }
  });

  test.each([
    [
      "a source that speaks of Flux",
      "github.com/acme/tf-flux-bootstrap?ref=v1",
      "",
      "github.com/acme/tf-flux-bootstrap",
    ],
    [
      "an add-on",
      "acme/addons/kubernetes//modules/aws",
      "  flux2 = {\n    enabled = true\n  }\n",
      "acme/addons/kubernetes//modules/aws",
    ],
    [
      "a switch",
      "git::https://git.example/cluster.git",
      "  enable_fluxcd = true\n",
      "git::https://git.example/cluster.git",
    ],
    ["what no sentence should hold", "git::https://git.example/`reboot`/flux", "", "elsewhere"],
  ])("a Terraform module of another repository is named in every phase: %s", (_, source, body, from) => {
    const code = `# ours\nmodule "gitops" {\n  source = "${source}"\n${body}}\n`;
    const phases = runAll(tree({ "infra/main.tf": code }));
    for (const { findings } of [phases.install, phases.cutover, phases.cleanup]) {
      expect(findings.filter(({ rule }) => rule === "terraform-module-unread")).toMatchObject([
        {
          level: "caution",
          at: { file: "infra/main.tf", line: 2 },
          what: expect.stringContaining(`module.gitops from ${from}, which is not in this repository`),
          next: expect.stringContaining("terraform state rm"),
        },
      ]);
    }
  });

  test.each([
    ["of this repository", "infra/main.tf", 'module "flux" {\n  source = "./flux"\n}\n'],
    [
      "that makes a FluxInstance",
      "infra/main.tf",
      'module "flux" {\n  source = "acme/flux-operator-bootstrap/kubernetes"\n}\n',
    ],
    [
      "of something else",
      "infra/main.tf",
      'module "db" {\n  source = "acme/influxdb/aws"\n  flux_capacitor = true\n}\n',
    ],
    ["that is switched off", "infra/main.tf", 'module "eks" {\n  source = "acme/eks/aws"\n  enable_flux = false\n}\n'],
    ["in a comment", "infra/main.tf", '# module "flux" {\n#   source = "acme/flux/git"\n# }\n'],
    ["in an example", "examples/main.tf", 'module "flux" {\n  source = "acme/flux/git"\n}\n'],
  ])("a Terraform module is not named: one %s", (_, file, code) => {
    expect(runPhase(tree({ [file]: code }), "install").rules).not.toContain("terraform-module-unread");
  });

  test("Terraform for another path is that cluster's", () => {
    const { rules } = runPhase(
      tree({ "infra/flux.tf": TERRAFORM.replace("clusters/home", "clusters/other") }),
      "install",
    );
    expect(rules).not.toContain("terraform-owns-flux");
  });

  test("an ArtifactGenerator in a file of its own needs source-watcher", () => {
    const generator =
      "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata:\n  name: apps\n  namespace: flux-system\nspec: {}\n";
    const stopped = runPhase(
      tree({
        "clusters/home/artifacts.yaml": `kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: a\n---\n${generator}`,
      }),
      "install",
    );
    expect(stopped.findings).toContainEqual(
      expect.objectContaining({
        rule: "component-missing",
        level: "blocker",
        at: { file: "clusters/home/artifacts.yaml", line: 6, col: 1 },
        resource: "ArtifactGenerator flux-system/apps",
      }),
    );
  });

  test("an object whose component the install lacks stops the cluster", () => {
    const files = tree({ "clusters/home/policy.yaml": POLICY });
    const stopped = runPhase(files, "install");
    const said = ({ findings }: typeof stopped) => findings.find(({ rule }) => rule === "component-missing")?.next;
    expect(said(stopped)).toContain("to the install first (flux bootstrap --components-extra), or");
    expect(stopped.changed).toEqual([]);
    const components = ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"];
    const path = "clusters/home/flux-system/gotk-components.yaml";
    const whole = { ...files, [path]: makeGotk({ components: [...components, "image-reflector-controller"] }) };
    expect(runPhase(whole, "install").rules).not.toContain("component-missing");
    const release = `${makeChartRelease("2.16.4")}  values:
    imageReflectionController:
      create: false
`;
    const chart = {
      "clusters/home/sync.yaml": makeSync("./clusters/home"),
      "clusters/home/flux.yaml": release,
      "clusters/home/policy.yaml": POLICY,
    };
    expect(said(runPhase(chart, "install"))).toContain("in the values of the flux2 chart), or");
  });

  test("a FluxKustomization that names no source stops what its folder gets, unless a patch names it", () => {
    const nameless = APP.replace(/\n {4}name: flux-system\n/, "\n");
    const files = tree({ "clusters/home/apps.yaml": nameless });
    const stopped = runPhase(files, "install");
    const [finding] = stopped.findings.filter(({ rule }) => rule === "kustomization-broken");
    expect(finding).toMatchObject({ level: "blocker", at: { file: "clusters/home/apps.yaml" } });
    expect(finding!.what).toContain("Kustomization flux-system/apps has no spec.sourceRef.name");
    expect(stopped.changed).toEqual([]);
    const patched = `resources:\n- flux-system\n- apps.yaml\npatches:\n- target: {kind: Kustomization, name: apps}\n  patch: |\n    - op: add\n      path: /spec/sourceRef/name\n      value: flux-system\n`;
    const named = runPhase({ ...files, "clusters/home/kustomization.yaml": kustomization(patched) }, "install");
    expect(named.rules).not.toContain("kustomization-broken");
  });

  test("pages and scripts that name the gotk files are listed when the files go", () => {
    const { cutover } = runAll(
      tree({
        "README.md": "# Home\n\n`flux install --export > clusters/home/flux-system/gotk-components.yaml`\n",
        "play/up.yml": "- command: >\n    flux bootstrap github\n    --owner=me\n",
      }),
    );
    const listed = cutover.findings.map(({ at }) => `${at?.file}:${at?.line}`);
    expect(listed).toContain("README.md:3");
    expect(listed).toContain("play/up.yml:2");
  });

  test.each([
    ["by name", '{ matchPackageNames: ["fluxcd/flux2"] }', true],
    ["by a pattern", '{ matchDatasources: ["docker", "github-releases"], matchPackageNames: ["/^fluxcd//"] }', true],
    ["by one that matches the charts too", '{ matchPackageNames: ["/fluxcd/"] }', false],
    ["beside one that does", '{ matchPackageNames: ["fluxcd/flux2", "/charts/flux-/"] }', false],
    ["of something else", '{ matchPackageNames: ["fluxcd/kustomize-controller"] }', false],
  ])("a Renovate rule that followed the install is listed when it goes: %s", (_, rule, isListed) => {
    const { cutover } = runAll(tree({ "renovate.json": `{ "packageRules": [\n${rule}\n] }\n` }));
    const own = cutover.findings.filter(({ rule }) => rule === "renovate-names-removed");
    expect(own.map(({ at }) => `${at?.file}:${at?.line}`)).toEqual(isListed ? ["renovate.json:2"] : []);
  });

  test("the runbook takes Terraform out of it before the cutover, and says how it starts a cluster from then on", () => {
    const { cutover, cleanup } = runAll(tree({ "infra/flux.tf": TERRAFORM }));
    const [plan] = cutover.plan.phases[0]!.clusters;
    const [step, merge] = plan!.runbook.steps;
    expect(step!.title).toBe("Take the install out of the Terraform state");
    expect(step!.body.join(" ")).toContain("infra/flux.tf:3");
    expect(step!.commands).toContain("terraform -chdir=infra state rm flux_bootstrap_git.this");
    expect(merge!.title).toContain("Merge");
    const rebuild = cleanup.plan.phases[0]!.clusters[0]!.runbook.rebuild.map(({ body }) => body.join(" ")).join(" ");
    expect(rebuild).toContain("controlplaneio-fluxcd/flux-operator-bootstrap/kubernetes");
    const without = runAll(tree()).cutover.plan.phases[0]!.clusters[0]!.runbook.steps;
    expect(without[0]!.title).toContain("Merge");
  });

  test("another repository's ./ never becomes the root once the sync manifest is gone", () => {
    const { cleanup } = runAll(tree({ "clusters/home/capacitor.yaml": FOREIGN }));
    const again = runPhase(cleanup.files, "cleanup");
    expect(again.changed).toEqual([]);
    expect(cleanup.files["clusters/home/capacitor.yaml"]).toBe(FOREIGN);
  });

  test("another repository's ./ in one cluster does not make the install of the other a shared one", () => {
    const files = { ...tree(), ...makeFluxSystem("clusters/work"), "clusters/work/capacitor.yaml": FOREIGN };
    const { cutover } = runAll(files, { clusters: ["home"] });
    expect(cutover.rules).not.toContain("gotk-base-shared");
    expect(cutover.files["clusters/home/flux-system/gotk-components.yaml"]).toBeUndefined();
    expect(cutover.files["clusters/work/flux-system/gotk-components.yaml"]).toBeDefined();
  });

  test("a file that sources leave out by default stops nothing, where a folder is walked", () => {
    const rules = "creation_rules:\n- path_regex: .*.yaml\n  age: age1x\n";
    const files = tree({ "clusters/home/.sops.yaml": rules, "clusters/home/app.yaml": CONFIG });
    const { rules: found, changed } = runPhase(files, "install");
    expect(found).not.toContain("kustomization-broken");
    expect(changed).toContain("clusters/home/flux-system/flux-instance.yaml");
    // With a pattern of its own the source passes it on, and the folder no longer builds.
    const sync = "clusters/home/flux-system/gotk-sync.yaml";
    const edits = { [sync]: files[sync]!.replace("  interval: 1m0s\n", "  interval: 1m0s\n  ignore: /docs\n") };
    const judged = verifyEdits(edits, files, []);
    expect([judged.verdict, judged.findings.map(({ rule }) => rule)]).toEqual([
      "unsafe",
      expect.arrayContaining(["build-breaks"]),
    ]);
    const app = { "clusters/home/app.yaml": CONFIG.replace("settings", "others") };
    expect(verifyEdits(app, files, []).findings.map(({ rule }) => rule)).not.toContain("build-breaks");
  });

  test("under a multi-tenancy lockdown the apps name the controllers' accounts", () => {
    const patch = (name: string, value: string) =>
      `- patch: |\n    - op: add\n      path: /spec/template/spec/containers/0/args/-\n      value: ${value}\n  target:\n    kind: Deployment\n    name: ${name}\n`;
    const files = tree({
      "clusters/home/flux-system/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n${patch("(kustomize-controller|helm-controller)", "--default-service-account=default")}`,
    });
    const { files: done } = runPhase(files, "install");
    expect(done["clusters/home/flux-system/flux-operator.yaml"]).toContain("serviceAccountName: kustomize-controller");
    expect(instanceText(done)).toContain("serviceAccountName: helm-controller");
  });

  test("under a root that prunes nothing, no source is said to stay that something else prunes", () => {
    const [sync, source] = ["clusters/home/flux-system/gotk-sync.yaml", "clusters/home/sources/git.yaml"];
    const files = makeFluxSystem("clusters/home", {
      root: { prune: false, sourceRef: { kind: "GitRepository", name: "fleet" } },
    });
    const [, git, root] = files[sync]!.split("---\n");
    const apart = {
      [sync]: `---\n${root}`,
      [source]: git!.replace("name: flux-system", "name: fleet"),
      "clusters/home/sources/kustomization.yaml": kustomization("resources:\n- git.yaml\n"),
    };
    const leftIn = (more: Files) =>
      runAll(tree({ ...files, ...apart, ...more })).cleanup.findings.filter(({ rule }) => rule === "orphan-left");
    expect(leftIn({}).map(({ at }) => at?.file)).toEqual([source]);
    const parts = fluxKustomization("parts", "./clusters/home/sources").replace("name: flux-system\n", "name: fleet\n");
    expect(leftIn({ "clusters/home/parts.yaml": parts })).toEqual([]);
  });

  test("under a root that prunes nothing, nobody is told to delete Flux by hand", () => {
    const files = tree(makeFluxSystem("clusters/home", { root: { prune: false } }));
    const { cutover } = runAll(files);
    expect(cutover.files["clusters/home/flux-system/gotk-components.yaml"]).toBeUndefined();
    expect(cutover.rules).not.toContain("orphan-left");
  });
});

test("what a patch beside the sync makes the root need is assumed to exist, and measured", () => {
  const patch =
    "patches:\n- target: { kind: Kustomization, name: flux-system }\n  patch: |\n    - op: add\n      path: /spec/decryption\n      value: { provider: sops, secretRef: { name: age } }\n";
  const list = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`);
  const files = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { plan } = runPhase({ ...files, "clusters/home/flux-system/kustomization.yaml": list }, "install");
  const { assumptions, measure } = plan.phases[0]!.clusters[0]!.runbook;
  expect(assumptions.find((text) => text.startsWith("These exist"))).toContain("Secret age");
  expect(measure.needs.map(({ name }) => name)).toContain("age");
});
