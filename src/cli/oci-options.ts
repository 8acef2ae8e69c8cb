import { parseMirrors } from "../../transforms/charts-to-oci/mirrors.ts";
import type { Transform } from "../../transforms/contract.ts";
import { namesTag, parseArtifactUrl } from "../../transforms/shared/oci/registry.ts";
import { isTag } from "../admission/tag.ts";
import { UsageError } from "../contract/errors.ts";
import { given } from "../contract/given.ts";
import { isObjectName } from "../contract/names.ts";
import type { ChartMirror, Options } from "../contract/options.ts";
import type { Flags } from "./flags.ts";
import { readInput } from "./input.ts";
import { readOptions } from "./options.ts";

/**
 * Turns the flags of `fluxlift oci` into the options of a plan.
 * @throws UsageError for `--phase all` without `--direct`, an address, a tag or a name that is none, an unknown transform
 */
export function readOciOptions(flags: Flags, transforms: readonly Transform[], cwd: string): Options {
  const phase = flags.phase ?? "prepare";
  if (phase === "all" && !flags.direct) {
    throw new UsageError(
      "all-needs-direct",
      "--phase all would let Flux read an artifact that nobody has published yet.",
      "Run the phases one by one, or publish from a branch first as the runbook says and say so with --direct.",
    );
  }
  if (flags.registry !== undefined && (!parseArtifactUrl(flags.registry) || namesTag(flags.registry))) {
    throw new UsageError(
      "bad-registry",
      `--registry ${flags.registry} is no address of a registry${namesTag(flags.registry) ? " alone" : ""}.`,
      "Give a host with a path, such as oci://ghcr.io/ORG/REPO/manifests, or a host alone; the tag goes into --tag.",
    );
  }
  const { forge, registry, tag, pullSecret, charts, chartMirrors, sign = false } = flags;
  if (tag !== undefined && !isTag(tag)) {
    throw new UsageError(
      "bad-tag",
      `--tag ${tag} is no tag of an artifact.`,
      "A tag is up to 128 letters, digits, dots, dashes and underscores, and begins with none of the dots and dashes.",
    );
  }
  if (pullSecret !== undefined && pullSecret !== "" && !isObjectName(pullSecret)) {
    throw new UsageError(
      "bad-secret-name",
      `--pull-secret ${pullSecret} is no name that Kubernetes takes.`,
      "Names are lower-case letters, digits, dots and dashes. For a public artifact: --pull-secret ''",
    );
  }
  return {
    ...readOptions({ ...flags, phase }, transforms, cwd),
    oci: {
      ...given({ charts, forge, registry, tag, pullSecret }),
      sign,
      ...(chartMirrors === undefined ? {} : { chartMirrors: readMirrors(cwd, chartMirrors) }),
    },
  };
}

function readMirrors(cwd: string, file: string): ChartMirror[] {
  const hint = "Write a list of {repository, oci, charts} and name it with --chart-mirrors.";
  const what = "The file of chart repositories";
  return parseMirrors(readInput(cwd, file, { code: "no-chart-mirrors", what, hint }), file);
}
