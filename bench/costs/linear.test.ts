import { test } from "vitest";
import { expectPlanned, groupAttacks } from "../../test/hostile/attacks.ts";
import { listAttacks } from "../growth/inputs.ts";

test.each(groupAttacks(listAttacks()))("hostile files take no more than their length: $names", ({ attacks }) =>
  expectPlanned(attacks),
);
