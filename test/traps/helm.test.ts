import { describe, expect, test } from "vitest";
import { SUSPEND_RELEASE } from "../../src/contract/runbook.ts";
import {
  APPS,
  blockers,
  change,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  INSTANCE,
  instanceOf,
  list,
  migrate,
  OPERATOR,
  run,
  textOf,
  yamlOf,
} from "./support.ts";

const installed = migrate(homeOps()).files;
const rules = (files: Files): string[] => run(files).findings.map(({ rule }) => rule);

/** `cluster-apps` that patches every child to patch every HelmRelease, as home-ops roots do. */
const nested = (spec: string, selector = ""): string => `  patches:
    - patch: |
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: x
        spec:
          patches:
            - patch: |
                apiVersion: helm.toolkit.fluxcd.io/v2
                kind: HelmRelease
                metadata:
                  name: x
                spec:
${spec.replace(/^/gm, "                  ")}
              target:
                kind: HelmRelease
      target:
        kind: Kustomization
${selector}`;

/** A target that names the apps is meant for them. */
const BY_NAME = "        name: flux-.*\n";

const REMEDIATION = "install:\n  remediation:\n    retries: 3";

describe("trap 55: a failed release never uninstalls the instance", () => {
  test.each([
    ["install remediation", REMEDIATION],
    ["endless install remediation", "install:\n  remediation:\n    retries: -1"],
    ["remediation of the last failure", "install:\n  remediation:\n    remediateLastFailure: true"],
    ["upgrade remediation by uninstall", "upgrade:\n  remediation:\n    retries: 3\n    strategy: uninstall"],
    ["the wait that would fail it", "install:\n  disableWait: false"],
  ])("%s that a parent injects is kept off, or stops the cluster", (_title, spec) => {
    const { files } = migrate(homeOps({ apps: nested(spec) }));
    expect(yamlOf(files, `${APPS}/flux-instance/ks.yaml`)[0].metadata.labels).toEqual({ "fluxlift.dev/plain": "true" });
    const [patch] = yamlOf(files, "kubernetes/flux/apps.yaml")[0].spec.patches;
    expect(patch.target).toEqual({ kind: "Kustomization", labelSelector: "fluxlift.dev/plain notin (true)" });
    expect(blockers(run(homeOps({ apps: nested(spec, BY_NAME) })))).toContain(
      "protection-undone kubernetes/flux/apps.yaml",
    );
  });

  test.each([
    ["its release", "- op: add\n  path: /spec/install/crds\n  value: CreateReplace", ["flux-operator"]],
    [
      "both releases",
      "- op: replace\n  path: /spec/chart/spec/interval\n  value: 12h",
      ["flux-operator", "flux-instance"],
    ],
  ])("a patch that cannot be run on %s leaves it out", (_title, ops, named) => {
    const nesting = JSON.stringify([
      { op: "add", path: "/spec/patches", value: [{ patch: ops, target: { kind: "HelmRelease" } }] },
    ]);
    const apps = `  patches:\n    - patch: '${nesting.replaceAll("'", "''")}'\n      target:\n        kind: Kustomization\n`;
    const { files } = migrate(homeOps({ apps }));
    const labelled = ["flux-operator", "flux-instance"].filter(
      (name) => yamlOf(files, `${APPS}/${name}/ks.yaml`)[0].metadata.labels?.["fluxlift.dev/plain"] === "true",
    );
    expect(labelled).toEqual(named);
  });

  test("what is narrowed for the instance leaves the operator out as well", () => {
    const { files } = migrate(homeOps({ apps: nested(REMEDIATION) }));
    expect(yamlOf(files, `${APPS}/flux-operator/ks.yaml`)[0].metadata.labels).toEqual({ "fluxlift.dev/plain": "true" });
  });

  test("a parent that has the operator uninstalled, and names it, is told", () => {
    const { findings } = migrate(homeOps({ apps: nested(REMEDIATION, BY_NAME.replace(".*", "operator")) }));
    const said = findings.find(({ rule }) => rule === "release-may-uninstall");
    expect(said).toMatchObject({ level: "caution", at: { file: "kubernetes/flux/apps.yaml" } });
  });

  test("upgrade remediation by rollback is harmless", () => {
    expect(blockers(run(homeOps({ apps: nested("upgrade:\n  remediation:\n    retries: 3") })))).toEqual([]);
  });

  test("from Flux 2.7 the retry strategy takes precedence, so remediation has no effect", () => {
    const { files } = migrate(homeOps({ version: "v2.7.5", apps: nested(REMEDIATION) }));
    expect(yamlOf(files, INSTANCE)[0].spec.install.strategy).toEqual({ name: "RetryOnFailure" });
    const remediating = `${REMEDIATION}\n  strategy:\n    name: RemediateOnFailure`;
    expect(blockers(run(homeOps({ version: "v2.7.5", apps: nested(remediating, BY_NAME) })))).not.toEqual([]);
  });

  test("an owner's selector is used to opt out", () => {
    const selector = "        labelSelector: patches/disabled notin (true)\n";
    const { files } = migrate(homeOps({ apps: nested(REMEDIATION, selector) }));
    expect(yamlOf(files, `${APPS}/flux-instance/ks.yaml`)[0].metadata.labels).toEqual({ "patches/disabled": "true" });
  });

  test.each([
    [
      "as it is written",
      change(
        installed,
        INSTANCE,
        "    disableWait: true\n  upgrade:",
        "    disableWait: true\n    remediation:\n      retries: 3\n  upgrade:",
      ),
      `release-may-uninstall ${INSTANCE}`,
    ],
    [
      "through a parent",
      {
        ...installed,
        "kubernetes/flux/apps.yaml": homeOps({ apps: nested(REMEDIATION) })["kubernetes/flux/apps.yaml"]!,
      },
      "protection-undone kubernetes/flux/apps.yaml",
    ],
  ])("an owner's app that would uninstall %s stops the cluster", (_title, files, blocker) => {
    expect(blockers(run(files))).toEqual([blocker]);
  });

  test("the operator's release may be remediated; it is said, since its CRDs stay", () => {
    const { findings } = migrate(
      change(installed, OPERATOR, "spec:\n", "spec:\n  install:\n    remediation:\n      retries: 3\n"),
    );
    expect(findings.find(({ rule }) => rule === "release-may-uninstall")?.level).toBe("caution");
  });

  test("prune: true on an owner's FluxKustomization, or by a parent's patch, is not overlooked", () => {
    const own = change(installed, `${APPS}/flux-instance/ks.yaml`, "prune: false", "prune: true");
    expect(rules(own)).toContain("app-prunable");
    const parent =
      "  patches:\n    - patch: |\n        - op: replace\n          path: /spec/prune\n          value: true\n      target:\n        kind: Kustomization\n";
    expect(blockers(run(homeOps({ apps: `${parent}${BY_NAME}` })))).toContain(
      "protection-undone kubernetes/flux/apps.yaml",
    );
  });
});

