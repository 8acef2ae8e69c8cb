import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const FILE = "clusters/home/flux-system/gotk-components.yaml";
const COMMAND = `flux install --export > ${FILE}`;

test.each([
  [".pre-commit-config.yaml", `repos:\n- repo: local\n  hooks:\n  - id: flux\n    entry: sh -c '${COMMAND}'\n`, 5],
  ["lefthook.yml", `pre-commit:\n  commands:\n    flux:\n      run: ${COMMAND}\n`, 4],
])(
  "what %s runs with each commit writes the old install again, and is no rule that matches nothing",
  (path, text, line) => {
    const { cutover, cleanup } = runAll({ ...makeFluxSystem("clusters/home"), [path]: text });
    for (const { findings } of [cutover, cleanup]) {
      const said = findings.filter(({ at }) => at?.file === path);
      expect(said.map(({ rule, level, at }) => `${rule} ${level} ${at?.line}`)).toEqual([
        `automation-installs-flux caution ${line}`,
      ]);
      expect(said[0]!.what).toContain("writes the manifests of a whole Flux install");
    }
  },
);

test("a rule that leaves the file out stays one", () => {
  const text = `repos:\n- hooks:\n  - id: yamllint\n    exclude: ${FILE}\n`;
  const { cutover } = runAll({ ...makeFluxSystem("clusters/home"), ".pre-commit-config.yaml": text });
  const said = cutover.findings.filter(({ at }) => at?.file === ".pre-commit-config.yaml");
  expect(said.map(({ rule, level }) => `${rule} ${level}`)).toEqual(["automation-names-removed info"]);
});
