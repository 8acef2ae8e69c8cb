import type { ConventionOverrides } from "../../../src/contract/options.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import type { Conventions } from "./conventions.ts";

/** Rows of what was learnt that an override takes the place of. */
const ABOUT: Readonly<Partial<Record<keyof ConventionOverrides, string>>> = {
  kustomizationFile: "file of a Kustomization",
  appFolder: "folder of an app",
  namePrefix: "name of a Kustomization",
  releaseFile: "file of a HelmRelease",
  sourceFile: "file of a chart's source",
  interval: "interval of a Kustomization",
};

/** The habits of a tree, with what the owner has set in place of what was learnt. */
export function overrideConventions(learned: Conventions, own: ConventionOverrides = {}): Conventions {
  const { kustomizationFile, releaseFile: release, sourceFile: source, ...same } = own;
  const replaced = new Set(Object.keys(own).map((key) => ABOUT[key as keyof ConventionOverrides]));
  // A source of its own is a file of its own.
  if (source !== undefined) replaced.add("source of a chart");
  return {
    ...learned,
    ...same,
    // Who says what stands before the app says how the whole is called.
    ...(own.namePrefix === undefined ? {} : { nameSuffix: "" }),
    ...(kustomizationFile === undefined ? {} : { fluxKustomizationFile: kustomizationFile }),
    files: {
      ...learned.files,
      ...(release === undefined ? {} : { release }),
      ...(source === undefined ? {} : { source }),
    },
    learned: [
      ...learned.learned.filter(({ about }: LearnedConvention) => !replaced.has(about)),
      ...Object.entries(own).map(([key, value]) => ({
        about: ABOUT[key as keyof ConventionOverrides] ?? key,
        says: `${value}, by the configuration`,
      })),
    ],
  };
}
