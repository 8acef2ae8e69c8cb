import { dirname } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { CORE_COMPONENTS } from "../../src/release/releases.ts";
import { CONFIG, kustomization, makeFluxSystem, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, type Migrated, runAll, runPhase } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const COMPONENTS = `${DIR}/gotk-components.yaml`;
const SYNC = `${DIR}/gotk-sync.yaml`;

const tree = (more: Files = {}): Files => ({ ...makeFluxSystem("clusters/home"), ...more });
const stop = ({ findings }: Migrated) => findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule);

function expectStopped(files: Files, ...rules: string[]): void {
  const done = runPhase(files, "install");
  for (const rule of rules) expect(stop(done)).toContain(rule);
  expect(done.changed).toEqual([]);
}

describe("a gotk file that is cut off", () => {
  const text = makeGotk();
  test.each([
    ["before its controllers", text.slice(0, text.indexOf("kind: Deployment") - 30)],
    ["inside the last controller", text.slice(0, text.lastIndexOf("containers:") + 30)],
    ["inside its volumes", text.slice(0, text.lastIndexOf("volumes:"))],
    ["before the mounts of its volumes", text.slice(0, text.lastIndexOf("volumeMounts:"))],
    ["between two documents", text.slice(0, text.lastIndexOf("\n---\n") + 1)],
  ])("%s stops the cluster", (_, cut) => {
    expectStopped(tree({ [COMPONENTS]: cut }), "gotk-broken");
  });

  test("a component that was never there is no cut", () => {
    const three = makeGotk({ components: ["source-controller", "kustomize-controller", "helm-controller"] });
    const done = runPhase(tree({ [COMPONENTS]: three }), "install");
    expect(stop(done)).toEqual([]);
    expect(instanceText(done.files)).not.toContain("notification-controller");
  });

  test("a controller whose image has another name is not left out in silence", () => {
    const custom = text.replace("ghcr.io/fluxcd/source-controller:", "registry.lan/my-source:");
    expectStopped(tree({ [COMPONENTS]: custom }), "gotk-broken");
  });
});

describe("gotk files put together", () => {
  test("from two installs stop the cluster, whichever version comes first", () => {
    for (const [first, second] of [
      ["2.6.4", "2.7.5"],
      ["2.7.5", "2.6.4"],
      ["2.7.5", "2.7.5"],
    ] as const) {
      const both = makeGotk({ version: first }) + makeGotk({ version: second });
      expectStopped(tree({ [COMPONENTS]: both }), "gotk-broken");
    }
  });

  test("from install and sync go document by document", () => {
    const all: Files = {
      [`${DIR}/gotk.yaml`]: makeGotk() + makeSync("./clusters/home"),
      [`${DIR}/kustomization.yaml`]: kustomization("resources:\n- gotk.yaml\n"),
      "clusters/home/settings.yaml": CONFIG,
    };
    const { install, cutover, cleanup } = runAll(all);
    expect(install.rules).not.toContain("gotk-foreign-object");
    expect(cutover.files[`${DIR}/gotk.yaml`]).toContain("kind: GitRepository");
    expect(cutover.files[`${DIR}/gotk.yaml`]).not.toContain("kind: Deployment");
    expect(cleanup.files[`${DIR}/gotk.yaml`]).toBeUndefined();
    expect(cleanup.files[`${DIR}/kustomization.yaml`]).toBe(
      kustomization("resources:\n- flux-operator.yaml\n- flux-instance.yaml\n"),
    );
  });
});

test("a root that Flux cannot fill in stops the cluster, since nothing that is added would be applied", () => {
  const script = `${CONFIG}data:\n  run.sh: echo \${name@Q}\n`;
  const root = { postBuild: { substitute: { SITE: "home" } } };
  const files = { ...tree(), "clusters/home/script.yaml": script };
  expect(stop(runPhase(files, "install"))).toEqual([]);
  const done = runPhase({ ...files, [SYNC]: makeSync("./clusters/home", { root }) }, "install");
  const [finding] = done.findings.filter(({ level }) => level === "blocker");
  expect(finding).toMatchObject({ rule: "kustomization-broken", at: { file: "clusters/home/script.yaml" } });
  expect(finding!.what).toContain("post-build substitution of ConfigMap");
  expect(done.changed).toEqual([]);
});

