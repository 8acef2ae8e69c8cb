import { describe, expect, test } from "vitest";
import { type Files, FLUX, homeOps, instanceOf, list, migrate, migrateAll, patchesOf, run, yamlOf } from "./support.ts";

const BASE = "kubernetes/flux/base";
const OWN = `${BASE}/kustomization.yaml`;
const ABOVE = "kubernetes/flux/kustomization.yaml";

const PATCHES = `patches:
  - patch: '[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--concurrent=4"}]'
    target: {kind: Deployment, name: kustomize-controller}
  - path: delete.yaml
  - patch: |
      apiVersion: v1
      kind: Service
      metadata: {name: flux-metrics, namespace: flux-system, annotations: {own: "yes"}}
`;
const OVERLAY = `patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: helm-controller, namespace: flux-system}
      spec: {template: {spec: {nodeSelector: {disk: ssd}}}}
`;

/** Flux from the remote base in a folder of its own, beside an object of the owner. */
function onRemoteBase(): Files {
  const { [FLUX]: _, ...files } = homeOps();
  return {
    ...files,
    "kubernetes/flux/config/kustomization.yaml": list("./cluster.yaml"),
    [ABOVE]: list("./config", "./apps.yaml", "./base") + OVERLAY,
    [OWN]: list("github.com/fluxcd/flux2/manifests/install?ref=v2.7.5", "./metrics.yaml") + PATCHES,
    [`${BASE}/metrics.yaml`]:
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: flux-metrics\n  namespace: flux-system\n",
    [`${BASE}/delete.yaml`]:
      "$patch: delete\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: image-automation-controller\n  namespace: flux-system\n",
    justfile: `bootstrap:\n    kubectl apply --server-side -k ${BASE}\n    kubectl apply --server-side -k kubernetes/flux/config\n`,
  };
}

