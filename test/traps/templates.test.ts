import { expect, test } from "vitest";
import { type Files, homeOps, migrate, run } from "./support.ts";

const said = (files: Files) =>
  run({ ...migrate(homeOps(), { phase: "install" }).files, ...files }, { phase: "cutover", direct: true })
    .findings.filter(({ rule }) => rule === "template-names-source")
    .map(({ at, what, next }) => [`${at?.file}:${at?.line}`, what, next]);

const MADE = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: \${tenant}
spec:
  sourceRef:
    kind: GitRepository
    name: home
`;

test("templates of Terraform that name the old source are listed with their line", () => {
  const block = 'sourceRef = {\n  kind = "GitRepository"\n  name = "home"\n}\n';
  expect(said({ "infra/tenant.yaml.tftpl": MADE, "infra/flux.tf": block })).toEqual([
    [
      "infra/flux.tf:3",
      "What this template becomes reads GitRepository home, which goes at cleanup.",
      "Write cluster there after cutover is reconciled, and apply it before cleanup is merged.",
    ],
    ["infra/tenant.yaml.tftpl:8", expect.any(String), expect.any(String)],
  ]);
});

test("templates that name another source, or something else of that name, are not", () => {
  const other = MADE.replace("name: home", "name: homes");
  const app = MADE.replace("name: home", "name: fleet").replace("name: ${tenant}", "name: home");
  expect(said({ "a.tftpl": other, "archive/b.tftpl": MADE })).toEqual([]);
  expect(said({ "c.tftpl": app })).toEqual([]);
});
