import { describe, expect, test } from "vitest";
import {
  APPS,
  CLUSTER,
  change,
  type Files,
  fluxKustomization,
  homeOps,
  list,
  type Migrated,
  migrate,
  run,
  yamlOf,
} from "../traps/support.ts";
import {
  checked,
  HR,
  indent,
  KS,
  ofRelease,
  PARENT,
  patch,
  patchApp,
  patchRelease,
  says,
  told,
  undone,
} from "./parent-patches.ts";

describe("a parent's patch that undoes the protection of an app stops the cluster, and says how", () => {
  const DELETED = "$patch: delete";

  test.each([
    ["flux-operator", "prune: true", "spec.prune of flux-operator becomes true"],
    ["flux-operator", "prune: null", "spec.prune of flux-operator becomes undefined"],
    ["flux-instance", "deletionPolicy: Delete", "spec.deletionPolicy of flux-instance becomes Delete"],
    [
      "flux-operator",
      "deletionPolicy: WaitForTermination",
      "spec.deletionPolicy of flux-operator becomes WaitForTermination",
    ],
    ["flux-operator", "path: ./other", 'spec.path of flux-operator becomes "./other"'],
    ["flux-instance", "suspend: true", "flux-instance is suspended"],
    ["flux-operator", "wait: false", "flux-operator is no longer waited for"],
    ["flux-operator", "wait: false\nhealthChecks: []", "flux-operator is no longer waited for"],
    ["flux-instance", "dependsOn: [{name: other}]", "flux-instance no longer depends on flux-operator"],
  ])("%s, %s", (app, fields, how) => {
    expect(undone(homeOps({ apps: patchApp(app, fields) }))).toEqual([says(app, how)]);
  });

  test.each([
    ["flux-operator", "deletionPolicy: Orphan"],
    ["flux-operator", "deletionPolicy: MirrorPrune"],
    ["flux-operator", "suspend: false"],
    [
      "flux-operator",
      "wait: false\nhealthChecks: [{apiVersion: apps/v1, kind: Deployment, name: flux-operator, namespace: flux-system}]",
    ],
    ["flux-instance", "wait: false"],
    ["flux-instance", "dependsOn: [{name: other}, {name: flux-operator}]"],
    ["flux-operator", "dependsOn: [{name: other}]"],
  ])("not %s, %s", (app, fields) => {
    expect(undone(homeOps({ apps: patchApp(app, fields) }))).toEqual([]);
  });

  test("and it is not laid on a folder that the app does not pass", () => {
    const files = homeOps({ apps: patchApp("flux-instance", "suspend: true") });
    files["kubernetes/apps/default/kustomization.yaml"] +=
      `patches:\n  - target: {kind: Kustomization}\n    patch: '[{"op": "add", "path": "/spec/force", "value": true}]'\n`;
    expect(undone(files)).toEqual([says("flux-instance", "flux-instance is suspended")]);
  });

  test("and where several do, it is laid on the innermost", () => {
    const suspend = `patches:\n  - target: {kind: Kustomization, name: flux-instance}\n    patch: '[{"op": "add", "path": "/spec/suspend", "value": true}]'\n`;
    expect(undone(homeOps({ listing: suspend, appsListing: suspend }))).toEqual([
      `${APPS}/kustomization.yaml:8 Patches in a kustomization that this FluxKustomization builds reach flux-instance and undo its protection: flux-instance is suspended.`,
    ]);
  });

  test("and where the patch is a file of its own, or a component's, it is laid on the kustomization that names it", () => {
    const body = '[{"op": "add", "path": "/spec/suspend", "value": true}]';
    const says = (file: string, line: number) => [
      `${file}:${line} Patches in a kustomization that this FluxKustomization builds reach flux-instance and undo its protection: flux-instance is suspended.`,
    ];
    const target = "target: {kind: Kustomization, name: flux-instance}";
    const byFile = homeOps({ listing: `patches:\n  - path: ./suspend.json\n    ${target}\n` });
    byFile[`${APPS}/suspend.json`] = body;
    expect(undone(byFile)).toEqual(says(`${APPS}/kustomization.yaml`, 8));
    const component = "kubernetes/components/pause/kustomization.yaml";
    const byComponent = homeOps({ listing: "components:\n  - ../../components/pause\n" });
    byComponent[component] =
      `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - ${target}\n    patch: '${body}'\n`;
    expect(undone(byComponent)).toEqual(says(component, 3));
  });

  test("but what the owner's own file says is no doing of a parent", () => {
    const half = Object.entries(migrate(homeOps()).files).filter(([path]) => !path.includes("/flux-instance/app/"));
    const own = change(Object.fromEntries(half), `${APPS}/flux-instance/ks.yaml`, "prune: false", "prune: true");
    expect(undone(own)).toEqual([]);
    expect(told(checked(own), "path-taken")).toHaveLength(1);
  });

  test("and names what patches", () => {
    const { findings } = checked(homeOps({ apps: patchApp("flux-instance", "suspend: true") }));
    const [only] = findings.filter(({ rule }) => rule === "protection-undone");
    expect(only!.resource).toBe("Kustomization cluster-apps");
  });

  test("that deletes it, or its release", () => {
    const app = patch(`${DELETED}\n${KS}\nmetadata:\n  name: x`, "kind: Kustomization\nname: flux-instance");
    expect(undone(homeOps({ apps: app }))).toEqual([
      says("flux-instance", "a patch of the parent deletes the FluxKustomization flux-instance"),
    ]);
    const release = patchRelease(DELETED);
    expect(undone(homeOps({ apps: release }))).toEqual([
      says("flux-operator", "a nested patch deletes the HelmRelease flux-operator"),
      says("flux-instance", "a nested patch deletes the HelmRelease flux-instance"),
    ]);
  });

  test.each([
    ["install:\n  remediation:\n    retries: 3", "install.remediation uninstalls a release whose install failed"],
    ["install:\n  disableWait: false", "install.disableWait of flux-instance is lost"],
    ["suspend: true", "the HelmRelease flux-instance is suspended"],
  ])("that reaches the release of the instance: %s", (spec, how) => {
    expect(undone(homeOps({ apps: ofRelease(spec) }))).toEqual([says("flux-instance", how)]);
  });

  test("that leads to what the API server refuses", () => {
    const chart = "chart:\n  spec:\n    chart: x";
    expect(undone(homeOps({ apps: ofRelease(chart) }))).toEqual([
      expect.stringContaining("undo its protection: the API server refuses the HelmRelease flux-operator: "),
      expect.stringContaining("undo its protection: the API server refuses the HelmRelease flux-instance: "),
    ]);
  });

  test("that cannot be read", () => {
    const unread = (kind: string) =>
      undone(homeOps({ listing: `patches:\n  - path: https://example.com/patch.yaml\n    target: {${kind}}\n` }));
    expect(unread("kind: Deployment")).toEqual([]);
    const file = `${APPS}/kustomization.yaml`;
    const how = (what: string) =>
      `${file}:8 Patches in a kustomization that this FluxKustomization builds reach ${what} and undo its protection: what reaches ${what} cannot be known here (${file}:9: remote file https://example.com/patch.yaml).`;
    expect(unread("kind: Kustomization, name: flux-.*")).toEqual([how("flux-operator"), how("flux-instance")]);
  });
});

