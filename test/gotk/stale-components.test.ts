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
