import { expect, test } from "vitest";
import { listSpoilt } from "../../src/change/spoilt-install.ts";
import { installedBase, operatorBase } from "../../src/release/base.ts";
import { readBaseFacts } from "../../src/release/facts.ts";
import { CORE_COMPONENTS, componentsOf, EMBEDDED_FLUX, parseFluxVersion } from "../../src/release/releases.ts";
import { verifyEdits } from "./edited.ts";
import { homeTree, operatorTree } from "./home-tree.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const FLUX = "kubernetes/flux/config/flux.yaml";
const tree = operatorTree();
const CONTAINER = "/spec/template/spec/containers/0";

/** What is said when Flux gets a patch of one operation: by its FluxInstance, or by what applies the artifact of a release. */
const patched = (kind: string, name: string, lines: readonly string[]) => {
  const all = ["  kustomize:", "    patches:", `      - target: {kind: ${kind}, name: ${name}}`, "        patch: |"];
  return judged(tree, INSTANCE, [...all, ...lines.map((line) => `          ${line}`), ""].join("\n"));
};
const patchedArtifact = (kind: string, name: string, lines: readonly string[]) => {
  const all = ["  patches:", `    - target: {kind: ${kind}, name: ${name}}`, "      patch: |"];
  return judged(homeTree(), FLUX, [...all, ...lines.map((line) => `        ${line}`), ""].join("\n"));
};

function judged(before: Record<string, string>, file: string, more: string): string {
  const { verdict, findings } = verifyEdits({ [file]: `${before[file]}${more}` }, before);
  const stops = findings.filter(({ level }) => level === "blocker").map(({ rule, what }) => `${rule}: ${what}`);
  return [verdict, ...stops].join(" | ");
}

const set = (path: string, value: string, op = "replace") => [`- op: ${op}`, `  path: ${path}`, `  value: ${value}`];
const remove = (kind: string, apiVersion: string, name: string) => [
  "$patch: delete",
  `apiVersion: ${apiVersion}`,
  `kind: ${kind}`,
  `metadata: {name: ${name}}`,
];
const RBAC = "rbac.authorization.k8s.io/v1";

const SPOILT: [string, string, string, string[], string][] = [
  [
    "the Service goes",
    "Service",
    "source-controller",
    remove("Service", "v1", "source-controller"),
    "is not there any",
  ],
  ["its selector", "Service", "source-controller", set("/spec/selector", "{app: web}"), "selects its pods no more"],
  ["its port", "Service", "source-controller", set("/spec/ports/0/port", "8080"), "has no port 80 any more"],
  ["its target", "Service", "source-controller", set("/spec/ports/0/targetPort", "web"), "leads to port web, which"],
  [
    "all arguments",
    "Deployment",
    "source-controller",
    set(`${CONTAINER}/args`, "[--log-level=debug]"),
    "--storage-adv",
  ],
  ["an argument by its place", "Deployment", "source-controller", set(`${CONTAINER}/args/5`, "--a"), "--storage-path"],
  [
    "a probe",
    "Deployment",
    "helm-controller",
    set(`${CONTAINER}/livenessProbe/httpGet/port`, "9999"),
    "the livenessProbe of helm-controller asks a port",
  ],
  [
    "the role of all controllers goes",
    "ClusterRole",
    "crd-controller-flux-system",
    remove("ClusterRole", RBAC, "crd-controller-flux-system"),
    "gives the controllers no rights on Flux's own kinds",
  ],
  [
    "its role loses a rule",
    "ClusterRole",
    "crd-controller-flux-system",
    ["- op: remove", "  path: /rules/2"],
    "gives helm-controller no rights",
  ],
  [
    "a path that no probe is answered at",
    "Deployment",
    "helm-controller",
    set(`${CONTAINER}/livenessProbe/httpGet/path`, "/live"),
    "asks for /live",
  ],
  [
    "sources at another path",
    "Deployment",
    "source-controller",
    set(`${CONTAINER}/readinessProbe/httpGet/path`, "/live"),
    "asks for /live",
  ],
  [
    "another port for health",
    "Deployment",
    "helm-controller",
    set(`${CONTAINER}/args/-`, "--health-addr=:9000", "add"),
    "--health-addr is port 9000",
  ],
  [
    "another port for sources",
    "Deployment",
    "source-controller",
    set(`${CONTAINER}/args/-`, "--storage-addr=:9000", "add"),
    "--storage-addr is port 9000",
  ],
  [
    "another folder for sources",
    "Deployment",
    "source-controller",
    set(`${CONTAINER}/args/-`, "--storage-path=/var/flux", "add"),
    "writes to /var/flux",
  ],
  [
    "no folder to write to",
    "Deployment",
    "kustomize-controller",
    ["- op: remove", `  path: ${CONTAINER}/volumeMounts/0`],
    "writes to /tmp",
  ],
  [
    "the variable of its address",
    "Deployment",
    "source-controller",
    ["- op: remove", `  path: ${CONTAINER}/env/0`],
    "names the variable RUNTIME_NAMESPACE",
  ],
  [
    "its binding goes",
    "ClusterRoleBinding",
    "crd-controller-flux-system",
    remove("ClusterRoleBinding", RBAC, "crd-controller-flux-system"),
    "source-controller runs as ServiceAccount flux-system/source-controller",
  ],
  [
    "a binding gets another role",
    "ClusterRoleBinding",
    "cluster-reconciler-flux-system",
    set("/roleRef/name", "view"),
    "The API server refuses the change of roleRef",
  ],
];

