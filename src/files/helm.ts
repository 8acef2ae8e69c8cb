import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { clip } from "../contract/cut.ts";
import { UsageError } from "../contract/errors.ts";
import { isProgram } from "./git-run.ts";
import { makeTempFolder } from "./temp-folder.ts";

/** What is rendered: the files of a chart, by their paths in it, and what a release says. */
export interface ChartCall {
  files: ReadonlyMap<string, string>;
  release: string;
  namespace: string;
  /** Values as JSON, which is YAML. */
  values: string;
}

export type RenderedChart = { ok: true; text: string } | { ok: false; reason: string };

/** Renders a chart; never throws. */
export type RenderChart = (call: ChartCall) => RenderedChart;

/** A chart that takes longer does not end; in milliseconds. */
const PATIENCE = 20_000;
const MAX_OUTPUT = 1 << 26;
/** Where nobody listens: whatever asks for a proxy reaches nothing. */
const NOWHERE = "http://127.0.0.1:9";

/**
 * `helm template` of a given program, which sees nothing but the chart: homes of its own and empty, so no plugin, repository
 * or login of anybody; no cluster, no network, no `PATH`; the chart lies in a temporary folder that goes again.
 * @throws UsageError where the path is no program
 */
export function openHelm(path: string): RenderChart {
  const program = resolve(path);
  if (!isProgram(program)) {
    throw new UsageError(
      "no-helm",
      `--helm ${path} is no program.`,
      "Give the path of helm: --helm /usr/local/bin/helm.",
    );
  }
  return (call) => {
    const home = makeTempFolder("helm");
    try {
      return render(program, home, call);
    } catch (error) {
      return { ok: false, reason: (error as Error).message };
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  };
}

function render(program: string, home: string, { files, release, namespace, values }: ChartCall): RenderedChart {
  const leads = [...files].find(([path, text]) => basename(path) === "values.schema.json" && leadsElsewhere(text))?.[0];
  if (leads !== undefined) return { ok: false, reason: `${leads} leads to another file or address, which is not read` };
  const chart = join(home, "chart");
  mkdirSync(join(home, "empty"));
  for (const [path, text] of files) {
    const file = resolve(chart, path);
    // Trees hold no such paths; one that did would leave the folder.
    if (!file.startsWith(`${chart}/`) && !file.startsWith(`${chart}\\`)) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const valuesFile = join(home, "values.json");
  writeFileSync(valuesFile, values);
  const args = ["template", "--namespace", namespace, "--values", valuesFile, "--no-hooks", "--", release, chart];
  const done = spawnSync(program, args, {
    cwd: join(home, "empty"),
    env: emptyEnv(join(home, "empty")),
    timeout: PATIENCE,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (done.error) {
    const isLate = (done.error as NodeJS.ErrnoException).code === "ETIMEDOUT";
    return { ok: false, reason: isLate ? `helm takes longer than ${PATIENCE / 1000} seconds` : done.error.message };
  }
  if (done.status !== 0) return { ok: false, reason: sayFailure(done.stderr, home) };
  return { ok: true, text: done.stdout };
}

/** Whether helm would read a file or fetch an address to check the values; no proxy counts for those of the machine itself. */
function leadsElsewhere(schema: string): boolean {
  let leads = false;
  JSON.parse(schema, (key, value: unknown) => {
    if (typeof value !== "string") return value;
    if (/^\$(?:ref|dynamicRef|recursiveRef)$/.test(key)) leads ||= !value.startsWith("#");
    if (key === "$schema") leads ||= !/^https?:\/\/json-schema\.org\//.test(value);
    return value;
  });
  return leads;
}

function emptyEnv(empty: string): NodeJS.ProcessEnv {
  const homes = ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HELM_CONFIG_HOME", "HELM_CACHE_HOME"];
  const more = ["HELM_DATA_HOME", "HELM_PLUGINS", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "APPDATA", "PATH"];
  return {
    ...Object.fromEntries([...homes, ...more].map((name) => [name, empty])),
    KUBECONFIG: join(empty, "kubeconfig"),
    HELM_REPOSITORY_CONFIG: join(empty, "repositories.yaml"),
    HELM_REGISTRY_CONFIG: join(empty, "registry.json"),
    HTTP_PROXY: NOWHERE,
    HTTPS_PROXY: NOWHERE,
    LC_ALL: "C",
    ...(process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
  };
}

/** The last line that says something, without the temporary folder. */
function sayFailure(stderr: string, home: string): string {
  const lines = stderr
    .replaceAll(home, "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const line = lines.findLast((one) => one.startsWith("Error")) ?? lines.at(-1) ?? "helm failed";
  return clip(line, 300);
}
