import { barePath } from "../../../src/contract/cut.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { SyncSpec } from "../../../src/release/generated-sync.ts";
import type { TransformContext } from "../../contract.ts";
import { compareFields } from "./instance-target.ts";
import type { InstanceTarget } from "./types.ts";

/** `sync.name` cannot change later, and other fields would re-root the cluster: a difference stops the cluster. */
export function compareSync({ tree, cluster }: TransformContext, target: InstanceTarget, sync: SyncSpec) {
  const said: YamlData = target.spec.sync ?? {};
  const now = said.name;
  // Without a name the namespace gives it; a third name is neither the root's nor that of a rename.
  const isNamed = sync.name === undefined && now && now !== cluster.namespace;
  const unsaid = Object.fromEntries(Object.entries(UNSAID).filter(([field]) => said[field]));
  const wanted = { ...unsaid, ...sync, ...(isNamed ? { name: cluster.root.name } : {}) };
  return compareFields(tree, target, { sync: wanted }, (path, value, other) => {
    const plain = PLAIN[path.at(-1) ?? ""] ?? String;
    return plain(String(other)) === plain(String(value));
  });
}

/** What a source means that does not say them. A secret that is not there fails the source, as does a login of another kind. */
const UNSAID: Partial<SyncSpec> = { pullSecret: "", provider: "generic" };

/** What may be written or left out without Flux reading anything else. */
const PLAIN: Readonly<Record<string, (text: string) => string>> = {
  path: barePath,
  url: (text) => text.replace(/(?:\.git)?\/?$/, ""),
};
