import { describe, expect, test } from "vitest";
import { ks, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { CHESS_APP, chart, chartTree, GAMES, inShort, PLAYER_APP, says } from "./tree.ts";

const LIST = `${CHESS_APP}/kustomization.yaml`;
const MORE = `${CHESS_APP}/more.yaml`;
const bring = (text: string): Edits => ({ [LIST]: kustomization(["helmrelease.yaml", "more.yaml"]), [MORE]: text });
const PART = "kubernetes/apps/games/crds";

const crd = (versions: string[], kind = "Widget", group = "widgets.example.net") =>
  object("CustomResourceDefinition", `${kind.toLowerCase()}s.${group}`, "apiextensions.k8s.io/v1", [
    "spec:",
    `  group: ${group}`,
    "  scope: Namespaced",
    `  names: {kind: ${kind}, plural: ${kind.toLowerCase()}s}`,
    "  versions:",
    ...versions.map((line) => `    - {${line}, schema: {}}`),
  ]);
const OLD = "name: v1alpha1, served: true, storage: false";
const NEW = "name: v1, served: true, storage: true";

function widgetTree(versions: string[], uses = "widgets.example.net/v1alpha1"): Files {
  return {
    ...chartTree(),
    [`${PART}/ks.yaml`]: ks("crds", `${PART}/app`),
    [`${PART}/app/crd.yaml`]: crd(versions),
    [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "crds/ks.yaml"]),
    [LIST]: kustomization(["helmrelease.yaml", "more.yaml"]),
    [MORE]: object("Widget", "board", uses),
  };
}

describe("a version of a CustomResourceDefinition", () => {
  test("that is dropped or no longer served while objects elsewhere use it", () => {
    const tree = widgetTree([OLD, NEW]);
    for (const left of [[NEW], [OLD.replace("served: true", "served: false"), NEW]]) {
      const { verdict, findings } = says(tree, { [`${PART}/app/crd.yaml`]: crd(left) });
      expect(verdict).toBe("unsafe");
      const found = findings.find(({ rule }) => rule === "api-not-served")!;
      expect(found).toMatchObject({ resource: "Widget games/board", at: { file: MORE } });
      expect(found.what).toContain("takes v1alpha1 out of CustomResourceDefinition widgets.widgets.example.net");
    }
  });

  test("is quiet where nothing uses it, where the objects move on, and where one is added", () => {
    expect(inShort(widgetTree([OLD, NEW], "widgets.example.net/v1"), { [`${PART}/app/crd.yaml`]: crd([NEW]) })).toBe(
      "safe",
    );
    const both = { [`${PART}/app/crd.yaml`]: crd([NEW]), [MORE]: object("Widget", "board", "widgets.example.net/v1") };
    expect(inShort(widgetTree([OLD, NEW]), both)).toBe("safe");
    expect(
      inShort(widgetTree([OLD, NEW]), {
        [`${PART}/app/crd.yaml`]: crd([OLD, NEW, "name: v2, served: true, storage: false"]),
      }),
    ).toBe("safe");
  });

  test("that objects are stored as is not taken out in one go", () => {
    const { findings } = says(widgetTree(["name: v1beta1, served: true, storage: true"], "widgets.example.net/v1"), {
      [`${PART}/app/crd.yaml`]: crd([NEW]),
    });
    const found = findings.find(({ rule }) => rule === "api-not-served")!;
    expect(found.what).toMatch(
      /^CustomResourceDefinition \S+ loses the version widgets\.example\.net\/v1beta1, in which/,
    );
    expect(found.why).toContain("status.storedVersions");
  });
});

