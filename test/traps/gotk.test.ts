import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { makeFluxSystem, makeGotk, makeSync } from "../gotk/make-gotk.ts";
import { type Files, instanceText, type Migrated, runAll, runPhase } from "../gotk/run-phases.ts";

const DIR = "clusters/home/flux-system";
const kustomization = (body: string) => `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${body}`;
const manifest = (kind: string, name: string, apiVersion = "v1", more = "") =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: flux-system\n${more}`;
const BASE = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n";

const tree = (listing: string, more: Files = {}): Files => ({
  ...makeFluxSystem("clusters/home", { kustomization: kustomization(listing) }),
  "clusters/home/settings.yaml": manifest("ConfigMap", "settings"),
  ...more,
});
const specOf = ({ files }: Migrated) => parse(instanceText(files)).spec.values.instance;
const stop = ({ findings }: Migrated) => findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule);
const add = (name: string, value: string) =>
  `- patch: |\n    - op: add\n      path: /spec/template/spec/containers/0/args/-\n      value: ${value}\n  target:\n    kind: Deployment\n    name: ${name}\n`;

describe("what lies in the flux-system folder (trap 3)", () => {
  test("stays delivered, what was left out or commented out stays out, and nothing moves", () => {
    const files = tree(`${BASE}- webhook.yaml\n- keys.sops.yaml\n# - disabled.yaml\n`, {
      [`${DIR}/webhook.yaml`]: manifest("Ingress", "webhook", "networking.k8s.io/v1"),
      [`${DIR}/keys.sops.yaml`]: manifest("Secret", "age", "v1", "sops:\n  mac: x\n"),
      [`${DIR}/disabled.yaml`]: manifest("ConfigMap", "disabled"),
      [`${DIR}/monitoring/kustomization.yaml`]: kustomization("resources:\n- pods.yaml\n"),
      [`${DIR}/monitoring/pods.yaml`]: manifest("PodMonitor", "flux", "monitoring.coreos.com/v1"),
    });
    const { cleanup } = runAll(files);
    expect(cleanup.files[`${DIR}/kustomization.yaml`]).toBe(
      kustomization(
        "resources:\n- webhook.yaml\n- keys.sops.yaml\n- flux-operator.yaml\n- flux-instance.yaml\n# - disabled.yaml\n",
      ),
    );
    for (const path of Object.keys(files).filter((name) => name.startsWith(DIR) && !/gotk-|kustomization/.test(name)))
      expect(cleanup.files[path], path).toBe(files[path]);
  });

  test("goes on being built with the transformers around it", () => {
    const files = tree(`${BASE}- webhook.yaml\nnamespace: flux-system\nlabels:\n- pairs:\n    team: sre\n`, {
      [`${DIR}/webhook.yaml`]: manifest("Ingress", "webhook", "networking.k8s.io/v1"),
    });
    const { install, cleanup } = runAll(files);
    expect(specOf(install).commonMetadata).toEqual({ labels: { team: "sre" } });
    expect(cleanup.files[`${DIR}/kustomization.yaml`]).toBe(
      kustomization(
        "resources:\n- webhook.yaml\n- flux-operator.yaml\n- flux-instance.yaml\nnamespace: flux-system\nlabels:\n- pairs:\n    team: sre\n",
      ),
    );
  });
});

