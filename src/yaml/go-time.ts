const DAY = /^(\d{4})-(\d\d?)-(\d\d?)/;
const CLOCK = /^(?:[Tt ](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)?)?$/;

const pad = (part: string) => part.padStart(2, "0");

/**
 * A plain scalar that Go's decoder reads as a time, as Go prints it: `2024-1-2` comes to be `2024-01-02T00:00:00Z`. Undefined for
 * what is none: a day that no month has, an hour without a zone behind a `T`.
 */
export function printGoTime(text: string): string | undefined {
  const day = DAY.exec(text);
  const clock = day && CLOCK.exec(text.slice(day[0].length));
  if (!day || !clock) return undefined;
  const [, year, month, date] = day as unknown as [string, string, string, string];
  const [all, hour = "0", minute = "0", second = "0", fraction = "", zone] = clock;
  const isZoned = all !== "" && !all.startsWith(" ");
  if (isZoned !== (zone !== undefined)) return undefined;
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)));
  const isDay = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(date);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const rest = fraction.slice(0, 9).replace(/(?<!0)0+$/, "");
  const shift = zone === undefined || /^[-+]00:00$/.test(zone) ? "Z" : zone;
  return `${year}-${pad(month)}-${pad(date)}T${[hour, minute, second].map(pad).join(":")}${rest === "" ? "" : `.${rest}`}${shift}`;
}
