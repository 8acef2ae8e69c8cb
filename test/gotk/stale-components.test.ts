import { expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const MEMORY = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: helm-controller
  namespace: flux-system
spec:
  template:
    spec:
      containers:
        - name: manager
          env:
            - name: HTTPS_PROXY
              value: http://proxy.example.org
`;
const COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: proxy.yaml\n";
const LIST = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n";
const NAMED = `${LIST}components:\n- ../../../components/proxy\n`;

function cluster(name: string): Files {
  return {
    ...makeFluxSystem(`clusters/${name}`, { kustomization: kustomization(NAMED) }),
    [`clusters/${name}/apps.yaml`]: APP.replace("./apps", `./apps/${name}`),
    [`apps/${name}/settings.yaml`]: CONFIG,
  };
}
const component = {
  "components/proxy/kustomization.yaml": COMPONENT,
  "components/proxy/proxy.yaml": MEMORY,
};
const listOf = (files: Files, name: string) => files[`clusters/${name}/flux-system/kustomization.yaml`];

test("a component that only patches the install leaves with it, where a patch without target would fail the build", () => {
  const { install, cutover } = runAll({ ...cluster("home"), ...component });
  expect(instanceText(install.files)).toContain("HTTPS_PROXY");
  expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(listOf(cutover.files, "home")).not.toContain("components");
  expect(Object.keys(cutover.files).filter((path) => path.startsWith("components/"))).toEqual([]);
});

test("while another cluster still names it, it stays for that one", () => {
  const { files } = runPhase({ ...cluster("home"), ...cluster("work"), ...component }, "install");
  const first = runPhase(files, "cutover", { clusters: ["home"] });
  expect(first.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(listOf(first.files, "home")).not.toContain("components");
  expect(listOf(first.files, "work")).toContain("../../../components/proxy");
  expect(first.files).toMatchObject(component);
  const second = runPhase(first.files, "cutover", { clusters: ["work"] });
  expect(listOf(second.files, "work")).not.toContain("components");
  expect(Object.keys(second.files).filter((path) => path.startsWith("components/"))).toEqual([]);
});

test("one that says more than that stays", () => {
  const more = {
    ...component,
    "components/proxy/kustomization.yaml": `${COMPONENT}    target:\n      kind: Deployment\n      name: helm-controller\nresources:\n  - more.yaml\n`,
    "components/proxy/more.yaml": CONFIG,
  };
  const { cutover } = runAll({ ...cluster("home"), ...more });
  expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(listOf(cutover.files, "home")).toContain("components");
  expect(cutover.files["components/proxy/more.yaml"]).toBe(CONFIG);
});

test("images of the install alone keep no component", () => {
  const mirrored = ["source", "kustomize", "helm", "notification"].map(
    (name) =>
      `  - name: ghcr.io/fluxcd/${name}-controller\n    newName: mirror.example.org/fluxcd/${name}-controller\n`,
  );
  const text = `${COMPONENT}images:\n${mirrored.join("")}`;
  const { cutover } = runAll({ ...cluster("home"), ...component, "components/proxy/kustomization.yaml": text });
  expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(listOf(cutover.files, "home")).not.toContain("components");
  expect(Object.keys(cutover.files).filter((path) => path.startsWith("components/"))).toEqual([]);
});

test("one that patches the root as well loses what it says of the install, once all who name it lose that", () => {
  const op = "      - op: add\n        path: /spec/timeout\n        value: 7m\n";
  const root = `  - target: {kind: Kustomization, name: flux-system}\n    patch: |\n${op}`;
  const mixed = { ...component, "components/proxy/kustomization.yaml": COMPONENT + root };
  const start = { ...cluster("home"), ...cluster("work"), ...mixed };
  const { install, cutover, cleanup } = runAll(start);
  expect(install.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect([...cutover.findings, ...cleanup.findings].filter(({ level }) => level === "blocker")).toEqual([]);
  expect(cutover.files["components/proxy/proxy.yaml"]).toBeUndefined();
  expect(cutover.files["components/proxy/kustomization.yaml"]).toBe(COMPONENT.replace("  - path: proxy.yaml\n", root));
  expect(listOf(cleanup.files, "home") ?? "").not.toContain("components");
  expect(Object.keys(cleanup.files).filter((path) => path.startsWith("components/"))).toEqual([]);
  // Alone, its build would find nothing for a patch without a target, and the other cluster still needs that.
  const alone = runPhase(runPhase(start, "install").files, "cutover", { clusters: ["home"] });
  expect(alone.findings.map(({ rule }) => rule)).toContain("build-breaks");
  // What else is built from it, and by whom is not known, keeps it as it is.
  const elsewhere = {
    "test/kind/kustomization.yaml": kustomization("resources: [more.yaml]\ncomponents: [../../components/proxy]\n"),
    "test/kind/more.yaml": MEMORY,
  };
  const aimed = { ...mixed };
  aimed["components/proxy/kustomization.yaml"] = aimed["components/proxy/kustomization.yaml"].replace(
    "proxy.yaml\n",
    "proxy.yaml\n    target: {kind: Deployment, name: helm-controller}\n",
  );
  const kept = runPhase(runPhase({ ...start, ...aimed, ...elsewhere }, "install").files, "cutover").files;
  expect(kept).toMatchObject(aimed);
});