describe("a base that others build from (traps 41 and 47)", () => {
  const shared = (names: readonly string[]): Files => ({
    "base/gotk-components.yaml": makeGotk(),
    "base/kustomization.yaml": kustomization("resources:\n- gotk-components.yaml\n- policies.yaml\n"),
    "base/policies.yaml": manifest("LimitRange", "limits"),
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`clusters/${name}/flux-system/gotk-sync.yaml`, makeSync(`./clusters/${name}`)],
        [
          `clusters/${name}/flux-system/kustomization.yaml`,
          kustomization("resources:\n- ../../../base\n- gotk-sync.yaml\n"),
        ],
        [`clusters/${name}/settings.yaml`, manifest("ConfigMap", name)],
      ]),
    ),
  });

  test("that holds more than the install stops the cutover of one cluster until it lists the install by itself", () => {
    const install = runPhase(shared(["one", "two"]), "install", { clusters: ["one"] });
    const cutover = runPhase(install.files, "cutover", { clusters: ["one"] });
    expect(stop(cutover)).toContain("gotk-base-inseparable");
    expect(cutover.changed).toEqual([]);
    const both = runPhase(shared(["one", "two"]), "install");
    const alone = runPhase(both.files, "cutover", { clusters: ["two"] });
    expect(stop(alone)).toContain("gotk-base-inseparable");
    expect(alone.changed).toEqual([]);
  });

  test("that holds more than the install loses it for all its clusters in one run, and keeps the rest", () => {
    const install = runPhase(shared(["one", "two"]), "install");
    const cutover = runPhase(install.files, "cutover");
    expect(stop(cutover)).toEqual([]);
    expect(cutover.files["base/gotk-components.yaml"]).toBeUndefined();
    expect(cutover.files["base/kustomization.yaml"]).toBe(kustomization("resources:\n- policies.yaml\n"));
    expect(cutover.files["base/policies.yaml"]).toBe(install.files["base/policies.yaml"]);
    for (const name of ["one", "two"]) {
      const listing = `clusters/${name}/flux-system/kustomization.yaml`;
      expect(cutover.files[listing]).toBe(install.files[listing]);
    }
  });

  test("stays whole when one of the clusters in the run is stopped by something else", () => {
    const install = runPhase(shared(["one", "two"]), "install");
    const two = "clusters/two/flux-system";
    const listing = install.files[`${two}/kustomization.yaml`]!;
    const sync = install.files[`${two}/gotk-sync.yaml`]!;
    for (const edit of [
      // What the other root does with the base cannot be told: it does not build.
      { [`${two}/kustomization.yaml`]: `${listing}- gone.yaml\n` },
      { [`${two}/gotk-sync.yaml`]: sync.replace("branch: main", "branch: other") },
    ]) {
      const cutover = runPhase({ ...install.files, ...edit }, "cutover");
      expect(cutover.changed).toEqual([]);
      expect(stop(cutover)).toEqual(["gotk-base-inseparable", "phase-not-reached"]);
      const early = cutover.findings.find(({ rule }) => rule === "phase-not-reached");
      expect(early?.what).toContain(" stops it), so merging cutover now could");
    }
  });

  test("stays for a cluster of the run that is stopped, with the files of its patches", () => {
    const files = shared(["one", "two"]);
    const base = kustomization(
      "resources:\n- gotk-components.yaml\npatches:\n- path: workers.yaml\n  target: {kind: Deployment}\n",
    );
    const patch = "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --concurrent=9\n";
    Object.assign(files, { "base/kustomization.yaml": base, "base/workers.yaml": patch });
    const install = runPhase(files, "install");
    const sync = "clusters/two/flux-system/gotk-sync.yaml";
    const other = install.files[sync]!.replace("branch: main", "branch: other");
    const cutover = runPhase({ ...install.files, [sync]: other }, "cutover");
    expect(stop(cutover)).toEqual(["phase-not-reached"]);
    expect(cutover.changed).toEqual(["clusters/one/flux-system/kustomization.yaml"]);
  });

  test("stays for a cluster of the run that has no operator yet", () => {
    const install = runPhase(shared(["one", "two"]), "install", { clusters: ["one"] });
    const cutover = runPhase(install.files, "cutover");
    expect(cutover.files["base/gotk-components.yaml"]).toBe(makeGotk());
    expect(cutover.files["base/kustomization.yaml"]).toContain("- gotk-components.yaml");
  });

  test("stays whole for a cluster whose operator nobody has waited for", () => {
    const both = runPhase(shared(["one", "two"]), "install");
    const cutover = runPhase(both.files, "cutover", { clusters: ["one"] });
    expect(cutover.files["base/gotk-components.yaml"]).toBeDefined();
    expect(cutover.files["clusters/two/flux-system/kustomization.yaml"]).toBe(
      both.files["clusters/two/flux-system/kustomization.yaml"],
    );
  });
});

describe("multi-tenancy (trap 33)", () => {
  const CROSS = add(
    "(kustomize-controller|helm-controller|notification-controller|image-reflector-controller|image-automation-controller)",
    "--no-cross-namespace-refs=true",
  );
  const ACCOUNT = add("(kustomize-controller|helm-controller)", "--default-service-account=default");
  const BASES = add("kustomize-controller", "--no-remote-bases=true");
  const ROOT =
    "- patch: |\n    - op: add\n      path: /spec/serviceAccountName\n      value: kustomize-controller\n  target:\n    kind: Kustomization\n    name: flux-system\n";

  test("multitenant is only written for the whole lockdown, root included", () => {
    const whole = runPhase(tree(`${BASE}patches:\n${CROSS}${ACCOUNT}${BASES}${ROOT}`), "install");
    expect(specOf(whole).cluster.multitenant).toBe(true);
    expect(instanceText(whole.files)).not.toContain("--no-remote-bases");
    for (const part of [`${CROSS}${ACCOUNT}${BASES}`, CROSS, `${ACCOUNT}${ROOT}`]) {
      const done = runPhase(tree(`${BASE}patches:\n${part}`), "install");
      expect(specOf(done).cluster.multitenant, part).toBeUndefined();
      expect(instanceText(done.files), part).toContain(
        part.includes("--default-service") ? "--default-service" : "--no-cross",
      );
    }
  });
});

