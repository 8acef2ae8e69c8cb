import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import semver from "semver";

/** A release of a Go module, unpacked. */
export interface Module {
  folder: string;
  /** The day it came out, `2026-08-31`. */
  released: string;
}

/** Go, asked for one module by its own client: which proxy answers is a setting of Go. */
export interface GoModule {
  /** Releases without `v`, oldest first. @throws Error without Go or without an answer */
  list: () => string[];
  /** @throws Error without Go, without an answer */
  fetch: (version: string) => Module;
}

/** A Go module as `go list` and `go mod download` know it. @param go the command, another one in tests */
export function goModule(name: string, go = "go"): GoModule {
  const ask = (...args: string[]) => run(go, args);
  return {
    list: () => {
      const { Versions = [] } = readJson(ask("list", "-m", "-versions", "-json", name));
      // A proxy that keeps no list still knows the latest.
      const { Version: latest } = readJson(ask("list", "-m", "-json", `${name}@latest`));
      const known = [...(Versions as string[]), ...(latest ? [String(latest)] : [])];
      return semver.sort([...new Set(known)].filter((one) => /^v\d+\.\d+\.\d+$/.test(one))).map((one) => one.slice(1));
    },
    fetch: (version) => {
      const wanted = `${name}@v${version}`;
      const answer = readJson(ask("mod", "download", "-json", wanted));
      // A module made for a later Go than this is unpacked, though Go will not build it.
      const folder = String(answer.Dir ?? join(run(go, ["env", "GOMODCACHE"]).out.trim(), wanted));
      if (!answer.Info || !existsSync(folder)) throw new Error(`Go could not fetch ${wanted}. ${answer.Error ?? ""}`);
      const { Time } = JSON.parse(readFileSync(String(answer.Info), "utf8")) as { Time: string };
      return { folder, released: Time.slice(0, 10) };
    },
  };
}

interface Answer {
  out: string;
  err: string;
}

function run(go: string, args: readonly string[]): Answer {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", GO111MODULE: "on" };
  const { error, stdout, stderr } = spawnSync(go, args, { cwd: tmpdir(), env, encoding: "utf8", timeout: 300_000 });
  if (error && (error as NodeJS.ErrnoException).code === "ENOENT")
    throw new Error("Go is needed to ask for the releases of flux-operator, and it is not on the PATH.");
  if (error) throw new Error(`go ${args.join(" ")} did not end: ${error.message}`);
  return { out: stdout, err: stderr };
}

/** The answer of Go as an object. @throws Error with what Go said where it gave none */
function readJson({ out, err }: Answer): Record<string, unknown> {
  if (out.trim().startsWith("{")) return JSON.parse(out) as Record<string, unknown>;
  throw new Error(`Go could not ask for it; is there network, and does GOPROXY allow it?\n${err.trim()}`);
}
