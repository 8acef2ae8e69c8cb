import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, operatorTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const FLUX = "kubernetes/flux/config/flux.yaml";
const APPS = "kubernetes/flux/apps.yaml";

const add = (kind: string, name: string, path: string, value: unknown) =>
  `{target: {kind: ${kind}, name: ${name}}, patch: '${JSON.stringify([{ op: "add", path, value }])}'}`;
const POD = "/spec/template/spec";
const pod = (path: string, value: unknown) => add("Deployment", "kustomize-controller", `${POD}${path}`, value);
const flag = (text: string) => pod("/containers/0/args/-", text);
const role = add("ServiceAccount", "kustomize-controller", "/metadata/annotations", {
  "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/keys",
});
const proxy = pod("/containers/0/env/-", { name: "HTTPS_PROXY", value: "http://proxy.example.invalid" });
const keys = [
  pod("/volumes/-", { name: "keys", secret: { secretName: "keys" } }),
  pod("/containers/0/volumeMounts/-", { name: "keys", mountPath: "/keys" }),
].join(", ");
const LOST = [
  ["the annotation eks.amazonaws.com/role-arn of its ServiceAccount", role],
  ["the variable HTTPS_PROXY", proxy],
  ["what is mounted at /keys", keys],
  ["--sops-age-secret", flag("--sops-age-secret=keys")],
  ["the names of hosts for 10.0.0.1", pod("/hostAliases", [{ ip: "10.0.0.1", hostnames: ["git.example.invalid"] }])],
  ["the toleration of dedicated", pod("/tolerations", [{ key: "dedicated", operator: "Exists" }])],
  [
    "the label azure.workload.identity/use of its pods",
    add("Deployment", "kustomize-controller", "/spec/template/metadata/labels/azure.workload.identity~1use", "true"),
  ],
] as const;

const byInstance = (patches: string): Files => ({
  ...operatorTree(),
  [INSTANCE]: `${operatorTree()[INSTANCE]}  kustomize: {patches: [${patches}]}\n`,
});
const byArtifact = (patches: string): Files => ({
  ...homeTree(),
  [FLUX]: `${homeTree()[FLUX]}  patches: [${patches}]\n`,
});

const says = (tree: Files, edits: Edits) => {
  const { verdict, findings } = verifyEdits(edits, tree);
  return { verdict, texts: findings.map(({ what }) => what).join("\n") };
};

test.each(LOST)("a FluxInstance that gives a controller %s no more is unproven", (name, patch) => {
  const { verdict, texts } = says(byInstance(patch), { [INSTANCE]: operatorTree()[INSTANCE]! });
  expect(verdict).toBe("unproven");
  expect(texts).toContain(`leaves kustomize-controller without ${name}, which it has today`);
});

test.each([
  [LOST[0][0], role, role.replace("arn:aws:iam::1:role/keys", "")],
  [LOST[1][0], proxy, proxy.replace("http://proxy.example.invalid", "")],
  [LOST[6][0], LOST[6][1], LOST[6][1].replace('"true"', '"false"')],
])("as is one that leaves %s without what it says", (name, patch, edited) => {
  const { verdict, texts } = says(byInstance(patch), { [INSTANCE]: byInstance(edited)[INSTANCE]! });
  expect(verdict).toBe("unproven");
  expect(texts).toContain(`leaves kustomize-controller without ${name}, which it has today`);
});

test.each(LOST)("so is an install from the flux-manifests artifact: %s", (name, patch) => {
  const { verdict, texts } = says(byArtifact(patch), { [FLUX]: homeTree()[FLUX]! });
  expect(verdict).toBe("unproven");
  expect(texts).toContain(`Deployment flux-system/kustomize-controller loses ${name}, which it has today`);
});

test("a first FluxInstance takes over what the install gives, or leaves it behind", () => {
  const tree = byArtifact(proxy);
  const instance = (patches: string) => ({
    [APPS]: `${tree[APPS]}${byInstance(patches)[INSTANCE]!.replace("kubernetes/flux}", "kubernetes/flux, name: cluster}")}`,
  });
  expect(says(tree, instance(proxy)).texts).not.toContain("HTTPS_PROXY");
  expect(says(tree, instance(role)).texts).toContain("leaves kustomize-controller without the variable HTTPS_PROXY");
});

test("what a controller works as well without is no loss", () => {
  const fast = [flag("--concurrent=20"), pod("/containers/0/env/-", { name: "GOMEMLIMIT", value: "1GiB" })].join(", ");
  expect(says(byInstance(fast), { [INSTANCE]: operatorTree()[INSTANCE]! }).verdict).toBe("safe");
  expect(says(byInstance(proxy), { [INSTANCE]: byInstance(`${role}, ${proxy}`)[INSTANCE]! }).verdict).toBe("safe");
});
