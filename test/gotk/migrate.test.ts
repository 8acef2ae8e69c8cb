import { describe, expect, test } from "vitest";
import type { YamlData } from "../../src/contract/objects.ts";
import { APP, CONFIG, kustomization, makeFluxSystem, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

/** What stays listed in the folder of the sync. */
const OURS = "- flux-operator.yaml\n- flux-instance.yaml\n";

const PATCHING = kustomization(
  "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- patch: |\n    - op: add\n      path: /spec/decryption\n      value: {provider: sops}\n  target:\n    kind: Kustomization\n",
);

function tree(dir = "clusters/home", more: Files = {}): Files {
  return { ...makeFluxSystem(dir), [`${dir}/apps.yaml`]: APP, "apps/settings.yaml": CONFIG, ...more };
}

describe("a bootstrapped cluster", () => {
  test("goes through all three phases, apps beside the sync, where bootstrap's kustomization lists them", () => {
    const { install, cutover, cleanup } = runAll(tree());
    const apps = ["flux-instance", "flux-operator"].flatMap((app) => [
      `clusters/home/flux-system/${app}.yaml`,
      ...["helmrelease", "kustomization", "ocirepository"].map(
        (name) => `clusters/home/flux-system/${app}/${name}.yaml`,
      ),
    ]);
    expect(install.changed).toEqual([...apps, "clusters/home/flux-system/kustomization.yaml"]);
    expect(install.files["clusters/home/flux-system/flux-instance.yaml"]).not.toContain("#");
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    expect(instanceText(install.files)).not.toContain("patches:");
    expect(cutover.changed).toEqual([
      "clusters/home/flux-system/gotk-components.yaml",
      "clusters/home/flux-system/kustomization.yaml",
    ]);
    expect(cleanup.changed).toEqual([
      "clusters/home/flux-system/gotk-sync.yaml",
      "clusters/home/flux-system/kustomization.yaml",
    ]);
    const left = Object.keys(cleanup.files).filter((path) => path.includes("home/flux-system"));
    expect(left.sort()).toEqual([...apps, "clusters/home/flux-system/kustomization.yaml"]);
    expect(cleanup.files["clusters/home/flux-system/kustomization.yaml"]).toBe(kustomization(`resources:\n${OURS}`));
  });

  const controllers = {
    "clusters/home/infrastructure.yaml": APP.replaceAll("apps", "infrastructure/controllers").replace(
      "name: infrastructure/",
      "name: ",
    ),
    "infrastructure/controllers/kustomization.yaml": kustomization("resources:\n- one\n"),
    "infrastructure/controllers/one/kustomization.yaml": kustomization("resources:\n- one.yaml\n"),
    "infrastructure/controllers/one/one.yaml": CONFIG.replace("settings", "one"),
  };

  test("with a folder of controllers has the operator there, unlisted, and says why", () => {
    const { install, cleanup } = runAll(tree("clusters/home", controllers));
    const operator = install.files["clusters/home/flux-system/flux-operator.yaml"]!;
    expect(operator).toContain("path: ./infrastructure/controllers/flux-operator\n");
    expect(operator).toMatch(/^# It builds infrastructure\/controllers\/flux-operator, which /);
    expect(install.changed).toContain("infrastructure/controllers/flux-operator/helmrelease.yaml");
    expect(install.changed).toContain("clusters/home/flux-system/flux-instance/helmrelease.yaml");
    expect(cleanup.files["infrastructure/controllers/kustomization.yaml"]).not.toContain("flux-operator");
    expect(install.plan.phases[0]!.clusters[0]!.edits.some(({ why }) => why.includes("does not list"))).toBe(true);
  });

  test.each<[string, Files]>([
    ["that is walked", { ...controllers, "infrastructure/controllers/kustomization.yaml": undefined as never }],
    [
      "of another cluster too",
      {
        ...controllers,
        ...makeFluxSystem("clusters/work"),
        "clusters/work/infrastructure.yaml": controllers["clusters/home/infrastructure.yaml"],
      },
    ],
  ])("never puts the operator into a folder of controllers %s", (_what, more) => {
    const files = Object.fromEntries(
      Object.entries(tree("clusters/home", more)).filter(([, text]) => text !== undefined),
    );
    const { changed, findings } = runPhase(files, "install");
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(changed).toContain("clusters/home/flux-system/flux-operator/helmrelease.yaml");
    expect(changed.filter((path) => path.startsWith("infrastructure"))).toEqual([]);
  });

  test.each(["monitoring/controllers", "monitoring/controllers/staging", "platform/logging-controllers"])(
    "never puts the operator into a folder of controllers for one purpose: %s",
    (folder) => {
      const renamed = Object.entries(controllers).map(([path, text]) => [
        path.replace("infrastructure/controllers", folder),
        text.replace("infrastructure/controllers", folder),
      ]);
      const { changed } = runPhase(tree("clusters/home", Object.fromEntries(renamed)), "install");
      expect(changed).toContain("clusters/home/flux-system/flux-operator/helmrelease.yaml");
    },
  );

  test.each<[string, Files]>([
    ["without a kustomization is walked", { "clusters/home/flux-system/kustomization.yaml": undefined as never }],
    [
      "that patches every Kustomization would change them",
      { "clusters/home/flux-system/kustomization.yaml": PATCHING },
    ],
  ])("has its apps outside where the folder of the sync %s, and says why", (_what, more) => {
    const files = Object.fromEntries(
      Object.entries(tree("clusters/home", more)).filter(([, text]) => text !== undefined),
    );
    const { install, cutover, cleanup } = runAll(files);
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    // Not `clusters/flux-system`, which would read like one cluster more.
    expect(install.changed).toContain("flux-system/flux-instance/helmrelease.yaml");
    expect(install.files["clusters/home/flux-instance.yaml"]).toMatch(
      /^# It builds a folder outside of clusters\/home: Kustomization flux-system\s/,
    );
  });

  test("is found by what the file holds, not by its name", () => {
    const files = tree();
    const gotk = files["clusters/home/flux-system/gotk-components.yaml"]!;
    delete files["clusters/home/flux-system/gotk-components.yaml"];
    files["clusters/home/flux-system/controllers.yaml"] = gotk;
    files["clusters/home/flux-system/kustomization.yaml"] = kustomization(
      "resources:\n- controllers.yaml\n- gotk-sync.yaml\n",
    );
    const { install, cutover } = runAll(files);
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    expect(cutover.changed).toContain("clusters/home/flux-system/controllers.yaml");
  });

  test("a header bumped alone says nothing about what runs", () => {
    const text = makeGotk({ version: "2.4.0" }).replace("# Flux Version: v2.4.0", "# Flux Version: v2.5.0");
    const { rules, files } = runPhase(
      tree("clusters/home", { "clusters/home/flux-system/gotk-components.yaml": text }),
      "install",
    );
    expect(instanceText(files)).toContain("version: 2.4.x");
    expect(rules).toContain("gotk-version-differs");
    expect(rules).not.toContain("gotk-image-differs");
  });

  test("without a header takes the version from the labels, without both a blocker", () => {
    const gotk = (edit: (text: string) => string) =>
      tree("clusters/home", { "clusters/home/flux-system/gotk-components.yaml": edit(makeGotk({ header: false })) });
    expect(
      instanceText(
        runPhase(
          gotk((text) => text),
          "install",
        ).files,
      ),
    ).toContain("version: 2.7.x");
    const bare = (text: string) =>
      text.replace(/ +app\.kubernetes\.io\/version: .*\n/g, "").replace(/(-controller):v[\d.]+/g, "$1:v0.0.9");
    const stopped = runPhase(gotk(bare), "install");
    expect(stopped.rules).toContain("version-unknown");
    expect(stopped.changed).toEqual([]);
    expect(instanceText(runPhase(gotk(bare), "install", { fluxVersion: "v2.7.5" }).files)).toContain("version: 2.7.x");
  });

  test("with CRLF line ends is read the same", () => {
    const files = tree();
    const path = "clusters/home/flux-system/gotk-components.yaml";
    const { install, cutover } = runAll({ ...files, [path]: files[path]!.replaceAll("\n", "\r\n") });
    expect(instanceText(install.files)).not.toContain("patches:");
    expect(cutover.files[path]).toBeUndefined();
  });

  test("cut off before its controllers stops the cluster", () => {
    const path = "clusters/home/flux-system/gotk-components.yaml";
    const files = tree();
    const text = files[path]!;
    const cut = runPhase({ ...files, [path]: text.slice(0, text.indexOf("kind: Deployment") - 30) }, "install");
    expect(cut.rules).toContain("gotk-broken");
    expect(cut.changed).toEqual([]);
  });

  test("older than 2.2 stops the cluster", () => {
    const path = "clusters/home/flux-system/gotk-components.yaml";
    const files = tree();
    const old = runPhase({ ...files, [path]: files[path]!.replaceAll("v2.7.5", "v2.1.2") }, "install");
    expect(old.rules).toContain("flux-too-old");
    expect(old.changed).toEqual([]);
  });
});

describe("hand edits and flags of bootstrap", () => {
  const install = (edit: NonNullable<Parameters<typeof makeGotk>[0]>) =>
    instanceText(
      runPhase(tree("clusters/home", { "clusters/home/flux-system/gotk-components.yaml": makeGotk(edit) }), "install")
        .files,
    );
  const onDeployments = (change: (pod: YamlData, name: string) => void) => ({
    edit: (object: YamlData) => {
      if (object.kind === "Deployment") change(object.spec.template.spec, object.metadata.name);
      return object;
    },
  });

  test.each(["2.7.0", "2.7.2", "2.9.2"])(
    "of Flux %s are compared with their own release, not with a later patch",
    (version) => {
      expect(install({ version })).not.toContain("patches:");
    },
  );

  test("flags of all controllers become one patch", () => {
    const text = install(
      onDeployments((pod) => {
        const container = pod.containers[0];
        container.args = container.args.map((arg: string) => arg.replace("--log-level=info", "--log-level=debug"));
      }),
    );
    expect(text.match(/--log-level=debug/g)).toHaveLength(1);
    expect(text).toMatch(/target:\n\s+kind: Deployment\n(?!\s+name:)/);
  });

  test("in another namespace nothing is edited by hand", () => {
    const subjects = (object: YamlData) => {
      for (const subject of object.subjects ?? []) subject.namespace = "flux";
      return object;
    };
    const files: Files = {
      "clusters/home/flux/gotk-components.yaml": makeGotk({ namespace: "flux", edit: subjects }),
      "clusters/home/flux/gotk-sync.yaml": makeSync("./clusters/home").replaceAll("flux-system", "flux"),
      "clusters/home/apps.yaml": APP,
    };
    const text = instanceText(runPhase(files, "install").files);
    expect(text).toContain("namespace: flux");
    expect(text).not.toContain("patches:");
  });

  test("a domain is said once, also where bootstrap leaves the namespace to the kubelet", () => {
    const text = instanceText(
      runPhase(
        tree("clusters/home", {
          "clusters/home/flux-system/gotk-components.yaml": makeGotk({ version: "2.7.5" })
            .replaceAll("svc.cluster.local", "svc.k8s.lan")
            .replaceAll("notification-controller.flux-system.svc", "notification-controller.$(RUNTIME_NAMESPACE).svc"),
        }),
        "install",
      ).files,
    );
    expect(text).toContain("domain: k8s.lan");
    expect(text).not.toContain("--events-addr");
  });

  test("domain, pull secret and missing NetworkPolicies become fields", () => {
    const text = install({
      edit: (object) => {
        if (object.kind === "NetworkPolicy") return undefined;
        if (object.kind === "Deployment") {
          const pod = object.spec.template.spec;
          pod.imagePullSecrets = [{ name: "registry" }];
          pod.containers[0].args = pod.containers[0].args.map((arg: string) => arg.replace("cluster.local", "k8s.lan"));
        }
        return object;
      },
    });
    expect(text).toContain("domain: k8s.lan");
    expect(text).toContain("imagePullSecret: registry");
    expect(text).toContain("networkPolicy: false");
    expect(text).not.toContain("patches:");
  });

  test("tolerations and a changed resource become patches", () => {
    const text = install(
      onDeployments((pod, name) => {
        pod.tolerations = [{ key: "dedicated", operator: "Exists" }];
        if (name === "helm-controller") pod.containers[0].resources.limits.memory = "3Gi";
      }),
    );
    expect(text).toContain("path: /spec/template/spec/tolerations");
    expect(text).toContain("value: 3Gi");
    expect(text).toContain("name: helm-controller");
  });

  test("another registry is said, with the warnings about digests and about where the operator comes from", () => {
    const files = tree("clusters/home", {
      "clusters/home/flux-system/gotk-components.yaml": makeGotk({ registry: "registry.lan/fluxcd" }),
    });
    const done = runPhase(files, "install");
    expect(instanceText(done.files)).toContain("registry: registry.lan/fluxcd");
    expect(done.rules).toContain("registry-without-variant");
    const elsewhere = done.findings.find(({ rule }) => rule === "registry-operator-elsewhere");
    expect(elsewhere?.at?.file).toBe("clusters/home/flux-system/gotk-components.yaml");
    expect(elsewhere?.what).toContain("registry.lan/fluxcd");
    const path = "clusters/home/flux-system/gotk-components.yaml";
    const known = { ...files, [path]: makeGotk({ registry: "ghcr.io/controlplaneio-fluxcd/distroless" }) };
    expect(runPhase(known, "install").rules).not.toContain("registry-operator-elsewhere");
  });

  test("a single newer image stops the cluster", () => {
    const files = tree();
    const path = "clusters/home/flux-system/gotk-components.yaml";
    files[path] = files[path]!.replace(/source-controller:v1\.7\.4/, "source-controller:v1.9.9");
    const done = runPhase(files, "install");
    expect(done.rules).toContain("gotk-image-newer");
    expect(done.changed).toEqual([]);
  });

  test("an object added to the file stays in it", () => {
    const files = tree();
    const path = "clusters/home/flux-system/gotk-components.yaml";
    files[path] +=
      "---\napiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata:\n  name: flux\n  namespace: flux-system\n";
    const { install: done, cutover, cleanup } = runAll(files);
    expect(done.rules).toContain("gotk-foreign-object");
    expect(cutover.files[path]).toContain("kind: PodMonitor");
    expect(cutover.files[path]).not.toContain("kind: Deployment");
    expect(cleanup.files[path]).toContain("kind: PodMonitor");
    expect(cleanup.files["clusters/home/flux-system/kustomization.yaml"]).toContain("gotk-components.yaml");
  });
});

describe("the kustomization of the flux-system folder", () => {
  test("loses patches with what they patched, and their files", () => {
    const patch =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: helm-controller\n  namespace: flux-system\nspec:\n  template:\n    spec:\n      containers:\n      - name: manager\n        resources:\n          limits:\n            memory: 2Gi\n";
    const files = tree("clusters/home", {
      "clusters/home/flux-system/patch.yaml": patch,
      "clusters/home/flux-system/kustomization.yaml": kustomization(
        "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatchesStrategicMerge:\n- patch.yaml\n",
      ),
    });
    const { install, cutover, cleanup } = runAll(files);
    expect(instanceText(install.files)).toContain("memory: 2Gi");
    expect(cutover.files["clusters/home/flux-system/kustomization.yaml"]).toBe(
      kustomization(`resources:\n- gotk-sync.yaml\n${OURS}`),
    );
    expect(cutover.files["clusters/home/flux-system/patch.yaml"]).toBeUndefined();
    expect(cleanup.files["clusters/home/flux-system/kustomization.yaml"]).toBe(kustomization(`resources:\n${OURS}`));
  });

  test("loses patches of a kustomization further up with what they patched", () => {
    const body = (name: string) =>
      `apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: ${name}\n        namespace: flux-system\n      spec:\n        template:\n          metadata:\n            annotations:\n              team: a\n`;
    const top = (patches: string) =>
      kustomization(`resources:\n- flux-system\n- apps.yaml\npatches:\n- patch: |-\n      ${patches}`);
    const path = "clusters/home/kustomization.yaml";
    const files = tree("clusters/home", { [path]: top(body("helm-controller")) });
    const { install, cutover, cleanup } = runAll(files);
    expect(instanceText(install.files)).toContain("team: a");
    expect(install.files[path]).toContain("team: a");
    expect(cutover.files[path]).not.toContain("patches");
    expect(cutover.rules).not.toContain("build-breaks");
    expect(cleanup.files[path]).toBe(kustomization("resources:\n- flux-system\n- apps.yaml\n"));
    const mixed: Files = {
      ...files,
      [path]: `${top(body("helm-controller"))}- path: other.yaml\n  target:\n    kind: ConfigMap\n`,
    };
    mixed["clusters/home/other.yaml"] = "- op: add\n  path: /metadata/labels\n  value: {a: b}\n";
    const kept = runAll(mixed).cutover.files[path]!;
    expect(kept).toContain("- path: other.yaml");
    expect(kept).not.toContain("team: a");
  });

  test("keeps a patch of the sync until the sync goes, and says its effect in the instance", () => {
    const files = tree("clusters/home", {
      "clusters/home/flux-system/kustomization.yaml": kustomization(
        "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- patch: |\n    - op: add\n      path: /spec/decryption\n      value:\n        provider: sops\n        secretRef:\n          name: sops-age\n  target:\n    kind: Kustomization\n    name: flux-system\n",
      ),
    });
    const { install, cutover, cleanup } = runAll(files);
    expect(instanceText(install.files).match(/provider: sops/g)).toHaveLength(1);
    expect(cutover.files["clusters/home/flux-system/kustomization.yaml"]).toContain("/spec/decryption");
    expect(cleanup.files["clusters/home/flux-system/kustomization.yaml"]).toBe(kustomization(`resources:\n${OURS}`));
  });

  test("gives labels to commonMetadata and keeps them for the files that stay", () => {
    const files = tree("clusters/home", {
      "clusters/home/flux-system/receiver.yaml": CONFIG.replace("settings", "receiver"),
      "clusters/home/flux-system/kustomization.yaml": kustomization(
        "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n- receiver.yaml\nlabels:\n- pairs:\n    team: sre\n",
      ),
    });
    const { install, cleanup } = runAll(files);
    expect(instanceText(install.files)).toMatch(/commonMetadata:\n\s+labels:\n\s+team: sre/);
    expect(cleanup.files["clusters/home/flux-system/kustomization.yaml"]).toBe(
      kustomization(`resources:\n- receiver.yaml\n${OURS}labels:\n- pairs:\n    team: sre\n`),
    );
  });

  test("stays closed over files it never listed", () => {
    const files = tree("clusters/home", {
      "clusters/home/flux-system/disabled.yaml": CONFIG.replace("settings", "disabled"),
    });
    const { cleanup } = runAll(files);
    expect(cleanup.files["clusters/home/flux-system/kustomization.yaml"]).toBe(kustomization(`resources:\n${OURS}`));
    const outside = runAll({ ...files, "clusters/home/flux-system/kustomization.yaml": PATCHING }).cleanup;
    expect(outside.files["clusters/home/flux-system/kustomization.yaml"]).toBe(kustomization("resources: []\n"));
    expect(cleanup.files["clusters/home/flux-system/disabled.yaml"]).toBeDefined();
  });

  test("with a prefix or selector labels stops the cluster", () => {
    for (const line of ["namePrefix: my-\n", "commonLabels:\n  team: sre\n", "namespace: other\n"]) {
      const files = tree("clusters/home", {
        "clusters/home/flux-system/kustomization.yaml": kustomization(
          `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${line}`,
        ),
      });
      const done = runPhase(files, "install");
      expect(done.rules, line).toContain("gotk-overlay-unsupported");
      expect(done.changed, line).toEqual([]);
      const { next } = done.findings.find(({ rule }) => rule === "gotk-overlay-unsupported")!;
      // A selector cannot be changed in place: merged without more, Flux would never reconcile again.
      const isMadeAnew = next?.includes("kubectl --namespace flux-system delete deployment source-controller ");
      expect(isMadeAnew, line).toBe(line.startsWith("commonLabels"));
      // Taken off alone, the root of the other namespace is pruned, and deletes what it has applied.
      const isWritten = next?.includes("flux install --export --namespace=other ");
      expect(isWritten, line).toBe(line.startsWith("namespace"));
    }
  });

  test("with a variable for its namespace is told to write the namespace, for nothing is installed into a variable", () => {
    const files = tree("clusters/home", {
      "clusters/home/flux-system/kustomization.yaml": kustomization(
        `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\nnamespace: \${ns}\n`,
      ),
    });
    const { next } = runPhase(files, "install").findings.find(({ rule }) => rule === "gotk-overlay-unsupported")!;
    expect(next).toMatch(/^Write the namespace that \$\{ns\} stands for in its place, in namespace, /);
    expect(next).not.toContain("flux install");
  });

  test("may be absent: the folder is walked", () => {
    const files = { ...makeFluxSystem("clusters/home", { kustomization: false }), "clusters/home/apps.yaml": APP };
    const { install, cutover, cleanup } = runAll(files);
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    expect(cutover.changed).toEqual(["clusters/home/flux-system/gotk-components.yaml"]);
    expect(cleanup.changed).toEqual(["clusters/home/flux-system/gotk-sync.yaml"]);
  });

  test("left out by the root's own kustomization is still the install that bootstrap applied", () => {
    const files = tree("clusters/home", {
      "clusters/home/kustomization.yaml": kustomization("resources:\n- apps.yaml\n"),
    });
    const { install, cutover } = runAll(files);
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    expect(cutover.files["clusters/home/flux-system/gotk-components.yaml"]).toBeUndefined();
  });

  test("listed by the root's own kustomization loses its listing last", () => {
    const files = tree("clusters/home", {
      "clusters/home/flux-system/kustomization.yaml": PATCHING,
      "clusters/home/kustomization.yaml": kustomization("resources:\n- flux-system\n- apps.yaml\n"),
    });
    const { install, cutover, cleanup } = runAll(files);
    expect(install.files["clusters/home/kustomization.yaml"]).toContain("flux-instance.yaml");
    expect(cutover.files["clusters/home/kustomization.yaml"]).toContain("- flux-system");
    expect(cleanup.files["clusters/home/kustomization.yaml"]).not.toMatch(/^- flux-system$/m);
  });
});

describe("several clusters in one repository", () => {
  const shared = (names: readonly string[]): Files => ({
    "base/flux-system/gotk-components.yaml": makeGotk(),
    "base/flux-system/kustomization.yaml": kustomization("resources:\n- gotk-components.yaml\n"),
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`clusters/${name}/flux-system/gotk-sync.yaml`, makeSync(`./clusters/${name}`)],
        [
          `clusters/${name}/flux-system/kustomization.yaml`,
          kustomization("resources:\n- ../../../base/flux-system\n- gotk-sync.yaml\n"),
        ],
        [`clusters/${name}/apps.yaml`, APP],
      ]),
    ),
  });

  test("one migrated at a time leaves the other alone", () => {
    const files = {
      ...tree("clusters/one"),
      ...makeFluxSystem("clusters/two", { version: "2.6.4" }),
      "clusters/two/apps.yaml": APP,
    };
    const { install, cutover, cleanup } = runAll(files, { clusters: ["two"] });
    expect(instanceText(install.files)).toContain("version: 2.6.x");
    for (const { changed } of [install, cutover, cleanup]) {
      expect(changed.filter((path) => path.startsWith("clusters/one/"))).toEqual([]);
    }
  });

  test("a shared base stays until the last cluster lets go of it", () => {
    const first = runAll(shared(["one", "two"]), { clusters: ["one"] });
    expect(first.cutover.rules).toContain("gotk-base-shared");
    expect(first.cutover.files["base/flux-system/gotk-components.yaml"]).toBeDefined();
    expect(first.cutover.files["clusters/one/flux-system/kustomization.yaml"]).toBe(
      kustomization(`resources:\n- gotk-sync.yaml\n${OURS}`),
    );
    expect(first.cleanup.files["clusters/two/flux-system/kustomization.yaml"]).toContain("base/flux-system");
    const second = runAll(first.cleanup.files, { clusters: ["two"] });
    expect(second.cutover.files["clusters/two/flux-system/kustomization.yaml"]).not.toContain("base");
    expect(second.cutover.files["base/flux-system/gotk-components.yaml"]).toBeUndefined();
    expect(second.cleanup.files["clusters/two/flux-system/kustomization.yaml"]).toBe(
      kustomization(`resources:\n${OURS}`),
    );
  });

  const patched = (names: readonly string[]): Files => ({
    "base/flux-system/gotk-components.yaml": makeGotk(),
    "base/flux-system/gotk-sync.yaml": makeSync("").replace(/ {2}path: .*\n/, ""),
    "base/flux-system/kustomization.yaml": kustomization("resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n"),
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`clusters/${name}/kustomization.yaml`, kustomization("resources:\n- flux-system\n")],
        [
          `clusters/${name}/flux-system/kustomization.yaml`,
          kustomization("resources:\n- ../../../base/flux-system\npatches:\n- path: path.yaml\n"),
        ],
        [
          `clusters/${name}/flux-system/path.yaml`,
          `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/${name}\n`,
        ],
      ]),
    ),
  });

  test("overlays that patch the path of one root are clusters of their own, and leave together", () => {
    const { install, cutover, cleanup } = runAll(patched(["one", "two"]));
    expect(install.plan.phases[0]!.clusters.map(({ cluster }) => cluster)).toEqual(["one", "two"]);
    expect(instanceText(install.files, "/one/")).toContain("path: ./clusters/one\n");
    expect(instanceText(install.files, "/two/")).toContain("path: ./clusters/two\n");
    expect(cutover.files["base/flux-system/gotk-components.yaml"]).toBeUndefined();
    expect(cutover.files["base/flux-system/gotk-sync.yaml"]).toBeDefined();
    expect(Object.keys(cleanup.files).filter((path) => /^base\/|flux-system\/path/.test(path))).toEqual([]);
    expect(cleanup.files["clusters/one/kustomization.yaml"]).not.toContain("- flux-system\n");
  });

  test("one overlay of a patched root does not leave without the others", () => {
    const { install, cutover } = runAll(patched(["one", "two"]), { clusters: ["one"] });
    expect(install.changed.filter((path) => path.includes("two"))).toEqual([]);
    expect(cutover.rules).toContain("gotk-base-inseparable");
    expect(cutover.changed).toEqual([]);
  });

  test("source and root in a base stay until the last cluster is cut over, and the cleanup says so", () => {
    const files: Files = Object.fromEntries(
      Object.entries(patched(["one", "two"])).map(([path, text]) => [
        path.replace("base/flux-system/gotk-components", "base/install/gotk-components"),
        text
          .replace("- gotk-components.yaml\n", "")
          .replace("- ../../../base/flux-system\n", "- ../../../base/flux-system\n- ../../../base/install\n"),
      ]),
    );
    files["base/install/kustomization.yaml"] = kustomization("resources:\n- gotk-components.yaml\n");
    const one = runAll(files, { clusters: ["one"] });
    expect(one.cutover.changed).toContain("clusters/one/flux-system/kustomization.yaml");
    expect(one.cleanup.files["base/flux-system/gotk-sync.yaml"]).toBeDefined();
    expect(one.cleanup.findings.find(({ rule }) => rule === "sync-base-shared")?.what).toBe(
      "GitRepository flux-system/flux-system and Kustomization flux-system/flux-system stay in Git, because two still starts from the same manifests.",
    );
    const both = runAll(files);
    expect(both.cleanup.files["base/flux-system/gotk-sync.yaml"]).toBeUndefined();
    expect(both.cleanup.rules).not.toContain("sync-base-shared");
  });

  test("a shared base goes when all clusters cut over together", () => {
    const { cutover } = runAll(shared(["one", "two"]));
    expect(Object.keys(cutover.files).filter((path) => path.startsWith("base/"))).toEqual([]);
    for (const name of ["one", "two"]) {
      expect(cutover.files[`clusters/${name}/flux-system/kustomization.yaml`]).toBe(
        kustomization(`resources:\n- gotk-sync.yaml\n${OURS}`),
      );
    }
  });

  test("a file kept in the cluster's own folder for another cluster is no install any more", () => {
    const files = {
      ...tree("clusters/home"),
      "clusters/kind/flux-system/gotk-sync.yaml": makeSync("./clusters/kind"),
      "clusters/kind/flux-system/kustomization.yaml": kustomization(
        "resources:\n- ../../home/flux-system/gotk-components.yaml\n- gotk-sync.yaml\n",
      ),
      "clusters/kind/apps.yaml": APP,
    };
    const { cutover, cleanup } = runAll(files, { clusters: ["home"] });
    expect(cutover.rules).toContain("gotk-base-shared");
    expect(runPhase(cutover.files, "cutover", { clusters: ["home"] }).changed).toEqual([]);
    expect(cleanup.files["clusters/home/flux-system/gotk-sync.yaml"]).toBeUndefined();
    expect(cleanup.files["clusters/home/flux-system/gotk-components.yaml"]).toBeDefined();
    expect(cleanup.files["clusters/kind/flux-system/kustomization.yaml"]).toContain("home/flux-system/gotk-components");
  });

  test("an undelivered overlay on the install keeps the file", () => {
    const files = tree("clusters/home", {
      "test/kind/kustomization.yaml": kustomization(
        "resources:\n- ../../clusters/home/flux-system/gotk-components.yaml\n",
      ),
    });
    const { cutover } = runAll(files);
    expect(cutover.rules).toContain("gotk-base-shared");
    expect(cutover.files["clusters/home/flux-system/gotk-components.yaml"]).toBeDefined();
    expect(cutover.files["clusters/home/flux-system/kustomization.yaml"]).not.toContain("gotk-components");
  });

  test.each([
    ["by a folder of which more stays", {}, "clusters/home", "builds"],
    [
      "itself, where no list can let go of it",
      { kustomization: false },
      `clusters/home/flux-system/gotk-components.yaml`,
      "lists",
    ],
  ] as const)("one that names it %s is told what it builds then", (_, options, named, verb) => {
    const files = {
      ...makeFluxSystem("clusters/home", options),
      "clusters/home/apps.yaml": APP,
      ...(verb === "builds" && {
        "clusters/home/kustomization.yaml": kustomization("resources: [flux-system, apps.yaml]\n"),
      }),
      "test/kustomization.yaml": kustomization(`resources: [../${named}]\n`),
    };
    const said = runAll(files).cutover.findings.filter(({ rule }) => rule === "gotk-overlay-breaks");
    expect(said.map(({ what }) => what)).toEqual([
      expect.stringMatching(new RegExp(`^test/kustomization.yaml ${verb} the old install`)),
    ]);
  });
});
