import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const CONFIG = "kubernetes/flux/config";
const FILE = `${CONFIG}/tenants.yaml`;

const set = (spec: string[], name = "tenants", annotations = "{}") =>
  object("ResourceSet", name, "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    `  annotations: ${annotations}`,
    "spec:",
    ...spec.map((line) => `  ${line}`),
  ]);

const MAKES_KS = [
  "- apiVersion: kustomize.toolkit.fluxcd.io/v1",
  "  kind: Kustomization",
  "  metadata: {name: << inputs.name >>, namespace: flux-system}",
  "  spec: {interval: 1h, prune: true, targetNamespace: << inputs.name >>, path: './tenants/<< inputs.name >>', sourceRef: {kind: GitRepository, name: home}}",
];
const TENANTS = ["inputs: [{name: one}, {name: two}]", "resources:", ...MAKES_KS.map((line) => `  ${line}`)];

const provider = (name: string, values: string, type = "Static", labels = "{}") =>
  object("ResourceSetInputProvider", name, "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    `  labels: ${labels}`,
    "spec:",
    `  type: ${type}`,
    `  defaultValues: ${values}`,
  ]);

function treeOf(text: string, more: Files = {}): Files {
  const files = ["cluster.yaml", "flux.yaml", "tenants.yaml"];
  return {
    ...homeTree(),
    [FILE]: text,
    [`${CONFIG}/kustomization.yaml`]: kustomization(files),
    "tenants/one/claim.yaml": object("PersistentVolumeClaim", "one"),
    "tenants/one/web.yaml": object("Deployment", "web", "apps/v1"),
    "tenants/two/claim.yaml": object("PersistentVolumeClaim", "two"),
    ...more,
  };
}

function answer(edits: Edits, tree: Files) {
  const { safety, blockers } = judge(tree, edits);
  return {
    verdict: safety.verdict,
    goes: safety.dangers.map(({ resource }) => resource).sort(),
    open: safety.unknown.map(({ what }) => what),
    blockers,
  };
}

const ONE = ["Kustomization flux-system/one", "PersistentVolumeClaim one/one"];

describe("what leaves a folder that a made Kustomization reads", () => {
  const steps = ["steps:", "  - name: first", "    resources:", ...MAKES_KS.map((line) => `      ${line}`)];
  const template = ["resourcesTemplate: |", "  ---", ...MAKES_KS.map((line) => `  ${line.slice(2)}`)];
  const loops = [
    "resourcesTemplate: |",
    "  <<- range $name := inputs.names >>",
    "  ---",
    ...MAKES_KS.map((line) => `  ${line.slice(2).replaceAll("inputs.name ", "$name ")}`),
    "  <<- end >>",
  ];
  test.each<[string, string[]]>([
    ["resources", TENANTS],
    ["steps", ["inputs: [{name: one}]", ...steps]],
    ["a template", ["inputs: [{name: one}]", ...template]],
    ["a template with a loop", ["inputs: [{names: [one, two]}]", ...loops]],
    [
      "pipelines",
      TENANTS.map((line) =>
        line.replace("name: << inputs.name >>,", 'name: << inputs.name | lower | trimSuffix "-x" | quote >>,'),
      ),
    ],
  ])("is named: %s", (_, spec) => {
    const found = answer({ "tenants/one/claim.yaml": undefined }, treeOf(set(spec)));
    expect(found).toEqual({ verdict: "deletes", goes: ONE.slice(1), open: [], blockers: [] });
  });

  test("is named where it lies in a base that the folder lists", () => {
    const base = "tenants/base";
    const tree = treeOf(set(TENANTS), {
      "tenants/one/kustomization.yaml": kustomization(["../base"]),
      [`${base}/kustomization.yaml`]: kustomization(["db.yaml", "map.yaml"]),
      [`${base}/map.yaml`]: object("ConfigMap", "map"),
      [`${base}/db.yaml`]: object("PersistentVolumeClaim", "db"),
    });
    expect(
      answer({ [`${base}/kustomization.yaml`]: kustomization(["map.yaml"]), [`${base}/db.yaml`]: undefined }, tree)
        .goes,
    ).toEqual(["PersistentVolumeClaim one/db"]);
  });

  test("stays where the file stays, and another tenant's is not touched", () => {
    const edits = { "tenants/one/web.yaml": object("Deployment", "web", "apps/v1", ["spec: {replicas: 2}"]) };
    expect(answer(edits, treeOf(set(TENANTS))).verdict).toBe("safe");
  });
});

