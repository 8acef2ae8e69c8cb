import { stringify } from "yaml";
import type { Pick } from "./pick.ts";

type Data = Record<string, unknown>;

/** What owners set on the controllers of their Flux, as `patches` of a kustomization or of a FluxKustomization. */
export interface FluxPatch {
  target?: Data;
  patch: string;
}

const controllers = "(kustomize-controller|helm-controller|source-controller)";
const all = { kind: "Deployment", name: controllers };

/** Adds arguments of a controller. */
const flags = (...args: string[]): string =>
  stringify(args.map((value) => ({ op: "add", path: "/spec/template/spec/containers/0/args/-", value })));

/** Lays the spec of pods over that of a controller. */
const pods = (metadata: Data, spec: Data): string =>
  stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec } } });

const POOL: FluxPatch[] = [
  {
    target: all,
    patch: flags("--concurrent=10"),
  },
  {
    target: all,
    patch: flags("--kube-api-qps=500", "--requeue-dependency=5s"),
  },
  {
    target: { kind: "Deployment", name: "kustomize-controller" },
    patch: pods(
      { name: "kustomize-controller" },
      { containers: [{ name: "manager", resources: { limits: { memory: "2Gi" } } }] },
    ),
  },
  {
    patch: pods(
      { name: "helm-controller", namespace: "flux-system" },
      {
        nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
        tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
      },
    ),
  },
  {
    target: { kind: "Deployment", name: "helm-controller" },
    patch: flags("--feature-gates=OOMWatch=true,DetectDrift=true"),
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
    patch: flags("--no-cross-namespace-refs=true", "--default-service-account=default"),
  },
  {
    target: { kind: "Deployment", labelSelector: "app.kubernetes.io/part-of=flux" },
    patch:
      '- op: add\n  path: /spec/template/metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict\n  value: "true"\n',
  },
  {
    target: { kind: "Deployment", name: "source-controller" },
    patch: pods({ name: "all" }, { volumes: [{ name: "data", emptyDir: { medium: "Memory" } }] }),
  },
  {
    target: { kind: "Deployment", name: ".*-controller" },
    patch: pods(
      { name: "ignored" },
      { containers: [{ name: "manager", env: [{ name: "HTTPS_PROXY", value: "http://proxy.example.com:3128" }] }] },
    ),
  },
  {
    target: { kind: "Namespace", name: "flux-system" },
    patch:
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n  labels:\n    pod-security.kubernetes.io/enforce: privileged\n",
  },
];

export const someFluxPatches = (pick: Pick): FluxPatch[] => pick.some(POOL, pick.one([0, 0.1, 0.3, 0.6]));
