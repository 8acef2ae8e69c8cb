import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { CONFIG, chartTree, INSTANCE, inline, SYNC, said } from "./instance-said.ts";

describe("a FluxInstance that is a manifest", () => {
  const edit = (from: string | RegExp, to: string, tree: Files = operatorTree()) =>
    said(tree, { [INSTANCE]: tree[INSTANCE]!.replace(from, to) });

  test("misspells a component, which is refused, so nothing goes", () => {
    const { [INSTANCE]: old } = operatorTree();
    const edited = old!.replace("image-reflector-controller", "image-reflectr-controller");
    const { blockers, meant } = judge(operatorTree(), { [INSTANCE]: edited });
    expect([blockers, meant]).toEqual([["object-refused"], []]);
  });

  test.each([
    [
      "names nothing that there is",
      "'{apiVersion: apps/v1, kind: Deployment, metadata: {name: nope}, spec: {replicas: 1}}'",
      "",
    ],
    [
      "takes out what is not there",
      "'- {op: remove, path: /spec/nope}'",
      ", target: {kind: Deployment, name: source-controller}",
    ],
    ["is no patch", "hello", ", target: {kind: Deployment, name: source-controller}"],
    ["has operations and no target", "'- {op: remove, path: /spec/replicas}'", ""],
  ])("gets a patch that %s: the operator builds nothing", (_, body, target) => {
    const patches = (more = "") => `  sync:${more}`;
    const patch = (text = body) => `  kustomize: {patches: [{patch: ${text}${target}}]}\n  sync:`;
    expect(edit(patches(), patch()).blockers).toEqual(["instance-refused"]);
    // What these settings make of the objects is not known here.
    expect(edit(patches(), `  cluster: {size: small}\n${patch()}`).blockers).toEqual(["safety-unknown"]);
    expect(edit(patches(), patch(body.replace(/nope|hello|replicas/, "${NAME}"))).blockers).not.toContain(
      "instance-refused",
    );
  });

  test("is left alone by the operator from now on", () => {
    const { verdict, blockers } = edit(
      "  namespace: flux-system\n",
      "  namespace: flux-system\n  annotations: {fluxcd.controlplane.io/reconcile: disabled}\n",
    );
    expect([verdict, blockers]).toEqual(["unsafe", ["instance-harms"]]);
  });

  test.each(["7.x", "2.99.x", "2.8.4", "=2.8.4", "v2.8.4", "2.1.2"])(
    "names a version that no Flux fits: %s",
    (version) => {
      expect(edit("2.6.x", version).blockers).toEqual(["instance-refused"]);
    },
  );

  test.each(["2.8.5", "2.9.99", "2.10.0", "~2.8.4", "^2.6.0", "~2.9.6", "2.8.99", "2.10.5", "~2.11.3", "*"])(
    "may name the version %s",
    (version) => {
      expect(edit("2.6.x", `'${version}'`).blockers).toEqual([]);
    },
  );

  test.each([
    ["2.5.x", "cluster: {objectLevelWorkloadIdentity: true}", "2.6"],
    ["2.6.x", "cluster: {objectLevelWorkloadIdentity: true, multitenantWorkloadIdentity: true}", "2.7"],
    ["2.6.x", "components: [source-controller, kustomize-controller, helm-controller, source-watcher]", "2.7"],
    ["2.8.x", SYNC.replace("}", ", provider: aws}"), "2.9"],
  ])("asks %s for what came later: %s", (version, field, since) => {
    const tree = operatorTree();
    tree[INSTANCE] = tree[INSTANCE]!.replace("2.6.x", version).replace(/ {2}components: .*\n/, "");
    const name = field.slice(0, field.indexOf(":"));
    const old = new RegExp(`  ${name}: .*\\n`);
    const later = `${tree[INSTANCE]!.replace(old, "")}  ${field}\n`;
    const { verdict, blockers, texts } = said(tree, { [INSTANCE]: later });
    expect([verdict, blockers]).toEqual(["unsafe", ["instance-refused"]]);
    expect(texts).toContain(`Flux ${version} is too old for`);
    const newer = said(
      { ...tree, [INSTANCE]: tree[INSTANCE]!.replace(version, `${since}.x`) },
      { [INSTANCE]: later.replace(version, `${since}.x`) },
    );
    expect(newer.blockers).not.toContain("instance-refused");
  });

  test.each([
    ["components: [", "components: [kustomize-controller, "],
    ["  sync:", "  sharding: {shards: [one, two, one]}\n  sync:"],
  ])("names something twice, which the operator builds once alone: %s becomes %s", (from, to) => {
    expect(edit(from, to).blockers).toEqual(["instance-refused"]);
    expect(edit(from, to.replace("kustomize-controller, ", "").replace(", one]", "]")).blockers).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["a variable twice", { name: "RUNTIME_NAMESPACE", value: "x" }],
    ["a mount of no volume", undefined],
  ])("patches a controller to have %s", (_, variable) => {
    const at = "/spec/template/spec/containers/0";
    const op = variable
      ? { op: "add", path: `${at}/env/-`, value: variable }
      : { op: "add", path: `${at}/volumeMounts/-`, value: { name: "ca", mountPath: "/ca" } };
    const patch = `{target: {kind: Deployment, name: helm-controller}, patch: '${JSON.stringify([op])}'}`;
    const { verdict, blockers, texts } = edit("spec:", `spec:\n  kustomize: {patches: [${patch}]}`);
    expect([verdict, blockers]).toEqual(["unsafe", ["instance-harms"]]);
    expect(texts).toContain(
      "The API server refuses what a patch of the FluxInstance makes of Deployment helm-controller",
    );
  });

  test.each([
    ["GitRepository", "depth", "unsafe"],
    ["GitRepository", "timeout", "safe"],
    ["Kustomization", "pruning", "unsafe"],
    ["Kustomization", "retryInterval", "safe"],
  ])("patches %s of the sync to have %s", (kind, field, wanted) => {
    const patch = `{target: {kind: ${kind}}, patch: '[{"op":"add","path":"/spec/${field}","value":"2m"}]'}`;
    const { verdict, texts } = edit("spec:", `spec:\n  kustomize: {patches: [${patch}]}`);
    expect(verdict).toBe(wanted);
    if (wanted === "unsafe") expect(texts).toContain(`makes of ${kind} flux-system: spec.${field} is no field there`);
  });

  test.each([
    ["NetworkPolicy", "allow-egress", "/spec/ingres", []],
    ["ServiceAccount", "helm-controller", "/metadata/anotations", { a: "b" }],
  ])("patches %s %s with a slip in a field, which is left out", (kind, name, path, value) => {
    const patch = `{target: {kind: ${kind}, name: ${name}}, patch: '${JSON.stringify([{ op: "add", path, value }])}'}`;
    const { verdict, texts } = edit("spec:", `spec:\n  kustomize: {patches: [${patch}]}`);
    expect(verdict).toBe("unsafe");
    expect(texts).toContain(`leaves out what a patch of the FluxInstance brings to ${kind} ${name}`);
  });

  test.each([
    ["git@git.example.invalid:me/home.git", "unsafe"],
    ["git.example.invalid/me/home.git", "unsafe"],
    ["https://git.example.invalid/me/home", "safe"],
  ])("syncs from %s, which a source takes with a scheme alone", (address, wanted) => {
    const { verdict, texts } = edit("https://git.example.invalid/me/home.git", address);
    expect(verdict).toBe(wanted);
    if (wanted === "unsafe") expect(texts).toContain("makes of GitRepository flux-system: spec.url is");
    const chart = chartTree(inline);
    const values = chart[INSTANCE]!.replace("https://git.example.invalid/me/home.git", address);
    expect(said(chart, { [INSTANCE]: values }).verdict).toBe(wanted);
  });

  test.each([
    ["{}", "unsafe"],
    ["{provider: sops}", "safe"],
  ])("patches the root to have the decryption %s", (decryption, wanted) => {
    const patch = `{target: {kind: Kustomization}, patch: '[{"op":"add","path":"/spec/decryption","value":${decryption.replace(/\w+/g, '"$&"')}}]'}`;
    const { verdict, texts } = edit("spec:", `spec:\n  kustomize: {patches: [${patch}]}`);
    expect([verdict, texts.includes("spec.decryption.provider")]).toEqual([wanted, wanted === "unsafe"]);
  });

  test.each([
    ["another strategy", "kustomize-controller", { op: "add", path: "/spec/strategy", value: { type: "Recreate" } }],
    ["another selector", "helm-controller", { op: "add", path: "/spec/selector/matchLabels/a", value: "b" }],
    ["no word of it", "source-controller", { op: "replace", path: "/spec/strategy", value: { type: "RollingUpdate" } }],
  ])("patches a controller to have %s", (what, name, op) => {
    const patch = `{target: {kind: Deployment, name: ${name}}, patch: '${JSON.stringify([op])}'}`;
    const { verdict, texts } = edit("spec:", `spec:\n  kustomize: {patches: [${patch}]}`);
    expect(verdict).toBe(what === "no word of it" ? "safe" : "unsafe");
    if (verdict === "unsafe")
      expect(texts).toContain(`that a patch of the FluxInstance makes to Deployment flux-system/${name}`);
  });

  test("keeps a patch whose target comes to select nothing, edited by itself or together with its text", () => {
    const body = (name: string) => `{apiVersion: v1, kind: ServiceAccount, metadata: {name: ${name}, labels: {a: b}}}`;
    const patch = (target: string, name = target) =>
      `{target: {kind: ServiceAccount, name: ${target}}, patch: '${body(name)}'}`;
    const listed = (...patches: string[]) =>
      operatorTree()[INSTANCE]!.replace("spec:", `spec:\n  kustomize: {patches: [${patches.join(", ")}]}`);
    const judged = (from: string, to: string) => said({ ...operatorTree(), [INSTANCE]: from }, { [INSTANCE]: to });
    const [right, wrong] = ["kustomize-controller", "kustomise-controller"] as const;
    for (const typo of [patch(wrong, right), patch(wrong)]) {
      const { verdict, texts } = judged(listed(patch(right)), listed(typo));
      expect(verdict).toBe("unsafe");
      expect(texts).toContain(`its target becomes {"kind":"ServiceAccount","name":"${wrong}"}, which selects nothing`);
    }
    // A Flux that came out later may hold it.
    const later = (text: string) => text.replace("2.6.x", "2.99.x");
    const open = judged(later(listed(patch(right))), later(listed(patch(wrong, right))));
    expect([open.verdict, open.texts.includes("selects nothing of any Flux that fluxlift knows")]).toEqual([
      "unproven",
      true,
    ]);
    expect(judged(listed(patch(right)), listed(patch("helm-controller"))).verdict).toBe("safe");
    expect(judged(listed(patch(right)), listed(patch(right), patch(wrong))).verdict).toBe("safe");
    expect(judged(listed(patch(right), patch(wrong)), listed(patch(wrong))).verdict).toBe("safe");
  });

  test("becomes multitenant while releases take charts from another namespace", () => {
    const file = "kubernetes/apps/media/player/app/helmrelease.yaml";
    const tree: Files = {
      ...operatorTree(),
      [file]: release("player")
        .replace("name: player", "name: player\n  namespace: media")
        .replace("name: charts}", "name: charts, namespace: flux-system}"),
    };
    const { verdict, texts } = edit("distribution:", "cluster: {multitenant: true}\n  distribution:", tree);
    expect(verdict).toBe("unsafe");
    expect(texts).toContain("HelmRelease media/player refers to another namespace, and Flux looks after that no more");
  });

  test("gets another sync.name where force deletes it, which uninstalls Flux", () => {
    const named = Object.fromEntries(
      Object.entries(operatorTree()).map(([path, text]) => [
        path,
        text.replace("sync: {", "sync: {name: cluster, ").replaceAll("    name: flux-system\n", "    name: cluster\n"),
      ]),
    );
    const marked = named[INSTANCE]!.replace(
      "  namespace: flux-system\n",
      "  namespace: flux-system\n  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}\n",
    );
    const { verdict, blockers } = said(
      { ...named, [INSTANCE]: marked },
      { [INSTANCE]: marked.replace("name: cluster,", "name: other,") },
    );
    expect(verdict).toBe("unsafe");
    expect(blockers).toContain("flux-may-go");
    expect(blockers).not.toContain("instance-refused");
  });

  test.each<[string, string, string]>([
    ["gets a newer Flux", "2.6.x", "2.7.x"],
    ["gets a label", "  namespace: flux-system\n", "  namespace: flux-system\n  labels: {a: b}\n"],
    [
      "gets another component",
      "image-reflector-controller]",
      "image-reflector-controller, image-automation-controller]",
    ],
  ])("%s, which draws no blocker", (_, from, to) => {
    expect(edit(from, to).blockers).toEqual([]);
  });
});