describe("trap 57: what the chart has no place for", () => {
  test.each([
    ["wait", "      wait: false\n"],
    ["migrateResources", "      migrateResources: false\n"],
    ["sharding.storage", "      sharding:\n        storage: persistent\n"],
  ])("%s in chart values is said to be dropped", (_field, lines) => {
    const files = change(installed, INSTANCE, "      cluster:\n", `${lines}      cluster:\n`);
    expect(rules(files)).toContain("instance-field-ignored");
  });

  test("generated values hold none of it, and a url, without which sync would vanish", () => {
    const instance = instanceOf(installed);
    expect([instance.wait, instance.migrateResources, instance.sharding]).toEqual([undefined, undefined, undefined]);
    expect(instance.sync.url).toBe("https://github.com/example/home-ops");
    const empty = change(installed, INSTANCE, "url: https://github.com/example/home-ops", 'url: ""');
    expect(rules(empty)).toContain("instance-field-ignored");
  });
});

describe("trap 58: one FluxInstance", () => {
  const manifest =
    "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution:\n    version: 2.6.x\n";

  test("a delivered manifest beside the chart stops the cluster", () => {
    const files = {
      ...installed,
      [`${APPS}/addons/app/instance.yaml`]: manifest,
      [`${APPS}/addons/app/kustomization.yaml`]: list("./configmap.yaml", "./instance.yaml"),
    };
    const { findings, plan } = run(files);
    const found = findings.filter(({ rule }) => rule === "instance-duplicate");
    expect(found.map(({ level }) => level)).toEqual(["blocker"]);
    expect(found[0]!.next).toMatch(/^Before one of the two is taken out, set prune: false .*uninstalls Flux\./);
    expect(plan.phases[0]!.files).toEqual([]);
  });

  test("one that lies undelivered, as if applied by hand, is said", () => {
    const files = { ...homeOps(), "bootstrap/instance.yaml": manifest };
    const found = migrate(files).findings.filter(({ rule }) => rule === "instance-duplicate");
    expect(found.map(({ level, at }) => [level, at?.file])).toEqual([["caution", "bootstrap/instance.yaml"]]);
    expect(rules(homeOps())).not.toContain("instance-duplicate");
  });

  test.each([
    ["kubectl apply -f bootstrap/instance.yaml", "2.5.x", "blocker"],
    ["cd bootstrap\nkubectl apply --server-side -f instance.yaml", "2.5.x", "blocker"],
    ["kubectl apply -k ./bootstrap/", "2.5.x", "blocker"],
    ["kubectl apply \\\\\n  -f bootstrap/instance.yaml", "2.5.x", "blocker"],
    ["kubectl apply --dry-run=client -f bootstrap/instance.yaml", "2.5.x", "caution"],
    ["kubectl apply -f bootstrap/instance.yaml", "2.6.x", "caution"],
    ["# kubectl apply -f bootstrap/instance.yaml", "2.5.x", "caution"],
    ["kubectl apply -f bootstrap/other.yaml", "2.5.x", "caution"],
    ['echo "now run kubectl apply -f bootstrap/instance.yaml"', "2.5.x", "caution"],
    ['echo "starting" && kubectl apply -f bootstrap/instance.yaml', "2.5.x", "blocker"],
    ["kubectl --context $CONTEXT apply -f bootstrap/instance.yaml", "2.5.x", "blocker"],
    ["kubectl --context lab apply -f bootstrap/instance.yaml", "2.5.x", "caution"],
    ["flux-operator install -f bootstrap/instance.yaml", "2.5.x", "blocker"],
    ["flux-operator install --instance-file=bootstrap/instance.yaml", "2.5.x", "blocker"],
    ["flux-operator build instance -f bootstrap/instance.yaml", "2.5.x", "caution"],
    ["kind create cluster --name try\nkubectl apply -f bootstrap/instance.yaml", "2.5.x", "caution"],
  ])("one that a script applies with `%s` at %s is a %s", (command, version, level) => {
    const text = manifest.replace("2.6.x", version);
    const lists = command.includes("-k") ? { "bootstrap/kustomization.yaml": list("./instance.yaml") } : {};
    const files = { ...homeOps(), ...lists, "bootstrap/instance.yaml": text, "up.sh": `#!/bin/sh\n${command}\n` };
    const [found, ...more] = run(files, { direct: true }).findings.filter(({ rule }) => rule === "instance-duplicate");
    expect([found?.level, more]).toEqual([level, []]);
    if (level === "blocker")
      expect(found?.what).toMatch(/^up\.sh:\d applies this FluxInstance, .* differs in distribution\.version:/);
  });

  test("one that a script applies is held against the sync, and what it sets beside changes Flux, too", () => {
    const text = `${manifest}  cluster:\n    size: medium\n  sync:\n    kind: GitRepository\n    pullSecret: other\n`;
    const said = (more: Files, plain = text) => {
      const files = { ...homeOps(), "bootstrap/instance.yaml": plain, ...more };
      return run(files, { direct: true }).findings.filter(({ rule }) => rule === "instance-duplicate");
    };
    const up = { "up.sh": "kubectl apply -f bootstrap/instance.yaml\n" };
    expect(said(up)).toMatchObject([
      { level: "blocker", what: expect.stringContaining("differs in sync.pullSecret and cluster.size:") },
    ]);
    const quiet = text.replace("size: medium", 'size: ""').replace("    pullSecret: other\n", "");
    expect(said(up, quiet)).toMatchObject([{ level: "caution" }]);
  });

  test("one that a script applies is held against the patches, too", () => {
    const files = homeOps();
    const patch = "'[{op: add, path: /metadata/labels/a, value: b}]'";
    const more = `  kustomize:\n    patches:\n      - patch: ${patch}\n        target: {kind: Deployment}\n`;
    const said = (applied: Files) => {
      const { findings } = run({ ...files, "bootstrap/instance.yaml": manifest + more, ...applied }, { direct: true });
      return findings.filter(({ rule }) => rule === "instance-duplicate");
    };
    const up = { "up.sh": "kubectl apply -f bootstrap/instance.yaml\n" };
    expect(said(up)).toMatchObject([
      { level: "blocker", what: expect.stringContaining("differs in kustomize.patches:") },
    ]);
    expect(said({})).toMatchObject([{ level: "caution", what: expect.stringContaining("the one of this plan") }]);
  });

  test.each([
    ["tests/e2e/instance.yaml", "kubectl apply -f tests/e2e/instance.yaml", ""],
    ["bootstrap/instance.yaml", "kind create cluster\nkubectl apply -f bootstrap/instance.yaml", ""],
    [
      "clusters/lab/instance.yaml",
      "kubectl apply -f clusters/lab/instance.yaml",
      "  sync:\n    kind: GitRepository\n    url: https://github.com/example/home-ops\n    ref: refs/heads/main\n    path: clusters/other\n",
    ],
  ])("one of another cluster (%s) stops nothing where a command applies it", (path, command, more) => {
    const files = { ...homeOps(), [path]: manifest.replace("2.6.x", "2.5.x") + more, "up.sh": `${command}\n` };
    const found = run(files, { direct: true }).findings.filter(({ rule }) => rule === "instance-duplicate");
    expect(found).toMatchObject([
      { level: "caution", what: expect.stringContaining("if that is to this cluster, each") },
    ]);
  });
});

