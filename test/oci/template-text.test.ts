import { expect, test } from "vitest";
import { rewriteTemplate } from "../../transforms/shared/oci/template-text.ts";

const template = (kind: string, source: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata:\n  name: << inputs.name >>\nspec:\n  sourceRef:\n    kind: ${source}\n    name: home\n`;

test.each([
  ["Kustomization", "GitRepository"],
  ["'Kustomization'", "'GitRepository'"],
  ['"Kustomization" # of the tenant', '"GitRepository"'],
])("a source moves in a template of %s", (kind, source) => {
  expect(
    rewriteTemplate(template(kind, source), {
      name: "home",
      gitName: "home-git",
      namespace: "flux-system",
      apiVersion: "source.toolkit.fluxcd.io/v1",
    }),
  ).toEqual([
    {
      verdict: "moves",
      kind: "Kustomization",
      text: template(kind, source.replace("GitRepository", "OCIRepository")),
    },
  ]);
});