describe("the claim and the shards that a FluxInstance asks for", () => {
  const tree = operatorTree();
  const whole = `${tree[INSTANCE]}  storage: {class: fast, size: 10Gi}\n  sharding: {storage: persistent, shards: [one, two]}\n`;
  const goes = (from: string, to: string) => judge({ ...tree, [INSTANCE]: from }, { [INSTANCE]: to }).meant;

  test("are of a size that is none", () => {
    const claim = (size: string) => `${tree[INSTANCE]}  storage: {class: fast, size: ${size}}\n`;
    expect(said(tree, { [INSTANCE]: claim("10gb") }).blockers).toEqual(["instance-harms"]);
    expect(said(tree, { [INSTANCE]: claim("10Gi") }).blockers).toEqual([]);
    const old = { ...tree, [INSTANCE]: claim("10gb") };
    expect(said(old, { [INSTANCE]: `${claim("10gb")}# more\n` }).blockers).toEqual([]);
  });

  test("are collected by the operator when they leave it", () => {
    expect(goes(whole.replace(/ {2}sharding.*\n/, ""), tree[INSTANCE]!)).toEqual([
      "deleted PersistentVolumeClaim flux-system/source-controller",
    ]);
    expect(goes(whole, whole.replace(", two]", "]"))).toEqual([
      "deleted Deployment flux-system/helm-controller-two",
      "deleted Deployment flux-system/image-reflector-controller-two",
      "deleted Deployment flux-system/kustomize-controller-two",
      "deleted Deployment flux-system/source-controller-two",
      "deleted PersistentVolumeClaim flux-system/source-controller-two",
      "deleted Service flux-system/source-controller-two",
    ]);
  });

  test("are nothing that goes where they come, or grow", () => {
    expect(said({ ...tree }, { [INSTANCE]: whole }).verdict).toBe("safe");
    expect(said({ ...tree, [INSTANCE]: whole }, { [INSTANCE]: whole.replace("10Gi", "20Gi") }).verdict).toBe("safe");
  });
});