describe("OpenShift (trap 35)", () => {
  test("its type is never written: the patches are carried over, its role stays delivered", () => {
    const remove =
      "- patch: |\n    - op: remove\n      path: /spec/template/spec/containers/0/securityContext/seccompProfile\n    - op: add\n      path: /spec/template/spec/containers/0/securityContext/runAsUser\n      value: 65534\n  target:\n    kind: Deployment\n";
    const scc = manifest("RoleBinding", "flux-scc", "rbac.authorization.k8s.io/v1");
    const { install, cleanup } = runAll(tree(`${BASE}- scc.yaml\npatches:\n${remove}`, { [`${DIR}/scc.yaml`]: scc }));
    expect(specOf(install).cluster).toEqual({ networkPolicy: true });
    expect(instanceText(install.files)).toContain("/securityContext/runAsUser");
    expect(cleanup.files[`${DIR}/scc.yaml`]).toBe(scc);
    expect(cleanup.files[`${DIR}/kustomization.yaml`]).toContain("- scc.yaml");
  });
});

describe("an own volume of source-controller (trap 36)", () => {
  test("keeps its claim and the patch that mounts it; storage is not written in its place", () => {
    const mount =
      "- patch: |\n    - op: replace\n      path: /spec/template/spec/volumes/0\n      value:\n        name: data\n        persistentVolumeClaim:\n          claimName: flux-artifacts\n  target:\n    kind: Deployment\n    name: source-controller\n";
    const claim = manifest("PersistentVolumeClaim", "flux-artifacts");
    const files = tree(`${BASE}- claim.yaml\npatches:\n${mount}`, { [`${DIR}/claim.yaml`]: claim });
    const { install, cleanup } = runAll(files);
    expect(specOf(install).storage).toBeUndefined();
    expect(instanceText(install.files)).toContain("claimName: flux-artifacts");
    expect(cleanup.files[`${DIR}/claim.yaml`]).toBe(claim);
    expect(cleanup.files[`${DIR}/kustomization.yaml`]).toContain("- claim.yaml");
    const saysOf = ({ plan }: typeof install) => JSON.stringify(plan.phases[0]!.clusters[0]!.runbook);
    expect(saysOf(install)).toContain("does not find on its claim");
    expect(saysOf(install)).not.toMatch(/empty disk|loses its cache/);
    expect(saysOf(runAll(tree(BASE)).install)).toMatch(/loses its cache.*empty disk/);
  });
});

describe("components of a gotk file (trap 2)", () => {
  test("are the Deployments of the file, whatever its header says", () => {
    const components = ["source-controller", "kustomize-controller", "helm-controller", "image-reflector-controller"];
    const text = makeGotk({ components }).replace(/^# Components: .*$/m, "# Components: source-controller");
    const done = runPhase(tree(BASE, { [`${DIR}/gotk-components.yaml`]: text }), "install");
    expect(specOf(done).components).toEqual(components);
    expect(done.rules).toContain("gotk-components-differ");
  });
});

describe("what writes gotk files again (trap 43)", () => {
  test("is listed with its line when the files go", () => {
    const files = tree(BASE, {
      ".github/workflows/update.yaml": `on: schedule\njobs:\n  update:\n    steps:\n      - run: flux install --export > ./${DIR}/gotk-components.yaml\n`,
      "renovate.json": `{ "flux": { "managerFilePatterns": ["${DIR}/gotk-components.yaml"] } }\n`,
      "scripts/up.sh": "flux bootstrap git --path=clusters/home\n",
    });
    const { cutover, cleanup } = runAll(files);
    const places = [...cutover.findings, ...cleanup.findings].flatMap(({ at }) =>
      at ? [`${at.file}:${at.line}`] : [],
    );
    expect(places).toContain(".github/workflows/update.yaml:5");
    expect(places).toContain("scripts/up.sh:1");
    expect(places).toContain("renovate.json:1");
  });
});

test("the sync of a tree keeps every document that is not the source or the root", () => {
  const extra = manifest("Alert", "chat", "notification.toolkit.fluxcd.io/v1beta3");
  const files = tree(BASE, { [`${DIR}/gotk-sync.yaml`]: `${makeSync("./clusters/home")}---\n${extra}` });
  const { cleanup } = runAll(files);
  const left = parseAllDocuments(cleanup.files[`${DIR}/gotk-sync.yaml`]!).map((doc) => doc.toJS()?.kind);
  expect(left).toEqual(["Alert"]);
});
