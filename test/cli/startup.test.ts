import { build } from "esbuild";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/fixtures.ts";

/** Files that are evaluated before any command is chosen: static imports only, followed from the entry. */
async function listStartFiles(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: ["src/cli/bin.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    metafile: true,
    external: ["ts-morph"],
  });
  const start = new Set(["src/cli/bin.ts"]);
  for (const file of start) {
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind !== "dynamic-import" && !external) start.add(path);
    }
  }
  return [...start];
}

test("help and version evaluate the command line and nothing heavy", async () => {
  const files = await listStartFiles();
  const foreign = files.filter((file) => !/^(?:src\/cli\/|node_modules\/commander\/)/.test(file));
  expect(foreign.sort()).toEqual([
    "src/contract/errors.ts",
    "src/contract/list-some.ts",
    "src/contract/media.ts",
    "src/contract/version.ts",
    "src/contract/visible.ts",
  ]);
  expect(files.filter((file) => file.startsWith("src/cli/commands/"))).toEqual([]);
});
