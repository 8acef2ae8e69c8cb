import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

const list = (...resources: string[]) => `resources: [${resources.join(", ")}]\n`;
// A patch for all of them keeps the kustomization of bootstrap from listing more.
const forAll = `${list("gotk-components.yaml", "gotk-sync.yaml")}patches:\n- target: {kind: Kustomization}\n  patch: '[{"op": "add", "path": "/spec/serviceAccountName", "value": "kustomize-controller"}]'\n`;

const team = (namespace: string, source: string) =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: team, namespace: ${namespace}}\nspec: {interval: 1h, prune: true, path: ./deploy, sourceRef: {kind: GitRepository, name: ${source}, namespace: flux-system}}\n`;

test.each([
  ["team", "team", "clusters/home/flux-instance.yaml"],
  ["flux-system", "team", "clusters/home/teams/flux-instance.yaml"],
  ["team", "flux-system", "clusters/home/teams/flux-instance.yaml"],
])("the folder of tenants is none for Flux: namespace %s, source %s", (namespace, source, place) => {
  const { changed } = runPhase(
    {
      ...makeFluxSystem("clusters/home", { kustomization: forAll }),
      "clusters/home/kustomization.yaml": list("flux-system", "teams"),
      "clusters/home/teams/kustomization.yaml": list("team.yaml"),
      "clusters/home/teams/team.yaml": team(namespace, source),
      "deploy/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: team}\n",
    },
    "install",
  );
  expect(changed).toContain(place);
});
