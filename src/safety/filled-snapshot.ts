import type { Side } from "../change/change.ts";
import type { Build, FluxSpec, Gap } from "../change/types.ts";
import { getOrMake } from "../contract/group-by.ts";
import { ClusterSnapshot } from "./snapshot.ts";
import type { SnapshotContext } from "./snapshot-context.ts";
import { printFailure } from "./unknown/gaps.ts";

/** A tree as a cluster would see it if the gaps in it were filled: what fails at nothing else is what can be read of it. */
export class FilledSnapshot extends ClusterSnapshot {
  readonly #filled: ReadonlySet<string>;
  readonly #builds = new Map<string, Build>();

  constructor(side: Side, context: SnapshotContext, gaps: readonly Gap[]) {
    super(side, context);
    this.#filled = new Set(gaps.flatMap(({ failures }) => [...(failures ?? [])]));
  }

  override build(spec: FluxSpec): Build {
    return getOrMake(this.#builds, spec.id, () => this.#fill(super.build(spec)));
  }

  #fill(build: Build): Build {
    if (build.ok) return build;
    const partial = build.partial?.();
    if (!partial) return build;
    const { objects, unknown } = partial;
    const fresh = unknown.find((one) => !this.#filled.has(printFailure(one)));
    if (fresh) return { ok: false, reason: fresh.what, ...(fresh.at ? { at: fresh.at } : {}) };
    return { ok: true, objects: new Map([...objects].map(([key, { object }]) => [key, object])), unknown };
  }
}
