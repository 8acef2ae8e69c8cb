import { expect, test } from "vitest";
import { homeTree, object, operatorTree } from "../home-tree.ts";
import { inShort } from "./tree.ts";

const [INSTANCE, POLICY] = ["kubernetes/flux/config/instance.yaml", "kubernetes/flux/vars/policy.yaml"];
const policy = (spec: string) =>
  object("NetworkPolicy", "deny", "networking.k8s.io/v1", ["  namespace: flux-system", `spec: {${spec}}`]);
const op = operatorTree();
const OFF = `${op[INSTANCE]}  cluster: {networkPolicy: false}\n`;
const ALL = policy("podSelector: {}, policyTypes: [Ingress, Egress]");
const WIDE = "CiliumClusterwideNetworkPolicy";
const STOPS = "unsafe | reconcile-stops NetworkPolicy flux-system/deny";

test("a NetworkPolicy that cuts Flux off is named where none of the install lets it through", () => {
  const bare = { ...op, [INSTANCE]: OFF };
  expect(inShort(bare, { [POLICY]: ALL })).toBe(STOPS);
  expect(inShort(bare, { [POLICY]: policy("podSelector: {}, policyTypes: [Ingress]") })).toBe(STOPS);
  expect(
    inShort(bare, { [POLICY]: policy("podSelector: {matchLabels: {app: kustomize-controller}}, egress: []") }),
  ).toBe(STOPS);
  const dns = policy("podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]");
  expect(inShort(bare, { [POLICY]: dns })).toBe(STOPS);
  expect(inShort({ ...op, [POLICY]: ALL }, { [INSTANCE]: OFF })).toBe(STOPS);
  expect(inShort({ ...bare, [POLICY]: ALL }, { [POLICY]: dns })).toBe("safe");
});

test("one that leaves a way, or is for others, is not", () => {
  const bare = { ...op, [INSTANCE]: OFF };
  expect(inShort(op, { [POLICY]: ALL })).toBe("safe");
  expect(inShort(homeTree(), { [POLICY]: ALL })).toBe("safe");
  for (const spec of [
    "podSelector: {}, policyTypes: [Egress], egress: [{}]",
    "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]",
    "podSelector: {matchExpressions: [{key: app, operator: Exists}]}, policyTypes: [Egress]",
    "podSelector: {}, egress: [{ports: [{port: 443}]}], ingress: [{from: [{podSelector: {}}]}]",
  ])
    expect(inShort(bare, { [POLICY]: policy(spec) })).toBe("safe");
});

test("a policy of Cilium that allows Flux nothing is named where none of the install lets it through", () => {
  const bare = { ...op, [INSTANCE]: OFF };
  const cilium = (spec: string, kind = "CiliumNetworkPolicy") =>
    object(kind, "deny", "cilium.io/v2", [
      ...(kind === "CiliumNetworkPolicy" ? ["  namespace: flux-system"] : []),
      `spec: {endpointSelector: {}, ${spec}}`,
    ]);
  const calm = {
    [POLICY]: cilium("description: a"),
    "kubernetes/flux/vars/wide.yaml": cilium("description: a", WIDE).replace("deny", "calm"),
  };
  const said = (text: string, tree = bare) => inShort({ ...tree, ...calm }, { [POLICY]: text });
  const dns = "egress: [{toEndpoints: [{}], toPorts: [{ports: [{port: '53', protocol: ANY}]}]}]";
  for (const text of [
    cilium("egress: []"),
    cilium("egress: [{}]"),
    cilium(dns),
    cilium(dns, WIDE),
    cilium("ingress: [{}]"),
    cilium("egress: []").replace("{}", "{matchLabels: {app: source-controller}}"),
  ])
    expect(said(text)).toContain("reconcile-stops Cilium");
  for (const text of [
    cilium("egress: [{toEntities: [world]}]"),
    cilium("egress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: '6443'}]}]}]"),
    cilium("egress: [], enableDefaultDeny: {egress: false}"),
    cilium("egress: []").replace("{}", "{matchLabels: {app: web}}"),
    cilium("egress: []").replace("flux-system", "media"),
  ])
    expect(said(text)).not.toContain("reconcile-stops");
  // Those of the install let Flux through.
  expect(said(cilium(dns), op)).not.toContain("reconcile-stops");
});

