import { expect, test } from "vitest";
import { makeViews } from "../../src/change/artifact-views.ts";
import { readChange } from "../../src/change/change.ts";
import { findInstances } from "../../src/cluster/instances.ts";
import { buildModel } from "../../src/cluster/model.ts";
import { closestTo } from "../../src/cluster/sources.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { keepOnly } from "../../src/delivery/artifact-files.ts";
import { makeIgnore } from "../../src/delivery/ignore-rules.ts";
import { deliver, deliverFlux } from "../../src/delivery/kustomize/index.ts";
import { parseObjects } from "../../src/delivery/kustomize/resources.ts";
import { findEmptied } from "../../src/references/settings/emptied.ts";
import { readVariables } from "../../src/references/settings/variables.ts";
import { makeAcceptances } from "../../src/safety/fate/acceptance.ts";
import { checkMergeSafety } from "../../src/safety/merge-safety.ts";
import { readFailures } from "../../src/safety/unknown/build-unknowns.ts";
import { stopAfter, times } from "../../test/hostile/growth.ts";
import { memoryTree } from "../../test/support/memory.ts";
import { homeTree, ks, object, operatorTree } from "../../test/verify/home-tree.ts";
import { type Edits, type Files, judge, type Verdict } from "../../test/verify/judge.ts";
import { sampleFlux } from "../../transforms/shared/apps/learn-files.ts";

const inTime = <T>(run: () => T): T => stopAfter(run, 15_000);

test("a file of thousands of documents is searched for times once", () => {
  const text = times(12_000, (i) => object("ConfigMap", `c${i}`, "v1", ["data: {a: b, c: d, e: f}"]));
  expect(inTime(() => parseObjects(text, "a.yaml"))).toHaveLength(12_000);
});

test("thousands of Kustomizations fill in the same values, and nobody joins those", () => {
  const keys = new Set(Array.from({ length: 500_000 }, (_, i) => `V${i}`));
  const spec = { postBuild: { substituteFrom: [{ kind: "ConfigMap", name: "a" }], substitute: { b: "c" } } };
  const read = inTime(
    () => Array.from({ length: 2000 }, () => readVariables(spec, () => ({ keys, whole: true, isWritten: true })))[0]!,
  );
  expect(["V7", "b", "x"].map(read.has)).toEqual([true, true, false]);
  const data = Object.fromEntries([...keys].map((key) => [key, "1"]));
  const world = (values: object) => {
    const objects = new Map([["", { object: { body: { data: values } } }]]);
    const holder = { key: "Kustomization.x/y/z", spec: { data: { isLocal: true, spec: { path: "./a", ...spec } } } };
    const holders = Array.from({ length: 1000 }, () => holder);
    return { holders, objects: { get: () => holder }, holdersOf: () => [holder], find: () => objects.get("") };
  };
  const tree = memoryTree({ "a/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '${V7}'}\n" });
  const given = { before: world(data), after: world({ ...data, V7: "" }) } as never;
  expect(inTime(() => findEmptied(given, tree, ""))).toHaveLength(1000);
});

test("sources that each leave out other files cost little for each file", () => {
  const paths = Array.from({ length: 1000 }, (_, i) => `apps/team-${i % 7}/app-${i}/release.yaml`);
  const left = inTime(() =>
    Array.from({ length: 500 }, (_, i) => {
      const ignores = makeIgnore([{ dir: "", text: `x${i}\n*.jpg\n*.png\n/docs*/\n*-${i}/\n` }]);
      return paths.filter(ignores).length;
    }),
  );
  expect(left.slice(6, 8)).toEqual([142, 1]);
});

test("thousands of patterns of one file cost little for each path", () => {
  const text = times(20_000, (i) => `/apps/app-${i}/*\n!/apps/app-${i}/keep.yaml\nname-${i}\n`);
  const ignores = makeIgnore([{ dir: "", text }]);
  const paths = Array.from({ length: 20_000 }, (_, i) => [`apps/app-${i}/keep.yaml`, `a/name-${i}/b`, `b/app-${i}/c`]);
  expect(inTime(() => paths.flat().filter(ignores).length)).toBe(20_000);
});