test.each(SPOILT)("a patch of the FluxInstance spoils Flux: %s", (_what, kind, name, lines, says) => {
  const said = patched(kind, name, lines);
  expect(said).toMatch(/^unsafe \| instance-harms: /);
  expect(said).toContain(says);
});

test.each(SPOILT)("a patch of the artifact of a release spoils Flux: %s", (_what, kind, name, lines, says) => {
  const said = patchedArtifact(kind, name, lines);
  expect(said).toMatch(/^unsafe \| (?:reconcile-stops|reference-breaks|immutable-changes): /);
  expect(said).toContain(says);
});

const OTHER: [string, string, string[]][] = [
  ["another program", "kustomize-controller", set(`${CONTAINER}/command`, '["/bin/sh", "-c", "sleep 1d"]', "add")],
  ["another image", "kustomize-controller", set(`${CONTAINER}/image`, "docker.io/library/nginx:1")],
  ["another address", "source-controller", set(`${CONTAINER}/args/-`, "--storage-adv-addr=sources.example.org", "add")],
];

test.each(OTHER)("what may well be meant has to be looked at: %s", (_what, name, lines) => {
  expect(patched("Deployment", name, lines)).toMatch(/^unproven/);
  expect(patchedArtifact("Deployment", name, lines)).toMatch(/^unproven/);
});

test("several pods of a controller work at once", () => {
  const pods = set("/spec/replicas", "2");
  const alone = set(`${CONTAINER}/args/-`, "--enable-leader-election=false", "add");
  for (const run of [patched, patchedArtifact]) {
    expect(run("Deployment", "helm-controller", [...pods, ...alone])).toMatch(
      /^unproven .*several pods of helm-controller work/,
    );
    expect(run("Deployment", "helm-controller", pods)).toBe("safe");
    expect(run("Deployment", "helm-controller", alone)).toBe("safe");
    const open = set(`${CONTAINER}/args/-`, "--enable-leader-election=${LEADS}", "add");
    expect(run("Deployment", "helm-controller", [...pods, ...open])).not.toContain("several pods");
  }
});

const WATCHES = set(`${CONTAINER}/args/-`, "--watch-label-selector=team=web", "add");
const ACCOUNT = set("/spec/template/spec/serviceAccountName", "default");

test.each<[string, (kind: string, name: string, lines: readonly string[]) => string, string]>([
  ["the FluxInstance", patched, "instance-harms"],
  ["the artifact of a release", patchedArtifact, "reconcile-stops"],
])("a patch of %s has a controller leave out all there is, or run without rights", (_where, run, rule) => {
  expect(run("Deployment", "helm-controller", WATCHES)).toMatch(
    new RegExp(`^unsafe \\| ${rule}: HelmRelease .* is left out by the labels that helm-controller looks for`),
  );
  expect(run("Deployment", "kustomize-controller", ACCOUNT)).toMatch(
    new RegExp(
      `^unsafe \\| ${rule}: Deployment flux-system/kustomize-controller runs as ServiceAccount flux-system/default`,
    ),
  );
  const without = set(`${CONTAINER}/args/-`, "--watch-label-selector=!team", "add");
  expect(run("Deployment", "helm-controller", without)).toBe("safe");
});

test.each(EMBEDDED_FLUX)("nothing of Flux %s is spoilt as it comes", (version) => {
  const flux = parseFluxVersion(version)!;
  const facts = () => readBaseFacts(flux)!;
  for (const style of ["oci-manifests", "remote-install"] as const) {
    const all = installedBase(facts(), style, componentsOf(style, flux), "flux-system");
    expect(listSpoilt(all.map(({ data }) => data))).toEqual([]);
  }
  const options = { components: CORE_COMPONENTS, namespace: "flux-system", fields: { multitenant: {} } };
  expect(listSpoilt(operatorBase(facts(), options).map(({ data }) => data))).toEqual([]);
});

test("a patch takes the way out of the NetworkPolicy of Flux", () => {
  const said = patched("NetworkPolicy", "allow-egress", set("/spec/egress", "[]"));
  expect(said).toMatch(/^unsafe \| reconcile-stops: .*keeps source-controller from all that it has to reach/);
});

test.each<[string, string, string, string[]]>([
  ["an argument more", "Deployment", "source-controller", set(`${CONTAINER}/args/-`, "--concurrent=8", "add")],
  ["an argument that is there", "Deployment", "source-controller", set(`${CONTAINER}/args/2`, "--log-level=debug")],
  ["a port more", "Service", "source-controller", set("/spec/ports/-", "{name: prom, port: 8080}", "add")],
  ["a label", "Service", "source-controller", set("/metadata/labels/team", "web", "add")],
  ["another probe", "Deployment", "helm-controller", set(`${CONTAINER}/livenessProbe/httpGet/port`, "9440")],
  [
    "a rule",
    "ClusterRole",
    "crd-controller-flux-system",
    set("/rules/-", "{apiGroups: [a], resources: [b], verbs: ['*']}", "add"),
  ],
  [
    "a mirror",
    "Deployment",
    "helm-controller",
    set(`${CONTAINER}/image`, "registry.example.org/fluxcd/helm-controller:v1.3.0"),
  ],
  [
    "a folder within",
    "Deployment",
    "source-controller",
    set(`${CONTAINER}/args/-`, "--storage-path=/data/sources", "add"),
  ],
])("a patch that leaves Flux whole: %s", (_what, kind, name, lines) => {
  expect(patched(kind, name, lines)).toBe("safe");
  expect(patchedArtifact(kind, name, lines)).toBe("safe");
});
