import { expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { contextOf, homeWith, runTransform } from "./support.ts";

const DIR = "kubernetes/bootstrap/flux";
const K0SCTL = "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec:\n  hosts:\n  - files:\n";
const run = (path: string, text: string) => runTransform(transform, contextOf(homeWith({ [path]: text }))).findings;
const linesOf = (path: string, text: string) =>
  run(path, text).flatMap(({ rule, at }) => (rule === "automation-applies-removed" ? [at?.line] : []));

test.each([
  ["up.sh", `f() { kubectl kustomize "$1" | kubectl apply -f -; }\nf ${DIR}\n`, [2]],
  ["up.sh", `apply_dir() {\n  kubectl apply -k "\${1}"\n}\nlog\napply_dir "${DIR}" && echo done\n`, [5]],
  ["up.sh", `function apply-dir {\n  kubectl apply "$@"\n}\nif true; then apply-dir -k ${DIR}; fi\n`, [4]],
  ["Makefile", `define put\n\tkubectl apply -k $(1)\nendef\nup:\n\t$(call put,${DIR})\n`, [5]],
  ["justfile", `put dir:\n    kubectl apply -k {{ dir }}\n\nup: (put "${DIR}")\n`, [4]],
])("%s gives a folder to what applies it", (path, text, lines) => {
  expect(linesOf(path, text)).toEqual(lines);
});

test.each([
  ["up.sh", `show() { kubectl kustomize "$1"; }\nshow ${DIR}\n`],
  ["up.sh", `f() {\n  kubectl apply -k other\n}\nf ${DIR}\n`],
  ["up.sh", `f() {\n  echo "$1"\n}\nkubectl apply -k other\nf ${DIR}\n`],
  ["up.sh", `f() { kubectl apply -k "$1"; }\nf other; ls ${DIR}\n`],
  ["justfile", `show dir:\n    ls {{ dir }}\n\nup: (show "${DIR}")\n    kubectl apply -k other\n`],
])("what %s gives to something else is applied by nobody", (path, text) => {
  expect(linesOf(path, text)).toEqual([]);
});

test.each([
  [
    "skaffold.yaml",
    `apiVersion: skaffold/v4beta6\nkind: Config\nmanifests:\n  kustomize:\n    paths:\n    - ${DIR}\n`,
    [6],
  ],
  ["dev/skaffold.yaml", `apiVersion: skaffold/v4beta6\nmanifests:\n  kustomize:\n    paths: ["../${DIR}"]\n`, [4]],
  ["zarf.yaml", `kind: ZarfPackageConfig\ncomponents:\n- manifests:\n  - kustomizations: [${DIR}]\n`, [4]],
  ["fleet.yaml", `kustomize:\n  dir: ${DIR}\n`, [2]],
  ["k0sctl.yaml", `${K0SCTL}    - src: ${DIR}/*.yaml\n      dstDir: /var/lib/k0s/manifests/flux\n`, [6]],
])("%s has its program apply the folder that it lists", (path, text, lines) => {
  expect(linesOf(path, text)).toEqual(lines);
});

test.each([
  ["skaffold.yaml", `apiVersion: skaffold/v4beta6\nbuild:\n  artifacts:\n  - context: ${DIR}\n`],
  ["lint.yaml", `manifests:\n  kustomize:\n    paths:\n    - ${DIR}\n`],
  ["fleet.yaml", `groups:\n  dir: ${DIR}\n`],
  ["k0sctl.yaml", `${K0SCTL}    - src: ${DIR}/*.yaml\n      dstDir: /opt/kept/flux\n`],
])("%s has nothing applied", (path, text) => {
  expect(linesOf(path, text)).toEqual([]);
});

test.each(["cp -r", "ln -s", "sudo install -m 600", "rsync -a", "scp -r"])(
  "k3s applies what `%s` puts into its folder",
  (verb) => {
    expect(linesOf("up.sh", `${verb} ${DIR} /var/lib/rancher/k3s/server/manifests/flux\n`)).toEqual([1]);
    expect(linesOf("up.sh", `${verb} ${DIR} /var/lib/other/flux\n`)).toEqual([]);
  },
);

test("Pulumi's YAML deletes what it no longer finds in the folder, and it is said so", () => {
  const text = `runtime: yaml\nresources:\n  flux:\n    type: kubernetes:kustomize:Directory\n    properties:\n      directory: ../${DIR}\n`;
  expect(run("pulumi/Pulumi.yaml", text)).toMatchObject([
    {
      rule: "automation-names-removed",
      next: expect.stringContaining("pulumi state delete"),
      at: { file: "pulumi/Pulumi.yaml", line: 6 },
    },
  ]);
});
