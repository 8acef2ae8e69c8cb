import { publicAddress } from "../../src/contract/address.ts";
import { cutEnd } from "../../src/contract/cut.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import type { ChartMirror } from "../../src/contract/options.ts";
import type { FluxObjectSpec } from "../../src/contract/specs.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { assetText } from "../../src/files/asset.ts";
import { LAYER_SELECTOR } from "../shared/apps/documents.ts";

const EXACT = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** Words such as `latest` are no range: the release does not find its chart today either, and would only move in vain. */
const RANGE = /(?:^|[\s<>=~^!,|v])(?:\d|\*|x(?:$|[\s.]))/i;

/** `chart.spec` fields that an OCIRepository says, or that mean nothing for a chart from a registry. */
const CHART_FIELDS = new Set([
  ...["chart", "version", "sourceRef", "interval", "verify", "reconcileStrategy"],
  ...["valuesFiles", "ignoreMissingValuesFiles"],
]);
/** Of a HelmRepository; a registry ignores `passCredentials` and `accessFrom`, and `suspend` does not stop a chart. */
const REPOSITORY_FIELDS = new Set([
  ...["type", "url", "interval", "secretRef", "certSecretRef", "provider", "insecure", "timeout"],
  ...["passCredentials", "accessFrom", "suspend"],
]);

/** A chart as an OCIRepository; `hasSecrets` in the namespace of the HelmRepository. */
interface FoundSource {
  spec: FluxObjectSpec | undefined;
  metadata: YamlData;
  hasSecrets: boolean;
  mirrored: boolean;
}

/**
 * Says for a registry what `chart.spec` and the HelmRepository say together (flux-facts 6.1, 6.2).
 * @param release interval of the HelmRelease, which its chart takes when it names none
 */
export function chartSource(
  chart: NonNullable<FluxObjectSpec["chart"]>,
  release: string | undefined,
  repository: FluxObjectSpec | undefined,
  mirrors: readonly ChartMirror[] = [],
): FoundSource | { stays: string; unpublished?: true } {
  const spec = chart.spec ?? {};
  const { secretRef, certSecretRef, insecure, timeout } = repository ?? {};
  const unknown =
    Object.keys(spec).find((key) => !CHART_FIELDS.has(key)) ??
    Object.keys(repository ?? {}).find((key) => !REPOSITORY_FIELDS.has(key));
  if (unknown !== undefined) return { stays: `an OCIRepository has no field for ${unknown}` };
  if (JSON.stringify([spec, repository, chart.metadata ?? {}]).includes("${"))
    return { stays: "substitution fills in a part of it, so that fluxlift cannot tell what it will be" };
  const name = String(spec.chart ?? "");
  const url = cutEnd(String(repository?.url ?? ""), "/");
  const isOci = url.startsWith("oci://");
  const mirror = isOci ? undefined : findMirror(url, name, mirrors);
  if (!isOci && !mirror)
    return { stays: `${publicAddress(url)} is not known to publish it as an OCI artifact`, unpublished: true };
  if (!isOci && (secretRef || certSecretRef))
    return { stays: `${publicAddress(url)} is read with credentials, which a registry would not take` };
  const files = spec.valuesFiles;
  if (Array.isArray(files) && files.length > 0 && !(files.length === 1 && files[0] === "values.yaml"))
    return { stays: `an OCIRepository cannot choose values files of the chart (${files.join(", ")})` };
  const ref = chartRefOf(spec.version);
  if (ref === undefined) return { stays: `its version ${JSON.stringify(spec.version)} is no text` };
  if (ref.semver !== undefined && !RANGE.test(ref.semver))
    return { stays: `its version ${JSON.stringify(spec.version)} is neither a version nor a range` };
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(name))
    return { stays: `${JSON.stringify(name)} is no name of a chart in a registry` };
  const provider = repository?.provider === "generic" ? undefined : repository?.provider || undefined;
  const own: YamlData = isOci ? given({ secretRef, certSecretRef, provider, insecure, timeout }) : {};
  return {
    metadata: chart.metadata ?? {},
    spec: {
      interval: spec.interval ?? release ?? "10m",
      layerSelector: LAYER_SELECTOR,
      ref,
      url: `${mirror ? cutEnd(mirror.oci, "/") : url}/${name}`,
      ...own,
      ...given({ verify: spec.verify }),
    },
    hasSecrets: [own.secretRef, own.certSecretRef, (spec.verify as YamlData)?.secretRef].some(
      (item) => item !== undefined,
    ),
    mirrored: mirror !== undefined,
  };
}

function given(fields: YamlData): YamlData {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

/**
 * `1.2.3` -> tag, a range -> semver, nothing -> the newest release, as helm-controller reads `version`. Registries have no `+`
 * in tags, so Helm pushes `1.2.3+build` as `1.2.3_build`. A digest stays beside its tag.
 */
export function chartRefOf(version: unknown): YamlData {
  if (version === undefined || version === null || version === "") return { semver: "*" };
  if (typeof version !== "string") return undefined;
  const [, plain = version, digest] = /^(.*?)@(sha256:[0-9a-f]{64})$/.exec(version.trim()) ?? [];
  const text = plain.trim();
  const ref = EXACT.test(text) ? { tag: text.replace("+", "_") } : { semver: text };
  if (digest === undefined) return ref;
  return text === "" ? { digest } : { ...ref, digest };
}

let known: ChartMirror[] | undefined;

/**
 * Where the owner of a chart repository publishes a chart in a registry too. The table says what the owners' own pages say, and
 * errs towards leaving charts where they are: it lists them one by one for a repository that moved only some.
 */
export function findMirror(url: string, chart: string, mirrors: readonly ChartMirror[]): ChartMirror | undefined {
  known ??= JSON.parse(assetText("./mirrors.json", import.meta.url)) as ChartMirror[];
  return [...mirrors, ...known].find(
    ({ repository, charts }) =>
      new RegExp(`^${escapeRegExp(cutEnd(repository, "/"))}$`, "i").test(url) &&
      (charts === undefined || charts.includes(chart)),
  );
}