test("a tree without what a source leaves out costs what is asked of it", () => {
  const files = Array.from({ length: 20_000 }, (_, i) => [`apps/app-${i}/a/b.yaml`, "a: b\n"]);
  const tree = memoryTree(Object.fromEntries(files));
  const views = Array.from({ length: 5000 }, (_, i) => (path: string) => path.startsWith(`apps/app-${i}/`));
  const seen = inTime(() =>
    views.map((keeps, i) => {
      const { has, isDir, entries } = keepOnly(tree, keeps);
      const at = `apps/app-${i}`;
      return [isDir(`${at}/a`), isDir(`${at}x`), isDir(`apps/app-${i + 1}`), has(`${at}/a/b.yaml`), ...entries(at)];
    }),
  );
  expect(new Set(seen.map(String))).toEqual(new Set(["true,false,false,true,a"]));
});

test("sources of one cluster that each leave out something else are not each asked for every file", () => {
  const tree = memoryTree(Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`other/f${i}.yaml`, ""])));
  const local = Array.from({ length: 2000 }, (_, i) => ({
    effective: { known: true, value: { spec: { path: `./apps/app-${i}` } } },
  }));
  const root = { file: "clusters/root.yaml" };
  const files = new Set(["apps/app-1/a.yaml"]);
  const cluster = { root, instances: [], local, artifactRoot: "", files };
  const facts = { ref: "", layer: "", ignore: "", sparse: [], includes: [], submodules: false, unpublished: "" };
  const table = new Map(local.map((_, i) => [`GitRepository/s${i}`, { ...facts, ignore: `/apps/app-${i}/x` }]));
  const change = { before: tree, after: tree, changed: new Set(["other/f1.yaml"]), added: [], cluster };
  const viewOf = makeViews(change as never, { before: table, after: table } as never, () => "");
  expect(new Set(inTime(() => local.map((_, i) => viewOf(`GitRepository/s${i}`).token)))).toEqual(new Set([""]));
});

test("FluxInstances of thousands of clusters are not each looked for in every Kustomization", () => {
  const object = (i: number, kind: string, spec: object) =>
    ({
      file: `clusters/c${i}/a.yaml`,
      doc: 0,
      apiVersion: "",
      kind,
      name: "flux",
      namespace: "flux-system",
      data: { spec },
    }) as never as KubeObject;
  const objects = Array.from({ length: 12_000 }, (_, i) => [
    { ...object(i, "FluxInstance", {}), apiVersion: "fluxcd.controlplane.io/v1" },
    { ...object(i, "Kustomization", { path: `./clusters/c${i}` }), apiVersion: "kustomize.toolkit.fluxcd.io/v1" },
  ]).flat();
  const tree = memoryTree(Object.fromEntries(objects.map(({ file }) => [file, "a: b\n"])));
  expect(inTime(() => findInstances(tree, objects))).toHaveLength(12_000);
});

const APP = "kubernetes/apps/media/many";

/** What `verify` says of a file of objects that one change turns into another. */
function judgeFile(before: string, after: string): Verdict {
  const list = (text: string): Edits => ({ [`${APP}/all.yaml`]: text });
  const tree: Files = {
    ...homeTree(),
    [`${APP}/kustomization.yaml`]: "resources: [all.yaml]\n",
    "kubernetes/apps/media/kustomization.yaml": "resources: [namespace.yaml, player/ks.yaml, many]\n",
    [`${APP}/all.yaml`]: before,
  };
  return inTime(() => judge(tree, list(after)));
}

test("patches that all fail cost no more than their number, in time and memory", () => {
  const patches = Array.from({ length: 2000 }, (_, i) => ({ patch: `[{op: remove, path: /spec/x${i}}]`, target: {} }));
  const failures = patches.map(({ patch }) => ({ at: lineOf("a.yaml"), what: patch }));
  const input = { tree: memoryTree({}), side: "after", spec: { path: "./a", patches }, artifactRoot: "" } as const;
  const read = inTime(() => readFailures(failures, new Set(), { ...input, changed: new Set(), values: new Map() }));
  expect(new Set(read.map(({ reads }) => reads)).size).toBe(2000);
  expect(JSON.stringify(read).length).toBeLessThan(1_000_000);
});