describe("a remote base with other objects beside it", () => {
  test("patches of those stay where they are, and the rest comes along", () => {
    const installed = migrate(onRemoteBase());
    expect(installed.findings.map(({ rule }) => rule)).not.toContain("patch-matches-nothing");
    const carried = patchesOf(installed.files).join();
    expect(carried).toContain("--concurrent=4");
    expect(carried).toContain("$patch: delete");
    expect(carried).not.toContain("flux-metrics");

    const [kept] = yamlOf(migrate(installed.files, { phase: "cutover" }).files, OWN);
    expect(kept.resources).toEqual(["./metrics.yaml"]);
    expect(kept.patches).toHaveLength(1);
    expect(kept.patches[0].patch).toContain("flux-metrics");
  });

  test("a page that leaves the name of an object open names nothing of it", () => {
    const page = "# Use\n\nflux reconcile kustomization <name> --with-source\n";
    const { files } = migrate({ ...onRemoteBase(), "AGENTS.md": page });
    const rules = migrate(files, { phase: "cutover" }).findings.map(({ rule }) => rule);
    expect(rules).not.toContain("docs-name-removed");
  });

  test("patches further out come along too, and go with the base", () => {
    const installed = migrate(onRemoteBase());
    expect(patchesOf(installed.files).join()).toContain("disk: ssd");
    const done = migrateAll(onRemoteBase());
    expect(done[ABOVE]).not.toContain("patches:");
    expect(done[`${BASE}/delete.yaml`]).toBeUndefined();
  });

  test("patches further out come along where the URL names no release", () => {
    const files = onRemoteBase();
    const own = files[OWN]!.replace("ref=v2.7.5", "ref=main");
    const carried = patchesOf(migrate({ ...files, [OWN]: own }, { fluxVersion: "v2.7.5" }).files).join();
    expect(carried).toContain("disk: ssd");
    expect(carried).toContain("--concurrent=4");
    expect(carried).not.toContain("flux-metrics");
  });

  describe("and a component beside it", () => {
    const COMPONENT = "kubernetes/components/common/kustomization.yaml";
    const withComponent = (more = ""): Files => ({
      ...onRemoteBase(),
      [OWN]: `${onRemoteBase()[OWN]}components:\n  - ../../components/common\n`,
      [COMPONENT]: `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources:\n  - settings.yaml\n${more}`,
      "kubernetes/components/common/settings.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: flux-system\n",
    });
    const rulesOf = (files: Files) => run(files).findings.map(({ rule }) => rule);

    test("that brings other objects only stays, with them", () => {
      expect(rulesOf(withComponent())).not.toContain("install-setting-lost");
      const [kept] = yamlOf(migrate(migrate(withComponent()).files, { phase: "cutover" }).files, OWN);
      expect(kept).toMatchObject({ resources: ["./metrics.yaml"], components: ["../../components/common"] });
    });

    test("that brings a patch for what it brings stays too", () => {
      const own = "patches:\n  - {patch: '[]', target: {kind: ConfigMap}}\n";
      expect(rulesOf(withComponent(own))).not.toContain("install-setting-lost");
    });

    test.each([
      ["renames", "namePrefix: own-\n"],
      ["labels", "labels:\n  - pairs: {team: one}\n"],
      ["may patch", "components: [github.com/example/shop//common?ref=v1]\n"],
    ])("that %s the controllers stops the cluster", (_what, more) => {
      const found = run(withComponent(more)).findings.filter(({ rule }) => rule === "install-setting-lost");
      expect(found).toContainEqual(
        expect.objectContaining({ level: "blocker", at: expect.objectContaining({ file: OWN }) }),
      );
    });
  });

  describe("and a component that patches it", () => {
    const COMPONENT = "kubernetes/components/flux/kustomization.yaml";
    const SIZE = "replicas:\n  - {name: helm-controller, count: 2}\n";
    const overDisk = (disk: string) => OVERLAY.replace("ssd", disk);
    const component = (text: string) => `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${text}`;
    /** The list of patches of a kustomization, with one more of the same controller. */
    const named = (text: string, disk: string) => text + overDisk(disk).replace("patches:\n", "");

    test("what both patch is patched in the order of kustomize: component, its owner, what is further out", () => {
      const files = {
        ...onRemoteBase(),
        [OWN]: `${named(onRemoteBase()[OWN]!, "own")}components: [../../components/flux]\n`,
        [COMPONENT]: component(overDisk("component") + SIZE),
      };
      const { files: installed, findings } = migrate(files);
      expect(findings.map(({ rule }) => rule)).not.toContain("install-setting-lost");
      const carried = patchesOf(installed).join("\n---\n");
      const places = ["disk: component", "/spec/replicas", "disk: own", "disk: ssd"].map((word) =>
        carried.indexOf(word),
      );
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places[0]).toBeGreaterThan(-1);
      const done = migrate(installed, { phase: "cutover" }).files;
      expect(done[COMPONENT]).toBeUndefined();
      expect(yamlOf(done, OWN)[0]).not.toHaveProperty("components");
    });

    test.each([OWN, ABOVE])("what it patches of other objects stays, wherever it is named: %s", (path) => {
      const service = PATCHES.slice(PATCHES.indexOf("  - patch: |"));
      const entry = path === OWN ? "../../components/flux" : "../components/flux";
      const files = {
        ...onRemoteBase(),
        [path]: `${onRemoteBase()[path]}components: [${entry}]\n`,
        [COMPONENT]: component(overDisk("component") + service.replace("own:", "more:")),
      };
      const installed = migrate(files).files;
      const carried = patchesOf(installed).join();
      expect(carried).toContain("disk: component");
      expect(carried).not.toContain("flux-metrics");
      const done = migrate(installed, { phase: "cutover" }).files;
      expect(done[COMPONENT]).toContain("more:");
      expect(done[COMPONENT]).not.toContain("disk: component");
      expect(yamlOf(done, path)[0].components).toEqual([entry]);
    });

    test.each([
      ["an image of none of the controllers, which is none of Flux", "images:\n  - {name: shop, newTag: '1'}\n", []],
      [
        "an image of a controller",
        "images:\n  - {name: ghcr.io/fluxcd/helm-controller, newTag: '1'}\n",
        [`caution gotk-image-differs ${COMPONENT}`],
      ],
      ["another namespace", "namespace: shop\n", [`blocker install-setting-lost ${COMPONENT}`]],
    ])("what it says beside patches is judged where it stands: %s", (_what, more, said) => {
      const files = {
        ...onRemoteBase(),
        [OWN]: `${onRemoteBase()[OWN]}components: [../../components/flux]\n`,
        [COMPONENT]: component(overDisk("component") + more),
      };
      const found = run(files).findings.filter(({ level }) => level !== "info");
      expect(found.map(({ level, rule, at }) => `${level} ${rule} ${at?.file}`)).toEqual(said);
    });

    test("one that only the FluxKustomization names is carried over", () => {
      const { "kubernetes/flux/config/cluster.yaml": root, ...rest } = onRemoteBase();
      const files = {
        ...rest,
        "kubernetes/flux/config/cluster.yaml": root!.replace(
          "  path: ./kubernetes/flux\n",
          "  path: ./kubernetes/flux\n  components: [../components/flux]\n",
        ),
        [COMPONENT]: component(overDisk("component")),
      };
      expect(files["kubernetes/flux/config/cluster.yaml"]).toContain("components:");
      expect(patchesOf(migrate(files).files).join()).toContain("disk: component");
    });
  });

  test.each([
    ["its own", OWN],
    ["one further out", ABOVE],
  ])("replicas of %s come along after all its patches, and go with the base", (_whose, path) => {
    const size = "replicas:\n  - {name: helm-controller, count: 2}\n";
    const body = OVERLAY.replace("spec: {template: {spec: {nodeSelector: {disk: ssd}}}}", "spec: {replicas: 3}");
    const files = { ...onRemoteBase(), [path]: onRemoteBase()[path]! + body.replace("patches:\n", "") + size };
    const { files: installed, findings } = migrate(files);
    expect(findings.map(({ rule }) => rule)).not.toContain("install-setting-lost");
    const carried = patchesOf(installed).join("\n---\n");
    const last = carried.lastIndexOf("/spec/replicas");
    expect(carried.slice(last)).toMatch(/^\/spec\/replicas\n +value: 2/);
    expect(carried.slice(last)).not.toContain("replicas: 3");
    const done = migrate(installed, { phase: "cutover" }).files;
    expect(yamlOf(done, path)[0]).not.toHaveProperty("replicas");
  });

  test("what applies the folder installs operator and instance first", () => {
    const { justfile } = migrate(migrate(onRemoteBase()).files, { phase: "cutover" }).files;
    const lines = justfile!.split("\n");
    const operator = lines.findIndex((line) => line.includes("charts/flux-operator"));
    const applied = lines.findIndex((line) => line.includes(`-k ${BASE}`));
    expect(operator).toBeGreaterThan(0);
    expect(applied).toBeGreaterThan(operator);
  });
});

