import { UsageError } from "../../src/contract/errors.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import type { ChartMirror } from "../../src/contract/options.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { namesTag, parseArtifactUrl } from "../shared/oci/registry.ts";

/**
 * Reads a list of chart repositories that publish OCI artifacts, as YAML or JSON.
 * @throws UsageError naming the row that is wrong
 */
export function parseMirrors(text: string, shown: string): ChartMirror[] {
  const parsed = readYaml(text);
  if (!parsed.ok) throw wrong(shown, `${parsed.line}:${parsed.col}: ${parsed.reason}`);
  const rows = parsed.docs[0]?.data;
  if (!Array.isArray(rows)) throw wrong(shown, "it holds no list");
  if (parsed.docs.length > 1) throw wrong(shown, "it holds more than one document");
  return rows.map((row: YamlData, index) => {
    const { repository, oci, charts, ...others } = row ?? {};
    const [other] = Object.keys(others);
    if (other !== undefined) throw wrong(shown, `row ${index + 1}: there is no field ${other}`);
    if (typeof repository !== "string" || !/^https?:\/\//.test(repository))
      throw wrong(shown, `row ${index + 1}: repository is no http(s) address`);
    if (typeof oci !== "string" || !oci.startsWith("oci://") || !parseArtifactUrl(oci)?.path || namesTag(oci))
      throw wrong(shown, `row ${index + 1}: oci is no address such as oci://HOST/PATH`);
    const isList = Array.isArray(charts) && charts.every((chart) => typeof chart === "string");
    if (charts !== undefined && !isList) throw wrong(shown, `row ${index + 1}: charts is no list of names`);
    return { repository, oci, ...(isList ? { charts } : {}) };
  });
}

function wrong(shown: string, what: string): UsageError {
  return new UsageError(
    "bad-chart-mirrors",
    `${shown} is no list of chart repositories: ${what}.`,
    "Write rows such as: - {repository: https://charts.example.com, oci: oci://registry.example.com/charts}",
  );
}
