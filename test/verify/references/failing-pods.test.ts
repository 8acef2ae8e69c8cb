import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const [LIST, WEB, CONFIG] = ["kustomization", "web", "config"].map((name) => `${PLAYER_APP}/${name}.yaml`) as [
  string,
  string,
  string,
];
const web = (container: string, pod = "") =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${pod}containers: [{name: web, image: web, ${container}}]}}}`,
  ]);
const config = (key: string) => object("ConfigMap", "web", "v1", [`data: {${key}: b}`]);
const tree = (text: string) => ({
  ...homeTree(),
  [LIST]: kustomization(["web.yaml", "config.yaml"]),
  [WEB]: text,
  [CONFIG]: config("a.yaml"),
});

test("a limit of memory without a unit that is meant is named", () => {
  const limit = (amount: string) => web(`resources: {limits: {memory: ${amount}}}`);
  const STOPS = "unsafe | reconcile-stops Deployment media/web";
  for (const amount of ["128m", "128", "512k"]) {
    expect(inShort(tree(limit("128Mi")), { [WEB]: limit(amount) })).toBe(STOPS);
    expect(inShort(tree(limit(amount)), { [CONFIG]: config("other") })).toBe("safe");
  }
  for (const amount of ["128M", "1Gi", "'${SIZE}'", "134217728"])
    expect(inShort(tree(limit("128Mi")), { [WEB]: limit(amount) })).not.toContain("reconcile-stops");
});

test("an image that no node can read is named", () => {
  const image = (name: string) => web("").replace("image: web", `image: '${name}'`);
  const digest = `sha256:${"0a".repeat(32)}`;
  for (const name of [
    "ghcr.io/Me/web:1",
    "web::1",
    "web:",
    "https://ghcr.io/me/web",
    "me/web:1@sha256:abc",
    "me//web",
    "web:v1+2",
  ]) {
    expect(inShort(tree(image("web:1")), { [WEB]: image(name) })).toBe("unsafe | reconcile-stops Deployment media/web");
    expect(inShort(tree(image(name)), { [CONFIG]: config("other") })).toBe("safe");
  }
  for (const name of [
    ...[
      "web:2",
      "localhost:5000/web",
      "ghcr.io:443/me/a.b_c__d--e/web:v1.0_x-1",
      `me/web:1@${digest}`,
      `Reg/web@${digest}`,
    ],
    "[::1]:5000/web",
  ])
    expect(inShort(tree(image("web:1")), { [WEB]: image(name) })).not.toContain("reconcile-stops");
});

test("the same in the values of a chart, as far as it is certain", () => {
  const values = (repository: string) =>
    release("web", [
      `values: {controllers: {web: {containers: {app: {image: {repository: '${repository}', tag: 1.0.0}}}}}}`,
    ]);
  const said = (name: string) => inShort(tree(values("ghcr.io/me/web")), { [WEB]: values(name) });
  expect(said("ghcr.io/Me/web")).toBe("unsafe | reconcile-stops HelmRelease media/web");
  for (const name of ["ghcr.io/you/web", "Web", "{{ .Values.Registry }}/web", "${REGISTRY}/web", "ghcr.io/me/web:RC1"])
    expect(said(name)).toBe("safe");
});

test("root where none may be is named", () => {
  const user = (pod: string, own: string) => web(`securityContext: {${own}}`, `securityContext: {${pod}}, `);
  const STOPS = "unsafe | reconcile-stops Deployment media/web";
  const before = tree(user("runAsNonRoot: true", "runAsUser: 1000"));
  expect(inShort(before, { [WEB]: user("runAsNonRoot: true", "runAsUser: 0") })).toBe(STOPS);
  expect(inShort(before, { [WEB]: user("runAsUser: 0", "runAsNonRoot: true") })).toBe(STOPS);
  expect(inShort(before, { [WEB]: user("runAsNonRoot: true", "runAsUser: 0, runAsNonRoot: false") })).toBe("safe");
});

test("what the API server refuses of pods beside their containers", () => {
  const REFUSED = "unsafe | object-refused Deployment media/web";
  const said = (pod: string) => inShort(tree(web("")), { [WEB]: web("ports: [{containerPort: 1}]", pod) });
  for (const pod of [
    "restartPolicy: Never, ",
    "dnsPolicy: None, ",
    "tolerations: [{key: a, operator: Exists, value: b}], ",
    "tolerations: [{operator: Equal, value: b}], ",
    "tolerations: [{key: a, value: b, effect: NoSchedule, tolerationSeconds: 5}], ",
  ])
    expect(said(pod)).toBe(REFUSED);
  for (const pod of [
    "restartPolicy: Always, ",
    "dnsPolicy: None, dnsConfig: {nameservers: [192.0.2.1]}, ",
    "tolerations: [{operator: Exists}], ",
    "tolerations: [{key: a, value: b, effect: NoExecute, tolerationSeconds: 5}], ",
  ])
    expect(said(pod)).toBe("safe");
  const ports = (second: string) =>
    web(`ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: ${second}}]`);
  expect(inShort(tree(web("")), { [WEB]: ports("80") })).toBe(REFUSED);
  expect(inShort(tree(web("")), { [WEB]: ports("81") })).toBe("safe");
  expect(inShort(tree(web("")), { [WEB]: ports("80, protocol: UDP") })).toBe("safe");
});

test("a container of the name of one that starts before it is refused", () => {
  const init = (name: string) => web("", `initContainers: [{name: ${name}, image: web}], `);
  expect(inShort(tree(init("setup")), { [WEB]: init("web") })).toBe("unsafe | object-refused Deployment media/web");
  expect(inShort(tree(init("setup")), { [WEB]: init("wait") })).toBe("safe");
});

describe("a key of a ConfigMap that a volume takes, and that gets another name", () => {
  const volume = (more: string) => `volumes: [{name: v, configMap: {name: web${more}}}], `;
  const mount = (more: string) => `volumeMounts: [{name: v, mountPath: /etc/a.yaml${more}}]`;
  const BREAKS = "unsafe | reference-breaks Deployment media/web";

  test.each([
    ["listed", web(mount(""), volume(", items: [{key: a.yaml, path: b}]")), BREAKS],
    ["mounted by its name", web(mount(", subPath: a.yaml"), volume("")), BREAKS],
    [
      "listed of several sources",
      web(
        mount(""),
        "volumes: [{name: v, projected: {sources: [{configMap: {name: web, items: [{key: a.yaml, path: b}]}}]}}], ",
      ),
      BREAKS,
    ],
    ["all of it is mounted", web(mount(""), volume("")), "safe"],
    ["optional", web(mount(", subPath: a.yaml"), volume(", optional: true")), "safe"],
    ["a file below a folder", web(mount(", subPath: a/a.yaml"), volume("")), "safe"],
    [
      "a path that an item has",
      web(mount(", subPath: b"), volume(", optional: true, items: [{key: a.yaml, path: b}]")),
      "safe",
    ],
  ])("%s", (_, text, said) => {
    expect(inShort(tree(text), { [CONFIG]: config("b.yaml") })).toBe(said);
    expect(inShort(tree(text), { [CONFIG]: `${config("a.yaml")}# more\n` })).toBe("safe");
  });

  test("mounted by a chart", () => {
    const values = (mounts: string) =>
      release("player", [`values: {persistence: {config: {type: configMap, name: web, ${mounts}}}}`]);
    for (const mounts of [
      "globalMounts: [{path: /a, subPath: a.yaml}]",
      "advancedMounts: {one: {app: [{path: /a, subPath: a.yaml}]}}",
    ]) {
      const found = says(tree(values(mounts)), { [CONFIG]: config("b.yaml") });
      expect(found).toMatchObject({ verdict: "unsafe", rules: ["reference-breaks HelmRelease media/player"] });
      expect(found.findings[0]?.what).toContain("an empty folder in place of that file");
      expect(inShort(tree(values(mounts)), { [CONFIG]: config("b.yaml: c, a.yaml") })).toBe("safe");
    }
    expect(inShort(tree(values("globalMounts: [{path: /a}]")), { [CONFIG]: config("b.yaml") })).toBe("safe");
  });
});

test("a StatefulSet whose name is too long for the labels of its pods is named", () => {
  const set = (length: number) =>
    web("")
      .replace("Deployment", "StatefulSet")
      .replace("name: web\n", `name: ${"w".repeat(length)}\n`);
  const stops = (text: string) => inShort(tree(config("more").replace("web", "more")), { [WEB]: text });
  expect(stops(set(53))).toMatch(/^unsafe \| reconcile-stops StatefulSet media\/w+$/);
  const said = (length: number) =>
    says(tree(config("more").replace("web", "more")), { [WEB]: set(length) }).findings.find(
      ({ rule }) => rule === "reconcile-stops",
    )?.what;
  expect(said(53)).toContain("three in four hashes have too many digits");
  expect(said(54)).toContain("nearly all hashes have too many digits");
  expect(stops(set(52))).toBe("deletes");
  expect(stops(set(53).replace("StatefulSet", "Deployment"))).not.toContain("reconcile-stops");
  expect(stops(set(53).replace("spec: {", "spec: {replicas: 0, "))).toBe("deletes");
  expect(inShort(tree(set(53)), { [WEB]: set(53).replace("image: web", "image: web:2") })).toBe("safe");
});
