import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BRINGERS, KNOWN_APIS } from "../../../src/references/known-apis.ts";

const read = (name: string): string[] =>
  Object.keys(
    JSON.parse(readFileSync(new URL(`../../../src/release/data/${name}.json`, import.meta.url), "utf8")).kinds,
  );

// Who lacks one of them is told that the API server has no such kind.
test.each(["kube-schemas", "flux-schemas"])("every kind of %s is known, in every version", (name) => {
  const apis = read(name);
  expect(apis.length).toBeGreaterThan(30);
  const unknown = apis.filter((api) => {
    const [kind = "", version = "", group = ""] = api.split("/").toReversed();
    const known = KNOWN_APIS[group];
    const versions = known?.stable?.split(" ").includes(kind) ? ["v1"] : known?.versions;
    return !known?.kinds.split(" ").includes(kind) || !versions?.includes(version);
  });
  expect(unknown).toEqual([]);
});

test.each<[group: string, chart: string | undefined]>([
  ["postgresql.cnpg.io", "cloudnative-pg"],
  ["cnpg.io", "cnpg-operator"],
  ["monitoring.coreos.com", "kube-prometheus-stack"],
  ["gateway.networking.k8s.io", "envoy-gateway"],
  ["snapshot.storage.k8s.io", "snapshot-controller"],
  ["groupsnapshot.storage.k8s.io", undefined],
  ["k8s.cni.cncf.io", "multus"],
  ["k8s.cni.cncf.io.example.com", undefined],
  ["objectbucket.io", "rook-ceph"],
  ["ceph.rook.io", "rook-ceph"],
  ["operator.victoriametrics.com", "victoria-metrics-k8s-stack"],
  ["grafana.integreatly.org", "grafana-operator"],
  ["jaegertracing.io", "jaeger-operator"],
  ["minio.min.io", "minio-operator"],
  ["upgrade.cattle.io", "system-upgrade-controller"],
  ["acid.zalan.do", "postgres-operator"],
  ["postgres-operator.crunchydata.com", "pgo"],
  ["bitnami.com", "sealed-secrets"],
  ["notbitnami.com", undefined],
  ["getambassador.io", "emissary-ingress"],
  ["fluxcd.controlplane.io", "flux-operator"],
  ["my.fluxcd.controlplane.io", undefined],
])("what brings %s is %s", (group, chart) => {
  const fitting = BRINGERS.filter(([groups]) => groups.test(group));
  expect(fitting.some(([, charts]) => charts.test(chart ?? "anything"))).toBe(chart !== undefined);
  expect(fitting.some(([, charts]) => charts.test("podinfo"))).toBe(false);
});
