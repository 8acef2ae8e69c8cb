import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitAll, makeRepo } from "../support/repo.ts";
import { rules, verifyBuilt } from "./built.ts";
import { object } from "./home-tree.ts";
import { APP, h, LIST } from "./odd-tree.ts";

const claim = (name: string) => object("PersistentVolumeClaim", name);
/** A folder without a kustomization, and a file of which the name is no UTF-8. */
const folder = () => {
  const { [LIST]: _, ...files } = h;
  const root = makeRepo(files);
  const path = (byte: number) =>
    Buffer.concat([Buffer.from(`${join(root, APP)}/a`), Buffer.from([byte]), Buffer.from(".yaml")]);
  return { root, path };
};

test.skipIf(process.platform !== "linux")(
  "a file whose name is no UTF-8 stops the build of a folder without a list",
  () => {
    const { root, path } = folder();
    writeFileSync(path(0xff), claim("one"));
    commitAll(root, "Change");
    const { code, report } = verifyBuilt(root, ["--base", "HEAD~1"]);
    expect([code, report.verdict, rules(report)]).toEqual([1, "unsafe", ["build-breaks"]]);
  },
);

test.skipIf(process.platform !== "linux")("two such files are two", () => {
  const { root, path } = folder();
  writeFileSync(path(0xff), claim("one"));
  writeFileSync(path(0xfe), claim("two"));
  commitAll(root, "Both");
  rmSync(path(0xfe));
  commitAll(root, "One");
  rmSync(path(0xff));
  commitAll(root, "None");
  const said = ["HEAD~2", "HEAD~1"].map((base) => verifyBuilt(root, ["--base", base, "--head", `HEAD`]).report);
  expect(said.map(({ changed }) => changed)).toEqual([2, 1]);
});
