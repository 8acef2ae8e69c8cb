import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { CHESS, CHESS_APP, inShort, PLAYER, PLAYER_APP, says } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const THING = `${PLAYER_APP}/thing.yaml`;
const POD = `${PLAYER_APP}/pod.yaml`;
const NONE = homeTree();

const pod = (ref: string) =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {}, template: {spec: {containers: [{name: c, env: [{name: A, valueFrom: {${ref}}}]}]}}}`,
  ]);
const all = kustomization(["helmrelease.yaml", "pvc.yaml", "thing.yaml", "pod.yaml"]);
const external = (spec: string) =>
  object("ExternalSecret", "made", "external-secrets.io/v1", [
    `spec: {secretStoreRef: {kind: ClusterSecretStore, name: x}, target: {name: made}, ${spec}}`,
  ]);

const ROWS: [what: string, thing: string, ref: string][] = [
  [
    "a ConfigMap",
    object("ConfigMap", "made", "v1", ["data: {wanted: x, other: x}"]),
    "configMapKeyRef: {name: made, key: wanted}",
  ],
  ["a Secret", object("Secret", "made", "v1", ["stringData: {wanted: x}"]), "secretKeyRef: {name: made, key: wanted}"],
  [
    "a SealedSecret",
    object("SealedSecret", "made", "bitnami.com/v1alpha1", ["spec: {encryptedData: {wanted: x}}"]),
    "secretKeyRef: {name: made, key: wanted}",
  ],
  [
    "an ExternalSecret",
    external("data: [{secretKey: wanted, remoteRef: {key: x}}]"),
    "secretKeyRef: {name: made, key: wanted}",
  ],
];

test("a key that Git takes out of what it lays over a ConfigMap of others", () => {
  const part = (data: string) =>
    object("ConfigMap", "made", "v1", ["  annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}", `data: {${data}}`]);
  const web = pod("configMapKeyRef: {name: made, key: wanted}");
  const tree: Files = { ...NONE, [LIST]: all, [THING]: part("wanted: x, other: x"), [POD]: web };
  expect(inShort(tree, { [THING]: part("other: x") })).toBe("unsafe | reference-breaks Deployment media/web");
  expect(inShort(tree, { [THING]: part("wanted: x") })).toBe("safe");
  expect(inShort({ ...tree, [THING]: part("other: x") }, { [THING]: part("more: x") })).toBe("safe");
});

describe.each(ROWS)("a key of %s", (_, thing, ref) => {
  const tree: Files = { ...NONE, [LIST]: all, [THING]: thing, [POD]: pod(ref) };

  test("that goes while a pod takes it", () => {
    const { verdict, rules } = says(tree, { [THING]: thing.replace("wanted", "renamed") });
    expect([verdict, rules]).toEqual(["unsafe", ["reference-breaks Deployment media/web"]]);
  });

  test("that is misspelt", () => {
    expect(inShort(tree, { [POD]: pod(ref.replace("wanted", "wantde")) })).toBe(
      "unsafe | reference-missing Deployment media/web",
    );
  });

  test("that is misspelt, and another Kustomization applies what has it", () => {
    const apart: Files = {
      ...tree,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "pod.yaml"]),
      "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml", "chess/ks.yaml", "settings.yaml"]),
      "kubernetes/apps/games/settings.yaml": ks("settings", "settings", ["targetNamespace: media"]),
      "settings/thing.yaml": thing,
    };
    expect(inShort(apart, { [POD]: pod(ref.replace("wanted", "wantde")) })).toBe(
      "unsafe | reference-missing Deployment media/web",
    );
  });

  test("that goes with its use, is optional, or was never there draws no word", () => {
    const both: Edits = { [THING]: thing.replace("wanted", "renamed"), [POD]: pod(ref.replace("wanted", "renamed")) };
    expect(says(tree, both).rules).toEqual([]);
    const optional = pod(ref.replace("}", ", optional: true}"));
    expect(says({ ...tree, [POD]: optional }, { [THING]: thing.replace("wanted", "renamed") }).rules).toEqual([]);
    const never = { ...tree, [POD]: pod(ref.replace("wanted", "never")) };
    expect(says(never, { [THING]: thing.replace("wanted", "renamed") }).rules).toEqual([]);
  });
});

const UNUSED = object("Deployment", "web", "apps/v1", [
  "spec: {selector: {}, template: {spec: {containers: [{name: c}]}}}",
]);
const OF_STORE = "data: [{secretKey: other, remoteRef: {key: x}}]";
const secret = (more: string[]) => object("Secret", "made", "v1", more);
const targeted = (target: string) =>
  external(OF_STORE).replace("target: {name: made}", `target: {name: made, ${target}}`);

describe("keys that a pod begins to take", () => {
  const asked = (thing: string, ref = "secretKeyRef: {name: made, key: wanted}") =>
    inShort({ ...NONE, [LIST]: all, [THING]: thing, [POD]: UNUSED }, { [POD]: pod(ref) });
  const MISSING = "unsafe | reference-missing Deployment media/web";

  // Whoever fills it is not known here, or may add keys.
  test.each([
    ["everything of a store", external("dataFrom: [{extract: {key: x}}]")],
    ["a store beside one that lists", external(`dataFrom: [{extract: {key: x}}], ${OF_STORE}`)],
    ["templates of a ConfigMap", targeted("template: {templateFrom: [{configMap: {name: x}}]}")],
    ["what adds to a Secret made by hand", targeted("creationPolicy: Merge")],
    ["what makes none", targeted("creationPolicy: None")],
    ["two that make the same", external(OF_STORE) + secret(["stringData: {other: x}"])],
    ["a token, which Kubernetes fills in", secret(["type: kubernetes.io/service-account-token"])],
    [
      "a copy of another Secret",
      secret(["  annotations: {reflector.v1.k8s.emberstack.com/reflects: a/b}", "data: {}"]),
    ],
  ])("are not known of %s", (_, thing) => {
    expect(asked(thing)).toBe("safe");
  });

  test.each([
    ["a Secret", secret(["stringData: {other: x}"])],
    ["one in base64", secret(["data: {other: eA==}"])],
    ["an ExternalSecret", external(OF_STORE)],
    ["one that leaves its Secret behind", targeted("creationPolicy: Orphan")],
    ["one that writes its Secret anew", targeted("template: {data: {more: x}}").replace("other", "wanted")],
    ["one without a name for it", external(OF_STORE).replace("target: {name: made}, ", "")],
    [
      "a SealedSecret",
      object("SealedSecret", "made", "bitnami.com/v1alpha1", [
        "spec: {template: {metadata: {name: x}}, encryptedData: {other: x}}",
      ]),
    ],
  ])("are missing where %s says which it has", (_, thing) => {
    expect(asked(thing)).toBe(MISSING);
    expect(asked(thing, "secretKeyRef: {name: made, key: wanted, optional: true}")).toBe("safe");
    expect(asked(thing, "secretKeyRef: {name: made, key: '${KEY}'}")).not.toContain(MISSING);
  });

  test.each([
    ["data and stringData", secret(["data: {other: eA==}", "stringData: {wanted: x}"])],
    ["a template that adds", targeted("template: {mergePolicy: Merge, data: {wanted: x}}")],
    ["a template that writes it anew", targeted("template: {data: {wanted: x}}")],
    [
      "the template of a SealedSecret",
      object("SealedSecret", "made", "bitnami.com/v1alpha1", [
        "spec: {template: {data: {wanted: x}}, encryptedData: {other: x}}",
      ]),
    ],
  ])("are there in %s", (_, thing) => {
    const ref = thing.includes("kind: ConfigMap") ? "configMapKeyRef" : "secretKeyRef";
    expect(asked(thing, `${ref}: {name: made, key: wanted}`)).toBe("safe");
    expect(asked(thing, `${ref}: {name: made, key: wantde}`)).toBe(MISSING);
  });

  test("are none where a ConfigMap holds bytes, unless those are files", () => {
    const bytes = object("ConfigMap", "made", "v1", ["data: {other: x}", "binaryData: {wanted: eA==}"]);
    expect(asked(bytes, "configMapKeyRef: {name: made, key: wanted}")).toBe(MISSING);
    const mounts = object("Deployment", "web", "apps/v1", [
      "spec: {selector: {}, template: {spec: {containers: [{name: c}], volumes: [{name: v, configMap: {name: made, items: [{key: wanted, path: a}]}}]}}}",
    ]);
    const tree: Files = { ...NONE, [LIST]: all, [THING]: bytes, [POD]: UNUSED };
    expect(inShort(tree, { [POD]: mounts })).toBe("safe");
    expect(inShort(tree, { [POD]: mounts.replace("wanted", "wantde") })).toBe(MISSING);
    const values = (field: string) => object("ConfigMap", "made", "v1", [`${field}: {values.yaml: YTogYgo=}`]);
    const taken = { ...tree, [HELM]: release("player", ["valuesFrom: [{kind: ConfigMap, name: made}]"]) };
    expect(inShort({ ...taken, [THING]: values("data") }, { [THING]: values("binaryData") })).toContain(
      "reference-breaks HelmRelease media/player",
    );
  });

  test("are known of a Secret that comes together with the pod, and not of one that was there without Git", () => {
    const before: Files = { ...NONE, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]) };
    const taken = pod("secretKeyRef: {name: made, key: wanted}");
    const brings = (thing: string) => ({ [LIST]: all, [THING]: thing, [POD]: taken });
    expect(inShort(before, brings(secret(["stringData: {other: x}"])))).toContain("reference-missing Deployment");
    expect(inShort(before, brings(secret(["stringData: {wanted: x}"])))).not.toContain("reference-missing");
    const byHand: Files = {
      ...NONE,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "pod.yaml"]),
      [POD]: taken,
    };
    expect(inShort(byHand, { [LIST]: all, [THING]: secret(["stringData: {other: x}"]) })).toBe("safe");
  });

  test("stay beside those that a template adds, and go where it writes all anew", () => {
    const other = "secretKeyRef: {name: made, key: other}";
    expect(asked(targeted("template: {mergePolicy: Merge, data: {wanted: x}}"), other)).toBe("safe");
    expect(asked(targeted("template: {mergePolicy: Replace, data: {wanted: x}}"), other)).toBe(MISSING);
    expect(asked(targeted("template: {engineVersion: v2}"), other)).toBe("safe");
  });

  test("are those of the object that is named, whatever else is called so", () => {
    const beside = (kind: string, apiVersion: string) =>
      secret(["stringData: {other: x}"]) +
      object(kind, "made", apiVersion, [
        "data: {wanted: x}",
        "spec: {encryptedData: {wanted: x}, data: [{secretKey: wanted}]}",
      ]);
    for (const [kind, apiVersion] of [
      ["Secret", "example.com/v1"],
      ["Thing", "bitnami.com/v1"],
      ["SealedSecret", "example.com/v1"],
      ["PushSecret", "external-secrets.io/v1"],
      ["ExternalSecret", "example.com/v1"],
    ] as const)
      expect(asked(beside(kind, apiVersion))).toContain("reference-missing Deployment media/web");
  });

  test("and that another ConfigMap has are missing, not gone", () => {
    const both = ROWS[0]![1] + object("ConfigMap", "second", "v1", ["data: {b: x}"]);
    const tree = { ...NONE, [LIST]: all, [THING]: both, [POD]: pod(ROWS[0]![2]) };
    expect(inShort(tree, { [POD]: pod("configMapKeyRef: {name: second, key: wanted}") })).toBe(MISSING);
    expect(inShort(tree, { [POD]: pod("configMapKeyRef: {name: second, key: b}") })).toBe("safe");
  });

  test("are told at the variable that takes them", () => {
    const lines = (key: string) =>
      object("Deployment", "web", "apps/v1", [
        "spec:",
        "  template:",
        "    spec:",
        "      containers:",
        "        - name: first",
        "        - name: second",
        "          env:",
        "            - {name: A, value: b}",
        `            - {name: B, valueFrom: {secretKeyRef: {name: made, key: ${key}}}}`,
      ]);
    const tree = { ...NONE, [LIST]: all, [THING]: ROWS[1]![1], [POD]: lines("wanted") };
    const { findings } = says(tree, { [POD]: lines("wantde") });
    expect(findings.find(({ rule }) => rule === "reference-missing")?.at).toMatchObject({ file: POD, line: 14 });
  });
});

describe("a pod that another Kustomization applies, which does not change", () => {
  const apart = (key: string): Files => ({
    ...NONE,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "thing.yaml"]),
    [THING]: object("ConfigMap", "made", "v1", ["data: {wanted: x, other: x}"]),
    [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: media"]),
    [`${CHESS_APP}/kustomization.yaml`]: kustomization(["pod.yaml"]),
    [`${CHESS_APP}/pod.yaml`]: pod(`configMapKeyRef: {name: made, key: ${key}}`),
  });
  const edits = { [THING]: object("ConfigMap", "made", "v1", ["data: {renamed: x, other: x}"]) };

  test("loses its key", () => {
    expect(inShort(apart("wanted"), edits)).toBe("unsafe | reference-breaks Deployment media/web");
    expect(inShort(apart("other"), edits)).toBe("safe");
    expect(inShort(apart("wanted"), { [THING]: object("ConfigMap", "made") })).toBe(
      "unsafe | reference-breaks Deployment media/web",
    );
  });

  test("never had it", () => {
    expect(inShort(apart("never"), edits)).toBe("safe");
  });
});

test("what is suspended takes no key", () => {
  const job = (suspend: boolean) =>
    object("CronJob", "web", "batch/v1", [
      `spec: {suspend: ${suspend}, schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: a/b:1, env: [{name: A, valueFrom: {${ROWS[0]![2]}}}]}]}}}}}`,
    ]);
  const tree = (suspend: boolean): Files => ({ ...NONE, [LIST]: all, [THING]: ROWS[0]![1], [POD]: job(suspend) });
  const edits = { [THING]: ROWS[0]![1].replace("wanted", "renamed") };
  expect(inShort(tree(false), edits)).toBe("unsafe | reference-breaks CronJob media/web");
  expect(inShort(tree(true), edits)).toBe("safe");
});

describe("values of a release", () => {
  const generated = (file: string) =>
    kustomization(
      ["helmrelease.yaml", "pvc.yaml"],
      [`configMapGenerator: [{name: made, files: [${file}]}]`, "generatorOptions: {disableNameSuffixHash: true}"],
    );
  const tree: Files = {
    ...NONE,
    [HELM]: release("player", ["valuesFrom: [{kind: ConfigMap, name: made}]"]),
    [LIST]: generated("values.yaml"),
    [`${PLAYER_APP}/values.yaml`]: "a: 1\n",
  };

  test("are looked for under values.yaml where no key is named", () => {
    const moved = { [`${PLAYER_APP}/values.yaml`]: undefined, [`${PLAYER_APP}/vals.yaml`]: "a: 1\n" };
    expect(inShort(tree, { ...moved, [LIST]: generated("vals.yaml") })).toBe(
      "unsafe | reference-breaks HelmRelease media/player",
    );
    expect(inShort(tree, { ...moved, [LIST]: generated("values.yaml=vals.yaml") })).toBe("safe");
  });

  test("are looked for under the key that is named", () => {
    const edits = { [HELM]: release("player", ["valuesFrom: [{kind: ConfigMap, name: made, valuesKey: value.yaml}]"]) };
    expect(inShort(tree, edits)).toBe("unsafe | reference-missing HelmRelease media/player");
  });

  test("are those of values.yaml where none is named", () => {
    const other = object("ConfigMap", "other", "v1", ["data: {a: 'x: b'}"]);
    const both = {
      ...tree,
      [LIST]: generated("values.yaml").replace("  - pvc.yaml", "  - pvc.yaml\n  - thing.yaml"),
      [THING]: other,
    };
    const take = (more: string) => ({
      [HELM]: release("player", [`valuesFrom: [{kind: ConfigMap, name: made}, {kind: ConfigMap, name: other${more}}]`]),
    });
    expect(inShort(both, take(""))).toBe("unsafe | reference-missing HelmRelease media/player");
    expect(inShort(both, take(", valuesKey: b"))).toBe("unsafe | reference-missing HelmRelease media/player");
    expect(inShort(both, take(", valuesKey: a"))).toBe("safe");
  });
});

test("a variable whose key leaves a SealedSecret is emptied", () => {
  const sealed = (keys: string) =>
    object("SealedSecret", "cluster-secrets", "bitnami.com/v1alpha1", [
      "  namespace: flux-system",
      `spec: {encryptedData: {${keys}}}`,
    ]);
  const file = "kubernetes/flux/vars/sealed.yaml";
  const tree = {
    ...NONE,
    [file]: sealed("HOST: x, MORE: y"),
    [CHESS]: `${NONE[CHESS]}  postBuild: {substituteFrom: [{kind: Secret, name: cluster-secrets}]}\n`,
    [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["values: {host: '${HOST}'}"]),
  };
  expect(inShort(tree, { [file]: sealed("MORE: y") })).toBe("unsafe | setting-lost Kustomization flux-system/chess");
  expect(inShort(tree, { [file]: sealed("HOST: x, MORE: z, NEW: n") })).toBe("safe");
});

test("a variable may be set by what somebody else fills", () => {
  const file = "kubernetes/flux/vars/filled.yaml";
  const secret = (data: string) =>
    object("Secret", "filled", "v1", ["  namespace: flux-system", ...(data ? [data] : [])]);
  const from = "{kind: ConfigMap, name: cluster-settings}, {kind: Secret, name: filled}";
  const tree = (data = ""): Files => ({
    ...NONE,
    [file]: secret(data),
    [CHESS]: `${NONE[CHESS]}  postBuild: {substituteFrom: [${from}]}\n`,
  });
  const uses = { [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["values: {host: '${HOST}'}"]) };
  expect(inShort(tree(), uses)).toBe("safe");
  expect(inShort(tree("stringData: {OTHER: x}"), uses)).toBe("unsafe | setting-lost Kustomization flux-system/chess");
  expect(inShort(tree("stringData: {HOST: x}"), uses)).toBe("safe");
  // Whoever empties it takes the variable away.
  expect(inShort({ ...tree("stringData: {HOST: x}"), ...uses }, { [file]: secret("") })).toBe(
    "unsafe | setting-lost Kustomization flux-system/chess",
  );
});

test("the token of a Receiver", () => {
  const receiver = object("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
    "spec: {type: github, secretRef: {name: made}, resources: [{kind: GitRepository, name: home, namespace: flux-system}]}",
  ]);
  const secret = object("Secret", "made", "v1", ["stringData: {token: x}"]);
  const tree = { ...NONE, [LIST]: all, [THING]: secret, [POD]: receiver };
  expect(inShort(tree, { [THING]: secret.replace("token: x", "tokn: x") })).toBe(
    "unsafe | reference-breaks Receiver media/hook",
  );
  expect(inShort(tree, { [THING]: secret.replace("token: x", "token: y, other: z") })).toBe("safe");
});

test("a Receiver that holds no token takes none", () => {
  const receiver = object("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
    "spec: {type: generic-oidc, secretRef: {name: made}, resources: [{kind: GitRepository, name: home, namespace: flux-system}]}",
  ]);
  const secret = object("Secret", "made", "v1", ["stringData: {token: x}"]);
  const tree = { ...NONE, [LIST]: all, [THING]: secret, [POD]: receiver };
  expect(inShort(tree, { [THING]: secret.replace("token: x", "other: x") })).toBe("safe");
});

test("a key that is a variable may be the one that is taken", () => {
  const receiver = object("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
    "spec: {type: github, secretRef: {name: made}, resources: [{kind: GitRepository, name: home, namespace: flux-system}]}",
  ]);
  const secret = object("Secret", "made", "v1", ["stringData: {token: x}"]);
  const tree = { ...NONE, [LIST]: all, [THING]: secret, [POD]: receiver };
  expect(inShort(tree, { [THING]: secret.replace("{token: x}", '{"${K}": a}') })).not.toContain("reference-breaks");
});

test("a component that is not there is missing although Flux is told to leave it out", () => {
  const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n";
  const named = (path: string) => `${NONE[PLAYER]}  components: [${path}]\n  ignoreMissingComponents: true\n`;
  const tree = {
    ...NONE,
    "parts/a/kustomization.yaml": component,
    "parts/a/a.yaml": object("ConfigMap", "a"),
    [PLAYER]: named("../../../../../parts/a"),
  };
  expect(inShort(tree, { [PLAYER]: named("../../../../../parts/b") })).toBe(
    "unsafe | reference-missing Kustomization flux-system/player",
  );
  expect(inShort(tree, { [PLAYER]: NONE[PLAYER]! })).toMatch(/^deletes/);
  // the app moves one folder up, and its component is looked for beside another folder
  const up: Edits = { [PLAYER]: tree[PLAYER].replace("media/player/app", "media/app") };
  for (const [path, text] of Object.entries(NONE).filter(([one]) => one.startsWith(`${PLAYER_APP}/`))) {
    up[path] = undefined;
    up[path.replace("media/player/app", "media/app")] = text;
  }
  expect(inShort(tree, up)).toBe("unsafe | reference-missing Kustomization flux-system/player");
  expect(inShort({ ...NONE, [PLAYER]: tree[PLAYER] }, up)).not.toContain("reference-missing");
});

describe("a key that is named beside its Secret", () => {
  const thing = (keys: string) => external(`data: [${keys}]`);
  const keys = (...names: string[]) => thing(names.map((name) => `{secretKey: ${name}, remoteRef: {key: x}}`).join());
  const chart = (key: string, name = "made") =>
    release("web", [`values: {env: {A: {valueFrom: {secretKeyRef: {name: '${name}', key: ${key}}}}}}`]);
  const issuer = (key: string) =>
    object("Issuer", "web", "cert-manager.io/v1", [
      `spec: {acme: {solvers: [{dns01: {cloudflare: {apiTokenSecretRef: {name: made, key: ${key}}}}}]}}`,
    ]);
  const tree = (user: string, made = keys("wanted", "other")): Files => ({
    ...NONE,
    [LIST]: all,
    [THING]: made,
    [POD]: user,
  });

  test.each([
    ["values of a chart", chart("wanted"), "HelmRelease"],
    ["a field of an operator", issuer("wanted"), "Issuer"],
  ])("in %s", (_title, user, kind) => {
    expect(inShort(tree(user), { [THING]: keys("other") })).toBe(`unsafe | reference-breaks ${kind} media/web`);
    const slip = user.replace("key: wanted", "key: wantde");
    expect(inShort(tree(user), { [POD]: slip })).toBe(`unsafe | reference-missing ${kind} media/web`);
    expect(inShort(tree(user), { [POD]: user.replace("key: wanted", "key: other") })).toBe("safe");
    expect(inShort(tree(user), { [POD]: `${user}# kept\n` })).toBe("safe");
  });

  test("goes from under a field of any name, and another one there may be of something else", () => {
    const store = object("ObjectStore", "web", "barmancloud.cnpg.io/v1", [
      "spec: {configuration: {s3Credentials: {accessKeyId: {name: made, key: wanted}}}}",
    ]);
    const values = release("web", ["values: {s3: {accessKeyId: {name: made, key: wanted}}}"]);
    for (const [user, kind] of [
      [store, "ObjectStore"],
      [values, "HelmRelease"],
    ] as const) {
      expect(inShort(tree(user), { [THING]: keys("other") })).toBe(`unsafe | reference-breaks ${kind} media/web`);
      expect(inShort(tree(user), { [POD]: user.replace("key: wanted", "key: wantde") })).toBe("safe");
      expect(inShort(tree(user, keys("other")), { [THING]: keys("more") })).toBe("safe");
    }
  });

  test("is that of the one which has it, where a Secret and a ConfigMap are called so", () => {
    const map = (key: string) => `\n---\n${object("ConfigMap", "made", "v1", [`data: {${key}: x, more: x}`])}`;
    const both = (secret: string, plain: string) => `${keys(secret)}${map(plain)}`;
    const user = (kind: string) =>
      object("ObjectStore", "web", "barmancloud.cnpg.io/v1", [`spec: {s3: {id: {${kind}name: made, key: wanted}}}`]);
    const moved = (kind: string, was: string) =>
      inShort(tree(user(kind), both(was, "wanted")), { [THING]: both("wanted", "other") });
    expect(moved("", "wanted")).toBe("safe");
    expect(moved("", "other")).toBe("safe");
    expect(moved("kind: Secret, ", "wanted")).toBe("safe");
    const lost = { [THING]: both("other", "other") };
    expect(inShort(tree(user(""), both("wanted", "wanted")), lost)).toContain("reference-breaks");
  });

  test("is left alone where the name is a template", () => {
    expect(inShort(tree(chart("wanted", "{{ made }}")), { [THING]: keys("other") })).toBe("safe");
  });

  test("is known of a template that writes all anew, whatever fills it", () => {
    const filled = (key: string, more = "") =>
      external(`dataFrom: [{extract: {key: x}}]`).replace(
        "target: {name: made}",
        `target: {name: made, template: {${more}data: {${key}: x}}}`,
      );
    expect(inShort(tree(chart("wanted"), filled("wanted")), { [THING]: filled("other") })).toBe(
      "unsafe | reference-breaks HelmRelease media/web",
    );
    const merged = "mergePolicy: Merge, ";
    expect(inShort(tree(chart("wanted"), filled("wanted", merged)), { [THING]: filled("other", merged) })).toBe("safe");
  });
});

