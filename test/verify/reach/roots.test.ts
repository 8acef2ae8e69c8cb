import { describe, expect, test } from "vitest";
import type { VerifyInput } from "../../../src/safety/verify.ts";
import { verifyEdits } from "../edited.ts";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";

const SECOND = "clusters/second";

/** A cluster in `clusters/second` whose root is in no file: two apps and a namespace of their own. */
const second: Files = {
  [`${SECOND}/apps.yaml`]: ks("shop", "shop", ["targetNamespace: shop"], "flux-system"),
  [`${SECOND}/blog.yaml`]: ks("blog", "blog", ["targetNamespace: blog"], "flux-system"),
  [`${SECOND}/spaces.yaml`]: object("Namespace", "shop") + object("Namespace", "blog"),
  "shop/claim.yaml": object("PersistentVolumeClaim", "orders"),
  "shop/web.yaml": object("Deployment", "web", "apps/v1"),
  "blog/web.yaml": object("Deployment", "web", "apps/v1"),
};

const terraform = (path: string) =>
  `resource "flux_bootstrap_git" "this" {\n  components_extra = ["x"]\n  path = ${path}\n}\n`;

function answer(edits: Edits, tree: Files, more: Partial<VerifyInput> = {}) {
  const { verdict, clusters, findings } = verifyEdits(edits, tree, [], more);
  const goes = clusters.flatMap(({ safety }) => safety.dangers.map(({ resource }) => resource)).sort();
  const open = clusters.flatMap(({ safety }) => safety.unknown.map(({ what }) => what));
  return { verdict, goes, open, clusters: clusters.map(({ cluster }) => cluster), findings };
}

const LOST = ["Kustomization flux-system/shop", "PersistentVolumeClaim shop/orders"];
/** The claim stays in the tree, and the FluxKustomization that holds it is taken out. */
const drop: Edits = { [`${SECOND}/apps.yaml`]: undefined };
/** A path that points elsewhere takes the claim along by accident. */
const slip: Edits = { [`${SECOND}/apps.yaml`]: ks("shop", "blog", ["targetNamespace: shop"], "flux-system") };

