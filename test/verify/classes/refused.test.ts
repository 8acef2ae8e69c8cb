import { describe, expect, test } from "vitest";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";
import { fluxSchema } from "../../../src/release/flux-schemas.ts";
import { kubeSchema } from "../../../src/release/kube-schemas.ts";
import { verifyEdits } from "../edited.ts";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { CHESS, CHESS_APP, inShort, PLAYER, PLAYER_APP } from "../references/tree.ts";

const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const CLAIM = `${PLAYER_APP}/pvc.yaml`;
const LIST = `${PLAYER_APP}/kustomization.yaml`;
const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const tree = homeTree();
/** The same where a Secret that nobody can see fills variables in. */
const FILLED = ["targetNamespace: media", "postBuild: {substituteFrom: [{kind: Secret, name: given}]}"];
const filled = { ...tree, [PLAYER]: ks("player", PLAYER_APP, FILLED) };
const slip = (file: string, from: string | RegExp, to: string): Edits => {
  const text = tree[file]!.replace(from, to);
  expect(text).not.toBe(tree[file]);
  return { [file]: text };
};
const refusal = (edits: Edits, from: Files = tree) => {
  const { safety, findings } = judge(from, edits);
  const own = findings.filter(({ rule }) => rule === "object-refused");
  return { verdict: safety.verdict, what: own.map(({ what }) => what), at: own.map(({ at }) => at) };
};

describe("a field that its kind does not have", () => {
  test("is named with the one that is meant, at its line", () => {
    const { verdict, what, at } = refusal(slip(CHESS, "dependsOn", "dependOn"));
    expect(verdict).toBe("unsafe");
    expect(what).toEqual([
      "The API server refuses Kustomization flux-system/chess: spec.dependOn is no field there, but dependsOn is. Flux then applies nothing more of Kustomization flux-system/cluster-apps.",
    ]);
    expect(at).toEqual([{ file: CHESS, line: 15, col: 3 }]);
  });

  test.each<[string, Edits]>([
    ["values of a release", slip(HELM, "values:", "value:")],
    ["its chart", slip(HELM, "chart: app,", "chart: app, versions: 1.0.0,")],
    ["at the wrong depth", slip(PLAYER, "  interval: 30m", "  interval: 30m\n  secretRef: {name: x}")],
    ["a root", slip(CLUSTER, "postBuild", "postBuilds")],
  ])("stops its Kustomization: %s", (_, edits) => {
    expect(refusal(edits)).toMatchObject({ verdict: "unsafe", what: [expect.stringContaining("is no field")] });
  });

  // fluxcd/pkg/ssa/normalize, run with such objects: they are printed anew from their Go types.
  test.each<[string, Edits, path: string]>([
    [
      "metadata that holds the spec",
      slip(CLAIM, "  name: player", "  name: player\n  spec: {accessModes: [ReadWriteOnce]}"),
      "metadata.spec",
    ],
    [
      "a claim",
      slip(
        CLAIM,
        "  name: player",
        "  name: player\nspec: {accessMode: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
      ),
      "spec.accessMode",
    ],
    ["a ConfigMap", slip("kubernetes/flux/vars/cluster-settings.yaml", "\ndata:", "\ndat:"), "dat"],
  ])("is left out of an object of Kubernetes without a word: %s", (_, edits, path) => {
    const { safety, findings } = judge(tree, edits);
    const [first] = findings.filter(({ rule }) => rule === "field-ignored");
    expect(safety.verdict).toBe("unsafe");
    expect(first?.what).toContain(`as if ${path} were not there: it is no field`);
    expect(refusal(edits).what.filter((what) => what.includes("is no field"))).toEqual([]);
  });

  test("may be new in Flux where nothing is close to it", () => {
    expect(inShort(tree, slip(HELM, "values:", "telemetry: {}\n  values:"))).toBe(
      "unproven | safety-unknown HelmRelease media/player",
    );
  });

  test("is known to be none where only a newer version of the API has it", () => {
    const old = (text: string) => text.replace("toolkit.fluxcd.io/v1\n", "toolkit.fluxcd.io/v1beta2\n");
    const from = { ...tree, [CHESS]: old(tree[CHESS]!) };
    const { verdict, what } = refusal(
      { [CHESS]: old(slip(CHESS, "spec:\n", "spec:\n  deletionPolicy: Orphan\n")[CHESS]!) },
      from,
    );
    expect([verdict, what]).toEqual([
      "unsafe",
      [
        expect.stringContaining(
          "spec.deletionPolicy is no field of kustomize.toolkit.fluxcd.io/v1beta2, but of kustomize.toolkit.fluxcd.io/v1.",
        ),
      ],
    ]);
  });

  test("is known to be none any more where only an older version of the API has it", () => {
    const patches = "postRenderers: [{kustomize: {patchesStrategicMerge: [{kind: Service}]}}]\n  values:";
    const from = {
      ...tree,
      [HELM]: slip(HELM, "values:", patches)[HELM]!.replace("fluxcd.io/v2\n", "fluxcd.io/v2beta2\n"),
    };
    const { verdict, what } = refusal({ [HELM]: from[HELM]!.replace("v2beta2", "v2") }, from);
    expect([verdict, what]).toEqual([
      "unsafe",
      [
        expect.stringContaining(
          "patchesStrategicMerge is no field of helm.toolkit.fluxcd.io/v2, but of helm.toolkit.fluxcd.io/v2beta2.",
        ),
      ],
    ]);
  });

  test("of many objects is one finding where one patch brings it", () => {
    const patch = `patches: [{target: {kind: HelmRelease}, patch: '[{"op": "add", "path": "/spec/timeouts", "value": "5m"}]'}]`;
    const two = {
      ...tree,
      [LIST]: kustomization(["helmrelease.yaml", "second.yaml"]),
      [`${PLAYER_APP}/second.yaml`]: release("second"),
    };
    const { what } = refusal({ [LIST]: kustomization(["helmrelease.yaml", "second.yaml"], [patch]) }, two);
    expect(what).toEqual([expect.stringContaining("The same holds for HelmRelease media/second.")]);
  });
});

