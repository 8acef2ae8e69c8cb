import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const APP = "kubernetes/apps/media/player/app";
const [FILE, LIST, PART] = [`${APP}/terraform.yaml`, `${APP}/kustomization.yaml`, "parts/infra/kustomization.yaml"];
const KS = "kubernetes/apps/media/player/ks.yaml";
const PLAYER = ks("player", APP, ["targetNamespace: media"]);
const RESOURCES = ["helmrelease.yaml", "pvc.yaml", "terraform.yaml"];
const terraform = (spec: string) =>
  object("Terraform", "dns", "infra.contrib.fluxcd.io/v1alpha2", [
    "  namespace: media",
    `spec: {interval: 1h, approvePlan: auto, ${spec}, sourceRef: {kind: GitRepository, name: home, namespace: flux-system}}`,
  ]);
const blocks = (...names: string[]) => names.map((name) => `resource "bucket" "${name}" {\n}\n`).join("");
const tree: Files = {
  ...homeTree(),
  [FILE]: terraform("path: ./infra"),
  [LIST]: kustomization(RESOURCES),
  "infra/main.tf": blocks("a", "b"),
  "other/main.tf": blocks("a"),
};
const patch = (path: string, value: string) =>
  `patches: [{target: {kind: Terraform}, patch: '[{"op": "add", "path": "${path}", "value": ${value}}]'}]`;
const component = (patches: string) => `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${patches}\n`;
const destroys = terraform("path: ./infra, destroyResourcesOnDeletion: true");
const list = (text: string) =>
  `apiVersion: v1\nkind: List\nitems:\n  - ${text.replace("---\n", "").trimEnd().replaceAll("\n", "\n    ")}\n`;
const set = (spec: string) =>
  object("ResourceSet", "infra", "fluxcd.controlplane.io/v1", [
    "  namespace: media",
    "spec:",
    `  resources:\n    - ${terraform(spec).replace("---\n", "").trimEnd().replaceAll("\n", "\n      ")}`,
  ]);
const ignoring = (pattern: string) =>
  homeTree()["kubernetes/flux/config/cluster.yaml"]!.replace("  ref:", `  ignore: ${pattern}\n  ref:`);

const open = (edits: Edits, files: Files) =>
  judge(files, edits).safety.unknown.filter(({ resources }) => resources.includes("Terraform media/dns"));

describe("a Terraform object, as the cluster is given it", () => {
  test.each<[string, Files, Edits]>([
    ["a patch of its list", {}, { [LIST]: kustomization(RESOURCES, [patch("/spec/destroy", "true")]) }],
    [
      "a component",
      {
        [PART]: component(patch("/spec/parallelism", "2")),
        [LIST]: kustomization(RESOURCES, ["components: [../../../../../parts/infra]"]),
      },
      { [PART]: component(patch("/spec/path", '"./other"')) },
    ],
    [
      "a patch of its Kustomization",
      {},
      { [KS]: ks("player", APP, ["targetNamespace: media", patch("/spec/workspace", '"other"')]) },
    ],
    [
      "a variable",
      {
        [FILE]: terraform("path: './${FOLDER}'"),
        [KS]: `${PLAYER}  postBuild: {substitute: {FOLDER: infra, DOMAIN: example.com}}\n`,
      },
      { [KS]: `${PLAYER}  postBuild: {substitute: {FOLDER: other, DOMAIN: example.com}}\n` },
    ],
    ["its list, while its file stays", { [FILE]: destroys }, { [LIST]: kustomization(RESOURCES.slice(0, 2)) }],
    ["blocks, written in a List", { [FILE]: list(tree[FILE]!) }, { "infra/main.tf": blocks("a") }],
    ["blocks, made by a ResourceSet", { [FILE]: set("path: ./infra") }, { "infra/main.tf": blocks("a") }],
    ["what its source leaves out", {}, { "kubernetes/flux/config/cluster.yaml": ignoring("/infra/main.tf") }],
  ])("is unproven where it loses something by %s", (_, more, edits) => {
    expect(open({}, { ...tree, ...more })).toEqual([]);
    expect(open(edits, { ...tree, ...more })).toHaveLength(1);
  });

  test("stays where nothing prunes it, and then still reads its folder", () => {
    const kept = { ...tree, [FILE]: destroys, [KS]: PLAYER.replace("prune: true", "prune: false") };
    expect(open({ [FILE]: undefined, [LIST]: kustomization(RESOURCES.slice(0, 2)) }, kept)).toEqual([]);
    expect(
      open({ [FILE]: undefined, [LIST]: kustomization(RESOURCES.slice(0, 2)), "infra/main.tf": blocks("a") }, kept),
    ).toHaveLength(1);
  });

  test("waits for a source that nothing makes", () => {
    const { blockers } = judge(tree, { [FILE]: tree[FILE]!.replace("name: home,", "name: hmoe,") });
    expect(blockers).toEqual(["reference-missing"]);
  });
});

