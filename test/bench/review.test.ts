import { describe, expect, test } from "vitest";
import { compareLooks } from "../../bench/review/compare.ts";
import { lookAt } from "../../bench/review/look.ts";
import { renderReview } from "../../bench/review/page.ts";

const release = (name: string, rest = "  values: {a: 1}\n") =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n${rest}`;
const builder = (name: string, path: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}}\nspec: {path: ./${path}}\n`;
const app = (name: string, file = "helmrelease.yaml", ks = name) => ({
  [`apps/x/${name}/ks.yaml`]: builder(ks, `apps/x/${name}/app`),
  [`apps/x/${name}/app/${file}`]: release(name),
});
const files = (...parts: Record<string, string>[]) =>
  new Map(Object.entries(Object.assign({}, ...parts)) as [string, string][]);

describe("what a tree has of operator and instance", () => {
  test("with folder, file, FluxKustomization and place of values; also in what a template renders", () => {
    expect(lookAt(files(app("flux-operator", "hr.yaml", "c-flux-operator")))).toEqual([
      {
        app: "flux-operator",
        folder: "apps/x/flux-operator/app",
        file: "hr.yaml",
        kustomization: "c-flux-operator",
        values: "inline",
      },
    ]);
    const split = {
      "t/apps/i/flux-instance.yaml.j2": release("flux-instance", "  valuesFrom: [{kind: ConfigMap, name: v}]\n"),
      "t/apps/i/kustomization.yaml.j2": "configMapGenerator: [{name: v, files: [values.yaml=./helm/values.yaml]}]\n",
      "t/ks.yaml.j2": builder("flux-instance", "apps/i"),
    };
    expect(lookAt(files(split))).toMatchObject([{ values: "helm/values.yaml", kustomization: "flux-instance" }]);
    const manifest = "kind: FluxInstance\nmetadata: {name: flux}\n";
    expect(lookAt(files({ "a/i.yaml": manifest }))).toEqual([
      { app: "flux-instance", folder: "a", file: "i.yaml", values: "manifest" },
    ]);
  });
});

describe("whose choice an answer is", () => {
  const before = files(app("one"), app("two"), app("three", "hr.yaml", "c-three"));
  const agreement = (ours: ReturnType<typeof files>, owner: ReturnType<typeof files>, question: string) =>
    compareLooks(before, ours, owner).find((each) => each.app === "flux-operator" && each.question === question)
      ?.agreement;

  test.each([
    ["file", app("flux-operator", "hr.yaml"), app("flux-operator", "hr.yaml"), "owner"],
    ["file", app("flux-operator"), app("flux-operator", "hr.yaml"), "apps"],
    ["file", app("flux-operator", "x.yaml"), app("flux-operator"), "neither"],
    ["folder", app("flux-operator"), {}, "apps"],
    ["kustomization", app("flux-operator", "hr.yaml", "c-flux-operator"), app("flux-operator"), "neither"],
    ["values", {}, app("flux-operator"), "not written"],
  ])("%s %#", (question, ours, owner, wanted) => {
    expect(agreement(files(ours), files(owner), question)).toBe(wanted);
  });

  test("values: the apps that a helmfile installs decide", () => {
    const split = (name: string) => ({
      [`apps/x/${name}/app/hr.yaml`]: release(name, `  valuesFrom: [{kind: ConfigMap, name: ${name}-v}]\n`),
      [`apps/x/${name}/app/kustomization.yaml`]: `configMapGenerator: [{name: ${name}-v, files: [v.yaml]}]\n`,
    });
    const tree = files(app("one"), app("two"), app("three"), split("dns"), split("mesh"), {
      "bootstrap/helmfile.yaml": "releases:\n  - name: dns\n  - name: mesh\n",
    });
    const found = compareLooks(tree, files(split("flux-operator")), files(app("flux-operator")));
    expect(found.find(({ app: name, question }) => name === "flux-operator" && question === "values")).toMatchObject({
      apps: "v.yaml",
      agreement: "apps",
    });
  });
});

test("a page keeps what a tree says apart from its own markup", () => {
  const page = renderReview({
    state: "a__b",
    phases: [{ phase: "install", diff: "+```\n+# x\n", findings: [], conventions: [] }],
    owner: [["a/<img src=x>.yaml", "a: |\n  ````\n"]],
  });
  expect(page).toContain("\n````diff\n+```\n+# x\n````\n");
  expect(page).toContain("`````yaml\n");
  expect(page).not.toContain("<img");
});