describe("a value that its field cannot hold", () => {
  test.each<[string, Edits, string]>([
    [
      "a number for a duration",
      slip(PLAYER, "interval: 30m", "interval: 30"),
      "spec.interval has to be text, and is 30",
    ],
    ["a duration with a blank", slip(PLAYER, "interval: 30m", "interval: 1 h"), 'spec.interval is "1 h"'],
    [
      "text for a switch",
      slip(PLAYER, "prune: true", "prune: 'true'"),
      'spec.prune has to be true or false, and is "true"',
    ],
    [
      "a word that is none of those",
      slip(CLUSTER, "provider: sops", "provider: sop"),
      'spec.decryption.provider has to be one of sops, and is "sop"',
    ],
    [
      "names for entries",
      slip(CHESS, "[{name: player}]", "[player]"),
      'spec.dependsOn.0 has to be a map, and is "player"',
    ],
    [
      "a version that is a number",
      slip(HELM, "chart: app,", "chart: app, version: 1.0,"),
      "spec.chart.spec.version has to be text, and is 1",
    ],
  ])("stops its Kustomization: %s", (_, edits, says) => {
    expect(refusal(edits)).toMatchObject({ verdict: "unsafe", what: [expect.stringContaining(says)] });
  });
});

describe("pods that the API server takes for none", () => {
  const WEB = `${PLAYER_APP}/web.yaml`;
  const web = (container: string, more = "", kind = "Deployment") =>
    object(kind, "web", "apps/v1", [
      `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: x${container}}]${more}}}}`,
    ]);
  const delivered = { ...tree, [LIST]: kustomization(["helmrelease.yaml", "web.yaml"]), [WEB]: web("") };

  test.each<[string, string, string]>([
    ["a variable twice", web(", env: [{name: A, value: a}, {name: A, value: b}]"), "env.1 has name A"],
    [
      "a port twice, by its default protocol",
      web(", ports: [{containerPort: 80, name: a}, {containerPort: 80, protocol: TCP, name: b}]"),
      "ports.1 has containerPort 80, protocol TCP",
    ],
    ["a container twice", web("}, {name: web, image: y"), "containers.1 has name web"],
    [
      "a volume twice",
      web("", ", volumes: [{name: a, emptyDir: {}}, {name: a, emptyDir: {}}]"),
      "volumes.1 has name a",
    ],
    [
      "a volume that is not there",
      web(", volumeMounts: [{name: data, mountPath: /data}]"),
      'volumeMounts.0.name is "data", and no volume is',
    ],
    [
      "an amount that is none",
      web(", resources: {limits: {memory: 1GB}}"),
      'resources.limits.memory has to be an amount, such as 500m or 10Gi, and is "1GB"',
    ],
    [
      "more than the limit",
      web(", resources: {requests: {memory: 1Gi}, limits: {memory: 512Mi}}"),
      "resources.requests.memory is more than the limit, 512Mi",
    ],
    [
      "a variable with a value and a source",
      web(", env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"),
      "env.0.valueFrom stands beside value",
    ],
    [
      "a volume of two kinds",
      web("").replace("containers:", "volumes: [{name: a, emptyDir: {}, hostPath: {path: /a}}], containers:"),
      "volumes.0.hostPath stands beside emptyDir",
    ],
  ])("%s", (_, text, said) => {
    expect(refusal({ [WEB]: text }, delivered)).toMatchObject({
      verdict: "unsafe",
      what: [expect.stringContaining(said)],
    });
  });

  test.each<[string, string]>([
    [
      "ports of two protocols, and a variable of each container",
      web(
        ", env: [{name: A, value: a}], ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]}, {name: other, image: y, env: [{name: A, value: b}]",
      ),
    ],
    [
      "a variable that may be another one",
      web(", env: [{name: '${DOMAIN}', value: a}, {name: '${DOMAIN}', value: b}]"),
    ],
    [
      "the claims of a StatefulSet",
      web(", volumeMounts: [{name: data, mountPath: /data}]", "", "StatefulSet").replace(
        "spec: {",
        "spec: {volumeClaimTemplates: [{metadata: {name: data}}], ",
      ),
    ],
    [
      "amounts as they may be written",
      web(", resources: {requests: {cpu: 100m, memory: 1e3}, limits: {cpu: .5, memory: 128974848}}"),
    ],
  ])("not %s", (_, text) => {
    expect(refusal({ [WEB]: text }, { ...delivered, [PLAYER]: filled[PLAYER]! }).what).toEqual([]);
  });

  test("a key of a Secret that is none is not named: it may be a value", () => {
    const secret = (text: string) => object("Secret", "web", "v1", [text]);
    const before = { ...delivered, [WEB]: secret("stringData: {a: b}") };
    const says = (text: string) => refusal({ [WEB]: secret(text) }, before).what;
    expect(says('stringData: {"hunter2 !": b}')).toEqual([
      expect.stringContaining("stringData holds a key that is none: only letters, digits, -, _ and . may be in it"),
    ]);
    for (const text of [
      'stringData: {"hunter2 !": {c: d}}',
      'data: {"hunter2 !": "no base 64"}',
      "stringData: {a: {hunter2: b}}",
    ])
      expect(says(text).join()).not.toContain("hunter2");
    expect(says("stringData: {a: {hunter2: b}}")).toHaveLength(1);
  });

  test("a port of a Service twice, and a key of a ConfigMap that is a name with a blank", () => {
    const service = (ports: string) => object("Service", "web", "v1", [`spec: {ports: [${ports}]}`]);
    const one = { ...delivered, [WEB]: service("{port: 80, name: a}") };
    expect(refusal({ [WEB]: service("{port: 80, name: a}, {port: 80, name: b}") }, one).what).toHaveLength(1);
    const generated = [
      "generatorOptions: {disableNameSuffixHash: true}",
      "configMapGenerator: [{name: made, files: [my board.json]}]",
    ];
    const list = kustomization(["helmrelease.yaml", "web.yaml"], generated);
    const edits = { [LIST]: list, [`${PLAYER_APP}/my board.json`]: "{}\n" };
    expect(refusal(edits, delivered).what).toEqual([expect.stringContaining("is no key")]);
  });
});