describe("a file of Terraform", () => {
  const told = (more: Files, edits: Edits) => open(edits, { ...tree, ...more }).map(({ what }) => what);
  const loses = (file: string, was: string, is: string) => told({ [file]: was }, { [file]: is }).length > 0;
  const MAIN = "infra/main.tf";
  const call = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;
  const modules: Files = {
    [MAIN]: call("../one"),
    "one/main.tf": blocks("a", "b"),
    "same/main.tf": blocks("b", "a", "c"),
    "less/main.tf": blocks("a"),
  };

  test("loses what comes to stand in a comment", () => {
    expect(loses(MAIN, blocks("a", "b"), `${blocks("a")}/*\n${blocks("b")}*/\n`)).toBe(true);
    expect(loses(MAIN, `${blocks("a")}/*\n${blocks("b")}*/\n`, blocks("a"))).toBe(false);
  });

  test("loses blocks of JSON", () => {
    const json = (resource: object, more = {}) => JSON.stringify({ resource, ...more });
    const was = json({ bucket: { c: {}, d: {} } }, { module: { m: { source: "../one" } } });
    const more = { ...modules, [MAIN]: "", "infra/more.tf.json": was };
    const edit = (text: string) => told(more, { "infra/more.tf.json": text });
    expect(edit(json({ bucket: { c: {} } }, { module: { m: { source: "../one" } } }))).toHaveLength(1);
    expect(edit(json({ bucket: { c: {}, d: {} } }))).toHaveLength(1);
    expect(edit(was.replace("../one", "../less"))).toHaveLength(1);
    expect(edit(was.replace("../one", "../same"))).toEqual([]);
    const other = json([{ bucket: [{ d: { size: 2 } }] }, { bucket: { c: {} } }], {
      module: { m: { source: "../one" } },
    });
    expect(edit(other)).toEqual([]);
    const moved = { moved: { from: "bucket.d", to: "bucket.e" }, module: { m: { source: "../one" } } };
    expect(edit(json({ bucket: { c: {}, e: {} } }, moved))).toEqual([]);
    const kept = {
      removed: [{ from: "bucket.d", lifecycle: { destroy: false } }],
      module: { m: { source: "../one" } },
    };
    expect(edit(json({ bucket: { c: {} } }, kept))).toEqual([]);
  });

  test("takes a module from another folder", () => {
    const edit = (text: string) => told(modules, { [MAIN]: text });
    const lacks = "takes a module from another folder that lacks blocks: what they made is destroyed";
    expect(edit(call("../less"))).toEqual([expect.stringContaining(lacks)]);
    expect(edit(call("../same"))).toEqual([]);
    expect(edit(call("../one").replace("source =", "source  ="))).toEqual([]);
    for (const source of ["example/net", "git::https://git.example.com/net?ref=v1"]) {
      expect(edit(call(source))).toEqual([expect.stringContaining("takes a module from elsewhere than before")]);
      expect(told({ ...modules, [MAIN]: call(source) }, { [MAIN]: call("../one") })).toHaveLength(1);
    }
    expect(loses(MAIN, call("example/net"), call("example/web"))).toBe(false);
    const page = (file: string) => `${call("../one")}resource "bucket" "a" {\n  source = "./${file}"\n}\n`;
    expect(loses(MAIN, page("old.html"), page("new.html"))).toBe(false);
  });

  test("takes a module in one line", () => {
    const line = (source: string) => `module "m" { source = "${source}" }\n`;
    const more = { ...modules, [MAIN]: line("../one") };
    expect(told(more, { "one/main.tf": blocks("a") })).toEqual([expect.stringContaining("one/main.tf, which loses")]);
    expect(told(more, { [MAIN]: line("../less") })).toHaveLength(1);
    expect(told(more, { [MAIN]: call("../one") })).toEqual([]);
    const left = { "less/main.tf": undefined };
    expect(told({ ...more, [MAIN]: call("../one") }, left)).toEqual([]);
  });

  test("has its blocks moved to another file of the same folder", () => {
    expect(told({}, { [MAIN]: blocks("a"), "infra/more.tf": blocks("b") })).toEqual([]);
    expect(told({}, { [MAIN]: undefined, "infra/more.tofu": blocks("b", "a") })).toEqual([]);
    expect(told({}, { [MAIN]: blocks("a"), "other/more.tf": blocks("b") })).toHaveLength(1);
  });

  const moved = (from: string, to: string) => `moved {\n  from = ${from} # since May\n  to   = ${to}\n}\n`;
  const removed = (from: string, destroy: boolean) =>
    `removed {\n  from = ${from}\n  lifecycle {\n    destroy = ${destroy}\n  }\n}\n`;
  test.each<[string, boolean, string, Files]>([
    ["a name", false, blocks("a", "c") + moved("bucket.b", "bucket.c"), {}],
    ["two names", false, blocks("a", "d") + moved("bucket.b", "bucket.c") + moved("bucket.c", "bucket.d"), {}],
    ["a name that is not there", true, blocks("a") + moved("bucket.b", "bucket.c"), {}],
    ["one of several", true, blocks("a", "c") + moved('bucket.b["x"]', "bucket.c"), {}],
    ["a module", false, blocks("a") + call("../same") + moved("bucket.b", "module.m.bucket.b"), {}],
    ["a module that has none", true, blocks("a") + call("../less") + moved("bucket.b", "module.m.bucket.b"), {}],
    ["a module of elsewhere", true, blocks("a") + call("example/net") + moved("bucket.b", "module.m.bucket.b"), {}],
    ["what Terraform forgets", false, blocks("a") + removed("bucket.b", false), {}],
    ["what Terraform destroys", true, blocks("a") + removed("bucket.b", true), {}],
    [
      "the name of a module",
      false,
      call("../one").replace('"m"', '"n"') + moved("module.m", "module.n"),
      { [MAIN]: call("../one") },
    ],
    [
      "the name of a module with less",
      true,
      call("../less").replace('"m"', '"n"') + moved("module.m", "module.n"),
      { [MAIN]: call("../one") },
    ],
    [
      "its module to the folder above",
      false,
      call("../less") + blocks("b") + moved("module.m.bucket.b", "bucket.b"),
      { [MAIN]: call("../one") },
    ],
  ])("says where a block moves to: %s", (_, isLost, now, more) => {
    expect(told({ ...modules, [MAIN]: tree[MAIN]!, ...more }, { [MAIN]: now })).toHaveLength(isLost ? 1 : 0);
  });

  test("moves with its whole folder", () => {
    const more = { ...modules, "infra/x.tfvars": "size = 1\n" };
    const away = { [MAIN]: undefined, "infra/x.tfvars": undefined, [FILE]: terraform("path: ./dns") };
    const now = { "dns/main.tf": modules[MAIN]!, "dns/x.tfvars": "size = 1\n" };
    expect(told(more, { ...away, ...now })).toEqual([]);
    expect(told(more, { ...away, ...now, "dns/x.tfvars": "size = 2\n" })).toHaveLength(1);
    expect(told(more, { ...away, ...now, "one/main.tf": "" })).toHaveLength(1);
  });

  test("is compared once with each, in rings of modules too", () => {
    const [short, long] = [230, 231].map((size) =>
      Object.fromEntries(
        Array.from({ length: size }, (_, n) => [`r${size}/${n}/main.tf`, blocks("a") + call(`../${(n + 1) % size}`)]),
      ),
    );
    const more = { ...short, ...long, [MAIN]: call("../r230/0") };
    expect(told(more, { [MAIN]: call("../r231/0") })).toHaveLength(1);
    expect(told(more, { "r230/9/main.tf": call("../10") })).toEqual([expect.stringContaining("r230/9/main.tf, which")]);
  });

  test("is not followed for ever where a module takes itself, and its blocks move out of each turn", () => {
    const itself = blocks("a") + call("./");
    const turns = Array.from({ length: 60 }, (_, n) => moved(`${"module.m.".repeat(60)}bucket.b${n}`, "bucket.a")).join(
      "",
    );
    const more = { ...tree, [MAIN]: itself };
    expect(told(more, { [MAIN]: itself + turns })).toEqual([expect.stringContaining("than can be compared")]);
  });
});
