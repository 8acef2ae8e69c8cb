import { expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, instanceText, runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const GOTK = `${DIR}/gotk-components.yaml`;
const HOME: Files = {
  ...makeFluxSystem("clusters/home"),
  "clusters/home/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
};

const documents = HOME[GOTK]!.replace(/^---\n(?:#.*\n)*/, "").split("---\n");
const kindOf = (text: string) => /^kind: (\w+)$/m.exec(text)![1]!;
const nameOf = (text: string) => /^metadata:\n(?: .*\n)*? {2}name: (\S+)$/m.exec(text)![1]!;

/** The tree with the install in files of its own, and more of them. */
function cut(fileOf: (text: string) => string, more: Files = {}): Files {
  const { [GOTK]: _, ...rest } = HOME;
  const parts: Files = {};
  for (const text of documents) {
    const path = `${DIR}/install/${fileOf(text)}.yaml`;
    parts[path] = parts[path] === undefined ? text : `${parts[path]}---\n${text}`;
  }
  const listed = ["gotk-sync.yaml", ...Object.keys({ ...parts, ...more }).map((path) => path.slice(DIR.length + 1))];
  const list = kustomization(`resources:\n${listed.map((name) => `- ${name}\n`).join("")}`);
  return { ...rest, ...parts, ...more, [`${DIR}/kustomization.yaml`]: list };
}

const whole = instanceText(runAll(HOME).install.files);

test.each<[string, (text: string) => string]>([
  ["one object a file", (text) => `${kindOf(text)}-${nameOf(text)}`.toLowerCase()],
  ["one kind a file", (text) => kindOf(text).toLowerCase()],
])("an install that is cut into %s says the same, and goes as a whole", (_, fileOf) => {
  const { install, cutover, cleanup } = runAll(cut(fileOf));
  expect(instanceText(install.files)).toBe(whole);
  for (const path of Object.keys(cutover.files)) expect(path).not.toContain("/install/");
  expect(cleanup.findings.filter(({ level }) => level !== "info")).toEqual([]);
});

test("rules and accounts count without labels, what others name alike does not", () => {
  const bare = (text: string) => text.replace(/^ +app\.kubernetes\.io\/(?:part-of|version|instance): .*\n/gm, "");
  const own = `${DIR}/own.yaml`;
  const policy = documents.find((text) => nameOf(text) === "allow-scraping")!;
  const files = cut((text) => (kindOf(text) === "NetworkPolicy" ? "policies" : kindOf(text).toLowerCase()));
  const { [`${DIR}/install/policies.yaml`]: __, ...rest } = files;
  const accounts = `${DIR}/install/serviceaccount.yaml`;
  const list = `${DIR}/kustomization.yaml`;
  const { install, cutover } = runAll({
    ...rest,
    [accounts]: bare(files[accounts]!),
    [own]: bare(policy),
    [list]: files[list]!.replace("install/policies.yaml", "own.yaml"),
  });
  expect(instanceText(install.files)).not.toContain("$patch: delete");
  expect(instanceText(install.files)).toContain("networkPolicy: false");
  expect(cutover.files[accounts]).toBeUndefined();
  expect(cutover.files[own]).toBe(bare(policy));
});

const PLAIN = /^( {2}name: (?:cluster-reconciler|crd-controller|flux-edit|flux-view|critical-pods))-flux-system$/gm;
const asReleased = (text: string) =>
  text
    .replace(PLAIN, "$1")
    .replace(/^ +(?:app\.kubernetes\.io\/version|pod-security\.kubernetes\.io\/\S+): .*\n/gm, "");

test("the manifests of a release, whose RBAC has no suffix, are an install without edits", () => {
  const released = asReleased(HOME[GOTK]!);
  expect(released).toContain("  name: cluster-reconciler\n");
  const { install, cutover, cleanup } = runAll({ ...HOME, [GOTK]: released });
  expect(instanceText(install.files)).toBe(whole);
  expect(cutover.files[GOTK]).toBeUndefined();
  expect(cleanup.findings.filter(({ level }) => level !== "info")).toEqual([]);
});

test("what a patch takes from the RBAC of a release, the instance takes as well", () => {
  const list = `${DIR}/kustomization.yaml`;
  const patch = `patches:
- patch: |
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: cluster-reconciler
    $patch: delete
`;
  const { install } = runAll({ ...HOME, [GOTK]: asReleased(HOME[GOTK]!), [list]: `${HOME[list]}${patch}` });
  expect(instanceText(install.files).match(/\$patch: delete/g)).toEqual(["$patch: delete"]);
});

test("CRDs and controllers of two Kustomizations stop with the way to join them", () => {
  const isCrd = (text: string) => kindOf(text) === "CustomResourceDefinition" || kindOf(text) === "Namespace";
  const parts = (of: string[]) => of.join("---\n");
  const { [GOTK]: _, [`${DIR}/kustomization.yaml`]: __, ...rest } = HOME;
  const other = (name: string) => APP.replace("name: apps", `name: ${name}`).replace("./apps", `./${name}`);
  const { install } = runAll({
    ...rest,
    "clusters/home/crds.yaml": other("flux-crds"),
    "clusters/home/controllers.yaml": other("flux-controllers"),
    "flux-crds/crds.yaml": parts(documents.filter(isCrd)),
    "flux-controllers/all.yaml": parts(documents.filter((text) => !isCrd(text))),
  });
  const stops = install.findings.filter(({ level }) => level === "blocker");
  expect(stops.map(({ rule }) => rule)).toEqual(["gotk-broken"]);
  expect(stops[0]?.what).toContain("which Kustomization flux-system/flux-crds applies");
  expect(stops[0]?.next).toContain("list flux-controllers/all.yaml where");
  expect(install.changed).toEqual([]);
});

test("a header speaks of the controllers of its own file", () => {
  const isSecond = (text: string) => kindOf(text) === "Deployment" && nameOf(text) === "notification-controller";
  const files = cut((text) => (isSecond(text) ? "second" : "first"));
  const first = `${DIR}/install/first.yaml`;
  const headed = (names: string) =>
    runAll({ ...files, [first]: `---\n# Flux Version: v2.7.5\n# Components: ${names}\n${files[first]}` });
  const right = headed("source-controller,kustomize-controller,helm-controller");
  expect(instanceText(right.install.files)).toBe(whole);
  expect(right.install.rules).not.toContain("gotk-components-differ");
  expect(headed("source-controller,kustomize-controller").install.rules).toContain("gotk-components-differ");
});

test("controllers in another namespace, which use the CRDs of the install, are a Flux of their own and stay", () => {
  const second = documents
    .filter((text) => kindOf(text) !== "CustomResourceDefinition")
    .join("---\n")
    .replaceAll("flux-system", "flux-tenants");
  const patches = `patches:\n- target: {kind: Deployment}\n  patch: '[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--watch-label-selector=key=tenants"}]'\n`;
  const files = {
    ...HOME,
    "clusters/home/flux-tenants/kustomization.yaml": kustomization(`resources:\n- gotk.yaml\n${patches}`),
    "clusters/home/flux-tenants/gotk.yaml": second,
    "clusters/home/kustomization.yaml": kustomization("resources:\n- flux-system\n- flux-tenants\n- apps.yaml\n"),
  };
  const { install, cutover, cleanup } = runAll(files);
  for (const { findings } of [install, cutover, cleanup])
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(instanceText(install.files)).not.toContain("patches:");
  expect(cutover.files[GOTK]).toBeUndefined();
  expect(cleanup.files["clusters/home/flux-tenants/gotk.yaml"]).toBe(second);
});