describe("the owner's selector opts an app out", () => {
  test.each([
    ["patches/disabled notin (true)", "true"],
    ["patches/disabled   notin(  off.1-a , b)", "off.1-a"],
    ["patches/disabled != yes-1.2", "yes-1.2"],
    ["patches/disabled!=no", "no"],
    ["!patches/disabled", "true"],
    ["! patches/disabled , !other", "true"],
    [" !patches/disabled", "true"],
  ])("%s", (selector, value) => {
    const { files, cluster } = migrate(homeOps({ apps: patchRelease("spec:\n  suspend: true", selector) }));
    expect(cluster.edits.filter(({ transform }) => transform === "protections").map(({ why }) => why)).toEqual([
      "Opt out of the parent's patches: the HelmRelease flux-instance is suspended.",
    ]);
    const labels = (app: string) => yamlOf(files, `${APPS}/${app}/ks.yaml`)[0].metadata.labels;
    expect([labels("flux-instance"), labels("flux-operator")]).toEqual([{ "patches/disabled": value }, undefined]);
  });

  test("and the operator, too, whose release would be uninstalled", () => {
    const spec = "spec:\n  install:\n    remediation:\n      retries: 3";
    const { files } = migrate(homeOps({ apps: patchRelease(spec, "patches/disabled notin (true)") }));
    for (const app of ["flux-operator", "flux-instance"])
      expect(yamlOf(files, `${APPS}/${app}/ks.yaml`)[0].metadata.labels).toEqual({ "patches/disabled": "true" });
  });

  test.each(["patches/disabled", "patches/disabled in (true)", "patches/disabled=true"])("%s does not", (selector) => {
    expect(undone(homeOps({ apps: patchRelease("spec:\n  suspend: true", selector) }))).toEqual([]);
  });

  test("but not of two patches of which it leaves one", () => {
    const both = `${patchRelease("spec:\n  suspend: true", "!off")}${ofRelease("suspend: true").replace("  patches:\n", "")}`;
    expect(undone(homeOps({ apps: both }))).toEqual([
      says("flux-instance", "the HelmRelease flux-instance is suspended"),
    ]);
    const two = `${patchRelease("spec:\n  suspend: true", "!off")}${patchRelease("spec:\n  suspend: true", "!off").replace("  patches:\n", "")}`;
    const { files } = migrate(homeOps({ apps: two }));
    expect(yamlOf(files, `${APPS}/flux-instance/ks.yaml`)[0].metadata.labels).toEqual({ off: "true" });
  });
});

