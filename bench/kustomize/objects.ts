import type { Dice } from "./dice.ts";

export type Body = Record<string, unknown>;

export const names = ["web", "db", "a", "b", "conf", "web-1"] as const;
export const namespaces = ["one", "two", "default"] as const;

/** A map without the entries that are undefined. */
export function compact(map: Body): Body {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

const images = [
  "nginx",
  "nginx:1.25",
  "ghcr.io/org/app:v1",
  "app@sha256:abc",
  "localhost:5000/app:2",
  "redis:7@sha256:0f",
];
const scalars = [
  ...["x", "yes", "1", 1, true, "true", 1.5, "", "a b", 0, "null", "0x10", "l1\nl2\n", "# no", "a: b"],
  ...["raw:0644", "raw:1_000", "raw:q:abc", "raw:s:abc", "raw:q:5", "raw:.5", "raw:~", "raw:True"],
];

export function labels(dice: Dice): Body {
  return Object.fromEntries(
    dice.some(1, 3, () => [dice.pick(["app", "tier", "example.com/part"]), dice.pick(["web", "db", "1", "true"])]),
  );
}

function metadata(dice: Dice, namespaced = true): Body {
  const annotations = () =>
    dice.chance(0.1)
      ? null
      : Object.fromEntries(
          dice.some(dice.chance(0.1) ? 0 : 1, 3, () => [
            dice.pick(["note", "example.com/team", "n"]),
            dice.chance(0.1) ? dice.pick(scalars) : dice.pick(["home", "1", "a,b"]),
          ]),
        );
  return compact({
    name: dice.pick(names),
    namespace: namespaced ? dice.maybe(0.35, () => dice.pick(namespaces)) : undefined,
    labels: dice.maybe(0.4, () => (dice.chance(0.05) ? {} : labels(dice))),
    annotations: dice.maybe(0.3, annotations),
    finalizers: dice.maybe(0.05, () => ["keep.example.com", "other"]),
    ownerReferences: dice.maybe(0.03, () => [{ apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "u1" }]),
  });
}

const configRef = (dice: Dice) => ({ name: dice.pick(names), ...(dice.chance(0.2) ? { optional: true } : {}) });

function env(dice: Dice): Body {
  const name = dice.pick(["A", "B", "C"]);
  if (dice.chance(0.3)) return { name, valueFrom: { configMapKeyRef: { ...configRef(dice), key: "k" } } };
  if (dice.chance(0.2)) return { name, valueFrom: { secretKeyRef: { ...configRef(dice), key: "k" } } };
  return { name, value: dice.pick(["1", "$(VAR)", "text", "raw:q:text", "raw:s:a-b"]) };
}

function port(dice: Dice): Body {
  return compact({
    containerPort: dice.pick([80, 443, 8080]),
    name: dice.maybe(0.4, () => dice.pick(["http", "https"])),
    protocol: dice.maybe(0.4, () => dice.pick(["TCP", "UDP"])),
  });
}

function container(dice: Dice): Body {
  return compact({
    name: dice.pick(["app", "sidecar", "init"]),
    image: dice.maybe(0.8, () => dice.pick(images)),
    args: dice.maybe(0.3, () => dice.some(1, 3, () => dice.pick(["--a", "--b", "$(VAR)"]))),
    env: dice.maybe(0.5, () => dice.some(1, 3, () => env(dice))),
    envFrom: dice.maybe(0.2, () => [{ [dice.pick(["configMapRef", "secretRef"])]: configRef(dice) }]),
    ports: dice.maybe(0.5, () => dice.some(1, 3, () => port(dice))),
    volumeMounts: dice.maybe(0.3, () =>
      dice.some(1, 2, () => ({ name: dice.pick(names), mountPath: dice.pick(["/a", "/b"]) })),
    ),
    resources: dice.maybe(0.2, () => ({ limits: { cpu: dice.pick(["1", 1, "500m"]), memory: "1Gi" } })),
  });
}

function volume(dice: Dice): Body {
  const name = dice.pick(names);
  const ref = dice.pick(names);
  return dice.pick<Body>([
    { name, configMap: { name: ref, ...(dice.chance(0.3) ? { defaultMode: "raw:0644" } : {}) } },
    { name, secret: { secretName: ref } },
    { name, emptyDir: {} },
    { name, persistentVolumeClaim: { claimName: ref } },
    { name, projected: { sources: [{ configMap: { name: ref } }, { secret: { name: ref } }] } },
  ]);
}

function podSpec(dice: Dice): Body {
  return compact({
    serviceAccountName: dice.maybe(0.2, () => dice.pick(names)),
    containers: dice.some(1, 3, () => container(dice)),
    initContainers: dice.maybe(0.15, () => dice.some(1, 2, () => container(dice))),
    volumes: dice.maybe(0.4, () => dice.some(1, 3, () => volume(dice))),
    imagePullSecrets: dice.maybe(0.15, () => dice.some(1, 2, () => ({ name: dice.pick(names) }))),
    tolerations: dice.maybe(0.2, () => dice.some(1, 2, () => ({ key: dice.pick(["a", "b"]), operator: "Exists" }))),
    topologySpreadConstraints: dice.maybe(0.2, () =>
      dice.some(1, 3, () => ({
        maxSkew: dice.pick([1, 2]),
        topologyKey: dice.pick(["zone", "host"]),
        whenUnsatisfiable: dice.pick(["DoNotSchedule", "ScheduleAnyway"]),
      })),
    ),
    nodeSelector: dice.maybe(0.1, () => ({ disk: "ssd" })),
  });
}

function template(dice: Dice): Body {
  return compact({ metadata: dice.maybe(0.7, () => ({ labels: labels(dice) })), spec: podSpec(dice) });
}

function workload(dice: Dice, kind: string): Body {
  const spec = compact({
    replicas: dice.maybe(0.5, () => dice.pick([1, 2])),
    selector: dice.maybe(0.7, () => ({ matchLabels: labels(dice) })),
    serviceName: kind === "StatefulSet" ? dice.pick(names) : undefined,
    template: template(dice),
    volumeClaimTemplates: kind === "StatefulSet" ? dice.maybe(0.3, () => [{ metadata: { name: "data" } }]) : undefined,
  });
  return { apiVersion: "apps/v1", kind, metadata: metadata(dice), spec };
}

const service = (dice: Dice): Body => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: metadata(dice),
  spec: compact({
    selector: dice.maybe(0.7, () => labels(dice)),
    ports: dice.some(1, 3, () =>
      compact({
        port: dice.pick([80, 443]),
        name: dice.maybe(0.5, () => dice.pick(["http", "dns"])),
        protocol: dice.maybe(0.5, () => dice.pick(["TCP", "UDP"])),
        targetPort: dice.maybe(0.3, () => dice.pick<unknown>([8080, "http"])),
      }),
    ),
  }),
});