test("a patch file that writes a whole controller or CRD is a patch, and no second install", () => {
  const dir = "clusters/home/flux-system";
  const whole = makeGotk({
    edit: (object) => (object.kind === "Deployment" && object.metadata.name === "helm-controller" ? object : undefined),
    header: false,
  }).replace(/^( +)serviceAccountName:/m, "$1hostNetwork: true\n$&");
  const crd =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gitrepositories.source.toolkit.fluxcd.io\n  labels:\n    team: a\n";
  const text =
    "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatchesStrategicMerge:\n- values.yaml\n- crd.yaml\n";
  const own = {
    [`${dir}/kustomization.yaml`]: kustomization(text),
    [`${dir}/values.yaml`]: whole,
    [`${dir}/crd.yaml`]: crd,
  };
  const { install, cutover } = runAll(tree(own));
  expect(stop(install)).toEqual([]);
  expect(instanceText(install.files)).toContain("hostNetwork: true");
  expect(instanceText(install.files)).toContain("team: a");
  expect(
    Object.keys(cutover.files).filter((path) => path.startsWith(`${dir}/`) && /values|crd|components/.test(path)),
  ).toEqual([]);
});

describe("a sync that does not fit", () => {
  test("without components stops the cluster", () => {
    const files = tree();
    delete files[COMPONENTS];
    const listed = kustomization("resources:\n- gotk-sync.yaml\n");
    expectStopped({ ...files, [`${DIR}/kustomization.yaml`]: listed }, "install-not-found");
    const { findings } = runPhase({ ...files, [`${DIR}/kustomization.yaml`]: listed }, "install");
    expect(findings.find(({ rule }) => rule === "install-not-found")?.next).toMatch(
      new RegExp(`into ${COMPONENTS};.*If another repository installs Flux in this cluster, migrate that one`),
    );
    expectStopped(files, "install-not-found", "kustomization-incomplete");
  });

  test("whose install lies where nothing delivers it says so, and what to do goes through", () => {
    const list = `${DIR}/kustomization.yaml`;
    const install = "manifests/flux";
    const files: Files = {
      ...tree(),
      [`${install}/gotk-v2.7.5.yaml`]: tree()[COMPONENTS]!,
      [`${install}/kustomization.yaml`]: kustomization("resources:\n- gotk-v2.7.5.yaml\n"),
      [list]: kustomization("resources:\n- gotk-sync.yaml\n"),
    };
    delete files[COMPONENTS];
    const { findings } = runPhase(files, "install");
    const of = (wanted: string) => findings.find(({ rule }) => rule === wanted)!;
    expect(of("install-not-found").what).toMatch(/manifests\/flux\/gotk-v2.7.5.yaml does, and nothing delivers it\.$/);
    expect(of("install-not-found").next).toMatch(`list ${install} in the kustomization of ${DIR}`);
    expect(of("gotk-undelivered").next).not.toMatch(/[Dd]elete/);
    const listed = kustomization(`resources:\n- gotk-sync.yaml\n- ../../../${install}\n`);
    expect(stop(runPhase({ ...files, [list]: listed }, "install"))).toEqual([]);
  });

  test("whose install lies at the top of the repository names the file", () => {
    const files: Files = { ...tree(), "install.yaml": tree()[COMPONENTS]! };
    delete files[COMPONENTS];
    const listed = kustomization("resources:\n- gotk-sync.yaml\n");
    const { findings } = runPhase({ ...files, [`${DIR}/kustomization.yaml`]: listed }, "install");
    const missing = findings.find(({ rule }) => rule === "install-not-found")!;
    expect(missing.next).toContain(`list install.yaml in the kustomization of ${DIR}`);
  });

  test("whose list runs two entries together names the file, not the folder that the list is in", () => {
    const listed = kustomization("resources:\n  - gotk-components.yaml\n    - gotk-sync.yaml\n");
    const root = kustomization("resources:\n- flux-system\n");
    const { findings } = runPhase(
      { ...tree(), [`${DIR}/kustomization.yaml`]: listed, [`${dirname(DIR)}/kustomization.yaml`]: root },
      "install",
    );
    const missing = findings.find(({ rule }) => rule === "install-not-found")!;
    expect(missing.next).toContain(`list ${COMPONENTS} in the kustomization of ${DIR}. If something else`);
    expect(findings.map(({ rule }) => rule)).toContain("kustomization-incomplete");
  });

  test("names an install that nothing delivers to its own cluster alone", () => {
    const cluster = (name: string): Files => ({
      [`clusters/${name}/sync/gotk-sync.yaml`]: makeSync(`./clusters/${name}`),
      [`clusters/${name}/kustomization.yaml`]: kustomization("resources:\n- sync/gotk-sync.yaml\n"),
      [`clusters/${name}/install/flux.yaml`]: makeGotk(),
    });
    const { findings } = runPhase({ ...cluster("a"), ...cluster("b") }, "install");
    const said = findings.flatMap(({ rule, what, next }) => (rule === "install-not-found" ? [what + next] : []));
    expect(said.map((text) => text.match(/clusters\/\w\/install/g)?.join())).toEqual([
      "clusters/a/install,clusters/a/install",
      "clusters/b/install,clusters/b/install",
    ]);
  });

  test("whose list cannot be read is not told that nothing delivers the install", () => {
    const list = `${DIR}/kustomization.yaml`;
    const broken = kustomization("resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n  - odd.yaml: {\n");
    const { findings } = runPhase({ ...tree(), [list]: broken }, "install");
    const missing = findings.find(({ rule }) => rule === "install-not-found")!;
    expect(missing.what).toContain(`${list} cannot be read, so what it says is unknown.`);
    expect(missing.why).not.toContain("Applied by hand");
    expect(missing.next).toMatch(`Mend ${list} first`);
  });

  test("that nobody committed leaves the install alone, and nobody is told to delete it", () => {
    const { findings } = runPhase({ [COMPONENTS]: tree()[COMPONENTS]! }, "install");
    const [note] = findings.filter(({ rule }) => rule === "gotk-undelivered");
    expect(note!.what).toBe(`${COMPONENTS} installs Flux, and what delivers it is not in this repository.`);
    expect(note!.next).toMatch(/^Leave it where it is/);
  });

  test("with a second one of the same name in the file cannot be built", () => {
    const work = { "clusters/work/settings.yaml": CONFIG };
    const two = (path: string) => tree({ [SYNC]: makeSync("./clusters/home") + makeSync(path), ...work });
    expectStopped(two("./clusters/work"), "kustomization-broken");
    expectStopped(two("./clusters/home"), "root-ambiguous");
  });

  test("with a second one of another name keeps that one", () => {
    const second = makeSync("./clusters/work").replaceAll("name: flux-system\n", "name: work\n");
    const files = tree({ [SYNC]: makeSync("./clusters/home") + second, "clusters/work/settings.yaml": CONFIG });
    const { install, cleanup } = runAll(files);
    expect(stop(install)).toEqual([]);
    expect(cleanup.files[SYNC]).toContain("path: ./clusters/work");
    expect(cleanup.files[SYNC]).not.toContain("path: ./clusters/home");
    expect(cleanup.files[`${DIR}/kustomization.yaml`]).toContain("gotk-sync.yaml");
  });

  test("with a second one of another name for the same folder cannot be told apart", () => {
    const second = makeSync("./clusters/home").replaceAll("name: flux-system\n", "name: work\n");
    expectStopped(tree({ [SYNC]: makeSync("./clusters/home") + second }), "root-ambiguous");
  });

  test("for the folder of another cluster is said: every phase reaches both", () => {
    const copy = { "clusters/work/flux-system/gotk-sync.yaml": makeSync("./clusters/home") };
    const done = runPhase(tree(copy), "install");
    const finding = done.findings.find(({ rule }) => rule === "root-path-shared");
    expect(finding).toMatchObject({ level: "caution", at: { file: "clusters/work/flux-system/gotk-sync.yaml" } });
    expect(runPhase(tree(), "install").rules).not.toContain("root-path-shared");
    // The same object is not called a cluster that was left out as well.
    expect(done.rules).not.toContain("cluster-left-out");
  });

  test("once more in a file to start from goes with it, and a sample stays", () => {
    const sync = makeSync("./clusters/home");
    const { cutover, cleanup } = runAll(tree({ "bootstrap/start.yaml": sync, "examples/sync.yaml": sync }));
    const left = ({ findings }: Migrated) =>
      findings.filter(({ rule }) => rule === "cluster-left-out").map(({ at }) => at?.file);
    expect(left(cutover)).toEqual(["examples/sync.yaml"]);
    expect(cleanup.changed).toContain("bootstrap/start.yaml");
    expect(cleanup.files["bootstrap/start.yaml"]).toBeUndefined();
    expect(runPhase(cleanup.files, "cleanup").changed).toEqual([]);
  });

  test("once more beside the install, for a patch that nothing lists, is not said to stay", () => {
    const patch = makeSync("./clusters/home").split("---\n").at(-1)!;
    const { install, cutover, cleanup } = runAll(tree({ [`${DIR}/sops-patch.yaml`]: patch }));
    for (const { rules } of [install, cutover]) expect(rules).not.toContain("cluster-left-out");
    expect(cleanup.changed).toContain(`${DIR}/sops-patch.yaml`);
  });

  test("once more in the copied folder of another cluster stays", () => {
    const copy = Object.entries(makeFluxSystem("clusters/away")).map(([path, text]) => [
      path,
      path.endsWith("gotk-sync.yaml") ? makeSync("./clusters/home") : text,
    ]);
    const done = runAll(tree(Object.fromEntries(copy) as Files));
    const changed = [done.install, done.cutover, done.cleanup].flatMap((phase) => phase.changed);
    expect(changed.filter((path) => path.startsWith("clusters/away"))).toEqual([]);
    expect(changed).toContain("clusters/home/flux-system/gotk-sync.yaml");
  });

  test.each(["prod-copy/gotk-sync.yaml", "clusters/away/flux-system/gotk-sync.yaml"])(
    "once more in a folder that somebody has begun (%s) stays, and is said",
    (path) => {
      const done = runAll(tree({ [path]: makeSync("./clusters/home") }));
      const changed = [done.install, done.cutover, done.cleanup].flatMap((phase) => phase.changed);
      expect(changed).not.toContain(path);
      expect(changed).toContain("clusters/home/flux-system/gotk-sync.yaml");
      const left = done.cleanup.findings.filter(({ rule }) => rule === "cluster-left-out");
      expect(left.map(({ at }) => at?.file)).toEqual([path]);
    },
  );

  test("once more, listed and read from another branch, stays", () => {
    const sync = makeSync("./clusters/home");
    const listed = { "start/kustomization.yaml": kustomization("resources:\n- sync.yaml\n"), "start/sync.yaml": sync };
    const { cleanup } = runAll(tree(listed));
    expect(cleanup.changed).toEqual(expect.arrayContaining(Object.keys(listed)));
    const other = { ...listed, "start/sync.yaml": sync.replace("branch: main", "branch: next") };
    expect(runAll(tree(other)).cleanup.changed).not.toContain("start/sync.yaml");
  });

  test.each([
    ["ssh://git@REPLACE_WITH_HOST/fleet", 0],
    ["https://<your-git-server>/fleet", 0],
    ["ssh://git@mirror.example.org/fleet", 1],
  ])("in a file that reads %s is said where there can be such a host", (url, count) => {
    const example = { "clusters/work/gotk-sync.example.yaml": makeSync("./clusters/home", { url }) };
    const { rules } = runPhase(tree(example), "install");
    expect(rules.filter((rule) => rule === "root-path-shared")).toHaveLength(count);
  });
});

