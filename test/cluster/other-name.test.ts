import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { fleet, flux, gitRepository, list, URL } from "./fleet.ts";

const FORK = "https://token@github.com/somebody/old-name.git";
const read = (files: Record<string, string>, remotes = [URL]) =>
  buildModel({ tree: memoryTree(files), remotes, options: { layout: "auto" } });

/** Two clusters, one of which reads the repository by another URL. */
function renamed(): Record<string, string> {
  const files = fleet({ east: {}, west: {} });
  const path = "kubernetes/west/flux/config/cluster.yaml";
  return { ...files, [path]: files[path]!.replace(URL, FORK) };
}

test("a cluster that reads this repository by another URL is said to be left out, and not passed over", () => {
  const { clusters, leftOut } = read(renamed());
  expect(clusters.map(({ name }) => name)).toEqual(["default"]);
  expect(leftOut.map(({ object, why }) => `${object.file} ${why}`)).toEqual([
    "kubernetes/west/flux/config/cluster.yaml builds ./kubernetes/west/flux of github.com/somebody/old-name, and no git remote here is called so",
  ]);
  expect(leftOut[0]?.next).toContain("by an older name");
  // Of a mirror the command makes it one of the clusters; the token of its URL stays where it is.
  expect(leftOut[0]?.next).toContain("git remote add mirror https://github.com/somebody/old-name.git,");
});

test("it is taken with the others once a remote has that URL", () => {
  const { clusters, leftOut } = read(renamed(), [URL, FORK]);
  expect([clusters.map(({ name }) => name), leftOut]).toEqual([["east", "west"], []]);
});

test("what another repository delivers here is none", () => {
  const files = {
    ...fleet({ east: {} }),
    "kubernetes/east/apps/team/ks.yaml": gitRepository("team", FORK) + flux("team", "./deploy", "GitRepository team"),
    "kubernetes/east/apps/team/kustomization.yaml": list("./ks.yaml"),
    "vendor/team/sync.yaml": gitRepository("team", FORK) + flux("team", "./deploy", "GitRepository team"),
  };
  expect(read(files).leftOut).toEqual([]);
});

test("what builds ./ of another repository does not hide the root whose folder was moved", () => {
  const moved = Object.fromEntries(Object.entries(fleet({ east: {} })).map(([path, text]) => [`deploy/${path}`, text]));
  const { leftOut } = read({
    ...moved,
    "deploy/addons/team.yaml": gitRepository("team", FORK) + flux("team", "./", "GitRepository team"),
  });
  expect(leftOut.map(({ object, why }) => `${object.file} ${why}`)).toEqual([
    expect.stringMatching(
      /^deploy\/kubernetes\/east\/flux\/config\/cluster.yaml builds .*, and there is no such folder$/,
    ),
  ]);
});

test("a source that a patch points at this repository is its own, whatever URL the template of the cluster says", () => {
  const body = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: flux-system, namespace: flux-system }
spec: { url: "${URL}" }
`;
  const { clusters } = read({
    "flux-system/gotk-sync.yaml":
      gitRepository("flux-system", FORK) + flux("flux-system", "./", "GitRepository flux-system"),
    "flux-system/kustomization.yaml": list("gotk-sync.yaml"),
    "overlays/repository.yaml": body,
    "kustomization.yaml": `${list("flux-system")}patches:\n  - path: overlays/repository.yaml\n`,
  });
  expect(clusters.map(({ root, runningSource }) => [root.file, runningSource?.data.spec?.url])).toEqual([
    ["flux-system/gotk-sync.yaml", URL],
  ]);
});

test("a cluster whose sync reads an artifact without a path is said to be left out beside others", () => {
  const artifact = gitRepository("flux-system", "oci://registry:5000/local").replace("GitRepository", "OCIRepository");
  const sync = artifact + flux("flux-system", "./", "OCIRepository flux-system");
  const { clusters, leftOut } = read({ ...fleet({ east: {} }), "kubernetes/local/flux-system/gotk-sync.yaml": sync });
  expect(clusters.map(({ name }) => name)).toEqual(["default"]);
  expect(leftOut.map(({ isCopy, next }) => [isCopy, next])).toEqual([
    [false, expect.stringContaining("give that folder with --artifact-path flux-system=FOLDER.")],
  ]);
});
