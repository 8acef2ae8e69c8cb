import { expect, test } from "vitest";
import { planExample } from "../../test/hostile/plan-example.ts";

const APPLY = "kubectl apply --server-side --kustomize kubernetes/flux/config";
const each = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join("");

/** Files with thousands of commands, each of which asks about the file that it is in, or about all files beside it. */
const FILES: Record<string, () => Record<string, string>> = {
  "a Makefile, all below a rule with as many": () => ({
    Makefile: `all:\n${each(4000, () => `\t${APPLY}\n`)}again: all\n${each(4000, () => `\t${APPLY}\n`)}`,
  }),
  "a Makefile, each of which needs names that nothing makes": () => ({
    Makefile: `all: ${each(50_000, (i) => `f${i} `)}\n${each(3000, () => `\t${APPLY}\n`)}`,
  }),
  "a workflow, each in a job of its own": () => ({
    ".github/workflows/many.yaml": `on: push\njobs:\n${each(3000, (i) => `  job-${i}:\n    runs-on: a\n    steps:\n      - run: |\n          ${APPLY}\n          flux reconcile ks cluster\n`)}`,
  }),
  "Taskfiles, each of which gives the next one its folder": () => ({
    "Taskfile.yaml": `version: "3"\nincludes:\n${each(1250, (i) => `  f${i}: { taskfile: .taskfiles/f${i}, dir: kubernetes }\n`)}`,
    ...Object.fromEntries(
      Array.from({ length: 1250 }, (_, i) => [
        `.taskfiles/f${i}/Taskfile.yaml`,
        `version: "3"\ntasks:\n  one:\n    cmds:\n      - kubectl apply --server-side --kustomize {{.DIR}}/config\n      - task: :f${i + 1}:one\n        vars: { DIR: kubernetes/flux }\n`,
      ]),
    ),
  }),
  "a script, between texts of sources that it writes into files": () => ({
    "scripts/up.sh": `${APPLY}\n${each(20_000, (i) => `cat > a${i} <<EOF\nkubectl apply -f b${i}\n`)}apiVersion: source.toolkit.fluxcd.io/v1\n`,
  }),
  "a Taskfile, where the helmfile wants variables": () => ({
    "Taskfile.yaml": `version: "3"\ntasks:\n${each(1500, (i) => `  t${i}:\n    cmds:\n      - ${APPLY}\n`)}`,
    "kubernetes/bootstrap/helmfile.yaml": `# ${each(50, (i) => `{{ requiredEnv "V${i}" }} `)}\nrepositories: []\nreleases:\n  - name: flux\n    namespace: flux-system\n    chart: oci://ghcr.io/fluxcd-community/charts/flux2\n    version: 2.12.0\n`,
  }),
};

test.each(Object.entries(FILES))("thousands of commands in %s cost no more than their number", (_, files) => {
  const plan = planExample(files());
  expect(plan.phases.map(({ phase }) => phase)).toEqual(["install", "cutover", "cleanup"]);
  const paths = new Set(Object.keys(files()));
  const clusters = plan.phases.flatMap((phase) => phase.clusters);
  const told = clusters.flatMap(({ edits, findings }) => [
    ...edits.map(({ path }) => path),
    ...findings.map(({ at }) => at?.file ?? ""),
  ]);
  expect(told.some((path) => paths.has(path))).toBe(true);
});
