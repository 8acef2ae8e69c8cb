import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

/** Verdict, then what goes: `Kind namespace/name`, with `!` where it is still wanted. */
function say(tree: Files, edits: Edits): string {
  const { verdict, clusters } = verifyEdits(edits, tree);
  const dangers = clusters.flatMap(({ safety }) => safety.dangers);
  const lost = dangers.map(({ resource, wanted }) => `${resource}${wanted ? "!" : ""}`);
  return [verdict, ...new Set(lost.sort())].join(" | ");
}

const claim = (name: string) => object("PersistentVolumeClaim", name, "v1", ["  namespace: default"]);
const map = (name: string) => object("ConfigMap", name, "v1", ["  namespace: default"]);

describe("what leaves the folder of one cluster", () => {
  const start = (cluster: string) =>
    object("GitRepository", "flux-system", "source.toolkit.fluxcd.io/v1", [
      "  namespace: flux-system",
      "spec: {interval: 1m, url: https://git.example.invalid/me/fleet.git, ref: {branch: main}}",
    ]) + ks("flux-system", `clusters/${cluster}`, [], "flux-system");
  const member = (cluster: string, apps: string[]): Files => ({
    [`clusters/${cluster}/flux-system/gotk-sync.yaml`]: start(cluster),
    [`clusters/${cluster}/apps.yaml`]: ks("apps", `apps/${cluster}`, [], "flux-system"),
    [`apps/${cluster}/kustomization.yaml`]: kustomization(apps),
    [`apps/${cluster}/keep.yaml`]: map("keep"),
  });
  const [from, to] = ["apps/a/kustomization.yaml", "apps/b/kustomization.yaml"];
  const treeOf = (x: string): Files => ({
    ...member("a", ["keep.yaml", "x.yaml"]),
    ...member("b", ["keep.yaml"]),
    "apps/a/x.yaml": x,
  });
  const left: Edits = { "apps/a/x.yaml": undefined, [from]: kustomization(["keep.yaml"]) };
  const listed = { [to]: kustomization(["keep.yaml", "x.yaml"]) };

  test("goes on purpose where another one comes to list it, but for data", () => {
    expect(say(treeOf(map("x")), { ...left, "apps/b/x.yaml": map("x"), ...listed })).toBe(
      "deletes | ConfigMap default/x",
    );
    expect(say(treeOf(claim("x")), { ...left, "apps/b/x.yaml": claim("x"), ...listed })).toBe(
      "unsafe | PersistentVolumeClaim default/x!",
    );
    const folder = { "apps/b/more/kustomization.yaml": kustomization(["x.yaml"]), "apps/b/more/x.yaml": map("x") };
    const more = { ...left, ...folder, [to]: kustomization(["keep.yaml", "more"]) };
    expect(say(treeOf(map("x")), more)).toBe("deletes | ConfigMap default/x");
  });

  test.each<[string, Edits]>([
    ["no list takes it in", { "apps/b/x.yaml": map("x") }],
    ["it lies where no cluster looks", { "base/x.yaml": map("x"), ...listed, "apps/b/x.yaml": map("other") }],
    ["a second copy lies where no cluster looks", { "apps/b/x.yaml": map("x"), "base/x.yaml": map("x"), ...listed }],
    [
      "a list of the cluster itself comes to name it",
      { "apps/a/old/x.yaml": map("x"), "apps/a/old/kustomization.yaml": kustomization(["x.yaml"]) },
    ],
  ])("is an accident where %s", (_, edits) => {
    expect(say(treeOf(map("x")), { ...left, ...edits })).toBe("unsafe | ConfigMap default/x!");
  });

  test("is an accident where the other cluster listed that place before", () => {
    const tree = {
      ...treeOf(map("x")),
      "apps/b/more.yaml": map("more"),
      [to]: kustomization(["keep.yaml", "more.yaml"]),
    };
    const edits = { ...left, "apps/b/x.yaml": map("x"), [to]: kustomization(["more.yaml", "keep.yaml"]) };
    expect(say(tree, edits)).toBe("unsafe | ConfigMap default/x!");
  });
});

