interface Field {
  least: number;
  most: number;
  names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];
const WORD = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)$/;

/** Whether the parser of Kubernetes takes it (robfig/cron, ParseStandard): five fields, or a word. Sunday is 0, and never 7. */
export function isSchedule(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return WORD.test(text) || (fields.length === FIELDS.length && FIELDS.every((field, at) => takes(field, fields[at]!)));
}

function takes(field: Field, text: string): boolean {
  const ranges = text.split(",").filter((range) => range !== "");
  return ranges.every((range) => takesRange(field, range));
}

function takesRange(field: Field, text: string): boolean {
  const [range = "", step, ...more] = text.split("/");
  const [low = "", high, ...rest] = range.split("-");
  if (more.length > 0 || (step !== undefined && !(readNumber(step) > 0))) return false;
  if (low === "*" || low === "?") return true;
  const start = readValue(field, low);
  const end = high === undefined ? start : readValue(field, high);
  return rest.length === 0 && start >= field.least && start <= end && end <= field.most;
}

const readNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

function readValue({ least, names = [] }: Field, text: string): number {
  const at = names.indexOf(text.toLowerCase());
  return at < 0 ? readNumber(text) : at + least;
}
