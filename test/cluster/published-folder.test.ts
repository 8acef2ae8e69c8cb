import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { publishedFolder } from "../../src/cluster/published-folder.ts";
import { memoryTree } from "../support/memory.ts";
import { makeRepo } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import { blockers, planOf, run } from "../traps/support.ts";
import { flux, gitRepository, list } from "./fleet.ts";

const source = (name: string) =>
  gitRepository(name, `oci://registry:5000/${name}`).replace("GitRepository", "OCIRepository");

/** Three artifacts of one repository, each with a FluxKustomization on its top folder; the first lists the others. */
const files = {
  "kubernetes/clusters/local/sync.yaml": source("cluster") + flux("cluster", "./", "OCIRepository cluster"),
  "kubernetes/clusters/local/apps.yaml": source("apps") + flux("apps", "./", "OCIRepository apps"),
  "kubernetes/clusters/local/infra.yaml": source("infra") + flux("infra", "./", "OCIRepository infra"),
  "kubernetes/apps/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n",
  "kubernetes/infra/dns.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dns\n",
};

test.each<[string | undefined, string, string | undefined]>([
  [undefined, "apps", undefined],
  ["./kubernetes/", "apps", "kubernetes"],
  [".", "apps", ""],
  ["", "apps", ""],
  ["a,b", "apps", "a,b"],
  ["apps=./kubernetes/apps/,infra=kubernetes/infra", "apps", "kubernetes/apps"],
  ["apps=kubernetes/apps", "infra", undefined],
  ["apps=kubernetes/apps, kubernetes", "infra", "kubernetes"],
  ["apps=.", "apps", ""],
])("--artifact-path %s says of %s: %s", (given, name, folder) => {
  expect(publishedFolder(given, name)).toBe(folder);
});

test("several artifacts of one repository get each its own folder", () => {
  const modelOf = (artifactPath: string) =>
    buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto", artifactPath } });
  const one = modelOf("kubernetes/clusters/local").clusters.flatMap(({ findings }) => findings);
  expect(one.map(({ rule }) => rule)).toContain("root-ambiguous");
  expect(one[0]!.next).toContain("--artifact-path apps=FOLDER,cluster=FOLDER.");
  const { clusters } = modelOf("cluster=kubernetes/clusters/local,apps=kubernetes/apps,infra=kubernetes/infra");
  expect(clusters.map(({ root, artifactRoot }) => [root.name, artifactRoot])).toEqual([
    ["cluster", "kubernetes/clusters/local"],
  ]);
  expect(clusters.flatMap(({ findings }) => findings)).toEqual([]);
  expect([...clusters[0]!.files].filter((file) => !file.startsWith("kubernetes/clusters/")).sort()).toEqual([
    "kubernetes/apps/web.yaml",
    "kubernetes/infra/dns.yaml",
  ]);
});

test("what lies in another artifact is the cluster's, and nothing new is put there", () => {
  const release = source("flux").replace("oci://registry:5000/flux", "oci://ghcr.io/fluxcd/flux-manifests");
  const versioned = release.replace(/ref:\n {4}branch: main/, "ref:\n    tag: v2.8.5");
  const app = (name: string) => ({
    [`kubernetes/apps/default/${name}/ks.yaml`]: flux(name, `./default/${name}/app`, "OCIRepository apps").replace(
      "kustomize.toolkit.fluxcd.io/v1",
      "kustomize.toolkit.fluxcd.io/v1beta2",
    ),
    [`kubernetes/apps/default/${name}/app/web.yaml`]: files["kubernetes/apps/web.yaml"].replace("web", name),
  });
  const tree = {
    ...files,
    "kubernetes/clusters/local/flux.yaml": versioned + flux("flux", "./", "OCIRepository flux"),
    "kubernetes/clusters/local/kustomization.yaml": list("sync.yaml", "apps.yaml", "infra.yaml", "flux.yaml"),
    "kubernetes/apps/kustomization.yaml": list("default"),
    "kubernetes/apps/default/kustomization.yaml": list("echo/ks.yaml", "web/ks.yaml"),
    ...app("echo"),
    ...app("web"),
  };
  const artifactPath = "cluster=kubernetes/clusters/local,apps=kubernetes/apps,infra=kubernetes/infra";
  const old = run(tree, { artifactPath });
  expect(blockers(old)).toEqual(["api-version-removed kubernetes/apps/default/echo/ks.yaml"]);
  const { plan } = run(tree, { artifactPath, upgradeApis: true });
  const edits = plan.phases.flatMap((phase) => phase.files.map(({ path }) => path));
  expect(edits.filter((path) => path.startsWith("kubernetes/apps/"))).toEqual([
    "kubernetes/apps/default/echo/ks.yaml",
    "kubernetes/apps/default/web/ks.yaml",
  ]);
  expect(edits.length).toBeGreaterThan(2);
});

