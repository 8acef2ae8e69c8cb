import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Complaints of one linter by file; the same text twice counts twice. Lines are left out, since edits move them. */
export type Complaints = Map<string, string[]>;

export interface Linter {
  name: "yamllint" | "prettier" | "editorconfig" | "kubeconform";
  /** Configuration of the tree, relative to it; none where the tree needs none. */
  config?: string;
  /** Looks at some files of a tree. */
  lint(repo: string, files: readonly string[]): Complaints;
}

/** Where the installed programs are; see install.sh. */
export interface Programs {
  dir: string;
  /** Folder of schemas that kubeconform reads. */
  schemas: string;
}

const LINT_DIRS = ["", ".github/linters/", ".github/lint/", ".ci/yamllint/", ".ci/prettier/", ".config/"];
const YAMLLINT = [".yamllint", ".yamllint.yaml", ".yamllint.yml"];
const PRETTIER = [".prettierrc", ".prettierrc.yaml", ".prettierrc.yml", ".prettierrc.json", ".prettierrc.json5"];
const PRETTIER_FILES = /\.(ya?ml|md|json5?)$/;
const YAML_FILES = /\.ya?ml$/;

/** The linters that a tree has a configuration for, and kubeconform, which needs none. */
export function lintersOf(repo: string, programs: Programs): Linter[] {
  const find = (names: readonly string[]) =>
    LINT_DIRS.flatMap((dir) => names.map((name) => dir + name)).find((path) => existsSync(join(repo, path)));
  const [yamllint, prettier, editorconfig] = [find(YAMLLINT), find(PRETTIER), find([".editorconfig"])];
  return [
    ...(yamllint ? [byYamllint(programs, yamllint)] : []),
    ...(prettier ? [byPrettier(programs, prettier)] : []),
    ...(editorconfig ? [byEditorconfig(programs, editorconfig)] : []),
    byKubeconform(programs),
  ];
}

function run(repo: string, program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, { cwd: repo, encoding: "utf8", maxBuffer: 256 << 20, timeout: 120_000 });
  if (done.error) throw done.error;
  return done.stdout + done.stderr;
}

function collect(lines: Iterable<readonly [file: string, says: string]>): Complaints {
  const all: Complaints = new Map();
  for (const [file, says] of lines) all.set(file, [...(all.get(file) ?? []), says]);
  return all;
}

/** `file:12:3: [error] too many spaces (braces)` */
function readParsable(output: string): Complaints {
  return collect([...output.matchAll(/^(.+?):\d+:\d+: (.+)$/gm)].map(([, file, says]) => [file!, says!] as const));
}

function byYamllint({ dir }: Programs, config: string): Linter {
  return {
    name: "yamllint",
    config,
    lint: (repo, files) => {
      const own = files.filter((file) => YAML_FILES.test(file));
      if (own.length === 0) return new Map();
      return readParsable(run(repo, join(dir, "python/bin/yamllint"), ["-f", "parsable", "-c", config, ...own]));
    },
  };
}

function byPrettier({ dir }: Programs, config: string): Linter {
  return {
    name: "prettier",
    config,
    lint: (repo, files) => {
      const own = files.filter((file) => PRETTIER_FILES.test(file));
      if (own.length === 0) return new Map();
      const program = join(dir, "node_modules/prettier/bin/prettier.cjs");
      const output = run(repo, process.execPath, [program, "--config", config, "--list-different", ...own]);
      return collect(
        output
          .split("\n")
          .filter(Boolean)
          .map((line) => [line, "is not formatted"] as const),
      );
    },
  };
}

function byEditorconfig({ dir }: Programs, config: string): Linter {
  return {
    name: "editorconfig",
    config,
    lint: (repo, files) => {
      if (files.length === 0) return new Map();
      const output = run(repo, join(dir, "bin/editorconfig-checker"), ["-format", "gcc", "-no-color", ...files]);
      const lines = [...output.matchAll(/^(.+?):\d+:\d+: (?:error: )?(.+)$/gm)];
      return collect(lines.map(([, file, says]) => [file!, says!] as const));
    },
  };
}

interface Validated {
  resources?: { filename: string; kind: string; status: string; msg: string }[];
}

function byKubeconform({ dir, schemas }: Programs): Linter {
  return {
    name: "kubeconform",
    lint: (repo, files) => {
      const own = files.filter((file) => YAML_FILES.test(file) && !/(^|\/)\.|kustomization\.ya?ml$|values/.test(file));
      if (own.length === 0) return new Map();
      const location = join(schemas, "{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json");
      const flags = ["-schema-location", location, "-ignore-missing-schemas", "-output", "json", "-verbose"];
      const output = run(repo, join(dir, "bin/kubeconform"), [...flags, ...own]);
      const { resources = [] } = JSON.parse(output || "{}") as Validated;
      return collect(
        resources
          .filter(({ status }) => status !== "statusValid")
          .map(({ filename, kind, status, msg }) => {
            // A configuration of kustomize is no object.
            const isSkipped = /Skipped|Empty/.test(status) || msg.includes("missing 'kind' key");
            return [filename, isSkipped ? `${SKIPPED}${kind}` : `${kind}: ${msg}`] as const;
          }),
      );
    },
  };
}

/** What begins so was not looked at: there is no schema of its kind. */
export const SKIPPED = "skipped ";

/** What a linter says of files after a change that it did not say before. */
export function findNew(before: Complaints, after: Complaints): [file: string, says: string][] {
  return [...after].flatMap(([file, all]) => {
    const known = [...(before.get(file) ?? [])];
    return all.flatMap((says): [string, string][] => {
      const at = known.indexOf(says);
      if (at >= 0) known.splice(at, 1);
      return at >= 0 || says.startsWith(SKIPPED) ? [] : [[file, says]];
    });
  });
}