describe("a remote base beside one of another repository, whose objects are in no file", () => {
  const SERVICE = `  - patch: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec: {type: NodePort}
`;
  const ANY = `  - patch: '[{"op": "add", "path": "/metadata/labels/team", "value": "one"}]'
    target: {kind: ServiceAccount}
`;
  const beside = (files: Files, path: string): Files => ({
    ...files,
    [path]: `${files[path]}${SERVICE}${ANY}`.replace(
      "resources:",
      "resources:\n  - github.com/example/shop//deploy?ref=v1",
    ),
  });

  test.each([OWN, ABOVE])("keeps its patches, and what selects any object: %s", (path) => {
    const installed = migrate(beside(onRemoteBase(), path));
    expect(installed.findings.map(({ rule }) => rule)).not.toContain("patch-matches-nothing");
    const carried = patchesOf(installed.files).join();
    expect(carried).toContain("team");
    expect(carried).not.toContain("NodePort");
    const accept = ["Kustomization flux-system/cluster"];
    const [kept] = yamlOf(migrate(installed.files, { phase: "cutover", accept }).files, path);
    const bodies = kept.patches.map(({ patch }: { patch: string }) => patch).join();
    expect(bodies).toContain("NodePort");
    expect(bodies).toContain("team");
    expect(bodies).not.toContain("ssd");
    expect(bodies).not.toContain("--concurrent=4");
  });

  test("and so does one whose objects a kustomization moves into another namespace", () => {
    const files = {
      ...onRemoteBase(),
      [ABOVE]: list("./config", "./apps.yaml", "./base", "./shop") + OVERLAY + SERVICE,
      "kubernetes/flux/shop/kustomization.yaml": `namespace: shop\n${list("./service.yaml")}`,
      "kubernetes/flux/shop/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n",
    };
    const [kept] = yamlOf(migrate(migrate(files).files, { phase: "cutover" }).files, ABOVE);
    expect(kept.patches).toHaveLength(1);
    expect(kept.patches[0].patch).toContain("NodePort");
  });
});