describe("a registry that the operator does not know", () => {
  const tree = operatorTree();
  const change = (registry: string, from: Files = tree) =>
    said(from, { [INSTANCE]: tree[INSTANCE]!.replace("registry: ghcr.io/fluxcd", `registry: ${registry}`) });

  test("is to be looked at, with those below it that are known", () => {
    const { verdict, texts } = change("ghcr.io/controlplaneio-fluxcd");
    expect(verdict).toBe("unproven");
    expect(texts).toContain("known are ghcr.io/controlplaneio-fluxcd/alpine");
    expect(change("registry.example.invalid/flux").verdict).toBe("unproven");
  });

  test("is quiet where it is known, or is what the controllers come from already", () => {
    expect(change("fluxcd").verdict).toBe("safe");
    const closed = "ghcr.io/controlplaneio-fluxcd/distroless";
    expect(change(closed).texts).not.toContain("known are");
    const own = { ...tree, [INSTANCE]: tree[INSTANCE]!.replace("ghcr.io/fluxcd", "registry.example.invalid/flux") };
    expect(said(own, { [INSTANCE]: own[INSTANCE]!.replace("2.6.x", "2.7.x") }).verdict).toBe("safe");
  });
});

describe("what a FluxInstance needs from outside", () => {
  const tree = operatorTree();
  const change = (to: string, from: string = tree[INSTANCE]!, own = "registry: ghcr.io/fluxcd") =>
    said({ ...tree, [INSTANCE]: from }, { [INSTANCE]: from.replace(own, to) });

  test("is the Secret that the controllers are pulled with", () => {
    const from = tree[INSTANCE]!.replace("ghcr.io/fluxcd", "registry.example.invalid/flux, imagePullSecret: pulls");
    const { verdict, texts } = change("", from, ", imagePullSecret: pulls");
    expect([verdict, texts]).toEqual([
      "unproven",
      expect.stringContaining("registry.example.invalid/flux may want one"),
    ]);
    const closed = "registry: ghcr.io/controlplaneio-fluxcd/distroless";
    expect(change(closed)).toMatchObject({
      verdict: "unproven",
      texts: expect.stringContaining("distroless may want one"),
    });
    expect(change(`${closed}, imagePullSecret: pulls`).texts).not.toContain("may want one");
    const open = tree[INSTANCE]!.replace("ghcr.io/fluxcd", "ghcr.io/fluxcd, imagePullSecret: pulls");
    expect(change("", open, ", imagePullSecret: pulls").verdict).toBe("safe");
    expect(change("registry: ghcr.io/fluxcd", from, "registry: registry.example.invalid/flux").verdict).toBe("safe");
  });

  test("is its manifests, where they come from another place", () => {
    const artifact = "registry: ghcr.io/fluxcd, artifact: 'oci://";
    expect(change(`${artifact}registry.example.invalid/flux'`).texts).toContain(
      "the manifests of Flux fetched from oci://registry",
    );
    expect(change(`${artifact}ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest'`).verdict).toBe("safe");
    expect(change("registry: ghcr.io/fluxcd, artifactPullSecret: pulls").texts).toContain("names Secret/pulls");
  });

  test("is its manifests of another release, which hold what a range of versions takes", () => {
    const pin = (tag: string, version = "2.x") =>
      tree[INSTANCE]!.replace(
        /distribution: \{.*\}/,
        `distribution: {version: ${version}, registry: ghcr.io/fluxcd, artifact: 'oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:${tag}'}`,
      );
    const moves = (from: string, to: string, version?: string) =>
      said({ ...tree, [INSTANCE]: pin(from, version) }, { [INSTANCE]: pin(to, version) });
    expect(moves("v0.40.0", "v0.41.0").verdict).toBe("safe");
    expect(moves("v0.40.0", "v0.49.0").verdict).toBe("safe");
    expect(moves("v0.49.0", "v0.40.0").texts).toContain("hold Flux up to 2.7.5, while 2.8.7 may run today");
    expect(moves("latest", "v0.40.0").texts).toContain("hold Flux up to 2.7.5, while 2.9.5 may run today");
    expect(moves("v0.49.0", "v0.40.0", "2.8.x").texts).toContain("while 2.8.x is 2.8.8");
    expect(moves("v0.49.0", "v0.40.0", "2.7.x").verdict).toBe("safe");
  });

  test("is the domain that the cluster has", () => {
    const domain = (name: string) => `${tree[INSTANCE]}  cluster: {domain: ${name}}\n`;
    const { verdict, texts } = said(tree, { [INSTANCE]: domain("cluster.example") });
    expect([verdict, texts]).toEqual(["unproven", expect.stringContaining("cluster.example instead of cluster.local")]);
    expect(said(tree, { [INSTANCE]: domain("cluster.local") }).verdict).toBe("safe");
  });

  test.each([
    ["volumes", { name: "ca", secret: { secretName: "ca" } }, "Secret/ca in spec.template.spec.volumes.secret"],
    ["volumes", { name: "ca", configMap: { name: "ca" } }, "ConfigMap/ca in spec.template.spec.volumes.configMap"],
    ["volumes", { name: "ca", secret: { secretName: "ca", optional: true } }, undefined],
    ["containers/0/env", { name: "A", valueFrom: { secretKeyRef: { name: "ca", key: "a" } } }, "Secret/ca in"],
  ])("is what a patch takes into a controller: %s %s", (field, value, names) => {
    const body = JSON.stringify([{ op: "add", path: `/spec/template/spec/${field}/-`, value }]);
    const patch = `kustomize: {patches: [{target: {kind: Deployment, name: source-controller}, patch: '${body}'}]}`;
    const edits = { [INSTANCE]: `${tree[INSTANCE]}  ${patch}\n` };
    const { verdict, texts } = said(tree, edits);
    expect([verdict, texts]).toEqual(names ? ["unproven", expect.stringContaining(names)] : ["safe", ""]);
    if (!names) return;
    const made = object(names.split("/")[0]!, "ca", "v1", ["  namespace: flux-system", "data: {a: Yg==}"]);
    const list = `${CONFIG}/kustomization.yaml`;
    const both = { ...edits, [`${CONFIG}/ca.yaml`]: made, [list]: `${tree[list]}  - ca.yaml\n` };
    expect(said(tree, both).verdict).toBe("safe");
  });

  test("is the branch, which an empty ref leaves to source-controller", () => {
    const { verdict, texts } = change("ref: ''", tree[INSTANCE]!, "ref: refs/heads/main");
    expect([verdict, texts]).toEqual(["unproven", expect.stringContaining("reads branch master")]);
  });
});

