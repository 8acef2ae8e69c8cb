import { expect, test } from "vitest";
import { gitSource, ks, kustomization, object, release } from "./home-tree.ts";
import {
  APP,
  CAPP,
  type Case,
  CHESS,
  CLUSTER,
  HR,
  h,
  LIST,
  MEDIA,
  op,
  PLAYER,
  PVC,
  player,
  sayOf,
} from "./odd-tree.ts";

const K = "kubernetes";
const repo = (spec: string) =>
  object("HelmRepository", "charts", "source.toolkit.fluxcd.io/v1", [
    "  namespace: media",
    `spec: {interval: 1h, ${spec}}`,
  ]);
const oci = (url: string, more = "") =>
  object("OCIRepository", "app", "source.toolkit.fluxcd.io/v1", [
    "  namespace: media",
    `spec: {interval: 1h, url: '${url}', ref: {tag: 1.0.0}${more}}`,
  ]);
const hrRef = release("player", ["chartRef: {kind: OCIRepository, name: app}"]).replace(/ {2}chart: .*\n/, "");
const with1 = (file: string, t: string) => ({
  ...h,
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", file]),
  [`${APP}/${file}`]: t,
});
const SOPSENV = "KEY=ENC[AES256_GCM,data:AA==,iv:x,tag:y,type:str]\nsops_version=3.9.0\nsops_mac=ENC[x]\n";
const gen = kustomization(["helmrelease.yaml"], ["secretGenerator: [{name: creds, envs: [creds.env]}]"]);
const DEC = "decryption: {provider: sops, secretRef: {name: sops-age}}";
const SEC = object("Secret", "token", "v1", [
  "stringData: {key: 'ENC[AES256_GCM,data:AA==,type:str]'}",
  "sops: {version: 3.9.0, age: [{recipient: age1x, enc: x}]}",
]);
/** The source keeps one folder of the repository, and another one holds what apps might share. */
const narrow = {
  ...h,
  [CLUSTER]: h[CLUSTER]!.replace("main}", "main}\n  ignore: |\n    /*\n    !/kubernetes"),
  "shared/kustomization.yaml": kustomization(["account.yaml"]),
  "shared/account.yaml": object("ServiceAccount", "shared"),
};
const up = "../../../../..";
const unmade = { ...h, [PLAYER]: player().replace("name: home", "name: gone") };
/** A source that no Kustomization reads so far. */
const beside = (url: string) => ({
  ...h,
  [`${K}/flux/other.yaml`]: gitSource("other").replace("https://git.example.invalid/me/home.git", url),
});
const foreign = beside("https://git.example.invalid/me/charts.git");
/** One that is called as that of the root is. */
const namesake = (url: string) => ({
  [`${K}/flux/games.yaml`]: gitSource("home")
    .replace("namespace: flux-system", "namespace: games")
    .replace("https://git.example.invalid/me/home.git", url),
});
const APPS = `${K}/flux/apps.yaml`;
const named = (source: string) => `${h[APPS]}  postBuild: {substitute: {SOURCE: ${source}}}\n`;
const AWAY =
  "unsafe | wanted-may-go HelmRelease media/player | wanted-may-go PersistentVolumeClaim media/player | deleted HelmRelease media/player | deleted PersistentVolumeClaim media/player";
