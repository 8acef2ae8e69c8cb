export interface RunbookStep {
  title: string;
  /** Markdown prose, one paragraph a string. */
  body: string[];
  commands: string[];
  /** What the commands should show when all is well. */
  expect?: string;
  /** `preflight.sh` makes this check, too. */
  measured?: true;
}

export interface Runbook {
  preChecks: RunbookStep[];
  steps: RunbookStep[];
  rollback: RunbookStep[];
  rebuild: RunbookStep[];
  assumptions: string[];
  /** What `preflight.sh` looks at to turn the assumptions into facts. */
  measure: MeasureTargets;
}

/** A live object, as commands name it. */
export interface Ref {
  kind: string;
  namespace: string;
  name: string;
}

/** Names of live objects; `preflight.sh` reads them and nothing else. */
export interface MeasureTargets {
  namespace: string;
  root: { namespace: string; name: string };
  /** Source of the sync under its old and its new name. */
  sources: Ref[];
  guards: (Ref & { field: string; value: string })[];
  /** Secrets and ConfigMaps the sync needs; only their existence is looked at. */
  needs: Ref[];
}

/** Titles of steps that findings send to. */
export const DELETE_ORPHANS = "Delete what stays in the cluster without its file";
export const SUSPEND_RELEASE = "Suspend the release of the old chart";