describe("the source that a FluxInstance generates", () => {
  test("is read over another protocol with the same Secret, or without one", () => {
    const tree = operatorTree();
    const start = tree[INSTANCE]!.replace("ref: refs", "pullSecret: flux-system, ref: refs");
    const from = { ...tree, [INSTANCE]: start };
    const ssh = said(from, { [INSTANCE]: start.replace("https://git.", "ssh://git@git.") });
    expect([ssh.verdict, ssh.texts]).toEqual([
      "unproven",
      expect.stringContaining("GitRepository flux-system/flux-system is read over ssh"),
    ]);
    expect(said(from, { [INSTANCE]: tree[INSTANCE] }).texts).toContain("names no Secret from then on");
  });

  test("also where it takes over what an old install has", () => {
    const file = `${CONFIG}/cluster.yaml`;
    const url = "  url: https://git.example.invalid/me/home.git\n";
    const text = homeTree()[file]!.replace(url, `${url}  secretRef: {name: key}\n`);
    const tree: Files = { ...homeTree(), [file]: text };
    const list = `${CONFIG}/kustomization.yaml`;
    const add = (start: string) =>
      said(tree, {
        [INSTANCE]: operatorTree()
          [INSTANCE]!.replace("sync: {", "sync: {name: home, pullSecret: key, ")
          .replace("https://git.", start),
        [list]: `${tree[list]}  - instance.yaml\n`,
      }).texts;
    expect(add("ssh://git@git.")).toContain("GitRepository flux-system/home is read over ssh");
    expect(add("https://git.")).not.toContain("GitRepository flux-system/home is read");
  });

  test("also where a release of the chart holds it", () => {
    const tree = chartTree(inline);
    const text = tree[INSTANCE]!;
    const edits = { [INSTANCE]: text.replace("ref: refs", "pullSecret: flux-system, ref: refs") };
    const from = { ...tree, ...edits };
    const ssh = said(from, { [INSTANCE]: edits[INSTANCE].replace("https://git.", "ssh://git@git.") });
    expect(ssh.verdict).toBe("unproven");
  });

  test("is read with another Secret, which the release that holds the instance does not make", () => {
    const start = chartTree(inline)[INSTANCE]!.replace("ref: refs", "pullSecret: flux-system, ref: refs");
    const from = { ...chartTree(inline), [INSTANCE]: start };
    const other = said(from, { [INSTANCE]: start.replace("pullSecret: flux-system", "pullSecret: git-login") });
    expect([other.verdict, other.texts]).toEqual(["unproven", expect.stringContaining("names Secret/git-login")]);
    const images = operatorTree();
    const pull = images[INSTANCE]!.replace("distribution: {", "distribution: {imagePullSecret: pulls, ");
    expect(said(images, { [INSTANCE]: pull }).verdict).toBe("unproven");
  });
});

