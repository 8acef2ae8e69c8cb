import { describe, expect, test } from "vitest";
import { APP, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, instanceText, runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const LIST = `${DIR}/kustomization.yaml`;
const RESOURCES = "resources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\n";
const WEB =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: flux-system\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: example.org/web:v1\n";

const migrate = (list: string, more: Files = {}) =>
  runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, [LIST]: kustomization(list), ...more });

describe("what a kustomization sets for the controllers", () => {
  test("goes with them: kustomize refuses replicas without a workload", () => {
    const { install, cutover } = migrate(
      `${RESOURCES}replicas:\n  - name: helm-controller\n    count: 2\n# by digest\nimages:\n  - name: ghcr.io/fluxcd/helm-controller\n    digest: sha256:${"0".repeat(64)}\n`,
    );
    expect(instanceText(install.files)).toContain("path: /spec/replicas");
    expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cutover.files[LIST]).toBe(
      kustomization("resources:\n  - gotk-sync.yaml\n  - flux-operator.yaml\n  - flux-instance.yaml\n"),
    );
  });

  test("stays where it sets something of what stays", () => {
    const image = "  - name: example.org/web\n    newTag: v2\n";
    const count = "  - name: web\n    count: 3\n";
    const { cutover } = migrate(
      `${RESOURCES}  - web.yaml\nimages:\n  - name: ghcr.io/fluxcd/helm-controller\n    newTag: v1.4.5\n${image}replicas:\n${count}  - name: helm-controller\n    count: 2\n`,
      { [`${DIR}/web.yaml`]: WEB },
    );
    expect(cutover.files[LIST]).toContain(`images:\n${image}replicas:\n${count}`);
    expect(cutover.files[LIST]).not.toContain("helm-controller");
  });

  test("goes from an overlay above the base that lists them", () => {
    const { [LIST]: list, ...base } = makeFluxSystem("clusters/home");
    const { cutover } = runAll({
      ...base,
      [LIST]: list!,
      "clusters/home/apps.yaml": APP,
      "clusters/home/kustomization.yaml": kustomization(
        "resources:\n  - flux-system\n  - apps.yaml\nreplicas:\n  - name: helm-controller\n    count: 2\n",
      ),
    });
    expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cutover.files["clusters/home/kustomization.yaml"]).not.toContain("replicas");
  });
});