test("a policy of Cilium that denies Flux what it needs is named, whatever others allow", () => {
  const cilium = (spec: string, kind = "CiliumNetworkPolicy") =>
    object(kind, "deny", "cilium.io/v2", [
      ...(kind === "CiliumNetworkPolicy" ? ["  namespace: flux-system"] : []),
      spec,
    ]);
  const said = (text: string) =>
    inShort({ ...op, [POLICY]: cilium("spec: {endpointSelector: {}}") }, { [POLICY]: text });
  const wide = "CiliumClusterwideNetworkPolicy";
  for (const text of [
    cilium("spec: {endpointSelector: {}, egressDeny: [{toEntities: [world]}]}"),
    cilium("spec: {endpointSelector: {matchLabels: {app: source-controller}}, egressDeny: [{toCIDR: [0.0.0.0/0]}]}"),
    cilium("spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [cluster]}]}"),
    cilium("specs: [{endpointSelector: {}, egressDeny: [{toEntities: [all]}]}]"),
    cilium("spec: {endpointSelector: {}, egressDeny: [{toEntities: [kube-apiserver]}]}", wide),
  ])
    expect(said(text)).toContain("reconcile-stops Cilium");
  for (const text of [
    cilium("spec: {endpointSelector: {}, egress: [{toEntities: [cluster]}]}"),
    cilium("spec: {endpointSelector: {}, egressDeny: [{toEntities: [world], toPorts: [{ports: [{port: '25'}]}]}]}"),
    cilium("spec: {endpointSelector: {matchLabels: {app: web}}, egressDeny: [{toEntities: [all]}]}"),
    cilium(
      "spec: {endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': media}}, egressDeny: [{toEntities: [all]}]}",
      wide,
    ),
    cilium("spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}", wide),
  ])
    expect(said(text)).not.toContain("reconcile-stops");
});

const at = (kind: string, apiVersion: string, spec: string, namespace: string[] = []) =>
  object(kind, "deny", apiVersion, [...namespace, `spec: ${spec}`]);
const saidOf = (before: string, now: string) => inShort({ ...op, [POLICY]: before }, { [POLICY]: now });

test("so is one of an administrator, which goes over those of Kubernetes", () => {
  const admin = (spec: string) => at("AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1", spec);
  const old = admin("{priority: 9, subject: {namespaces: {matchLabels: {a: b}}}}");
  const out = "egress: [{action: Deny, to: [{namespaces: {}}]}]";
  const says = (spec: string) => saidOf(old, admin(`{priority: 9, ${spec}}`));
  const stops = "unsafe | reconcile-stops AdminNetworkPolicy deny";
  expect(says(`subject: {namespaces: {}}, ${out}`)).toBe(stops);
  expect(says("subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]")).toBe(stops);
  const app = "podSelector: {matchLabels: {app: source-controller}}";
  const pods = `subject: {pods: {namespaceSelector: {}, ${app}}}`;
  expect(says(`${pods}, ingress: [{action: Deny, from: [{namespaces: {}}]}]`)).toBe(stops);
  for (const spec of [
    `subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: media}}}, ${out}`,
    "subject: {namespaces: {}}, egress: [{action: Allow, to: [{namespaces: {}}]}, {action: Deny, to: [{namespaces: {}}]}]",
    "subject: {namespaces: {}}, egress: [{action: Deny, to: [{namespaces: {matchLabels: {a: b}}}]}]",
    "subject: {namespaces: {}}, egress: [{action: Deny, ports: [{portNumber: {port: 25, protocol: TCP}}], to: [{namespaces: {}}]}]",
  ])
    expect(says(spec)).toBe("safe");
});