describe("an operator that is there already", () => {
  const CHARTS = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator";
  const flux = (name: string, path: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 1h\n  path: ${path}\n  prune: false\n  wait: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n`;
  const files: Files = {
    ...makeFluxSystem("clusters/home"),
    ...makeFluxSystem("clusters/work"),
    "clusters/home/operator/kustomization.yaml": kustomization("resources:\n- flux-operator.yaml\n"),
    "clusters/home/operator/flux-operator.yaml": flux("flux-operator", "./shared/operator"),
    "clusters/work/operator.yaml": flux("flux-operator", "./shared/operator"),
    "shared/operator/release.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: flux-operator\n  namespace: flux-system\n  annotations:\n    kustomize.toolkit.fluxcd.io/prune: disabled\nspec:\n  interval: 1h\n  chartRef:\n    kind: OCIRepository\n    name: flux-operator\n---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-operator\n  namespace: flux-system\nspec:\n  interval: 1h\n  url: ${CHARTS}\n  ref:\n    tag: 0.22.0\n`,
  };

  test("gets the instance beside it", () => {
    const done = runPhase(files, "install");
    expect(stop(done)).toEqual([]);
    expect(done.changed).toContain("clusters/home/operator/flux-instance.yaml");
    expect(done.files["clusters/home/operator/kustomization.yaml"]).toContain("- flux-instance.yaml");
    expect(done.files["shared/operator/release.yaml"]).not.toContain("0.22.0");
  });

  test("is not changed for a cluster that nobody looks at", () => {
    const done = runPhase(files, "install", { clusters: ["home"] });
    expect(stop(done)).toContain("app-shared");
    expect(done.findings.find(({ rule }) => rule === "app-shared")?.next).toMatch(/^Have work planned too/);
    expect(done.changed).toEqual([]);
  });
});