describe("inputs", () => {
  const without = set(TENANTS).replace("{name: one}, ", "");

  test("that are taken out take along what they made, on purpose", () => {
    const found = answer({ [FILE]: without }, treeOf(set(TENANTS)));
    expect(found).toEqual({ verdict: "deletes", goes: ["Deployment one/web", ...ONE].sort(), open: [], blockers: [] });
  });

  test("that are renamed delete what they made by accident", () => {
    const found = answer({ [FILE]: set(TENANTS).replace("name: one", "name: uno") }, treeOf(set(TENANTS)));
    expect(found.verdict).toBe("unsafe");
    expect(found.goes).toContain(ONE[1]);
  });

  test("that come, or say something else of content, take nothing away", () => {
    const more = set(TENANTS).replace("{name: two}", "{name: two}, {name: two, size: 3}");
    expect(answer({ [FILE]: more }, treeOf(set(TENANTS))).verdict).toBe("safe");
  });

  const FROM = ["inputsFrom: [{kind: ResourceSetInputProvider, name: static}]", ...TENANTS.slice(1)];
  const STATIC = `${CONFIG}/static.yaml`;
  const listed = kustomization(["cluster.yaml", "flux.yaml", "tenants.yaml", "static.yaml"]);
  const tree = treeOf(set(FROM), {
    [STATIC]: provider("static", "{name: one}"),
    [`${CONFIG}/kustomization.yaml`]: listed,
  });

  test("of a static provider are read, and what they no longer make goes", () => {
    expect(answer({ "tenants/one/claim.yaml": undefined }, tree).goes).toEqual([ONE[1]]);
    const found = answer({ [STATIC]: provider("static", "{name: two}") }, tree);
    expect(found.verdict).toBe("unsafe");
    expect(found.goes).toContain(ONE[1]);
    expect(answer({ [STATIC]: provider("static", "{name: one, note: hello}") }, tree).verdict).toBe("safe");
  });

  test("of a provider in another folder are read as well", () => {
    const far = "kubernetes/flux/vars/static.yaml";
    const other = treeOf(set(FROM), { [far]: provider("static", "{name: one}") });
    expect(answer({ [far]: provider("static", "{name: two}") }, other).goes).toContain(ONE[1]);
  });

  test("of a provider that goes stop the operator, which deletes nothing", () => {
    const gone = {
      [STATIC]: undefined,
      [`${CONFIG}/kustomization.yaml`]: kustomization(["cluster.yaml", "flux.yaml", "tenants.yaml"]),
    };
    const found = answer(gone, tree);
    expect(found.verdict).toBe("unsafe");
    expect(found.goes).toEqual(["ResourceSetInputProvider flux-system/static"]);
  });

  test("of providers that labels select go with the provider", () => {
    const SELECT = [
      "inputsFrom: [{kind: ResourceSetInputProvider, selector: {matchLabels: {a: b}}}]",
      ...TENANTS.slice(1),
    ];
    const all = (text: string) => ({ ...tree, [FILE]: set(SELECT), [STATIC]: text });
    const two =
      provider("static", "{name: one}", "Static", "{a: b}") + provider("more", "{name: two}", "Static", "{a: b}");
    const found = answer({ [STATIC]: provider("more", "{name: two}", "Static", "{a: b}") }, all(two));
    expect(found.goes).toEqual(expect.arrayContaining(ONE));
    expect(found.verdict).toBe("deletes");
  });

  test("of providers that labels select break where all of them get other labels", () => {
    const SELECT = [
      "inputsFrom: [{kind: ResourceSetInputProvider, selector: {matchLabels: {a: b}}}]",
      ...TENANTS.slice(1),
    ];
    const labelled = (label: string) => provider("static", "{name: one}", "Static", `{a: ${label}}`);
    const whole = { ...tree, [FILE]: set(SELECT), [STATIC]: labelled("b") };
    expect(answer({ [STATIC]: labelled("c") }, whole)).toMatchObject({
      verdict: "unsafe",
      blockers: ["reference-breaks"],
    });
    const more = provider("more", "{name: two}", "Static", "{a: b}");
    const one = answer({ [STATIC]: labelled("c") + more }, { ...whole, [STATIC]: labelled("b") + more });
    expect(one.blockers).toEqual([]);
  });

  test("of a provider that labels select break where it goes to another namespace", () => {
    const SELECT = [
      "inputsFrom: [{kind: ResourceSetInputProvider, selector: {matchLabels: {a: b}}}]",
      ...TENANTS.slice(1),
    ];
    const own = provider("static", "{name: one}", "Static", "{a: b}");
    const moved = (label: string) =>
      provider("static", "{name: one}", "Static", `{a: ${label}}`).replace(
        "namespace: flux-system",
        "namespace: media",
      );
    const whole = { ...tree, [FILE]: set(SELECT), [STATIC]: own };
    expect(answer({ [STATIC]: moved("b") }, whole)).toMatchObject({
      verdict: "unsafe",
      blockers: ["reference-breaks"],
    });
    expect(answer({ [STATIC]: moved("c") }, whole).blockers).toEqual([]);
    // One that goes is another matter, though one of its name stands in another namespace all along.
    const goes = answer({ [STATIC]: moved("b") }, { ...whole, [STATIC]: own + moved("b") });
    expect(goes.blockers).toEqual(["wanted-may-go"]);
  });

  test("of other providers are unknown, which only matters where the change touches it", () => {
    const git = { ...tree, [STATIC]: provider("static", "{}", "GitHubPullRequest") };
    expect(answer({ [STATIC]: provider("static", "{}", "GitHubBranch") }, git).verdict).toBe("unproven");
    expect(answer({ "tenants/one/claim.yaml": undefined }, git).verdict).toBe("unproven");
    expect(answer({ "README.md": "Hello\n" }, git).verdict).toBe("safe");
  });

  test("of artifacts in the cluster are those that its selectors choose", () => {
    const chooses = (name: string) => provider("static", "{}", `ExternalArtifact\n  selectors: [{name: ${name}}]`);
    const artifacts = { ...tree, [STATIC]: chooses("one") };
    expect(answer({ [STATIC]: chooses("two") }, artifacts).verdict).toBe("unproven");
  });
});