describe("a document that is put away", () => {
  const [app, list] = ["kubernetes/apps/media/player/app", "kubernetes/apps/media/player/app/kustomization.yaml"];
  const tree: Files = {
    ...homeTree(),
    [`${app}/page.yaml`]: object("ConfigMap", "page"),
    [list]: kustomization(["helmrelease.yaml", "pvc.yaml", "page.yaml"]),
  };
  const left: Edits = { [`${app}/page.yaml`]: undefined, [list]: kustomization(["helmrelease.yaml", "pvc.yaml"]) };
  const page = object("ConfigMap", "page");
  const [ON_PURPOSE, ACCIDENT] = ["deletes | ConfigMap media/page", "unsafe | ConfigMap media/page!"];

  test.each<[string, string, Files, Edits]>([
    ["in an archive", ON_PURPOSE, {}, { ".archive/page.yaml": page }],
    [
      "in an archive that a page tells of",
      ON_PURPOSE,
      { "README.md": "Old things are in .archive/page.yaml\n" },
      { ".archive/page.yaml": page },
    ],
    ["in an archive and beside it", ACCIDENT, {}, { ".archive/page.yaml": page, "old/page.yaml": page }],
    [
      "in what a Kustomization reads",
      ACCIDENT,
      { "more/ks.yaml": ks("old", ".archive") },
      { ".archive/page.yaml": page },
    ],
    [
      "in what a list names",
      ACCIDENT,
      { "more/kustomization.yaml": kustomization(["../.archive"]) },
      { ".archive/page.yaml": page },
    ],
    [
      "in what a list that goes named",
      ACCIDENT,
      { "more/kustomization.yaml": kustomization(["../.archive"]) },
      { ".archive/page.yaml": page, "more/kustomization.yaml": undefined },
    ],
    [
      "in an archive of a longer name than what is read",
      ON_PURPOSE,
      { "more/ks.yaml": ks("old", ".archive-more") },
      { ".archive/page.yaml": page },
    ],
    ["under an ending that Flux does not read", ACCIDENT, {}, { [`${app}/page.YAML`]: page }],
    [
      "as JSON that no list names",
      ACCIDENT,
      {},
      { [`${app}/page.json`]: '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "page"}}\n' },
    ],
    ["in a page", ON_PURPOSE, {}, { [`${app}/page.txt`]: page }],
    ["nowhere, beside another of its kind", ON_PURPOSE, {}, { [`${app}/other.yaml`]: object("ConfigMap", "other") }],
    [
      "nowhere, while a file that changes has one of its name",
      ON_PURPOSE,
      { "old/page.yaml": page },
      { "old/page.yaml": `${page}# edited\n` },
    ],
  ])("%s", (_, said, more, edits) => {
    expect(say({ ...tree, ...more }, { ...left, ...edits })).toBe(said);
  });

  test("is known by the name in its document, whatever a list makes of it", () => {
    const named = (resources: string[]) => kustomization(resources, ["namePrefix: my-"]);
    const prefixed = { ...tree, [list]: named(["page.yaml"]), [`${app}/pvc.yaml`]: "" };
    const edits = { ...left, [list]: named(["helmrelease.yaml"]), "old/page.yaml": page };
    expect(say(prefixed, edits)).toContain("ConfigMap media/my-page!");
  });
});

