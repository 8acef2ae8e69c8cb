import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import type { Cases } from "./said.ts";

const K = "kubernetes";
const APP = `${K}/apps/media/player/app`;
const KS = `${K}/apps/media/player/ks.yaml`;
const LIST = `${APP}/kustomization.yaml`;
const MEDIA = `${K}/apps/media/kustomization.yaml`;
const BASE = homeTree();

const player = (...lines: string[]) => ks("player", APP, ["targetNamespace: media", ...lines]);
const map = (name: string, ...more: string[]) => object("ConfigMap", name, "v1", [...more, "data: {a: b}"]);
const claim = (name: string, ...more: string[]) => object("PersistentVolumeClaim", name, "v1", more);
const claimOf = (name: string, storage: string, notes = "{}") =>
  claim(name, `  annotations: ${notes}`, `spec: {storageClassName: ${storage}, accessModes: [ReadWriteOnce]}`);
const FORCE = "{kustomize.toolkit.fluxcd.io/force: enabled}";
const pods = (name: string, label: string) =>
  object("Deployment", name, "apps/v1", [
    `spec: {selector: {matchLabels: {app: ${label}}}, template: {metadata: {labels: {app: ${label}}}, spec: {containers: [{name: a, image: a}]}}}`,
  ]);
const set = (name: string, label: string) =>
  object("StatefulSet", name, "apps/v1", [
    `spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}, volumeClaimTemplates: [{metadata: {name: ${label}}, spec: {accessModes: [ReadWriteOnce]}}]}`,
  ]);
const certificate = (name: string) =>
  object("Certificate", name, "cert-manager.io/v1", [
    "spec: {secretName: a, dnsNames: [a.example], issuerRef: {name: a}}",
  ]);

/** These files beside the claim of the app, and what the change makes of them. */
const files = (was: Files, is: Edits, lines: string[] = []): [Files, Edits] => {
  const at = (all: Edits) => Object.entries(all).map(([name, text]) => [`${APP}/${name}`, text] as const);
  const listed = (all: Edits) => Object.keys(all).filter((name) => all[name] !== undefined && !name.includes("/"));
  const list = (all: Edits) => kustomization(["helmrelease.yaml", "pvc.yaml", ...listed(all)]);
  const after = { ...was, ...is };
  const tree = { ...BASE, [KS]: player(...lines), [LIST]: list(was), ...Object.fromEntries(at(was)) };
  return [tree as Files, { ...Object.fromEntries(at(is)), [LIST]: list(after) }];
};
/** The same document in another file. */
const moved = (text: string, to: string, more: Edits = {}): [Files, Edits] => [
  { ...BASE, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "one.yaml"]), [`${APP}/one.yaml`]: text },
  {
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
    [`${APP}/one.yaml`]: undefined,
    [to]: text,
    ...more,
  },
];
/** So many maps of one Kustomization, of which some stay. */
const many = (count: number, left: number): [Files, Edits] => {
  const names = Array.from({ length: count }, (_, index) => `m${index}.yaml`);
  const was = Object.fromEntries(names.map((name) => [name, map(name.slice(0, -5))]));
  return files(was, Object.fromEntries(names.slice(left).map((name) => [name, undefined])));
};
/** Folders of one list, each with an object of that text. */
const folders = (names: readonly string[], text: (name: string) => string): Files => ({
  ...BASE,
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", ...names]),
  ...Object.fromEntries(
    names.flatMap((name) => [
      [`${APP}/${name}/kustomization.yaml`, kustomization(["one.yaml"])],
      [`${APP}/${name}/one.yaml`, text(name)],
    ]),
  ),
});
const unlisted = (tree: Files, ...left: string[]): [Files, Edits] => [
  tree,
  { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", ...left]) },
];

const component = (names: string[]): Files => ({
  [`${K}/part/kustomization.yaml`]: kustomization(names)
    .replace("v1beta1", "v1alpha1")
    .replace("kind: Kustomization", "kind: Component"),
  [`${K}/part/pvc.yaml`]: claim("${WHO}-data"),
  [`${K}/part/map.yaml`]: map("${WHO}-map"),
});
/** An app whose folder moves to that of a second cluster, whose list takes it in. */
const away = (text: string): [Files, Edits] => {
  const west = (all: Files) =>
    Object.fromEntries(Object.entries(all).map((one) => one.map((part) => part.replaceAll("kubernetes/", "west/"))));
  const app: Files = {
    [`${K}/apps/media/extra/ks.yaml`]: ks("extra", `${K}/apps/media/extra/app`, ["targetNamespace: media"]),
    [`${K}/apps/media/extra/app/one.yaml`]: text,
  };
  const list = { [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "extra/ks.yaml"]) };
  const gone = Object.fromEntries(Object.keys(app).map((path) => [path, undefined]));
  return [
    { ...BASE, ...west(BASE), ...app, ...list },
    { ...gone, [MEDIA]: BASE[MEDIA], ...west(app), ...west(list) },
  ];
};

