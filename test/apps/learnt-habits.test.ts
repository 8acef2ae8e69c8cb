import { expect, test } from "vitest";
import { learnFileNames, repositoryFileFor } from "../../transforms/shared/apps/learn-files.ts";
import { learnLabels, pruneMark } from "../../transforms/shared/apps/learn-labels.ts";
import { learnNames } from "../../transforms/shared/apps/learn-names.ts";
import { drawnAs, drawnPaths } from "../../transforms/shared/automation/drawings.ts";
import { memoryTree } from "../support/memory.ts";

const release = (name: string) => `kind: HelmRelease\nmetadata:\n  name: ${name}\n`;
const repository = (name: string) => `kind: HelmRepository\nmetadata:\n  name: ${name}\n`;
const samples = (files: Record<string, string>) => Object.entries(files).map(([file, text]) => ({ file, text }));

test("files that are called after their app, when it is the app that stands in them", () => {
  const files = { "a/a.hr.yaml": release("a"), "b/b.hr.yaml": release("b"), "c/release.yaml": release("c") };
  expect(learnFileNames(samples(files))).toMatchObject({ release: "<app>.hr", source: "<app>.ocirepository" });
  const others = { "a/db.hr.yaml": release("a"), "b/db.hr.yaml": release("b"), "c/release.yaml": release("c") };
  expect(learnFileNames(samples(others)).release).toBe("release");
});

test.each([
  ["an anchor", "&my-app a"],
  ["a tag", "!!str a"],
])("%s before the name hides it no more than quotes", (_what, name) => {
  const text = `${release(name).replaceAll("\n", "\r\n")}spec: {}\r\n`;
  expect(learnFileNames(samples({ "a/a.hr.yaml": text })).release).toBe("<app>.hr");
});

test("a name that stands nowhere is sought in no time", () => {
  const labels = Array.from({ length: 200 }, (_, index) => `    key${index}: value\n`).join("");
  const text = `kind: HelmRelease\nmetadata:\n  labels:\n${labels}  name:\n    a\n`;
  expect(learnFileNames(samples({ "a/a.hr.yaml": text })).release).toBe("helmrelease");
});

test.each([
  ["a/helm-release.yaml", "oci-repository", "helm-repository"],
  ["a/a.helm-release.yaml", "<app>.oci-repository", "films.helm-repository"],
  ["a/helm_release.yaml", "oci_repository", "helm_repository"],
  ["a/helmrelease.yaml", "ocirepository", "helmrepository"],
  ["a/a.hr.yaml", "<app>.ocirepository", "films.helmrepository"],
  ["a/release.yaml", "ocirepository", "helmrepository"],
])("a release in %s: its source is spelt like it", (file, source, repository) => {
  const other = file.replaceAll("a/", "b/").replace("/a.", "/b.");
  const found = learnFileNames(samples({ [file]: release("a"), [other]: release("b") }));
  expect([found.source, repositoryFileFor(found, "films")]).toEqual([source, repository]);
});

test("where no chart comes from a registry, HelmRepositories say where a source stands", () => {
  const apart = { "a/release.yaml": release("a"), "a/repository.yaml": repository("a") };
  expect(learnFileNames(samples(apart)).source).toBe("repository");
  const named = { "a/release.yaml": release("a"), "a/helm-repository.yaml": repository("a") };
  expect(learnFileNames(samples(named)).source).toBe("ocirepository");
  const both = (name: string) => `${repository(name)}---\n${release(name)}`;
  expect(learnFileNames(samples({ "a/chart.yaml": both("a"), "b/chart.yaml": both("b") })).source).toBeUndefined();
});

type Siblings = Parameters<typeof learnNames>[0];
const siblings = (...objects: { name: string; file: string; data?: unknown }[]) =>
  objects.map((object) => ({ object })) as unknown as Siblings;

test("a prefix before the name of the file", () => {
  const files = ["apps", "charts", "configs"];
  const named = siblings(...files.map((file) => ({ name: `staging-${file}`, file: `clusters/staging/${file}.yaml` })));
  expect(learnNames(named, undefined, "clusters/staging").prefix).toBe("staging-");
  // In the folder of one cluster of many that a hub makes, it is the name of that one.
  expect(learnNames(named, undefined, "clusters/hub").prefix).toBe("");
});

test("labels of most apps, by name of the app or with one value; switches, shards and what differs are left out", () => {
  const app = (name: string, tier: string) => ({
    name,
    file: `apps/${name}/ks.yaml`,
    data: {
      metadata: { labels: { "home.example.org/team": "us", "home.example.org/off": "yes" } },
      spec: { commonMetadata: { labels: { app: name, tier, zone: "$ZONE", "sharding.fluxcd.io/key": "one" } } },
    },
  });
  const patches = [{ target: { kind: "Kustomization", labelSelector: "home.example.org/off!=yes" }, patch: "[]" }];
  const root = { object: { data: { spec: { patches } } }, effective: { known: true, value: { spec: { patches } } } };
  const cluster = { kustomizations: [root] } as unknown as Parameters<typeof learnLabels>[1];
  const found = learnLabels(siblings(app("films", "x"), app("music", "y"), app("photos", "z")), cluster);
  expect(found.common).toEqual({ app: "<app>" });
  expect(found.own).toEqual({ "home.example.org/team": "us" });
  expect(found.learned.map(({ says }) => says)).toEqual([
    "app: <app>, as 3 of 3",
    "home.example.org/team: us, as 3 of 3",
  ]);
});

test("prune: disabled of a Namespace is a label or an annotation, as the others have it", () => {
  const namespace = (map: string) =>
    `kind: Namespace\nmetadata:\n  name: x\n  ${map}:\n    kustomize.toolkit.fluxcd.io/prune: disabled\n`;
  const tree = memoryTree({
    "apps/a/namespace.yaml": namespace("labels"),
    "other/namespace.yaml": namespace("annotations"),
  });
  expect(Object.keys(pruneMark(tree, "apps"))).toEqual(["labels"]);
  expect(Object.keys(pruneMark(tree, "other"))).toEqual(["annotations"]);
});

test("a drawing names paths; a line in between begins another one", () => {
  const page = ["📁 kubernetes   # all", "├─📁 bootstrap", "│  └─ flux/", "└── apps", "and then:", "├── flux", ""].join(
    "\n",
  );
  expect([...drawnPaths(page).values()]).toEqual([
    "kubernetes/bootstrap",
    "kubernetes/bootstrap/flux",
    "kubernetes/apps",
    "flux",
  ]);
  expect(drawnAs(page, ["kubernetes/bootstrap"])).toEqual([{ line: 2, text: "kubernetes/bootstrap" }]);
  expect(drawnAs(`home-ops\n└── kubernetes\n    └── flux\n`, ["kubernetes/flux"])).toMatchObject([{ line: 3 }]);
});
