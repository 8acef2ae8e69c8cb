export const SHELLS = ["bash", "zsh", "fish"] as const;

export interface CompletedFlag {
  /** `--phase`. */
  long: string;
  short: string | undefined;
  says: string;
  takesValue: boolean;
  /** Undefined where it takes anything; files are offered then. */
  values: readonly string[] | undefined;
}

export interface CompletedCommand {
  name: string;
  summary: string;
  flags: readonly CompletedFlag[];
  /** What its argument can be; undefined where files are offered. */
  words: readonly string[] | undefined;
}
