import { expect, test } from "vitest";
import { object, operatorTree } from "../home-tree.ts";
import { judge } from "../judge.ts";

const FILE = "kubernetes/flux/provider.yaml";
const provider = (spec: string) =>
  object("ResourceSetInputProvider", "calls", "fluxcd.controlplane.io/v1", [
    `  namespace: flux-system\nspec: {${spec}}`,
  ]);
const GIT = "type: GitHubBranch, url: 'https://git.example.invalid/a/b'";
const said = (before: string, after: string) =>
  judge({ ...operatorTree(), [FILE]: provider(before) }, { [FILE]: provider(after) }).blockers;

test.each([
  "type: GithubBranch, url: 'https://git.example.invalid/a/b'",
  "type: GitHubBranchs, url: 'https://git.example.invalid/a/b'",
  "type: GitHubBranch, url: 'ssh://git@git.example.invalid/a/b'",
  "type: OCIArtifactTag, url: 'https://registry.example.invalid/a'",
  "type: Static, url: 'https://git.example.invalid/a/b'",
  `${GIT}, filters: {limit: 1}`,
  `${GIT}, filter: {includeBranchs: a}`,
  `${GIT}, skip: {label: [a]}`,
  "type: GitHubBranch",
  "type: ExternalArtifact",
  `${GIT}, selectors: [{name: a}]`,
  "type: Static, secretRef: {name: a}",
  "type: ACRArtifactTag, url: 'oci://registry.example.invalid/a', secretRef: {name: a}",
  "type: AzureDevOpsTag, url: 'https://git.example.invalid/a', certSecretRef: {name: a}",
  `${GIT}, serviceAccountName: a`,
])("a provider of inputs that the API server refuses: %s", (spec) => {
  expect(said(GIT, spec)).toEqual(["object-refused"]);
});

test.each([
  "type: NewForgeBranch, url: 'https://git.example.invalid/a/b'",
  "type: OCIArtifactTag, url: 'oci://registry.example.invalid/a'",
  "type: Static, defaultValues: {filters: a}",
  "type: '${TYPE}', url: '${URL}'",
  "type: ExternalArtifact, selectors: [{matchLabels: {a: b}, namespace: '*'}], serviceAccountName: a",
  "type: OCIArtifactTag, url: 'oci://registry.example.invalid/a', secretRef: {name: a}, certSecretRef: {name: a}",
  "type: AWSCodeCommitTag, url: 'https://git.example.invalid/a', serviceAccountName: a",
  `${GIT}, secretRef: {name: a}, certSecretRef: {name: a}`,
  `${GIT}, filter: {includeBranch: a, limit: 1, other: b}, skip: {labels: [a]}`,
])("one that it takes, or may: %s", (spec) => {
  expect(said(GIT, spec)).not.toContain("object-refused");
});
