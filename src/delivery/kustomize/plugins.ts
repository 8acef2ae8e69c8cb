import type { Loc } from "../../contract/errors.ts";
import { type Accumulated, append } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, scalarText } from "./data.ts";
import { makeItem } from "./item.ts";
import { readText } from "./read.ts";
import { parseObjects } from "./resources.ts";

/** Adds the inline plugin configurations to `config`; returns the entries that are paths. */
export function loadPlugins(entries: readonly string[], config: Accumulated, at: Loc): string[] {
  const paths: string[] = [];
  for (const entry of entries) {
    let objects: ReturnType<typeof parseObjects>;
    try {
      objects = parseObjects(readText(entry), at.file);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      paths.push(entry);
      continue;
    }
    append(
      config,
      objects.map(({ body }) => makeItem(body, at.file, 0)),
      () => at,
    );
  }
  return paths;
}

/** Which generator a plugin configuration names. Plugins that are not built in need a flag that Flux never sets. */
export function runGeneratorPlugin(config: Data, at: Loc): "ConfigMap" | "Secret" | "Helm" {
  refuseExternal(config, at);
  const kind = scalarText(config.kind);
  if (kind === "ConfigMapGenerator") return "ConfigMap";
  if (kind === "SecretGenerator") return "Secret";
  if (kind === "HelmChartInflationGenerator") return "Helm";
  throw new BuildError(at, `plugin ${kind} is no built-in generator`);
}

/** Throws `BuildError` for a plugin that is not built into kustomize. */
export function refuseExternal(config: Data, at: Loc): void {
  if (scalarText(config.apiVersion) === "builtin") return;
  throw new BuildError(
    at,
    `external plugins are disabled: ${scalarText(config.apiVersion)} ${scalarText(config.kind)}`,
  );
}
