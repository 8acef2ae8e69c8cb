import type { Selected } from "../contract/install-ways.ts";
import { type Command, sh } from "../contract/shell.ts";

/** What to do about labels on the selectors of controllers. @param built what kubectl applies them from, without these labels */
export function sayMadeAnew({ namespace, deployments }: Selected, built: Command): string {
  const remove = sh`kubectl --namespace ${namespace} delete deployment ${[...deployments]}`.line;
  const make = sh`kubectl apply --server-side --force-conflicts ${built}`.line;
  return `Take it off the install (keep it for the other files of this folder) and merge that. No selector of a Deployment can be changed in place, so Flux refuses that merge until the controllers are made anew: ${remove}, and then, from the merged branch, ${make}. Nothing else goes with them. Let that reconcile, and run fluxlift again.`;
}