describe("an object of a kind", () => {
  test.each([
    ["Deployment", "apps/v2"],
    ["Deployment", "extensions/v1beta1"],
    ["CronJob", "batch/v1beta1"],
    ["Deployment", "aps/v1"],
    ["Ingress", "networking.ks.io/v1"],
    ["Deplyoment", "apps/v1"],
    ["HelmRelese", "helm.toolkit.fluxcd.io/v2"],
    ["Alert", "notification.toolkit.fluxcd.io/v1"],
    ["HelmRelease", "helm.toolkit.fluxcd.io/v3"],
    ["ConfigMaps", "v1"],
    // Other kinds of these groups have such versions.
    ["Ingress", "networking.k8s.io/v1beta1"],
    ["ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1beta1"],
    ["StorageClass", "storage.k8s.io/v1beta1"],
    ["Lease", "coordination.k8s.io/v1beta1"],
  ])("%s of %s is not taken", (kind, apiVersion) => {
    const { verdict, rules } = says(chartTree(), bring(object(kind, "more", apiVersion)));
    expect(verdict).not.toBe("safe");
    const place = /^(?:Validating|Storage)/.test(kind) ? "" : "games/";
    if (apiVersion !== "extensions/v1beta1") expect(rules).toEqual([`api-not-served ${kind} ${place}more`]);
  });

  test.each([
    ["ServiceCIDR", "networking.k8s.io/v1beta1"],
    ["ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1beta1"],
    ["VolumeAttributesClass", "storage.k8s.io/v1beta1"],
    ["Ingress", "networking.k8s.io/v1"],
  ])("%s of %s is taken", (kind, apiVersion) => {
    expect(inShort(chartTree(), bring(object(kind, "more", apiVersion)))).toBe("safe");
  });

  test("in a group that differs by a letter from one that is there", () => {
    const { findings } = says(chartTree(), bring(object("HelmRelease", "more", "helm.toolkit.fluxcd.oi/v2")));
    expect(findings.find(({ rule }) => rule === "api-not-served")?.what).toContain("there is helm.toolkit.fluxcd.io");
  });

  test("that the tree's own CustomResourceDefinition does not serve in that version", () => {
    expect(
      inShort(widgetTree([NEW], "widgets.example.net/v1"), {
        [MORE]: object("Widget", "other", "widgets.example.net/v2"),
      }),
    ).toContain("api-not-served Widget games/other");
  });

  test("that nothing brings is open, and names where to look", () => {
    const { verdict, findings } = says(chartTree(), bring(object("Gizmo", "more", "gadgets.acme.dev/v1")));
    expect(verdict).toBe("unproven");
    expect(findings.at(-1)?.next).toContain("kubectl api-resources --api-group=gadgets.acme.dev");
  });

  test("beside the release that brings it, in one Kustomization, never comes", () => {
    const edits = bring(object("Gizmo", "more", "gadgets.acme.dev/v1") + chart("gadgets-operator", "bjw-charts"));
    const { verdict, findings } = says(chartTree(), edits);
    expect(verdict).toBe("unproven");
    expect(findings.at(-1)?.what).toContain("before it applies the first");
  });

  test("nor where something else that comes needs it, whichever is looked at first", () => {
    const certs = { "kubernetes/apps/games/certs.yaml": ks("certs", "kubernetes/certs", ["targetNamespace: games"]) };
    const brings = object("Gizmo", "one", "gadgets.acme.dev/v1") + chart("gadgets-operator", "bjw-charts");
    const needs = { "kubernetes/apps/games/needs.yaml": ks("needs", "kubernetes/needs", ["targetNamespace: games"]) };
    for (const list of [
      ["certs.yaml", "needs.yaml"],
      ["needs.yaml", "certs.yaml"],
    ]) {
      const { verdict, findings } = says(chartTree(), {
        ...{ ...certs, ...needs, [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", ...list]) },
        "kubernetes/certs/all.yaml": brings,
        "kubernetes/needs/gizmo.yaml": object("Gizmo", "two", "gadgets.acme.dev/v1"),
      });
      expect(verdict).toBe("unproven");
      expect(findings.flatMap(({ rule, resource }) => (rule === "safety-unknown" ? resource : []))).toEqual([
        "Gizmo games/one",
      ]);
    }
  });

  test("is not brought by another file that uses it", () => {
    const gizmo = object("Gizmo", "one", "gadgets.acme.dev/v1");
    const edits = (more: string): Edits => ({
      ...bring(gizmo),
      [LIST]: kustomization(["helmrelease.yaml", "more.yaml", "second.yaml"]),
      [`${CHESS_APP}/second.yaml`]: more,
    });
    const role = object("ClusterRole", "one", "rbac.authorization.k8s.io/v1", [
      "rules: [{apiGroups: [gadgets.acme.dev], resources: ['*'], verbs: [get]}]",
    ]);
    for (const more of [gizmo.replace("one", "two"), gizmo.replace("Gizmo", "Gadget"), role])
      expect(says(chartTree(), edits(more)).verdict).toBe("unproven");
    const remote = kustomization(["https://gadgets.acme.dev/install.yaml"]);
    expect(says({ ...chartTree(), "bootstrap/kustomization.yaml": remote }, edits(role)).verdict).toBe("safe");
  });

  test("that Flux Operator brings is open where nothing says that the operator runs", () => {
    const sets = object("ResourceSet", "more", "fluxcd.controlplane.io/v1");
    const { verdict, findings } = says(chartTree(), bring(sets));
    expect(verdict).toBe("unproven");
    expect(findings.at(-1)?.next).toContain("kubectl api-resources --api-group=fluxcd.controlplane.io");
    const beside = says(chartTree(), bring(sets + chart("flux-operator", "bjw-charts")));
    expect(beside.findings.at(-1)?.what).toContain("only HelmRelease flux-operator beside it");
    const operator = { [`${PLAYER_APP}/helmrelease.yaml`]: chart("flux-operator", "bjw-charts") };
    expect(inShort({ ...chartTree(), ...operator }, bring(sets))).toBe("safe");
    const script = { "scripts/bootstrap.sh": "helm upgrade --install flux-operator oci://x/charts/flux-operator\n" };
    expect(inShort({ ...chartTree(), ...script }, bring(sets))).toBe("safe");
    const used = { [`${PLAYER_APP}/set.yaml`]: object("ResourceSet", "old", "fluxcd.controlplane.io/v1") };
    expect(inShort({ ...chartTree(), ...used }, bring(sets))).toBe("safe");
  });

  test("is not brought by the list that names its file or its folder", () => {
    const instance = object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
      "  namespace: flux-system",
      "spec:",
      "  distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
    ]);
    const folder = "kubernetes/flux/config";
    for (const [entry, file] of [
      ["flux-instance.yaml", "flux-instance.yaml"],
      ["'./flux-instance'", "flux-instance/instance.yaml"],
    ] as const) {
      const list = [`${folder}/kustomization.yaml`, kustomization(["cluster.yaml", "flux.yaml", entry])] as const;
      const inner = `${folder}/flux-instance/kustomization.yaml`;
      const more = file.includes("/") ? { [inner]: kustomization(["instance.yaml"]) } : {};
      const edits = { ...Object.fromEntries([list]), ...more, [`${folder}/${file}`]: instance };
      expect(inShort(chartTree(), edits)).toBe("unproven | safety-unknown FluxInstance flux-system/flux");
      const remote = kustomization(["https://example.invalid/flux-operator/install.yaml"]);
      expect(inShort({ ...chartTree(), "bootstrap/kustomization.yaml": remote }, edits)).not.toContain("unproven");
    }
  });

  test("is quiet where it was used before, where a chart or a list of charts may bring it, and where Kubernetes has it", () => {
    const used: Files = { ...chartTree(), [`${PLAYER_APP}/pvc.yaml`]: object("Gizmo", "old", "gadgets.acme.dev/v1") };
    expect(inShort(used, bring(object("Gizmo", "more", "gadgets.acme.dev/v1")))).toBe("safe");
    const operator: Files = { ...chartTree(), [`${PLAYER_APP}/helmrelease.yaml`]: chart("gadgets", "bjw-charts") };
    expect(inShort(operator, bring(object("Gizmo", "more", "gadgets.acme.dev/v1")))).toBe("safe");
    const listed: Files = {
      ...chartTree(),
      "bootstrap/helmfile.yaml": "releases: [{name: crds, chart: oci://x/cloudnative-pg}]\n",
    };
    expect(inShort(listed, bring(object("Cluster", "more", "postgresql.cnpg.io/v1")))).toBe("safe");
    for (const [kind, api] of [
      ["Deployment", "apps/v1"],
      ["Ingress", "networking.k8s.io/v1"],
      ["PodDisruptionBudget", "policy/v1"],
      ["HorizontalPodAutoscaler", "autoscaling/v2"],
      ["Service", "v1"],
    ] as const)
      expect(inShort(chartTree(), bring(object(kind, "more", api)))).toBe("safe");
    expect(inShort(chartTree(), bring(crd([NEW]) + object("Widget", "more", "widgets.example.net/v1")))).toBe("safe");
  });

  test("with a newer version than before is an everyday thing", () => {
    const used: Files = {
      ...chartTree(),
      ...bring(object("ExternalSecret", "more", "external-secrets.io/v1beta1")),
    } as Files;
    expect(inShort(used, { [MORE]: object("ExternalSecret", "more", "external-secrets.io/v1") })).toBe("safe");
    // However the one before is written.
    for (const text of [
      '{"apiVersion": "external-secrets.io/v1beta1", "kind": "ExternalSecret", "metadata": {"name": "more"}}',
      "kind: ExternalSecret\nmetadata:\n  name: more\napiVersion: &it external-secrets.io/v1beta1\n",
    ]) {
      const edits = { [MORE]: object("ExternalSecret", "more", "external-secrets.io/v1") };
      expect(inShort({ ...used, [MORE]: text }, edits)).toBe("safe");
    }
  });
});

