import { describe, expect, test } from "vitest";
import { homeTree, ks, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { inShort, says } from "./tree.ts";

const FAR = "kubernetes/flux/west.yaml";
const IN_WEB = ["  namespace: web"];
const DEPLOYMENT = "web/deployment.yaml";
const OTHER = "web/other.yaml";
const NAMESPACE = "web/namespace.yaml";
const NEAR = "kubernetes/flux/near.yaml";
const far = (...more: string[]) => ks("west", "web", ["kubeConfig: {secretRef: {name: west}}", ...more]);
const deployment = (pod = "", container = "", spec = "") =>
  object("Deployment", "web", "apps/v1", [
    ...IN_WEB,
    `spec: {${spec} selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {${pod} containers: [{name: web, image: "web:1", ${container}}]}}}`,
  ]);
const service = (app: string, port = "port: 80") =>
  object("Service", "web", "v1", [...IN_WEB, `spec: {selector: {app: ${app}}, ports: [{${port}}]}`]);
const namespace = (level?: string) =>
  object("Namespace", "web", "v1", level ? [`  labels: {pod-security.kubernetes.io/enforce: ${level}}`] : []);
const quota = (pods: number) => object("ResourceQuota", "web", "v1", [...IN_WEB, `spec: {hard: {pods: '${pods}'}}`]);
const crd = (...versions: string[]) => {
  const list = versions.map(
    (one, at) =>
      `{name: ${one}, served: true, storage: ${at === 0}, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}`,
  );
  return object("CustomResourceDefinition", "pages.example.org", "apiextensions.k8s.io/v1", [
    `spec: {group: example.org, scope: Namespaced, names: {kind: Page, plural: pages}, versions: [${list}]}`,
  ]);
};
const page = object("Page", "web", "example.org/v1alpha1", IN_WEB);
const tree = (over: Edits = {}): Files =>
  ({ ...homeTree(), [FAR]: far(), [NAMESPACE]: namespace(), [DEPLOYMENT]: deployment(), ...over }) as Files;
const THERE = "in the cluster of flux-system/west";

describe("what is asked of Flux's own cluster is asked of another one", () => {
  test.each<[string, before: Edits, after: Edits, said: string]>([
    [
      "a Service loses its pods",
      { [OTHER]: service("web") },
      { [OTHER]: service("wbe") },
      `reference-breaks Service web/web ${THERE}`,
    ],
    [
      "a port of a Service leads to none of them",
      {
        [OTHER]: service("web", "port: 80, targetPort: http"),
        [DEPLOYMENT]: deployment("", "ports: [{name: http, containerPort: 80}]"),
      },
      { [DEPLOYMENT]: deployment("", "ports: [{name: web, containerPort: 80}]") },
      `reference-breaks Service web/web ${THERE}`,
    ],
    [
      "a quota takes fewer pods than run",
      { [OTHER]: quota(9), [DEPLOYMENT]: deployment("", "", "replicas: 3,") },
      { [OTHER]: quota(1) },
      `reconcile-stops ResourceQuota web/web ${THERE}`,
    ],
    [
      "a quota takes none",
      { [OTHER]: quota(9) },
      { [OTHER]: quota(0) },
      `reconcile-stops ResourceQuota web/web ${THERE}`,
    ],
    [
      "a namespace refuses its pods",
      { [DEPLOYMENT]: deployment("hostNetwork: true,") },
      { [NAMESPACE]: namespace("restricted") },
      `reconcile-stops Namespace web ${THERE}`,
    ],
    [
      "a kind is misspelt",
      { [OTHER]: service("web") },
      { [OTHER]: service("web").replace("kind: Service", "kind: Servce") },
      `api-not-served Servce web/web ${THERE}`,
    ],
    [
      "a version of Kubernetes is served no more",
      {},
      { [DEPLOYMENT]: deployment().replace("apps/v1", "apps/v1beta1") },
      `api-not-served Deployment web/web ${THERE}`,
    ],
    [
      "a definition loses a version",
      { [OTHER]: crd("v1", "v1alpha1"), "web/page.yaml": page },
      { [OTHER]: crd("v1") },
      `api-not-served Page web/web ${THERE}`,
    ],
    [
      "a health check waits for what goes",
      { [FAR]: far("healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: web}]") },
      { [DEPLOYMENT]: undefined },
      "reference-breaks Kustomization flux-system/west",
    ],
  ])("%s", (_, before, after, said) => {
    expect(inShort(tree(before), after)).toBe(`unsafe | ${said}`);
  });
});

describe("one cluster is not taken for the other", () => {
  const here = (text: string) => ({ [NEAR]: namespace() + text });
  test.each<[string, before: Edits, after: Edits, verdict: string]>([
    [
      "a quota here counts no pods there",
      { ...here(quota(9)), [DEPLOYMENT]: deployment("", "", "replicas: 3,") },
      here(quota(1)),
      "safe",
    ],
    [
      "a quota there counts no pods here",
      { ...here(deployment("", "", "replicas: 3,")), [OTHER]: quota(9), [DEPLOYMENT]: "" },
      { [OTHER]: quota(1) },
      "safe",
    ],
    [
      "a level here refuses no pods there",
      { ...here(""), [DEPLOYMENT]: deployment("hostNetwork: true,") },
      { [NEAR]: namespace("restricted") },
      "safe",
    ],
    [
      "a definition here serves nothing there",
      { ...here(crd("v1", "v1alpha1")), [OTHER]: crd("v1", "v1alpha1") + page },
      here(crd("v1")),
      "safe",
    ],
    [
      "a health check there looks for nothing here",
      { [OTHER]: release("web").replace("name: web\n", "name: web\n  namespace: web\n") },
      {
        [FAR]: far(
          "healthChecks: [{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: web, namespace: web}]",
        ),
      },
      "safe",
    ],
    [
      "an account is one there by its name, whatever is here",
      {
        [FAR]: far("serviceAccountName: deployer"),
        ...here(object("ServiceAccount", "deployer", "v1", ["  namespace: flux-system"])),
      },
      here(""),
      "deletes",
    ],
  ])("%s", (_, before, after, verdict) => {
    expect(inShort(tree(before), after)).toBe(verdict);
  });

  test("a namespace there is none here", () => {
    const lost = object("ConfigMap", "web", "v1", IN_WEB);
    expect(says(tree(), { [NEAR]: lost }).verdict).not.toBe("safe");
  });
});

test("a kubeconfig that names nothing has no name", () => {
  for (const config of ["{secretRef: null}", "{}", "{configMapRef: {}}"]) {
    const files = tree({ [FAR]: ks("west", "web", [`kubeConfig: ${config}`]) });
    expect(JSON.stringify(says(files, { [DEPLOYMENT]: undefined }))).not.toContain("undefined");
  }
});
