import { homeTree, ks, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import type { Cases } from "./said.ts";

/** What `go` holds and what `late` brings, which waits for it; either with more lines of its spec. */
interface Pair {
  go: string;
  late: string;
  goSpec?: readonly string[];
  lateSpec?: readonly string[];
  /** What is there today, of either. */
  was?: { go?: string; late?: string };
}

/** Pairs of Kustomizations, by their id, in one change. */
function pairs(all: Readonly<Record<string, Pair>>, more: Files = {}): [Files, Edits] {
  const tree: Files = { ...homeTree(), ...more };
  const edits: Edits = {};
  for (const [id, { go, late, goSpec = [], lateSpec = [`dependsOn: [{name: go-${id}}]`], was }] of Object.entries(
    all,
  )) {
    const file = (part: string) => `kubernetes/needs/${id}/${part}/all.yaml`;
    const kss = (...both: string[][]) =>
      ["go", "late"].map((part, at) => ks(`${part}-${id}`, `kubernetes/needs/${id}/${part}`, both[at])).join("");
    const plain = object("ConfigMap", `kept-${id}`, "v1", ["  namespace: games"]);
    if (was) {
      tree[`kubernetes/flux/needs/${id}.yaml`] = kss([], []);
      tree[file("go")] = plain + (was.go ?? "");
      tree[file("late")] = was.late ?? plain.replace("kept", "late");
    }
    edits[`kubernetes/flux/needs/${id}.yaml`] = kss([...goSpec], [...lateSpec]);
    edits[file("go")] = plain + go;
    edits[file("late")] = late;
  }
  return [tree, edits];
}

const within = (namespace: string, kind: string, name: string, apiVersion?: string, spec: readonly string[] = []) =>
  object(kind, name, apiVersion, [`  namespace: ${namespace}`, ...spec]);
const WAIT = ["wait: true"];
const claim = (name: string) =>
  within("games", "PersistentVolumeClaim", name, "v1", [
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
  ]);
const secret = (name: string) => within("games", "Secret", name, "v1", ["stringData: {a: b}"]);
const pods = (name: string, pod: string, kind = "Deployment", more: readonly string[] = []) =>
  within("games", kind, name, "apps/v1", [
    "spec:",
    ...more.map((line) => `  ${line}`),
    ...(kind === "StatefulSet" ? [`  serviceName: ${name}`] : []),
    `  selector: {matchLabels: {app: ${name}}}`,
    `  template: {metadata: {labels: {app: ${name}}}, spec: {${pod}}}`,
  ]);
const reads = (name: string) => `containers: [{name: a, image: 'a:1', envFrom: [{secretRef: {name: ${name}}}]}]`;
const source = (kind: string, name: string, spec: string) =>
  within("flux-system", kind, name, "source.toolkit.fluxcd.io/v1", [`spec: {interval: 1h, ${spec}}`]);
const child = (name: string, kind: string, more: readonly string[] = [], from = name) =>
  ks(name, `kubernetes/needs/${name}/none`, [...more], from).replace("kind: GitRepository", `kind: ${kind}`);
const release = (name: string, ref: string) =>
  within("flux-system", "HelmRelease", name, "helm.toolkit.fluxcd.io/v2", [
    "spec:",
    "  interval: 1h",
    `  chartRef: {kind: ${ref}, name: ${name}}`,
  ]);
const GIT = "url: 'https://git.example.invalid/me/other.git', ref: {branch: main}";
const definition = (kind: string) =>
  object("CustomResourceDefinition", `${kind.toLowerCase()}s.example.io`, "apiextensions.k8s.io/v1", [
    "spec:",
    "  group: example.io",
    "  scope: Namespaced",
    `  names: {kind: ${kind}, plural: ${kind.toLowerCase()}s, singular: ${kind.toLowerCase()}}`,
    "  versions:",
    "    - name: v1",
    "      served: true",
    "      storage: true",
    "      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}",
  ]);
const custom = (kind: string, name = "one") => within("games", kind, name, "example.io/v1");
const away = (text: string) =>
  text.replace(/( {2}namespace: .*\n)/, "$1  annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}\n");

/** A Kustomization that is there, with more lines of its spec, and what it applies, before and after. */
type Own = readonly [
  name: string,
  was: readonly string[],
  is: readonly string[],
  brings: string,
  had?: string,
  path?: string,
];

function owns(all: readonly Own[], more: Files = {}): [Files, Edits] {
  const tree: Files = { ...homeTree(), ...more };
  const edits: Edits = {};
  for (const [name, was, is, brings, had = "", path = "app"] of all) {
    const folder = `kubernetes/needs/${name}`;
    const plain = within("games", "ConfigMap", `kept-${name}`);
    tree[`kubernetes/flux/needs/${name}.yaml`] = ks(name, `${folder}/app`, [...was]);
    tree[`${folder}/app/all.yaml`] = plain + had;
    edits[`kubernetes/flux/needs/${name}.yaml`] = ks(name, `${folder}/${path}`, [...is]);
    edits[`${folder}/${path}/all.yaml`] = plain + brings;
  }
  return [tree, edits];
}
const settings = (name: string) => within("flux-system", "ConfigMap", name, "v1", ["data: {HOST: a}"]);
const key = (name: string) => within("flux-system", "Secret", name, "v1", ["stringData: {age.agekey: a}"]);
const fills = (name: string) => `postBuild: {substituteFrom: [{kind: ConfigMap, name: ${name}}]}`;
const opens = (name: string) => `decryption: {provider: sops, secretRef: {name: ${name}}}`;

/** What comes too late for what it waits for, and its neighbours that come in time. */
export const NEEDS: Cases = {
  "what pods need": pairs({
    claim: {
      go: pods(
        "claim",
        "containers: [{name: a, image: 'a:1'}], volumes: [{name: a, persistentVolumeClaim: {claimName: claim}}]",
      ),
      late: claim("claim"),
      goSpec: WAIT,
    },
    account: {
      go: pods("account", "serviceAccountName: account, containers: [{name: a, image: 'a:1'}]"),
      late: within("games", "ServiceAccount", "account"),
      goSpec: WAIT,
    },
    ordinal: { go: pods("ordinal", reads("ordinal"), "StatefulSet"), late: secret("ordinal"), goSpec: WAIT },
    daemon: { go: pods("daemon", reads("daemon"), "DaemonSet"), late: secret("daemon"), goSpec: WAIT },
    single: {
      go: within("games", "Pod", "single", "v1", [`spec: {${reads("single")}}`]),
      late: secret("single"),
      goSpec: WAIT,
    },
    checked: {
      go: pods("checked", reads("checked")),
      late: secret("checked"),
      goSpec: ["healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: checked, namespace: games}]"],
    },
    none: { go: pods("none", reads("none"), "Deployment", ["replicas: 0"]), late: secret("none"), goSpec: WAIT },
    patient: { go: pods("patient", reads("patient")), late: secret("patient") },
    planned: {
      go: within("games", "CronJob", "planned", "batch/v1", [
        "spec:",
        "  schedule: '@daily'",
        `  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, ${reads("planned")}}}}}`,
      ]),
      late: secret("planned"),
      goSpec: WAIT,
    },
    beside: { go: pods("beside", reads("beside")) + secret("beside"), late: secret("beside-it"), goSpec: WAIT },
    soft: {
      go: pods("soft", reads("soft").replace("name: soft}", "name: soft, optional: true}")),
      late: secret("soft"),
      goSpec: WAIT,
    },
    ignored: { go: away(pods("ignored", reads("ignored"))), late: secret("ignored"), goSpec: WAIT },
    // Somebody else brings it, or it is there.
    read: {
      go: pods("read", reads("read")),
      late: secret("read"),
      goSpec: WAIT,
      was: { go: pods("read", reads("read")) },
    },
    sealed: { go: pods("sealed", reads("sealed")), late: away(secret("sealed")), goSpec: WAIT },
  }),
  "what Kustomizations and releases need": pairs(
    {
      git: { go: child("git", "GitRepository"), late: source("GitRepository", "git", GIT), goSpec: WAIT },
      oci: {
        go: child("oci", "OCIRepository"),
        late: source("OCIRepository", "oci", "url: 'oci://ghcr.io/me/other', ref: {tag: v1}"),
        goSpec: WAIT,
      },
      bucket: {
        go: child("bucket", "Bucket"),
        late: source("Bucket", "bucket", "endpoint: s3.example.invalid, bucketName: a"),
        goSpec: WAIT,
      },
      chart: {
        go: release("chart", "HelmChart"),
        late: source("HelmChart", "chart", "chart: a, sourceRef: {kind: HelmRepository, name: a}"),
        goSpec: WAIT,
      },
      paused: {
        go: child("paused", "GitRepository", ["suspend: true"]),
        late: source("GitRepository", "paused", GIT),
        goSpec: WAIT,
      },
      unwaited: { go: child("unwaited", "GitRepository"), late: source("GitRepository", "unwaited", GIT) },
      // One that is there has applied with its old spec.
      there: {
        go: child("there", "GitRepository", ["timeout: 5m"]),
        late: source("GitRepository", "there", GIT),
        goSpec: WAIT,
        was: { go: child("there", "GitRepository", [], "home") },
      },
      checked: {
        go: child(
          "checked",
          "GitRepository",
          ["healthChecks: [{apiVersion: v1, kind: Secret, name: checked, namespace: games}]"],
          "home",
        ),
        late: secret("checked"),
        goSpec: WAIT,
      },
    },
    {
      "kubernetes/needs/there/none/all.yaml": within("games", "ConfigMap", "there"),
      "kubernetes/needs/checked/none/all.yaml": within("games", "ConfigMap", "checked"),
    },
  ),
  "what every object of a Kustomization needs": pairs({
    space: {
      go: within("space", "ConfigMap", "a") + within("space", "ConfigMap", "b"),
      late: object("Namespace", "space"),
    },
    spaces: {
      go: within("space-a", "ConfigMap", "a") + within("space-b", "ConfigMap", "b"),
      late: object("Namespace", "space-a") + object("Namespace", "space-b"),
    },
    kind: { go: custom("Own"), late: definition("Own") },
    kinds: { go: custom("First") + custom("Second"), late: definition("First") + definition("Second") },
    both: {
      go: custom("Third") + within("both", "ConfigMap", "a"),
      late: definition("Third") + object("Namespace", "both"),
    },
    released: {
      go: custom("Fourth") + release("released", "HelmChart"),
      late:
        definition("Fourth") + source("HelmChart", "released", "chart: a, sourceRef: {kind: HelmRepository, name: a}"),
      goSpec: WAIT,
    },
    away: {
      go: within("away", "ConfigMap", "a"),
      late: object("Namespace", "away"),
      goSpec: ["kubeConfig: {secretRef: {name: away}}"],
    },
    lived: {
      go: within("lived", "ConfigMap", "a"),
      late: object("Namespace", "lived"),
      was: { go: within("lived", "ConfigMap", "b") },
    },
    known: { go: custom("Known"), late: definition("Known"), was: { go: custom("Known", "two") } },
    partly: { go: custom("Partly"), late: definition("Partly"), was: { go: custom("PartlyOther", "two") } },
    own: { go: within("own", "ConfigMap", "a") + object("Namespace", "own"), late: secret("own") },
    system: { go: within("kube-public", "ConfigMap", "a"), late: object("Namespace", "kube-public") },
    default: {
      go: pods("default", "serviceAccountName: default, containers: [{name: a, image: 'a:1'}]"),
      late: within("games", "ServiceAccount", "default"),
      goSpec: WAIT,
    },
    public: { go: pods("public", reads("kube-system")), late: secret("kube-system"), goSpec: WAIT },
    hidden: { go: away(within("hidden", "ConfigMap", "a")), late: object("Namespace", "hidden") },
  }),
  "what a Kustomization that is there brings for its own build": owns(
    [
      ["fills", [], [fills("fills")], settings("fills")],
      ["opens", [], [opens("opens")], key("opens")],
      ["elsewhere", [], [fills("elsewhere")], settings("elsewhere"), "", "next"],
      ["suspended", [], ["suspend: true", fills("suspended")], settings("suspended")],
      ["named", [fills("named")], [fills("named"), "timeout: 5m"], settings("named")],
      ["had", [], [fills("had")], settings("had"), settings("had")],
      ["acts", [], ["serviceAccountName: acts"], within("flux-system", "ServiceAccount", "acts")],
      ["given", [], [fills("given")], key("given")],
      ["made", [], [opens("made")], key("made")],
      ["used", [], [opens("used")], key("used")],
    ],
    {
      "kubernetes/flux/vars/made.yaml": within("flux-system", "ExternalSecret", "made", "external-secrets.io/v1", [
        "spec: {secretStoreRef: {kind: ClusterSecretStore, name: a}, dataFrom: [{extract: {key: a}}]}",
      ]),
      "kubernetes/flux/vars/used.yaml": within("flux-system", "Receiver", "used", "notification.toolkit.fluxcd.io/v1", [
        "spec: {type: generic, secretRef: {name: used}, resources: [{kind: GitRepository, name: home}]}",
      ]),
    },
  ),
};
