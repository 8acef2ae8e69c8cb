import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openCodeCache } from "../../src/cli/code-cache.ts";

const BUNDLE = resolve(import.meta.dirname, "../../dist/fluxlift.js");
const EXAMPLE = resolve(import.meta.dirname, "../../examples/home-ops");
let home: string;

beforeEach(() => {
  home = fs.mkdtempSync(join(os.tmpdir(), "fluxlift-cache-"));
  vi.stubEnv("XDG_CACHE_HOME", home);
  vi.stubEnv("NODE_DISABLE_COMPILE_CACHE", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(home, { recursive: true });
});

const open = (build: string) => openCodeCache(build, "plan")!;

describe("the code cache", () => {
  test("gives back what it was given, to the same build only, and drops what older builds left", () => {
    open("old").write(Buffer.from("a"));
    expect(open("old").read()?.toString()).toBe("a");
    expect(open("new").read()).toBeUndefined();
    open("new").write(Buffer.from("b"));
    expect(open("old").read()).toBeUndefined();
    expect(open("new").read()?.toString()).toBe("b");
  });

  test("leaves no half of a file: what cannot be put in place goes, and so does what a killed run of an older build left", () => {
    open("one").write(Buffer.from("a"));
    const dir = join(home, "fluxlift");
    const [name] = fs.readdirSync(dir);
    fs.rmSync(join(dir, name!));
    fs.mkdirSync(join(dir, name!)); // nothing can be renamed to it
    fs.writeFileSync(join(dir, "old-v20-x64-plan.code.17"), "");
    open("one").write(Buffer.from("a"));
    expect(fs.readdirSync(dir)).toEqual([name]);
  });

  test("reads nothing that others may write", () => {
    open("one").write(Buffer.from("a"));
    const [name] = fs.readdirSync(join(home, "fluxlift"));
    fs.chmodSync(join(home, "fluxlift", name!), 0o666);
    expect(open("one").read()).toBeUndefined();
  });

  test.each(["in the checkout", "behind a link that leads there"])(
    "reads nothing %s, and writes nothing: whoever commits it would choose what runs",
    (where) => {
      open("one").write(Buffer.from("a"));
      const [checkout, elsewhere] = [join(home, "checkout"), join(home, "elsewhere")];
      fs.mkdirSync(join(checkout, ".git"), { recursive: true });
      fs.mkdirSync(elsewhere);
      fs.renameSync(join(home, "fluxlift"), join(checkout, "fluxlift"));
      fs.symlinkSync(join(checkout, "fluxlift"), join(elsewhere, "fluxlift"), "junction");
      vi.stubEnv("XDG_CACHE_HOME", where === "in the checkout" ? checkout : elsewhere);
      expect(open("one").read()).toBeUndefined();
      open("two").write(Buffer.from("b"));
      expect(fs.readdirSync(join(checkout, "fluxlift"))).toEqual([expect.stringMatching(/^one-/)]);
    },
  );

  test.skipIf(process.platform === "win32")(
    "goes by no link, which another user may have put into a folder for all, and takes away only what it made",
    () => {
      const victim = join(home, "victim");
      fs.mkdirSync(victim, 0o700);
      fs.writeFileSync(join(victim, "zip.code"), "");
      fs.symlinkSync(victim, join(home, "fluxlift"));
      open("one").write(Buffer.from("a"));
      expect([fs.readdirSync(victim), open("one").read()]).toEqual([["zip.code"], undefined]);
      fs.rmSync(join(home, "fluxlift"));
      fs.renameSync(victim, join(home, "fluxlift"));
      open("one").write(Buffer.from("a"));
      expect(fs.readdirSync(join(home, "fluxlift"))).toContain("zip.code");
    },
  );

  test("reads nothing in a folder that others may write to", () => {
    open("one").write(Buffer.from("a"));
    fs.chmodSync(join(home, "fluxlift"), 0o777);
    if (process.platform !== "win32") expect(open("one").read()).toBeUndefined();
  });

  test("lies in no folder that is named from where one stands: a checkout could bring it along", () => {
    vi.stubEnv("XDG_CACHE_HOME", "cache");
    vi.stubEnv("HOME", home);
    open("one").write(Buffer.from("a"));
    expect(fs.existsSync("cache")).toBe(false);
    vi.stubEnv("HOME", "relative");
    if (process.platform !== "win32") expect(openCodeCache("one", "plan")).toBeUndefined();
  });

  test("is off where node's own is, and silent where its folder cannot be made", () => {
    fs.writeFileSync(join(home, "fluxlift"), "a file");
    expect(() => open("one").write(Buffer.from("a"))).not.toThrow();
    expect(open("one").read()).toBeUndefined();
    vi.stubEnv("NODE_DISABLE_COMPILE_CACHE", "1");
    expect(openCodeCache("one", "plan")).toBeUndefined();
  });
});

describe("a bundle with a code cache", () => {
  const run = () => {
    const done = spawnSync(process.execPath, [BUNDLE, "transforms"], { encoding: "utf8" });
    return { status: done.status, stdout: done.stdout, stderr: done.stderr };
  };

  test("is kept under the hash of what was compiled: V8 takes compiled code for any source of its length", () => {
    run();
    const [, hash, source] = /^\/\*([0-9a-f]{16})\*\/(.*)$/s.exec(
      fs.readFileSync(join(BUNDLE, "../core.cjs"), "utf8"),
    )!;
    expect(createHash("sha256").update(source!).digest("hex").slice(0, 16)).toBe(hash);
    expect(fs.readdirSync(join(home, "fluxlift"))).toEqual([expect.stringMatching(`^${hash}-`)]);
  });

  test.skipIf(process.platform === "win32")("waits for no pipe in the place of what it kept", () => {
    run();
    const [name] = fs.readdirSync(join(home, "fluxlift"));
    fs.rmSync(join(home, "fluxlift", name!));
    spawnSync("mkfifo", [join(home, "fluxlift", name!)]);
    expect(spawnSync(process.execPath, [BUNDLE, "transforms"], { timeout: 20_000 }).status).toBe(0);
  });

  test.runIf(process.platform === "linux")("ends where no folder can be made", () => {
    vi.stubEnv("XDG_CACHE_HOME", "/proc/a");
    const done = spawnSync(process.execPath, [BUNDLE, "transforms"], { timeout: 30_000 });
    expect([done.status, done.signal]).toEqual([0, null]);
  });

  test("says the same with and without it, and with a damaged one, which it replaces", () => {
    const first = run();
    expect(first.status).toBe(0);
    const [name] = fs.readdirSync(join(home, "fluxlift"));
    const file = join(home, "fluxlift", name!);
    expect(fs.statSync(file).size).toBeGreaterThan(100_000);
    expect(run()).toEqual(first);
    fs.writeFileSync(file, "no code", { mode: 0o600 });
    expect(run()).toEqual(first);
    expect(fs.statSync(file).size).toBeGreaterThan(100_000);
  });

  test("keeps what a later run compiled, where the first one met little to do", () => {
    const plan = (dir: string) => spawnSync(process.execPath, [BUNDLE, "plan", dir]);
    const nothing = join(home, "nothing");
    fs.mkdirSync(nothing);
    plan(nothing);
    const [name] = fs.readdirSync(join(home, "fluxlift"));
    const size = () => fs.statSync(join(home, "fluxlift", name!)).size;
    const first = size();
    plan(EXAMPLE);
    const second = size();
    expect(second).toBeGreaterThan(1.2 * first);
    plan(nothing);
    plan(EXAMPLE);
    expect(size()).toBe(second);
  });
});