describe("a namespace", () => {
  const to = (namespace: string) =>
    bring(object("ConfigMap", "more").replace("  name: more", `  name: more\n  namespace: ${namespace}`));
  const chess = "kubernetes/apps/games/chess/ks.yaml";
  const into = (namespace: string): Files => ({
    ...chartTree(),
    [chess]: ks("chess", CHESS_APP),
    [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts").replace(
      "  name: chess",
      `  name: chess\n  namespace: ${namespace}`,
    ),
  });

  test("that nothing makes is open", () => {
    const { verdict, findings } = says(into("games"), to("arcade"));
    expect(verdict).toBe("unproven");
    expect(findings.at(-1)?.what).toContain("Namespace arcade is made by nothing here");
    expect(findings.at(-1)?.next).toContain("kubectl get namespace arcade");
  });

  test("that differs by a letter from one in Git is a typo", () => {
    expect(inShort(into("games"), to("gamess"))).toBe("unsafe | namespace-missing ConfigMap gamess/more");
  });

  const releaseTo = (...spec: string[]) => {
    const text = chart("more", "bjw-charts", ["targetNamespace: arcade", ...spec]);
    return { ...to("games"), [MORE]: text.replace("  name: more", "  name: more\n  namespace: games") };
  };

  test("that a release goes to is told at its field, and is one of the cluster that it goes to", () => {
    const { findings } = says(into("games"), releaseTo());
    const line =
      releaseTo()
        [MORE]!.split("\n")
        .findIndex((text) => text.includes("targetNamespace")) + 1;
    expect(findings.find(({ resource }) => resource === "Namespace arcade")?.at).toMatchObject({ file: MORE, line });
    const far = "kubeConfig: {secretRef: {name: other}}";
    expect(inShort(into("games"), releaseTo(far))).not.toContain("Namespace arcade");
    // What one creates there is not here.
    const both = {
      ...releaseTo(far, "install: {createNamespace: true}"),
      [LIST]: kustomization(["helmrelease.yaml", "more.yaml", "own.yaml"]),
    };
    const own = object("ConfigMap", "own").replace("  name: own", "  name: own\n  namespace: arcade");
    expect(inShort(into("games"), { ...both, [`${CHESS_APP}/own.yaml`]: own })).toContain("Namespace arcade");
  });

  test("that is there before the change, or that Kubernetes or Flux brings", () => {
    for (const name of ["default", "kube-system", "kube-public", "kube-node-lease", "flux-system", "'${NAME}'"])
      expect(inShort(into("games"), to(name))).not.toContain("Namespace");
    const twice: Files = { ...into("games"), ...(to("arcade") as Files) };
    expect(inShort(twice, { [MORE]: twice[MORE]!.replace("name: more", "name: other") })).not.toContain(
      "Namespace arcade",
    );
    const there: Files = { ...into("games"), ...(releaseTo() as Files) };
    expect(inShort(there, releaseTo("timeout: 9m"))).toBe("safe");
  });

  test("is quiet where Git makes it, where something lived before, and where a release creates it", () => {
    expect(inShort(into("games"), to("media"))).toBe("safe");
    expect(inShort(into("games"), to("kube-system"))).toBe("safe");
    const lived: Files = {
      ...into("games"),
      [`${PLAYER_APP}/pvc.yaml`]: object("ConfigMap", "x"),
      "kubernetes/apps/media/player/ks.yaml": ks("player", PLAYER_APP, ["targetNamespace: arcade"]),
    };
    expect(inShort(lived, to("arcade"))).toBe("safe");
    const edits = to("games");
    edits[MORE] = chart("more", "bjw-charts", ["targetNamespace: arcade", "install: {createNamespace: true}"]).replace(
      "  name: more",
      "  name: more\n  namespace: games",
    );
    expect(inShort(into("games"), edits)).toBe("safe");
    edits[MORE] = edits[MORE]!.replace("createNamespace: true", "createNamespace: false");
    expect(inShort(into("games"), edits)).toBe("unproven | safety-unknown Namespace arcade");
    expect(
      inShort(into("games"), {
        ...to("arcade"),
        [LIST]: kustomization(["helmrelease.yaml", "more.yaml", "ns.yaml"]),
        [`${CHESS_APP}/ns.yaml`]: object("Namespace", "arcade"),
      }),
    ).toBe("safe");
  });
});

