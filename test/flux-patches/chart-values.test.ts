import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import { sayFinding } from "../../src/findings/say.ts";
import type { ChartInput } from "../../src/instance/chart/findings.ts";
import { CHART_VALUES } from "../../src/instance/chart/table.ts";
import { portChartValues } from "../../src/instance/chart/values.ts";
import { fluxVersionOfChart, isTooOldChart } from "../../src/instance/chart/versions.ts";
import { openValues, type ValuePath } from "../../src/instance/chart/written.ts";
import { holdsOnlyAnchors, readComments } from "../../src/yaml/comments.ts";
import { memoryTree } from "../support/memory.ts";
import { buildInstance } from "./builds.ts";
import { find } from "./effective.ts";

const at = { file: "helmrelease.yaml", line: 1, col: 1 };

function port(values: string, more: Partial<ChartInput> = {}) {
  return portChartValues({
    values: yaml.load(values),
    fluxVersion: { major: 2, minor: 8, patch: 8 },
    substituted: false,
    at,
    written: {
      locate: (path) => ({ file: "helmrelease.yaml", line: path.length, col: 7 }),
      comments: (path) => readComments(values, 0, path),
      holdsOnlyAnchors: (path) => holdsOnlyAnchors(values, 0, path),
    },
    ...more,
  });
}

const rules = (result: ReturnType<typeof port>) =>
  result.findings.map(sayFinding).map(({ rule, level, what }) => `${level} ${rule} ${/`(.*)`/.exec(what)?.[1]}`);

describe("versions of the flux2 chart", () => {
  test.each([
    ["2.19.1", { version: "2.9.5", isExact: true }],
    ["2.19.0", { version: "2.9.1", isExact: true }],
    ["2.14.1", { version: "2.4.0", isExact: true }],
    ["2.18.4", { version: "2.8.8", isExact: true }],
    ["2.18.3", { version: "2.8.8", isExact: false }],
    ["2.15.0", { version: "2.5.1", isExact: false }],
    ["2.10.6", undefined],
    ["2.x", undefined],
    ["2.99.0", undefined],
  ])("%s", (chart, expected) => expect(fluxVersionOfChart(chart)).toEqual(expected));

  test.each([
    ["2.11.1", true],
    ["v2.5.1", true],
    ["0.19.2", true],
    ["2.12.0", false],
    ["2.99.0", false],
    ["2.x", false],
  ])("%s is too old: %s", (chart, expected) => expect(isTooOldChart(chart)).toBe(expected));
});

