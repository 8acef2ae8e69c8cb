import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { flux, gitRepository, URL } from "./fleet.ts";

const cluster = (name: string) => ({
  [`clusters/${name}/sync.yaml`]: gitRepository("home-ops", URL) + flux(name, `./clusters/${name}`),
  [`clusters/${name}/apps.yaml`]: flux("apps", "./apps"),
});
const release = (path: string) => `resource "helm_release" "flux_instance" {
  chart = "flux-instance"
  values = [<<-YAML
    instance:
      sync:
        kind: GitRepository
        path: ${path}
  YAML
  ]
}
`;
const instance = `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  sync:
    kind: GitRepository
    url: ${URL}
    path: clusters/one
`;

const stops = (files: Record<string, string>) =>
  buildModel({ tree: memoryTree(files), remotes: [URL], options: { layout: "auto" } }).clusters.flatMap(
    ({ name, findings }) => findings.flatMap(({ rule, cluster, at }) => [[name, rule, cluster, at?.file, at?.line]]),
  );

test("a cluster of the old install for which Terraform makes a FluxInstance stops, and no other", () => {
  const files = { ...cluster("one"), ...cluster("two"), "infra/flux.tf": release("./clusters/one/") };
  expect(stops(files)).toEqual([["one", "instance-in-terraform", "one", "infra/flux.tf", 7]]);
});

test.each([
  ["is of another folder", { "infra/flux.tf": release("clusters/three") }],
  ["may be of any, by a variable", { "infra/flux.tf": release("clusters/${var.name}") }],
  ["is of another chart", { "infra/flux.tf": release("clusters/one").replaceAll("flux", "flow") }],
  ["is an example", { "modules/flux/examples/full/flux.tf": release("clusters/one") }],
  ["is archived", { "archive/flux.tf": release("clusters/one") }],
  ["is in Git as well", { "infra/flux.tf": release("clusters/one"), "apps/instance.yaml": instance }],
])("not where it %s", (_, more) => {
  expect(stops({ ...cluster("one"), ...more }).filter(([, rule]) => rule === "instance-in-terraform")).toEqual([]);
});