describe.each<[string, Files]>([
  ["alone", {}],
  ["beside a recognised cluster", homeTree()],
])("a root that is not in Git, %s", (_, base) => {
  const plain: Files = { ...base, ...second };
  const told: [string, Files][] = [
    ["Terraform", { "infra/main.tf": terraform(`"${SECOND}"`) }],
    [
      "Terraform with a variable's default",
      {
        "infra/main.tf": terraform("var.target"),
        "infra/vars.tf": `variable "target" {\n  type = string\n  default = "./${SECOND}"\n}\n`,
      },
    ],
    ["Terraform with a variable in it", { "infra/main.tf": terraform('"clusters/${var.name}"') }],
    ["the older provider", { "infra/main.tf": `data "flux_sync" "main" {\n  target_path = "${SECOND}"\n}\n` }],
    [
      "an argument of the chart",
      {
        "infra/main.tf": `resource "helm_release" "flux" {\n  set = [{ name = "instance.sync.path", value = "${SECOND}" }]\n}\n`,
      },
    ],
    [
      "values of the chart in Terraform",
      {
        "infra/main.tf": `resource "helm_release" "flux" {\n  values = [yamlencode({ instance = {\n    sync = {\n      kind = "GitRepository"\n      path = "${SECOND}"\n    }\n  } })]\n}\n`,
      },
    ],
    [
      "an argument of the chart of a source and a root",
      {
        "infra/main.tf": `resource "helm_release" "sync" {\n  chart = "flux2-sync"\n  set {\n    name  = "kustomization.spec.path"\n    value = "./${SECOND}"\n  }\n}\n`,
      },
    ],
    [
      "values of the chart of a source and a root",
      {
        "infra/main.tf": `resource "helm_release" "sync" {\n  chart = "flux2-sync"\n  values = [yamlencode({\n    kustomization = {\n      spec = {\n        interval = "1m"\n        path     = "${SECOND}"\n      }\n    }\n  })]\n}\n`,
      },
    ],
    [
      "a values file of the chart",
      {
        "infra/values.yaml": `instance:\n  sync:\n    kind: GitRepository\n    url: https://git.example.invalid/me/home.git\n    path: ${SECOND}\n`,
      },
    ],
    [
      "an unfilled bootstrap folder",
      {
        [`${SECOND}/flux-system/gotk-sync.yaml`]: "# filled in by flux bootstrap\n",
        [`${SECOND}/flux-system/gotk-components.yaml`]: "",
      },
    ],
    ["a script", { "bootstrap.sh": `flux bootstrap github \\\n  --owner=me \\\n  --path=${SECOND}\n` }],
  ];

  test.each(told)("is told by %s", (_name, files) => {
    const found = answer(slip, { ...plain, ...files });
    expect(found.verdict).toBe("unsafe");
    expect(found.clusters).toContain(SECOND);
    expect(found.goes).toContain(LOST[1]);
    expect(found.findings.filter(({ rule }) => rule === "root-outside").map(({ level }) => level)).toEqual(["info"]);
  });

  test.each([
    [
      "a map of Terraform",
      (prune: boolean) =>
        `resource "kubernetes_manifest" "keys" {\n  manifest = {\n    "apiVersion" = "kustomize.toolkit.fluxcd.io/v1"\n    "kind" = "Kustomization"\n    "spec" = {\n      "path" = "./keys"\n      "prune" = ${prune}\n      "sourceRef" = {\n        "kind" = "GitRepository"\n      }\n    }\n  }\n}\n`,
    ],
    [
      "YAML in Terraform",
      (prune: boolean) =>
        `resource "kubectl_manifest" "keys" {\n  yaml_body = <<-YAML\n    apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind: Kustomization\n    spec:\n      path: ./keys\n      prune: ${prune}\n  YAML\n}\n`,
    ],
  ])("is a Kustomization that %s applies, whatever its folder holds", (_name, write) => {
    const tree = {
      ...base,
      "keys/key.yaml": object("ConfigMap", "key"),
      "keys/other.yaml": object("ConfigMap", "other"),
    };
    const edits = { "keys/key.yaml": undefined };
    const found = answer(edits, { ...tree, "infra/keys.tf": write(true) });
    expect([found.verdict, found.goes]).toEqual(["deletes", ["ConfigMap default/key"]]);
    const [said] = found.findings.filter(({ rule }) => rule === "root-outside");
    expect(said?.what).toMatch(/_manifest\.keys applies a Kustomization on keys, outside of Git/);
    expect(answer(edits, { ...tree, "infra/keys.tf": write(false) }).goes).toEqual([]);
  });

  test("is told of where all its FluxKustomizations come from a base", () => {
    const { [`${SECOND}/apps.yaml`]: shop = "", [`${SECOND}/blog.yaml`]: _blog, ...rest } = plain;
    const tree: Files = {
      ...rest,
      "bases/shop/apps.yaml": shop,
      "bases/shop/kustomization.yaml": kustomization(["apps.yaml"]),
      [`${SECOND}/kustomization.yaml`]: kustomization(["../../bases/shop", "spaces.yaml"]),
    };
    const edits = { "bases/shop/apps.yaml": slip[`${SECOND}/apps.yaml`] };
    const found = answer(edits, { ...tree, "infra/main.tf": terraform(`"${SECOND}"`) });
    expect([found.verdict, found.clusters.includes(SECOND), found.goes.includes(LOST[1]!)]).toEqual([
      "unsafe",
      true,
      true,
    ]);
  });

  test("is told by --root", () => {
    expect(answer(slip, plain, { roots: [`./${SECOND}/`] }).goes).toContain(LOST[1]);
    const { verdict, goes } = answer(drop, plain, { roots: [SECOND] });
    expect([verdict, goes]).toEqual(["deletes", [...LOST.slice(0, 1), "Deployment shop/web", LOST[1]].sort()]);
  });

  test("is judged as any other cluster: what keeps its objects is safe", () => {
    const edits = { "shop/web.yaml": object("Deployment", "web", "apps/v1", ["spec: {replicas: 2}"]) };
    expect(answer(edits, plain, { roots: [SECOND] }).verdict).toBe("safe");
    expect(answer({ "README.md": "Hello\n" }, plain, { roots: [SECOND] }).verdict).toBe("safe");
  });

  test("that moves takes along what the new folder does not hold", () => {
    const tree = {
      ...plain,
      "infra/main.tf": terraform(`"${SECOND}"`),
      "clusters/third/a.yaml": object("Namespace", "a"),
    };
    const { verdict, findings } = answer({ "infra/main.tf": terraform('"clusters/third"') }, tree);
    expect(verdict).toBe("unsafe");
    expect(findings.find(({ rule, level }) => rule === "root-outside" && level === "blocker")?.what).toContain(
      "starts Flux from clusters/third instead of clusters/second",
    );
    expect(answer({ "infra/main.tf": undefined }, tree).verdict).toBe("unsafe");
    expect(answer({ "infra/main.tf": `# Flux\n${terraform(`"${SECOND}"`)}` }, tree).verdict).toBe("safe");
  });

  test("is not made up from what is commented out", () => {
    const apart = { "infra/main.tf": `/*\n${terraform(`"${SECOND}"`)}*/\n` };
    expect(answer(drop, { ...plain, ...apart }).goes).toEqual(answer(drop, plain).goes);
    expect(answer(drop, { ...plain, ...apart }).verdict).toBe(answer(drop, plain).verdict);
  });

  test("is not made up from an archive, or from a folder that is not there", () => {
    const files = { "archive/main.tf": terraform(`"${SECOND}"`), "infra/main.tf": terraform('"clusters/nowhere"') };
    expect(answer({ "README.md": "Hello\n" }, { ...plain, ...files }).clusters).not.toContain(SECOND);
  });
});