test("a release for another cluster takes its keys from there", () => {
  const values = (key: string) => [`values: {env: {A: {valueFrom: {secretKeyRef: {name: made, key: ${key}}}}}}`];
  const thing = object("Secret", "made", "v1", ["stringData: {wanted: x}"]);
  const list = { [THING]: thing, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "thing.yaml"]) };
  const go = (more: string[]) =>
    inShort(
      { ...NONE, ...list, [HELM]: release("player", [...values("wanted"), ...more]) },
      { [HELM]: release("player", [...values("other"), ...more]) },
    );
  expect(go([])).toBe("unsafe | reference-missing HelmRelease media/player");
  expect(go(["kubeConfig: {secretRef: {name: far}}"])).toBe("safe");
});

test("a key that a ClusterIssuer names lies where cert-manager runs", () => {
  const token = (key: string, namespace = "cert-manager") =>
    object("Secret", "made", "v1", [`  namespace: ${namespace}`, `stringData: {${key}: x}`]);
  const issuer = (key: string, kind = "ClusterIssuer") =>
    object(kind, "le", "cert-manager.io/v1", [
      `spec: {acme: {solvers: [{dns01: {cloudflare: {apiTokenSecretRef: {name: made, key: ${key}}}}}]}}`,
    ]);
  const LATER = "kubernetes/flux/vars/token.yaml";
  const tree: Files = {
    ...NONE,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "thing.yaml"]),
    [PLAYER]: NONE[PLAYER]!.replace("  targetNamespace: media\n", ""),
    [`${PLAYER_APP}/pvc.yaml`]: object("Namespace", "cert-manager"),
    [`${PLAYER_APP}/helmrelease.yaml`]: object("ConfigMap", "x", "v1", ["  namespace: media"]),
    [THING]: issuer("wanted"),
    [LATER]: token("wanted"),
  };
  expect(inShort(tree, { [THING]: issuer("wnated") })).toBe("unsafe | reference-missing ClusterIssuer le");
  expect(inShort(tree, { [LATER]: token("other") })).toBe("unsafe | reference-breaks ClusterIssuer le");
  expect(inShort(tree, { [LATER]: `${token("wanted")}# a\n` })).toBe("safe");
  const elsewhere = { ...tree, [LATER]: token("wanted", "media") };
  expect(inShort(elsewhere, { [THING]: issuer("wnated") })).toBe("safe");
});
