import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { findStarted } from "../../src/safety/started.ts";
import { memoryTree } from "../support/memory.ts";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, object, operatorTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const SEARCH = { remotes: [], options: { layout: "auto" } } as const;

function start(tree: Files, edits: Edits) {
  const later = { ...tree, ...edits };
  const kept = Object.entries(later).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const before = memoryTree(tree);
  const change = { before, after: memoryTree(Object.fromEntries(kept)), changed: new Set(Object.keys(edits)) };
  return findStarted(change, buildModel({ tree: before, ...SEARCH }), SEARCH);
}
const names = (...args: Parameters<typeof start>) => start(...args).map(({ cluster }) => cluster);

/** A root and its source, as `flux bootstrap` names them, that build a folder with one object. */
const sync = (path: string, name = "flux-system") =>
  object("GitRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1m",
    "  url: https://git.example.invalid/me/home.git",
    "  ref: {branch: main}",
  ]) + ks(name, path, [], name);
const member = (name: string, path = `clusters/${name}`): Files => ({
  [`${path}/flux-system/gotk-sync.yaml`]: sync(path),
  [`${path}/cm.yaml`]: object("ConfigMap", `of-${name}`, "v1", ["  namespace: default"]),
});
const east = member("east");

describe("a cluster that comes with a change", () => {
  test("is said whole: what it creates, and that it takes nothing away", () => {
    expect(start(east, member("west"))).toEqual([
      {
        cluster: "west",
        safety: {
          verdict: "safe",
          adopted: false,
          outcomes: {
            created: {
              count: 3,
              names: [
                "ConfigMap default/of-west",
                "GitRepository flux-system/flux-system",
                "Kustomization flux-system/flux-system",
              ],
            },
          },
          dangers: [],
          transfers: [],
          unknown: [],
        },
        finding: {
          rule: "cluster-starts",
          level: "info",
          cluster: "west",
          at: { file: "clusters/west/flux-system/gotk-sync.yaml", line: 12, col: 1 },
          what: "Cluster west comes with this change: Kustomization flux-system/flux-system starts to apply ./clusters/west.",
          why: "No root of it stood in the repository before, so it has nothing to take away.",
          next: "Nothing to do if the cluster is meant to start.",
        },
      },
    ]);
  });

  test("may be the first of a repository, and may build all of it", () => {
    const whole = sync("").replace("  path: ./\n", "");
    const [only] = start({}, { "flux-system/gotk-sync.yaml": whole, "cm.yaml": member("a")["clusters/a/cm.yaml"] });
    expect(only!.finding.what).toContain("starts to apply ./.");
  });

  test("comes by its FluxInstance as well, whose root is counted", () => {
    const tree = operatorTree();
    const instance = "kubernetes/flux/config/instance.yaml";
    const { [instance]: text, ...rest } = tree;
    const [only] = start(rest, { [instance]: text });
    expect(only!.safety.outcomes.created!.names).toContain("Kustomization flux-system/flux-system");
    expect(only!.safety.outcomes.created!.names).toContain("FluxInstance flux-system/flux");
  });

  test("counts what its root applies, and the root only where it applies itself", () => {
    const objects =
      object("ConfigMap", "b", "v1", ["  namespace: x"]) + object("ConfigMap", "a", "v1", ["  namespace: x"]);
    const [only] = start(east, { "west/root.yaml": sync("west/apps", "west"), "west/apps/cm.yaml": objects });
    expect(only!.safety.outcomes.created).toEqual({ count: 2, names: ["ConfigMap x/a", "ConfigMap x/b"] });
  });

  test.each(["kind:   GitRepository", 'kind: "GitRepository"', "kind: 'GitRepository'"])("comes by %s", (kind) => {
    const file = "clusters/west/flux-system/gotk-sync.yaml";
    const west = member("west");
    const written = west[file]!.replaceAll("kind: GitRepository", kind);
    expect(names(east, { ...west, [file]: written })).toEqual(["west"]);
  });

  test.each(["GitRepository", "OCIRepository", "Bucket"])("comes by a source of kind %s", (kind) => {
    const files = Object.entries(member("west")).map(([path, text]) => [path, text.replaceAll("GitRepository", kind)]);
    expect(names(east, Object.fromEntries(files))).toEqual(["west"]);
  });

  test("comes also where a file that was there gets its root", () => {
    const file = "clusters/west/flux-system/gotk-sync.yaml";
    const note = "# Here Flux will be told what to apply.\n";
    expect(names({ ...east, [file]: note }, member("west"))).toEqual(["west"]);
  });

  test("is said with the variables that its root fills in", () => {
    const file = "clusters/west/flux-system/gotk-sync.yaml";
    const west = member("west");
    const filled = `${west[file]}  postBuild:\n    substitute:\n      NAME: filled\n`;
    const named = {
      [file]: filled,
      "clusters/west/cm.yaml": west["clusters/west/cm.yaml"]!.replace("of-west", "${NAME}"),
    };
    const [only] = start(east, named);
    expect(only!.safety.outcomes.created!.names).toContain("ConfigMap default/filled");
  });
});

