import { describe, expect, test } from "vitest";
import { makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll, runPhase } from "./run-phases.ts";

const kustomization = (...resources: string[]) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((item) => `  - ${item}\n`).join("")}`;

const flux = (name: string, path: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
  path: ./${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;

const OPERATOR = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux-operator
  namespace: flux-system
spec:
  interval: 1h
  ref:
    tag: 0.58.0
  url: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux-operator
  namespace: flux-system
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: flux-operator
`;

const CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\n";

/** The root lists the file of each FluxKustomization, and none of the install: that was applied by hand. */
const listed = (operator: Files = {}): Files => ({
  ...makeFluxSystem("flux"),
  "flux/kustomization.yaml": kustomization(
    "./parts/app.yaml",
    ...(Object.keys(operator).length > 0 ? ["./parts/flux-operator.yaml"] : []),
  ),
  "flux/parts/app.yaml": flux("app", "infra/app"),
  "infra/app/kustomization.yaml": kustomization("app.yaml"),
  "infra/app/app.yaml": CONFIG,
  ...operator,
});

describe("where the new FluxKustomizations are listed", () => {
  test("beside others that the kustomization above lists one by one", () => {
    const { files } = runPhase(listed(), "install");
    expect(files["flux/kustomization.yaml"]).toContain(
      "  - ./parts/app.yaml\n  - ./parts/flux-operator.yaml\n  - ./parts/flux-instance.yaml\n",
    );
  });

  test("on the direct route as well", () => {
    const { files } = runPhase(listed(), "install", { direct: true });
    expect(files["flux/kustomization.yaml"]).toContain("  - ./parts/flux-instance.yaml\n");
  });

  test("and not in the folder of the only app there is", () => {
    const files = {
      ...makeFluxSystem("flux"),
      "flux/kustomization.yaml": kustomization("flux-system", "cilium"),
      "flux/cilium/kustomization.yaml": kustomization("ks.yaml"),
      "flux/cilium/ks.yaml": flux("cilium", "flux/cilium/app"),
      "flux/cilium/app/app.yaml": CONFIG,
    };
    const install = runPhase(files, "install", { direct: true });
    expect(install.changed.filter((path) => path.startsWith("flux/cilium/"))).toEqual([]);
    expect(install.files["flux/kustomization.yaml"]).toContain("  - flux-instance.yaml\n");
    expect(runPhase(install.files, "install", { direct: true }).changed).toEqual([]);
  });

  test("bootstrap's own kustomization, which nothing delivers, is trimmed and said to break nothing", () => {
    const { cutover } = runAll(listed());
    expect(cutover.changed).toContain("flux/flux-system/gotk-components.yaml");
    expect(cutover.rules).not.toContain("gotk-overlay-breaks");
  });
});

describe("an operator of the owner's", () => {
  test("has the instance beside its own folder", () => {
    const operator = {
      "flux/parts/flux-operator.yaml": flux("flux-operator", "infra/flux-operator"),
      "infra/flux-operator/kustomization.yaml": kustomization("helmrelease.yaml"),
      "infra/flux-operator/helmrelease.yaml": OPERATOR,
    };
    const { files, changed } = runPhase(listed(operator), "install");
    expect(changed).toContain("infra/flux-instance/kustomization.yaml");
    expect(files["flux/parts/flux-instance.yaml"]).toContain("path: ./infra/flux-instance\n");
  });

  test("may have its FluxKustomization in a folder that the root reaches outside of its own", () => {
    const { files } = runPhase(
      {
        ...makeFluxSystem("clusters/home"),
        "clusters/home/kustomization.yaml": kustomization("flux-system", "../../apps/flux-system"),
        "apps/flux-system/kustomization.yaml": kustomization("./flux-operator.yaml"),
        "apps/flux-system/flux-operator.yaml": flux("flux-operator", "infra/flux-operator"),
        "infra/flux-operator/kustomization.yaml": kustomization("helmrelease.yaml"),
        "infra/flux-operator/helmrelease.yaml": OPERATOR,
      },
      "install",
    );
    expect(files["apps/flux-system/kustomization.yaml"]).toContain(
      "  - ./flux-operator.yaml\n  - ./flux-instance.yaml\n",
    );
    // Its app stands beside the operator's, not in the folder of bootstrap.
    expect(files["apps/flux-system/flux-instance.yaml"]).toContain("path: ./infra/flux-instance\n");
  });

  const byRoot = (operator = OPERATOR): Files => ({
    ...makeFluxSystem("clusters/home"),
    "clusters/home/kustomization.yaml": kustomization("flux-system", "../../infra/flux-operator"),
    "infra/flux-operator/kustomization.yaml": kustomization("helmrelease.yaml"),
    "infra/flux-operator/helmrelease.yaml": operator,
  });

  test("may be applied by the root itself: then the release of the instance alone waits for it", () => {
    const { install, cutover, cleanup } = runAll(byRoot());
    const [own] = install.findings.filter(({ rule }) => rule === "app-prunable");
    expect(install.rules).not.toContain("app-without-owner");
    expect(own?.next).toContain("prune: disabled");
    expect(install.files["clusters/home/flux-system/flux-instance.yaml"]).not.toContain("dependsOn");
    expect(install.files["clusters/home/flux-system/flux-instance/helmrelease.yaml"]).toContain(
      "dependsOn:\n    - name: flux-operator\n",
    );
    expect(cutover.changed).toContain("clusters/home/flux-system/gotk-components.yaml");
    expect(cleanup.changed).toContain("clusters/home/flux-system/gotk-sync.yaml");
  });

  test("that says itself that nothing may prune it is not warned of", () => {
    const mark = "  annotations:\n    kustomize.toolkit.fluxcd.io/prune: disabled\nspec:\n  interval: 1h\n  chartRef:";
    const { rules } = runPhase(byRoot(OPERATOR.replace("spec:\n  interval: 1h\n  chartRef:", mark)), "install");
    expect(rules).not.toContain("app-prunable");
  });

  test("that nothing delivers still stops the cluster", () => {
    const files = { ...byRoot(), "clusters/home/kustomization.yaml": kustomization("flux-system") };
    const moved: Files = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path.replace("infra/", "clusters/home/flux-system/"), text]),
    );
    expect(runPhase(moved, "install").rules).toContain("app-without-owner");
  });
});
