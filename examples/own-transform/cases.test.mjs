import test from "node:test";
import { testCases } from "fluxlift/testing";

testCases({ config: "fluxlift.config.mjs", transform: "own-transform/timeouts", cases: "cases", test });
