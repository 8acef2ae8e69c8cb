import type { Pick } from "./pick.ts";

type Data = Record<string, unknown>;

/** What owners set on the controllers of their Flux, as `patches` of a kustomization or of a FluxKustomization. */
export interface FluxPatch {
  target?: Data;
  patch: string;
}

const controllers = "(kustomize-controller|helm-controller|source-controller)";
const all = { kind: "Deployment", name: controllers };

const POOL: FluxPatch[] = [
  {
    target: all,
    patch: "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --concurrent=10\n",
  },
  {
    target: all,
    patch:
      "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --kube-api-qps=500\n- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --requeue-dependency=5s\n",
  },
  {
    target: { kind: "Deployment", name: "kustomize-controller" },
    patch:
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kustomize-controller\nspec:\n  template:\n    spec:\n      containers:\n        - name: manager\n          resources:\n            limits:\n              memory: 2Gi\n",
  },
  {
    patch:
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: helm-controller\n  namespace: flux-system\nspec:\n  template:\n    spec:\n      nodeSelector:\n        node-role.kubernetes.io/control-plane: ""\n      tolerations:\n        - key: node-role.kubernetes.io/control-plane\n          operator: Exists\n          effect: NoSchedule\n',
  },
  {
    target: { kind: "Deployment", name: "helm-controller" },
    patch:
      "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --feature-gates=OOMWatch=true,DetectDrift=true\n",
  },
  {
    target: { kind: "NetworkPolicy" },
    patch: "$patch: delete\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: not-used\n",
  },
  {
    target: { kind: "ServiceAccount", name: "source-controller" },
    patch:
      "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: source-controller\n  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/flux\n",
  },
  {
    target: { kind: "Deployment", name: "kustomize-controller" },
    patch:
      "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --no-cross-namespace-refs=true\n- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: --default-service-account=default\n",
  },
  {
    target: { kind: "Deployment", labelSelector: "app.kubernetes.io/part-of=flux" },
    patch:
      '- op: add\n  path: /spec/template/metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict\n  value: "true"\n',
  },
  {
    target: { kind: "Deployment", name: "source-controller" },
    patch:
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: all\nspec:\n  template:\n    spec:\n      volumes:\n        - name: data\n          emptyDir:\n            medium: Memory\n",
  },
  {
    target: { kind: "Deployment", name: ".*-controller" },
    patch:
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ignored\nspec:\n  template:\n    spec:\n      containers:\n        - name: manager\n          env:\n            - name: HTTPS_PROXY\n              value: http://proxy.example.com:3128\n",
  },
  {
    target: { kind: "Namespace", name: "flux-system" },
    patch:
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n  labels:\n    pod-security.kubernetes.io/enforce: privileged\n",
  },
];

export const someFluxPatches = (pick: Pick): FluxPatch[] => pick.some(POOL, pick.one([0, 0.1, 0.3, 0.6]));
