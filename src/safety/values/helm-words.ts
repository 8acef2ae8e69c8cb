import type { OwnedObject, ReleaseSpec } from "../../change/types.ts";
import { operand, sh } from "../../contract/shell.ts";

interface Named extends Pick<OwnedObject, "name" | "namespace"> {
  release?: Pick<ReleaseSpec, "name" | "storage">;
}

/** How helm asks for what a HelmRelease installs: by the release's own name, in the namespace that holds its records. */
export function namedForHelm({ release, name, namespace }: Named): string[] {
  return [operand(release?.name ?? name), "-n", release?.storage ?? namespace];
}

/** The command that shows what Helm holds of a HelmRelease. */
export function manifestCommand(object: Named): string {
  return sh`helm get manifest ${namedForHelm(object)}`.line;
}