test("where no cluster is recognised, --root is named, which settles it", () => {
  const tree = {
    "apps/kustomization.yaml": kustomization(["a.yaml"]),
    "apps/a.yaml": object("ConfigMap", "a", "v1", ["  namespace: media"]),
  };
  const edits = { "apps/kustomization.yaml": kustomization([]), "apps/a.yaml": undefined };
  const { verdict, findings } = verifyEdits(edits, tree);
  expect([verdict, findings.map(({ next }) => next.includes("--root FOLDER"))]).toEqual(["unproven", [true]]);
  expect(verifyEdits(edits, tree, [], { roots: ["apps"] }).verdict).toBe("deletes");
});

test("a folder that is not there is no root", () => {
  expect(() => verifyEdits({ a: "b\n" }, homeTree(), [], { roots: ["kubernetes/nope"] })).toThrow(/--root/);
});

test("the root of a recognised cluster is not judged twice", () => {
  const { clusters } = verifyEdits({ a: "b\n" }, homeTree(), [], { roots: ["kubernetes/flux"] });
  expect(clusters.map(({ cluster }) => cluster)).toEqual(["default"]);
});

describe("nothing says where a root is", () => {
  const verdict = (edits: Edits) => answer(edits, { ...homeTree(), ...second });

  test("a Kustomization that nothing delivers and that goes is unproven", () => {
    const found = verdict(drop);
    expect(found.verdict).toBe("unproven");
    expect(found.open.join()).toContain("Kustomization flux-system/shop");
  });

  test("one in an archive, or whose folder is not there, is left alone", () => {
    const tree = {
      ...homeTree(),
      "archive/ks.yaml": ks("old", "archive/old"),
      "archive/old/a.yaml": object("ConfigMap", "a"),
    };
    const gone = { "kubernetes/apps/media/other/ks.yaml": ks("other", "kubernetes/nowhere") };
    expect(answer({ "archive/ks.yaml": undefined }, tree).verdict).toBe("safe");
    expect(
      answer(Object.fromEntries(Object.keys(gone).map((key) => [key, undefined])), { ...homeTree(), ...gone }).verdict,
    ).toBe("safe");
  });
});

describe("Terraform beside a root that is in Git", () => {
  const file = "infra/main.tf";
  const tree = { ...homeTree(), [file]: terraform('"kubernetes/flux"') };

  test("is told of another folder, and the root is not", () => {
    const { verdict, findings } = answer({ [file]: terraform('"kubernetes/other"') }, tree);
    expect(verdict).toBe("unproven");
    expect(findings.map(({ rule, what }) => `${rule} ${what}`).join()).toContain(
      "root-outside flux_bootstrap_git.this starts Flux from kubernetes/other instead of kubernetes/flux",
    );
  });

  test.each([undefined, terraform('"./kubernetes/flux"'), `${tree[file]}# a comment\n`])(
    "says nothing else: %j",
    (now) => {
      expect(answer({ [file]: now }, tree).verdict).toBe("safe");
    },
  );
});

describe("a Kustomization that is applied to another cluster", () => {
  const file = "kubernetes/apps/media/player/ks.yaml";
  const path = "kubernetes/apps/media/player/app";
  const into = (name?: string) =>
    ks("player", path, ["targetNamespace: media", ...(name ? [`kubeConfig: {secretRef: {name: ${name}}}`] : [])]);

  test.each<[string, string | undefined, string | undefined]>([
    ["away from the one Flux runs in", undefined, "other"],
    ["to the one Flux runs in", "other", undefined],
    ["from one to the next", "one", "other"],
  ])("is unproven: %s", (_, from, to) => {
    const { verdict, open } = answer({ [file]: into(to) }, { ...homeTree(), [file]: into(from) });
    expect(verdict).toBe("unproven");
    expect(open.join()).toContain("is applied to another cluster afterwards");
  });

  test("is as it was where only its interval changes", () => {
    const tree = { ...homeTree(), [file]: into("other") };
    expect(answer({ [file]: into("other").replace("30m", "1h") }, tree).verdict).toBe("safe");
  });
});
