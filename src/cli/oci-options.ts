import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseMirrors } from "../../transforms/charts-to-oci/mirrors.ts";
import type { Transform } from "../../transforms/contract.ts";
import { parseArtifactUrl } from "../../transforms/shared/oci/registry.ts";
import { UsageError } from "../contract/errors.ts";
import type { ChartMirror, Options } from "../contract/options.ts";
import type { Flags } from "./flags.ts";
import { readOptions } from "./options.ts";

/**
 * Turns the flags of `fluxlift oci` into the options of a plan.
 * @throws UsageError for `--phase all` without `--direct`, an address that is none, an unknown transform
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
  if (flags.registry !== undefined && !parseArtifactUrl(flags.registry)) {
    throw new UsageError(
      "bad-registry",
      `--registry ${flags.registry} is no address of a registry.`,
      "Give a host with a path, such as oci://ghcr.io/ORG/REPO/manifests, or a host alone; the tag goes into --tag.",
    );
  }
  const { forge, registry, tag, pullSecret, chartMirrors } = flags;
  return {
    ...readOptions({ ...flags, phase }, transforms, cwd),
    oci: {
      sign: flags.sign ?? false,
      ...(flags.charts ? { charts: true } : {}),
      ...(chartMirrors === undefined ? {} : { chartMirrors: readMirrors(resolve(cwd, chartMirrors), chartMirrors) }),
      ...(forge === undefined ? {} : { forge }),
      ...(registry === undefined ? {} : { registry }),
      ...(tag === undefined ? {} : { tag }),
      ...(pullSecret === undefined ? {} : { pullSecret }),
    },
  };
}

function readMirrors(path: string, shown: string): ChartMirror[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(
      "no-chart-mirrors",
      `The file of chart repositories ${shown} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      "Write a list of {repository, oci, charts} and name it with --chart-mirrors.",
    );
  }
  return parseMirrors(text, shown);
}
