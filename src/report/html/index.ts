export { renderFleetHtml } from "./fleet.ts";
export { renderPlanHtml } from "./plan.ts";
export { renderVerifyHtml } from "./verify.ts";