describe("a ResourceSet", () => {
  test("that goes takes all of it along", () => {
    const edits = { [FILE]: undefined, [`${CONFIG}/kustomization.yaml`]: kustomization(["cluster.yaml", "flux.yaml"]) };
    const found = answer(edits, treeOf(set(TENANTS)));
    expect(found.verdict).toBe("deletes");
    expect(found.goes).toEqual(expect.arrayContaining(["ResourceSet flux-system/tenants", ...ONE]));
  });

  test("that is paused deletes nothing", () => {
    const paused = set(TENANTS, "tenants", "{fluxcd.controlplane.io/reconcile: disabled}");
    expect(answer({ [FILE]: paused.replace("{name: one}, ", "") }, treeOf(paused)).goes).toEqual([]);
  });

  test("keeps what says so", () => {
    const keep = TENANTS.map((line) =>
      line.replace(
        "namespace: flux-system}",
        "namespace: flux-system, annotations: {fluxcd.controlplane.io/prune: disabled}}",
      ),
    );
    expect(answer({ [FILE]: set(keep).replace("{name: one}, ", "") }, treeOf(set(keep))).goes).toEqual([]);
  });

  test("leaves out what an input switches off", () => {
    const off = TENANTS.map((line) =>
      line.replace(
        "namespace: flux-system}",
        'namespace: flux-system, annotations: {fluxcd.controlplane.io/reconcile: << if eq inputs.name "one" >>disabled<< else >>enabled<< end >>}}',
      ),
    );
    const found = answer({ [FILE]: set(off) }, treeOf(set(TENANTS)));
    expect(found.goes).toEqual(expect.arrayContaining(ONE));
  });

  test("that the operator cannot build is said: it never builds", () => {
    const missing = set(TENANTS).replaceAll("inputs.name", "inputs.nmae");
    const found = answer({ [FILE]: missing }, treeOf(set(TENANTS)));
    expect(found).toMatchObject({ verdict: "unsafe", goes: [], blockers: ["build-breaks"] });
  });

  test("with what is not evaluated is unproven where the change touches it", () => {
    const odd = set(TENANTS).replace("<< inputs.name >>, namespace", "<< inputs.name | sha256sum >>, namespace");
    expect(answer({ [FILE]: odd }, treeOf(set(TENANTS))).verdict).toBe("unproven");
    expect(answer({ "README.md": "Hello\n" }, treeOf(odd)).verdict).toBe("safe");
  });

  test("makes releases and plain objects too", () => {
    const plain = [
      "inputs: [{name: one, size: 1Gi}]",
      "resources:",
      "  - apiVersion: v1",
      "    kind: PersistentVolumeClaim",
      "    metadata: {name: << inputs.name >>, namespace: media}",
      "    spec: {resources: {requests: {storage: << inputs.size >>}}}",
      "  - apiVersion: v1",
      "    kind: ConfigMap",
      "    metadata: {name: << inputs.name >>, namespace: media}",
    ];
    const found = answer({ [FILE]: set(plain.slice(0, 2).concat(plain.slice(6))) }, treeOf(set(plain)));
    expect(found).toMatchObject({ verdict: "deletes", goes: ["PersistentVolumeClaim media/one"] });
    expect(answer({ [FILE]: set(plain).replace("1Gi", "2Gi") }, treeOf(set(plain))).verdict).toBe("safe");
  });

  test("makes a source of its own that its Kustomizations read", () => {
    const own = [
      ...TENANTS,
      "  - apiVersion: source.toolkit.fluxcd.io/v1",
      "    kind: GitRepository",
      "    metadata: {name: << inputs.name >>, namespace: flux-system}",
      "    spec: {interval: 1h, url: 'https://git.example.invalid/me/home.git', ref: {branch: main}}",
    ].map((line) => line.replace("name: home}", "name: << inputs.name >>}"));
    const found = answer({ "tenants/one/claim.yaml": undefined }, treeOf(set(own)));
    expect(found).toMatchObject({ verdict: "deletes", goes: [ONE[1]] });
  });

  test("reads a file that a static app reads as well", () => {
    const tree = treeOf(set(TENANTS), {
      "kubernetes/apps/media/player/app/kustomization.yaml": kustomization([
        "helmrelease.yaml",
        "pvc.yaml",
        "../../../../../tenants/one",
      ]),
      "tenants/one/kustomization.yaml": kustomization(["claim.yaml", "web.yaml"]),
    });
    const found = answer(
      { "tenants/one/claim.yaml": undefined, "tenants/one/kustomization.yaml": kustomization(["web.yaml"]) },
      tree,
    );
    expect(found.goes).toEqual(["PersistentVolumeClaim media/one", "PersistentVolumeClaim one/one"]);
  });
});

