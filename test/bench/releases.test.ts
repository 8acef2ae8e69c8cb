import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { unpackReference } from "../../bench/reference/archive.ts";
import { type GoModule, goModule } from "../../bench/reference/go-module.ts";
import { refreshTables } from "../../bench/reference/refresh.ts";
import { PROJECT_ROOT } from "../support/project.ts";

const DATA = join(PROJECT_ROOT, "src/release/data");
const known = JSON.parse(readFileSync(join(DATA, "operator-embeds.json"), "utf8"));
const flux = known.embeds[0][1];
/** A module of an operator that is newer than any, made of the archive. */
const folder = mkdtempSync(join(tmpdir(), "operator-module-"));
const manifests = join(folder, "config/data/flux");

beforeAll(() => {
  unpackReference(folder);
  mkdirSync(join(folder, "config/crd/bases"), { recursive: true });
  for (const [from, to] of [
    ["fluxinstance", "fluxinstances"],
    ["resourceset", "resourcesets"],
  ])
    cpSync(
      join(folder, `schemas/${from}.crd.yaml`),
      join(folder, `config/crd/bases/fluxcd.controlplane.io_${to}.yaml`),
    );
  for (const images of ["flux", "flux-images"])
    cpSync(join(folder, `config/data/${images}/v${flux}`), join(folder, `config/data/${images}/v2.99.0`), {
      recursive: true,
    });
  writeFileSync(join(manifests, "v2.99.0/new-controller.yaml"), "kind: List\n");
});

const module = (...versions: string[]): GoModule => ({
  list: () => versions,
  fetch: () => ({ folder, released: "2099-01-02" }),
});

describe("npm run releases", { timeout: 120_000 }, () => {
  test("changes nothing where the tables know the newest release", () => {
    const { news, changed, close } = refreshTables(DATA, module("0.1.0", known.newest));
    close();
    expect([news, changed]).toEqual([[], []]);
  });

  test("takes up a newer operator, and says what tables kept by hand have to learn", () => {
    const { news, changed, tables, close } = refreshTables(DATA, module("0.98.0", "0.99.0"));
    const read = (file: string) => JSON.parse(readFileSync(join(tables, file), "utf8"));
    expect(read("operator-embeds.json")).toEqual({
      newest: "0.99.0",
      released: "2099-01-02",
      embeds: [["0.98.0", "2.99.0"], ...known.embeds],
    });
    expect(Object.keys(read("gotk-facts.json").crds).at(-1)).toBe("2.99.0");
    expect(changed).toEqual(["base-objects.jsonl", "base-versions.json", "gotk-facts.json", "operator-embeds.json"]);
    expect(news.join("\n")).toMatch(
      /0\.98\.0 of 2099-01-02: embeds Flux 2\.99\.0\..*new-controller\.yaml.*new minor.*0\.99\.0.*no new Flux/s,
    );
    close();
  });

  test("stops where an operator lets go of an old Flux", () => {
    const kept = known.newest;
    writeFileSync(join(manifests, "VERSION"), "");
    const module99 = {
      ...module("99.0.0"),
      fetch: () => ({ folder: mkdtempSync(join(tmpdir(), "empty-")), released: "" }),
    };
    const { folder: empty } = module99.fetch();
    mkdirSync(join(empty, "config/data/flux/v2.99.0"), { recursive: true });
    expect(() => refreshTables(DATA, { ...module99, fetch: () => ({ folder: empty, released: "" }) })).toThrow(
      /no longer embeds Flux 2\.2\.3/,
    );
    expect(JSON.parse(readFileSync(join(DATA, "operator-embeds.json"), "utf8")).newest).toBe(kept);
  });
});

describe("Go is asked by its own client", () => {
  const bin = mkdtempSync(join(tmpdir(), "go-"));
  const fake = (script: string) => {
    const path = join(bin, `go${readdirSync(bin).length}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return goModule("example.org/operator", path);
  };

  test("releases are sorted, what is no release is left out", () => {
    const answers = `case "$*" in
*-versions*) echo '{"Versions":["v0.10.0","v0.9.0","v0.11.0-rc.1"]}' ;;
*) echo '{"Version":"v0.10.1"}' ;;
esac`;
    expect(fake(answers).list()).toEqual(["0.9.0", "0.10.0", "0.10.1"]);
  });

  test("a module for a later Go is read all the same", () => {
    mkdirSync(join(bin, "mod/example.org/operator@v1.0.0"), { recursive: true });
    writeFileSync(join(bin, "info"), '{"Time":"2026-08-31T18:11:55Z"}');
    const answers = `case "$1" in
env) echo ${bin}/mod ;;
*) echo '{"Error":"requires go >= 9","Info":"${bin}/info"}'; exit 1 ;;
esac`;
    expect(fake(answers).fetch("1.0.0")).toEqual({
      folder: join(bin, "mod/example.org/operator@v1.0.0"),
      released: "2026-08-31",
    });
  });

  test.each([
    ["exit 1", /is there network/],
    ["echo 'module lookup disabled by GOPROXY=off' >&2; exit 1", /lookup disabled by GOPROXY=off/],
  ])("without an answer it says so: %s", (script, says) => {
    expect(() => fake(script).list()).toThrow(says);
  });

  test("without Go it says so", () => {
    expect(() => goModule("example.org/operator", join(bin, "absent")).list()).toThrow(/Go is needed/);
  });
});