describe("a field that has to be there", () => {
  test.each<[string, Edits, string]>([
    ["the interval of a release", slip(HELM, "  interval: 1h\n", ""), "spec.interval is missing"],
    ["its chart", slip(HELM, "chart: app, ", ""), "spec.chart.spec.chart is missing"],
    ["both ways to name one", slip(HELM, / {2}chart: .*\n/, ""), "spec.chart is missing, and so is chartRef"],
  ])("stops its Kustomization: %s", (_, edits, says) => {
    expect(refusal(edits)).toMatchObject({ verdict: "unsafe", what: [expect.stringContaining(says)] });
  });

  test("is not missed where a patch of its list sets it", () => {
    const patch = `patches: [{target: {kind: HelmRelease}, patch: '[{"op": "add", "path": "/spec/interval", "value": "1h"}]'}]`;
    const edits = {
      [HELM]: tree[HELM]!.replace("  interval: 1h\n", ""),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], [patch]),
    };
    expect(refusal(edits)).toMatchObject({ verdict: "safe", what: [] });
  });
});

describe("nothing is said", () => {
  test("of what was refused before, and of another edit beside it", () => {
    const broken = { ...tree, [HELM]: tree[HELM]!.replace("values:", "value:") };
    const edits = { [HELM]: broken[HELM]!.replace("1h", "2h") };
    expect(refusal(edits, broken)).toEqual({ verdict: "safe", what: [], at: [] });
  });

  test("of variables, of ciphertext, and of what a suspended Kustomization holds", () => {
    expect(refusal(slip(HELM, "interval: 1h", "interval: ${NONE}"), filled)).toMatchObject({ what: [] });
    const suspended = { ...tree, [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media", "suspend: true"]) };
    expect(refusal(slip(HELM, "values:", "value:"), suspended)).toMatchObject({ what: [] });
  });

  test("of a root that is in no file, which may fill in anything", () => {
    const claim = (size: string) =>
      object("PersistentVolumeClaim", "a", "v1", [
        "  namespace: media",
        `spec: {resources: {requests: {storage: '${size}'}}}`,
      ]);
    const files = { "apps/kustomization.yaml": kustomization(["a.yaml"]), "apps/a.yaml": object("ConfigMap", "a") };
    const { findings } = verifyEdits({ "apps/a.yaml": claim("${SIZE}") }, files, [], { roots: ["apps"] });
    expect(findings.filter(({ what }) => what.includes("SIZE"))).toEqual([]);
  });

  test("of fields of charts and of other operators", () => {
    const more: Edits = {
      [`${PLAYER_APP}/more.yaml`]: [
        object("ServiceMonitor", "player", "monitoring.coreos.com/v1", ["spec: {endpoint: []}"]),
        release("other", ["values: {vlaues: 1}"]),
      ].join(""),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "more.yaml"]),
    };
    const before: Files = {
      ...tree,
      [`${PLAYER_APP}/x.yaml`]: object("ServiceMonitor", "x", "monitoring.coreos.com/v1"),
    };
    before[LIST] = kustomization(["helmrelease.yaml", "pvc.yaml", "x.yaml"]);
    more[LIST] = kustomization(["helmrelease.yaml", "pvc.yaml", "x.yaml", "more.yaml"]);
    expect(refusal(more, before)).toMatchObject({ verdict: "safe", what: [] });
  });
});

