import { describe, expect, test } from "vitest";
import { type VerifyReport, verifyChange } from "../../src/safety/verify.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { verifyEdits as verify } from "./edited.ts";
import { homeTree, ks, kustomization, object, ROOT_SETTINGS, release } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const rulesOf = (report: VerifyReport) =>
  [...new Set(report.findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule))].sort();
const wantedOf = (report: VerifyReport) =>
  report.clusters
    .flatMap(({ safety }) =>
      safety.dangers.filter(({ wanted }) => wanted).map(({ resource, outcome }) => `${outcome} ${resource}`),
    )
    .sort();
const fate = (report: VerifyReport, name: string) =>
  Object.entries(report.clusters[0]!.safety.outcomes).find(([, known]) => known!.names.includes(name))?.[0];

const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const APPS = "kubernetes/flux/apps.yaml";

describe("mistakes that cost people their workloads", () => {
  test("the root loses decryption and postBuild", () => {
    const report = verify({
      [CLUSTER]: homeTree()[CLUSTER]!.replace(`  ${ROOT_SETTINGS.join("\n  ")}\n`, ""),
      [APPS]: homeTree()[APPS]!.replace("metadata:\n", 'metadata:\n  annotations: {host: "${DOMAIN}"}\n'),
    });
    expect(rulesOf(report)).toEqual(["setting-lost"]);
    const texts = report.findings.filter(({ rule }) => rule === "setting-lost").map(({ what }) => what);
    expect(texts.some((what) => what.includes("spec.decryption"))).toBe(true);
    expect(texts.some((what) => what.includes("spec.postBuild"))).toBe(true);
  });

  test("the root loses postBuild that only a comment or an object with the mark would use", () => {
    const off = (more: string) =>
      `${homeTree()[APPS]}# \${DOMAIN}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: media, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {a: "\${DOMAIN}"}\n${more}`;
    const without = homeTree()[CLUSTER]!.replace(`  ${ROOT_SETTINGS[1]!}\n`, "");
    const lost = (more: string) => {
      const before = { ...homeTree(), [APPS]: off(more) };
      return rulesOf(verify({ [CLUSTER]: without }, before));
    };
    expect(without).not.toBe(homeTree()[CLUSTER]);
    expect(lost("")).not.toContain("setting-lost");
    const used =
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: media}\ndata: {b: "${DOMAIN:=x}"}\n';
    expect(lost(used)).toContain("setting-lost");
    const set = (name: string) =>
      homeTree()[CLUSTER]!.replace(ROOT_SETTINGS[1]!, `postBuild: {substitute: {${name}: a}}`);
    const before = { ...homeTree(), [CLUSTER]: set("DOMAIN"), [APPS]: off(used.replace(":=x", "")) };
    expect(rulesOf(verify({ [CLUSTER]: set("HOST") }, before))).toContain("setting-lost");
  });

  test("what is named by a variable comes to an app that fills in nothing, and is refused", () => {
    const app = "kubernetes/apps/media/player";
    const claim = object("PersistentVolumeClaim", "${CLAIM}");
    const add = (text: string, tree: Files = homeTree()) => {
      const file = `${app}/app/pvc.yaml`;
      return verify({ [file]: tree[file]! + text }, tree).findings.map(({ rule }) => rule);
    };
    expect(add(claim)).toEqual(["object-refused"]);
    expect(add(object("Role", "${CLAIM}", "rbac.authorization.k8s.io/v1"))).toEqual([]);
    const postBuild = "postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}";
    const filled = ks("player", `${app}/app`, ["targetNamespace: media", postBuild]);
    expect(add(claim, { ...homeTree(), [`${app}/ks.yaml`]: filled })).not.toContain("object-refused");
    const already = { ...homeTree(), [`${app}/app/pvc.yaml`]: claim };
    expect(add(object("PersistentVolumeClaim", "player"), already)).toEqual([]);
  });

  test("an app loses postBuild, and what it names by a variable is refused; what another app loses goes all the same", () => {
    const app = "kubernetes/apps/media/player";
    const filled = (...lines: string[]) => ks("player", `${app}/app`, ["targetNamespace: media", ...lines]);
    const before = {
      ...homeTree(),
      [`${app}/ks.yaml`]: filled("postBuild: {substitute: {CLAIM: player, DOMAIN: example.invalid}}"),
      [`${app}/app/pvc.yaml`]: object("PersistentVolumeClaim", "${CLAIM}"),
      "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", ["targetNamespace: media"]),
      "kubernetes/apps/games/chess/app/kustomization.yaml": kustomization(["helmrelease.yaml", "pvc.yaml"]),
      "kubernetes/apps/games/chess/app/pvc.yaml": object("PersistentVolumeClaim", "moves"),
    };
    const without = { [`${app}/ks.yaml`]: filled() };
    const whats = verify(without, before).findings.map(({ what }) => what);
    expect(whats.find((what) => what.startsWith("PersistentVolumeClaim media/player goes"))).toContain(
      "unless the API server refuses PersistentVolumeClaim media/${CLAIM}, whose variable nothing fills in, and Flux prunes nothing then",
    );
    // Names of roles and bindings may hold anything but slashes: it is made beside what goes.
    const role = object("Role", "${CLAIM}", "rbac.authorization.k8s.io/v1");
    const roles = { ...before, [`${app}/app/pvc.yaml`]: role };
    expect(verify(without, roles).findings.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^Flux deletes Role media\/player/),
    );
    const renamed = { "kubernetes/apps/games/chess/app/pvc.yaml": object("PersistentVolumeClaim", "saves") };
    expect(wantedOf(verify({ ...without, ...renamed }, before))).toEqual(["deleted PersistentVolumeClaim media/moves"]);
  });

  test("the source is renamed while children still read the old name", () => {
    const report = verify({ [CLUSTER]: homeTree()[CLUSTER]!.replaceAll("name: home\n", "name: flux-system\n") });
    expect(rulesOf(report)).toContain("reference-breaks");
    expect(report.findings.find(({ rule }) => rule === "reference-breaks")?.resource).toMatch(
      /^Kustomization flux-system\//,
    );
  });

  test("an app moves from one Kustomization to another in one commit", () => {
    const report = verify({
      "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml"]),
      "kubernetes/apps/media/player/app/pvc.yaml": undefined,
      "kubernetes/apps/games/chess/app/kustomization.yaml": kustomization(["helmrelease.yaml", "pvc.yaml"]),
      "kubernetes/apps/games/chess/app/pvc.yaml": object("PersistentVolumeClaim", "player", "v1", [
        "  namespace: media",
      ]),
      "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app"),
      "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess").replace(
        "name: chess",
        "name: chess\n  namespace: games",
      ),
    });
    expect(wantedOf(report)).toEqual(["recreated PersistentVolumeClaim media/player"]);
    expect(rulesOf(report)).toEqual(["wanted-may-go"]);
  });

  test("a Kustomization is renamed, and takes its app along", () => {
    const report = verify({
      "kubernetes/apps/media/player/ks.yaml": ks("video", "kubernetes/apps/media/player/app", [
        "targetNamespace: media",
      ]),
    });
    expect(wantedOf(report)).toEqual([
      "deleted Kustomization flux-system/player",
      "recreated HelmRelease media/player",
      "recreated PersistentVolumeClaim media/player",
    ]);
    expect(rulesOf(report)).toEqual(["reference-breaks", "wanted-may-go"]);
  });

  test("a namespace is no longer delivered while its apps are", () => {
    const report = verify({
      "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]),
      "kubernetes/apps/media/namespace.yaml": undefined,
    });
    expect(wantedOf(report)).toEqual([
      "deleted HelmRelease media/player",
      "deleted PersistentVolumeClaim media/player",
    ]);
    const chain = report.clusters[0]!.safety.dangers.find(
      ({ resource }) => resource === "PersistentVolumeClaim media/player",
    )!.chain;
    expect(chain).toHaveLength(2);
    expect(chain[0]).toContain("no longer delivers Namespace media");
  });

  test("targetNamespace changes under a claim", () => {
    const report = verify({
      "kubernetes/apps/media/player/ks.yaml": ks("player", "kubernetes/apps/media/player/app", [
        "targetNamespace: games",
      ]),
    });
    expect(wantedOf(report)).toContain("deleted PersistentVolumeClaim media/player");
  });

  test("a prune: false that comes in the same commit protects nothing", () => {
    const player = "kubernetes/apps/media/player/ks.yaml";
    const report = verify({
      [player]: homeTree()[player]!.replace("prune: true", "prune: false"),
      "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml"]),
    });
    expect(fate(report, "PersistentVolumeClaim media/player")).toBe("deleted");
  });

  test("a prune: false that was merged before does", () => {
    const player = "kubernetes/apps/media/player/ks.yaml";
    const tree = homeTree();
    tree[player] = tree[player]!.replace("prune: true", "prune: false");
    const report = verify(
      { "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml"]) },
      tree,
    );
    expect(fate(report, "PersistentVolumeClaim media/player")).toBe("orphaned");
    expect(report.safe).toBe(true);
  });

  test("deletionPolicy: Orphan spares the inventory, and only when the Kustomization itself goes", () => {
    const player = "kubernetes/apps/media/player/ks.yaml";
    const listing = "kubernetes/apps/media/kustomization.yaml";
    const tree = homeTree();
    tree[player] = tree[player]!.replace("prune: true", "prune: true\n  deletionPolicy: Orphan");
    const gone = verify(
      {
        [listing]: kustomization(["namespace.yaml"]),
        [player]: undefined,
        "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", [
          "targetNamespace: games",
        ]),
      },
      tree,
    );
    expect(gone.clusters[0]!.safety.dangers.map(({ resource }) => resource)).toEqual([
      "Kustomization flux-system/player",
    ]);
    const stale = verify(
      { "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml"]) },
      tree,
    );
    expect(fate(stale, "PersistentVolumeClaim media/player")).toBe("deleted");
  });

  test("the old install goes in the commit that adds the operator", () => {
    const instance = object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
      "  namespace: flux-system",
      "spec:",
      "  distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
      "  sync: {kind: GitRepository, name: cluster, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: kubernetes/flux}",
    ]);
    const report = verify({
      "kubernetes/flux/config/flux.yaml": undefined,
      "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]),
      "kubernetes/apps/games/chess/app/instance.yaml": instance,
      "kubernetes/apps/games/chess/app/kustomization.yaml": kustomization(["helmrelease.yaml", "instance.yaml"]),
    });
    expect(rulesOf(report)).toContain("flux-may-go");
    expect(report.findings.find(({ rule }) => rule === "flux-may-go")?.why).toContain(
      "finalizer of Kustomization flux-system/flux",
    );
  });

  test("a kustomization that lists a file that is gone", () => {
    const report = verify({ "kubernetes/apps/media/player/app/pvc.yaml": undefined });
    expect(rulesOf(report)).toEqual(["build-breaks"]);
    // A broken build prunes nothing.
    expect(wantedOf(report)).toEqual([]);
  });

  test("a folder left empty prunes everything, a folder that is gone nothing", () => {
    const app = "kubernetes/apps/media/player/app";
    const all = {
      [`${app}/kustomization.yaml`]: undefined,
      [`${app}/helmrelease.yaml`]: undefined,
      [`${app}/pvc.yaml`]: undefined,
    };
    expect(rulesOf(verify(all))).toEqual(["build-breaks"]);
    const emptied = verify({ ...all, [`${app}/README.md`]: "Nothing here.\n" });
    expect(fate(emptied, "PersistentVolumeClaim media/player")).toBe("deleted");
  });

  test("a Flux object without a namespace keeps Flux from applying anything beside it", () => {
    const chess = "kubernetes/apps/games/chess/ks.yaml";
    const bare = homeTree()[chess]!.replace("  namespace: flux-system\n", "");
    expect(bare).not.toBe(homeTree()[chess]);
    expect(rulesOf(verify({ [chess]: bare }))).toEqual(["build-breaks"]);
    // It never was in the cluster, so giving it a namespace deletes nothing.
    const mended = verify({ [chess]: homeTree()[chess]! }, { ...homeTree(), [chess]: bare });
    expect(rulesOf(mended)).toEqual([]);
    expect(mended.clusters[0]!.safety.unknown[0]!.what).toContain("Kustomization chess has no namespace");
  });

  test("a name that a changed ConfigMap substitutes", () => {
    const tree = homeTree();
    tree["kubernetes/flux/config/extra.yaml"] = object("PersistentVolumeClaim", "data-${DOMAIN}", "v1", [
      "  namespace: media",
    ]);
    tree["kubernetes/flux/config/kustomization.yaml"] = kustomization(["cluster.yaml", "flux.yaml", "extra.yaml"]);
    const settings = "kubernetes/flux/vars/cluster-settings.yaml";
    const report = verify({ [settings]: tree[settings]!.replace("example.invalid", "other.invalid") }, tree);
    expect(wantedOf(report)).toEqual(["deleted PersistentVolumeClaim media/data-example.invalid"]);
  });

  test("a HelmRelease whose release moves to another namespace is uninstalled first", () => {
    const report = verify({
      "kubernetes/apps/media/player/app/helmrelease.yaml": release("player", ["storageNamespace: flux-system"]),
    });
    expect(wantedOf(report)).toEqual(["recreated HelmRelease media/player"]);
  });
});

