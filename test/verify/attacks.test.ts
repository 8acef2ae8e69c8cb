import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, operatorTree, release } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const CONFIG = "kubernetes/flux/config/kustomization.yaml";
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";
const PVC = "PersistentVolumeClaim media/player";

const player = (...spec: string[]) => ks("player", APP, ["targetNamespace: media", ...spec]);
const edit = (tree: Files, path: string, from: string, to: string): Edits => ({
  [path]: tree[path]!.replace(from, to),
});
const unknownOf = (tree: Files, edits: Edits) =>
  judge(tree, edits)
    .safety.unknown.map(({ what }) => what)
    .join("\n");

describe("what hangs on something that goes", () => {
  test("a component that the instance drops takes the objects of its kinds along", () => {
    const tree = operatorTree();
    tree[CONFIG] = kustomization(["instance.yaml", "images.yaml"]);
    tree["kubernetes/flux/config/images.yaml"] = object("ImageRepository", "app", "image.toolkit.fluxcd.io/v1beta2", [
      "  namespace: flux-system",
    ]);
    const verdict = judge(tree, edit(tree, INSTANCE, ", image-reflector-controller", ""));
    expect(verdict.wanted).toEqual(["deleted ImageRepository flux-system/app"]);
    expect(verdict.blockers).toEqual(["wanted-may-go"]);
  });

  test("a namespace takes what a release of another namespace installed there", () => {
    const listing = "kubernetes/apps/media/kustomization.yaml";
    const tree: Files = {
      ...homeTree(),
      [`${APP}/helmrelease.yaml`]: release("player", ["targetNamespace: movies"]),
      "kubernetes/apps/media/movies.yaml": object("Namespace", "movies"),
      [listing]: kustomization(["namespace.yaml", "movies.yaml", "player/ks.yaml"]),
    };
    const verdict = judge(tree, { [listing]: kustomization(["namespace.yaml", "player/ks.yaml"]) });
    expect(verdict.wanted).toEqual(["recreated HelmRelease media/player"]);
    expect(verdict.findings[0]!.what).toContain("Flux may delete what HelmRelease media/player installed");
  });

  test("force recreates a claim whose storage class changes", () => {
    const claim = (name: string) =>
      object("PersistentVolumeClaim", "player", "v1", [`spec: {storageClassName: ${name}}`]);
    const file = `${APP}/pvc.yaml`;
    const plain: Files = { ...homeTree(), [file]: claim("slow") };
    expect(judge(plain, { [file]: claim("fast") }).wanted).toEqual([]);
    const forced = { ...plain, [PLAYER]: player("force: true") };
    expect(judge(forced, { [file]: claim("fast") }).wanted).toEqual([`recreated ${PVC}`]);
    expect(judge(forced, { [file]: `${claim("slow").trimEnd()} # grows\n` }).wanted).toEqual([]);
    const annotated = {
      ...plain,
      [file]: claim("slow").replace("spec:", "  annotations: {kustomize.toolkit.fluxcd.io/force: Enabled}\nspec:"),
    };
    expect(judge(annotated, edit(annotated, file, "slow", "fast")).wanted).toEqual([`recreated ${PVC}`]);
  });

  test("a release whose chart gets another name behind its chartRef is uninstalled first", () => {
    const charts = "kubernetes/flux/config/charts.yaml";
    const chart = (name: string) =>
      object("OCIRepository", "player", "source.toolkit.fluxcd.io/v1", [
        "  namespace: media",
        `spec: {interval: 1h, url: 'oci://charts.example.invalid/${name}', ref: {tag: 1.0.0}}`,
      ]);
    const byRef = object("HelmRelease", "player", "helm.toolkit.fluxcd.io/v2", [
      "spec: {interval: 1h, chartRef: {kind: OCIRepository, name: player}}",
    ]);
    const tree: Files = {
      ...homeTree(),
      [charts]: chart("player"),
      [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "charts.yaml"]),
      [`${APP}/helmrelease.yaml`]: byRef,
    };
    const touch = { [`${APP}/helmrelease.yaml`]: byRef.replace("1h", "2h") };
    expect(judge(tree, { [charts]: chart("cinema"), ...touch }).wanted).toEqual(["recreated HelmRelease media/player"]);
    expect(judge(tree, { [charts]: chart("player").replace("1.0.0", "2.0.0"), ...touch }).wanted).toEqual([]);
    expect(judge(tree, { [charts]: chart("cinema") }).wanted).toEqual(["recreated HelmRelease media/player"]);
    const inPlace = byRef.replace("1h,", "1h, upgrade: {chartNameChangeStrategy: InPlaceUpdate},");
    const edits = { [charts]: chart("cinema"), [`${APP}/helmrelease.yaml`]: inPlace };
    expect(judge(tree, edits).wanted).toEqual([]);
  });

  test("a ResourceSet takes along what it generated, which cannot be seen", () => {
    const set = `${APP}/set.yaml`;
    const tree: Files = {
      ...homeTree(),
      [set]: object("ResourceSet", "apps", "fluxcd.controlplane.io/v1", [
        "spec: {inputs: [{tenant: one}], resourcesTemplate: '<< inputs.tenant | sha256sum >>'}",
      ]),
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "set.yaml"]),
    };
    const gone = judge(tree, { [`${APP}/kustomization.yaml`]: homeTree()[`${APP}/kustomization.yaml`] });
    expect(gone.findings.map(({ level, what }) => `${level}: ${what}`).join()).toMatch(
      /caution: .*ResourceSet media\/apps \(everything it generated\)/,
    );
    expect(unknownOf(tree, edit(tree, set, "one", "two"))).toContain(
      "ResourceSet media/apps is touched by this change",
    );
  });
});