test("scan takes --artifact-path, which its findings name, as often as there are artifacts", async () => {
  const root = makeRepo(files);
  const bare = await runCli(["scan", root], { loader: realEngine });
  expect(bare.out).toMatch(/--artifact-path \S+=FOLDER/);
  const flags = ["--artifact-path", "cluster=kubernetes/clusters/local", "--artifact-path", "apps=kubernetes/apps"];
  const flagged = await runCli(["scan", ...flags, root], { loader: realEngine });
  expect(flagged.out).toContain("OCIRepository cluster, branch main");
  expect(flagged.out).toContain("fluxlift plan --artifact-path cluster=kubernetes/clusters/local,apps=kubernetes/apps");
});

test("the artifact that a cluster starts from is asked for first: the one beside which a release of Flux lies", () => {
  const release = source("flux").replace("oci://registry:5000/flux", "oci://ghcr.io/fluxcd/flux-manifests");
  const local = "kubernetes/clusters/local";
  const tree = {
    [`${local}/apps.yaml`]: files[`${local}/apps.yaml`],
    [`${local}/infra.yaml`]:
      source("infra") + flux("dns", "./dns", "OCIRepository infra") + flux("web", "./web", "OCIRepository infra"),
    [`${local}/flux-system/kustomization.yaml`]: list("cluster.yaml", "flux.yaml"),
    [`${local}/flux-system/cluster.yaml`]: files[`${local}/sync.yaml`],
    [`${local}/flux-system/flux.yaml`]: release + flux("flux", "./", "OCIRepository flux"),
  };
  const [first] = planOf(tree).findings;
  expect([first?.rule, first?.at?.file]).toEqual(["root-not-found", `${local}/flux-system/cluster.yaml`]);
  expect(first?.next).toContain("--artifact-path cluster=FOLDER");
});

test("an artifact that may come from here, and that nothing says more of, is told", () => {
  const unread = (more: Record<string, string>, artifactPath = "cluster=kubernetes/clusters/local") =>
    planOf({ ...files, ...more }, { artifactPath })
      .findings.filter(({ rule }) => rule === "artifact-unread")
      .map(({ what }) => what);
  const foreign = source("dns").replace("registry:5000", "ghcr.io/else") + flux("dns", "./", "OCIRepository dns");
  const found = unread({ "kubernetes/clusters/local/dns.yaml": foreign });
  expect(found).toEqual([
    "Kustomization flux-system/apps reads OCIRepository flux-system/apps, which may be filled from a folder of this repository; which one, nothing here says, and nothing of it is looked at.",
    "Kustomization flux-system/infra reads OCIRepository flux-system/infra, which may be filled from a folder of this repository; which one, nothing here says, and nothing of it is looked at.",
  ]);
  const said = "cluster=kubernetes/clusters/local,apps=kubernetes/apps,infra=kubernetes/infra";
  expect(unread({}, said)).toEqual([]);
});
