import { test } from "vitest";
import { type Attack, listAttacks } from "../../bench/growth/inputs.ts";
import { expectPlanned, groupAttacks } from "./attacks.ts";

/** Two for each reader of texts; `npm run bench:costs` has all. */
const FEW = 2;

const readers = new Map<string, Attack[]>();
for (const attack of listAttacks()) readers.set(attack.scanner, [...(readers.get(attack.scanner) ?? []), attack]);
const some = [...readers.values()].flatMap((attacks) => attacks.slice(0, FEW));

test.each(groupAttacks(some))("hostile files take no more than their length: $names", ({ attacks }) =>
  expectPlanned(attacks),
);