describe("a FluxInstance that gives something up", () => {
  const FILE = "kubernetes/flux/alert.yaml";
  const old = operatorTree();
  const edit = (tree: Files, from: string, to: string) => said(tree, { [INSTANCE]: tree[INSTANCE]!.replace(from, to) });
  const alert = object("Alert", "all", "notification.toolkit.fluxcd.io/v1beta2", [
    "  namespace: flux-system",
    "spec: {eventSources: []}",
  ]);

  test("such as API versions that objects still use", () => {
    const { verdict, blockers, texts } = edit({ ...old, [FILE]: alert }, "2.6.x", "2.9.x");
    expect([verdict, blockers]).toEqual(["unsafe", ["instance-harms"]]);
    expect(texts).toContain("serves notification.toolkit.fluxcd.io/v1beta2 no more");
    expect(edit({ ...old, [FILE]: alert }, "2.6.x", "2.7.x").blockers).toEqual([]);
    expect(edit({ ...old, [FILE]: alert.replace("v1beta2", "v1beta3") }, "2.6.x", "2.9.x").blockers).toEqual([]);
    expect(edit({ ...old, "docs/alert.yaml": alert }, "2.6.x", "2.9.x").blockers).toEqual([]);
  });

  test("or, where it is the first one, takes a newer Flux over from the install", () => {
    const tree: Files = { ...homeTree(), [FILE]: alert };
    const add = (version: string) =>
      said(tree, {
        [INSTANCE]: object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
          "  namespace: flux-system",
          "spec:",
          `  distribution: {version: ${version}, registry: ghcr.io/fluxcd}`,
          `  ${SYNC}`,
        ]),
        [`${CONFIG}/kustomization.yaml`]: `${tree[`${CONFIG}/kustomization.yaml`]}  - instance.yaml\n`,
      });
    expect(add("2.x").texts).toContain("v1beta2 no more");
    expect(add("2.6.x").texts).not.toContain("v1beta2 no more");
  });

  test("or the same by the manifests that the operator fetches", () => {
    const pin = (tag: string) =>
      old[INSTANCE]!.replace(
        /distribution: \{.*\}/,
        `distribution: {version: 2.x, registry: ghcr.io/fluxcd, artifact: 'oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:${tag}'}`,
      );
    const moves = (to: string) => said({ ...old, [FILE]: alert, [INSTANCE]: pin("v0.40.0") }, { [INSTANCE]: pin(to) });
    expect(moves("v0.41.0").blockers).toEqual([]);
    expect(moves("v0.58.0").texts).toContain("v1beta2 no more");
  });

  test("or the same by the artifact that Flux is installed from", () => {
    const tree: Files = { ...homeTree(), [FILE]: alert };
    const flux = `${CONFIG}/flux.yaml`;
    expect(said(tree, { [flux]: tree[flux]!.replace("v2.6.4", "v2.9.0") }).texts).toContain("v1beta2 no more");
    expect(said(tree, { [flux]: tree[flux]!.replace("v2.6.4", "v2.6.5") }).blockers).toEqual([]);
  });

  test("or by an artifact that no root delivers, and that the cluster reads all the same", () => {
    const flux = `${CONFIG}/flux.yaml`;
    const [source, ...rest] = homeTree()
      [flux]!.split(/^---\n/m)
      .filter((text) => text !== "");
    const saidOf = (file: string) => {
      const tree: Files = { ...homeTree(), [FILE]: alert, [flux]: rest.join("---\n"), [file]: source! };
      return said(tree, { [file]: source!.replace("v2.6.4", "v2.9.0") }).texts;
    };
    expect(saidOf("sources/oci.yaml")).toContain("v1beta2 no more");
    expect(saidOf("archive/oci.yaml")).not.toContain("v1beta2 no more");
  });

  test("such as a shard that objects still belong to", () => {
    const sharded = {
      ...old,
      [INSTANCE]: old[INSTANCE]!.replace("spec:\n", "spec:\n  sharding: {shards: [shard1, shard2]}\n"),
    };
    const labelled = alert.replace("  namespace:", "  labels: {sharding.fluxcd.io/key: shard2}\n  namespace:");
    const { verdict, texts } = edit({ ...sharded, [FILE]: labelled }, "[shard1, shard2]", "[shard1]");
    expect(verdict).toBe("unsafe");
    expect(texts).toContain("gives up shard shard2");
    expect(edit({ ...sharded, [FILE]: labelled }, "[shard1, shard2]", "[shard2]").blockers).toEqual([]);
  });
});