test("digests of `images:` do not come along, which is said where they stand", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const images = `images:\n- name: ghcr.io/fluxcd/source-controller\n  digest: ${digest}\n`;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${images}`);
  const done = runPhase(tree({ [`${DIR}/kustomization.yaml`]: listing }), "install");
  expect(stop(done)).toEqual([]);
  expect(done.findings.find(({ rule }) => rule === "gotk-image-pinned")).toMatchObject({
    level: "info",
    at: { file: `${DIR}/kustomization.yaml`, line: 7 },
    what: expect.stringContaining("source-controller is pinned by digest"),
  });
  expect(runPhase(tree(), "install").findings.map(({ rule }) => rule)).not.toContain("gotk-image-pinned");
});

test("a patch that names a controller and misses it is said, not lost", () => {
  const patch = `- op: add
  path: /spec/template/spec/containers/0/args/-
  value: --concurrent=9
`;
  const target = "{ version: apps/v1, kind: Deployment, name: helm-controller }";
  const listed = kustomization(
    `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- path: faster.yaml\n  target: ${target}\n`,
  );
  const { files, findings } = runPhase(
    tree({ [`${DIR}/kustomization.yaml`]: listed, [`${DIR}/faster.yaml`]: patch }),
    "install",
  );
  expect(instanceText(files)).not.toContain("--concurrent=9");
  const [note] = findings.filter(({ rule }) => rule === "patch-matches-nothing");
  expect(note).toMatchObject({ level: "caution", at: { file: `${DIR}/kustomization.yaml` } });
});

test("a patch for a controller that is not installed is said, not lost", () => {
  const patch = "- { op: add, path: /spec/template/spec/containers/0/args/-, value: --concurrent=9 }\n";
  const listed = kustomization(
    `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n- path: faster.yaml\n  target: { kind: Deployment, name: (image-.*) }\n`,
  );
  const { findings } = runPhase(
    tree({ [`${DIR}/kustomization.yaml`]: listed, [`${DIR}/faster.yaml`]: patch }),
    "install",
  );
  const [note] = findings.filter(({ rule }) => rule === "patch-matches-nothing");
  expect(note?.next).toContain("give it to the FluxInstance with that component");
});

test("a root in JSON beside an install is named, and nothing says to delete that", () => {
  const { "clusters/two/flux-system/gotk-sync.yaml": sync, ...two } = makeFluxSystem("clusters/two");
  const json = parseAllDocuments(sync!).flatMap((document) => document.toJSON() ?? []);
  const files = {
    ...makeFluxSystem("clusters/one"),
    ...two,
    "clusters/two/flux-system/gotk-sync.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: json }),
  };
  const said = runPhase(files, "install").findings.find(({ rule }) => rule === "gotk-undelivered");
  expect(said).toMatchObject({
    level: "caution",
    what: expect.stringContaining("clusters/two/flux-system/gotk-sync.json"),
  });
  expect(said?.next).not.toMatch(/delete/i);
});

test.each([
  [
    "a name with the tag",
    "- name: ghcr.io/fluxcd/source-controller:v1.7.4\n  newName: mirror.example.org/flux/source-controller\n",
  ],
  ["a pattern", "- name: ghcr.io/fluxcd/source-.*\n  newName: mirror.example.org/flux/source-controller\n"],
  [
    "two entries, one after the other",
    "- name: ghcr.io/fluxcd/source-controller\n  newName: quay.io/a/b\n- name: quay.io/a/b\n  newName: mirror.example.org/flux/source-controller\n",
  ],
])("`images:` names the controllers by %s", (_, entries) => {
  const digest = `sha256:${"0".repeat(64)}`;
  const listing = kustomization(
    `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\nimages:\n${entries}  digest: ${digest}\n`,
  );
  const { findings } = runPhase(tree({ [`${DIR}/kustomization.yaml`]: listing }), "install");
  expect(findings.find(({ rule }) => rule.startsWith("gotk-registry-mixed"))?.what ?? "").toContain(
    "mirror.example.org/flux",
  );
});

test("a tag of one's own stops the cluster: the operator would ask that registry for the release's", () => {
  const listing = (registry: string, tag: string) => {
    const entry = (component: string) =>
      `- name: ghcr.io/fluxcd/${component}\n  newName: ${registry}/${component}\n  newTag: ${tag}\n`;
    return kustomization(
      `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\nimages:\n${CORE_COMPONENTS.map(entry).join("")}`,
    );
  };
  const said = (registry: string, tag: string) =>
    runPhase(tree({ [`${DIR}/kustomization.yaml`]: listing(registry, tag) }), "install").findings.flatMap(
      ({ rule, level, what }) => (rule.startsWith("gotk-image") ? [`${level} ${rule} ${what}`] : []),
    );
  const [only, ...rest] = said("mirror.example.org/flux", "v1.7.0-own.3");
  expect(rest).toEqual([]);
  expect(only).toMatch(/^blocker gotk-image-built .*mirror\.example\.org\/flux\/[\w-]+:v1\.7\.0-own\.3/);
  expect(said("mirror.example.org/flux", "v1.0.0").join()).not.toContain("gotk-image-built");
  expect(said("ghcr.io/fluxcd", "rc-1a2b3c4d").join()).not.toContain("gotk-image-built");
});

test("as a patch of the Deployment such an image comes along", () => {
  const image = "mirror.example.org/flux/source-controller:v1.7.4-own.3";
  const patch = `patches:\n- target:\n    kind: Deployment\n    name: source-controller\n  patch: |\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: ${image}\n`;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`);
  const { files, rules } = runPhase(tree({ [`${DIR}/kustomization.yaml`]: listing }), "install");
  expect(rules).toContain("patch-holds-image");
  expect(instanceText(files)).toContain(`value: ${image}`);
});