test("kinds of Flux are known in every version that it has served since 2.2", () => {
  for (const [apiVersion, kind] of [
    ["helm.toolkit.fluxcd.io/v2beta1", "HelmRelease"],
    ["kustomize.toolkit.fluxcd.io/v1beta2", "Kustomization"],
    ["source.toolkit.fluxcd.io/v1", "OCIRepository"],
    ["notification.toolkit.fluxcd.io/v1beta3", "Alert"],
    ["fluxcd.controlplane.io/v1", "FluxInstance"],
    ["fluxcd.controlplane.io/v1", "ResourceSet"],
  ] as const)
    expect(fluxSchema(apiVersion, kind), kind).toBeDefined();
  expect(fluxSchema("apps/v1", "Deployment")).toBeUndefined();
  expect(kubeSchema("apps/v1", "Deployment")).toBeDefined();
  expect(kubeSchema("apps/v1beta1", "Deployment")).toBeUndefined();
});

test("an Alert may watch what Flux Operator brings", () => {
  const alert = (kind: string) => ({
    apiVersion: "notification.toolkit.fluxcd.io/v1beta3",
    kind: "Alert",
    metadata: { name: "x" },
    spec: { providerRef: { name: "x" }, eventSources: [{ kind, name: "*" }] },
  });
  expect(findRefusals(alert("FluxInstance"))).toEqual([]);
  expect(findRefusals(alert("Deployment"))).toHaveLength(1);
});

test("one Secret or one ConfigMap names another cluster", () => {
  const body = (kubeConfig: unknown) => ({
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "x" },
    spec: { interval: "1h", chartRef: { kind: "OCIRepository", name: "x" }, kubeConfig },
  });
  expect(findRefusals(body({ secretRef: { name: "x" } })).map(sayRefusal)).toEqual([]);
  expect(findRefusals(body({})).map(sayRefusal)).toEqual(["spec.kubeConfig has to name one Secret or one ConfigMap"]);
});