describe("an operator that goes", () => {
  const APP = "kubernetes/apps/media/player/app";
  const edits = {
    "kubernetes/apps/games/chess/ks.yaml": undefined,
    "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml"]),
  };
  const held = (chart: string, kind: string, apiVersion: string): Files => ({
    ...homeTree(),
    [`${APP}/pvc.yaml`]: object(kind, "one", apiVersion),
    "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess").replace("chart: app", `chart: ${chart}`),
  });

  test("while its databases stay is unsafe", () => {
    const { verdict, blockers, texts } = said(held("cloudnative-pg", "Cluster", "postgresql.cnpg.io/v1"), edits);
    expect([verdict, blockers]).toEqual(["unsafe", ["operator-goes"]]);
    expect(texts).toContain("HelmRelease games/chess goes, the operator of Cluster");
  });

  test("while other objects of it stay is unproven", () => {
    expect(said(held("cert-manager", "Issuer", "cert-manager.io/v1"), edits).verdict).toBe("unproven");
  });

  test("with the last of its objects, or without any, draws no such word", () => {
    const tree = held("cloudnative-pg", "Cluster", "postgresql.cnpg.io/v1");
    const whole = {
      ...edits,
      [`${APP}/pvc.yaml`]: undefined,
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
    };
    expect(said(tree, whole).verdict).toBe("deletes");
    expect(said(held("other", "Cluster", "postgresql.cnpg.io/v1"), edits).blockers).toEqual([]);
  });
});