describe("trap 62: the community chart is suspended before it goes", () => {
  function chart(): Files {
    const files = homeOps();
    delete files[FLUX];
    files["kubernetes/flux/config/kustomization.yaml"] = list("./cluster.yaml");
    files[`${APPS}/kustomization.yaml`] = list("./namespace.yaml", "./addons/ks.yaml", "./flux/ks.yaml");
    files[`${APPS}/flux/ks.yaml`] = fluxKustomization(
      "flux",
      "kubernetes/apps/flux-system/flux/app",
      "  targetNamespace: flux-system\n",
    );
    files[`${APPS}/flux/app/kustomization.yaml`] = list("./helmrelease.yaml");
    files[`${APPS}/flux/app/helmrelease.yaml`] = `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux
spec:
  interval: 1h
  chart:
    spec:
      chart: flux2
      version: 2.16.4
      sourceRef:
        kind: HelmRepository
        name: fluxcd-community
`;
    return files;
  }
  const release = `${APPS}/flux/app/helmrelease.yaml`;

  test("install suspends it and lets the operator take its fields over", () => {
    const { files, findings } = migrate(chart());
    expect(yamlOf(files, release)[0].spec.suspend).toBe(true);
    expect(findings.map(({ rule }) => rule)).toContain("guard-added");
    expect(yamlOf(files, OPERATOR)[0].spec.values.extraArgs).toEqual(["--override-manager=helm-controller"]);
  });

  const rendered = (renderer: string) => change(chart(), release, "  interval: 1h\n", `  interval: 1h\n${renderer}`);

  test("what is patched over the chart once it is rendered comes along, comments and all", () => {
    const patched = rendered(`  postRenderers:
    - kustomize:
        patches:
          # the proxy of the site
          - target: {kind: Deployment, name: kustomize-controller}
            patch: |
              - op: add
                path: /spec/template/spec/hostAliases
                value: [{ip: 10.0.0.1, hostnames: [git.internal]}]
`);
    const { files } = migrate(patched);
    const own = instanceOf(files).kustomize.patches.filter(({ patch }: { patch: string }) =>
      patch.includes("hostAliases"),
    );
    expect(own.map(({ target }: { target: unknown }) => target)).toEqual([
      { kind: "Deployment", name: "kustomize-controller" },
    ]);
    expect(files[INSTANCE]).toContain("# the proxy of the site");
  });

  test.each([
    ["images", "  postRenderers:\n    - kustomize:\n        images: [{name: a, newName: b}]\n", "kustomize.images"],
    ["what is no kustomize", "  postRenderers:\n    - other: {a: b}\n", "other"],
  ])("a post-renderer that a patch cannot say stops the cluster: %s", (_title, renderer, value) => {
    const { findings } = run(rendered(renderer));
    const [stop] = findings.filter(({ level }) => level === "blocker");
    expect(stop).toMatchObject({ rule: "chart-value-lost", at: { file: release } });
    expect(stop?.what).toContain(`postRenderers.${value}`);
  });

  test("labels that helm-controller gives to all of the chart are said", () => {
    const labelled = "  commonMetadata: {labels: {team: platform}}\n";
    const rules = (files: Files) => migrate(files).findings.map(({ level, rule }) => `${level} ${rule}`);
    expect(rules(rendered(labelled))).toContain("caution install-setting-lost");
    expect(rules(rendered("  commonMetadata: {labels: {}}\n"))).not.toContain("caution install-setting-lost");
  });

  const patched = (patch: string, values = "") =>
    rendered(`  postRenderers:
    - kustomize:
        patches:
          - target: {kind: Deployment, name: helm-controller}
            patch: |
              ${patch}
${values}`);
  const arg = (index: number | "-", op = "replace") =>
    `- {op: ${op}, path: /spec/template/spec/containers/0/args/${index}, value: --concurrent=9}`;
  const env = "- {op: replace, path: /spec/template/spec/containers/0/env/1/value, value: b}";
  const limit = "- {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: GOMEMLIMIT, value: 1GiB}}";

  test.each([
    [
      "a flag behind those of the base",
      patched(arg(5), "  values: {helmController: {container: {additionalArgs: [--x=1]}}}\n"),
    ],
    ["a flag where multi-tenancy puts others in front", patched(arg(1), "  values: {multitenancy: {enabled: true}}\n")],
    ["a flag where none is for events", patched(arg(0), "  values: {notificationController: {create: false}}\n")],
    ["a variable by its place", patched(env, "  values: {helmController: {extraEnv: [{name: A, value: a}]}}\n")],
    ["a variable of the base", patched(limit)],
  ])(
    "a patch over the chart that would hit something else of the operator's stops the cluster: %s",
    (_title, files) => {
      const stops = run(files).findings.filter(({ level }) => level === "blocker");
      expect(stops.map(({ rule, at }) => [rule, at?.file])).toContainEqual(["chart-value-lost", release]);
    },
  );

  test.each([
    ["a flag that stands at the same place", patched(arg(4))],
    ["a flag that is appended", patched(arg("-", "add"), "  values: {multitenancy: {enabled: true}}\n")],
  ])("a patch over the chart that means the same of the operator's comes along: %s", (_title, files) => {
    const { findings, files: after } = migrate(files);
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(JSON.stringify(instanceOf(after).kustomize.patches)).toContain("--concurrent=9");
  });

  const direct = { phase: "all", direct: true } as const;

  test("direct: Git never suspends it, so a step does, and every step a finding names is there", () => {
    const kept = change(chart(), `${APPS}/flux/ks.yaml`, "prune: true", "prune: false");
    const { phases } = run(kept, direct).plan;
    const parts = phases.map(({ clusters }) => clusters[0]!);
    const findings = parts.flatMap((part) => part.findings);
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["guard-by-hand", "orphan-left"]));
    expect(findings.map(({ rule }) => rule)).not.toContain("guard-added");
    const named = findings.flatMap(({ next }) => /step “([^”]+)”/.exec(next)?.[1] ?? []);
    const titles = parts.flatMap(({ runbook }) => runbook.steps.map(({ title }) => title));
    expect(named.length).toBeGreaterThan(1);
    expect(titles).toEqual(expect.arrayContaining(named));
    expect(titles.indexOf(SUSPEND_RELEASE)).toBe(0);
    expect(titles).toContain("Delete the Helm records of flux");
    for (const { runbook } of parts.slice(0, 2))
      expect(runbook.measure.guards).toContainEqual(
        expect.objectContaining({ kind: "HelmRelease", name: "flux", field: "suspend", value: "true" }),
      );
  });

  test("direct: where the parent prunes, one blocker and nothing that follows from it", () => {
    const plan = run(chart(), direct);
    expect(blockers(plan).map((text) => text.split(" ")[0])).toEqual(["flux-may-go"]);
    expect(plan.findings.find(({ rule }) => rule === "flux-may-go")?.next).toContain(
      "fluxlift migrate --phase install",
    );
    const { phases } = plan.plan;
    expect(phases[2]!.clusters[0]!.findings.map(({ rule }) => rule)).toEqual(["phase-waits"]);
    // All phases are one merge: what a later one stops, none of them writes.
    expect(phases.flatMap(({ files }) => files)).toEqual([]);
    expect(phases[0]!.clusters[0]!.findings.map(({ rule }) => rule)).toContain("phase-waits");
    expect(phases[2]!.clusters[0]!.runbook.steps.map(({ title }) => title)).toEqual(["cleanup is blocked"]);
  });

  test("direct: a suspension that preflight.sh found settles it", () => {
    const measured = (guardsReconciled: boolean) =>
      run(chart(), { ...direct, facts: { cluster: "default", guardsReconciled } });
    expect(blockers(measured(true))).toEqual([]);
    expect(measured(true).findings.map(({ rule }) => rule)).not.toContain("guard-by-hand");
    expect(measured(true).files[release]).toBeUndefined();
    expect(blockers(measured(false)).map((text) => text.split(" ")[0])).toContain("facts-guards-missing");
  });

  test("direct: what Git says of suspension would take a person's back", () => {
    const said = change(chart(), release, "  interval: 1h\n", "  interval: 1h\n  suspend: false\n");
    expect(blockers(run(said, direct)).map((text) => text.split(" ")[0])).toEqual(["guard-overridden"]);
  });

  test("cutover needs the suspension in the commit, asks for it in the cluster, and only then removes it", () => {
    const done = migrate(chart()).files;
    const resumed = change(done, release, "suspend: true", "suspend: false");
    expect(blockers(run(resumed, { phase: "cutover" })).map((text) => text.split(" ")[0])).toEqual([
      "phase-not-reached",
    ]);
    const { files, cluster } = migrate(done, { phase: "cutover" });
    expect(files[release]).toBeUndefined();
    expect(textOf(cluster.runbook.preChecks)).toContain(
      "get helmreleases.helm.toolkit.fluxcd.io flux -o jsonpath='{.spec.suspend}",
    );
    const cleanup = migrate(files, { phase: "cleanup" });
    expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    const facts = { cluster: "default", guardsReconciled: false };
    expect(blockers(run(done, { phase: "cutover", facts })).map((text) => text.split(" ")[0])).toContain(
      "facts-guards-missing",
    );
  });
});