describe("changes that are safe", () => {
  test.each<[string, Edits]>([
    [
      "a new app",
      {
        "kubernetes/apps/games/chess/app/extra.yaml": object("ConfigMap", "extra"),
        "kubernetes/apps/games/chess/app/kustomization.yaml": kustomization(["helmrelease.yaml", "extra.yaml"]),
      },
    ],
    [
      "other values",
      { "kubernetes/apps/media/player/app/helmrelease.yaml": release("player", ["values: {replicas: 2}"]) },
    ],
    [
      "files that nothing delivers",
      { "README.md": "Hello\n", "kubernetes/apps/games/old.yaml": object("ConfigMap", "old") },
    ],
    [
      "the folder of an app moves together with its Kustomization",
      Object.fromEntries([
        ...["kustomization.yaml", "helmrelease.yaml", "pvc.yaml"].flatMap((file): [string, string | undefined][] => [
          [`kubernetes/apps/media/player/app/${file}`, undefined],
          [`kubernetes/apps/media/video/app/${file}`, homeTree()[`kubernetes/apps/media/player/app/${file}`]],
        ]),
        [
          "kubernetes/apps/media/player/ks.yaml",
          ks("player", "kubernetes/apps/media/video/app", ["targetNamespace: media"]),
        ],
      ]),
    ],
  ])("%s", (_name, edits) => {
    const report = verify(edits);
    expect(report.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(report.safe).toBe(true);
  });

  test("an app that is removed with everything in it is reported, and does not stop the merge", () => {
    const report = verify({
      "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml"]),
      "kubernetes/apps/games/chess/ks.yaml": undefined,
      "kubernetes/apps/games/chess/app/kustomization.yaml": undefined,
      "kubernetes/apps/games/chess/app/helmrelease.yaml": undefined,
    });
    expect(report).toMatchObject({ verdict: "deletes", safe: false });
    expect(report.findings.map(({ rule, level }) => `${level} ${rule}`)).toEqual(["caution will-be-deleted"]);
    expect(report.clusters[0]!.safety.dangers.map(({ resource }) => resource)).toEqual([
      "HelmRelease games/chess",
      "Kustomization flux-system/chess",
    ]);
  });
});