describe("what a kustomization further out sets beside patches", () => {
  const blocked = (settings: string) =>
    run({ ...onRemoteBase(), [ABOVE]: list("./config", "./apps.yaml", "./base") + settings })
      .findings.filter(({ rule }) => ["install-setting-lost", "gotk-image-pinned"].includes(rule))
      .map(({ level, at }) => `${level} ${at?.file}:${at?.line}`);

  test.each([
    ["info", `images:\n  - {name: ghcr.io/fluxcd/helm-controller, digest: "sha256:${"0".repeat(64)}"}\n`],
    ["caution", "labels:\n  - {pairs: {team: one}}\n"],
  ])("reaches the controllers and is said: %s", (level, settings) => {
    expect(blocked(settings)).toEqual([expect.stringMatching(`^${level} ${ABOVE}:`)]);
  });

  test.each([
    "images:\n  - {name: docker.io/library/nginx, newTag: '1'}\n",
    "replicas:\n  - {name: podinfo, count: 2}\n",
  ])("may be about other objects: %s", (settings) => {
    expect(blocked(settings)).toEqual([]);
  });
});

describe("manifests of flux2 other than those of a whole install", () => {
  const folder = (path: string): Files => {
    const { [OWN]: _, ...files } = onRemoteBase();
    const source = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux2, namespace: flux-system}
spec: {interval: 1h, url: "https://github.com/fluxcd/flux2", ref: {tag: v2.7.5}}
`;
    const install = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux, namespace: flux-system}
spec: {interval: 1h, path: ${path}, prune: true, sourceRef: {kind: GitRepository, name: flux2}}
`;
    return {
      ...files,
      [ABOVE]: list("./config", "./apps.yaml", "./flux.yaml"),
      "kubernetes/flux/flux.yaml": `${source}---\n${install}`,
    };
  };
  const base = (url: string): Files => ({ ...onRemoteBase(), [OWN]: list(url, "./metrics.yaml") });

  test.each([
    ["a base", base("github.com/fluxcd/flux2/manifests/openshift?ref=v2.7.5"), OWN],
    ["a folder of the repository", folder("./manifests/openshift"), "kubernetes/flux/flux.yaml"],
  ])(
    "those for OpenShift stop the cluster, as the operator has neither their role nor their patches: %s",
    (_how, files, file) => {
      const stops = run(files).findings.filter(({ level }) => level === "blocker");
      expect(stops.map(({ rule, at }) => [rule, at?.file])).toEqual([["install-setting-lost", file]]);
      expect(stops[0]?.what).toContain("manifests/openshift");
    },
  );

  test("a folder of the owner's may be called so", () => {
    const files = Object.entries(onRemoteBase()).map(([path, text]) => {
      const moved = (one: string) => one.replaceAll("kubernetes/flux/", "manifests/openshift/flux/");
      return [moved(path), moved(text).replaceAll("./kubernetes/flux", "./manifests/openshift/flux")];
    });
    const stops = run(Object.fromEntries(files)).findings.filter(({ rule }) => rule === "install-setting-lost");
    expect(stops).toEqual([]);
  });

  test.each(["ref=refs/tags/v2.6.4", "timeout=90s&ref=v2.6.4", "version=v2.6.4"])(
    "a base names its release by %s",
    (query) => {
      const { files } = migrate(base(`https://github.com/fluxcd/flux2//manifests/install?${query}`));
      expect(instanceOf(files).distribution.version).toBe("2.6.x");
    },
  );

  test("the folder of one component is an install of that one", () => {
    const { files } = migrate(folder("./manifests/bases/source-controller"));
    expect(instanceOf(files).components).toEqual(["source-controller"]);
    expect(instanceOf(migrate(folder("./manifests/install")).files).components).toHaveLength(6);
  });
});