describe("what the API server takes for no object", () => {
  const own = (file: string, text: string): Edits => ({
    [`${PLAYER_APP}/${file}`]: text,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", file]),
  });
  const workload = (container: string, labels = "{a: b}") =>
    object("Deployment", "web", "apps/v1", [
      `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: ${labels}}, spec: {containers: [{name: c, image: x${container}}]}}}`,
    ]);

  test.each<[string, string, string]>([
    [
      "a number in a ConfigMap",
      object("ConfigMap", "x", "v1", ["data: {port: 80}"]),
      "data.port has to be text, and is 80",
    ],
    [
      "a ConfigMap that is no base64",
      object("ConfigMap", "x", "v1", ["binaryData: {key: '###'}"]),
      "binaryData.key is no base64",
    ],
    [
      "a ConfigMap with a key twice",
      object("ConfigMap", "x", "v1", ["data: {key: a}", "binaryData: {key: AAAA}"]),
      "binaryData.key stands in data as well",
    ],
    ["a Secret that is no base64", object("Secret", "x", "v1", ["data: {key: not base64}"]), "data.key is no base64"],
    [
      "a Secret with a number, which is not said",
      object("Secret", "x", "v1", ["stringData: {pin: 4711}"]),
      "stringData.pin has to be text, and is a number",
    ],
    [
      "a Secret that is a text, which is not said",
      object("Secret", "x", "v1", ["stringData: hunter2"]),
      "stringData has to be a map, and is a string",
    ],
    ["a name with capitals", object("ConfigMap", "My_Config"), 'metadata.name is "My_Config"'],
    [
      "a label with blanks",
      object("ConfigMap", "x", "v1", ["  labels: {a: not a label}"]),
      'metadata.labels.a is "not a label"',
    ],
    ["a number as an environment", workload(", env: [{name: A, value: 1}]"), "env.0.value has to be text, and is 1"],
    ["a workload that misses its pods", workload("", "{a: c}"), "spec.selector selects a: b"],
  ])("is named: %s", (_, text, says) => {
    expect(refusal(own("x.yaml", text))).toMatchObject({ verdict: "unsafe", what: [expect.stringContaining(says)] });
  });

  test.each<[string, string]>([
    [
      "roles have names of other letters",
      object("ClusterRole", "system:me_Too", "rbac.authorization.k8s.io/v1", ["rules: []"]),
    ],
    ["variables and ciphertext", object("Secret", "x", "v1", ["data: {a: '${A}', b: 'ENC[AES256]'}"])],
    ["empty values and long base64", object("Secret", "x", "v1", ["data: {a: '', b: YWJj}", "stringData: {c: ''}"])],
    [
      "a workload that is as it should be",
      workload(", env: [{name: A, value: '1'}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}]"),
    ],
  ])("is not said of others: %s", (_, text) => {
    expect(refusal(own("x.yaml", text), filled).what).toEqual([]);
  });
});

describe("a variable that nothing fills in is the text that it is", () => {
  const storage = (size: string) =>
    object("PersistentVolumeClaim", "player", "v1", [`spec: {resources: {requests: {storage: '${size}'}}}`]);
  const SAYS = 'spec.resources.requests.storage has to be an amount, such as 500m or 10Gi, and is "${SIZE}"';

  test("so it is refused where that is none", () => {
    expect(refusal({ [CLAIM]: storage("${SIZE}") }).what).toEqual([expect.stringContaining(SAYS)]);
    expect(refusal(slip(HELM, "interval: 1h", "interval: ${NONE}")).what).toHaveLength(1);
    expect(refusal({ [CLAIM]: storage("${SIZE}") }, filled).what).toEqual([]);
    expect(refusal({ [CLAIM]: object("ConfigMap", "x", "v1", ["data: {a: '${A}'}"]) }).what).toEqual([]);
  });

  test("also where it was filled in before, and not where it was refused already", () => {
    const given = { ...tree, [CHESS]: ks("chess", CHESS_APP, [...FILLED, "dependsOn: [{name: player}]"]) };
    const moves = {
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "more.yaml"]),
      [`${CHESS_APP}/more.yaml`]: undefined,
      [`${PLAYER_APP}/more.yaml`]: storage("${SIZE}").replace("player", "more"),
    };
    const before = {
      ...given,
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "more.yaml"]),
      [`${CHESS_APP}/more.yaml`]: storage("${SIZE}").replace("player", "more"),
    };
    expect(refusal(moves, before).what).toEqual([expect.stringContaining(SAYS)]);
    const stuck = { ...tree, [CLAIM]: storage("${SIZE}") };
    expect(refusal({ [CLAIM]: storage("${SIZE}").replace("spec:", "  labels: {a: b}\nspec:") }, stuck).what).toEqual(
      [],
    );
  });
});

