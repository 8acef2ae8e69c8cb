import { describe, expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { gitSource, homeTree, ks, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { answer, SAFE } from "./answer.ts";

describe("a Terraform object that reads this repository", () => {
  const FILE = "kubernetes/apps/media/player/app/terraform.yaml";
  const made = (spec: string) =>
    object("Terraform", "dns", "infra.contrib.fluxcd.io/v1alpha2", [
      "  namespace: flux-system",
      `spec: {interval: 1h, approvePlan: auto, ${spec}, sourceRef: {kind: GitRepository, name: home}}`,
    ]);
  const LIST = "kubernetes/apps/media/player/app/kustomization.yaml";
  const tree: Files = {
    ...homeTree(),
    [FILE]: made("path: ./infra"),
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "terraform.yaml"]),
    "infra/main.tf": 'resource "dns_record" "a" {\n}\nresource "bucket" "b" {\n}\n',
  };
  const without: Edits = { [FILE]: undefined, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]) };

  test("is unproven where its folder loses a block, or it reads another one", () => {
    expect(answer({ "infra/main.tf": 'resource "dns_record" "a" {\n}\n' }, tree).verdict).toBe("unproven");
    expect(answer({ [FILE]: made("path: ./other") }, tree).verdict).toBe("unproven");
  });

  test.each(["destroy: true", "workspace: other", "backendConfig: {secretSuffix: other, inClusterConfig: true}"])(
    "is unproven where it gets %s",
    (line) => {
      expect(answer({ [FILE]: made(`path: ./infra, ${line}`) }, tree).verdict).toBe("unproven");
      expect(answer({ [FILE]: made("path: ./infra, parallelism: 2") }, tree)).toEqual(SAFE);
    },
  );

  test("is told by its folder, however that is written", () => {
    const hidden = { ...tree, [FILE]: made("path: ./.infra"), ".infra/main.tf": tree["infra/main.tf"]! };
    expect(answer({ ".infra/main.tf": "" }, hidden).verdict).toBe("unproven");
    expect(answer({ "infra/main.tf": "" }, hidden)).toEqual(SAFE);
    for (const path of ["infra", "./infra/", "infra/."])
      expect(answer({ [FILE]: made(`path: ${path}`) }, tree)).toEqual(SAFE);
    const whole = { ...tree, [FILE]: made("path: ./"), "main.tf": tree["infra/main.tf"]! };
    expect(answer({ "main.tf": "" }, whole).verdict).toBe("unproven");
  });

  test("is left alone where it is suspended, or reads another repository", () => {
    const less = { "infra/main.tf": 'resource "bucket" "b" {\n}\n' };
    expect(answer(less, { ...tree, [FILE]: made("path: ./infra, suspend: true") })).toEqual(SAFE);
    expect(answer(less, { ...tree, [FILE]: tree[FILE]!.replace("name: home}", "name: other}") })).toEqual(SAFE);
    expect(
      answer(less, { ...tree, [FILE]: tree[FILE]!.replace("infra.contrib.fluxcd.io", "infra.example.com") }),
    ).toEqual(SAFE);
  });

  test("loses modules, whole files and files of JSON, and no other block", () => {
    const files: Files = {
      ...tree,
      "infra/main.tf": 'resource "bucket" "b" {\n}\n  module "net" {\n}\nvariable "x" {\n}\noutput "resource" {\n}\n',
      "infra/more.tf.json": '{"resource": {"bucket": {"e": {}}}, "a": 2}',
      "infra/more.tofu": 'resource "bucket" "c" {\n}\n',
      "infra/notes.txt": 'resource "bucket" "d" {\n}\n',
    };
    const cut = (block: string) => ({ "infra/main.tf": files["infra/main.tf"]!.replace(`${block} {\n}\n`, "") });
    expect(answer(cut('module "net"'), files).open).toContain("which loses blocks");
    expect(answer({ "infra/more.tf.json": undefined }, files).verdict).toBe("unproven");
    expect(answer({ "infra/more.tofu": undefined }, files).verdict).toBe("unproven");
    expect(answer({ "infra/more.tf.json": files["infra/more.tf.json"]!.replace("2", "1") }, files)).toEqual(SAFE);
    expect(answer({ "infra/notes.txt": undefined }, files)).toEqual(SAFE);
    expect(answer(cut('variable "x"'), files)).toEqual(SAFE);
    const moved = {
      ...cut('module "net"'),
      "infra/main.tf": `module "net" {\n}\n${files["infra/main.tf"]!.replace('  module "net" {\n}\n', "")}`,
    };
    expect(answer(moved, files)).toEqual(SAFE);
  });

  test("is unproven where a module that it takes from the repository loses a block", () => {
    const [net, zone, more] = ["modules/net/main.tf", "modules/zone/main.tf", "modules/more/main.tf"];
    const calls = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;
    const one = 'resource "bucket" "c" {\n}\n';
    const files: Files = {
      ...tree,
      ...{ "infra/main.tf": calls("../modules/net"), [net]: one + calls("../zone"), [zone]: one, [more]: one },
    };
    for (const file of [net, zone])
      expect(answer({ [file]: files[file]!.replace(one, "") }, files).open).toContain(
        `reads ${file}, which loses blocks`,
      );
    expect(answer({ [more]: "" }, files)).toEqual(SAFE);
    const others = { "elsewhere/main.tf": calls("../modules/more"), "infra/notes.md": calls("../modules/more") };
    expect(answer({ [more]: "" }, { ...files, ...others })).toEqual(SAFE);
    const json = {
      ...files,
      "infra/main.tf": "",
      "infra/main.tf.json": '{"module":{"m":{"source":"../modules/net"}}}',
    };
    expect(answer({ [net]: "" }, json).verdict).toBe("unproven");
  });

  test("is unproven where it resumes and reads another folder, or destroys", () => {
    const held = { ...tree, [FILE]: made("path: ./infra, suspend: true") };
    expect(answer({ [FILE]: made("path: ./other") }, held).verdict).toBe("unproven");
    expect(answer({ [FILE]: made("path: ./infra, destroy: true") }, held).verdict).toBe("unproven");
    expect(answer({ [FILE]: made("path: ./infra, destroy: true, suspend: true") }, held)).toEqual(SAFE);
    expect(answer({ [FILE]: made("path: ./infra") }, held)).toEqual(SAFE);
    expect(answer({ [FILE]: made("path: ./other, suspend: true") }, tree).verdict).toBe("unproven");
  });

  test("is named with its namespace and the way to see its plan", () => {
    const said = (text: string) => {
      const edits = { [FILE]: text.replace("./infra", "./other") };
      return verifyEdits(edits, { ...tree, [FILE]: text }).clusters.flatMap(({ safety }) => safety.unknown);
    };
    const look = "look at its plan (tfctl show plan dns)";
    // As targetNamespace of its Kustomization says.
    expect(said(tree[FILE]!)).toMatchObject([{ resources: ["Terraform media/dns"], look }]);
  });

  test("is that of the cluster which it lies in", () => {
    const member = (name: string): Files => ({
      [`clusters/${name}/sync.yaml`]:
        gitSource("flux-system") + ks("flux-system", `clusters/${name}`, [], "flux-system"),
      [`clusters/${name}/terraform.yaml`]: made(`path: ./infra/${name}`).replace("name: home", "name: flux-system"),
      [`infra/${name}/main.tf`]: tree["infra/main.tf"]!,
    });
    const both = { ...member("one"), ...member("two") };
    const told = (edits: Edits) =>
      verifyEdits(edits, both).clusters.map(({ cluster, safety }) => [
        cluster,
        ...safety.unknown.map(({ what }) => what),
      ]);
    expect(told({ "infra/two/main.tf": "" })).toEqual([
      ["one"],
      ["two", expect.stringContaining("reads infra/two/main.tf, which loses blocks")],
    ]);
    const TWO = "clusters/two/terraform.yaml";
    expect(told({ [TWO]: both[TWO]!.replace("./infra/two", "./infra/one") })).toEqual([
      ["one"],
      ["two", expect.stringContaining("reads ./infra/one instead of ./infra/two")],
    ]);
    both[TWO] = both[TWO]!.replace("approvePlan", "destroyResourcesOnDeletion: true, approvePlan");
    expect(told({ [TWO]: undefined })).toEqual([["one"], ["two", expect.stringContaining("goes, and destroys")]]);
  });

  test("is nothing to speak of where it says the same, or what goes makes nothing", () => {
    const destroys = { ...tree, [FILE]: made("path: ./infra, destroy: true") };
    expect(answer({ [FILE]: made("path: ./infra, destroy: true, parallelism: 2") }, destroys)).toEqual(SAFE);
    expect(answer({ [FILE]: made("path: ./infra, workspace: default") }, tree)).toEqual(SAFE);
    const more = { ...tree, "infra/inputs.tf": 'variable "x" {\n}\n# resource "bucket" "z" {\n# }\n' };
    expect(answer({ "infra/inputs.tf": undefined }, more)).toEqual(SAFE);
    expect(answer({ "infra/inputs.tf": 'variable "x" {\n}\n' }, more)).toEqual(SAFE);
    expect(answer({ "infra/settings.json": undefined }, { ...tree, "infra/settings.json": "{}" })).toEqual(SAFE);
    const spaced = { ...tree, "infra/main.tf": 'resource  "bucket"   "b" {\n}\n' };
    expect(answer({ "infra/main.tf": "" }, spaced).verdict).toBe("unproven");
  });

  test("takes everything along where it says so", () => {
    const destroys = { ...tree, [FILE]: made("path: ./infra, destroyResourcesOnDeletion: true") };
    expect(answer(without, destroys).open).toContain("destroys everything that it made");
    expect(answer(without, tree)).toMatchObject({ verdict: "deletes" });
  });

  test("is nothing to speak of where blocks come or change", () => {
    const text = `${tree["infra/main.tf"]}resource "dns_record" "c" {\n  ttl = 5\n}\n`;
    expect(answer({ "infra/main.tf": text }, tree)).toEqual(SAFE);
  });
});