describe("a patch of everything gets a selector that leaves the apps out", () => {
  const REMEDIATION = "install:\n  remediation:\n    retries: 3";
  const PLAIN = "fluxlift.dev/plain notin (true)";
  const ofAll = (spec: string, more = "") => ofRelease(spec).replace("\n        name: flux-.*", more);
  const targets = ({ files }: Migrated) =>
    yamlOf(files, PARENT)[0].spec.patches.map(({ target }: { target: object }) => target);
  const labelled = ({ files }: Migrated) =>
    ["flux-operator", "flux-instance"].filter(
      (app) => yamlOf(files, `${APPS}/${app}/ks.yaml`)[0].metadata.labels?.["fluxlift.dev/plain"] === "true",
    );

  test("beside what it selects by already, and says why", () => {
    const done = migrate(homeOps({ apps: ofAll(REMEDIATION, "\n        labelSelector: '!gone, patched notin (no)'") }));
    // Its own way out is taken where it is enough.
    expect(targets(done)).toEqual([{ kind: "Kustomization", labelSelector: "!gone, patched notin (no)" }]);
    const plain = migrate(homeOps({ apps: ofAll(REMEDIATION, "\n        annotationSelector: '!gone'") }));
    expect(targets(plain)).toEqual([{ kind: "Kustomization", annotationSelector: "!gone", labelSelector: PLAIN }]);
    // What is narrowed for the instance leaves the operator out as well.
    expect(labelled(plain)).toEqual(["flux-operator", "flux-instance"]);
    const blank = migrate(homeOps({ apps: ofAll(REMEDIATION, "\n        labelSelector: ' '") }));
    expect(targets(blank)).toEqual([{ kind: "Kustomization", labelSelector: PLAIN }]);
    const why = plain.cluster.edits.filter(({ transform }) => transform === "protections").map((edit) => edit.why);
    expect(why).toEqual([
      "Let this patch leave flux-operator and flux-instance out: install.remediation uninstalls a release whose install failed.",
      "Opt out of the parent's patches: install.remediation uninstalls a release whose install failed.",
      "Opt out of the parent's patches: install.remediation uninstalls a release whose install failed.",
    ]);
  });

  test("where several reach the app, only those that harm, or all", () => {
    const harmless = ofAll("timeout: 3m");
    const next = (spec: string) => ofAll(spec).replace("  patches:\n", "");
    expect(targets(migrate(homeOps({ apps: `${harmless}${next(REMEDIATION)}` })))).toEqual([
      { kind: "Kustomization" },
      { kind: "Kustomization", labelSelector: PLAIN },
    ]);
    const twice = migrate(homeOps({ apps: `${ofAll(REMEDIATION)}${next("install:\n  disableWait: false")}` }));
    // The list that comes last wins: what the first brings never arrives.
    expect(targets(twice)).toEqual([
      { kind: "Kustomization", labelSelector: PLAIN },
      { kind: "Kustomization", labelSelector: PLAIN },
    ]);
  });

  test("once for both apps", () => {
    const prune = patch('[{"op": "replace", "path": "/spec/prune", "value": true}]', "kind: Kustomization");
    const done = migrate(homeOps({ apps: prune }));
    expect([targets(done), labelled(done)]).toEqual([
      [{ kind: "Kustomization", labelSelector: PLAIN }],
      ["flux-operator", "flux-instance"],
    ]);
    expect(migrate(done.files).cluster.edits).toEqual([]);
  });

  test.each([
    ["releases that are suspended", ofAll("suspend: true"), "the HelmRelease flux-instance is suspended"],
    [
      "Kustomizations that are suspended",
      patch(`${KS}\nmetadata:\n  name: x\nspec:\n  suspend: true`, "kind: Kustomization"),
      "flux-instance is suspended",
    ],
    [
      "releases that are deleted",
      patch(
        `${KS}\nmetadata:\n  name: x\nspec:\n  patches:\n    - patch: |\n${indent(`$patch: delete\n${HR}\nmetadata:\n  name: x`, 8)}\n      target:\n        kind: HelmRelease`,
        "kind: Kustomization",
      ),
      "a nested patch deletes the HelmRelease flux-instance",
    ],
  ])("but not for %s, as nobody does so by accident", (_title, apps, how) => {
    expect(undone(homeOps({ apps }))).toContain(says("flux-instance", how));
  });

  test("also where the instance that generates the root anew says the patches of the old one", () => {
    const two = '[{"op": "replace", "path": "/spec/prune", "value": true}]';
    const root = `${patch(two, "kind: Kustomization")}${patch(two, "kind: Deployment").replace("  patches:\n", "")}`;
    const whole = change(homeOps({ root }), CLUSTER, "path: ./kubernetes/flux", "path: ./kubernetes");
    const { "kubernetes/flux/apps.yaml": _apps, ...files } = whole;
    const done = migrate(files);
    const [instance] = yamlOf(done.files, "kubernetes/flux-system/flux-instance/app/helmrelease.yaml");
    const [carried] = instance.spec.values.instance.kustomize.patches.filter(({ patch: text }: { patch: string }) =>
      text.includes("/spec/prune"),
    );
    const [body] = yamlOf({ carried: carried.patch }, "carried");
    const old = yamlOf(done.files, CLUSTER)[1].spec.patches;
    expect(old.map(({ target }: { target: object }) => target)).toEqual([
      { kind: "Kustomization", labelSelector: PLAIN },
      { kind: "Deployment" },
    ]);
    expect(body.spec.patches).toEqual(old);
    expect(migrate(done.files).cluster.edits).toEqual([]);
  });

  test("of a kustomization on the way, of a component, and of patches in files", () => {
    const body = '[{"op": "replace", "path": "/spec/prune", "value": true}]';
    const own = `${APPS}/kustomization.yaml`;
    const other = '  - target: {kind: Deployment}\n    patch: \'[{"op": "add", "path": "/spec/x", "value": 1}]\'\n';
    const narrowed = (files: Files, path: string) => {
      const done = migrate(files);
      const [data] = yamlOf(done.files, path);
      return [
        labelled(done),
        data.patches.map(({ target }: { target: { labelSelector?: string } }) => target.labelSelector),
      ];
    };
    const both = ["flux-operator", "flux-instance"];
    const listing = (item: string) =>
      homeOps({ listing: `patches:\n${other}  - target:\n      kind: Kustomization\n    ${item}\n` });
    expect(narrowed(listing(`patch: '${body}'`), own)).toEqual([both, [undefined, PLAIN]]);
    const inFile = listing("path: ./prune.json");
    inFile[`${APPS}/prune.json`] = body;
    expect(narrowed(inFile, own)).toEqual([both, [undefined, PLAIN]]);
    const component = "kubernetes/components/prune/kustomization.yaml";
    const byComponent = homeOps({ listing: "components:\n  - ../../components/prune\n" });
    byComponent[component] =
      `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - target:\n      kind: Kustomization\n      labelSelector: a=b\n    patch: '${body}'\n  - target:\n      kind: Kustomization\n      labelSelector: "!c"\n    patch: '${body}'\n`;
    // The way out that the second one offers is enough: the first never reaches the apps.
    expect(yamlOf(migrate(byComponent).files, `${APPS}/flux-operator/ks.yaml`)[0].metadata.labels).toEqual({
      c: "true",
    });
    byComponent[component] = byComponent[component]!.replace("      labelSelector: a=b\n", "").replace('"!c"', "a=b");
    expect(narrowed(byComponent, component)).toEqual([both, [PLAIN, "a=b"]]);
  });

  test("of the parent alone, where its file holds other documents", () => {
    const files = homeOps({ apps: ofAll(REMEDIATION) });
    files[PARENT] = `${fluxKustomization("other", "kubernetes/other")}${files[PARENT]}`;
    files["kubernetes/other/kustomization.yaml"] = list("./configmap.yaml");
    files["kubernetes/other/configmap.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n";
    const [other, parent] = yamlOf(migrate(files).files, PARENT);
    expect([other.spec.patches, parent.spec.patches[0].target]).toEqual([
      undefined,
      { kind: "Kustomization", labelSelector: PLAIN },
    ]);
  });

  describe("nor where it brings what the app needs", () => {
    const body = (fields: string) =>
      patch(`${KS}\nmetadata:\n  name: x\nspec:\n  prune: true\n${indent(fields, 2)}`, "kind: Kustomization");
    const nested = (source: string) =>
      `patches:\n  - patch: |\n${indent(`apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: x\nspec:\n  ${source}`, 6)}\n    target:\n      kind: OCIRepository`;

    test.each([
      ["serviceAccountName: deployer", () => "spec.serviceAccountName"],
      [nested("secretRef: {name: registry}"), (app: string) => `spec.secretRef of OCIRepository ${app}`],
      [nested("url: oci://mirror.example.org/charts"), (app: string) => `spec.url of OCIRepository ${app}`],
    ])("%s", (fields, need) => {
      const stops = (app: string) =>
        `${says(app, `spec.prune of ${app} becomes true`)} They also bring ${need(app)}, which it may need.`;
      expect(undone(homeOps({ apps: body(fields) }))).toEqual([stops("flux-operator"), stops("flux-instance")]);
      const selected = body(fields).replace(/$(?=\n$)/, "\n        labelSelector: fluxlift.dev/plain notin (true)");
      expect(undone(homeOps({ apps: selected }))).toEqual([stops("flux-operator"), stops("flux-instance")]);
      const apiece = body(fields)
        .replace(/ *prune: true\n/, "")
        .replace("  patches:\n", "");
      expect(labelled(migrate(homeOps({ apps: `${body("timeout: 3m")}${apiece}` })))).toEqual([
        "flux-operator",
        "flux-instance",
      ]);
    });

    test("the variables of its text", () => {
      const variables = body("postBuild:\n  substitute:\n    level: debug");
      const flux = patch(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: source-controller\n  annotations:\n    level: ${level}",
        "kind: Deployment\nname: source-controller",
      );
      const root = "  postBuild:\n    substitute:\n      level: debug\n";
      const [said, ...more] = told(run(homeOps({ apps: variables, flux, root })), "protection-undone");
      expect([said, more]).toEqual([
        `${says("flux-instance", "spec.prune of flux-instance becomes true")} They also bring spec.postBuild, which it may need.`,
        [],
      ]);
      expect(labelled(migrate(homeOps({ apps: variables })))).toEqual(["flux-operator", "flux-instance"]);
    });

    test("but how often it runs, and what it is decrypted with, is none of that", () => {
      const fields = `interval: 3m\ndecryption:\n  provider: sops\n${nested("interval: 3m")}`;
      expect(labelled(migrate(homeOps({ apps: body(fields) })))).toEqual(["flux-operator", "flux-instance"]);
    });
  });

  test("nor where another patch brings the patch", () => {
    const brings = `${KS}\nmetadata:\n  name: x\nspec:\n${ofAll(REMEDIATION)}`;
    const root = patch(brings, "kind: Kustomization\nname: cluster-apps");
    expect(undone(homeOps({ root }))).toHaveLength(1);
    expect(undone(homeOps({ root, apps: ofAll(REMEDIATION) }))).toHaveLength(1);
  });
});
