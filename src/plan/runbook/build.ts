import type { OciTarget } from "../../../transforms/shared/oci/types.ts";
import type { Runbook } from "../../contract/runbook.ts";
import { writeOciRunbook } from "../../runbook/oci/runbook.ts";
import { writeRunbook } from "../../runbook/runbook.ts";
import { collectFacts } from "./facts.ts";
import { countBlockers, type RunbookInput } from "./input.ts";
import { collectOciFacts } from "./oci.ts";

/** The runbook of a phase of `migrate`. Facts are collected once, when a part of it is read. */
export function buildRunbook(input: RunbookInput): Runbook {
  let facts: ReturnType<typeof collectFacts> | undefined;
  return writeRunbook(() => {
    facts ??= collectFacts(input);
    return facts;
  });
}

/** The same for a phase of `oci`; there is no target where a blocker stands in the way of any. */
export function buildOciRunbook(input: RunbookInput, target: OciTarget | undefined): Runbook {
  const { cluster, phase } = input;
  const part = {
    cluster: cluster.name,
    phase: phase === "install" || phase === "cutover" ? "prepare" : phase,
    blockers: countBlockers(input),
    namespace: target?.sync.namespace ?? cluster.namespace,
    name: target?.sync.name ?? cluster.root.name,
  };
  return writeOciRunbook(part, target && collectOciFacts(part, input, target));
}
