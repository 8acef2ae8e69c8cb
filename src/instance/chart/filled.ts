import type { YamlData } from "../../contract/objects.ts";

export type Fields = Record<string, YamlData>;

/** Whether a value says nothing: unset, or the chart's empty default. */
export function isEmpty(value: YamlData): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The fields that say something. */
export function filled(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}
