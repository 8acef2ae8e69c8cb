import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "./home-tree.ts";
import { APP, type Case, cm, HR, h, LIST, PLAYER, PVC, player, sayOf } from "./odd-tree.ts";

const K = "kubernetes";
const inFlux = ["  namespace: flux-system"];
const settings = (data: string) => cm("cluster-settings", data, inFlux);
const SETTINGS = `${K}/flux/vars/cluster-settings.yaml`;
const from = player("postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}");
const claim = (name: string) => object("PersistentVolumeClaim", name);
/** The claim is called what the settings say, which the change leaves as they are. */
const named = (name: string) => ({
  ...h,
  [SETTINGS]: settings("{DOMAIN: x, CLAIM: media}"),
  [PVC]: claim(name),
  [PLAYER]: from,
});

/** Two clusters that share their apps, each with settings of its own. */
function twoClusters(a: string, b: string) {
  const files: Record<string, string> = { [PVC]: claim("${CLAIM}"), [PLAYER]: from };
  for (const [path, text] of Object.entries(homeTree())) {
    const isOwn = path.startsWith(`${K}/flux/`);
    for (const name of isOwn ? ["a", "b"] : [])
      files[path.replace(`${K}/flux`, `clusters/${name}`)] = text.replaceAll(`${K}/flux`, `clusters/${name}`);
    if (!isOwn) files[path] ??= text;
  }
  return { ...files, [of("a")]: settings(a), [of("b")]: settings(b) };
}
const of = (cluster: string) => `clusters/${cluster}/vars/cluster-settings.yaml`;
const two = twoClusters("{DOMAIN: a, CLAIM: one}", "{DOMAIN: b, CLAIM: two}");
const goes = (name: string) =>
  `unsafe | wanted-may-go PersistentVolumeClaim media/${name} | deleted PersistentVolumeClaim media/${name}`;

/** The same with values that cannot be read. */
const hidden = (cluster: string) => `clusters/${cluster}/vars/settings.sops.yaml`;
const secret = (claim: string) =>
  object("Secret", "settings", "v1", [...inFlux, `stringData: {CLAIM: 'ENC[${claim}]'}`, "sops: {version: 3.9.0}"]);
const sealed = {
  ...two,
  [hidden("a")]: secret("one"),
  [hidden("b")]: secret("two"),
  [PLAYER]: player("postBuild: {substituteFrom: [{kind: Secret, name: settings}]}"),
};
/** One cluster that is given a Secret of one name in two namespaces. */
const OWN = `${K}/flux/vars/settings.sops.yaml`;
const COPY = `${APP}/settings.sops.yaml`;
const copied = (text: string) => text.replace("namespace: flux-system", "namespace: media");
const withOther = (text: string) => text.replace("stringData: {", "stringData: {OTHER: 'ENC[new]', ");
const twice = {
  ...h,
  [OWN]: secret("one"),
  [COPY]: copied(secret("one")),
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "settings.sops.yaml"]),
  [PVC]: claim("${CLAIM}"),
  [PLAYER]: player(
    "decryption: {provider: sops, secretRef: {name: sops-age}}",
    "postBuild: {substituteFrom: [{kind: Secret, name: settings}]}",
  ),
};
const elsewhere = "clusters/b/more/settings.sops.yaml";

const GENERATED = kustomization(
  ["helmrelease.yaml", "pvc.yaml"],
  ["secretGenerator: [{name: base, files: [values.yaml], options: {disableNameSuffixHash: true}}]"],
);
const VALUES = `${APP}/values.yaml`;
const fromSecret = release("player", ["valuesFrom: [{kind: Secret, name: base}]"]);
const chart = {
  "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
  "charts/app/templates/claim.yaml": object("PersistentVolumeClaim", "data"),
  [HR]: release("player").replace(
    "chart: app, sourceRef: {kind: HelmRepository, name: charts}",
    "chart: ./charts/app, sourceRef: {kind: GitRepository, name: home, namespace: flux-system}",
  ),
};
const pruned = (value: string) => ({
  ...h,
  [SETTINGS]: settings(`{DOMAIN: x, PRUNE: '${value}'}`),
  [`${K}/flux/apps.yaml`]: ks("cluster-apps", "kubernetes/apps", [
    "postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}",
  ]),
  [PLAYER]: player().replace("prune: true", "prune: ${PRUNE}"),
});
const dropped = { [LIST]: kustomization(["helmrelease.yaml"]), [PVC]: undefined };