describe("values of the flux2 chart", () => {
  test("defaults: every controller but source-watcher, and no limits", () => {
    const result = port("{}");
    expect(result.components).toHaveLength(6);
    expect(result.fields).toEqual({});
    expect(result.findings).toEqual([]);
    expect(result.patches.map(({ data }) => [data.target, yaml.load(data.patch)])).toEqual([
      [
        { kind: "Deployment" },
        [
          {
            op: "replace",
            path: "/spec/template/spec/containers/0/resources",
            value: { requests: { cpu: "100m", memory: "64Mi" } },
          },
        ],
      ],
    ]);
  });

  test("fields, components and what the chart ignores", () => {
    const result = port(`
controllers: { source: { enabled: true } }
policies: { create: false }
clusterDomain: home.arpa
imagePullSecrets: [{ name: mirror }]
imageAutomationController: { create: false }
imageReflectionController: { create: false, container: { additionalArgs: [--x] } }
sourceWatcher: { create: true }
`);
    expect(result.fields).toEqual({ networkPolicy: false, domain: "home.arpa", imagePullSecret: "mirror" });
    expect(result.components.sort()).toEqual(
      [
        "helm-controller",
        "kustomize-controller",
        "notification-controller",
        "source-controller",
        "source-watcher",
      ].sort(),
    );
    expect(rules(result)).toEqual(["caution chart-value-unknown controllers"]);
    expect(result.patches.some(({ data }) => data.patch.includes("--x"))).toBe(false);
    expect(result.mapping.map(({ title, to }) => `${title} -> ${to}`)).toContain(
      "policies.create -> spec.cluster.networkPolicy",
    );
  });

  test("what no FluxInstance can say is a finding with its path", () => {
    const result = port(`
prometheus: { podMonitor: { create: true, podMetricsEndpoints: [] } }
extraObjects: [{ kind: Secret }]
multitenancy: { enabled: true, privileged: false }
rbac: { roleRef: { name: x }, createAggregation: false }
distro: { openshift: true }
installCRDs: false
notificationController: { webhookReceiver: { ingress: { create: true } } }
kustomizeController: { secret: { create: true, data: { a: hidden } }, tag: v9, image: mirror/kc, serviceAccount: { create: false } }
helmController: { typo: 1 }
`);
    expect(rules(result).sort()).toEqual(
      [
        "caution chart-value-lost prometheus.podMonitor.create",
        "caution chart-value-lost extraObjects",
        "blocker chart-value-lost multitenancy.privileged",
        "blocker chart-value-lost rbac.roleRef.name",
        "caution chart-value-lost rbac.createAggregation",
        "blocker chart-value-lost distro.openshift",
        "caution chart-value-lost installCRDs",
        "caution chart-value-lost notificationController.webhookReceiver.ingress.create",
        "caution chart-value-lost kustomizeController.secret.create",
        "caution chart-value-lost kustomizeController.tag",
        "caution chart-value-lost kustomizeController.image",
        "caution chart-value-lost kustomizeController.serviceAccount.create",
        "caution chart-value-unknown helmController.typo",
      ].sort(),
    );
    expect(JSON.stringify(result.findings) + JSON.stringify(result.mapping)).not.toContain("hidden");
    expect(result.findings.every(({ at: place }) => place?.col === 7)).toBe(true);
  });

  test("images that all come from one registry are that registry of the instance", () => {
    const off =
      "imageAutomationController: { create: false, image: a/b }\nimageReflectionController: { create: false }\n";
    const from = (registry: string, names: readonly string[]) =>
      names.map((name) => `${name}Controller: { image: "${registry}/${name}-controller" }\n`).join("") + off;
    const all = ["source", "kustomize", "helm", "notification"];
    const mirrored = port(from("mirror.example.org/fluxcd", all));
    expect(mirrored.fields).toEqual({ registry: "mirror.example.org/fluxcd" });
    expect(mirrored.findings.map(({ rule }) => rule)).toEqual([
      "registry-without-variant",
      "registry-operator-elsewhere",
    ]);
    expect(mirrored.mapping.filter(({ to }) => to === "spec.distribution.registry")).toHaveLength(4);
    const usual = port(from("ghcr.io/fluxcd", all));
    expect([usual.fields, usual.findings]).toEqual([{}, []]);
    for (const some of [from("mirror.example.org/fluxcd", all.slice(1)), from("${MIRROR}", all)]) {
      expect(port(some).fields).toEqual({});
      expect(new Set(port(some).findings.map(({ rule }) => rule))).toEqual(new Set(["chart-value-lost"]));
    }
    const renamed = from("mirror.example.org", all).replace("/helm-controller", "/flux-helm");
    expect(rules(port(renamed))).toContain("caution chart-value-lost helmController.image");
  });

  test("every row of the table says where it goes, or why it cannot", () => {
    for (const row of CHART_VALUES) expect(row.to !== "" || row.lost !== undefined, row.path).toBe(true);
  });

  test("text is escaped where the instance is substituted and the release was not", () => {
    const values = "helmController: { extraEnv: [{ name: A, value: 'x${B}$$' }] }";
    const escaped = port(values, { substituted: true });
    expect(escaped.patches.map(({ raw }) => raw).join("")).toContain("x$${B}$$$$");
    expect(rules(escaped)[0]).toMatch(/^info patch-escaped/);
    expect(port(values, { substituted: true, oldSubstituted: true }).patches[1]!.data.patch).toContain("x${B}$$");
  });

  test("text that substitution makes literal today is literal where nothing is substituted", () => {
    const values = "helmController: { extraEnv: [{ name: A, value: 'x$${B}$$' }] }";
    const literal = port(values, { oldSubstituted: true });
    expect(literal.patches[1]!.data.patch).toContain("x${B}$\n");
    expect(rules(literal).filter((rule) => rule.startsWith("blocker"))).toEqual([]);
    const open = port(values.replace("$${B}", "${B}"), { oldSubstituted: true });
    expect(open.findings.find(({ level }) => level === "blocker")).toMatchObject({ rule: "patch-substitution-lost" });
  });

  test("a value that does something only beside another one stops nothing without that one", () => {
    expect(rules(port("multitenancy: { privileged: false }"))).toEqual([]);
    expect(rules(port("multitenancy: { enabled: true, privileged: false }"))).toEqual([
      "blocker chart-value-lost multitenancy.privileged",
    ]);
  });

  test("a condition holds for any text, and what is printed is read as text", () => {
    const result = port(`
multitenancy: { enabled: "true" }
policies: { create: null }
watchAllNamespaces: "false"
hostUsers: "false"
imageAutomationController: { create: null }
imageReflectionController: { create: "false" }
kustomizeController: { replicas: "2", serviceAccount: { automount: "false" } }
`);
    const text = result.patches.map(({ data }) => data.patch).join("");
    expect(text).toContain("--default-service-account=default");
    expect(text).toContain("--watch-all-namespaces=false");
    expect(text).toContain("hostUsers: false");
    expect(text).toContain("automountServiceAccountToken: false");
    expect(text).toContain("replicas: 2\n");
    expect(result.fields).toEqual({ networkPolicy: false });
    expect(result.components).toContain("image-reflector-controller");
    expect(result.components).not.toContain("image-automation-controller");
    expect(rules(result)).toEqual([]);
  });

  test.each(["constructor", "toString", "__proto__"])(
    "a key that every object has, %s, is none of a controller",
    (key) => {
      expect(rules(port(`${key}: { create: true }`))).toEqual([`caution chart-value-unknown ${key}`]);
    },
  );

  test("what the templates of one controller do not read is carried by none", () => {
    const result = port(`
sourceController: { replicas: 2, envFrom: { map: { name: proxy } }, service: { type: LoadBalancer } }
helmController: { extraSecretMounts: [{ name: a, mountPath: /a, secretName: a }], webhookReceiver: { service: { annotations: { a: b } } } }
`);
    expect(rules(result).sort()).toEqual([
      "caution chart-value-unknown helmController.extraSecretMounts",
      "caution chart-value-unknown helmController.webhookReceiver",
      "caution chart-value-unknown sourceController.envFrom",
      "caution chart-value-unknown sourceController.service.type",
      "info chart-value-lost sourceController.replicas",
    ]);
    expect(result.patches).toEqual(port("{}").patches);
    expect(rules(port("sourceController: { replicas: 1 }"))).toEqual([]);
  });

  test("a tag that is the one of the release anyway is nothing that gets lost", () => {
    expect(rules(port("helmController: { tag: v1.5.5 }"))).toEqual([]);
    expect(rules(port("helmController: { tag: v1.5.4 }"))).toEqual(["caution chart-value-lost helmController.tag"]);
  });

  test("a controller that came later is none of an older chart", () => {
    const on = "sourceWatcher: { create: true, labels: { a: b } }";
    const older = port(on, { fluxVersion: { major: 2, minor: 6, patch: 4 } });
    expect(older.components).not.toContain("source-watcher");
    expect(rules(older)).toEqual(["caution chart-value-unknown sourceWatcher"]);
    expect(port(on).components).toContain("source-watcher");
  });

  test("more ports of a Service come along, and what null takes away of the chart is not there", () => {
    const { patches, components } = port(`
sourceController: { service: { ports: [{ name: metrics, port: 8080, targetPort: http-prom }] } }
helmController: { annotations: null, resources: null }
kustomizeController: { resources: { requests: null, limits: { memory: 1Gi } } }
`);
    const built = buildInstance({ version: "2.8.8", components, patches: patches.map(({ data }) => data) });
    const ports = find(built, "Service", "source-controller").spec.ports;
    expect(ports.map(({ port: one }: { port: number }) => one).sort()).toEqual([80, 8080]);
    const { template } = find(built, "Deployment", "helm-controller").spec;
    expect(Object.keys(template.metadata.annotations ?? {}).join()).not.toContain("prometheus.io");
    expect(template.spec.containers[0].resources).toEqual({});
    const other = find(built, "Deployment", "kustomize-controller").spec.template.spec.containers[0];
    expect(other.resources).toEqual({ limits: { memory: "1Gi" } });
  });

  test("variables that the base has too are the chart's as the operator builds them", () => {
    const values = `
helmController: { extraEnv: [{ name: GOMEMLIMIT, value: 1GiB }, { name: GOMEMLIMIT, value: 900MiB }, { name: NO_PROXY, value: .$(RUNTIME_NAMESPACE).svc }] }
sourceController: { extraEnv: [{ name: TUF_ROOT, valueFrom: { configMapKeyRef: { name: tuf, key: root } } }] }
`;
    const { patches, components } = port(values);
    const built = buildInstance({ version: "2.8.8", components, patches: patches.map(({ data }) => data) });
    const envOf = (name: string) => find(built, "Deployment", name).spec.template.spec.containers[0].env;
    const [helm, source] = ["helm-controller", "source-controller"].map(envOf);
    const own = { name: "RUNTIME_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } };
    expect(helm).toEqual([
      own,
      { name: "GOMEMLIMIT", value: "900MiB" },
      { name: "NO_PROXY", value: ".$(RUNTIME_NAMESPACE).svc" },
    ]);
    const root = { name: "TUF_ROOT", valueFrom: { configMapKeyRef: { name: "tuf", key: "root" } } };
    expect(source[0]).toEqual(root);
  });

  test.each(["text", "5", "true", "[a]"])(
    "a controller that says %s instead of its settings is named, and the rest carried",
    (value) => {
      const result = port(`helmController: ${value}\nsourceController:\n  nodeSelector: {a: b}\n`);
      expect(rules(result).join()).toContain("helmController");
      expect(result.patches.map(({ data }) => data.target?.name)).toContain("source-controller");
    },
  );

  test("one map behind two controllers is written out twice, without an alias", () => {
    const shared = { nodeSelector: { a: "b" }, tolerations: [{ key: "x", operator: "Exists" }] };
    const result = portChartValues({
      values: { helmController: { ...shared, affinity: shared }, sourceController: shared },
      fluxVersion: { major: 2, minor: 8, patch: 8 },
      substituted: false,
      at,
    });
    expect(result.patches.length).toBeGreaterThan(0);
    for (const { raw, data } of result.patches) expect(raw + data.patch).not.toMatch(/[&*]a\d/);
  });
});

describe("chart values built with real kustomize", () => {
  test("every understood value reaches the controllers", () => {
    const result = port(`
logLevel: debug
watchAllNamespaces: false
hostUsers: false
multitenancy: { enabled: true, defaultServiceAccount: tenant }
imagePullSecrets: [{ name: a }, { name: b }]
sourceController:
  service: { annotations: { s: v } }
  serviceAccount: { annotations: { role: arn } }
kustomizeController:
  replicas: 2
  container: { additionalArgs: [--concurrent=16] }
  resources: { limits: { memory: 2Gi }, requests: { cpu: 1 } }
  extraEnv: [{ name: A, value: b }]
  envFrom: { map: { name: m }, secret: { name: s } }
  annotations: { prometheus.io/port: "8080", note: x }
  labels: { team: infra }
  nodeSelector: { disk: ssd }
  tolerations: [{ key: k, operator: Exists }]
  affinity: { podAntiAffinity: {} }
  priorityClassName: high
  imagePullPolicy: Always
  initContainers: [{ name: i, image: busybox }]
  volumes: [{ name: extra, emptyDir: {} }]
  volumeMounts: [{ name: extra, mountPath: /extra }]
  extraSecretMounts: [{ name: sec, mountPath: /etc/sec, secretName: sec-files, readOnly: true }]
  securityContext: { runAsUser: 1 }
  podSecurityContext: { fsGroup: 2 }
notificationController:
  webhookReceiver: { service: { labels: { w: h } } }
`);
    expect(result.findings).toEqual([]);
    const objects = buildInstance({
      version: "2.8.8",
      components: result.components,
      fields: result.fields,
      patches: result.patches.map(({ data }) => data),
    });
    const kustomize = find(objects, "Deployment", "kustomize-controller");
    const pod = kustomize.spec.template.spec;
    const [container] = pod.containers;
    expect(kustomize.spec.replicas).toBe(2);
    expect(container.args.slice(-6)).toEqual([
      "--feature-gates=ObjectLevelWorkloadIdentity=false",
      "--no-cross-namespace-refs=true",
      "--default-service-account=tenant",
      "--watch-all-namespaces=false",
      "--log-level=debug",
      "--concurrent=16",
    ]);
    expect(container.resources).toEqual({ limits: { memory: "2Gi" }, requests: { cpu: 1, memory: "64Mi" } });
    expect(container.env).toContainEqual({ name: "A", value: "b" });
    expect(container.env.map(({ name }: { name: string }) => name)).toContain("RUNTIME_NAMESPACE");
    expect(container.envFrom).toEqual([{ configMapRef: { name: "m" } }, { secretRef: { name: "s" } }]);
    expect(container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath).sort()).toEqual([
      "/etc/sec",
      "/extra",
      "/tmp",
    ]);
    expect(container.securityContext).toEqual({ runAsUser: 1 });
    expect(container.imagePullPolicy).toBe("Always");
    expect(pod.securityContext).toEqual({ fsGroup: 2 });
    expect(pod.nodeSelector).toEqual({ disk: "ssd", "kubernetes.io/os": "linux" });
    expect(pod).toMatchObject({
      hostUsers: false,
      priorityClassName: "high",
      tolerations: [{ key: "k", operator: "Exists" }],
    });
    expect(pod.initContainers).toEqual([{ name: "i", image: "busybox" }]);
    expect(pod.imagePullSecrets).toEqual(expect.arrayContaining([{ name: "a" }, { name: "b" }]));
    expect(pod.volumes).toContainEqual({ name: "sec", secret: { secretName: "sec-files" } });
    expect(kustomize.spec.template.metadata).toMatchObject({ annotations: { note: "x" }, labels: { team: "infra" } });
    expect(kustomize.metadata.labels.team).toBe("infra");
    expect(find(objects, "ServiceAccount", "source-controller").metadata.annotations.role).toBe("arn");
    expect(find(objects, "Service", "source-controller").metadata.annotations.s).toBe("v");
    expect(find(objects, "Service", "webhook-receiver").metadata.labels.w).toBe("h");
    const source = find(objects, "Deployment", "source-controller").spec.template.spec.containers[0];
    expect(source.args.join(" ")).not.toContain("tenant");
    expect(source.resources).toEqual({ requests: { cpu: "100m", memory: "64Mi" } });
  });
});