describe("values of a release", () => {
  const values = (text: string, from: Files = tree) => judge(from, slip(HELM, /values: .*/, `values: ${text}`));

  // `GetValues` of helm-controller's API leaves the error of reading them unsaid.
  test.each(["|\n    host: ${DOMAIN}", "[a]", "5"])("that are no map are none: %s", (text) => {
    const { safety, findings } = values(text);
    expect([safety.verdict, findings[0]?.rule]).toEqual(["unsafe", "field-ignored"]);
    expect(findings[0]?.what).toContain("Helm gets none of the values of HelmRelease media/player");
  });

  test.each(["{a: b}", "{}", "", "''", "${VALUES}"])("are taken as they are: %s", (text) => {
    expect(values(text, filled).findings.map(({ rule }) => rule)).not.toContain("field-ignored");
  });
});

describe("a label that is no text", () => {
  const marked = (labels: string, edits: Edits = {}) => {
    const text = object("ConfigMap", "x", "v1", [`  labels: ${labels}`]);
    const list = kustomization(["helmrelease.yaml", "pvc.yaml", "x.yaml"]);
    return judge(tree, { [`${PLAYER_APP}/x.yaml`]: text, [LIST]: list, ...edits });
  };

  test("takes all labels of the object along: they are dropped, nothing is refused", () => {
    const { safety, findings } = marked("{app: x, enabled: true}");
    expect(findings.map(({ rule, what, at }) => [rule, what, at])).toEqual([
      [
        "labels-dropped",
        expect.stringMatching(
          /^Flux applies ConfigMap \S+x without any of its labels: metadata.labels.enabled is true, and no text\.$/,
        ),
        { file: `${PLAYER_APP}/x.yaml`, line: 6, col: 20 },
      ],
    ]);
    expect(safety.verdict).toBe("unsafe");
  });

  test("is nothing new where it stands today", () => {
    const files = { ...tree, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "x.yaml"]) };
    const odd = object("ConfigMap", "x", "v1", ["  labels: {enabled: true}"]);
    const from = { ...files, [`${PLAYER_APP}/x.yaml`]: odd };
    const { findings } = judge(from, { [`${PLAYER_APP}/x.yaml`]: `${odd}data: {a: b}\n` });
    expect(findings).toEqual([]);
  });

  test("and a guard of Flux among them guards nothing", () => {
    const guard = "kustomize.toolkit.fluxcd.io/prune: disabled";
    const from = (labels: string): Files => ({
      ...tree,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "x.yaml"]),
      [`${PLAYER_APP}/x.yaml`]: object("ConfigMap", "x", "v1", [`  labels: {${labels}}`]),
    });
    const gone = { [`${PLAYER_APP}/x.yaml`]: undefined, [LIST]: tree[LIST]! };
    expect(judge(from(guard), gone).safety.verdict).toBe("safe");
    expect(judge(from(`${guard}, enabled: true`), gone).safety.verdict).toBe("deletes");
  });

  test.each(["{app: x, enabled: 'true'}", "{app: }", "{}"])("is not said of %s", (labels) => {
    expect(marked(labels).safety.verdict).toBe("safe");
  });
});