describe("commonMetadata over what protects an object", () => {
  const claim = "kubernetes/apps/media/player/app/pvc.yaml";
  const file = "kubernetes/apps/media/player/ks.yaml";
  const path = "kubernetes/apps/media/player/app";
  const guarded = object("PersistentVolumeClaim", "player", "v1", [
    "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}",
  ]);
  const tree: Files = { ...homeTree(), [claim]: guarded };
  const common = (text: string) =>
    ks("player", path, ["targetNamespace: media", `commonMetadata: {annotations: {${text}}}`]);

  test("is a guard that no longer works", () => {
    const { verdict, blockers } = said(tree, { [file]: common("kustomize.toolkit.fluxcd.io/prune: enabled") });
    expect([verdict, blockers]).toEqual(["unsafe", ["guard-overridden"]]);
  });

  test("is nothing to speak of where it sets other keys, or the document gives the guard up", () => {
    expect(said(tree, { [file]: common("a: b") }).blockers).toEqual([]);
    expect(said(tree, { [claim]: homeTree()[claim] }).blockers).toEqual([]);
  });
});

describe("a Flux to which a variable that nothing sets is an error", () => {
  const APP = "kubernetes/apps/media/player";
  const NOTE = `${APP}/app/note.yaml`;
  const uses = (tree: Files, text: string, build = "substitute: {NAME: player}"): Files => ({
    ...tree,
    [`${APP}/ks.yaml`]: `${tree[`${APP}/ks.yaml`]}  postBuild: {${build}}\n`,
    [`${APP}/app/helmrelease.yaml`]: release("player"),
    [`${APP}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "note.yaml"]),
    [NOTE]: object("ConfigMap", "note", "v1", [`data: {a: '${text}', b: '\${NAME}'}`, "# ${COMMENT}"]),
  });
  const FLUX = `${CONFIG}/flux.yaml`;
  const manifests = (tree: Files, version: string): Edits => ({ [FLUX]: tree[FLUX]!.replace("v2.6.4", version) });

  test("comes with the release artifact, or by a FluxInstance", () => {
    const tree = uses(homeTree(), "${OTHER}");
    const { verdict, blockers, texts } = said(tree, manifests(tree, "v2.9.4"));
    expect([verdict, blockers]).toEqual(["unsafe", ["instance-harms"]]);
    expect(texts).toContain("Flux 2.9.4 builds Kustomization flux-system/player no more, as nothing sets ${OTHER}");
    expect(said(tree, manifests(tree, "v2.8.8"))).toMatchObject({ verdict: "safe" });
    const run = uses(operatorTree(), "${OTHER}");
    const edits = { [INSTANCE]: run[INSTANCE]!.replace("2.6.x", "2.9.x") };
    expect(said(run, edits).blockers).toEqual(["instance-harms"]);
    const gate = "--feature-gates=StrictPostBuildSubstitutions=false";
    const patch = JSON.stringify([{ op: "add", path: "/spec/template/spec/containers/0/args/-", value: gate }]);
    const off = `spec:\n  kustomize: {patches: [{target: {kind: Deployment, name: kustomize-controller}, patch: '${patch}'}]}`;
    expect(said(run, { [INSTANCE]: edits[INSTANCE]!.replace("spec:", off) }).verdict).toBe("safe");
  });

  test.each([
    ["a default", "${OTHER:=x}", undefined],
    ["a value from a ConfigMap in Git", "${DOMAIN}", "substituteFrom: [{kind: ConfigMap, name: cluster-settings}]"],
    ["what a Secret may set that cannot be seen", "${OTHER}", "substituteFrom: [{kind: Secret, name: unseen}]"],
    ["two dollars", "$${OTHER}", undefined],
  ])("breaks nothing that has %s", (_, text, build) => {
    const all = build === undefined ? undefined : `substitute: {NAME: player}, ${build}`;
    const tree = uses(homeTree(), text, all);
    expect(said(tree, manifests(tree, "v2.9.4"))).toEqual({ verdict: "safe", blockers: [], texts: "" });
  });

  test("lies in the tree, and nothing delivers it", () => {
    const beside = { ...homeTree(), "bootstrap/instance.yaml": operatorTree()[INSTANCE]!.replace("2.6.x", "2.9.x") };
    const tree = uses(beside, "${OTHER}");
    expect(said(tree, { [NOTE]: `${tree[NOTE]}# more\n` }).blockers).toEqual([]);
  });

  test("is none by what a page says of the gate, or another cluster sets", () => {
    const tree = uses(homeTree(), "${OTHER}");
    const edits = { [`${APP}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "note.yaml"]) };
    const told = said(tree, edits);
    expect(told.texts).toContain("PersistentVolumeClaim");
    for (const file of ["README.md", "clusters/other/flux.yaml"])
      expect(said({ ...tree, [file]: "a: --feature-gates=StrictPostBuildSubstitutions=true\n" }, edits)).toEqual(told);
  });

  test("is asked of what is known alone", () => {
    const tree = uses(homeTree(), "x");
    expect(said(tree, manifests(tree, "v2.6.9")).verdict).toBe("safe");
    expect(said(tree, manifests(tree, "v2.99.0")).verdict).toBe("unproven");
    expect(said(tree, manifests(tree, "v2.5.1")).verdict).toBe("unsafe");
  });
});
