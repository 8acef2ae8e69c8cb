import { resolve } from "node:path";
import type { Command } from "commander";
import schema from "../../../schemas/config.json" with { type: "json" };
import { DEFAULTS } from "../../change/settings.ts";
import type { ReadConfig } from "../../config/read.ts";
import { hideCredentialsIn } from "../../contract/address.ts";
import { formatLoc } from "../../contract/errors.ts";
import type { Shown } from "../../contract/media.ts";
import { joinShown, padShown, shown, visible } from "../../contract/visible.ts";
import { resolveRoot } from "../../files/site.ts";
import { printJson } from "../../report/json.ts";
import { makePaint } from "../../report/terminal.ts";
import { loadConfig } from "../config.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Session } from "../session.ts";
import { checkEnding, deliver, textOptions } from "./show.ts";

/** A setting as it holds: `from` is a place, or `default`. */
interface Setting {
  setting: string;
  value: unknown;
  from: string;
}

/** Whose flags the sections of the file give defaults for. */
const COMMANDS = { migrate: "migrate", oci: "oci", verify: "verify", output: "plan" } as const;

/** `fluxlift config`: the settings in effect and where each stands, or the schema of the file. */
export async function runConfig(
  session: Session,
  flags: Flags,
  commands: readonly Command[],
  dir = ".",
): Promise<Outcome> {
  const { io } = session;
  checkEnding(flags, ["json", "text"]);
  if (flags.schema) {
    deliver(io, flags, printJson(schema));
    return "done";
  }
  const read = await loadConfig(session, flags, resolveRoot(resolve(io.cwd, dir)));
  const settings = hideCredentialsIn(listSettings(read, commands));
  const asJson = flags.format === "json" || (flags.format === undefined && flags.output?.endsWith(".json"));
  const file = read?.file ?? null;
  deliver(io, flags, asJson ? printJson({ file, settings }) : print(file, settings, textOptions(io, flags).colour));
  return "done";
}

function listSettings(read: ReadConfig | undefined, commands: readonly Command[]): Setting[] {
  const defaults = Object.entries(COMMANDS).flatMap(([section, name]) => {
    const { options } = commands.find((one) => one.name() === name)!;
    const known: object = schema.properties[section as keyof typeof COMMANDS].properties;
    return Object.keys(known).map((key): Setting => {
      const option = options.find((one) => one.attributeName() === key);
      const value = option?.defaultValue ?? (option?.isBoolean() ? false : PRESETS[`${section}.${key}`]);
      return { setting: `${section}.${key}`, value, from: "default" };
    });
  });
  const said = read ? listSaid(read) : [];
  const names = new Set(said.map(({ setting }) => setting));
  return [...said, ...defaults.filter(({ setting, value }) => value !== undefined && !names.has(setting))];
}

/** Of settings that are no flags. */
const PRESETS: Readonly<Record<string, unknown>> = {
  "verify.unproven": "fail",
  "verify.massCount": DEFAULTS.massCount,
  "verify.massShare": DEFAULTS.massShare,
};

function listSaid({ config, at }: ReadConfig): Setting[] {
  const sections = Object.entries(config).filter(([name]) => !["$schema", "ignore", "clusters"].includes(name));
  const clusters = Object.entries(config.clusters ?? {});
  return [
    ...sections.flatMap(([name, values]) =>
      Object.entries(values as object).map(([key, value]) => {
        return { setting: `${name}.${key}`, value: value as unknown, from: formatLoc(at([name, key])) };
      }),
    ),
    ...clusters.flatMap(([name, own]) =>
      Object.entries(own).map(([key, value]) => {
        return { setting: `clusters.${name}.${key}`, value, from: formatLoc(at(["clusters", name, key])) };
      }),
    ),
    ...(config.ignore ?? []).map((entry, index) => {
      return { setting: `ignore[${index}]`, value: entry, from: formatLoc(at(["ignore", index])) };
    }),
  ];
}

function print(file: string | null, settings: readonly Setting[], colour: boolean): Shown {
  const paint = makePaint(colour);
  const rows = settings.map(({ setting, value, from }) => [
    visible(setting),
    visible(typeof value === "string" ? value || "''" : JSON.stringify(value)),
    visible(from),
  ]);
  const wide = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const [first, second] = [wide(0), Math.min(wide(1), 40)];
  const lines = rows.map(
    ([setting, value, from]) =>
      shown`${padShown(setting!, first)}  ${paint("bold", padShown(value!, second))}  ${paint("dim", from!)}`,
  );
  const head =
    file === null
      ? shown`No fluxlift.config.yaml here: everything is the default.`
      : shown`Settings of ${visible(file)}`;
  return shown`${head}\n\n${joinShown(lines, "\n")}\n\nA flag wins over each of them. verify reads those of its base.\n`;
}