test("an app in a namespace of its own is an everyday thing", () => {
  const tree = chartTree();
  const edits: Edits = {
    "kubernetes/apps/tools/kustomization.yaml": kustomization(["namespace.yaml", "hammer/ks.yaml"]),
    "kubernetes/apps/tools/namespace.yaml": object("Namespace", "tools"),
    "kubernetes/apps/tools/hammer/ks.yaml": ks("hammer", "kubernetes/apps/tools/hammer/app", [
      "targetNamespace: tools",
      "dependsOn: [{name: player}]",
    ]),
    "kubernetes/apps/tools/hammer/app/kustomization.yaml": kustomization(["helmrelease.yaml", "pvc.yaml"]),
    "kubernetes/apps/tools/hammer/app/helmrelease.yaml": chart("hammer", "bjw-charts"),
    "kubernetes/apps/tools/hammer/app/pvc.yaml": object("PersistentVolumeClaim", "hammer"),
  };
  expect(inShort(tree, edits)).toBe("safe");
});

test("the Flux that runs is known where the file of its install is edited and its version stays", () => {
  const FLUX = "kubernetes/flux/config/flux.yaml";
  const tree = chartTree();
  tree[FLUX] = tree[FLUX]!.replace("v2.6.4", "v2.4.0").replace("source.toolkit.fluxcd.io/v1", "$&beta2");
  const later = { [FLUX]: tree[FLUX].replace("source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1") };
  expect(inShort(tree, later)).toContain("api-not-served OCIRepository flux-system/flux-manifests");
  expect(inShort(tree, { [FLUX]: later[FLUX]!.replace("v2.4.0", "v2.6.4") })).not.toContain("api-not-served");
  expect(inShort(tree, { [FLUX]: `${tree[FLUX]}# checked\n` })).toBe("safe");
});
