import { describe, expect, test } from "vitest";
import { CORE_COMPONENTS, IMAGE_COMPONENTS } from "../../src/release/releases.ts";
import { kustomization, makeFluxSystem, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const ALL = [...CORE_COMPONENTS, ...IMAGE_COMPONENTS];
const AUTOMATION = "clusters/common/automation.yaml";
/** What puts the reference back as it was. */
const KEPT = /path: \/spec\/ref\n\s+value:\n\s+branch: (\w+)/;

/** Two clusters that read their own branches, and image automation that both build. */
function fleet(east = "main", west = "develop"): Files {
  const cluster = (name: string, branch: string): Files => ({
    ...makeFluxSystem(`clusters/${name}`, { components: ALL }),
    [`clusters/${name}/flux-system/gotk-sync.yaml`]: makeSync(`./clusters/${name}`, { source: { ref: { branch } } }),
    [`clusters/${name}/kustomization.yaml`]: kustomization("resources:\n- flux-system\n- ../common\n"),
  });
  return {
    ...cluster("east", east),
    ...cluster("west", west),
    "clusters/common/kustomization.yaml": kustomization("resources:\n- automation.yaml\n"),
    [AUTOMATION]: `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: images
  namespace: flux-system
spec:
  interval: 30m
  sourceRef:
    kind: GitRepository
    name: flux-system
  git:
    commit:
      author:
        email: flux@example.org
  update:
    path: ./apps
`,
  };
}

describe("image automation that takes its branch from the source, in a file that two clusters build", () => {
  test("keeps the branch of each, in the source that each instance generates", () => {
    const files = fleet();
    const { install, cleanup } = runAll(files);
    expect(cleanup.files[AUTOMATION]).toBe(files[AUTOMATION]);
    expect(KEPT.exec(instanceText(cleanup.files, "east"))?.[1]).toBe("main");
    expect(KEPT.exec(instanceText(cleanup.files, "west"))?.[1]).toBe("develop");
    const said = install.findings.filter(({ rule }) => rule === "sync-ref-patched");
    expect(said.map(({ level }) => level)).toEqual(["info", "info"]);
    expect(said[0]?.why).toContain(`${AUTOMATION}, which west builds too`);
    expect(install.rules).not.toContain("sync-ref-by-name");
    expect(runPhase(install.files, "install").changed).toEqual([]);
  });

  test("lets one of them go first", () => {
    const files = fleet("main", "main");
    const { changed, rules } = runPhase(files, "install", { clusters: ["east"] });
    expect(rules).not.toContain("shared-with-blocked");
    expect(changed.filter((path) => !path.startsWith("clusters/east/"))).toEqual([]);
  });
});