describe("the artifact is not the tree of the change", () => {
  const blocked = ["source-switches"];

  test.each([
    ["branch", "branch: main", "branch: dev"],
    ["repository", "me/home.git", "me/other.git"],
    ["tag", "{branch: main}", "{tag: v1}"],
  ])("the root's source reads another %s", (_, from, to) => {
    expect(judge(homeTree(), edit(homeTree(), CLUSTER, from, to)).blockers).toEqual(blocked);
  });

  test.each([
    ["branch", "refs/heads/main", "refs/heads/dev"],
    ["repository", "me/home.git", "me/other.git"],
  ])("the instance syncs another %s", (_, from, to) => {
    expect(judge(operatorTree(), edit(operatorTree(), INSTANCE, from, to)).blockers).toEqual(blocked);
  });

  test("the operator stops generating the source that children read", () => {
    const named = edit(operatorTree(), INSTANCE, "sync: {", "sync: {name: cluster, ");
    const tree: Files = Object.fromEntries(
      Object.entries({ ...operatorTree(), ...named }).map(([path, text]) => [
        path,
        text!.replaceAll("    name: flux-system\n", "    name: cluster\n"),
      ]),
    );
    const { findings, wanted } = judge(tree, edit(tree, INSTANCE, "name: cluster, ", ""));
    // Seen live (docs/live-proof.md, `wrong-sync-name-dropped`): the new root applies its children, and those apply nothing.
    expect(wanted).toContain("recreated Kustomization flux-system/cluster-apps");
    expect(wanted).toContain("deleted HelmRelease media/player");
    const broken = findings.filter(({ rule }) => rule === "reference-breaks").map(({ resource }) => resource);
    expect(broken).toContain("Kustomization flux-system/cluster-apps");
    expect(findings.find(({ rule }) => rule === "reference-breaks")?.what).toContain("GitRepository/cluster");
    expect(
      judge(tree, edit(tree, INSTANCE, "ref: refs/heads/main", "ref: refs/heads/main, interval: 5m")).blockers,
    ).toEqual([]);
  });

  test("two clusters whose sources share a name do not speak for each other", () => {
    const cluster = (name: string): Files =>
      Object.fromEntries(
        Object.entries(homeTree()).map(([path, text]) => [
          path.replace("kubernetes/", `kubernetes/${name}/`),
          text.replaceAll("kubernetes/", `kubernetes/${name}/`).replace("branch: main", `branch: ${name}`),
        ]),
      );
    const tree: Files = { ...cluster("prod"), ...cluster("test") };
    const config = "kubernetes/prod/flux/config";
    const edits = {
      [`${config}/cluster.yaml`]: tree[`${config}/cluster.yaml`]!.slice(
        tree[`${config}/cluster.yaml`]!.indexOf("---\napiVersion: kustomize"),
      ),
    };
    for (const index of [0, 1]) expect(judge(tree, edits, index).blockers).not.toContain("source-switches");
    const listing = "kubernetes/prod/apps/media/player/app/kustomization.yaml";
    const taken = { [listing]: kustomization(["helmrelease.yaml"]) };
    expect([0, 1].map((index) => judge(tree, taken, index).meant)).toEqual([[`deleted ${PVC}`], []]);
  });

  test("another way to write the same source is none", () => {
    const ssh = edit(
      homeTree(),
      CLUSTER,
      "https://git.example.invalid/me/home.git",
      "ssh://git@git.example.invalid/me/home",
    );
    // Without a Secret nothing is fetched over ssh, which is another matter.
    expect(judge(homeTree(), ssh).blockers).toEqual(["login-mismatch"]);
    expect(judge(homeTree(), edit(homeTree(), CLUSTER, "{branch: main}", "{name: refs/heads/main}")).blockers).toEqual(
      [],
    );
  });

  test("somebody else's repository at another tag is unknown, and stops nothing", () => {
    const file = "kubernetes/flux/config/other.yaml";
    const source = object("GitRepository", "other", "source.toolkit.fluxcd.io/v1", [
      "  namespace: flux-system",
      "spec: {interval: 1h, url: 'https://git.example.invalid/you/crds.git', ref: {tag: v1}}",
    ]);
    const tree = {
      ...homeTree(),
      [file]: source,
      [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "other.yaml"]),
    };
    expect(unknownOf(tree, edit(tree, file, "tag: v1", "tag: v2"))).toBe("");
    const read = { ...tree, [PLAYER]: ks("player", "deploy", [], "other") };
    const verdict = judge(read, edit(read, file, "tag: v1", "tag: v2"));
    expect(verdict.safety.unknown[0]!.what).toMatch(/reads tag v2 of \S+ instead of tag v1/);
    expect(verdict.blockers).toEqual([]);
  });

  const pinned = (): Files => ({
    ...homeTree(),
    "kubernetes/flux/config/pinned.yaml": homeTree()
      [CLUSTER]!.split("---\n")[1]!
      .replace("name: home", "name: pinned")
      .replace("branch: main", "tag: v1"),
    [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "pinned.yaml"]),
    [PLAYER]: ks("player", APP, ["targetNamespace: media"], "pinned"),
  });

  test("what reads a tag of this repository does not follow the change", () => {
    const verdict = judge(pinned(), { [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]) });
    expect([...verdict.wanted, ...verdict.meant, ...verdict.safety.unknown]).toEqual([]);
    expect(unknownOf(pinned(), { [PLAYER]: homeTree()[PLAYER] })).toContain("GitRepository pinned");
  });

  test.each<[string, (tree: Files) => Edits]>([
    [".sourceignore", () => ({ ".sourceignore": "kubernetes/apps/media/\n" })],
    [
      "spec.ignore",
      (tree) => edit(tree, CLUSTER, "{branch: main}", "{branch: main}\n  ignore: |\n    /kubernetes/apps/media"),
    ],
    [
      "sparseCheckout",
      (tree) =>
        edit(
          tree,
          CLUSTER,
          "{branch: main}",
          "{branch: main}\n  sparseCheckout: [kubernetes/flux, kubernetes/apps/games]",
        ),
    ],
  ])("%s takes a folder out of the artifact", (_, edits) => {
    // Nobody took it out of a list, and Git still has it: that is how trees are lost.
    const verdict = judge(homeTree(), edits(homeTree()));
    expect(verdict.wanted).toContain(`deleted ${PVC}`);
    expect(verdict.wanted).toContain("deleted Namespace media");
  });

  test("what is left out today neither comes nor goes", () => {
    const tree: Files = {
      ...homeTree(),
      ".sourceignore": "*.skip.yaml\n",
      "kubernetes/flux/old.skip.yaml": object("Namespace", "old"),
    };
    expect(judge(tree, { "kubernetes/flux/old.skip.yaml": undefined }).meant).toEqual([]);
    expect(judge(tree, { ".sourceignore": undefined }).safety.outcomes.created?.names).toEqual(["Namespace old"]);
  });
});

