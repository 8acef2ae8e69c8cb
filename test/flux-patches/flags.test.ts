import { describe, expect, test } from "vitest";
import { refusesFlag, refusesValue } from "../../src/instance/patches/flags.ts";
import { refusesGate } from "../../src/instance/patches/gates.ts";

const none = () => undefined;
const asked = (
  flag: string,
  value = "true",
  controller = "kustomize-controller",
  nearest: Parameters<typeof refusesFlag>[2] = none,
) => refusesFlag(controller, [flag, value], nearest);

describe("a flag of a controller", () => {
  test.each<[flag: string, value: string]>([
    ["--concurrent", "20"],
    ["--no-remote-bases", "true"],
    ["--log-level", "debug"],
    ["--watch-label-selector", "a notin (b)"],
    ["--kube-api-qps", "$(QPS)"],
    // Its value may be the next argument.
    ["--concurrent", "true"],
    ["manager", "true"],
  ])("%s=%s is taken", (flag, value) => {
    expect(asked(flag, value)).toBeUndefined();
  });

  test.each<[flag: string, value: string, why: string, isCertain: boolean]>([
    ["--concurrent 20", "true", "--concurrent 20 is one argument: between flag and value belongs a =", true],
    ["-concurrent", "20", "-concurrent has one dash, and flags have two", true],
    ["--concurrent", "many", '--concurrent takes a whole number, and is "many"', true],
    ["--helm-cache-max-size", "10", "--helm-cache-max-size is a flag of source-controller", true],
    ["--wholly-new", "1", "--wholly-new is none of the flags that are known", false],
    ["--toString", "1", "--toString is none of the flags that are known", false],
  ])("%s=%s is refused", (flag, value, why, isCertain) => {
    expect(asked(flag, value)).toEqual({ why, isCertain });
  });

  test.each<[flag: string, value: string, why: string, controller?: string]>([
    ["--helm-cache-ttl", "60", 'takes a time with its unit, such as 30s, and is "60"'],
    ["--helm-cache-purge-interval", "1d", 'takes a time with its unit, such as 30s, and is "1d"'],
    ["--artifact-digest-algo", "md5", 'takes sha256, sha384, sha512 or blake3, and is "md5"'],
    ["--snapshot-digest-algo", "sha2", 'takes sha256, sha384, sha512 or blake3, and is "sha2"', "helm-controller"],
  ])("%s=%s is read before the controller runs", (flag, value, why, controller = "source-controller") => {
    expect(asked(flag, value, controller)).toEqual({ why: `${flag} ${why}`, isCertain: true });
  });

  test("that looks like a slip names what is meant", () => {
    const offered: string[] = [];
    const nearest = (name: string, names: readonly string[]) => {
      offered.push(name, ...names);
      return "concurrent";
    };
    expect(asked("--concurent", "20", undefined, nearest)).toEqual({
      why: "--concurent is no flag, but --concurrent is",
      isCertain: true,
    });
    expect(offered[0]).toBe("concurent");
    for (const name of ["no-remote-bases", "log-level", "feature-gates"]) expect(offered).toContain(name);
  });

  test("of what is not known here says nothing", () => {
    expect(asked("--anything", "1", "my-controller")).toBeUndefined();
    expect(asked("--anything", "1", "toString")).toBeUndefined();
  });
});

describe("a value, as Go reads it", () => {
  const is = (type: string, value: string) => refusesValue("--x", value, type) === undefined;
  test.each<[type: string, taken: string[], refused: string[]]>([
    [
      "bool",
      ["1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False", "false"],
      ["yes", "on", "tRUE", "", "10", "truee"],
    ],
    [
      "int",
      ["0", "10", "-5", "+5", "0x1F", "0b101", "0o17", "017", "1_000"],
      ["", "x", "1.5", "1x", "x1", "0xZ", "08", "5s", "--5"],
    ],
    ["uint8", ["0", "9", "255"], ["256", "-1", "", "1000", "1x", "x1"]],
    ["float", ["1", "2.5", "-1", "1e3"], ["", " 1", "1 ", "x", "1,5"]],
    [
      "duration",
      ["0", "5s", "1m30s", "1.5h", ".5s", "5.s", "10ns", "10us", "10µs", "10μs", "10ms", "-5s", "+5s"],
      ["", "5", "5d", "s", "5 s", "5s ", "x5s", "5sx"],
    ],
    ["digest", ["sha1", "sha256", "SHA384", "sha512", "blake3"], ["", "md5", "xsha256", "sha2560"]],
    ["string", ["", "anything"], []],
    ["selector", ["", "a", "!a", "a=b,c!=d", "a in (b, c)", "a=$(B)"], ["=b", "a in b", "a,", "a=b c"]],
  ])("%s", (type, taken, refused) => {
    for (const value of taken) expect([value, is(type, value)]).toEqual([value, true]);
    for (const value of refused) expect([value, is(type, value)]).toEqual([value, false]);
    expect(is(type, "$(VALUE)")).toBe(true);
  });

  test("is named with what it should be", () => {
    expect(refusesValue("--x", "5", "duration")).toEqual({
      why: '--x takes a time with its unit, such as 30s, and is "5"',
      isCertain: true,
    });
    expect(refusesValue("--x", "256", "uint8")?.why).toBe('--x takes a whole number from 0 to 255, and is "256"');
    expect(refusesValue("--x", "x", "float")?.why).toBe('--x takes a number, and is "x"');
    expect(refusesValue("--x", "yes", "bool")?.why).toBe('--x takes true or false, and is "yes"');
  });
});

describe("a feature gate", () => {
  const FLUX = { major: 2, minor: 5, patch: 0 };
  test.each<[controller: string, gate: string, why: string | undefined]>([
    ["kustomize-controller", "GroupChangeLog", undefined],
    ["kustomize-controller", "CacheSecretsAndConfigMaps", undefined],
    ["kustomize-controller", "ObjectLevelWorkloadIdentity", "ObjectLevelWorkloadIdentity exists from Flux 2.6 on"],
    ["kustomize-controller", "DetectDrift", "DetectDrift belongs to helm-controller"],
    ["helm-controller", "Unheard", "Unheard is no gate of helm-controller"],
    ["helm-controller", "toString", "toString is no gate of helm-controller"],
    ["my-controller", "Unheard", undefined],
    ["toString", "Unheard", undefined],
  ])("of %s: %s", (controller, gate, why) => {
    expect(refusesGate(controller, gate, FLUX)).toBe(why);
  });
});