describe("a text of Flux's kinds", () => {
  const HR = "helm.toolkit.fluxcd.io/v2";
  const of = (apiVersion: string, kind: string, spec: object) =>
    findRefusals({ apiVersion, kind, metadata: { name: "x" }, spec }, false).map(sayRefusal);
  const release = (spec: object) => of(HR, "HelmRelease", { interval: "1h", ...spec });
  const kustomization = (spec: object) => of("kustomize.toolkit.fluxcd.io/v1", "Kustomization", spec);

  test("is too long, or empty", () => {
    expect(release({ releaseName: "a".repeat(54) })).toEqual(["spec.releaseName is longer than 53 characters"]);
    expect(release({ releaseName: "a".repeat(53) })).toEqual([]);
    expect(release({ chart: { spec: { chart: "" } } })).toEqual([
      "spec.chart.spec.chart is an empty text, and has to say something",
    ]);
    expect(kustomization({ targetNamespace: "" })).toHaveLength(1);
    expect(kustomization({ targetNamespace: "${SPACE}", namePrefix: "a-" })).toEqual([]);
    expect(kustomization({ namePrefix: "" })).toHaveLength(1);
    expect(of("fluxcd.controlplane.io/v1", "FluxInstance", { sharding: { shards: [] } })).toContain(
      "spec.sharding.shards has no items",
    );
  });

  test("stands beside what it may not", () => {
    const strategy = (name: string) => release({ chartRef: {}, upgrade: { strategy: { name, retryInterval: "1m" } } });
    expect(strategy("RemediateOnFailure")).toHaveLength(1);
    expect(strategy("RetryOnFailure")).toEqual([]);
    const provider = (type: string) =>
      of("notification.toolkit.fluxcd.io/v1beta3", "Provider", { type, commitStatusExpr: "'a'" });
    expect([provider("slack"), provider("github")].map((one) => one.length)).toEqual([1, 0]);
    const bucket = (provider: string, sts: string) =>
      of("source.toolkit.fluxcd.io/v1", "Bucket", {
        provider,
        sts: { provider: sts, endpoint: "https://sts.example" },
      });
    expect([bucket("aws", "aws"), bucket("generic", "ldap"), bucket("${P}", "aws")].flat()).toEqual([]);
    expect([bucket("generic", "aws"), bucket("aws", "ldap"), bucket("gcp", "aws")].map((one) => one.length)).toEqual([
      1, 1, 1,
    ]);
  });

  test("is one for the image of a policy", () => {
    const policy = (more: object) =>
      findRefusals({
        ...{ apiVersion: "image.toolkit.fluxcd.io/v1", kind: "ImagePolicy", metadata: { name: "x" } },
        spec: { imageRepositoryRef: { name: "x" }, policy: { numerical: { order: "asc" } }, ...more },
      }).map(({ path }) => path.join("."));
    expect(policy({ interval: "1m" })).toEqual(["spec.interval"]);
    expect(policy({ digestReflectionPolicy: "Always" })).toEqual(["spec.interval"]);
    expect(policy({ digestReflectionPolicy: "Always", interval: "1m" })).toEqual([]);
  });
});

test("labels of pods have values that labels may have", () => {
  const app = (label: string) =>
    findRefusals({
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" } },
      spec: {
        selector: { matchLabels: { app: "x" } },
        template: {
          metadata: { labels: { app: "x", team: label } },
          spec: { containers: [{ name: "x", image: "x" }] },
        },
      },
    }).map(sayRefusal);
  expect(app("web team")).toEqual(['spec.template.metadata.labels.team is "web team", which is no value of a label']);
  expect(app("web")).toEqual([]);
});

test("what selects by labels has values that labels may have", () => {
  const says = (apiVersion: string, kind: string, spec: object) =>
    findRefusals({ apiVersion, kind, metadata: { name: "x" }, spec }).map(sayRefusal);
  const odd = { team: "web team" };
  const none = 'team is "web team", which is no value of a label';
  const pod = { nodeSelector: odd, containers: [{ name: "x", image: "x" }] };
  expect(says("v1", "Pod", pod)).toEqual([`spec.nodeSelector.${none}`]);
  expect(says("v1", "Service", { selector: odd, ports: [{ port: 80 }] })).toEqual([`spec.selector.${none}`]);
  expect(says("networking.k8s.io/v1", "NetworkPolicy", { podSelector: { matchLabels: odd } })).toEqual([
    `spec.podSelector.matchLabels.${none}`,
  ]);
  // What a schema describes selects nothing, and other API servers may take more.
  const schema = { matchLabels: { description: "some labels" } };
  const described = says("apiextensions.k8s.io/v1", "CustomResourceDefinition", { schema });
  expect(described.filter((one) => one.includes("matchLabels"))).toEqual([]);
  expect(says("example.org/v1", "Web", { selector: { matchLabels: odd } })).toEqual([]);
});

