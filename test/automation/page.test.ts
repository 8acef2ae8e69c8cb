import { expect, test } from "vitest";
import { onlyLeadsOn, openPage } from "../../transforms/shared/automation/page.ts";

const SET = 'bootstrap_dir := root / "cluster/bootstrap"';

test.each([
  ["sops -d {{ bootstrap_dir }}/key.sops.yaml", true],
  ["cd {{ bootstrap_dir }}", true],
  ['- cd "${bootstrap_dir}"', true],
  ["cd $bootstrap_dir && kubectl apply -k .", false],
  ["kubectl apply -k {{ bootstrap_dir }}", false],
  ["cd {{ bootstrap_dir }}\n    kustomize build | kubectl apply -f -", false],
])("a variable that a recipe uses leads below a folder or into it: %s", (use, leads) => {
  const page = openPage(`${SET}\n\nflux:\n    ${use}\n    ls {{ bootstrap_dir }}/helmfile.d\n`);
  expect(onlyLeadsOn(SET, page)).toBe(leads);
});