const CASES: Case[] = [
  [
    "the default behind a value that is set changes",
    "safe",
    named("${CLAIM:=player}"),
    { [PVC]: claim("${CLAIM:=x}") },
  ],
  ["the value is written out", "safe", named("${CLAIM:=player}"), { [PVC]: claim("media") }],
  [
    "the default is written out, which was not in use",
    goes("media"),
    named("${CLAIM:=player}"),
    { [PVC]: claim("player") },
  ],
  ["a name is put together otherwise", goes("media"), named("${CLAIM}"), { [PVC]: claim("${CLAIM}-2") }],
  [
    "the value moves inline",
    "safe",
    named("${CLAIM}"),
    { [PLAYER]: from.replace("postBuild: {", "postBuild: {substitute: {CLAIM: media}, ") },
  ],
  [
    "a value inline comes over it",
    goes("media"),
    named("${CLAIM}"),
    { [PLAYER]: from.replace("postBuild: {", "postBuild: {substitute: {CLAIM: other}, ") },
  ],
  [
    "the value of one cluster changes, and another one of the other",
    goes("one"),
    two,
    { [of("a")]: settings("{DOMAIN: a, CLAIM: three}"), [of("b")]: settings("{DOMAIN: c, CLAIM: two}") },
  ],
  ["only the other cluster changes", goes("two"), two, { [of("b")]: settings("{DOMAIN: b, CLAIM: three}") }],
  ["the value of one cluster is written out for both", goes("one"), two, { [PVC]: claim("two") }],
  [
    "what is no matter changes in both",
    "safe",
    two,
    { [of("a")]: settings("{DOMAIN: c, CLAIM: one}"), [of("b")]: settings("{DOMAIN: d, CLAIM: two}") },
  ],
  ["encrypted values move to another folder", "safe", sealed, { [hidden("b")]: undefined, [elsewhere]: secret("two") }],
  ["they change on the way", "unproven", sealed, { [hidden("b")]: undefined, [elsewhere]: secret("three") }],
  [
    "a key comes to encrypted values that lie in two namespaces",
    "safe",
    twice,
    { [OWN]: withOther(secret("one")), [COPY]: copied(withOther(secret("one"))) },
  ],
  [
    "the value that a name hangs on changes in one of them",
    "unproven",
    twice,
    { [OWN]: secret("three"), [COPY]: copied(withOther(secret("one"))) },
  ],
  ["two clusters swap them", "unproven", sealed, { [hidden("a")]: secret("two"), [hidden("b")]: secret("one") }],
  ["another cluster comes with encrypted values of its own", "safe", sealed, { [hidden("c")]: secret("three") }],
  [
    "a cluster lists another file with encrypted values of that name",
    "unproven",
    sealed,
    {
      "clusters/a/vars/kustomization.yaml": kustomization(["cluster-settings.yaml", "other.sops.yaml"]),
      "clusters/a/vars/other.sops.yaml": secret("three"),
    },
  ],
  [
    "a cluster gets those of the other, which moves on",
    "unproven",
    sealed,
    {
      [hidden("a")]: undefined,
      "clusters/a/more/s.sops.yaml": secret("three"),
      [hidden("b")]: undefined,
      [elsewhere]: secret("one"),
    },
  ],
  [
    "an object leaves what is pruned by a value",
    "deletes | deleted PersistentVolumeClaim media/player",
    pruned("true"),
    dropped,
  ],
  ["an object leaves what is not pruned by a value", "safe", pruned("false"), dropped],
  [
    "values in a generated Secret switch storage off",
    "unproven | safety-unknown HelmRelease media/player",
    { ...h, [LIST]: GENERATED, [VALUES]: "persistence: {enabled: true}\n", [HR]: fromSecret },
    { [VALUES]: "persistence: {enabled: false}\n" },
  ],
  [
    "other values in a generated Secret",
    "safe",
    { ...h, [LIST]: GENERATED, [VALUES]: "persistence: {enabled: true}\n", [HR]: fromSecret },
    { [VALUES]: "persistence: {enabled: true}\nimage: 2\n" },
  ],
  [
    "a source leaves the folder of a chart out",
    "unsafe | build-breaks HelmRelease media/player",
    { ...h, ...chart },
    { ".sourceignore": "/charts\n" },
  ],
  [
    "a source leaves a template out",
    "unproven",
    { ...h, ...chart },
    { ".sourceignore": "/charts/app/templates/claim.yaml\n" },
  ],
  ["a source leaves other files out", "safe", { ...h, ...chart }, { ".sourceignore": "/docs\n" }],
];