test("such a patch counts where the file has a tag of one's own as well", () => {
  const registry = "mirror.example.org/flux";
  const own = makeGotk({ registry }).replace(/(image: \S+-controller):v[\d.]+/g, "$1:v1.7.0-own.3");
  expect(own).toContain(`${registry}/source-controller:v1.7.0-own.3`);
  const patch = (component: string) =>
    `- target:\n    kind: Deployment\n    name: ${component}\n  patch: |\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: ${registry}/${component}:v1.7.0-own.3\n`;
  const said = (components: readonly string[]) => {
    const listing = `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n${components.map(patch).join("")}`;
    const files = tree({ [COMPONENTS]: own, [`${DIR}/kustomization.yaml`]: kustomization(listing) });
    return runPhase(files, "install").findings;
  };
  const all = said(CORE_COMPONENTS);
  expect(all.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(all.some(({ rule }) => rule === "gotk-image-differs")).toBe(false);
  const some = said(CORE_COMPONENTS.filter((component) => component !== "helm-controller"));
  expect(some.find(({ rule }) => rule === "gotk-image-built")?.what).toMatch(/^helm-controller runs an image/);
});

test("`images:` that rename a controller's image stop the cluster: an instance cannot say so", () => {
  const entry = (component: string) =>
    `- name: ghcr.io/fluxcd/${component}\n  newName: mirror.example.org/flux/flux-${component}\n`;
  const images = `images:\n${CORE_COMPONENTS.map(entry).join("")}`;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${images}`);
  expectStopped(tree({ [`${DIR}/kustomization.yaml`]: listing }), "gotk-image-renamed");
});

test("what pulls the controllers of a registry of one's own is asked for, and made before anything is installed", () => {
  const patch = `patches:
- target: { kind: Deployment }
  patch: |
    - op: add
      path: /spec/template/spec/imagePullSecrets
      value: [{ name: mirror }]
`;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`);
  const start = tree({
    [COMPONENTS]: makeGotk({ registry: "mirror.example.org/flux" }),
    [`${DIR}/kustomization.yaml`]: listing,
  });
  const installed = runPhase(start, "install");
  const cutover = runPhase(installed.files, "cutover");
  for (const { plan } of [installed, cutover]) {
    const { runbook } = plan.phases[0]!.clusters[0]!;
    expect(runbook.assumptions.join("\n")).toContain("Secret mirror");
    expect(runbook.rebuild.flatMap(({ commands }) => commands)[1]).toContain("create secret docker-registry mirror");
  }
});

test("a template whose path is a placeholder is left alone, and to be changed by hand", () => {
  const template = Object.entries(makeFluxSystem("clusters/NAME"));
  const files = {
    ...makeFluxSystem("clusters/one"),
    ...makeFluxSystem("clusters/two"),
    ...Object.fromEntries(template.map(([path, text]) => [path.replace("/NAME/", "/_template/"), text])),
  };
  const { findings, changed } = runPhase(files, "install");
  const left = findings.find(({ rule }) => rule === "cluster-left-out");
  expect(left?.at?.file).toBe("clusters/_template/flux-system/gotk-sync.yaml");
  expect(left?.next).toContain("If it is a template, change that by hand");
  expect(changed.filter((path) => path.includes("_template"))).toEqual([]);
});
