import { Command } from "commander";
import { describe, expect, test, vi } from "vitest";
import { addPlanFlags, addVerifyFlags } from "../../src/cli/flags.ts";
import { commandLine } from "../../src/cli/mcp/tools.ts";
import { withSlashes } from "../../src/cli/slashes.ts";
import { parseAddress, publicAddress } from "../../src/contract/address.ts";
import { normalizePath } from "../../src/delivery/paths.ts";

/** What Node gives on Windows; the functions of this file run as they would there. */
vi.mock("node:path", async (importActual) => {
  const { win32 } = await importActual<typeof import("node:path")>();
  return { ...win32, default: win32 };
});

describe("a path that somebody types on Windows", () => {
  test("is one of the repository, whichever slash it has", () => {
    expect(withSlashes(String.raw`kubernetes\apps\media`)).toBe("kubernetes/apps/media");
    expect(withSlashes("kubernetes/apps")).toBe("kubernetes/apps");
  });

  test.each([
    [addPlanFlags, ["--artifact-path", "deploy\\prod"], { artifactPath: "deploy/prod" }],
    [addPlanFlags, ["--path", "clusters\\home"], { path: "clusters/home" }],
    [addVerifyFlags, ["--root", "apps\\web,infra", "--root", "x\\y"], { root: ["apps/web", "infra", "x/y"] }],
  ])("in a flag", (add, argv, options) => {
    const command = add(new Command("x").exitOverride());
    command.parse(argv, { from: "user" });
    expect(command.opts()).toMatchObject(options);
  });

  test("is a folder below the one that a server for agents was started in, or is refused", () => {
    const root = "C:\\repos\\fleet";
    const folderOf = (dir: string) => commandLine({ name: "scan" }, { dir }, root).at(-1);
    expect(folderOf("clusters\\home")).toBe("C:\\repos\\fleet\\clusters\\home");
    expect(folderOf("clusters/home")).toBe("C:\\repos\\fleet\\clusters\\home");
    for (const dir of ["..", "..\\other", "C:\\", "D:\\x", "D:x", "\\\\server\\share", "/x", "C:\\repos\\fleet-2"])
      expect(() => folderOf(dir), dir).toThrow("outside the one the server was started in");
  });
});

describe("a drive", () => {
  test.each(["C:\\repos\\fleet", "C:/repos/fleet", "c:fleet"])("%s is no host of ssh", (text) => {
    expect([parseAddress(text).scheme, publicAddress(text)]).toEqual([undefined, text]);
  });

  test("is a name as any other inside of a repository, and leads nowhere", () => {
    expect(normalizePath("C:\\Windows")).toBe("C:\\Windows");
    expect(normalizePath("C:/Windows/../../..")).toBeUndefined();
  });
});
