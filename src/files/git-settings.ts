import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { publicAddress } from "../contract/address.ts";
import { compareText } from "../contract/compare-text.ts";
import { getOrMake } from "../contract/group-by.ts";
import { type GitOutput, splitNul } from "./git-run.ts";

/** Settings of a repository, the user's and the system's together: lower-case name to values, in the order git reads them. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** What asks for all settings, included files too; it starts nothing. */
export const SETTINGS_ARGS: readonly string[] = ["config", "--list", "-z"];

/** Interprets the output of `SETTINGS_ARGS`. */
export function parseSettings(output: GitOutput): Settings {
  const settings = new Map<string, string[]>();
  for (const entry of splitNul(output.stdout)) {
    const end = entry.indexOf("\n");
    const name = end < 0 ? entry : entry.slice(0, end);
    // A name without a value means yes.
    const value = end < 0 ? "true" : entry.slice(end + 1);
    getOrMake(settings, name, () => []).push(value);
  }
  return settings;
}

/**
 * How files lie on this disk, and in which form the objects are: the only settings that queries need. None names a program,
 * a host or a file.
 */
const NEEDED: readonly string[] = [
  ...["core.autocrlf", "core.eol", "core.checkstat", "core.trustctime", "core.filemode", "core.symlinks"],
  ...["core.ignorecase", "core.precomposeunicode", "core.protecthfs", "core.protectntfs"],
  ...["core.sparsecheckout", "core.sparsecheckoutcone", "extensions.objectformat"],
];

/** Larger files are neither searched nor held in memory as a whole; git reads them piece by piece. In bytes. */
const STREAMED = 1 << 21;

/** The text of a config file with the needed settings and nothing else. */
export function writeSettings(settings: Settings): string {
  const excludes = ignoreFileOf(settings);
  const lines = NEEDED.flatMap((name) => {
    const value = settings.get(name)?.at(-1);
    return value === undefined ? [] : [formatSetting(name, value)];
  });
  const version = settings.has("extensions.objectformat") ? "1" : "0";
  return [
    formatSetting("core.repositoryformatversion", version),
    formatSetting("core.bare", "false"),
    formatSetting("core.bigfilethreshold", String(STREAMED)),
    formatSetting("advice.graftfiledeprecated", "false"),
    ...lines,
    ...(excludes === undefined ? [] : [formatSetting("core.excludesfile", excludes)]),
  ].join("");
}

function formatSetting(name: string, value: string): string {
  const [section, key] = name.split(".");
  const quoted = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `[${section}]\n\t${key} = "${quoted}"\n`;
}

/** The user's own list of what to ignore. Anything but a plain file could block whoever opens it. */
function ignoreFileOf(settings: Settings): string | undefined {
  const named = settings.get("core.excludesfile")?.at(-1);
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  const path = named === undefined ? join(config, "git", "ignore") : named.replace(/^~(?=\/)/, homedir());
  try {
    return statSync(path).isFile() ? path : undefined;
  } catch {
    // Git goes on without one that it may not read, as where the home folder is that of another user.
    return undefined;
  }
}

/** A name under which the repository is known elsewhere. */
export interface Remote {
  name: string;
  url: string;
}

/**
 * The remotes as `git fetch` would use them, `origin` first: `url.<base>.insteadOf` is applied. Credentials are left out. Where the rule changes an
 * address, the one that is written follows as a second entry: either may be what Flux calls this repository.
 */
export function remotesIn(settings: Settings): Remote[] {
  const rewrite = makeRewriter(settings);
  const remotes = [...settings].flatMap(([setting, values]) => {
    const name = /^remote\.([\s\S]+)\.url$/.exec(setting)?.[1];
    // Git fetches from the first one, and an empty value takes back those before it.
    const url = values.slice(values.lastIndexOf("") + 1)[0];
    return name === undefined || url === undefined ? [] : [{ name, url }];
  });
  const rank = ({ name }: Remote) => (name === "origin" ? 0 : 1);
  remotes.sort((a, b) => rank(a) - rank(b) || compareText(a.name, b.name));
  return remotes.flatMap(({ name, url }) =>
    [...new Set([rewrite(url), url])].map((one) => ({ name, url: publicAddress(one) })),
  );
}

function makeRewriter(settings: Settings): (url: string) => string {
  const rules = [...settings].flatMap(([setting, prefixes]) => {
    const base = /^url\.([\s\S]*)\.insteadof$/.exec(setting)?.[1];
    return base === undefined ? [] : prefixes.map((prefix) => ({ base, prefix }));
  });
  rules.sort((a, b) => b.prefix.length - a.prefix.length);
  return (url) => {
    const rule = rules.find(({ prefix }) => url.startsWith(prefix));
    return rule ? rule.base + url.slice(rule.prefix.length) : url;
  };
}