test("components that all fail cost no more than their number", () => {
  const COUNT = 400;
  const files: Files = {
    ...homeTree(),
    [`${APP}/all.yaml`]: times(COUNT, (i) => object("ConfigMap", `a${i}`)),
    [`${APP}/kustomization.yaml`]: `resources: [all.yaml]\ncomponents:\n${times(COUNT, (i) => `  - ./c${i}\n`)}`,
    "kubernetes/apps/media/kustomization.yaml": "resources: [namespace.yaml, player/ks.yaml, many]\n",
  };
  for (let i = 0; i < COUNT; i++)
    files[`${APP}/c${i}/kustomization.yaml`] =
      `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{target: {name: a${i}}, patch: '[{op: add}]'}]\n`;
  const edits = { [`${APP}/all.yaml`]: times(COUNT, (i) => object("ConfigMap", `b${i}`)) };
  expect(inTime(() => judge(files, edits)).safety.verdict).toBe("unproven");
});

test("vars of a kustomization cost no more than their number", () => {
  const object = (i: number) =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}, namespace: media}\ndata: {a: b${i}, c: $(V${i})}\n`;
  const ref = (i: number) =>
    `- {name: V${i}, objref: {apiVersion: v1, kind: ConfigMap, name: c${i}}, fieldref: {fieldpath: data.a}}\n`;
  const files = {
    "kustomization.yaml": `resources: [all.yaml]\nvars:\n${times(3000, ref)}`,
    "all.yaml": times(3000, object),
  };
  expect(inTime(() => deliver(memoryTree(files), "")).unknowns).toHaveLength(3000);
});

test("files that all hold one object cost no more than their number, read as far as they go", () => {
  const one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
  const list = { "a/kustomization.yaml": `resources:\n${times(5000, (i) => `- f${i}.yaml\n`)}` };
  const files = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`a/f${i}.yaml`, one]));
  const made = inTime(() => deliverFlux(memoryTree({ ...list, ...files }), { path: "a" }, { goesOn: true }));
  expect(made.ok && made.objects.length).toBe(5000);
  expect(made.unknowns.length).toBeGreaterThan(4998);
});

test("sources and copies of an ArtifactGenerator, and those who read it, cost no more than their number", () => {
  const source = (i: number) => `    - {alias: r${i}, kind: GitRepository, name: home}\n`;
  const copy = (to: number) => (i: number) =>
    `        - {from: "@r${i}/apps/a${i}/**", to: "@artifact/apps/a${i + to}/"}\n`;
  const reader = (i: number) =>
    ks(`made-${i}`, `apps/a${i}`).replace(
      "kind: GitRepository\n    name: home",
      "kind: ExternalArtifact\n    name: made",
    );
  const generator = (to: number) =>
    `${times(700, reader)}---\napiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: g, namespace: flux-system}\nspec:\n  sources:\n${times(700, source)}  artifacts:\n    - name: made\n      copy:\n${times(700, copy(to))}`;
  expect(generator(0)).toContain("ExternalArtifact");
  expect(judgeFile(generator(0), generator(1)).safety.verdict).toBe("unproven");
});

test("what a change touches is listed once for all clusters", () => {
  const [before, after] = [memoryTree({ "a.yaml": "a: b\n" }), memoryTree({ "a.yaml": "a: c\n" })];
  const change = { before, after, changed: new Set(["a.yaml"]) };
  const model = { objects: [{ file: "b.yaml" }] } as never;
  const [one, other] = ["one", "other"].map((name) => readChange(change, model, { name, files: new Set() } as never));
  expect(other!.objects.after).toBe(one!.objects.after);
  expect(one!.objects.after).toEqual([{ file: "b.yaml" }]);
});

test("each of thousands of clusters finds its own among as many sources of one name", () => {
  const all = Array.from(
    { length: 20_000 },
    (_, i) => ({ file: `clusters/c${i}/flux-system/gotk-sync.yaml` }) as KubeObject,
  );
  const found = inTime(() => all.map((_, i) => closestTo(`clusters/c${i}/apps/web.yaml`, all)));
  expect(found.every((one, i) => one === all[i])).toBe(true);
  const files = ["b/y.yaml", "a.yaml", "b/c/x.yaml", "b/c/z.yaml"].map((file) => ({ file }) as KubeObject);
  const nearest = ["x.yaml", "b/x.yaml", "b/c/z.yaml", "b/c/d/x.yaml", "d/x.yaml"].map((file) =>
    closestTo(file, files),
  );
  expect(nearest.map((one) => one?.file)).toEqual(["a.yaml", "b/y.yaml", "b/c/z.yaml", "b/c/x.yaml", "b/y.yaml"]);
});

const OPERATOR = "fluxcd.controlplane.io/v1";
const set = (i: number, from: string) =>
  `---\napiVersion: ${OPERATOR}\nkind: ResourceSet\nmetadata: {name: set${i}, namespace: flux-system}\nspec: {inputsFrom: [${from}], resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: "made-<< inputs.a >>", namespace: media}}]}\n`;
const provider = (i: number, type: string) =>
  `---\napiVersion: ${OPERATOR}\nkind: ResourceSetInputProvider\nmetadata: {name: in${i}, namespace: flux-system}\nspec: {type: ${type}, url: "https://git.example", defaultValues: {a: b${i}}}\n`;

test("ResourceSets that each name a provider of many, or one that names many, cost no more than their number", () => {
  const each = times(800, (i) => set(i, `{name: in${i}}`) + provider(i, "Static"));
  const all =
    set(
      0,
      times(800, (i) => `{name: in${i}}, `),
    ) + times(800, (i) => provider(i, "Static"));
  for (const before of [each, all])
    expect(judgeFile(before, before.replace("b7}", "c7}")).safety.outcomes).toBeDefined();
});

test("ResourceSets with a selector that cannot be read do not each hold every provider", () => {
  const selector = "{selector: {matchExpressions: [{key: a, operator: Exists}]}}";
  const before = times(800, (i) => set(i, `${selector}, ${selector}`) + provider(i, "GitHubTag"));
  expect(judgeFile(before, before.replace("b7}", "c7}")).safety.verdict).not.toBe("safe");
});

test("Services and workloads that all fit one another cost no more than their number, and list few ports", () => {
  const pods = (i: number, port: string) =>
    `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d${i}, namespace: media}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx, ports: [{name: ${port}${i}, containerPort: 80}]}]}}}\n`;
  const service = (i: number) =>
    `---\napiVersion: v1\nkind: Service\nmetadata: {name: s${i}, namespace: media}\nspec: {selector: {a: b}, ports: [{port: 80, targetPort: p${i}}]}\n`;
  const tree = (port: string) => times(700, (i) => pods(i, port) + service(i));
  const { findings, safety } = judgeFile(tree("p"), tree("q"));
  const said = JSON.stringify([findings, safety]);
  expect(said).toContain("q0, q1, ");
  expect(said.length).toBeLessThan(3_000_000);
});

test("FluxInstances that nothing can patch on their way cost no build, however many Kustomizations there are", () => {
  const make = (apiVersion: string, kind: string, spec: object) =>
    ({ file: "a/b.yaml", doc: 0, apiVersion, kind, name: "flux", namespace: "flux-system", data: { spec } }) as never;
  const asked: string[] = [];
  const tree = { ...memoryTree({ "a/b.yaml": "a: b\n" }), isDir: (path: string) => asked.push(path) > 0 };
  const instance = make("fluxcd.controlplane.io/v1", "FluxInstance", {});
  const builder = (spec: object) => make("kustomize.toolkit.fluxcd.io/v1", "Kustomization", { path: "./a", ...spec });
  expect(findInstances(tree, [instance, builder({})])).toHaveLength(1);
  expect(asked).toEqual([]);
  expect(findInstances(tree, [instance, builder({ patches: [{ patch: "a: b" }] })])).toHaveLength(1);
  expect(asked).not.toEqual([]);
});

test("files that show how an owner writes are read once for all clusters", () => {
  const text = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n";
  const tree = memoryTree({ "a/one.yaml": text, "b/two.yaml": text });
  const of = (...files: string[]) => sampleFlux(tree, { files: new Set(files) } as never, "a");
  expect(of("a/one.yaml", "b/two.yaml")[1]).toBe(of("b/two.yaml")[0]);
  expect(of("a/one.yaml").map(({ file }) => file)).toEqual(["a/one.yaml"]);
});

test("what one account may do by thousands of Roles is worked out once for all that is applied as it", () => {
  const release = (i: number) =>
    `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r${i}, namespace: media}\nspec: {interval: 1h, serviceAccountName: tenant, chartRef: {kind: OCIRepository, name: c}}\n`;
  const role = (resource: string) => (i: number) =>
    `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r${i}, namespace: media}\nrules: [{apiGroups: [""], resources: [${resource}], verbs: ["*"]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r${i}, namespace: media}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r${i}}\nsubjects: [{kind: ServiceAccount, name: tenant, namespace: media}]\n`;
  const file = (resource: string) => times(1500, release) + times(1500, role(resource));
  const { findings } = judgeFile(file("secrets"), file("pods"));
  const told = findings.find(({ rule }) => rule === "reference-breaks");
  expect(told?.what).toContain("may not create Secret media/sh.helm.release any more");
});

test("definitions and namespaces that go are not each looked for in every object", () => {
  const definition = (i: number) =>
    `---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: k${i}s.x.io}\nspec: {group: x.io, scope: Namespaced, names: {kind: K${i}, plural: k${i}s}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n${i}}\n`;
  const object = (i: number) =>
    `---\napiVersion: x.io/v1\nkind: K${i}\nmetadata: {name: o, namespace: n${i}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n${i}}\n`;
  const { wanted } = judgeFile(times(1500, definition) + times(1500, object), times(1500, object));
  for (const one of ["K7 n7/o", "K1499 n1499/o", "ConfigMap n1499/c"])
    expect(wanted.some((said) => said.endsWith(` ${one}`))).toBe(true);
});

test("what one pod takes of ConfigMaps is not each held against all that it took before", () => {
  const pod = (from: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: media}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a, envFrom: [${times(12_000, (i) => `{configMapRef: {name: ${from}${i}, optional: true}},`)}]}]}}}\n`;
  expect(judgeFile(pod("a"), pod("b")).safety.verdict).toBe("safe");
});

