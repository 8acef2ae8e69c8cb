import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Finding } from "../../src/contract/finding.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { PHASES, type Phase } from "../../src/contract/options.ts";
import { DELETE_ORPHANS, type Runbook, type RunbookStep, SUSPEND_RELEASE } from "../../src/contract/runbook.ts";
import { describe as describeObject } from "../../src/delivery/kinds.ts";
import { describeCluster } from "../../src/plan/detected.ts";
import { buildRunbook } from "../../src/plan/runbook/build.ts";
import type { RunbookInput } from "../../src/plan/runbook/facts.ts";
import {
  sampleCluster,
  sampleFiles,
  sampleInstallEdits,
  sampleOptions,
  sampleTree,
  withEdits,
} from "../report/sample-cluster.ts";
import { memoryTree } from "../support/memory.ts";

function makeInput(phase: Phase, changes: Partial<RunbookInput> = {}): RunbookInput {
  const edits = changes.edits ?? (phase === "install" ? sampleInstallEdits("main") : []);
  const tree = withEdits(changes.tree ?? sampleTree("main"), edits);
  const files = new Set([...tree.paths, ...sampleInstallEdits("main").map((edit) => edit.path)]);
  const cluster = changes.cluster ?? sampleCluster("main", tree, { files });
  const options = sampleOptions({ phase });
  return {
    cluster,
    model: { clusters: [cluster], leftOut: [] },
    phase,
    options,
    edits,
    findings: [],
    branch: "main",
    ...changes,
    tree,
  };
}

/** The tree after the install phase. */
const installedTree = () => withEdits(sampleTree("main"), sampleInstallEdits("main"));

function allSteps(runbook: Runbook): RunbookStep[] {
  return [...runbook.preChecks, ...runbook.steps, ...runbook.rollback, ...runbook.rebuild];
}

function commandsOf(steps: readonly RunbookStep[]): string {
  return steps.flatMap((step) => step.commands).join("\n");
}

/** What says that an object stays in the cluster. */
function orphanLeft(object: KubeObject): Finding {
  const at = { file: object.file, line: 1, col: 1 };
  return { rule: "orphan-left", level: "caution", resource: describeObject(object), at, what: "", why: "", next: "" };
}

function withRoot(cluster: Cluster, spec: Record<string, unknown>): Cluster {
  const data = { ...cluster.root.data, spec: { ...cluster.root.data.spec, ...spec } };
  return { ...cluster, root: { ...cluster.root, data } };
}

const VARIANTS: RunbookInput[] = PHASES.flatMap((phase) => [
  makeInput(phase),
  makeInput(phase, { options: sampleOptions({ sync: "rename" }) }),
  makeInput(phase, { options: sampleOptions({ sync: "keep" }) }),
  makeInput(phase, { options: sampleOptions({ phase: "all", direct: true }), tree: installedTree() }),
  makeInput(phase, { cluster: withRoot(sampleCluster(), { prune: false }) }),
]);

