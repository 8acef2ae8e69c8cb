import { expect, test } from "vitest";
import { git, makeRepo } from "../support/repo.ts";
import { runCli } from "../support/run-cli.ts";
import { commit } from "./built.ts";
import { homeTree, ks, kustomization, object, operatorTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const APP = "kubernetes/apps/media/player/app";
const GAMES = "kubernetes/apps/games";
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: kustomizations.kustomize.toolkit.fluxcd.io
`;

/** Flux runs there, and nothing in Git delivers it. */
function handTree(): Files {
  const { "kubernetes/flux/config/flux.yaml": _, ...tree } = homeTree();
  return { ...tree, "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]) };
}

/** The last line that a person reads, and the first sentence of the comment. */
async function conclude(edits: Edits, tree: Files = homeTree()): Promise<string> {
  const root = makeRepo(tree);
  commit(root, edits);
  const args = ["verify", "--base", "HEAD~1", root];
  const text = (await runCli(args)).out.trimEnd().split("\n").at(-1)!;
  const comment = (await runCli([...args, "--format", "markdown"])).out.split("\n");
  // Both say the same, each in its own dress.
  const [, title, meaning] = /^\S (.+?) {2}(.+)$/.exec(text)!;
  expect(comment[2]).toBe(`# fluxlift: ${title}`);
  expect(comment[4]!.replaceAll("\\", "")).toContain(`: ${meaning}.`);
  expect(git(root, "status", "--porcelain")).toBe("");
  return text;
}

const cases: [name: string, edits: Edits, line: string, tree?: Files][] = [
  [
    "nothing of Flux changes",
    { "README.md": "Hello\n" },
    "✔ safe to merge  Flux deletes nothing, in any order of reconciling",
  ],
  [
    "something is new",
    {
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "new.yaml"]),
      [`${APP}/new.yaml`]: object("ConfigMap", "new"),
    },
    "✔ safe to merge  Flux deletes nothing and creates 1 object, in any order of reconciling",
  ],
  [
    "what Flux reads this by is new in the tree, and there by hand",
    {
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "crd.yaml"]),
      [`${APP}/crd.yaml`]: CRD,
    },
    "✔ safe to merge  Flux deletes nothing and creates or takes over 1 object, in any order of reconciling",
    handTree(),
  ],
  [
    "one object is taken out",
    { [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]), [`${APP}/pvc.yaml`]: undefined },
    "- deletes on purpose  1 object goes: PersistentVolumeClaim media/player; taken out by this change",
  ],
  [
    "what is wanted goes",
    {
      "kubernetes/apps/media/namespace.yaml": undefined,
      "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]),
    },
    "✗ not safe to merge  2 objects still wanted may be deleted: PersistentVolumeClaim media/player, HelmRelease media/player",
  ],
  [
    "a build breaks",
    { [`${APP}/pvc.yaml`]: undefined },
    "✗ not safe to merge  1 Kustomization stops building: Kustomization flux-system/player",
  ],
  [
    "references break",
    {
      [`${GAMES}/chess/ks.yaml`]: ks("chess", `${GAMES}/chess/app`, ["targetNamespace: games"], "home"),
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
      "kubernetes/flux/vars/cluster-settings.yaml": undefined,
    },
    "✗ not safe to merge  1 object loses what it refers to: Kustomization flux-system/cluster",
  ],
  [
    "the instance is refused",
    {
      "kubernetes/flux/config/instance.yaml": operatorTree()["kubernetes/flux/config/instance.yaml"]!.replace(
        "2.6.x",
        "2.5.x",
      ),
    },
    "✗ not safe to merge  1 FluxInstance is refused: FluxInstance flux",
    operatorTree(),
  ],
  [
    "something cannot be read",
    {
      [`${APP}/kustomization.yaml`]: kustomization([
        "helmrelease.yaml",
        "pvc.yaml",
        "https://github.com/example/base//deploy?ref=v2",
      ]),
    },
    "⚠ not proven safe  1 thing that the change touches cannot be read: Kustomization flux-system/player",
    {
      ...homeTree(),
      [`${APP}/kustomization.yaml`]: kustomization([
        "helmrelease.yaml",
        "pvc.yaml",
        "https://github.com/example/base//deploy?ref=v1",
      ]),
    },
  ],
  [
    "no cluster is known",
    { "a.yaml": undefined },
    "⚠ not proven safe  no cluster was recognised, so nobody knows who reads what changes",
    { "a.yaml": object("ConfigMap", "a"), "b.yaml": "b: 1\n" },
  ],
  [
    "no cluster is known, and one comes",
    { ...operatorTree(), "a.yaml": undefined },
    "⚠ not proven safe  no cluster was recognised, so nobody knows who reads what changes",
    { "a.yaml": object("ConfigMap", "a"), "b.yaml": "b: 1\n" },
  ],
  [
    "no cluster is known, and nothing goes",
    { "b.yaml": object("ConfigMap", "b") },
    "✔ safe to merge  no cluster was recognised, and no object leaves the files that change",
    { "a.yaml": object("ConfigMap", "a") },
  ],
];

test.each(cases)("the one line: %s", async (_name, edits, line, tree) => {
  expect(await conclude(edits, tree)).toBe(line);
});

test("a Flux that is there by hand is taken over, and one that comes with its cluster is created", async () => {
  const seen = async (tree: Files, edits: Edits) => {
    const root = makeRepo(tree);
    commit(root, edits);
    const said = (format: string) => runCli(["verify", "--base", "HEAD~1", root, "--format", format]);
    return [(await said("text")).out, (await said("markdown")).out];
  };
  const crd = {
    [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "crd.yaml"]),
    [`${APP}/crd.yaml`]: CRD,
  };
  for (const out of await seen(handTree(), crd)) {
    expect(out.replace(/\s+/g, " ")).toMatch(/created or taken over from the Flux that is there already/);
  }
  for (const out of await seen({ "a.yaml": object("ConfigMap", "a") }, operatorTree())) {
    expect(out).toMatch(/created/);
    expect(out).not.toMatch(/tak(?:en|es) over/);
  }
});

test("the one line: Flux deletes itself", async () => {
  const line = await conclude({
    "kubernetes/flux/config/flux.yaml": undefined,
    "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]),
  });
  expect(line).toMatch(
    /^✗ not safe to merge {2}Flux deletes itself; \d+ objects still wanted may be deleted: .* and \d+ more$/,
  );
});

test("on a screen the verdict stays within its width, in a log it is one line", async () => {
  const root = makeRepo(homeTree());
  commit(root, { [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]), [`${APP}/pvc.yaml`]: undefined });
  const args = ["verify", "--base", "HEAD~1", root];
  const seen = async (terminal: boolean) => (await runCli(args, { terminal, width: 60 })).out.trimEnd().split("\n");
  const says = "1 object goes: PersistentVolumeClaim media/player; taken out by this change";
  expect((await seen(false)).at(-1)).toBe(`- deletes on purpose  ${says}`);
  const lines = (await seen(true)).slice(-3);
  expect([lines[0], lines.slice(1).join(" ").replace(/ +/g, " ").trim()]).toEqual(["- deletes on purpose", says]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});