const CASES: Case[] = [
  [
    "an app goes to a source of another repository",
    AWAY,
    foreign,
    { [PLAYER]: h[PLAYER]!.replace(": home", ": other") },
  ],
  [
    "its source is another repository by the value of a variable",
    AWAY,
    { ...foreign, [PLAYER]: h[PLAYER]!.replace(": home", ": ${SOURCE}"), [APPS]: named("home") },
    { [APPS]: named("other") },
  ],
  [
    "a slip in the name of a source, where another repository may make it",
    "unsafe | reference-missing Kustomization flux-system/player",
    { ...foreign, [`${K}/flux/infra.yaml`]: ks("infra", "deploy", [], "other") },
    { [PLAYER]: h[PLAYER]!.replace(": home", ": hoem") },
  ],
  [
    "an app goes to a source that another repository may make",
    "unproven",
    { ...foreign, [`${K}/flux/infra.yaml`]: ks("infra", "deploy", [], "other") },
    { [PLAYER]: h[PLAYER]!.replace(": home", ": storage") },
  ],
  [
    "an app goes to a source of that name in another namespace, which holds another repository",
    AWAY,
    { ...h, ...namesake("https://git.example.invalid/me/charts.git") },
    { [PLAYER]: h[PLAYER]!.replace(": home", ": home\n    namespace: games") },
  ],
  [
    "an app goes to a source of that name in another namespace, which holds this repository",
    "safe",
    { ...h, ...namesake("https://git.example.invalid/me/home") },
    { [PLAYER]: h[PLAYER]!.replace(": home", ": home\n    namespace: games") },
  ],
  [
    "an app goes to a source of that name in another namespace, which holds a mirror of this repository",
    "safe",
    { ...h, ...namesake("https://mirror.example.invalid/me/home.git") },
    { [PLAYER]: h[PLAYER]!.replace(": home", ": home\n    namespace: games") },
  ],
  [
    "an app goes to another source of this repository",
    "safe",
    beside("ssh://git@git.example.invalid/me/home"),
    { [PLAYER]: h[PLAYER]!.replace(": home", ": other") },
  ],
  [
    "a folder loses an object, and what reads it names a source that no file makes",
    "unproven",
    unmade,
    { [LIST]: kustomization(["helmrelease.yaml"]) },
  ],
  [
    "only the readme of such a folder changes",
    "safe",
    { ...h, "kubernetes/flux/more.yaml": ks("more", "more", [], "gone"), "more/README.md": "a\n" },
    { "more/README.md": "b\n" },
  ],
  ["another folder does", "safe", unmade, { [`${CAPP}/helmrelease.yaml`]: `${release("chess")}# why\n` }],
  [
    "a list takes a folder that the source leaves out",
    "unsafe | build-breaks Kustomization flux-system/player",
    narrow,
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", `${up}/shared`]) },
  ],
  [
    "a Kustomization takes a component that the source leaves out",
    "unsafe | build-breaks Kustomization flux-system/player",
    {
      ...narrow,
      "shared/kustomization.yaml": narrow["shared/kustomization.yaml"]!.replace("Kustomization", "Component"),
    },
    { [PLAYER]: player(`components: [${up}/shared]`) },
  ],
  [
    "a new Kustomization builds a folder that the source leaves out",
    "unsafe | build-breaks Kustomization flux-system/shared",
    narrow,
    { [PLAYER]: player() + ks("shared", "shared", ["targetNamespace: media"]) },
  ],
  [
    "a list takes a file that sources leave out by themselves",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    {
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", `${up}/.github/account.yaml`]),
      ".github/account.yaml": object("ServiceAccount", "shared"),
    },
  ],
  [
    "a list takes a folder that the source passes on",
    "safe",
    {
      ...narrow,
      [`${K}/shared/kustomization.yaml`]: kustomization(["a.yaml"]),
      [`${K}/shared/a.yaml`]: object("ServiceAccount", "a"),
    },
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "../../../../shared"]) },
  ],
  [
    "a release takes the same chart by chartRef",
    "safe",
    with1("oci.yaml", oci("oci://r.example/charts/app")),
    { [HR]: hrRef },
  ],
  [
    "a release takes another chart by chartRef",
    "unsafe | wanted-may-go HelmRelease media/player | recreated HelmRelease media/player",
    with1("oci.yaml", oci("oci://r.example/charts/other")),
    { [HR]: hrRef },
  ],
  [
    "a HelmRepository of a registry loses its type",
    "unsafe | reconcile-stops HelmRepository media/charts",
    with1("repo.yaml", repo("type: oci, url: 'oci://r.example/charts'")),
    { [`${APP}/repo.yaml`]: repo("url: 'oci://r.example/charts'") },
  ],
  [
    "a HelmRepository gets another URL",
    "safe",
    with1("repo.yaml", repo("url: 'https://r.example/charts'")),
    { [`${APP}/repo.yaml`]: repo("url: 'https://s.example/charts'") },
  ],
  [
    "a list with a Kustomization in it gets a namespace",
    "unsafe | reference-breaks Kustomization flux-system/chess | wanted-may-go PersistentVolumeClaim media/player…",
    h,
    { [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml"], ["namespace: media"]) },
  ],
  [
    "a Kustomization gets the apiVersion of kustomize",
    "unsafe | reference-breaks Kustomization flux-system/chess | wanted-may-go PersistentVolumeClaim media/player | deleted HelmRelease media/player…",
    h,
    { [PLAYER]: h[PLAYER]!.replace("kustomize.toolkit.fluxcd.io/v1", "kustomize.config.k8s.io/v1beta1") },
  ],
  [
    "decryption goes, and a generator reads an encrypted file",
    "unsafe | setting-lost Kustomization flux-system/player",
    { ...h, [PLAYER]: player(DEC), [LIST]: gen, [`${APP}/creds.env`]: SOPSENV },
    { [PLAYER]: player() },
  ],
  [
    "a generator comes to read an encrypted file without decryption",
    "unsafe | setting-lost Kustomization flux-system/player | deleted PersistentVolumeClaim media/player",
    h,
    { [LIST]: gen.replace('["helmrelease.yaml"', '["helmrelease.yaml", "pvc.yaml"'), [`${APP}/creds.env`]: SOPSENV },
  ],
  [
    "the Secret with the keys for decryption goes from the spec",
    "unsafe | setting-lost Kustomization flux-system/player",
    { ...h, [PLAYER]: player(DEC), [LIST]: kustomization(["helmrelease.yaml", "s.yaml"]), [`${APP}/s.yaml`]: SEC },
    { [PLAYER]: player("decryption: {provider: sops}") },
  ],
  [
    "the FluxInstance drops a component that is used",
    "unsafe | wanted-may-go ImageRepository media/x | deleted CustomResourceDefinition imagepolicies.image.toolkit.fluxcd.io…",
    {
      ...op,
      [`${APP}/ip.yaml`]: object("ImageRepository", "x", "image.toolkit.fluxcd.io/v1", [
        "spec: {image: a, interval: 1h}",
      ]),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "ip.yaml"]),
    },
    {
      [`${K}/flux/config/instance.yaml`]: op[`${K}/flux/config/instance.yaml`]!.replace(
        ", image-reflector-controller",
        "",
      ),
    },
  ],
  [
    "targetNamespace goes",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [PLAYER]: ks("player", APP) },
  ],
  [
    "the Secret with values is misspelt",
    "unsafe | reference-missing HelmRelease media/player",
    {
      ...with1("s.yaml", SEC),
      [PLAYER]: player(DEC),
      [HR]: release("player", ["valuesFrom: [{kind: Secret, name: token}]"]),
    },
    { [HR]: release("player", ["valuesFrom: [{kind: Secret, name: tokne}]"]) },
  ],
  [
    "a file is encrypted for somebody else",
    "unproven",
    { ...with1("s.yaml", SEC), [PLAYER]: player(DEC) },
    { [`${APP}/s.yaml`]: SEC.replace("age1x", "age1y").replace("AA==", "BB==") },
  ],
  [
    "a Kustomization stands in two files of one parent",
    "unsafe | build-breaks Kustomization flux-system/cluster-apps",
    h,
    {
      [`${K}/apps/media/extra/ks.yaml`]: player("wait: true"),
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "extra/ks.yaml"]),
    },
  ],
  [
    "a Kustomization comes to a second parent",
    "unsafe | second-owner Kustomization flux-system/cluster",
    h,
    { [`${K}/flux/extra.yaml`]: player("wait: true").replace("player/app", "player/app") },
  ],
  [
    "a health check of something in Git is misspelt",
    "unsafe | reference-missing Kustomization flux-system/player",
    {
      ...with1(
        "d.yaml",
        object("Deployment", "web", "apps/v1", [
          "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}",
        ]),
      ),
      [PLAYER]: player("healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: media}]"),
    },
    { [PLAYER]: player("healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: wbe, namespace: media}]") },
  ],
  [
    "a claim gets another unit",
    "unsafe | immutable-changes PersistentVolumeClaim media/player",
    {
      ...h,
      [PVC]: object("PersistentVolumeClaim", "player", "v1", [
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}",
      ]),
    },
    {
      [PVC]: object("PersistentVolumeClaim", "player", "v1", [
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Mi}}}",
      ]),
    },
  ],
  [
    "the kind of a claim is misspelt",
    "unsafe | api-not-served PersistentVolumeClam media/player | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    { [PVC]: h[PVC]!.replace("PersistentVolumeClaim", "PersistentVolumeClam") },
  ],
  ["a dependency goes", "safe", h, { [CHESS]: h[CHESS]!.replace("  dependsOn: [{name: player}]\n", "") }],
  [
    "a release moves to a Kustomization with another targetNamespace",
    "unsafe | wanted-may-go HelmRelease media/player | deleted HelmRelease media/player",
    h,
    {
      [HR]: undefined,
      [LIST]: kustomization(["pvc.yaml"]),
      [`${K}/apps/games/chess/app/p.yaml`]: h[HR]!.replace("  name: player", "  name: player\n  namespace: media"),
      [`${K}/apps/games/chess/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "p.yaml"]),
    },
  ],
  [
    "a release goes to a namespace whose name is read as a number",
    "unsafe | object-refused HelmRelease media/player…",
    h,
    { [HR]: h[HR]!.replace("spec:\n", "spec:\n  targetNamespace: 2048\n") },
  ],
];

test.each(CASES)("%s", (_, expected, before, change) => {
  const said = sayOf(before, change);
  expect(expected.endsWith("…") ? `${said.slice(0, expected.length - 1)}…` : said).toBe(expected);
});
