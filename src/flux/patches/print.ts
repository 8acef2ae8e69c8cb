import { stringify } from "yaml";

/** Prints the body of a patch: long lines stay whole, and a value used twice is written twice, never as an alias. */
export function printBody(data: unknown): string {
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false });
}