test("so is one of Calico that comes before those of Kubernetes", () => {
  const wide = (spec: string) => at("GlobalNetworkPolicy", "projectcalico.org/v3", spec);
  const says = (spec: string) => saidOf(wide("{order: 1, selector: \"app == 'web'\"}"), wide(spec));
  const stops = "unsafe | reconcile-stops GlobalNetworkPolicy deny";
  expect(says("{order: 10, selector: all(), types: [Egress], egress: [{action: Deny}]}")).toBe(stops);
  expect(says("{tier: security, types: [Ingress], ingress: [{action: Deny}]}")).toBe(stops);
  const dns = "{action: Allow, protocol: UDP, destination: {ports: [53]}}";
  const here = "namespaceSelector: \"kubernetes.io/metadata.name == 'flux-system'\"";
  expect(says(`{order: 10, ${here}, egress: [${dns}, {action: Deny}]}`)).toBe(stops);
  for (const spec of [
    // Those of Kubernetes come first.
    "{selector: all(), types: [Ingress, Egress]}",
    "{selector: all(), egress: [{action: Deny}]}",
    "{order: 2000, egress: [{action: Deny}]}",
    "{order: 10, selector: \"app == 'web'\", egress: [{action: Deny}]}",
    "{order: 10, namespaceSelector: \"kubernetes.io/metadata.name == 'media'\", egress: [{action: Deny}]}",
    "{order: 10, egress: [{action: Allow}, {action: Deny}]}",
    "{order: 10, egress: [{action: Deny, protocol: TCP, destination: {ports: [25]}}]}",
  ])
    expect(says(spec)).toBe("safe");
});

test("a policy that leaves source-controller nothing but the cluster, where the sources lie outside", () => {
  const at = (url: string, more = "") => ({
    ...op,
    [INSTANCE]: OFF.replace("git.example.invalid/me/home.git", url) + more,
  });
  const far = at("github.com/me/home.git");
  const cilium = (spec: string) =>
    object("CiliumNetworkPolicy", "deny", "cilium.io/v2", [
      "  namespace: flux-system",
      `spec: {endpointSelector: {}, egress: [${spec}]}`,
    ]);
  const world = cilium("{toEntities: [cluster, world]}");
  const says = (spec: string, tree = far) => inShort({ ...tree, [POLICY]: world }, { [POLICY]: cilium(spec) });
  const stops = "unsafe | reconcile-stops CiliumNetworkPolicy flux-system/deny";
  const names = "{toEndpoints: [{}], toPorts: [{ports: [{port: '53'}]}]}";
  expect(says("{toEntities: [cluster]}")).toBe(stops);
  expect(says(`{toEntities: [kube-apiserver]}, ${names}`)).toBe(stops);
  expect(says("{toEndpoints: [{}]}")).toBe(stops);
  for (const spec of [
    "{toEntities: [cluster, world-ipv4]}",
    "{toEntities: [cluster]}, {toFQDNs: [{matchName: github.com}]}",
    "{toEntities: [cluster]}, {toCIDR: [0.0.0.0/0]}",
  ])
    expect(says(spec)).toBe("safe");
  const unproven = "unproven | safety-unknown CiliumNetworkPolicy flux-system/deny";
  expect(says("{toEntities: [cluster]}", at("git.example.invalid/me/home.git"))).toBe(unproven);
  expect(says("{toEntities: [cluster]}", at("git.git-server.svc.cluster.local/me/home.git"))).toBe("safe");
  // The policies of the install let it out.
  expect(
    says("{toEntities: [cluster]}", { ...op, [INSTANCE]: far[INSTANCE]!.replace("networkPolicy: false", "") }),
  ).toBe("safe");
  const plain = (to: string) => policy(`podSelector: {}, policyTypes: [Egress], egress: [${to}]`);
  const goes = (to: string) => inShort({ ...far, [POLICY]: plain("{}") }, { [POLICY]: plain(to) });
  expect(goes("{to: [{namespaceSelector: {}}]}")).toBe(STOPS);
  expect(goes("{to: [{namespaceSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}]}")).toBe("safe");
  expect(goes("{to: [{namespaceSelector: {}}]}, {ports: [{port: 443}]}")).toBe("safe");
});