describe("no cluster comes", () => {
  test("with what starts nothing", () => {
    expect(names(east, { "clusters/west/cm.yaml": member("west")["clusters/west/cm.yaml"] })).toEqual([]);
    expect(names(east, {})).toEqual([]);
  });

  test("where its file changes nothing, or was there before", () => {
    const both = { ...east, ...member("west") };
    expect(names(both, member("west"))).toEqual([]);
    const file = "clusters/west/flux-system/gotk-sync.yaml";
    expect(names(both, { [file]: both[file]!.replace("1m", "2m") })).toEqual([]);
  });

  test("where a root builds a folder that another one built before, or leaves for another file or folder", () => {
    const file = "clusters/east/flux-system/gotk-sync.yaml";
    expect(names(east, { "other/root.yaml": sync("clusters/east", "second") })).toEqual([]);
    expect(names(east, { [file]: undefined, "clusters/east/root.yaml": sync("clusters/east") })).toEqual([]);
    expect(names(east, { [file]: undefined, ...member("west") })).toEqual([]);
    const moved = { [file]: sync("clusters/live"), "docs/sync.yaml": sync("clusters/other") };
    expect(names(east, moved)).toEqual([]);
  });

  test("where its root stood there without a source", () => {
    const [source, root] = sync("clusters/west").split(/(?=---\napiVersion: kustomize)/) as [string, string];
    const tree: Files = { ...east, "clusters/west/root.yaml": root, ...member("west") };
    delete tree["clusters/west/flux-system/gotk-sync.yaml"];
    const edits = { "clusters/west/source.yaml": source };
    expect(names(tree, edits)).toEqual([]);
    expect(names(tree, { ...edits, "clusters/west/root.yaml": root })).toEqual([]);
  });

  test("where a root without a source gets one, and another folder", () => {
    const [source, root] = sync("clusters/west").split(/(?=---\napiVersion: kustomize)/) as [string, string];
    const file = "clusters/west/root.yaml";
    const tree: Files = { ...east, [file]: root, ...member("west") };
    delete tree["clusters/west/flux-system/gotk-sync.yaml"];
    const elsewhere = { "clusters/live/cm.yaml": tree["clusters/west/cm.yaml"], "clusters/live/source.yaml": source };
    const moved = root.replace("clusters/west", "clusters/live");
    expect(names(tree, { ...elsewhere, [file]: moved })).toEqual([]);
    expect(names(tree, { ...elsewhere, [file]: undefined, "clusters/live/root.yaml": moved })).toEqual([]);
  });

  test("where only a file that does not change holds its root", () => {
    const tree = { ...homeTree() };
    expect(
      names(tree, { "docs/source.yaml": object("GitRepository", "extra", "source.toolkit.fluxcd.io/v1") }),
    ).toEqual([]);
  });
});

test("a FluxInstance that cannot be built any more: what it has made stays as it was, patches and all", () => {
  const path = "kubernetes/flux/config/instance.yaml";
  const patch = (lines: string) => `    - patch: |\n${lines.replaceAll(/^/gm, "        ")}\n`;
  const root = patch("- op: add\n  path: /spec/decryption\n  value: {provider: sops, secretRef: {name: age}}");
  const target = (kind: string, name: string) => `      target: {kind: ${kind}, name: ${name}}\n`;
  const index = (number: number) =>
    patch(`- op: add\n  path: /spec/versions/${number}/schema/openAPIV3Schema/title\n  value: a`);
  const instance = (number: number) =>
    `${operatorTree()[path]}  kustomize:\n    patches:\n${index(number)}${target("CustomResourceDefinition", "alerts.notification.toolkit.fluxcd.io")}${root}${target("Kustomization", "flux-system")}`;
  const secret =
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\n  namespace: flux-system\nstringData:\n  a: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]\n  version: 3.8.1\n";
  const list = "kubernetes/flux/config/kustomization.yaml";
  const tree: Files = { ...operatorTree(), [path]: instance(0), "kubernetes/flux/config/key.sops.yaml": secret };
  tree[list] = `${tree[list]!.trimEnd()}\n  - key.sops.yaml\n`;
  const { findings } = verifyEdits({ [path]: instance(9) }, tree);
  expect(findings.map(({ rule }) => rule)).toEqual(["instance-refused"]);
  expect(findings[0]!.what).toContain("does not build");
  // Which Flux that is, a variable says.
  const of = (number: number) => instance(number).replace("2.6.x", "${FLUX_VERSION}");
  const open = verifyEdits({ [path]: of(9) }, { ...tree, [path]: of(0) });
  expect(open.findings.map(({ rule }) => rule)).not.toContain("instance-refused");
});
