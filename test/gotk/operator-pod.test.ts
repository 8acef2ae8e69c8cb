import { describe, expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const DIR = "clusters/home";
const patch = (body: string, name?: string) =>
  `- patch: |\n${body.replace(/^/gm, "    ")}\n  target:\n    kind: Deployment\n${name ? `    name: ${name}\n` : ""}`;
const merge = (pod: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: all\nspec:\n  template:\n    spec:\n${pod.replace(/^/gm, "      ")}`;
const TAINT = "tolerations:\n- key: CriticalAddonsOnly\n  operator: Exists";
const PROXY =
  "containers:\n- name: manager\n  env:\n  - name: HTTPS_PROXY\n    value: http://proxy.example.org:3128\n  - name: COLOUR\n    value: blue";

function install(patches: string) {
  const list = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n";
  return runPhase(makeFluxSystem(DIR, { kustomization: kustomization(`${list}${patches}`) }), "install");
}

function operatorOf(patches: string): string {
  const { files } = install(patches);
  return files[`${DIR}/flux-system/flux-operator/helmrelease.yaml`]!;
}

test("the operator may run where every controller of Flux may", () => {
  const text = operatorOf(patch(merge(`${TAINT}\nnodeSelector:\n  pool: system\n${PROXY}`)));
  expect(text).toMatch(/tolerations:\n\s+- key: CriticalAddonsOnly\n\s+operator: Exists\n/);
  expect(text).toMatch(/nodeSelector:\n\s+pool: system\n/);
  expect(text).not.toContain("kubernetes.io/os");
  expect(text).toMatch(/extraEnvs:\n\s+- name: HTTPS_PROXY\n\s+value: http:\/\/proxy.example.org:3128\n/);
  expect(text).not.toContain("COLOUR");
});

test("what one controller has is no value of the operator", () => {
  expect(operatorOf(patch(merge(TAINT), "source-controller"))).not.toContain("values:");
  expect(operatorOf(patch(merge("priorityClassName: high")))).not.toContain("values:");
});

test("the operator fetches through the proxy of source-controller, whether or not the others do", () => {
  const text = operatorOf(patch(merge(PROXY), "source-controller"));
  expect(text).toMatch(/extraEnvs:\n\s+- name: HTTPS_PROXY\n\s+value: http:\/\/proxy.example.org:3128\n/);
  expect(text).not.toContain("COLOUR");
  expect(operatorOf(patch(merge(PROXY))).match(/HTTPS_PROXY/g)).toHaveLength(1);
  expect(operatorOf(patch(merge(PROXY), "helm-controller"))).not.toContain("values:");
});

const CAS = `volumes:
- name: cas
  configMap:
    name: company-cas
- name: scratch
  emptyDir: {}
containers:
- name: manager
  env:
  - name: SSL_CERT_DIR
    value: /company
  volumeMounts:
  - name: cas
    mountPath: /company
    readOnly: true
  - name: scratch
    mountPath: /scratch`;

test("the operator trusts the CAs that every controller mounts", () => {
  const text = operatorOf(patch(merge(CAS)));
  expect(text).toMatch(/extraEnvs:\n\s+- name: SSL_CERT_DIR\n\s+value: \/company\n/);
  expect(text).toMatch(/extraVolumes:\n\s+- name: cas\n\s+configMap:\n\s+name: company-cas\n/);
  expect(text).toMatch(/extraVolumeMounts:\n\s+- name: cas\n\s+mountPath: \/company\n\s+readOnly: true\n/);
  expect(text).not.toMatch(/scratch|name: tmp/);
  expect(operatorOf(patch(merge(CAS), "source-controller"))).not.toContain("values:");
});

const AFFINITY = `affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
      - matchExpressions:
        - key: pool
          operator: Exists
  podAntiAffinity: {}`;

test("the operator runs on the nodes that their affinity names, and on no others than Linux", () => {
  const text = operatorOf(patch(merge(AFFINITY)));
  expect(text).toMatch(/affinity:\n\s+nodeAffinity:\n\s+requiredDuringSchedulingIgnoredDuringExecution:\n/);
  expect(text).toMatch(/nodeSelector:\n\s+kubernetes.io\/os: linux\n/);
  expect(text).not.toContain("podAntiAffinity");
});

test("what the operator's chart has no safe value for is said", () => {
  const pod = 'hostNetwork: true\nhostAliases:\n- ip: 10.0.0.1\n  hostnames: ["git.example.org"]';
  const said = (patches: string) => install(patches).findings.filter(({ rule }) => rule === "operator-pod-differs");
  expect(said(patch(merge(pod))).map(({ level, what }) => `${level} ${what}`)).toEqual([
    "caution Every controller of Flux runs with hostNetwork and hostAliases, and the operator that is added runs without.",
  ]);
  expect(said(patch(merge(pod), "source-controller"))).toEqual([]);
  expect(said(patch(merge("hostNetwork: false")))).toEqual([]);
});

test("variables that all controllers take from a ConfigMap or Secret are to be looked at", () => {
  const found = (patches: string) =>
    install(patches)
      .findings.filter(({ rule }) => rule === "operator-pod-differs")
      .map(({ what }) => what);
  const proxy = merge("containers:\n- name: manager\n  envFrom:\n  - configMapRef:\n      name: proxy");
  expect(found(patch(proxy))).toEqual([
    "Every controller of Flux runs with envFrom, and the operator that is added runs without.",
  ]);
  expect(found(patch(proxy, "helm-controller"))).toEqual([]);
});

test("a variable goes without the volume it points into, which only the controllers have", () => {
  const onHost = CAS.replace("configMap:\n    name: company-cas", "hostPath:\n    path: /company");
  const list = patch(merge(onHost.replaceAll("/company", "/etc/ssl/company")));
  expect(operatorOf(list)).not.toContain("values:");
  const [said] = install(list).findings.filter(({ rule }) => rule === "operator-pod-differs");
  expect(said?.what).toContain("runs with SSL_CERT_DIR and a volume at /etc/ssl/company, and");
  expect(said?.next).toContain("extraVolumeMounts");
});

test("a variable that names several folders keeps those that the image has, and the volume of another one is said", () => {
  const onHost = CAS.replace("configMap:\n    name: company-cas", "hostPath:\n    path: /company");
  const both = patch(merge(onHost.replace("value: /company", "value: /etc/ssl/certs:/company")));
  expect(operatorOf(both)).toMatch(/name: SSL_CERT_DIR\n\s+value: \/etc\/ssl\/certs:\/company\n/);
  const [said] = install(both).findings.filter(({ rule }) => rule === "operator-pod-differs");
  expect(said?.what).toContain("runs with a volume at /company, and");
  const lost = patch(merge(onHost.replace("value: /company", "value: /company:/company/more")));
  expect(operatorOf(lost)).not.toContain("values:");
});

test("names that the controllers ask of their node are to be looked at", () => {
  const found = (policy: string) =>
    install(patch(merge(`dnsPolicy: ${policy}`))).findings.some(({ rule }) => rule === "operator-pod-differs");
  expect(found("Default")).toBe(true);
  expect(found("ClusterFirst")).toBe(false);
});

describe("policies of the owner in place of those of Flux", () => {
  const NETWORK = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: NAME
  namespace: flux-system
spec:
  podSelector: SELECTOR
  policyTypes: [Egress]
`;
  const deny = NETWORK.replace("NAME", "nothing").replace("SELECTOR", "{}");
  const out = (name: string, selector: string, port: number) =>
    `${NETWORK.replace("NAME", name).replace("SELECTOR", `{ ${selector} }`)}  egress:\n  - ports:\n    - port: ${port}\n`;
  const dns = out("dns", "", 53);
  const source = out("source", "matchLabels: { app: source-controller }", 443);
  const said = (policies: readonly string[], gone = "$patch: delete") => {
    const list = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n- network.yaml\npatches:\n";
    const patches = `- patch: |\n    ${gone}\n    apiVersion: networking.k8s.io/v1\n    kind: NetworkPolicy\n    metadata:\n      name: any\n  target:\n    kind: NetworkPolicy\n    name: allow-(egress|scraping|webhooks)\n`;
    const files = makeFluxSystem(DIR, { kustomization: kustomization(`${list}${patches}`) });
    return runPhase(
      { ...files, [`${DIR}/flux-system/network.yaml`]: policies.join("---\n") },
      "install",
    ).findings.filter(({ rule }) => rule === "operator-pod-differs");
  };

  test("one that lets the operator out nowhere is said", () => {
    const [found] = said([dns, deny, source]);
    expect(`${found?.level} ${found?.what}`).toBe(
      "caution NetworkPolicy flux-system/nothing keeps the operator that is added from the API server, and no other policy here lets it out.",
    );
    expect(found?.at).toMatchObject({ file: `${DIR}/flux-system/network.yaml`, line: 16 });
    expect(found?.next).toContain("app.kubernetes.io/name: flux-operator");
  });

  test("nothing is said where one lets it out, may do so, or Flux's own do", () => {
    expect(said([deny, out("api", "", 6443)])).toEqual([]);
    expect(said([deny, out("operator", "matchLabels: { app.kubernetes.io/name: flux-operator }", 443)])).toEqual([]);
    expect(said([deny, out("some", "matchExpressions: [{ key: app, operator: Exists }]", 443)])).toEqual([]);
    expect(said([source])).toEqual([]);
    expect(said([deny, source], "spec: {}")).toEqual([]);
  });
});
