import { existsSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { CODE_NAMES, CONFIG_NAMES } from "../config/names.ts";
import type { ReadConfig } from "../config/read.ts";
import type { SectionValues } from "../config/types.ts";
import { UsageError } from "../contract/errors.ts";
import { shown, visible } from "../contract/visible.ts";
import { refuseCommittedLinks } from "../files/report-file.ts";
import type { Flags } from "./flags.ts";
import { GLYPH } from "./io.ts";
import type { EngineLoader } from "./load-engine.ts";
import type { Session } from "./session.ts";
import { withSlashes } from "./slashes.ts";

/** The part of the configuration that holds the defaults of a command. */
const SECTIONS: Readonly<Record<string, "migrate" | "oci">> = {
  fluxlift: "migrate",
  scan: "migrate",
  plan: "migrate",
  migrate: "migrate",
  oci: "oci",
};

/**
 * The flags of a command, with what the configuration says where no flag does. verify reads the configuration of its base
 * instead, unless one is named.
 * @throws UsageError for a configuration that cannot be read or says what there is not
 */
export async function settle(session: Session, command: Command, flags: Flags, dir = "."): Promise<Flags> {
  const { io } = session;
  // The way back must not hang on a file of the repository, which the write or somebody else may have broken.
  if (command.name() === "undo" && flags.config === undefined) return flags;
  const read = await loadConfig(session, flags, resolve(io.cwd, dir), command.name() === "verify");
  if (!read) return flags;
  const isGiven = (key: string) => command.getOptionValueSourceWithGlobals(key) === "cli";
  const { config } = read;
  const section = SECTIONS[command.name()];
  const values: SectionValues = { ...config.output, ...(section && config[section]) };
  const taken = Object.entries(values).filter(([key, value]) => {
    const option = command.options.find((one) => one.attributeName() === key);
    if (!option || isGiven(key) || (key === "format" && flags.output !== undefined)) return false;
    // The default is for those who install by hand; each run says with --direct that somebody has.
    if (key === "operatorUpgrades" && value === "auto" && !flags.direct) return false;
    return option.argChoices === undefined || option.argChoices.includes(String(value));
  });
  const clusters = section === "migrate" ? Object.entries(config.clusters ?? {}) : [];
  const perCluster = Object.fromEntries(
    clusters.map(([name, own]) => [name, Object.fromEntries(Object.entries(own).filter(([key]) => !isGiven(key)))]),
  );
  return { ...flags, ...Object.fromEntries(taken), settled: { read, perCluster } };
}

/** @param isVerify whether only a file that is named counts */
export async function loadConfig(
  { io, loader }: Session,
  { config, trustConfig }: Flags,
  start: string,
  isVerify = false,
): Promise<ReadConfig | undefined> {
  if (config !== undefined) return readNamed(loader, resolve(io.cwd, config), config);
  if (isVerify) return undefined;
  const found = findConfig(start);
  if (!found) return undefined;
  const name = withSlashes(relative(found.top, found.file)) || found.file;
  if (!found.isCode || trustConfig) return readNamed(loader, found.file, name);
  io.err(
    shown`${GLYPH.wait} ${visible(name)} is a program and was not run. Where you trust this repository: --trust-config, or --config FILE.\n`,
  );
  return undefined;
}

interface Found {
  top: string;
  file: string;
  isCode: boolean;
}

/** Upwards to the top of the repository; outside of one in the folder alone, so that nothing above it decides. */
function findConfig(start: string): Found | undefined {
  const folders: string[] = [];
  for (let dir = start; ; dir = dirname(dir)) {
    folders.push(dir);
    if (existsSync(join(dir, ".git"))) break;
    if (dirname(dir) !== dir) continue;
    folders.splice(1);
    break;
  }
  const top = folders.at(-1)!;
  for (const dir of folders) {
    const there = [...CONFIG_NAMES, ...CODE_NAMES].filter((name) => existsSync(join(dir, name)));
    if (there.length > 1) {
      const hint = "Keep one of them, or name it with --config.";
      throw new UsageError("two-configs", `${there.join(" and ")} lie side by side in ${dir}.`, hint);
    }
    if (there[0] !== undefined) return { top, file: join(dir, there[0]), isCode: CODE_NAMES.includes(there[0]) };
  }
  return undefined;
}

async function readNamed(loader: EngineLoader, file: string, name: string): Promise<ReadConfig> {
  const { checkConfig, readConfigFile } = await import("../config/load.ts");
  const ending = extname(file);
  if ([".yaml", ".yml", ".json"].includes(ending)) return readConfigFile(file, name);
  if (!CODE_NAMES.some((known) => extname(known) === ending)) {
    const hint = "Settings end in .yaml, .yml or .json, a program in .ts, .mts, .js, .mjs or .cjs.";
    throw new UsageError("no-config", `${name} is not a file of settings, nor a program, by its name.`, hint);
  }
  refuseCommittedLinks(file);
  const { transforms = [], rules = {}, ...settings } = await runConfig(loader, file, name);
  const config = checkConfig(settings, () => name);
  const brings = { transforms: [transforms].flat(), rules: { ...(rules as object) } };
  return { file: name, config, brings, at: () => ({ file: name, line: 1, col: 1 }) };
}

/** Runs a configuration that is a program, which a person has allowed. */
async function runConfig({ importFile }: EngineLoader, file: string, name: string): Promise<Record<string, unknown>> {
  try {
    return ((await importFile!(pathToFileURL(file).href)) as { default?: Record<string, unknown> }).default ?? {};
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const { message } = cause as Error;
    const hint = "It has to be a module whose default export is the configuration.";
    throw new UsageError("config-failed", `${name} could not be run: ${message}`, hint, { cause });
  }
}
