import type { RunbookInput } from "./runbook-landmarks.ts";
import type { Runbook } from "./types.ts";

export function buildOciRunbook({ cluster }: RunbookInput): Runbook {
  return {
    preChecks: [],
    steps: [],
    rollback: [],
    rebuild: [],
    assumptions: [],
    measure: {
      namespace: cluster.namespace,
      root: { namespace: cluster.namespace, name: cluster.root.name },
      sources: [],
      guards: [],
      needs: [],
    },
  };
}
