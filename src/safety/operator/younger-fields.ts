import type { Refusal } from "../../admission/refusal.ts";
import { walk } from "../../change/read.ts";
import type { YamlData } from "../../contract/objects.ts";
import { youngerFields } from "../../release/flux-schemas.ts";
import type { FluxVersion } from "../../release/releases.ts";
import { isMap } from "../../yaml/is-map.ts";

/** Fields of an object of Flux that the Flux which runs does not have yet: the API server refuses them like misspelt ones. */
export function findYounger(body: YamlData, version: FluxVersion | undefined): Refusal[] {
  if (version?.major !== 2 || !isMap(body)) return [];
  const { apiVersion, kind } = body;
  const younger = youngerFields(String(apiVersion), String(kind), version.minor);
  return younger.flatMap(([field, since]) =>
    walk(body, field).map(({ path }) => ({
      path,
      what: `is no field of Flux 2.${version.minor}, which runs here; it came with Flux 2.${since}`,
    })),
  );
}