test("a Kustomization of a ResourceSet is as any other: what it needs and lacks is said", () => {
  const path = TENANTS.map((line) => line.replace("./tenants/<< inputs.name >>", "./tenants/<< inputs.nam >>"));
  expect(answer({ [FILE]: set(path) }, treeOf(set(TENANTS))).verdict).toBe("unsafe");
  const typo = TENANTS.map((line) => line.replace("./tenants/", "./tenant/"));
  expect(answer({ [FILE]: set(typo) }, treeOf(set(TENANTS)))).toMatchObject({
    verdict: "unsafe",
    blockers: ["build-breaks"],
  });
});

test("what decides when a ResourceSet is applied, and as whom, alters nothing of what cannot be read", () => {
  const of = (more: string[]) =>
    set([
      "inputsFrom: [{kind: ResourceSetInputProvider, name: pulls}]",
      ...more,
      "resources:",
      ...MAKES_KS.map((line) => `  ${line}`),
    ]);
  const pulls = provider("pulls", "{a: b}", "GitHubPullRequest");
  const tree = treeOf(of([]) + pulls);
  expect(answer({ [FILE]: of(["wait: true"]) + pulls }, tree)).toMatchObject({ verdict: "safe", open: [] });
  expect(answer({ [FILE]: of(["commonMetadata: {labels: {a: b}}"]) + pulls }, tree).verdict).toBe("unproven");
});