describe("another cluster", () => {
  const there = " in the cluster of flux-system/other";
  const remote = (): Files => ({ ...homeTree(), [PLAYER]: player("kubeConfig: {secretRef: {name: other}}") });

  test("what a Kustomization applies elsewhere is pruned elsewhere", () => {
    const listing = kustomization(["helmrelease.yaml"]);
    expect(judge(remote(), { [`${APP}/kustomization.yaml`]: listing }).meant).toEqual([`deleted ${PVC}${there}`]);
  });

  test("an object of the same name here is another one", () => {
    const tree = remote();
    tree["kubernetes/apps/games/chess/ks.yaml"] = ks("chess", "kubernetes/apps/games/chess/app");
    tree["kubernetes/apps/games/chess/app/kustomization.yaml"] = kustomization(["pvc.yaml"]);
    tree["kubernetes/apps/games/chess/app/pvc.yaml"] = object("PersistentVolumeClaim", "player", "v1", [
      "  namespace: media",
    ]);
    const verdict = judge(tree, { [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]) });
    expect(verdict.wanted).toEqual([]);
    expect(verdict.meant).toEqual([`deleted ${PVC}${there}`]);
  });

  test("a Kustomization that goes to another cluster leaves behind what it applied", () => {
    for (const to of [homeTree()[PLAYER]!, remote()[PLAYER]!.replace("other", "third")]) {
      const { safety } = judge(remote(), { [PLAYER]: to });
      expect(safety.dangers).toEqual([]);
      expect(safety.outcomes.orphaned?.names).toContain(`${PVC}${there}`);
    }
  });
});