const data = (dice: Dice) =>
  Object.fromEntries(
    dice.some(1, 3, () => [dice.pick(["k", "config.yaml", "z"]), dice.pick(["v", "a: b\nc: d\n", "1", ""])]),
  );

const configMap = (dice: Dice): Body => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: metadata(dice),
  data: data(dice),
});

const ingress = (dice: Dice): Body => ({
  apiVersion: dice.pick(["networking.k8s.io/v1", "networking.k8s.io/v1", "networking.k8s.io/v1beta1"]),
  kind: "Ingress",
  metadata: metadata(dice),
  spec: compact({
    ingressClassName: dice.maybe(0.3, () => dice.pick(names)),
    rules: [
      {
        host: "a.example",
        http: { paths: [{ path: "/", backend: { service: { name: dice.pick(names), port: { number: 80 } } } }] },
      },
    ],
    tls: dice.maybe(0.4, () => [{ hosts: ["a.example"], secretName: dice.pick(names) }]),
  }),
});

const binding = (dice: Dice, kind: string): Body => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: metadata(dice, kind === "RoleBinding"),
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: dice.pick(["ClusterRole", "Role"]), name: dice.pick(names) },
  subjects: dice.some(1, 2, () =>
    compact({
      kind: dice.pick(["ServiceAccount", "User"]),
      name: dice.pick(["default", ...names]),
      namespace: dice.maybe(0.5, () => dice.pick(namespaces)),
    }),
  ),
});

