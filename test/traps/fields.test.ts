import { describe, expect, test } from "vitest";
import { deliverFlux } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { judge } from "../verify/judge.ts";
import {
  APPS,
  blockers,
  CLUSTER,
  change,
  type Data,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  INSTANCE,
  instanceOf,
  list,
  migrate,
  migrateAll,
  OPERATOR,
  patchesOf,
  planOf,
  run,
  textOf,
  yamlOf,
} from "./support.ts";

/** A patch of the FluxKustomization `flux`, as lines of its spec. */
const patch = (body: string, target: string) =>
  `  patches:\n    - patch: |\n${body.replace(/^/gm, "        ")}\n      target:\n${target.replace(/^/gm, "        ")}\n`;
const argument = (value: string, name = "kustomize-controller") =>
  patch(
    `- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: ${value}`,
    `kind: Deployment\nname: ${name}`,
  );
const rules = (files: Files): string[] => run(files).findings.map(({ rule }) => rule);

describe("patches", () => {
  test("trap 20: a patch that cannot build stops the cluster", () => {
    const files = homeOps({ flux: patch("- op: remove\n  path: /spec/nowhere", "kind: Deployment") });
    expect(blockers(run(files))).toEqual([`patch-breaks-build ${FLUX}`]);
  });

  test("trap 21: a namespace in the target is dropped, in a body without target it becomes one", () => {
    const targeted = migrate(
      homeOps({ flux: argument("--concurrent=8").replace(/(\n +)name: kust/, "$1namespace: flux-system$1name: kust") }),
    );
    expect(instanceOf(targeted.files).kustomize.patches[0].target).toEqual({
      kind: "Deployment",
      name: "kustomize-controller",
    });
    const body =
      "  patches:\n    - patch: |\n        apiVersion: apps/v1\n        kind: Deployment\n        metadata:\n          name: helm-controller\n          namespace: flux-system\n        spec:\n          replicas: 2\n";
    const [item] = instanceOf(migrate(homeOps({ flux: body })).files).kustomize.patches;
    expect(item.target).toEqual({ group: "apps", kind: "Deployment", name: "helm-controller" });
  });

  test.each([
    ["in the tag", "tag: v2.6.4@sha256:0123456789abcdef", "sha256:0123456789abcdef"],
    ["beside the tag", "tag: v2.6.4\n    digest: sha256:fedcba", "sha256:fedcba"],
    ["not there", "tag: v2.6.4", undefined],
  ])("a digest that pins the manifests is not widened in silence: %s", (_what, ref, pin) => {
    const files = homeOps({});
    const source = Object.keys(files).find((path) => files[path]!.includes("flux-manifests\n  ref"))!;
    const done = run({ ...files, [source]: files[source]!.replace(/tag: \S+/, ref) });
    const found = done.findings.filter(({ rule }) => rule === "install-pin-widened");
    expect(found.map(({ at }) => at?.file)).toEqual(pin === undefined ? [] : [source]);
    if (pin !== undefined) expect(found[0]?.what).toContain(`${pin} today; distribution.version 2.6.x`);
  });

  test("what the source of the manifests did beyond fetching them is said (trap 29)", () => {
    const files = homeOps({});
    const source = Object.keys(files).find((path) => files[path]!.includes("flux-manifests\n  ref"))!;
    const places = (text: string) =>
      run({ ...files, [source]: text })
        .findings.filter(({ rule }) => rule === "install-source-lost")
        .map(({ at, what }) => `${at?.file}:${at?.line} ${what}`);
    expect(places(files[source]!)).toEqual([]);
    expect(places(files[source]!.replace("  ref:", "  provider: generic\n  ref:"))).toEqual([]);
    const mirrored = files[source]!.replace("oci://ghcr.io/fluxcd/", "oci://registry.example.com/mirror/").replace(
      "  ref:",
      "  verify: {provider: cosign}\n  secretRef: {name: login}\n  ref:",
    );
    const found = places(mirrored);
    expect(found).toHaveLength(3);
    expect(found[0]).toContain("oci://registry.example.com/mirror/flux-manifests");
    expect(found.every((text) => text.startsWith(`${source}:`))).toBe(true);
  });

  test("traps 22 and 23: no size is ever set; one that an owner adds is said before it changes flags and limits", () => {
    const flux = argument("--concurrent=20");
    const { files } = migrate(homeOps({ flux }));
    expect(instanceOf(files).cluster).toEqual({ networkPolicy: true });
    const sized = change(files, INSTANCE, "networkPolicy: true\n", "networkPolicy: true\n        size: small\n");
    expect(rules(sized)).toContain("instance-changes-more");
    expect(rules(files)).not.toContain("instance-changes-more");
    const multitenant = change(
      files,
      INSTANCE,
      "networkPolicy: true\n",
      "networkPolicy: true\n        multitenant: true\n",
    );
    expect(rules(multitenant)).toContain("instance-changes-more");
    const inDomain = (domain: string) =>
      change(files, INSTANCE, "networkPolicy: true\n", `networkPolicy: true\n        domain: ${domain}\n`);
    expect(rules(inDomain("home.arpa"))).toContain("instance-changes-more");
    expect(rules(inDomain("cluster.local"))).not.toContain("instance-changes-more");
  });

  test("trap 24: a gate sent to a controller that does not know it is said", () => {
    expect(rules(homeOps({ flux: argument("--feature-gates=OOMWatch=true", ".*") }))).toContain("feature-gate-refused");
    expect(rules(homeOps({ flux: argument("--feature-gates=OOMWatch=true", "helm-controller") }))).not.toContain(
      "feature-gate-refused",
    );
  });

  test("trap 32: the workload identity gate becomes the field that also keeps its RBAC", () => {
    const flux = argument(
      "--feature-gates=ObjectLevelWorkloadIdentity=true",
      "(source|kustomize|notification|image-.*)-controller",
    );
    const { files } = migrate(homeOps({ flux }));
    expect(instanceOf(files).cluster.objectLevelWorkloadIdentity).toBe(true);
    expect(patchesOf(files).filter((text) => text.includes("ObjectLevelWorkloadIdentity"))).toEqual([]);
  });

  test("trap 31: log level, watched namespaces and tolerations stay patches", () => {
    const flux = patch(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: all\nspec:\n  template:\n    spec:\n      tolerations:\n        - key: edge\n          operator: Exists\n      nodeSelector:\n        disk: ssd",
      "kind: Deployment",
    );
    const both = flux + argument("--watch-all-namespaces=false", ".*").replace("  patches:\n", "");
    const text = patchesOf(migrate(homeOps({ flux: both })).files).join("\n");
    for (const kept of ["key: edge", "disk: ssd", "--watch-all-namespaces=false"]) expect(text).toContain(kept);
  });

  test("trap 34: metadata of the Namespace that another FluxKustomization delivers is carried over", () => {
    const files = homeOps();
    files[`${APPS}/namespace.yaml`] +=
      "  labels:\n    goldilocks: on\n    pod-security.kubernetes.io/enforce: privileged\n";
    const { files: after, findings } = migrate(files);
    expect(findings.map(({ rule }) => rule)).toContain("namespace-adopted");
    expect(patchesOf(after).find((text) => text.includes("kind: Namespace"))).toContain(
      "pod-security.kubernetes.io/enforce: privileged",
    );
  });

  test("trap 34: a folder that is made for the apps holds no second Namespace, which the install would take the marks off", () => {
    const { "kubernetes/apps/kustomization.yaml": _, ...home } = homeOps();
    const bare = Object.fromEntries(Object.entries(home).filter(([path]) => !path.startsWith(APPS)));
    const files = {
      ...bare,
      "kubernetes/apps/kustomization.yaml": list("./default"),
      "kubernetes/apps/default/kustomization.yaml": list("./namespace.yaml", "./echo/ks.yaml", "./other/ks.yaml"),
      "kubernetes/apps/default/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n",
      "kubernetes/apps/default/other/ks.yaml": fluxKustomization("other", "kubernetes/apps/default/echo/app"),
    };
    const { files: after } = migrate(files);
    expect(yamlOf(after, `${APPS}/kustomization.yaml`)[0].resources).toEqual([
      "./flux-operator/ks.yaml",
      "./flux-instance/ks.yaml",
    ]);
    expect(judge(files, after).blockers).toEqual([]);
  });
});

