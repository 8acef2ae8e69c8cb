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
  const loses = (file: string, was: string, is: string) =>
    open({ [file]: is }, { ...tree, [file]: was }).some(({ what }) => what.includes("which loses blocks"));

  test("loses what comes to stand in a comment", () => {
    expect(loses("infra/main.tf", blocks("a", "b"), `${blocks("a")}/*\n${blocks("b")}*/\n`)).toBe(true);
    expect(loses("infra/main.tf", `${blocks("a")}/*\n${blocks("b")}*/\n`, blocks("a"))).toBe(false);
  });

  test("loses blocks of JSON", () => {
    const json = (resource: object, more = {}) => JSON.stringify({ resource, ...more });
    const was = json({ bucket: { a: {}, b: {} } }, { module: { m: { source: "../more" } } });
    expect(loses("infra/more.tf.json", was, json({ bucket: { a: {} } }, { module: { m: {} } }))).toBe(true);
    expect(loses("infra/more.tf.json", was, json({ bucket: { a: {}, b: {} } }))).toBe(true);
    const other = json({ bucket: { b: { size: 2 }, a: {} } }, { module: { m: { source: "../more" } } });
    expect(loses("infra/more.tf.json", was, other)).toBe(false);
  });

  test("takes a module from another folder", () => {
    const call = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;
    expect(loses("infra/main.tf", call("../one"), call("../two"))).toBe(true);
    expect(loses("infra/main.tf", call("../one"), call("../one").replace("source =", "source  ="))).toBe(false);
    expect(loses("infra/main.tf", call("example/net"), call("example/web"))).toBe(false);
    const page = (file: string) => `${call("../one")}resource "bucket" "a" {\n  source = "./${file}"\n}\n`;
    expect(loses("infra/main.tf", page("old.html"), page("new.html"))).toBe(false);
  });
});
