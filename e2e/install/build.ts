import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Ended, Processes } from "../world/processes.ts";
import { binaryName, type Component } from "./components.ts";

/** Binaries and sources outlive a run here, outside the repository. */
export const cacheDir = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fluxlift-e2e");

/** What flux-operator asks for; an older `go` fetches it from the module proxy. */
const GOTOOLCHAIN = "go1.27.3";

interface GoMod {
  Require?: { Path: string; Version: string }[];
  Replace?: { Old: { Path: string; Version?: string }; New: { Path: string; Version?: string } }[];
}

/** Runs `go`; its scratch files lie below `$TMPDIR/fluxlift-e2e-…`, so that an interrupted build leaves none. */
export class Go {
  readonly #processes: Processes;
  readonly #env: NodeJS.ProcessEnv;

  constructor(processes: Processes, scratch: string) {
    this.#processes = processes;
    const tmp = join(scratch, "go");
    mkdirSync(tmp, { recursive: true });
    const settings = { GOTOOLCHAIN, GOWORK: "off", GOFLAGS: "-buildvcs=false", CGO_ENABLED: "0" };
    this.#env = { ...process.env, ...settings, GOTMPDIR: tmp };
  }

  async run(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return await this.#processes.run("go", args, { cwd, env: { ...this.#env, ...env } });
  }
}

/** Path of the binary of a component, whether or not it has been built. */
export const binaryPath = (component: Component) => join(cacheDir, "bin", binaryName(component));

/** Folder of a module in the module cache, downloaded if need be. Throws what `go` says about a refused version. */
export async function moduleDir(go: Go, { module, version }: Pick<Component, "module" | "version">): Promise<string> {
  const scratch = join(cacheDir, "probe");
  mkdirSync(scratch, { recursive: true });
  if (!existsSync(join(scratch, "go.mod"))) writeFileSync(join(scratch, "go.mod"), "module probe\n");
  const result = await go.run(scratch, ["mod", "download", "-json", `${module}@${version}`]);
  const answer = JSON.parse(result.stdout || "{}") as { Dir?: string; Error?: string };
  if (!answer.Dir) throw new Error(answer.Error ?? (result.stderr || `go mod download ${module}@${version} failed`));
  return answer.Dir;
}

/**
 * Builds a component unless its binary is there. `go install path@version` refuses modules whose go.mod has replaces,
 * so the module is copied and its go.mod edited: nested modules come from the proxy at the version it requires.
 */
export async function build(
  go: Go,
  component: Component,
  log: (line: string) => void,
  { tags = "", cgo = false } = {},
): Promise<string> {
  const target = binaryPath(component);
  if (existsSync(target)) return target;
  log(`building ${binaryName(component)}`);
  const source = join(cacheDir, "src", binaryName(component));
  copyWritable(await moduleDir(go, component), source);
  for (const name of ["vendor", "go.work", "go.work.sum"]) rmSync(join(source, name), { recursive: true, force: true });
  for (const file of component.placeholders ?? []) {
    mkdirSync(dirname(join(source, file)), { recursive: true });
    writeFileSync(join(source, file), "");
  }
  const edits = replaceEdits(component, JSON.parse((await go.run(source, ["mod", "edit", "-json"])).stdout) as GoMod);
  if (edits.length > 0) await go.run(source, ["mod", "edit", ...edits]);
  mkdirSync(join(cacheDir, "bin"), { recursive: true });
  const flags = ["-mod=mod", "-trimpath", "-tags", tags, "-ldflags", `-s -w ${component.ldflags ?? ""}`];
  const env = { CGO_ENABLED: cgo ? "1" : "0" };
  const result = await go.run(source, ["build", ...flags, "-o", target, component.pkg], env);
  if (result.status !== 0) throw new Error(`${binaryName(component)} does not build:\n${result.stderr}`);
  return target;
}

/** Arguments of `go mod edit` that take replacements by a local folder away, as no nested module is in the archive. */
export function replaceEdits(component: Component, mod: GoMod): string[] {
  const edits = (component.replace ?? []).map((one) => `-replace=${one}`);
  const staged = component.module === "k8s.io/kubernetes" ? component.version.replace(/^v1\./, "v0.") : undefined;
  for (const { Old, New } of mod.Replace ?? []) {
    if (!/^\.\.?\//.test(New.Path)) continue;
    edits.push(`-dropreplace=${Old.Path}${Old.Version ? `@${Old.Version}` : ""}`);
    if (staged) edits.push(`-replace=${Old.Path}=${Old.Path}@${staged}`);
  }
  return edits;
}

/** The module cache is read-only; a build that adds to go.sum needs a copy it may write. */
function copyWritable(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
  const open = (path: string): void => {
    const directory = statSync(path).isDirectory();
    chmodSync(path, directory ? 0o755 : 0o644);
    if (directory) for (const name of readdirSync(path)) open(join(path, name));
  };
  open(to);
}