describe("a patch of the root that takes the place of the patches of Flux is what the instance gets", () => {
  const flux = argument("--concurrent=8");
  const ofAll = (body: string, target = "") =>
    patch(
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: not-used\nspec:\n  patches:\n${body}`,
      `kind: Kustomization\nname: (flux|addons)${target}`,
    );
  const release =
    "    - patch: |\n        kind: HelmRelease\n        metadata:\n          name: not-used\n        spec:\n          maxHistory: 1\n      target:\n        kind: HelmRelease\n";
  const [, own = ""] = flux.split("  patches:\n");

  test.each([
    ["defaults for every HelmRelease", ofAll(release), flux, [`install-patches-overridden ${FLUX}`]],
    ["none but Flux left out", ofAll(release, "\nlabelSelector: substitution.flux.home.arpa/disabled"), flux, []],
    ["nothing of Flux to lose", ofAll(release), "", []],
    ["the same patch again", ofAll(own), flux, []],
    ["a patch that does not stand there", ofAll(own), "", []],
  ])("%s", (_title, root, flux, said) => {
    const done = run(homeOps({ root, flux }));
    expect(blockers(done)).toEqual([]);
    const cautions = done.findings.filter(
      ({ level, rule }) => level === "caution" && rule.startsWith("install-patches"),
    );
    expect(cautions.map(({ rule, at }) => `${rule} ${at?.file}`)).toEqual(said);
    const isLost = said.length > 0 || (flux === "" && root !== ofAll(own));
    expect(
      Object.values(done.files).some((text) => text.includes("--concurrent=8") && text.includes("kustomize:")),
    ).toBe(!isLost);
  });
});

describe("settings of the install that are no patches", () => {
  test.each([
    [
      "images from a registry that is not known here (trap 29)",
      "  images:\n    - name: ghcr.io/fluxcd/source-controller\n      newName: ${REGISTRY}/source-controller\n",
      "blocker",
    ],
    ["a prefix", "  namePrefix: x-\n", "blocker"],
    ["components", "  components:\n    - ../extras\n", "blocker"],
    [
      "its own variables in its patches",
      `  postBuild:\n    substitute:\n      WORKERS: "8"\n${argument("--concurrent=${WORKERS}")}`,
      "blocker",
    ],
    ["common labels", "  commonMetadata:\n    labels:\n      team: platform\n", "caution"],
  ])("%s are never dropped in silence", (_title, flux, level) => {
    const found = run(homeOps({ flux })).findings.find(({ rule }) => rule === "install-setting-lost");
    expect([found?.level, found?.at?.file]).toEqual([level, FLUX]);
  });

  describe("and images that all come from one registry (trap 29)", () => {
    const ALL = ["source", "kustomize", "helm", "notification", "image-reflector", "image-automation"];
    const images = (names: readonly string[], more = "", to = "mirror.example.org/ghcr") =>
      `  images:\n${names.map((name) => `    - name: ghcr.io/fluxcd/${name}-controller\n      newName: ${to}/${name}-controller\n${more}`).join("")}`;
    const without = (name: string) =>
      patch(
        "$patch: delete\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: all",
        `kind: Deployment\nname: ${name}`,
      );
    const planned = (flux: string) => {
      const plan = run(homeOps({ flux }));
      const rules = plan.findings.map(({ rule }) => rule);
      if (blockers(plan).length > 0) return { registry: undefined, rules, files: {} };
      const { files } = migrate(homeOps({ flux }));
      return { registry: instanceOf(files).distribution.registry, rules, files };
    };

    test("are the registry of the instance, and verify asks nothing about it", () => {
      const { registry, rules, files } = planned(images(ALL));
      expect(registry).toBe("mirror.example.org/ghcr");
      expect(rules).toEqual(expect.arrayContaining(["registry-without-variant", "registry-operator-elsewhere"]));
      expect(rules).not.toContain("install-setting-lost");
      expect(judge(homeOps({ flux: images(ALL) }), files).findings).toEqual([]);
    });

    test("also where those that have no entry are patched away", () => {
      const used = ALL.filter((name) => !name.startsWith("image-"));
      expect(planned(images(used) + without("image-(reflector|automation)-controller")).registry).toBe(
        "mirror.example.org/ghcr",
      );
      expect(planned(images(used)).rules).toContain("gotk-registry-mixed");
    });

    test("are not, where another name comes with them", () => {
      const flux = images(ALL).replace(
        "/helm-controller\n    - name: ghcr.io/fluxcd/notification",
        "/flux-helm\n    - name: ghcr.io/fluxcd/notification",
      );
      expect(planned(flux).rules).toContain("gotk-image-renamed");
    });

    test.each([
      ["the tag of the release", "newTag: v1.3.0", undefined],
      ["an older tag", "newTag: v1.2.0", "caution gotk-image-differs"],
      ["a newer tag", "newTag: v1.9.0", "blocker gotk-image-newer"],
      ["a digest", `digest: sha256:${"0".repeat(64)}`, "info gotk-image-pinned"],
    ])("are said to stay behind with %s", (_title, field, said) => {
      const entry = `  images:\n    - name: ghcr.io/fluxcd/helm-controller\n      ${field}\n`;
      const found = run(homeOps({ flux: entry })).findings.find(({ rule }) => /image|setting-lost/.test(rule));
      expect(found && `${found.level} ${found.rule}`).toBe(said);
      expect(planned(images(ALL, `      ${field}\n`)).rules).not.toContain("install-setting-lost");
    });

    test("are of no concern where they are for other objects", () => {
      const other = "  images:\n    - name: docker.io/library/nginx\n      newTag: '1'\n";
      expect(planned(other).rules).not.toContain("install-setting-lost");
    });
  });

  test("controllers in another namespace than their source and root stop the cluster", () => {
    expect(blockers(run(homeOps({ flux: "  targetNamespace: other\n" })))).toEqual([`controllers-elsewhere ${FLUX}`]);
  });

  describe("and source and root that stay where they are", () => {
    const apart = homeOps({ flux: "  targetNamespace: other\n" });
    const options = { sync: "keep" } as const;

    test("operator and instance come to the controllers, and read the source where it is", () => {
      const { files, findings } = migrate(apart, options);
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
      const [operator] = yamlOf(files, "kubernetes/apps/other/flux-operator/ks.yaml");
      expect(operator.metadata.namespace).toBe("other");
      expect(operator.spec.sourceRef).toEqual({ kind: "GitRepository", name: "home", namespace: "flux-system" });
      const [release] = yamlOf(files, "kubernetes/apps/other/flux-instance/app/helmrelease.yaml");
      expect(release.spec.values.instance.sync).toBeUndefined();
    });

    test("the old install goes, and source and root keep every byte", () => {
      const done = migrateAll(apart, options);
      expect(done[FLUX]).toBeUndefined();
      expect(done[CLUSTER]).toBe(apart[CLUSTER]);
      expect(run(done, { ...options, phase: "cleanup" }).cluster.state).toBe("done");
    });

    test("an empty cluster gets both namespaces first", () => {
      const { runbook } = planOf(apart, options).phases[0]!.clusters[0]!;
      const [first] = runbook!.rebuild;
      expect(first!.commands.map(String)).toEqual([
        "kubectl create namespace other",
        "kubectl create namespace flux-system",
      ]);
    });

    test("controllers that follow no reference to another namespace stop it", () => {
      const flux = `  targetNamespace: other\n${argument("--no-cross-namespace-refs=true")}`;
      const [finding] = run(homeOps({ flux }), options).findings.filter(({ level }) => level === "blocker");
      expect([finding?.rule, finding?.next]).toEqual([
        "controllers-elsewhere",
        expect.stringContaining("does not help either"),
      ]);
    });
  });

  test("what changes nothing about the controllers is no finding", () => {
    const flux = "  targetNamespace: flux-system\n  wait: true\n  timeout: 3m\n  force: true\n";
    expect(rules(homeOps({ flux }))).toEqual(["sync-ref-by-name"]);
  });
});

describe("source and root", () => {
  test("trap 25: decryption, postBuild and patches into children travel with the root", () => {
    const root =
      "  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n  postBuild:\n    substituteFrom:\n      - kind: Secret\n        name: settings\n  patches:\n    - patch: |\n        apiVersion: kustomize.toolkit.fluxcd.io/v1\n        kind: Kustomization\n        metadata:\n          name: x\n        spec:\n          deletionPolicy: Orphan\n      target:\n        kind: Kustomization\n";
    const text = patchesOf(migrate(homeOps({ root })).files).join("\n");
    for (const kept of ["sops-age", "name: settings", "deletionPolicy: Orphan"]) expect(text).toContain(kept);
  });

  test("trap 26: ignore, submodules and verification travel with the source", () => {
    const source =
      "  ignore: |\n    /*\n    !/kubernetes\n  recurseSubmodules: true\n  verify:\n    mode: HEAD\n    secretRef:\n      name: keys\n";
    const text = patchesOf(migrate(homeOps({ source })).files).join("\n");
    for (const kept of ["!/kubernetes", "recurseSubmodules: true", "mode: HEAD"]) expect(text).toContain(kept);
  });

  test.each([
    ["a branch", "branch: main", "refs/heads/main", false],
    ["no reference at all", undefined, "refs/heads/master", false],
    ["a tag", "tag: v1.0.0", "refs/tags/v1.0.0", false],
    ["a full name", "name: refs/heads/release", "refs/heads/release", false],
    ["a version range", "semver: 1.x", "refs/heads/master", true],
  ])("trap 27: %s becomes a full ref name, or a patch keeps it", (_title, ref, wanted, isPatched) => {
    const source = ref === undefined ? "  ref: {}\n" : `  ref:\n    ${ref}\n`;
    const { files, findings } = migrate(homeOps({ source }));
    expect(instanceOf(files).sync.ref).toBe(wanted);
    expect(instanceOf(files).sync.ref).toMatch(/^refs\//);
    expect(findings.some(({ rule }) => rule === "sync-ref-patched")).toBe(isPatched);
    if (isPatched) expect(patchesOf(files).join("\n")).toContain(ref!.split("\n")[0]);
  });

  test("a source that reads one commit stops the cluster, for no instance in Git can name the next", () => {
    const source = "  ref:\n    commit: 0f1e2d3c4b5a69788796a5b4c3d2e1f001234567\n    branch: main\n";
    expect(blockers(run(homeOps({ source })))).toEqual([`sync-not-expressible ${CLUSTER}`]);
  });

  test("trap 27: a short name in an owner's instance stops the cluster", () => {
    const files = change(migrate(homeOps()).files, INSTANCE, "ref: refs/heads/main", "ref: main");
    expect(blockers(run(files))).toEqual([`instance-contradiction ${INSTANCE}`]);
  });

  test.each([
    ["pullSecret: login", [], 'syncs with pullSecret: "login", while the cluster syncs without one today.'],
    ["provider: github", [], 'syncs with provider: "github", while the cluster syncs with "generic" today.'],
    ["provider: generic", [], undefined],
    ['pullSecret: ""', [], undefined],
    ["pullSecret: login", ["  secretRef: {name: login}\n"], undefined],
  ])("an owner's instance with %s is held against a source that says %j", (field, [source = ""], what) => {
    const { files } = migrate(homeOps({ source }));
    const lines = files[INSTANCE]!.includes(field) ? "" : `        ${field}\n`;
    const own = change(files, INSTANCE, "        ref: refs/heads/main\n", `        ref: refs/heads/main\n${lines}`);
    const found = run(own).findings.find(({ rule }) => rule === "instance-contradiction");
    expect(found?.what).toBe(what && `The FluxInstance ${what}`);
  });

  test.each([
    ["gcp", "v2.9.4", true],
    ["aws", "v2.8.8", true],
    ["aws", "v2.9.4", false],
    ["github", "v2.6.4", false],
  ])("trap 28: provider %s on a GitRepository, Flux %s", (provider, version, isRefused) => {
    const files = homeOps({ version, source: `  provider: ${provider}\n` });
    expect(blockers(run(files))).toEqual(isRefused ? [`sync-provider-refused ${CLUSTER}`] : []);
  });
});

describe("networkPolicy", () => {
  const deletion = patch(
    "$patch: delete\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: x",
    "kind: NetworkPolicy",
  );

  test.each([
    ["kept", {}, true],
    ["deleted by a patch", { flux: deletion }, false],
  ])("trap 30: policies %s are written out", (_title, settings, wanted) => {
    const { files } = migrate(homeOps(settings));
    expect(instanceOf(files).cluster.networkPolicy).toBe(wanted);
  });

  test("traps 30 and 60: an owner's instance that leaves it out gets it, one that says otherwise stops", () => {
    const { files } = migrate(homeOps({ flux: deletion }));
    const without = change(files, INSTANCE, "      cluster:\n        networkPolicy: false\n", "");
    expect(instanceOf(migrate(without).files).cluster).toEqual({ networkPolicy: false });
    const otherwise = change(files, INSTANCE, "networkPolicy: false", "networkPolicy: true");
    expect(blockers(run(otherwise))).toEqual([`instance-contradiction ${INSTANCE}`]);
  });
});

describe("trap 37: variables in the instance reach the operator as they are meant", () => {
  const substitution = (variables: string) =>
    `  patches:\n    - patch: |\n        apiVersion: kustomize.toolkit.fluxcd.io/v1\n        kind: Kustomization\n        metadata:\n          name: x\n        spec:\n          postBuild:\n            substitute: ${variables}\n      target:\n        kind: Kustomization\n        name: flux-.*\n`;
  const gate = argument("--custom=${WORKERS}$${x}$$");

  /** The release as kustomize-controller applies it: the FluxKustomization after its parents' patches, substituted. */
  function deliver(files: Files, variables: Record<string, string> | undefined): Data {
    const [ks] = yamlOf(files, `${APPS}/flux-instance/ks.yaml`);
    const spec = variables ? { ...ks.spec, postBuild: { substitute: variables } } : ks.spec;
    const delivery = deliverFlux(memoryTree(files), spec);
    if (!delivery.ok) throw new Error(delivery.reason);
    return delivery.objects.find(({ kind }) => kind === "HelmRelease")?.body;
  }
  const argumentsOf = (release: Data): string =>
    release.spec.values.instance.kustomize.patches.map((item: Data) => item.patch).join("");

  test("substituted only where it will stand: text stays as it is", () => {
    const { files } = migrate(homeOps({ flux: gate, apps: substitution('{WORKERS: "8"}') }));
    expect(argumentsOf(deliver(files, { WORKERS: "8" }))).toContain("--custom=${WORKERS}$${x}$$");
  });

  test("substituted in both places: one pass gives what it gives today", () => {
    const root = '  postBuild:\n    substitute:\n      WORKERS: "8"\n';
    const { files } = migrate(homeOps({ flux: gate, root, apps: substitution('{WORKERS: "8"}') }));
    expect(argumentsOf(deliver(files, { WORKERS: "8" }))).toContain("--custom=8${x}$");
  });

  test("substituted today and not where it will stand: written out where Git has the value, else the cluster stops", () => {
    const root = (name: string) => `  postBuild:\n    substitute:\n      ${name}: "8"\n`;
    const { files } = migrate(homeOps({ flux: gate, root: root("WORKERS") }));
    expect(argumentsOf(deliver(files, undefined))).toContain("--custom=8${x}$");
    expect(blockers(run(homeOps({ flux: gate, root: root("OTHER") })))).toEqual([`patch-substitution-lost ${FLUX}`]);
  });

  test("substituted in both places from other values: written out where Git has the value, else the cluster stops", () => {
    const root = (values: string) => `  postBuild:\n${values}`;
    const inline = root('    substitute: {WORKERS: "8"}\n');
    const from = (name: string) => `    substituteFrom: [{kind: ConfigMap, name: ${name}}]\n`;
    const apps = substitution('{OTHER: "9"}');
    const { files } = migrate(homeOps({ flux: gate, root: inline, apps }));
    expect(argumentsOf(deliver(files, { OTHER: "9" }))).toContain("--custom=8${x}$");
    const stops = (more: string) => {
      const patched = substitution("{}").replace("substitute: {}", `substituteFrom: [${more}]`);
      return blockers(run(homeOps({ flux: gate, root: root(from("settings")), apps: patched })));
    };
    expect(stops("{kind: Secret, name: more}")).toEqual([`patch-substitution-lost ${FLUX}`]);
    expect(stops("{kind: Secret, name: more}, {kind: ConfigMap, name: settings, optional: true}")).toEqual([]);
  });

  test("$(RUNTIME_NAMESPACE) and $patch are left alone", () => {
    const flux = argument("--x=$(RUNTIME_NAMESPACE)");
    const { files } = migrate(homeOps({ flux, apps: substitution("{A: b}") }));
    expect(argumentsOf(deliver(files, { A: "b" }))).toContain("--x=$(RUNTIME_NAMESPACE)");
  });
});

describe("trap 38: name flux, in the namespace of the controllers", () => {
  test.each([
    ["namePrefix on the parent", { apps: "  namePrefix: prod-\n" }],
    ["nameSuffix on the parent", { apps: "  nameSuffix: -prod\n" }],
    ["targetNamespace on the parent", { apps: "  targetNamespace: other\n" }],
  ])("%s keeps the apps out of its folder", (_title, settings) => {
    const { files } = migrate(homeOps(settings));
    const apps = Object.keys(files).filter((path) => /flux-(operator|instance)/.test(path));
    expect(apps.length).toBeGreaterThan(0);
    expect(apps.filter((path) => path.startsWith("kubernetes/apps/"))).toEqual([]);
  });

  test.each([
    ["namespace in the kustomization that lists the apps", { listing: "namespace: other\n" }],
    ["namePrefix in the kustomization above it", { appsListing: "namePrefix: prod-\n" }],
  ])("%s stops the cluster", (_title, settings) => {
    const { findings, plan } = run(homeOps(settings));
    expect(findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule)).toEqual([
      "instance-displaced",
      "instance-displaced",
    ]);
    expect(plan.phases[0]!.files).toEqual([]);
  });

  test("the namespace of Flux itself is no displacement", () => {
    expect(blockers(run(homeOps({ listing: "namespace: flux-system\n" })))).toEqual([]);
  });

  const installed = migrate(homeOps()).files;

  test.each([
    [
      "targetNamespace of its FluxKustomization",
      `${APPS}/flux-instance/ks.yaml`,
      "targetNamespace: flux-system",
      "targetNamespace: other",
      INSTANCE,
    ],
    ["targetNamespace of the release", INSTANCE, "  chartRef:", "  targetNamespace: other\n  chartRef:", INSTANCE],
    [
      "a prefix in its kustomization",
      `${APPS}/flux-instance/app/kustomization.yaml`,
      "resources:",
      "namePrefix: x-\nresources:",
      INSTANCE,
    ],
    [
      "the operator elsewhere",
      `${APPS}/flux-operator/ks.yaml`,
      "targetNamespace: flux-system",
      "targetNamespace: other",
      OPERATOR,
    ],
    [
      "trap 56: fullnameOverride",
      INSTANCE,
      "    commonAnnotations:",
      "    fullnameOverride: my-flux\n    commonAnnotations:",
      INSTANCE,
    ],
    [
      "trap 56: an empty fullnameOverride",
      INSTANCE,
      "    commonAnnotations:",
      '    fullnameOverride: ""\n    commonAnnotations:',
      INSTANCE,
    ],
  ])("an owner's app: %s", (_title, path, from, to, at) => {
    expect(blockers(run(change(installed, path, from, to)))).toEqual([`instance-displaced ${at}`]);
  });

  test("fullnameOverride: flux is the chart's own default", () => {
    expect(
      blockers(
        run(
          change(installed, INSTANCE, "    commonAnnotations:", "    fullnameOverride: flux\n    commonAnnotations:"),
        ),
      ),
    ).toEqual([]);
  });

  test("a FluxInstance manifest under another name", () => {
    const manifest = {
      ...installed,
      [`${APPS}/flux-instance/app/kustomization.yaml`]: `${list("./instance.yaml")}nameSuffix: -edge\n`,
      [`${APPS}/flux-instance/app/instance.yaml`]: `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\nspec: ${JSON.stringify(instanceOf(installed))}\n`,
    };
    expect(blockers(run(manifest))).toEqual([`instance-displaced ${APPS}/flux-instance/app/instance.yaml`]);
  });
});

test("traps 39 and 40: the runbook names the labels that go, and asks for a quiet moment", () => {
  const checksOf = (version: string) => textOf(migrate(homeOps({ version })).cluster.runbook.preChecks);
  const checks = checksOf("v2.7.5");
  const labels = "app.kubernetes.io/instance` and `app.kubernetes.io/version`";
  expect(checks).toContain(labels);
  // Flux 2.6 gives its pods none of them.
  expect(checksOf("v2.6.4")).not.toContain(labels);
  expect(checks).toMatch(/controllers restart in this phase.*must fetch `https:\/\/github\.com\/example\/home-ops`/);
});