describe("every runbook", () => {
  test.each(VARIANTS.map((input) => [`${input.phase} ${JSON.stringify(input.options.sync)}`, input] as const))(
    "%s: has commands that a shell accepts and only names of this repository",
    (_title, input) => {
      const steps = allSteps(buildRunbook(input));
      expect(steps.length).toBeGreaterThanOrEqual(8);
      const script = commandsOf(steps).replace(/<[a-z][a-z ]+>/g, "PLACEHOLDER");
      const checked = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
      expect(checked.stderr).toBe("");
      expect(JSON.stringify(steps)).not.toMatch(/undefined|\[object|NaN/);
    },
  );

  test.each(VARIANTS.map((input) => [input.phase, input] as const))(
    "%s: never deletes the FluxInstance",
    (_phase, input) => {
      const commands = commandsOf(allSteps(buildRunbook(input)));
      expect(commands).not.toMatch(/delete[^\n]*(fluxinstance|flux-instance|flux-operator)/i);
      expect(commands).not.toMatch(/helm uninstall|flux uninstall/);
    },
  );

  test.each(VARIANTS.map((input) => [input.phase, input] as const))(
    "%s: shows no value of a Secret",
    (_phase, input) => {
      expect(JSON.stringify(buildRunbook(input))).not.toContain("ENC[");
    },
  );
});

describe("pre-checks", () => {
  test("of install compare the running version, stored versions and suspended objects with the plan", () => {
    const { preChecks } = buildRunbook(makeInput("install"));
    const text = JSON.stringify(preChecks);
    for (const part of [
      "flux version",
      ".status.storedVersions",
      "@.spec.suspend==true",
      "`v2.6.4`",
      "https://github.com/mira/hearth.git",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain("wait fluxinstance");
  });

  test("of cutover ask for a Ready instance and for adopted objects before anything else is merged", () => {
    const { preChecks } = buildRunbook(makeInput("cutover"));
    const commands = commandsOf(preChecks);
    expect(commands).toContain("kubectl -n flux-system wait fluxinstance/flux --for=condition=Ready");
    expect(commands).toContain("PRUNE:.metadata.annotations.kustomize\\.toolkit\\.fluxcd\\.io/prune");
    expect(commands).toContain("flux trace kustomization cluster -n flux-system");
  });

  test("of rename ask for the guard on the live root, those of adopt do not", () => {
    const guard = "get kustomizations.kustomize.toolkit.fluxcd.io cluster -o jsonpath='{.spec.prune}";
    const renamed = buildRunbook(makeInput("cutover", { options: sampleOptions({ sync: "rename" }) }));
    expect(commandsOf(renamed.preChecks)).toContain(guard);
    expect(commandsOf(buildRunbook(makeInput("cutover")).preChecks)).not.toContain(guard);
  });

  test("name what Git suspends, and the tag that a cluster reads", () => {
    const tree = sampleTree("main");
    const cluster = sampleCluster("main", tree);
    const object = { ...cluster.root, name: "previews", data: { spec: { suspend: true } } };
    const effective = { known: true as const, value: object.data };
    cluster.kustomizations = [{ object, namespace: "flux-system", effective }];
    cluster.tag = { name: "live", isRange: false };
    const install = buildRunbook(makeInput("install", { cluster, tree }));
    const name = "Kustomization flux-system/previews";
    expect(install.assumptions).toContain(`Nothing is suspended but ${name}, as Git says.`);
    expect(JSON.stringify(install.preChecks)).toContain(`Only \`${name}\`, suspended on purpose`);
    expect(JSON.stringify(install.steps)).toContain("main reads the tag `live`");
  });

  test("of a flux2 chart expect its release to be suspended on purpose", () => {
    const tree = sampleTree("main");
    const cluster = sampleCluster("main", tree);
    const release = {
      ...{ file: "flux.yaml", doc: 0, apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease" },
      ...{ name: "flux", namespace: "flux-system", data: { spec: { suspend: true, releaseName: "flux2" } } },
    };
    cluster.install = { ...cluster.install!, style: "community-chart", objects: [release] };
    const cutover = buildRunbook(makeInput("cutover", { cluster, tree }));
    expect(commandsOf(cutover.preChecks)).toContain(
      "get helmreleases.helm.toolkit.fluxcd.io flux -o jsonpath='{.spec.suspend}",
    );
    expect(JSON.stringify(cutover.preChecks)).toContain("`HelmRelease flux-system/flux`, suspended on purpose");
    // The records go by the name that the file says, which is gone by cleanup.
    expect(commandsOf(cutover.steps)).toContain("kubectl -n flux-system delete secrets -l owner=helm,name=flux2");
    const suspended = "kubectl -n flux-system get helmreleases.helm.toolkit.fluxcd.io flux -o jsonpath";
    expect(commandsOf(buildRunbook(makeInput("install", { cluster, tree })).steps)).toContain(suspended);
    const direct = sampleOptions({ phase: "all", direct: true });
    const [first] = buildRunbook(makeInput("install", { cluster, tree, options: direct })).steps;
    expect(first!.title).toBe(SUSPEND_RELEASE);
    expect(first!.commands[0]).toBe("flux -n flux-system suspend helmrelease flux");
    expect(first!.commands[1]).toContain(suspended);
    const rollback = (options = sampleOptions()) =>
      commandsOf(buildRunbook(makeInput("install", { cluster, tree, options })).rollback);
    expect(rollback(direct)).toContain("flux -n flux-system resume helmrelease flux");
    expect(rollback()).not.toContain("resume helmrelease flux\n");
    const orphan = orphanLeft(release);
    const [patch, remove] = buildRunbook(makeInput("cutover", { cluster, tree, findings: [orphan] })).steps.find(
      ({ title }) => title === DELETE_ORPHANS,
    )!.commands;
    expect(patch).toContain(
      `patch helmreleases.helm.toolkit.fluxcd.io flux --type merge -p '{"spec":{"suspend":true}}'`,
    );
    expect(remove).toContain("delete helmreleases.helm.toolkit.fluxcd.io flux");
  });

  test("leave out the measuring step once facts were measured on this cluster", () => {
    const titles = (facts?: { cluster: string }) =>
      buildRunbook(makeInput("install", { options: sampleOptions(facts ? { facts } : {}) })).preChecks.map(
        (step) => step.title,
      );
    expect(titles()).toContain("Measure instead of assuming");
    expect(titles({ cluster: "edge" })).toContain("Measure instead of assuming");
    expect(titles({ cluster: "main" })).not.toContain("Measure instead of assuming");
  });
});

describe("steps", () => {
  test("of install go from the merge to the check that cutover depends on", () => {
    const { steps } = buildRunbook(makeInput("install"));
    expect(steps.map((step) => step.title)).toEqual([
      "Merge the install phase",
      "Wait for the operator",
      "Wait until the FluxInstance is Ready",
      "Check that the operator owns every object of the old install",
      "Check that everything still reconciles",
      "Go on to cutover",
    ]);
    expect(JSON.stringify(steps[0])).toContain("Commit the 9 changed files");
    expect(steps.at(-1)!.commands).toEqual(["fluxlift plan --phase cutover"]);
  });

  test("of a phase planned with --direct plan on with it, since without it the phase may be stopped", () => {
    const options = sampleOptions({ phase: "install", direct: true });
    const { preChecks, steps, assumptions } = buildRunbook(makeInput("install", { options }));
    expect(commandsOf(preChecks)).toContain("fluxlift plan --phase install --direct --cluster main --facts facts.json");
    expect(steps.at(-1)!.commands).toEqual(["fluxlift plan --phase cutover --direct"]);
    expect(assumptions).toContain("The operator runs in the cluster already, as `--direct` says.");
  });

  test("name the branch the cluster reads when another is checked out", () => {
    const step = buildRunbook(makeInput("install", { branch: "develop" })).steps[0]!;
    expect(step.body.join(" ")).toContain("main reads `main`, not `develop`");
    expect(buildRunbook(makeInput("install")).steps[0]!.body.join(" ")).not.toContain("checked out");
  });

  test("of cutover look for readers of the old source only where its name changes", () => {
    const said = commandsOf(buildRunbook(makeInput("cutover")).steps);
    expect(said).toContain('sourceRef.name=="hearth"');
    expect(said).toContain("get kustomizations.kustomize.toolkit.fluxcd.io,helmcharts.source.toolkit.fluxcd.io -A");
    const keep = makeInput("cutover", { options: sampleOptions({ sync: "keep" }) });
    expect(commandsOf(buildRunbook(keep).steps)).not.toContain("sourceRef.name");
  });

  test("say where the names of the generated sync come from: adopt keeps the root, rename takes the namespace", () => {
    const renamed = buildRunbook(makeInput("cutover", { options: sampleOptions({ sync: "rename" }) }));
    expect(commandsOf(renamed.steps)).toContain("gitrepositories.source.toolkit.fluxcd.io/flux-system kustomizations");
    expect(commandsOf(buildRunbook(makeInput("cutover")).steps)).toContain(
      "gitrepositories.source.toolkit.fluxcd.io/cluster kustomizations.kustomize.toolkit.fluxcd.io/cluster",
    );
  });

  test("of cleanup delete an orphaned root by hand only after a look at its prune, and only under rename", () => {
    const orphan = (sync: "adopt" | "rename") =>
      buildRunbook(makeInput("cleanup", { options: sampleOptions({ sync }) })).steps.find((step) =>
        step.title.includes("old root"),
      );
    expect(orphan("adopt")).toBeUndefined();
    const [look, remove] = orphan("rename")!.commands;
    expect(look).toContain("{.spec.prune} {.spec.deletionPolicy}");
    expect(remove).toContain("delete kustomizations.kustomize.toolkit.fluxcd.io cluster");
  });

  test("delete by hand what a root with prune: false leaves behind, made harmless first", () => {
    const cluster = withRoot(sampleCluster(), { prune: false });
    const findings = [...cluster.install!.objects, cluster.source!].map(orphanLeft);
    const cutover = commandsOf(buildRunbook(makeInput("cutover", { cluster, findings })).steps).split("\n");
    const patch = cutover.findIndex((line) => line.includes(`patch kustomizations.kustomize.toolkit.fluxcd.io flux`));
    const remove = cutover.findIndex((line) => line.includes("delete kustomizations.kustomize.toolkit.fluxcd.io flux"));
    expect(patch).toBeGreaterThan(-1);
    expect(remove).toBeGreaterThan(patch);
    expect(commandsOf(buildRunbook(makeInput("cleanup", { cluster, findings })).steps)).toContain(
      "delete gitrepositories.source.toolkit.fluxcd.io hearth",
    );
    expect(commandsOf(buildRunbook(makeInput("cutover")).steps)).not.toContain("delete ");
  });

  test("of a blocked phase say only that", () => {
    const finding = { rule: "path-taken" as const, level: "blocker" as const, what: "", why: "", next: "" };
    const { steps } = buildRunbook(makeInput("cutover", { findings: [finding] }));
    expect(steps.map((step) => step.title)).toEqual(["cutover is blocked"]);
  });

  test("keep the user's order of clusters", () => {
    const input = makeInput("install", { options: sampleOptions({ clusters: ["main", "edge"] }) });
    const last = buildRunbook(input).steps.at(-1)!;
    expect(last.body.join(" ")).toContain("Let main run through all phases before edge begins.");
    expect(last.commands).toEqual(["fluxlift plan --phase cutover --cluster main"]);
  });
});

describe("the direct route", () => {
  const options = sampleOptions({ phase: "all", direct: true });

  test("installs with the release names, namespace, chart versions and values of the generated files", () => {
    const { steps } = buildRunbook(makeInput("install", { options }));
    const [operator, instance] = steps.flatMap((step) => step.commands);
    const dir = "kubernetes/main/apps/flux-system";
    const charts = "oci://ghcr.io/controlplaneio-fluxcd/charts";
    expect(operator).toBe(
      `yq '.spec.values // {}' ${dir}/flux-operator/app/helmrelease.yaml | helm upgrade --install flux-operator ${charts}/flux-operator --version 0.58.0 --namespace flux-system --values - --wait`,
    );
    expect(instance).toContain(`${dir}/flux-instance/app/helmrelease.yaml | helm upgrade --install flux-instance`);
  });

  test("checks before the one merge what can be checked then, and goes back from it in one", () => {
    const [install, cutover, cleanup] = PHASES.map((phase) =>
      buildRunbook(makeInput(phase, phase === "install" ? { options } : { options, tree: installedTree() })),
    );
    expect(cutover!.preChecks.map(({ title }) => title)).toEqual([
      ...["Check that the FluxInstance is Ready", "Check that the operator owns every object of the old install"],
      ...["Check that the sync is healthy", "Check that nothing is suspended"],
    ]);
    expect(cutover!.preChecks.filter(({ measured }) => measured)).toEqual([]);
    expect(cleanup!.preChecks).toEqual([]);
    // Nothing is merged when operator and instance are installed: there is no commit, and no release of helm-controller.
    expect(install!.rollback[0]!.title).toBe("Pause the operator first");
    expect(commandsOf(install!.rollback)).not.toMatch(/git revert|suspend helmrelease|resume helmrelease/);
    expect(install!.rollback.at(-1)!.body).toEqual([expect.stringMatching(/^Let the operator go on\./)]);
    expect(cutover!.rollback.slice(0, 2).map(({ title }) => title)).toEqual([
      ...["Pause the operator first", "Revert the merge"],
    ]);
    expect(commandsOf(cutover!.rollback)).toContain("suspend helmrelease flux-instance");
    expect(cleanup!.rollback).toEqual([]);
    // One phase with --direct says only that both run; it is merged like any other.
    const alone = makeInput("cutover", { options: sampleOptions({ phase: "cutover", direct: true }) });
    expect(buildRunbook(alone).steps[0]!.title).toBe("Merge the cutover phase");
  });

  test("merges what all phases changed, and says why a check of the pull request fails then", () => {
    const step = buildRunbook(makeInput("cutover", { options })).steps.find(
      ({ title }) => title === "Merge everything",
    )!;
    expect(step.body[1]).toBe("Commit the changed files of all phases and nothing else, and merge them into `main`.");
    expect(step.body[2]).toContain("A `fluxlift verify` in the pull request ends with 1 here");
    const [merge] = buildRunbook(makeInput("install")).steps;
    expect(merge!.body[1]).toMatch(/^Commit the \d+ changed files and nothing else/);
    expect(merge!.body.join(" ")).not.toContain("verify");
    const input = makeInput("install");
    const clusters = [input.cluster, sampleCluster("edge", sampleTree("edge"))];
    const [shared] = buildRunbook({ ...input, model: { clusters, leftOut: [] } }).steps;
    expect(shared!.body[1]).toMatch(
      /^Commit the \d+ changed files of cluster main, alone or with those of the other clusters, and nothing else/,
    );
  });

  test("takes the values of the release alone out of a file of several documents", () => {
    const config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n---\n";
    const edits = sampleInstallEdits("main").map((edit) =>
      edit.kind === "create" && edit.path.endsWith("flux-operator/app/helmrelease.yaml")
        ? { ...edit, text: `${config}${edit.text.replace(/^---\n/, "")}` }
        : edit,
    );
    const commands = commandsOf(buildRunbook(makeInput("install", { options, edits })).steps);
    expect(commands).toContain(
      `yq 'select(.kind == "HelmRelease" and .metadata.name == "flux-operator") | .spec.values // {}'`,
    );
    expect(commands).toContain("yq '.spec.values // {}' kubernetes/main/apps/flux-system/flux-instance");
  });

  test("undoes the doubled dollar signs that only Flux would take away", () => {
    const edits = sampleInstallEdits("main").map((edit) =>
      edit.kind === "create" && edit.path.endsWith("flux-instance/app/helmrelease.yaml")
        ? { ...edit, text: edit.text.replace("values: {}", () => "values:\n    x: $${y}") }
        : edit,
    );
    const commands = commandsOf(buildRunbook(makeInput("install", { options, edits })).steps);
    const pipe = commands.split("\n").filter((line) => line.includes("sed "));
    expect(pipe.length).toBe(1);
    const [, sed] = /\| (sed '[^']+') \|/.exec(pipe[0]!)!;
    expect(spawnSync("sh", ["-c", sed!], { input: "$${y} $$$${z}", encoding: "utf8" }).stdout).toBe("${y} $${z}");
  });

  test("applies a FluxInstance that is a manifest, and honours an own release name", () => {
    const create = (path: string, text: string) => ({
      ...{ kind: "create" as const, path, text, why: "", transform: "t", phase: "install" as const },
      ...{ cluster: "main", evidence: [] },
    });
    const edits = [
      create(
        "i/flux-instance.yaml",
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n",
      ),
      create(
        "o/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: flux-operator\nspec:\n  releaseName: op\n  targetNamespace: ops\n  chart:\n    spec:\n      chart: flux-operator\n      version: 0.50.0\n",
      ),
    ];
    const commands = commandsOf(buildRunbook(makeInput("install", { options, edits })).steps);
    expect(commands).toContain(
      "helm upgrade --install op oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator --version 0.50.0 --namespace ops",
    );
    expect(commands).toContain("kubectl -n flux-system apply --server-side -f i/flux-instance.yaml");
  });

  test("merges once, after the install", () => {
    const merges = PHASES.flatMap((phase) =>
      buildRunbook(makeInput(phase, { options, tree: installedTree() })).steps.filter((step) =>
        step.title.startsWith("Merge"),
      ),
    );
    expect(merges.map((step) => step.title)).toEqual(["Merge everything"]);
  });
});

describe("rollback", () => {
  test("of install pauses the operator before anything is reverted", () => {
    const { rollback } = buildRunbook(makeInput("install"));
    const commands = commandsOf(rollback);
    const paused = commands.indexOf("fluxcd.controlplane.io/reconcile=disabled");
    expect(paused).toBeGreaterThan(-1);
    expect(commands.indexOf("flux -n flux-system suspend helmrelease flux-instance")).toBeGreaterThan(paused);
    expect(commands.indexOf("git revert")).toBeGreaterThan(paused);
  });

  test("of install ends the pruning of a renamed root before it deletes it, and leaves one that keeps its name", () => {
    const said = (sync: "adopt" | "rename") =>
      commandsOf(buildRunbook(makeInput("install", { options: sampleOptions({ sync }) })).rollback).split("\n");
    const root = "kustomizations.kustomize.toolkit.fluxcd.io";
    const lines = said("rename");
    const off = lines.findIndex((line) => line.includes(`patch ${root}/flux-system`) && line.includes('"prune":false'));
    expect(off).toBeGreaterThan(-1);
    expect(lines[off + 1]).toBe(`kubectl -n flux-system delete ${root}/flux-system`);
    expect(lines.filter((line) => line.includes("prune-") && line.includes(`${root}/`))).toEqual([]);
    const deleted = said("adopt").filter((line) => / delete /.test(line));
    expect(deleted).toEqual(["kubectl -n flux-system delete gitrepositories.source.toolkit.fluxcd.io cluster"]);
    expect(said("adopt").filter((line) => line.includes("prune-") && line.includes(`${root}/`))).toHaveLength(1);
  });

  test("of install says how a second try gets the operator going again", () => {
    const last = buildRunbook(makeInput("install")).rollback.at(-1)!;
    expect(last.commands).toEqual([
      "flux -n flux-system resume helmrelease flux-operator",
      "flux -n flux-system resume helmrelease flux-instance",
      "kubectl -n flux-system annotate --overwrite fluxinstance/flux fluxcd.controlplane.io/reconcile=enabled",
    ]);
  });

  test("of cutover relies on the old source, which is there until cleanup", () => {
    const text = JSON.stringify(buildRunbook(makeInput("cutover")).rollback);
    expect(text).toContain("points at GitRepository hearth again");
    expect(text).toContain("do not delete it");
  });
});

describe("when Flux took itself out", () => {
  test("clears what Helm had begun of operator and instance, only in the way back from cutover", () => {
    const steps = (phase: Phase) =>
      buildRunbook(makeInput(phase, { tree: installedTree() })).rollback.filter(({ title }) =>
        title.startsWith("If Flux"),
      );
    expect(steps("cutover").flatMap(({ commands }) => commands)).toEqual([
      "kubectl -n flux-system delete secrets -l 'owner=helm,status in (pending-install,pending-upgrade)'",
    ]);
    expect([...steps("install"), ...steps("cleanup")]).toEqual([]);
  });
});

describe("rebuilding", () => {
  test("provides what the root substitutes from before Flux comes up, out of this repository's files", () => {
    const { rebuild } = buildRunbook(makeInput("install"));
    const commands = commandsOf(rebuild).split("\n");
    const index = (part: string) => commands.findIndex((line) => line.includes(part));
    expect(commands[0]).toBe("kubectl create namespace flux-system");
    expect(index("create secret generic hearth-deploy-key")).toBeGreaterThan(0);
    expect(index("create secret generic sops-age --from-file=age.agekey=")).toBeGreaterThan(0);
    expect(index("-f kubernetes/main/flux/vars/cluster-settings.yaml")).toBeGreaterThan(0);
    expect(index("sops --decrypt kubernetes/main/flux/vars/cluster-secrets.sops.yaml |")).toBeGreaterThan(0);
    expect(index("helm upgrade --install flux-operator")).toBeGreaterThan(index("cluster-secrets.sops.yaml"));
    expect(index("wait fluxinstance/flux")).toBeGreaterThan(index("helm upgrade --install flux-instance"));
  });

  test("provides the keys that FluxKustomizations below the root decrypt with, unless Flux brings them", () => {
    const cluster = sampleCluster();
    const child = (name: string, namespace: string, key: string) => {
      const spec = { decryption: { provider: "sops", secretRef: { name: key } } };
      const data = { ...cluster.root.data, spec };
      const object = { ...cluster.root, name, namespace, file: `kubernetes/main/${name}.yaml`, data };
      return { object, namespace, effective: { known: true as const, value: data } };
    };
    const kustomizations = [
      child("apps", "flux-system", "team-keys"),
      child("more", "flux-system", "team-keys"),
      child("media", "media", "sops-age"),
      child("made", "flux-system", "made-keys"),
      child("root-key", "flux-system", "sops-age"),
    ];
    const made = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: made-keys\n";
    const file = "kubernetes/main/keys.yaml";
    const tree = memoryTree({ ...sampleFiles("main"), [file]: made });
    const input = { tree, cluster: { ...sampleCluster("main", tree), kustomizations } };
    input.cluster.files = new Set([...input.cluster.files, file]);
    const { rebuild } = buildRunbook(makeInput("cleanup", input));
    const step = rebuild.find(({ title }) => title === "Provide the keys that others decrypt with");
    expect(step?.commands).toEqual([
      "kubectl create namespace media",
      "kubectl -n flux-system create secret generic team-keys --from-file=age.agekey=<your age key file>",
      "kubectl -n media create secret generic sops-age --from-file=age.agekey=<your age key file>",
    ]);
    const titles = rebuild.map(({ title }) => title);
    expect(titles.indexOf(step!.title)).toBeLessThan(titles.findIndex((one) => one.startsWith("Wait until")));
  });

  test("applies what the root delivers and waits for, before anything waits for the root", () => {
    const cluster = sampleCluster();
    const shared = { ...cluster.root, name: "shared", file: "kubernetes/main/flux/shared.yaml" };
    const waiting: Cluster = {
      ...withRoot(cluster, { dependsOn: [{ name: "shared" }, { name: "elsewhere" }] }),
      kustomizations: [
        { object: shared, namespace: cluster.root.namespace, effective: { known: true, value: shared.data } },
      ],
    };
    const commands = (one: Cluster) => commandsOf(buildRunbook(makeInput("cleanup", { cluster: one })).rebuild);
    const lines = commands(waiting).split("\n");
    const apply = lines.findIndex((line) => line.endsWith("-f kubernetes/main/flux/shared.yaml"));
    expect(apply).toBeGreaterThan(lines.findIndex((line) => line.includes("flux-instance")));
    expect(apply).toBeLessThan(lines.findIndex((line) => line.includes("wait fluxinstance/flux")));
    expect(lines[apply - 1]).toContain("until kubectl get crd kustomizations.kustomize.toolkit.fluxcd.io");
    expect(commands(cluster)).not.toContain("shared.yaml");
  });

  test("uses the helmfile of this cluster and never that of a sibling", () => {
    const helmfile = "releases:\n  - name: flux-instance\n";
    const files = { ...sampleFiles("main"), ...sampleFiles("edge") };
    const own = memoryTree({ ...files, "kubernetes/main/bootstrap/helmfile.yaml": helmfile });
    const rebuild = (tree: typeof own, name: string, ...others: string[]) => {
      const cluster = sampleCluster(name, tree);
      const model = { clusters: [cluster, ...others.map((other) => sampleCluster(other, tree))], leftOut: [] };
      return commandsOf(buildRunbook(makeInput("cleanup", { tree, cluster, model })).rebuild);
    };
    expect(rebuild(own, "main", "edge")).toContain("helmfile --file kubernetes/main/bootstrap/helmfile.yaml apply");
    expect(rebuild(own, "edge", "main")).not.toContain("helmfile");
    const shared = memoryTree({
      ...sampleFiles("main"),
      "bootstrap/helmfile.d/01-apps.yaml": helmfile,
      "bootstrap/helmfile.d/00-crds.yaml": "releases: []\n",
    });
    const lines = rebuild(shared, "main").split("\n");
    const crds = lines.findIndex((line) => line.includes("helmfile --file bootstrap/helmfile.d/00-crds.yaml template"));
    expect(crds).toBeGreaterThan(-1);
    expect(lines[crds + 1]).toBe("helmfile --file bootstrap/helmfile.d/01-apps.yaml apply");
  });

  test("under keep applies the owner's own sync", () => {
    const { rebuild } = buildRunbook(makeInput("install", { options: sampleOptions({ sync: "keep" }) }));
    expect(commandsOf(rebuild)).toContain("kubectl apply --server-side -f kubernetes/main/flux/config/cluster.yaml");
  });
});

describe("assumptions", () => {
  const said = (phase: Phase, facts?: object, more: object = {}) =>
    buildRunbook(
      makeInput(phase, { options: sampleOptions({ ...(facts ? { facts } : {}), ...more }) }),
    ).assumptions.join("\n");

  test("shrink with every fact that was measured", () => {
    expect(said("install")).toContain("Flux v2.6.4 runs");
    expect(said("install", { fluxVersion: "v2.6.4" })).not.toContain("Flux v2.6.4 runs");
    expect(said("install", { cluster: "edge", fluxVersion: "v2.6.4" })).toContain("Flux v2.6.4 runs");
    expect(said("cutover")).toContain("FluxInstance flux-system/flux is Ready.");
    expect(said("cutover", { fluxInstanceReady: true, adopted: true })).not.toContain("FluxInstance");
    expect(said("install")).toContain("ConfigMap cluster-settings");
    expect(said("install", { missing: [] })).not.toContain("ConfigMap cluster-settings");
  });

  test("say what the version pin means", () => {
    expect(said("install")).toContain("`2.6.x` is meant: patch releases");
    expect(said("install", undefined, { fluxVersion: "2.6.4" })).toContain("`2.6.x` is meant");
    const withInstance = (version: string) => {
      const input = makeInput("install");
      const { root } = input.cluster;
      const at = { file: root.file, line: 1, col: 1 };
      const spec = { distribution: { version } };
      const instances = [{ at, object: root, form: "manifest" as const, spec, delivered: true }];
      return buildRunbook({ ...input, cluster: { ...input.cluster, instances } }).assumptions.join("\n");
    };
    expect(withInstance("2.6.x")).toContain("`2.6.x` is meant");
    expect(withInstance("2.6.4")).not.toContain("is meant");
  });
});

test("hides the credentials of a source URL everywhere", () => {
  const tree = sampleTree("main");
  const cluster = sampleCluster("main", tree);
  cluster.source = { ...cluster.source!, data: { spec: { url: "https://mira:hunter2@github.com/mira/hearth.git" } } };
  cluster.runningSource = cluster.source;
  for (const phase of PHASES) {
    expect(JSON.stringify(buildRunbook(makeInput(phase, { cluster, tree })))).not.toContain("hunter2");
  }
  expect(describeCluster(tree, cluster).source?.url).toBe("https://github.com/mira/hearth.git");
});
