// A terminal as a picture: text with the colours that a program gave it, light or dark as the reader has it.

/** Height of a line and width of a letter, in pixels of the picture. */
const [LINE, LETTER, EDGE, BAR] = [19, 8.1, 16, 34];

const STYLE = `
  .page { fill: #ffffff; stroke: #d0d7de }
  .dot { fill: #d0d7de }
  text { font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre }
  .bold { font-weight: 700 }
  .dim { fill: #59636e }
  .red { fill: #cf222e }
  .yellow { fill: #8a5a00 }
  .green { fill: #116329 }
  .cyan { fill: #0b6b8a }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d }
    .dot { fill: #3d444d }
    text { fill: #e6edf3 }
    .dim { fill: #9198a1 }
    .red { fill: #ff7b72 }
    .yellow { fill: #e3b341 }
    .green { fill: #56d364 }
    .cyan { fill: #76d7ea }
  }
`;

const CLASSES: Readonly<Record<string, string>> = {
  1: "bold",
  2: "dim",
  31: "red",
  32: "green",
  33: "yellow",
  36: "cyan",
};
/** What ends a style: 22 both weights, 39 every colour. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  22: ["bold", "dim"],
  39: ["red", "green", "yellow", "cyan"],
};

/**
 * @param title for those who do not see it
 * @param columns width of the terminal
 */
export function drawTerminal(title: string, lines: readonly string[], columns: number): string {
  const [width, height] = [Math.ceil(columns * LETTER + 2 * EDGE), lines.length * LINE + BAR + EDGE];
  const dots = [0, 1, 2].map((index) => `<circle class="dot" cx="${EDGE + 4 + index * 18}" cy="18" r="5"/>`);
  const texts = lines.flatMap((line, index) =>
    line === "" ? [] : [`<text x="${EDGE}" y="${BAR + 14 + index * LINE}">${paintLine(line)}</text>`],
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...dots,
    ...texts,
    "</svg>",
    "",
  ].join("\n");
}

function paintLine(line: string): string {
  const on = new Set<string>();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
  return line.split(/\u001b\[(\d+)m/).reduce((done, part, index) => {
    if (index % 2 === 1) {
      for (const end of ENDS[part] ?? []) on.delete(end);
      if (CLASSES[part]) on.add(CLASSES[part]);
      return done;
    }
    if (part === "") return done;
    return `${done}${on.size === 0 ? escapeText(part) : `<tspan class="${[...on].join(" ")}">${escapeText(part)}</tspan>`}`;
  }, "");
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
