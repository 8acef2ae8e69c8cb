import { describe, expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "../../gotk/make-gotk.ts";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { inFlux, inShort, says } from "./tree.ts";

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

  test("switches a feature gate off that something needs", () => {
    const file = Object.keys(patched(""))[0]!;
    // The first releases with source-watcher.
    const younger = (text: string) =>
      text
        .replace("2.6.x", "2.8.x")
        .replace("v2.6.4", "v2.9.4")
        .replace("image-reflector-controller", "source-watcher");
    const later = { ...tree, [file]: younger(tree[file]!) };
    const parts = inFlux("ArtifactGenerator", "parts", "source.extensions.fluxcd.io/v1beta1", [
      `  sources: [{alias: all, kind: GitRepository, name: ${file === FLUX ? "home" : "flux-system"}}]`,
      "  artifacts: [{name: part, copy: [{from: '@all/kubernetes/apps/games/chess/app/**', to: '@artifact/'}]}]",
    ]);
    const reader = ks("reader", "", ["targetNamespace: games"], "part").replace("GitRepository", "ExternalArtifact");
    const reads = { ...later, "kubernetes/flux/parts.yaml": parts + reader };
    const off = (name: string) => {
      const [text] = Object.values(patched(withFlag("--feature-gates=ExternalArtifact=false", name)));
      return { [file]: younger(text!) };
    };
    const said = inShort(reads, off("kustomize-controller"));
    expect(said).toContain(`${rule} Kustomization flux-system/reader`);
    expect(inShort(reads, off("helm-controller"))).not.toContain("reader");
    expect(inShort(later, off("kustomize-controller"))).toBe("safe");
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

const other = (kind: string, group: string) =>
  object(kind, "thing", `${group}.toolkit.fluxcd.io/v1`, [
    "  namespace: media",
    "spec: {interval: 1h, prune: true, sourceRef: {kind: GitRepository, name: home}}",
  ]);
/** The artifact of a release holds every controller. */
const withThing = (thing: string): Files => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "thing.yaml"]),
  [`${PLAYER_APP}/thing.yaml`]: thing,
});
const flagged = (flag: string, name: string) => INSTALLS["the artifact of a release"]![2](withFlag(flag, name));

describe("a controller that watches its own namespace alone", () => {
  test.each([
    ["source-controller", "GitRepository", "source"],
    ["source-controller", "OCIRepository", "source"],
    ["kustomize-controller", "Kustomization", "kustomize"],
    ["notification-controller", "Alert", "notification"],
    ["notification-controller", "Receiver", "notification"],
    ["image-reflector-controller", "ImageRepository", "image"],
    ["image-reflector-controller", "ImagePolicy", "image"],
    ["image-automation-controller", "ImageUpdateAutomation", "image"],
  ])("%s leaves a %s of another one", (controller, kind, group) => {
    const tree = withThing(other(kind, group));
    expect(inShort(tree, flagged("--watch-all-namespaces=false", controller))).toContain(
      `unsafe | reconcile-stops ${kind} media/thing`,
    );
  });

  test.each([
    ["source-controller", "ExternalArtifact", "source"],
    ["source-controller", "Kustomization", "kustomize"],
    ["notification-controller", "GitRepository", "source"],
    ["image-reflector-controller", "ImageUpdateAutomation", "image"],
    ["image-automation-controller", "ImagePolicy", "image"],
  ])("%s has nothing to do with a %s", (controller, kind, group) => {
    const tree = withThing(other(kind, group));
    expect(inShort(tree, flagged("--watch-all-namespaces=false", controller))).not.toContain("thing");
  });

  test.each([
    ["--watch-all-namespaces=False", "unsafe | reconcile-stops HelmRelease games/chess"],
    ["--watch-all-namespaces=0", "unsafe | reconcile-stops HelmRelease games/chess"],
    ["--watch-all-namespaces=1", "safe"],
    ["--watch-all-namespaces", "safe"],
    ["--no-cross-namespace-refs=T", "unsafe | reconcile-stops HelmRelease media/player"],
    ["--no-cross-namespace-refs=1", "unsafe | reconcile-stops HelmRelease media/player"],
    ["--no-cross-namespace-refs", "unsafe | reconcile-stops HelmRelease media/player"],
    ["--no-cross-namespace-refs=f", "safe"],
  ])("is told by %s", (flag, verdict) => {
    const text = release("player").replace("name: charts}", "name: charts, namespace: flux-system}");
    const tree: Files = { ...homeTree(), [`${PLAYER_APP}/helmrelease.yaml`]: text };
    expect(inShort(tree, flagged(flag, "helm-controller"))).toBe(verdict);
  });

  test("says how many more there are", () => {
    const { findings } = says(homeTree(), flagged("--watch-all-namespaces=false", "helm-controller"));
    const found = findings.find(({ rule }) => rule === "reconcile-stops")!;
    expect(found.what).toContain("HelmRelease games/chess lies in another namespace than its controller, like 1 more,");
    expect(found.why).toBe("This change gives helm-controller the flag --watch-all-namespaces=false.");
  });
});

describe("what may name no other namespace any more", () => {
  const FAR = "namespace: flux-system";
  test.each([
    ["helm-controller", "HelmRelease", "helm", `chartRef: {kind: OCIRepository, name: x, ${FAR}}`],
    ["kustomize-controller", "Kustomization", "kustomize", `sourceRef: {kind: GitRepository, name: x, ${FAR}}`],
    [
      "notification-controller",
      "Alert",
      "notification",
      `eventSources: [{kind: Bucket, name: x}, {kind: HelmRelease, name: x, ${FAR}}]`,
    ],
    ["notification-controller", "Receiver", "notification", `resources: [{kind: GitRepository, name: x, ${FAR}}]`],
    ["image-reflector-controller", "ImagePolicy", "image", `imageRepositoryRef: {name: x, ${FAR}}`],
  ])("%s: a %s", (controller, kind, group, field) => {
    const tree = (text: string) =>
      withThing(other(kind, group).replace("sourceRef: {kind: GitRepository, name: home}", text));
    const edits = flagged("--no-cross-namespace-refs=true", controller);
    const THING = `reconcile-stops ${kind} media/thing`;
    expect(inShort(tree(field), edits)).toContain(THING);
    for (const near of ["namespace: media", "namespace: ''", "namespace: '${NS}'", "namespace: "])
      expect(inShort(tree(field.replace(FAR, near)), edits)).not.toContain(THING);
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