test.each(CASES)("%s", (_, said, before, change) => {
  expect(sayOf(before, change)).toBe(said);
});

test("what moves to the folder of another cluster goes on purpose, but for the data in it", () => {
  const own = (cluster: string, ...apps: string[]) => ({
    [`clusters/${cluster}/own/kustomization.yaml`]: kustomization(apps),
  });
  const app = (cluster: string, name: string, text: string) => ({
    [`clusters/${cluster}/own/${name}/kustomization.yaml`]: kustomization(["app.yaml"]),
    [`clusters/${cluster}/own/${name}/app.yaml`]: text.replace("metadata:\n", "metadata:\n  namespace: media\n"),
  });
  const move = (text: string, ...listed: string[]) => {
    const before = {
      ...two,
      ...own("a", "one", "two"),
      ...app("a", "one", text),
      ...app("a", "two", cm("two", "{a: b}")),
    };
    const gone = Object.fromEntries(Object.keys(app("a", "one", text)).map((path) => [path, undefined]));
    const there = { ...own("b", "three"), ...app("b", "three", cm("three", "{a: b}")) };
    return sayOf(
      { ...before, ...there },
      { ...gone, ...own("a", "two"), ...app("b", "one", text), ...own("b", "three", ...listed) },
    );
  };
  expect(move(release("one"), "one")).toBe("deletes | deleted HelmRelease media/one");
  expect(move(claim("one"), "one")).toBe(
    "unsafe | wanted-may-go PersistentVolumeClaim media/one | deleted PersistentVolumeClaim media/one",
  );
  // No list takes it up.
  expect(move(release("one"))).toBe("unsafe | wanted-may-go HelmRelease media/one | deleted HelmRelease media/one");
});

test("a claim that an app takes from a component stays behind when its Kustomization moves to another cluster", () => {
  const file = (cluster: string) => `clusters/${cluster}/own/app/ks.yaml`;
  const lists = (cluster: string, ...apps: string[]) => ({
    [`clusters/${cluster}/own/kustomization.yaml`]: kustomization(["cm.yaml", ...apps]),
    [`clusters/${cluster}/own/cm.yaml`]: cm("own", "{a: b}"),
  });
  const apps = ks("app", "apps/app", ["targetNamespace: media"]);
  const part = (text: string) => ({
    "apps/app/kustomization.yaml": `${kustomization(["cm.yaml"])}components: [../../components/part]\n`,
    "apps/app/cm.yaml": cm("app", "{a: b}"),
    "components/part/kustomization.yaml": kustomization(["part.yaml"]).replace(
      "v1beta1\nkind: Kustomization",
      "v1alpha1\nkind: Component",
    ),
    "components/part/part.yaml": text,
  });
  const move = (text: string) =>
    sayOf(
      { ...two, ...part(text), ...lists("a", "app/ks.yaml"), [file("a")]: apps, ...lists("b") },
      { [file("a")]: undefined, ...lists("a"), [file("b")]: apps, ...lists("b", "app/ks.yaml") },
    );
  expect(move(claim("data"))).toContain("unsafe | wanted-may-go PersistentVolumeClaim media/data");
  expect(move(cm("data", "{a: b}"))).toMatch(/^deletes \|/);
});
