import { expect, test } from "vitest";
import { kustomization, makeFluxSystem, makeSync } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";

const PATCHES = `patches:
- target: { kind: Deployment, name: source-controller }
  patch: |
    - op: add
      path: /spec/template/spec/volumes/-
      value: { name: ca, configMap: { name: own-ca } }
    - op: add
      path: /spec/template/spec/volumes/-
      value: { name: cache, persistentVolumeClaim: { claimName: flux-cache } }
    - op: add
      path: /spec/template/spec/volumes/-
      value: { name: more, secret: { secretName: not-needed, optional: true } }
- target: { kind: Deployment }
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
    spec:
      template:
        spec:
          containers:
            - name: manager
              envFrom:
                - secretRef: { name: proxy }
`;
const CA = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own-ca\n  namespace: flux-system\ndata:\n  ca.crt: x\n";
const TITLE = "Provide what the controllers are started with";

function runbooks(patches: string) {
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n- ca.yaml\n${patches}`);
  const files: Files = {
    ...makeFluxSystem("clusters/home"),
    [`${DIR}/kustomization.yaml`]: listing,
    [`${DIR}/ca.yaml`]: CA,
  };
  const installed = runPhase(files, "install");
  const cutover = runPhase(installed.files, "cutover");
  return [installed, cutover].map(({ plan }) => plan.phases[0]!.clusters[0]!.runbook);
}

test("what patches have controllers mount or read is there before anything is installed: Flux cannot deliver it first", () => {
  for (const { rebuild, assumptions, measure } of runbooks(PATCHES)) {
    const titles = rebuild.map(({ title }) => title);
    expect(titles.indexOf(TITLE)).toBeLessThan(titles.indexOf("Install operator and instance"));
    const step = rebuild.find(({ title }) => title === TITLE)!;
    expect(step.commands).toEqual([
      "kubectl -n flux-system get persistentvolumeclaims flux-cache",
      "kubectl -n flux-system apply --server-side -f clusters/home/flux-system/ca.yaml",
      "kubectl -n flux-system create secret generic proxy --from-file=<what the controllers mount or read>",
    ]);
    expect(step.body.join(" ")).toContain("No file here declares claim `flux-cache`");
    expect(assumptions.join(" ")).toContain("PersistentVolumeClaim flux-cache, ConfigMap own-ca, Secret proxy");
    expect(measure.needs.map(({ name }) => name)).toEqual(["flux-cache", "own-ca", "proxy", "flux-system"]);
  }
});

test("other patches ask for nothing", () => {
  const replicas = `patches:
- target: { kind: Deployment, name: source-controller }
  patch: |
    - op: replace
      path: /spec/replicas
      value: 2
`;
  for (const { rebuild } of runbooks(replicas)) expect(rebuild.map(({ title }) => title)).not.toContain(TITLE);
});

test.each([
  ["https://git.example.org/fleet", true],
  ["https://user@git.example.org:8443/fleet", true],
  ["https://github.com/owner/fleet", false],
  ["https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet", false],
  ["ssh://git@git.example.org/fleet", false],
])("what a server of one's own is trusted by belongs to what the source logs in with: %s", (url, isSaid) => {
  const sync = { [`${DIR}/gotk-sync.yaml`]: makeSync("./clusters/home", { url }) };
  const { plan } = runPhase({ ...makeFluxSystem("clusters/home"), ...sync }, "install", {});
  const { rebuild } = plan.phases[0]!.clusters[0]!.runbook;
  const step = rebuild.find(({ title }) => title === "Provide what the root needs before it can be built")!;
  expect(step.body.join(" ").includes("`flux-system` holds that one as `ca.crt` too")).toBe(isSaid);
});
