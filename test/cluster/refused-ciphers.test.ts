import { expect, test } from "vitest";
import { blockers, homeOps, run } from "../traps/support.ts";

const SOURCE = "kubernetes/flux/config/cluster.yaml";
const CIPHER = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
const SOPS = `sops:\n  mac: ${CIPHER}\n  version: 3.9.0\n`;

test.each([
  ["the address of the source", /url: \S+/, `url: ${CIPHER}`],
  ["an interval", /interval: \S+/, `interval: ${CIPHER}`],
])("%s that SOPS encrypted is carried into no instance", (_, from, to) => {
  const files = homeOps();
  const encrypted = files[SOURCE]!.replace(from, to);
  expect(encrypted).not.toBe(files[SOURCE]);
  const found = run({ ...files, [SOURCE]: encrypted + SOPS });
  expect(blockers(found)).toContain(`edit-refused ${SOURCE}`);
  expect(Object.entries(found.files).filter(([path, text]) => path !== SOURCE && text.includes(CIPHER))).toEqual([]);
});

test("a file that SOPS signed and left readable stops nothing", () => {
  const files = homeOps();
  expect(blockers(run({ ...files, [SOURCE]: files[SOURCE]! + SOPS }))).toEqual([]);
});
