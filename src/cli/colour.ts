/** Whether to colour a stream: `--no-color`, then NO_COLOR, then FORCE_COLOR, then TERM=dumb, then the terminal itself. */
export function colourWanted(env: NodeJS.ProcessEnv, isTty: boolean, noColourFlag: boolean): boolean {
  if (noColourFlag || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTty && env.TERM !== "dumb";
}

type Paint = (text: string) => string;

/** The few styles the commands use themselves; reports bring their own. */
export interface Palette {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
}

/** Styles for a stream, or functions that change nothing. */
export function paletteFor(colour: boolean): Palette {
  const style =
    (open: number, close: number): Paint =>
    (text) =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), red: style(31, 39), green: style(32, 39), yellow: style(33, 39) };
}

/** Glyphs that Flux's own CLI uses, so that fluxlift reads like a part of it. */
export const GLYPH = { action: "►", wait: "◎", done: "✔", warn: "⚠", fail: "✗" } as const;
