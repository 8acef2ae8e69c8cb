export { type Row as FleetRow, renderFleetHtml } from "./fleet.ts";
export { readDiff } from "./fleet-diffs.ts";
export { renderPlanHtml } from "./plan.ts";
export { renderVerifyHtml } from "./verify.ts";