describe("names that depend on values", () => {
  const named = (kind: string): Files => ({
    ...homeTree(),
    [PLAYER]: player(`postBuild: {substituteFrom: [{kind: ${kind}, name: settings}]}`),
    [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "data-${VOL}"),
  });

  test("an encrypted Secret may rename them where the value of their variable changes, and only there", () => {
    const file = "kubernetes/flux/vars/settings.sops.yaml";
    const tree = named("Secret");
    tree[file] = tree[file]!.replace("{key:", "{VOL: 'ENC[AES256_GCM,data:CC==,type:str]', key:");
    expect(unknownOf(tree, edit(tree, file, "CC==", "DD=="))).toContain(
      "PersistentVolumeClaim media/data-${VOL} has a name that hangs on a value",
    );
    expect(judge(tree, edit(tree, file, "AA==", "BB==")).safety.verdict).toBe("safe");
  });

  test.each([
    [
      "literals",
      "literals: [VOL=one]",
      {},
      (tree: Files) => edit(tree, "kubernetes/flux/vars/kustomization.yaml", "one", "two"),
    ],
    [
      "a file",
      "envs: [values.env]",
      { "kubernetes/flux/vars/values.env": "VOL=one\n" },
      () => ({ "kubernetes/flux/vars/values.env": "VOL=two\n" }),
    ],
  ])("a generated ConfigMap renames them, from %s", (_, from, files, edits) => {
    const tree: Files = {
      ...named("ConfigMap"),
      "kubernetes/flux/vars/kustomization.yaml": kustomization(
        ["settings.sops.yaml", "cluster-settings.yaml"],
        [
          "namespace: flux-system",
          "generatorOptions: {disableNameSuffixHash: true}",
          `configMapGenerator: [{name: settings, ${from}}]`,
        ],
      ),
      ...files,
    };
    expect(judge(tree, edits(tree)).wanted).toEqual(["deleted PersistentVolumeClaim media/data-one"]);
  });

  test("so does one of a list in a file named Kustomization", () => {
    const { "kubernetes/flux/vars/kustomization.yaml": _, ...rest } = named("ConfigMap");
    const tree: Files = {
      ...rest,
      "kubernetes/flux/vars/Kustomization": kustomization(
        ["settings.sops.yaml", "cluster-settings.yaml"],
        [
          "namespace: flux-system",
          "generatorOptions: {disableNameSuffixHash: true}",
          "configMapGenerator: [{name: settings, envs: [values.env]}]",
        ],
      ),
      "kubernetes/flux/vars/values.env": "VOL=one\n",
    };
    const edits = { "kubernetes/flux/vars/values.env": "VOL=two\n" };
    expect(judge(tree, edits).wanted).toEqual(["deleted PersistentVolumeClaim media/data-one"]);
  });
});

test("a Kustomization that resumes may prune what an older commit had", () => {
  const tree: Files = { ...homeTree(), [PLAYER]: player("suspend: true") };
  expect(unknownOf(tree, { [PLAYER]: player() })).toContain("is suspended today and resumes");
  expect(unknownOf(tree, { [PLAYER]: player("suspend: true", "timeout: 5m") })).toBe("");
});

test("a file of the change that is too deep to be read may hold anything", () => {
  const listing = "kubernetes/apps/media/kustomization.yaml";
  const deep = `${object("ConfigMap", "deep").trimEnd()}\ndata: ${"{a: ".repeat(150)}1${"}".repeat(150)}\n`;
  const add = (entry: string, files: Files = {}) => {
    return unknownOf(homeTree(), { [listing]: kustomization(["namespace.yaml", "player/ks.yaml", entry]), ...files });
  };
  const place = (file: string) => `kubernetes/apps/media/${file}`;
  expect(add("deep.yaml", { [place("deep.yaml")]: deep })).toContain("which nests too deeply");
  // What comes from elsewhere only adds.
  expect(add("https://example.org/base?ref=v1")).toBe("");
});
