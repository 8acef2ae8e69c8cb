import { homeOpsAdopt } from "./right-home-ops.ts";
import type { Scenario } from "./scenario.ts";

export const SCENARIOS: Scenario[] = [homeOpsAdopt];
