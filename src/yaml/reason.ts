/** Tags of YAML itself. Another one may be a password without quotes: `password: !hunter2`. */
const OWN_TAG = /!<tag:yaml\.org,2002:(?:binary|bool|float|int|map|merge|null|omap|pairs|seq|set|str|timestamp)>/;

/** What js-yaml says of a text, without what it quotes of it: nothing of a Secret may be shown. */
export function withoutQuotes(reason: string): string {
  if (reason.startsWith("unidentified alias"))
    return "an alias without its anchor; a text that begins with * needs quotes";
  if (!/\btag\b/.test(reason) || OWN_TAG.test(reason)) return reason;
  return "an unknown tag; a text that begins with ! needs quotes";
}

/** What the library `yaml` says before it quotes. */
const QUOTING =
  /^(Unresolved tag|Could not resolve tag|Unresolved alias[^:]*|Block scalar header includes extra characters|Not a YAML token|Unexpected [\w-]+ token[\w ]*|Invalid escape sequence)[: ].*$/s;

/** The same of that library. */
export function withoutSource(reason: string): string {
  return reason.replace(QUOTING, "$1");
}
