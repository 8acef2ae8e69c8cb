import type { YamlData } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { docsIn } from "../read.ts";
import { tell } from "./evidence.ts";
import { holds, type Sample } from "./learn-files.ts";

/** Whether the charts of operator and instance are verified, as the owner verifies others. */
export interface VerifyHabit {
  /** `spec.verify` of an OCIRepository. */
  verify?: YamlData;
  learned: LearnedConvention[];
}

/** Who signs both charts, by the workflow that releases them (flux-facts 5.1). */
const IDENTITY = {
  issuer: String.raw`^https://token\.actions\.githubusercontent\.com$`,
  subject: String.raw`^https://github\.com/controlplaneio-fluxcd/charts/\.github/workflows/release\.yml@refs/tags/v\d+\.\d+\.\d+$`,
};

/**
 * Learns from the charts that HelmReleases take through OCIRepositories. Most publishers sign nothing, so one release in
 * four with a keyless signature is a habit. Keys of the owner verify only what the owner has signed, and say nothing here.
 */
export function learnVerify(samples: readonly Sample[]): VerifyHabit {
  // Most trees verify nothing; only then are files parsed for it.
  if (!samples.some(({ text }) => text.includes("cosign"))) return { learned: [] };
  const used = docsOf(samples, "HelmRelease").flatMap(({ data }) => data.spec?.chartRef?.name ?? []);
  const keyless = new Map(
    docsOf(samples, "OCIRepository").flatMap(({ data, file }) => {
      const verify = data.spec?.verify;
      const isKeyless = verify?.provider === "cosign" && !verify.secretRef && !verify.trustedRootSecretRef;
      return isKeyless ? [[data.metadata?.name, { file, verify }] as const] : [];
    }),
  );
  const verified = used.flatMap((name) => keyless.get(name) ?? []);
  if (verified.length === 0 || verified.length * 4 < used.length) return { learned: [] };
  const isNamed = verified.some(({ verify }) => Array.isArray(verify.matchOIDCIdentity));
  const { file } = verified[0]!;
  return {
    verify: { provider: "cosign", ...(isNamed ? { matchOIDCIdentity: [IDENTITY] } : {}) },
    learned: tell("signature of a chart", { value: true, file, count: verified.length, of: used.length }, "verified"),
  };
}

function docsOf(samples: readonly Sample[], kind: string): { data: YamlData; file: string }[] {
  return samples
    .filter(holds(kind))
    .flatMap(({ file, text }) => docsIn(text).map(({ data }) => ({ data: data ?? {}, file })))
    .filter(({ data }) => data.kind === kind);
}
