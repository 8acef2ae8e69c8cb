// What `verify` says, word for word, of many objects in one change: those that it says nothing of stand beside those that it
// stops. Read the diff of a record before it is committed: `FLUXLIFT_RECORD=1 npx vitest run test/verify/said`.
import { compareSaid } from "./said.ts";
import { STOPS } from "./stops.ts";
import { SUSPENDED } from "./suspended.ts";

compareSaid("stops", STOPS);
compareSaid("suspended", SUSPENDED);
