/** A schedule in the file, in a flow of one line too, or one that GitLab keeps elsewhere and a rule of the file asks for. */
const SCHEDULED =
  /^[ \t]*schedules?[ \t]*:|^["']?on["']?[ \t]*:[ \t]*\{.*\bschedule[ \t]*:|^[ \t]*-[ \t]+schedules[ \t\r]*$|^[ \t]*only:[ \t]*\[.*\bschedules\b|\$CI_PIPELINE_SOURCE[ \t]*==[ \t]*["']schedule/m;

/** What begins a block of a pipeline: `update:`, `"on":`, `.nightly: &nightly`. */
const BLOCK = /^["']?([^\s#"'-][^\s:"']*)["']?[ \t]*:/;

/** Blocks that say when the whole file runs, on any forge, and such that others may extend. */
const OF_ALL = /^(?:on|true|schedules?|workflow|default|triggers?|when|pipelines|definitions|\..*)$/;

export function isScheduled(text: string): boolean {
  return SCHEDULED.test(text);
}

/**
 * Which lines, counted from 1, run on a schedule: those of the jobs that ask for one, where the jobs do that themselves, as
 * GitLab has it; else all of the file.
 */
export function scheduledLines(text: string): (line: number) => boolean {
  const blocks: { name: string; from: number; lines: string[] }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const name = BLOCK.exec(line)?.[1];
    if (name !== undefined) blocks.push({ name, from: index + 1, lines: [line] });
    else blocks.at(-1)?.lines.push(line);
  }
  const isOfAll = ({ name }: { name: string }) => OF_ALL.test(name);
  const scheduled = blocks.filter(({ lines }) => isScheduled(lines.join("\n")));
  if (scheduled.length === 0 || scheduled.some(isOfAll)) return () => true;
  const counting = [...scheduled, ...blocks.filter(isOfAll)];
  return (line) => counting.some(({ from, lines }) => line >= from && line < from + lines.length);
}
