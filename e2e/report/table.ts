/** Text of a table cell: no pipes, no line breaks, and no path or port of the machine it ran on. */
export const cell = (text: string): string =>
  text
    .replaceAll(/\/(?:tmp|dev\/shm)\/[^\s'",;:]*/g, "…")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1")
    .replaceAll("|", "\\|")
    .replaceAll(/\s*\n\s*/g, " ")
    .trim();

/** A Markdown table. */
export function table(head: string[], rows: string[][]): string[] {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
}