test("components and patches of a FluxInstance cost no more than their number", () => {
  const file = "kubernetes/flux/config/instance.yaml";
  const tree = operatorTree();
  const body = (key: string) =>
    tree[file]!.replace("components: [", `components: [${"source-controller, ".repeat(6000)}`) +
    `  kustomize: {patches: [${times(6000, (i) => `{patch: ${key}${i}, target: {kind: ${key}}},`)}]}\n`;
  const { safety } = inTime(() => judge({ ...tree, [file]: body("a") }, { [file]: body("b") }));
  expect(safety.verdict).toBe("safe");
});

test("sources that nothing makes are looked for once, not each in all files", () => {
  const files = { ...homeTree(), "kubernetes/flux/other.yaml": ks("other", "deploy", [], "storage") };
  const many = times(50, (i) => ks(`app-${i}`, "deploy", [], `missing-${i}`));
  const asked: string[] = [];
  const count = (tree: ReturnType<typeof memoryTree>) => ({
    ...tree,
    grep(needle: string) {
      asked.push(needle);
      return tree.grep(needle);
    },
  });
  const model = buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } });
  const path = "kubernetes/flux/many.yaml";
  const change = { before: count(memoryTree(files)), after: count(memoryTree({ ...files, [path]: many })) };
  const { safety } = checkMergeSafety({ ...change, changed: new Set([path]) }, model, model.clusters[0]!, {
    adopted: true,
    accept: makeAcceptances([]),
  });
  expect(safety.unknown).toHaveLength(50);
  // Of so many as have one world ask by name.
  expect(asked.filter((needle) => needle.startsWith("missing-")).length).toBeLessThan(50);
});