const role = (dice: Dice, kind: string): Body => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: metadata(dice, kind === "Role"),
  rules: [
    compact({
      apiGroups: [""],
      resources: ["configmaps"],
      verbs: ["get"],
      resourceNames: dice.maybe(0.4, () => dice.some(1, 2, () => dice.pick(names))),
    }),
  ],
});

const helmRelease = (dice: Dice): Body => ({
  apiVersion: dice.pick(["helm.toolkit.fluxcd.io/v2", "helm.toolkit.fluxcd.io/v2beta2"]),
  kind: "HelmRelease",
  metadata: metadata(dice),
  spec: compact({
    interval: "5m",
    chart: {
      spec: {
        chart: "x",
        version: dice.pick<unknown>(["1.0", 1, ">=1"]),
        sourceRef: { kind: "HelmRepository", name: dice.pick(names) },
      },
    },
    valuesFrom: dice.maybe(0.5, () =>
      dice.some(1, 2, () => ({ kind: dice.pick(["ConfigMap", "Secret"]), name: dice.pick(names) })),
    ),
    values: dice.maybe(0.6, () => ({
      image: { tag: dice.pick(scalars) },
      env: [{ name: "A", value: "1" }],
      list: [1, 2],
      ...(dice.chance(0.3) ? appValues(dice) : {}),
      empty: dice.pick<unknown>([{}, [], null, ""]),
    })),
  }),
});

/** Values as a chart of apps takes them. */
const appValues = (dice: Dice): Body => ({
  controllers: {
    app: {
      containers: { app: { image: { repository: "ghcr.io/org/app", tag: dice.pick(scalars) }, env: { TZ: "UTC" } } },
      initContainers: { init: { image: dice.pick(images), command: ["sh", "-c", "a\nb\n"] } },
    },
  },
  persistence: {
    config: { existingClaim: dice.pick(names), globalMounts: [{ path: "/config" }, { path: "/data", readOnly: true }] },
    "conf.yaml": { type: "configMap", name: dice.pick(names), data: "a: ${B}\n" },
  },
  ingress: {
    app: { annotations: { "example.com/auth": "https://a.example/?x=1&y=2" }, hosts: [{ host: "a.example" }] },
  },
});

const fluxKustomization = (dice: Dice): Body => ({
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: metadata(dice),
  spec: compact({
    path: "./apps",
    prune: dice.pick<unknown>([true, false, "true"]),
    sourceRef: { kind: dice.pick(["GitRepository", "OCIRepository"]), name: dice.pick(names) },
    dependsOn: dice.maybe(0.4, () => dice.some(1, 3, () => ({ name: dice.pick(names) }))),
    patches: dice.maybe(0.3, () => [{ patch: "a: b\n", target: { kind: "X" } }]),
    postBuild: dice.maybe(0.3, () => ({
      substitute: { A: "1" },
      substituteFrom: [{ kind: "ConfigMap", name: dice.pick(names) }],
    })),
  }),
});

const custom = (dice: Dice): Body => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PodMonitor",
  metadata: metadata(dice),
  spec: compact({
    secrets: dice.some(1, 2, () => ({ name: dice.pick(names) })),
    containers: dice.maybe(0.4, () => dice.some(1, 2, () => container(dice))),
    ref: dice.maybe(0.2, () => ({ apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 80 }] } })),
    template: dice.maybe(0.2, () => ({ apiVersion: "v1", kind: "Pod", spec: podSpec(dice) })),
  }),
});

const simple =
  (apiVersion: string, kind: string, rest: Body, namespaced = true) =>
  (dice: Dice): Body => ({ apiVersion, kind, metadata: metadata(dice, namespaced), ...structuredClone(rest) });

