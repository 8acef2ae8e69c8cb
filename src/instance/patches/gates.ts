import { atLeast, type FluxVersion } from "../../release/releases.ts";

const EVERYWHERE = "2.0";

/**
 * Feature gates each controller accepts, with the Flux minor that brought them (trap 24). Controllers that
 * are not listed here are not judged. Errs towards silence: a gate added in a patch release counts from its minor on.
 */
const GATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "kustomize-controller": {
    DisableStatusPollerCache: EVERYWHERE,
    DisableFailFastBehavior: "2.1",
    StrictPostBuildSubstitutions: "2.3",
    GroupChangeLog: "2.5",
    AdditiveCELDependencyCheck: "2.7",
    ExternalArtifact: "2.7",
    CancelHealthCheckOnNewRevision: "2.7",
    DisableConfigWatchers: "2.7",
    DirectSourceFetch: "2.8",
    MigrateAPIVersion: "2.8",
  },
  "helm-controller": {
    DetectDrift: EVERYWHERE,
    CorrectDrift: EVERYWHERE,
    AllowDNSLookups: EVERYWHERE,
    OOMWatch: EVERYWHERE,
    AdoptLegacyReleases: EVERYWHERE,
    DisableChartDigestTracking: "2.6",
    AdditiveCELDependencyCheck: "2.7",
    ExternalArtifact: "2.7",
    DisableConfigWatchers: "2.7",
    DirectSourceFetch: "2.8",
    UseHelm3Defaults: "2.8",
    CancelHealthCheckOnNewRevision: "2.8",
    DefaultToRetryOnFailure: "2.8",
  },
  "source-controller": {},
  "notification-controller": { DisableConfigWatchers: "2.7" },
};

const COMMON: Readonly<Record<string, string>> = {
  CacheSecretsAndConfigMaps: EVERYWHERE,
  ObjectLevelWorkloadIdentity: "2.6",
};

/** Why a controller exits at start when it gets this gate; undefined when it accepts it or is not in the table. */
export function refusesGate(controller: string, gate: string, version: FluxVersion): string | undefined {
  const own = GATES[controller];
  if (!own) return undefined;
  const since = own[gate] ?? COMMON[gate];
  if (since === undefined) {
    const owners = Object.keys(GATES).filter((name) => GATES[name]![gate] !== undefined);
    return owners.length > 0 ? `${gate} belongs to ${owners.join(" and ")}` : `${gate} is no gate of ${controller}`;
  }
  return atLeast(version, since) ? undefined : `${gate} exists from Flux ${since} on`;
}
