import { describe, expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "../../gotk/make-gotk.ts";
import { homeTree, kustomization, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { inShort } from "./tree.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const FLUX = "kubernetes/flux/config/flux.yaml";
const PLAYER_APP = "kubernetes/apps/media/player/app";

const patch = (kind: string, name: string, ops: unknown) =>
  `{target: {kind: ${kind}, name: ${name}}, patch: '${JSON.stringify(ops)}'}`;
const withFlag = (flag: string, name: string) =>
  patch("Deployment", name, [{ op: "add", path: "/spec/template/spec/containers/0/args/-", value: flag }]);
const APPLIERS = "(kustomize|helm)-controller";

/** The change that patches Flux, in each of the ways in which it is installed. */
const INSTALLS: Record<string, [Files, rule: string, (patches: string) => Edits]> = {
  "a FluxInstance": [
    operatorTree(),
    "instance-harms",
    (patches) => ({
      [INSTANCE]: operatorTree()[INSTANCE]!.replace("spec:", `spec:\n  kustomize: {patches: [${patches}]}`),
    }),
  ],
  "the artifact of a release": [
    homeTree(),
    "reconcile-stops",
    (patches) => ({ [FLUX]: homeTree()[FLUX]!.replace("  prune: true", `  prune: true\n  patches: [${patches}]`) }),
  ],
};

describe.each(Object.entries(INSTALLS))("a patch of Flux, which comes from %s", (_, [tree, rule, patched]) => {
  test.each([
    [
      "gives what names no account one without rights",
      "--default-service-account=default",
      "Kustomization flux-system/cluster-apps",
    ],
    ["leaves other namespaces alone", "--watch-all-namespaces=false", "HelmRelease games/chess"],
  ])("%s", (_what, flag, who) => {
    expect(inShort(tree, patched(withFlag(flag, APPLIERS)))).toContain(`unsafe | ${rule} ${who}`);
  });

  test("forbids names of other namespaces, which a release has", () => {
    const text = release("player").replace("name: charts}", "name: charts, namespace: flux-system}");
    const crosses = { ...tree, [`${PLAYER_APP}/helmrelease.yaml`]: text };
    const edits = patched(withFlag("--no-cross-namespace-refs=true", APPLIERS));
    expect(inShort(crosses, edits)).toContain(`unsafe | ${rule} HelmRelease media/player`);
    expect(inShort(tree, edits)).toBe("safe");
    // It is forbidden today.
    expect(
      inShort({ ...crosses, ...(edits as Files) }, { [`${PLAYER_APP}/helmrelease.yaml`]: `${text}# more\n` }),
    ).toBe("safe");
  });

  test("forbids remote bases, which an app has", () => {
    const list = kustomization(["helmrelease.yaml", "pvc.yaml", "github.com/acme/web//base?ref=v1"]);
    const remote = { ...tree, [`${PLAYER_APP}/kustomization.yaml`]: list };
    const edits = patched(withFlag("--no-remote-bases", "kustomize-controller"));
    expect(inShort(remote, edits)).toContain(`unsafe | ${rule} Kustomization flux-system/player`);
    expect(inShort(tree, edits)).toBe("safe");
  });

  test("takes the rights of a controller, or its account", () => {
    const bindings = patch("ClusterRoleBinding", "cluster-reconciler.*", [{ op: "remove", path: "/subjects/0" }]);
    expect(inShort(tree, patched(bindings))).toBe(`unsafe | ${rule} Deployment flux-system/kustomize-controller`);
    const gone = `{target: {kind: ServiceAccount, name: helm-controller}, patch: '{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"any"},"$patch":"delete"}'}`;
    expect(inShort(tree, patched(gone))).toContain("unsafe | reference-breaks Deployment flux-system/helm-controller");
  });

  test("sets a feature gate that its controller does not have", () => {
    const gate = (name: string) => patched(withFlag(`--feature-gates=${name}=true`, "kustomize-controller"));
    expect(inShort(tree, gate("OOMWatch"))).toBe(`unsafe | ${rule} Deployment flux-system/kustomize-controller`);
    expect(inShort(tree, gate("GroupChangeLog"))).toBe("safe");
  });

  test.each([
    ["a slip", "--concurent=20"],
    ["flag and value in one argument", "--concurrent 20"],
    ["a flag with one dash", "-concurrent=20"],
    ["a value that is no number", "--concurrent=many"],
    ["a time without its unit", "--requeue-dependency=5"],
    ["a switch that is neither on nor off", "--no-remote-bases=yes"],
    ["more than a byte holds", "--interval-jitter-percentage=256"],
    ["a gate that is neither on nor off", "--feature-gates=GroupChangeLog=yes"],
    ["a gate without a value", "--feature-gates=GroupChangeLog"],
    ["a flag of another controller", "--helm-cache-max-size=10"],
  ])("sets what its controller does not start with: %s", (_what, flag) => {
    const own = `Deployment flux-system/kustomize-controller`;
    expect(inShort(tree, patched(withFlag(flag, "kustomize-controller")))).toBe(`unsafe | ${rule} ${own}`);
  });

  test("sets a flag that nobody here knows", () => {
    const flag = withFlag("--wholly-new=1", "kustomize-controller");
    expect(inShort(tree, patched(flag))).toBe("unproven | safety-unknown Deployment flux-system/kustomize-controller");
  });

  test("forbids names of other namespaces to a controller that has no such flag", () => {
    const flag = withFlag("--no-cross-namespace-refs=true", "source-controller");
    expect(inShort(tree, patched(flag))).toBe(`unsafe | ${rule} Deployment flux-system/source-controller`);
  });

  test.each([
    "--concurrent=0x10",
    "--requeue-dependency=1m30s",
    "--no-remote-bases=False",
    "--kube-api-qps=2.5",
    "--watch-label-selector=sharding.fluxcd.io/key notin (a)",
    "--log-level=debug",
    "--override-manager=kubectl",
    "--feature-gates=GroupChangeLog=t",
  ])("sets what its controller starts with: %s", (flag) => {
    expect(inShort(tree, patched(withFlag(flag, "kustomize-controller")))).toBe("safe");
  });

  test("sets a flag that takes nothing away", () => {
    expect(inShort(tree, patched(withFlag("--concurrent=20", APPLIERS)))).toBe("safe");
    expect(inShort(tree, patched(withFlag("--watch-all-namespaces=true", APPLIERS)))).toBe("safe");
  });
});

test("the lockdown of Flux's documentation, over what flux bootstrap wrote", () => {
  const tree: Files = {
    ...makeFluxSystem("clusters/home"),
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": CONFIG,
  };
  const list = "clusters/home/flux-system/kustomization.yaml";
  const edits = { [list]: `${tree[list]}patches: [${withFlag("--default-service-account=default", APPLIERS)}]\n` };
  expect(inShort(tree, edits)).toContain("unsafe | reconcile-stops Kustomization flux-system/apps");
});