/** The plainest first; common kinds more than once. */
const kinds: readonly ((dice: Dice) => Body)[] = [
  configMap,
  configMap,
  (dice) => workload(dice, "Deployment"),
  (dice) => workload(dice, "Deployment"),
  (dice) => workload(dice, "Deployment"),
  (dice) => workload(dice, "StatefulSet"),
  (dice) => workload(dice, "DaemonSet"),
  service,
  service,
  helmRelease,
  helmRelease,
  fluxKustomization,
  fluxKustomization,
  custom,
  custom,
  ingress,
  (dice) => binding(dice, "RoleBinding"),
  (dice) => binding(dice, "ClusterRoleBinding"),
  (dice) => role(dice, "Role"),
  (dice) => role(dice, "ClusterRole"),
  (dice) => ({ apiVersion: "v1", kind: "Secret", metadata: metadata(dice), type: "Opaque", stringData: data(dice) }),
  (dice) => ({ apiVersion: "v1", kind: "Pod", metadata: metadata(dice), spec: podSpec(dice) }),
  (dice) => ({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadata(dice),
    spec: { schedule: "* * * * *", jobTemplate: { spec: { template: template(dice) } } },
  }),
  (dice) => ({ apiVersion: "batch/v1", kind: "Job", metadata: metadata(dice), spec: { template: template(dice) } }),
  (dice) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(dice),
    secrets: [{ name: dice.pick(names) }],
    imagePullSecrets: [{ name: dice.pick(names) }],
  }),
  (dice) => ({
    apiVersion: dice.pick(["autoscaling/v2", "autoscaling/v1"]),
    kind: "HorizontalPodAutoscaler",
    metadata: metadata(dice),
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: dice.pick(names) } },
  }),
  simple("v1", "Namespace", {}, false),
  simple("v1", "PersistentVolumeClaim", {
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "a", volumeName: "web" },
  }),
  simple(
    "v1",
    "PersistentVolume",
    { spec: { claimRef: { name: "web", namespace: "one" }, storageClassName: "a" } },
    false,
  ),
  simple("storage.k8s.io/v1", "StorageClass", { provisioner: "x" }, false),
  simple("networking.k8s.io/v1", "NetworkPolicy", {
    spec: {
      podSelector: { matchLabels: { app: "web" } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "db" } } }] }],
    },
  }),
  simple("policy/v1", "PodDisruptionBudget", { spec: { selector: { matchLabels: { app: "web" } } } }),
  simple(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    {
      spec: {
        group: "x.io",
        names: { kind: "X", shortNames: ["y"] },
        conversion: { webhook: { clientConfig: { service: { name: "web", namespace: "one" } } } },
        versions: [{ name: "v1", schema: { openAPIV3Schema: { properties: { containers: { type: "array" } } } } }],
      },
    },
    false,
  ),
  simple("external-secrets.io/v1", "ExternalSecret", {
    spec: {
      secretStoreRef: { kind: "ClusterSecretStore", name: "web" },
      target: { name: "web", template: { data: { k: "{{ .K }}" } } },
      dataFrom: [{ extract: { key: "a" } }, { extract: { key: "b" } }],
    },
  }),
  simple("apiregistration.k8s.io/v1", "APIService", { spec: { service: { name: "web", namespace: "one" } } }, false),
  simple(
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
    { webhooks: [{ name: "w", clientConfig: { service: { name: "web", namespace: "one" } } }] },
    false,
  ),
  simple("source.toolkit.fluxcd.io/v1", "GitRepository", {
    spec: { url: "https://example.com/r", secretRef: { name: "web" } },
  }),
  simple("source.toolkit.fluxcd.io/v1beta2", "OCIRepository", {
    spec: { url: "oci://example.com/r", verify: { secretRef: { name: "a" } } },
  }),
];

export function object(dice: Dice): Body {
  return dice.pick(kinds)(dice);
}