describe("a component of a Kustomization", () => {
  const [P, C] = ["kubernetes/apps/media/player", "kubernetes/apps/games/chess"];
  const player = (...more: string[]) => ks("player", `${P}/app`, ["targetNamespace: media", ...more]);
  const chess = (...more: string[]) => ks("chess", `${C}/app`, ["targetNamespace: games", ...more]);
  const takes = (...parts: string[]) => `components: [${parts.map((part) => `../../../../../parts/${part}`).join()}]`;
  const part = (...resources: string[]) =>
    kustomization(resources).replace("v1beta1", "v1alpha1").replace("kind: Kustomization", "kind: Component");
  const { [`${P}/app/pvc.yaml`]: _, ...home } = homeTree();
  const tree: Files = {
    ...home,
    [`${P}/ks.yaml`]: player(takes("x")),
    [`${C}/ks.yaml`]: chess(takes("x")),
    [`${P}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
    "parts/x/kustomization.yaml": part("claim.yaml"),
    "parts/x/claim.yaml": object("PersistentVolumeClaim", "part"),
    "parts/y/kustomization.yaml": part("page.yaml"),
    "parts/y/page.yaml": object("ConfigMap", "page"),
  };
  const ONE = "deletes | PersistentVolumeClaim media/part";

  test.each<[string, string, Edits]>([
    ["taken out of one", ONE, { [`${P}/ks.yaml`]: player() }],
    ["taken out of one for another", ONE, { [`${P}/ks.yaml`]: player(takes("y")) }],
    [
      "taken out of two at once",
      "unsafe | PersistentVolumeClaim games/part! | PersistentVolumeClaim media/part!",
      { [`${P}/ks.yaml`]: player(), [`${C}/ks.yaml`]: chess() },
    ],
    ["kept as the second of two", "safe", { [`${P}/ks.yaml`]: player(takes("y", "x")) }],
  ])("%s", (_, said, edits) => {
    expect(say(tree, edits)).toBe(said);
  });
});

describe("an entry that a list gives up", () => {
  const APPS = "kubernetes/apps";
  const LIST = `${APPS}/media/kustomization.yaml`;
  const part = (resources: string[]) =>
    kustomization(resources).replace("v1beta1", "v1alpha1").replace("kind: Kustomization", "kind: Component");
  const more = (name: string) => ({
    [`bases/${name}/kustomization.yaml`]: kustomization([`${name}.yaml`]),
    [`bases/${name}/${name}.yaml`]: map(name),
    [`parts/${name}/kustomization.yaml`]: part([`part-${name}.yaml`]),
    [`parts/${name}/part-${name}.yaml`]: map(`part-${name}`),
  });
  const entries = ["namespace.yaml", "player/ks.yaml"];
  const tree = (list: string): Files => ({
    ...homeTree(),
    ...more("a"),
    ...more("b"),
    [`${APPS}/media/web/kustomization.yaml`]: kustomization(["../../../../bases/a", "page.yaml"]),
    [`${APPS}/media/web/page.yaml`]: map("page"),
    [LIST]: list,
  });
  const parts = (...names: string[]) => `components: [${names.map((one) => `../../../parts/${one}`).join()}]`;

  test.each<[string, string, string, string]>([
    [
      "takes what its folder brings from elsewhere along",
      kustomization([...entries, "web"]),
      kustomization(entries),
      "deletes | ConfigMap default/a | ConfigMap default/page",
    ],
    [
      "is one decision where it is two components",
      kustomization(entries, [parts("a", "b")]),
      kustomization(entries, [parts()]),
      "deletes | ConfigMap default/part-a | ConfigMap default/part-b",
    ],
    [
      "may be all components, whose field goes",
      kustomization(entries, [parts("a")]),
      kustomization(entries),
      "deletes | ConfigMap default/part-a",
    ],
    [
      "is a slip where the field of the components goes and another one comes",
      kustomization(entries, [parts("a")]),
      kustomization(entries, ["commonAnnotations: {a: b}"]),
      "unsafe | ConfigMap default/part-a!",
    ],
    [
      "may be all of its resources where bases stay",
      `${kustomization(["../../../bases/a"])}bases: [../../../bases/b]\n`,
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nbases: [../../../bases/b]\n",
      "deletes | ConfigMap default/a",
    ],
  ])("%s", (_, was, is, said) => {
    expect(say(tree(was), { [LIST]: is })).toBe(said);
  });
});

describe("a document that goes", () => {
  const [PLAYER, CHESS] = ["kubernetes/apps/media/player/app", "kubernetes/apps/games/chess/app"];
  const own = object("PersistentVolumeClaim", "store");
  const tree: Files = {
    ...homeTree(),
    [`${PLAYER}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "store.yaml"]),
    [`${CHESS}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "store.yaml"]),
    ...{ [`${PLAYER}/store.yaml`]: own, [`${CHESS}/store.yaml`]: own },
  };
  const gone: Edits = {
    [`${PLAYER}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
    [`${PLAYER}/store.yaml`]: undefined,
  };
  const other = {
    [`${CHESS}/store.yaml`]: undefined,
    [`${CHESS}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "data.yaml"]),
  };

  test("is none that moved, where another one of its kind and name does", () => {
    const moved = { ...other, [`${CHESS}/data.yaml`]: own };
    expect(say(tree, { ...gone, ...moved })).toBe("deletes | PersistentVolumeClaim media/store");
    expect(say(tree, { ...gone, ...moved, "base/data.yaml": own })).toBe("unsafe | PersistentVolumeClaim media/store!");
    expect(say(tree, { ...gone, "base/data.yaml": own })).toBe("unsafe | PersistentVolumeClaim media/store!");
  });
});