/** Objects that go, with why they are or are not still wanted. */
export const LOSSES: Cases = {
  "nothing but force makes it anew": files({ "one.yaml": pods("web", "a") }, { "one.yaml": pods("web", "b") }, [
    "force: true",
  ]),
  "force takes data along": files(
    { "one.yaml": claimOf("web", "a", FORCE) },
    { "one.yaml": claimOf("web", "b", FORCE) },
  ),
  "force takes claims of a set along": files({ "one.yaml": set("web", "a") }, { "one.yaml": set("web", "b") }, [
    "force: true",
  ]),
  "what is to deliver it is suspended": [
    { ...BASE, [KS]: player() },
    {
      [KS]: player().replace("name: player", "name: other").replace("prune: true", "prune: true\n  suspend: true"),
      [`${K}/apps/games/chess/ks.yaml`]: BASE[`${K}/apps/games/chess/ks.yaml`]!.replace("{name: player}", ""),
    },
  ],
  "it gets another name": files({ "one.yaml": map("a") }, { "one.yaml": map("b") }),
  "data gets another name": files({ "one.yaml": claim("a") }, { "one.yaml": claim("b") }),
  "what a controller looks after gets another name": files(
    { "one.yaml": certificate("a") },
    { "one.yaml": certificate("b") },
  ),
  "what a controller looks after gets another namespace": files(
    { "one.yaml": certificate("a"), "two.yaml": map("a") },
    {},
  ).map((part, index) =>
    index === 0 ? part : { [KS]: player().replace("Namespace: media", "Namespace: games") },
  ) as unknown as [Files, Edits],
  "it goes to another file under another name": files(
    { "one.yaml": claim("a") },
    { "one.yaml": undefined, "two.yaml": claim("b") },
  ),
  "it goes to another file and to another namespace": files(
    { "one.yaml": certificate("a") },
    { "one.yaml": undefined },
  ).map((part, index) =>
    index === 0
      ? part
      : {
          ...part,
          [`${K}/apps/games/a.yaml`]: certificate("a").replace("  name: a\n", "  name: a\n  namespace: games\n"),
          [`${K}/apps/games/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "a.yaml"]),
        },
  ) as unknown as [Files, Edits],
  "its document goes": files({ "one.yaml": map("a") }, { "one.yaml": undefined }),
  "its document goes to an archive": moved(claim("a"), `${K}/archive/one.yaml`),
  "its document goes to an archive that something names": moved(claim("a"), `${K}/flux/archive/one.yaml`, {
    [`${K}/flux/old.yaml`]: ks("old", "kubernetes/flux/archive", ["suspend: true"]),
  }),
  "its document goes where nobody looks": moved(map("a"), `${K}/spare/one.yaml`),
  "its document goes to a file that Flux does not read": moved(claim("a"), `${APP}/one.YAML`),
  "its file is left out of a list": unlisted({
    ...BASE,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "a.yaml"]),
    [`${APP}/a.yaml`]: map("a"),
  }),
  "a slip in the name of the list": [
    { ...BASE, [`${APP}/a.yaml`]: map("a"), [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "a.yaml"]) },
    { [LIST]: `${kustomization(["helmrelease.yaml", "pvc.yaml", "a.yaml"]).replace("resources:", "resource:")}` },
  ],
  "one folder is left out of a list": unlisted(folders(["a", "b"], map), "b"),
  "two folders are left out of a list": unlisted(folders(["a", "b"], map)),
  "entries of two lists are left out": [
    {
      ...folders(["a"], map),
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "more.yaml"]),
      [`${K}/apps/media/more.yaml`]: map("more", "  namespace: media"),
    },
    {
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml"]),
    },
  ],
  "two folders go with what lists them": [
    folders(["a", "b"], map),
    {
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
      ...Object.fromEntries(
        ["a", "b"].flatMap((name) => [
          [`${APP}/${name}/kustomization.yaml`, undefined],
          [`${APP}/${name}/one.yaml`, undefined],
        ]),
      ),
    },
  ],
  "its Kustomization is left out, and its document stays": [
    BASE,
    {
      [MEDIA]: kustomization(["namespace.yaml"]),
      [`${K}/apps/games/chess/ks.yaml`]: BASE[`${K}/apps/games/chess/ks.yaml`]!.replace("{name: player}", ""),
    },
  ],
  "its namespace is left out, and its document stays": [BASE, { [MEDIA]: kustomization(["player/ks.yaml"]) }],
  "a patch comes that deletes it by its name": [
    BASE,
    {
      [LIST]: kustomization(
        ["helmrelease.yaml", "pvc.yaml"],
        [
          "patches:",
          "  - patch: '{$patch: delete, apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: player}}'",
        ],
      ),
    },
  ],
  "it goes to another namespace with all": [BASE, { [KS]: player().replace("Namespace: media", "Namespace: games") }],
  "its path leads elsewhere": [
    { ...BASE, [`${K}/apps/media/player/new/a.yaml`]: map("a") },
    { [KS]: player().replace("player/app", "player/new") },
  ],
  "most of an inventory goes": many(20, 5),
  "half of an inventory goes": many(20, 11),
  "all of a small one goes": many(8, 0),
  "a guard comes as it goes": files({ "one.yaml": claim("a") }, { "one.yaml": undefined }).map((part, index) =>
    index === 0 ? part : { ...part, [KS]: player().replace("prune: true", "prune: false") },
  ) as unknown as [Files, Edits],
  "a release goes while it is suspended": [
    BASE,
    {
      [LIST]: kustomization(["pvc.yaml"]),
      [`${APP}/helmrelease.yaml`]: release("player", ["suspend: true"]),
    },
  ],
  "its Kustomization goes with its parent, and all documents stay": [
    BASE,
    { [`${K}/flux/apps.yaml`]: map("kept", "  namespace: flux-system") },
  ],
  "its parent builds no Kustomization any more, as its path leads elsewhere": [
    { ...BASE, [`${K}/spare/a.yaml`]: map("a", "  namespace: media") },
    { [`${K}/flux/apps.yaml`]: ks("cluster-apps", `${K}/spare`) },
  ],
  "its namespace and its Kustomization are left out": [
    BASE,
    {
      [MEDIA]: kustomization(["kept.yaml"]),
      [`${K}/apps/media/kept.yaml`]: map("kept", "  namespace: games"),
      [`${K}/apps/games/chess/ks.yaml`]: BASE[`${K}/apps/games/chess/ks.yaml`]!.replace("{name: player}", ""),
    },
  ],
  "what installs Flux is left out": [
    BASE,
    { [`${K}/flux/config/kustomization.yaml`]: kustomization(["cluster.yaml"]) },
  ],
  "its document is marked as of no cluster": files(
    { "one.yaml": claim("a") },
    { "one.yaml": claim("a", '  annotations: {config.kubernetes.io/local-config: "true"}') },
  ),
  "two still deliver what its namespace takes along": [
    {
      ...BASE,
      [`${K}/apps/media/more.yaml`]: ks("more", APP, ["targetNamespace: media"]),
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "more.yaml"]),
    },
    { [MEDIA]: kustomization(["player/ks.yaml", "more.yaml"]) },
  ],
  "a component of two apps gives up its claim": [
    {
      ...BASE,
      ...component(["pvc.yaml", "map.yaml"]),
      [KS]: player("components: [../../../../part]", "postBuild: {substitute: {WHO: player}}"),
      [`${K}/apps/games/chess/ks.yaml`]: ks("chess", `${K}/apps/games/chess/app`, [
        "targetNamespace: games",
        "components: [../../../../part]",
        "postBuild: {substitute: {WHO: chess}}",
      ]),
    },
    component(["map.yaml"]),
  ],
  "an app goes to another cluster": away(map("extra")),
  "an app that holds data goes to another cluster": away(claim("extra")),
};