describe("what stands beside the values", () => {
  const VALUES = `
# shared
x-labels: &labels
  helm.toolkit.fluxcd.io/name: flux
  team: ops
x-lost:
  a: 1
helmController:
  container:
    # more workers
    # Ref: https://example.org/#workers
    additionalArgs:
      - --concurrent=10 # ten
      # near OOM
      - "--oom-watch-interval=500ms"
  labels: *labels
  resources:
    # a small node
    limits:
      memory: 2Gi
kustomizeController:
  # all of them
  container:
    additionalArgs:
      - --concurrent=10
`;
  test("comments go with what is carried, each once", () => {
    const text = port(VALUES)
      .patches.map(({ data }) => data.patch)
      .join("---\n");
    for (const line of [
      "# more workers",
      "# Ref: https://example.org/#workers",
      "# ten",
      "# near OOM",
      "# a small node",
    ])
      expect(text.split(line)).toHaveLength(2);
    expect(text).toContain(`# near OOM\n- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --oom`);
    expect(text).toMatch(/# all of them\n- op: add\n[^\n]*\n {2}value: --concurrent=10/);
  });

  test("what is said of a controller stands above what comes first of it, and of all values above the version", () => {
    const values =
      "# for the big repository\nkustomizeController:\n  resources:\n    limits:\n      memory: 2Gi\n  container:\n    additionalArgs: [--concurrent=10]\n";
    const text = port(`prometheus: {}\n${values}`)
      .patches.map(({ data }) => data.patch)
      .join("---\n");
    expect(text).toMatch(
      /# for the big repository\n- op: replace\n {2}path: \/spec\/template\/spec\/containers\/0\/resources/,
    );
    const release = `spec:\n  # Flux of the house\n  values:\n    # graphs\n    prometheus: {}\n`;
    const comments = (path: ValuePath) => readComments(release, 0, ["spec", "values", ...path]);
    const written = { locate: () => at, holdsOnlyAnchors: () => false, comments };
    const { fieldComments } = port("prometheus: {}\n", { written });
    expect(fieldComments).toEqual({ "distribution.version": ["# Flux of the house"] });
  });

  test("where to read of the chart's values is not carried", () => {
    const values = "    # https://github.com/fluxcd-community/helm-charts/\n    # small\n    helmController: {}\n";
    const text = `kind: HelmRelease\nmetadata: { name: flux }\nspec:\n  values:\n${values}`;
    const tree = memoryTree({ "flux.yaml": text });
    const release = {
      file: "flux.yaml",
      doc: 0,
      apiVersion: "",
      kind: "HelmRelease",
      name: "flux",
      namespace: "",
      data: {},
    };
    expect(openValues(tree, release, []).comments(["helmController"]).above).toEqual(["# small"]);
  });

  test("a key that holds an anchor alone is no value, another unknown one is", () => {
    expect(rules(port(VALUES))).toEqual(["caution chart-value-unknown x-lost"]);
  });

  test("labels that name the release that goes are left out, and said", () => {
    const { patches, mapping } = port(VALUES);
    const all = patches.map(({ data }) => data.patch).join("");
    expect(all).toContain("team: ops");
    expect(all).not.toContain("helm.toolkit.fluxcd.io");
    expect(mapping.find(({ title }) => title === "helmController.labels")?.note).toContain(
      "the release they name goes",
    );
  });
});
