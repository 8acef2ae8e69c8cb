import { expect, test } from "vitest";
import docs from "../../transforms/docs-mentions/index.ts";
import { flux, gitRepository, list, URL } from "../cluster/fleet.ts";
import { contextOf, runTransform } from "./support.ts";

const instance = `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  sync:\n    name: cluster\n    kind: GitRepository\n    url: ${URL}\n    ref: refs/heads/main\n    path: ./manifests\n`;
const page = `flux create source git kube --url ${URL} --branch main
kubectl apply --filename cluster.yaml
kubectl apply --filename my-cluster.yaml
A file called cluster.yaml describes it.
flux reconcile source git kube
`;

test("a page that makes source and root by hand is listed, and no command that makes one gets the generated name", () => {
  const files = {
    "cluster.yaml": gitRepository("kube", URL) + flux("cluster", "./manifests", "GitRepository kube"),
    "manifests/kustomization.yaml": list("./instance.yaml"),
    "manifests/instance.yaml": instance,
    "DEPLOY.md": page,
  };
  const { texts, findings } = runTransform(docs, contextOf(files));
  expect(texts).toEqual({ "DEPLOY.md": page.replace("reconcile source git kube", "reconcile source git cluster") });
  expect(findings.map(({ what }) => /renames: (.*)\.$/.exec(what)?.[1])).toEqual([
    "DEPLOY.md:1 (kube), DEPLOY.md:2 (cluster.yaml)",
  ]);
});
