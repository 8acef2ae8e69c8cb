import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const GOTK = "clusters/one/flux-system/gotk-components.yaml";

const rulesOf = (file: string, text: string) => {
  const { cutover } = runAll({ ...makeFluxSystem("clusters/one"), [file]: text });
  return cutover.findings.filter(({ at }) => at?.file === file).map(({ rule, at }) => `${rule} ${at?.line}`);
};

test.each([
  ["configMapGenerator:\n- name: flux\n  files:\n  - ../clusters/one/flux-system/gotk-components.yaml\n", 6],
  ["secretGenerator:\n  - name: flux\n    files: [flux=../clusters/one/flux-system/gotk-components.yaml]\n", 5],
])("an install that a kustomization hands on as text, applied by hand, is named with its line: %s", (body, line) => {
  expect(rulesOf("addons/kustomization.yaml", kustomization(body))).toEqual([`automation-names-removed ${line}`]);
});

test.each([
  "configMapGenerator:\n- name: flux\n  files: [settings.yaml]\n",
  `configMapGenerator:\n- name: flux\n  files: [settings.yaml]\ncommonAnnotations:\n  made-from: ${GOTK}\n`,
  `commonAnnotations:\n  made-from: ${GOTK}\n`,
])("nothing is said of what names it in passing: %s", (body) => {
  expect(rulesOf("addons/kustomization.yaml", kustomization(body))).toEqual([]);
});