test("a date without quotes is a time to kustomize, which no label may hold", () => {
  const dated = (label: string, more = "") =>
    refusal({
      [`${PLAYER_APP}/pvc.yaml`]: object("PersistentVolumeClaim", "player", "v1", [
        `  labels: {since: ${label}}`,
        more,
      ]),
    });
  const { verdict, what } = dated("2024-1-02");
  expect(verdict).toBe("unsafe");
  expect(what).toEqual([
    'The API server refuses PersistentVolumeClaim media/player: metadata.labels.since is "2024-01-02T00:00:00Z", which is no value of a label, as kustomize makes a time of a date without quotes. Flux then applies nothing more of Kustomization flux-system/player.',
  ]);
  expect(dated("'2024-01-02'").verdict).toBe("safe");
  // Annotations are kept as they are written, and a day that no month has is a text.
  expect(dated("2024-02-30", "  annotations: {since: 2024-01-02}").verdict).toBe("safe");
});

test.each<[field: string, value: unknown, said: string]>([
  ["serviceAccountName", "A_b", 'spec.serviceAccountName is "A_b", which is no name of one'],
  ["priorityClassName", "high prio", 'spec.priorityClassName is "high prio", which is no name of one'],
  ["hostname", "a.b", 'spec.hostname is "a.b", which is no name of one'],
  ["subdomain", "${SUB}", ""],
  ["hostAliases", [{ ip: "10.0.0.256", hostnames: [] }], 'spec.hostAliases.0.ip is "10.0.0.256", and no address'],
  [
    "hostAliases",
    [{ ip: "::1", hostnames: ["A"] }],
    'spec.hostAliases.0.hostnames.0 is "A", which is no name of a host',
  ],
  ["hostAliases", [{ ip: "${IP}", hostnames: ["a.b"] }], ""],
  [
    "volumes",
    [{ name: "a", hostPath: { path: "/a/../b" } }],
    'spec.volumes.0.hostPath.path is "/a/../b", and may not hold ..',
  ],
  ["volumes", [{ name: "a", hostPath: { path: "/a/..b" } }], ""],
  [
    "containers",
    [{ name: "x", image: "x", env: [{ name: "A=B" }] }],
    'spec.containers.0.env.0.name is "A=B", which is no name of a variable',
  ],
  ["containers", [{ name: "x", image: "x", env: [{ name: "a b.c-1" }] }], ""],
])("of a pod: %s %j", (field, value, said) => {
  const spec = { containers: [{ name: "x", image: "x" }], [field]: value };
  const found = findRefusals({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec }).map(sayRefusal);
  expect(found).toEqual(said === "" ? [] : [said]);
});

test("annotations have an end", () => {
  const found = (length: number, more = "") =>
    findRefusals({
      ...{ apiVersion: "example.org/v1", kind: "Web" },
      metadata: { name: "x", annotations: { a: "y".repeat(length), b: more } },
    }).map(sayRefusal);
  expect(found(262_142)).toEqual([]);
  expect(found(262_143)).toEqual(["metadata.annotations hold 262145 bytes, and 262144 may be in them"]);
  expect(found(262_141, "${MORE}")).toEqual([]);
});

test("two ports of one name are refused", () => {
  const ports = (second: string) => [
    { name: "http", containerPort: 80, port: 80 },
    { name: second, containerPort: 81, port: 81 },
  ];
  const of = (apiVersion: string, kind: string, spec: object) =>
    findRefusals({ apiVersion, kind, metadata: { name: "x" }, spec }).map(sayRefusal);
  const service = (second: string) =>
    of("v1", "Service", { ports: ports(second).map(({ name, port }) => ({ name, port })) });
  const pod = (second: string) =>
    of("v1", "Pod", {
      containers: [{ name: "x", image: "x", ports: ports(second).map(({ port: _, ...one }) => one) }],
    });
  expect(service("http")).toEqual(['spec.ports.1.name is "http", as that of another port']);
  expect(pod("http")).toEqual(['spec.containers.0.ports.1.name is "http", as that of another port']);
  expect([service("web"), pod("web")]).toEqual([[], []]);
});

test("what a second owner says already is no business of a change", () => {
  const space = (label: string) => object("Namespace", "media", "v1", [`  labels: {team: ${label}}`]);
  const tree: Files = {
    ...homeTree(),
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "space.yaml"]),
    [`${PLAYER_APP}/space.yaml`]: space("'web team'"),
  };
  const listing = "kubernetes/apps/media/kustomization.yaml";
  const edits = {
    [listing]: `# the namespace comes twice\n${tree[listing]}`,
    "kubernetes/apps/media/namespace.yaml": space("web"),
    [`${PLAYER_APP}/pvc.yaml`]: `# a claim\n${tree[`${PLAYER_APP}/pvc.yaml`]}`,
  };
  expect(judge(tree, edits).blockers).not.toContain("object-refused");
});