test.each(["me", "${{ github.repository_owner }}"])(
  "many artifacts of %s, each pushed from a folder of its own, cost little for each",
  (owner) => {
    const source = (i: number) =>
      `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: s${i}, namespace: flux-system}\nspec: {interval: 1m, url: oci://ghcr.io/me/part-${i}, ref: {tag: latest}}\n`;
    const reader = (i: number) => ks(`k${i}`, `x${i}`, [], `s${i}`).replace("GitRepository", "OCIRepository");
    const push = (i: number) =>
      `      - run: flux push artifact oci://ghcr.io/${owner}/part-${i}:latest --path=./parts/p${i}\n`;
    const COUNT = 1500;
    const files: Files = {
      ...homeTree(),
      "kubernetes/flux/parts.yaml": times(COUNT, (i) => source(i) + reader(i)),
      ".github/workflows/push.yaml": `on: push\njobs:\n  push:\n    steps:\n${times(COUNT, push)}`,
    };
    for (let i = 0; i < COUNT; i++) files[`parts/p${i}/x${i}/a.yaml`] = object("ConfigMap", `a${i}`);
    const edits = { "parts/p7/x7/a.yaml": object("ConfigMap", "b") };
    const { safety } = inTime(() => judge(files, edits));
    expect(safety.dangers.map(({ resource }) => resource)).toEqual(["ConfigMap default/a7"]);
  },
);
