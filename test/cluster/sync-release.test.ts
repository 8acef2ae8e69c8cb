import { describe, expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll, runPhase } from "../gotk/run-phases.ts";
import { verifyEdits } from "../verify/edited.ts";

const release = (name: string, more = "") => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
${more}  chart:
    spec:
      chart: flux2-sync
      sourceRef:
        kind: HelmRepository
        name: fluxcd-community
`;
const files = {
  ...makeFluxSystem("clusters/home"),
  "clusters/home/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
};
const PATH = "clusters/home/sync.yaml";

describe("a release of the flux2-sync chart that made source and root", () => {
  test("is suspended in install and goes with them in cleanup", () => {
    const { install, cutover, cleanup } = runAll({ ...files, [PATH]: release("flux-system") });
    expect(install.files[PATH]).toContain("  suspend: true # fluxlift:guard\n");
    expect(install.rules).toContain("guard-added");
    expect(cutover.files[PATH]).toBe(install.files[PATH]);
    expect(cleanup.files[PATH]).toBeUndefined();
    const said = cleanup.findings.find(({ rule }) => rule === "sync-release-goes");
    expect(said?.next).toContain("kubectl -n flux-system delete secrets -l owner=helm,name=flux-system");
    const operator = Object.entries(install.files).find(([path]) => path.endsWith("flux-operator/helmrelease.yaml"));
    expect(operator?.[1]).toContain("--override-manager=helm-controller");
  });

  test("stays while nothing has suspended it, as in one merge", () => {
    const all = runPhase({ ...files, [PATH]: release("flux-system") }, "cleanup", { phase: "all", direct: true });
    expect(all.files[PATH]).toBe(release("flux-system"));
    expect(all.rules).toContain("sync-release-left");
    const later = runPhase({ ...all.files, [PATH]: release("flux-system", "  suspend: true\n") }, "cleanup");
    expect(later.files[PATH]).toBeUndefined();
  });

  test.each(["apps", "flux-system-two"])("another one, %s, is nobody's business", (name) => {
    const { install, cleanup } = runAll({ ...files, [PATH]: release(name) });
    expect(install.files[PATH]).toBe(release(name));
    expect(cleanup.files[PATH]).toBe(release(name));
  });

  test("stays with --sync keep, where nothing takes its place", () => {
    const { install, cleanup } = runAll({ ...files, [PATH]: release("flux-system") }, { sync: "keep" });
    expect(install.files[PATH]).toBe(release("flux-system"));
    expect(cleanup.files[PATH]).toBe(release("flux-system"));
  });

  test("takes the root along where it is taken out", () => {
    const tree = { ...files, [PATH]: release("flux-system") };
    expect(verifyEdits({ [PATH]: undefined }, tree).verdict).toBe("unsafe");
    tree[PATH] = release("flux-system", "  suspend: true\n");
    expect(verifyEdits({ [PATH]: undefined }, tree).verdict).toBe("deletes");
  });
});