test("what cannot be read after the change is not said to go", () => {
  const unread = TENANTS.map((line) =>
    line.replace("targetNamespace: << inputs.name >>", "targetNamespace: << inputs.name | title >>"),
  );
  const said = answer({ [FILE]: set(unread) }, treeOf(set(TENANTS)));
  const { findings } = judge(treeOf(set(TENANTS)), { [FILE]: set(unread) });
  expect(said).toMatchObject({ verdict: "unproven", goes: [] });
  expect(said.open[0]).toContain("(the function title)");
  expect(findings.map(({ rule }) => rule)).toEqual(["safety-unknown"]);
});

describe("a made Kustomization on another repository", () => {
  const made = (path: string, prune = true, source = "team") => [
    ...["inputs: [{name: one}, {name: two}]", "resources:"],
    ...["  - apiVersion: source.toolkit.fluxcd.io/v1", "    kind: OCIRepository"],
    `    metadata: {name: ${source}, namespace: << inputs.name >>}`,
    "    spec: {interval: 1h, url: 'oci://registry.example.invalid/<< inputs.name >>', ref: {tag: latest}}",
    ...["  - apiVersion: kustomize.toolkit.fluxcd.io/v1", "    kind: Kustomization"],
    "    metadata: {name: team, namespace: << inputs.name >>}",
    `    spec: {interval: 1h, prune: ${prune}, path: ${path}, sourceRef: {kind: OCIRepository, name: team}, postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}}`,
  ];
  const SETTINGS = `${CONFIG}/settings.yaml`;
  const settings = (data: string) => object("ConfigMap", "settings", "v1", ["  namespace: flux-system", data]);
  const files = ["cluster.yaml", "flux.yaml", "tenants.yaml", "settings.yaml"];
  const tree = treeOf(set(made("./deploy")), {
    [`${CONFIG}/kustomization.yaml`]: kustomization(files),
    [SETTINGS]: settings("data: {DOMAIN: one.example}"),
  });
  const verdictOf = (edits: Edits) => answer(edits, tree).verdict;

  test("whose source the same ResourceSet makes may prune no more", () => {
    expect(verdictOf({ [FILE]: set(made("./deploy", false)) })).toBe("safe");
    expect(verdictOf({ [FILE]: set(made("./other")) })).toBe("unproven");
    expect(verdictOf({ [FILE]: set(made("./deploy", true, "teams")) })).toBe("unsafe");
  });

  test("substitutes what is copied from other settings", () => {
    expect(verdictOf({ [SETTINGS]: settings("data: {DOMAIN: two.example}") })).toBe("unproven");
    expect(verdictOf({ [SETTINGS]: settings("data: {DOMAIN: one.example, MORE: x}") })).toBe("safe");
  });
});