test("what base became since head left it is no part of the change", () => {
  const root = makeRepo(homeTree());
  git(root, "checkout", "-q", "-b", "work");
  writeFiles(root, { "README.md": "Mine\n" });
  commitAll(root, "Work");
  git(root, "checkout", "-q", "main");
  writeFiles(root, {
    "kubernetes/apps/media/player/app/pvc.yaml": object("PersistentVolumeClaim", "player", "v1", ["spec: {}"]),
  });
  commitAll(root, "Elsewhere");
  const report = verifyChange({ dir: root, base: "main", head: "work", remotes: [] }).report;
  expect(report.changed).toBe(1);
  expect(report.safe).toBe(true);
});

describe("words", () => {
  const finding = (report: VerifyReport, rule: string) => report.findings.find((one) => one.rule === rule)!;

  test("advice names what starts it, and where it stands", () => {
    const report = verify({ "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]) });
    const { next, at } = finding(report, "wanted-may-go");
    expect(next).toMatch(/^Set prune: false on Kustomization flux-system\/cluster-apps in a change of its own/);
    expect(at).toMatchObject({ file: "kubernetes/apps/media/player/app/pvc.yaml", line: 2 });
    const chart = "kubernetes/apps/media/player/app/helmrelease.yaml";
    const moved = verify({ [chart]: homeTree()[chart]!.replace("chart: app,", "chart: other,") });
    expect(finding(moved, "wanted-may-go").next).toContain("Keep the release name, the namespaces and the chart");
  });

  test("many that lose the same are one finding", () => {
    const names = ["a", "b", "c", "d", "e"];
    const file = "kubernetes/apps/media/player/ks.yaml";
    const tree = { ...homeTree() };
    tree[file] += names
      .map((name) => ks(name, "kubernetes/apps/media/player/app", [`targetNamespace: ${name}`]))
      .join("");
    const report = verify({ [CLUSTER]: tree[CLUSTER]!.replaceAll("name: home\n", "name: flux-system\n") }, tree);
    const broken = report.findings.filter(({ rule }) => rule === "reference-breaks");
    expect(broken).toHaveLength(1);
    expect(broken[0]!.what).toMatch(/^8 objects name GitRepository\/home in spec\.sourceRef, .* and 4 more\.$/);
    expect(broken[0]!.others).toHaveLength(8);
    expect(broken[0]!.others).toContain(`Kustomization flux-system/${names.at(-1)}`);
  });

  test("every finding has a place, which code hosts ask for", () => {
    const edits = {
      "kubernetes/flux/config/flux.yaml": undefined,
      "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]),
    };
    const report = verify(edits);
    expect(rulesOf(report)).toEqual(["flux-may-go"]);
    expect(finding(report, "flux-may-go").at).toMatchObject({ file: "kubernetes/flux/config/flux.yaml", line: 12 });
    expect(report.findings.every(({ at }) => at !== undefined)).toBe(true);
  });

  test("a replacement that fails has its own line", () => {
    const LIST = "kubernetes/apps/media/player/app/kustomization.yaml";
    const one = (name: string, field: string) => [
      `  - source: {kind: HelmRelease, name: ${name}, fieldPath: ${field}}`,
      "    targets: [{select: {kind: PersistentVolumeClaim}, fieldPaths: [metadata.annotations.a], options: {create: true}}]",
    ];
    const list = (...all: string[][]) =>
      `${kustomization(["helmrelease.yaml", "pvc.yaml"])}replacements:\n${all.flat().join("\n")}\n`;
    const at = (...all: string[][]) => {
      const tree = { ...homeTree(), [LIST]: list(one("player", "spec.interval")) };
      return finding(verify({ [LIST]: list(...all) }, tree), "build-breaks").at;
    };
    const good = one("player", "spec.interval");
    expect(at(one("player", "spec.intreval"))).toMatchObject({ file: LIST, line: 7 });
    expect(at(good, one("player", "spec.intreval"))).toMatchObject({ file: LIST, line: 9 });
    expect(at(good, one("palyer", "spec.interval"))).toMatchObject({ file: LIST, line: 9 });
  });
});
