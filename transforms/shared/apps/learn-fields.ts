import { lineOf } from "../../../src/contract/errors.ts";
import { given } from "../../../src/contract/given.ts";
import type { DeliveredFluxObject, YamlData } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { elect, majority, tell, votesOf } from "./evidence.ts";
import { chartSources, ENOUGH, holds, nearest, type Sample } from "./learn-files.ts";
import { learnOrder } from "./order.ts";

/** Which fields the owner writes in the specs of apps, how, and in which order. */
export interface FieldHabits {
  /** Order in which the owner writes the fields of a spec. */
  fieldOrder: Record<"FluxKustomization" | "HelmRelease" | "OCIRepository" | "HelmRepository", string[]>;
  interval: string;
  timeout?: string;
  retryInterval?: string;
  releaseInterval: string;
  targetNamespace: boolean;
  sourceNamespace: boolean;
  /** `./` where the owner begins `spec.path` of a FluxKustomization with it, else `''`. */
  pathPrefix: string;
}

/** @param releaseFiles those of the samples that are nearest and hold a HelmRelease */
export function learnFields(
  siblings: readonly DeliveredFluxObject[],
  samples: readonly Sample[],
  releaseFiles: readonly Sample[],
): { habits: FieldHabits; learned: LearnedConvention[] } {
  const specs: YamlData[] = siblings.map(({ object }) => object.data.spec ?? {});
  const most = <T>(read: (spec: YamlData) => T | undefined) => majority(specs.map(read));
  const interval = elect(votesOf(siblings, ({ data }) => text(data.spec?.interval)));
  // The source of the chart often stands above, in the same file.
  const releases = releaseFiles.flatMap((sample) => documentsOf(sample, "HelmRelease"));
  const fieldOrder = {
    FluxKustomization: learnOrder(specs.map((spec) => Object.keys(spec))),
    HelmRelease: learnOrder(specKeys(releaseFiles, "HelmRelease")),
    OCIRepository: learnOrder(specKeys(chartSources(samples).slice(0, ENOUGH), "OCIRepository")),
    HelmRepository: learnOrder(specKeys(nearest(samples, "HelmRepository"), "HelmRepository")),
  };
  const habits = {
    fieldOrder,
    interval: interval?.value ?? "1h",
    ...given({
      // One that is mostly not written is not written.
      timeout: most((spec) => text(spec.timeout) ?? "") || undefined,
      retryInterval: most((spec) => text(spec.retryInterval) ?? "") || undefined,
    }),
    releaseInterval: majority(releases.map((item) => /\n {2}interval:[ \t]+["']?([\w.]+)/.exec(item)?.[1])) ?? "1h",
    targetNamespace: isMost(specs, (spec) => spec.targetNamespace !== undefined),
    sourceNamespace: isMost(specs, (spec) => spec.sourceRef?.namespace !== undefined),
    pathPrefix: majority(specs.map((spec) => pathPrefix(spec.path))) ?? "./",
  };
  const learned = [
    ...tell("interval of a Kustomization", interval, `${interval?.value}`),
    ...tellOrder(fieldOrder.FluxKustomization, siblings[0]?.object.file),
  ];
  return { habits, learned };
}

function tellOrder(order: readonly string[], file: string | undefined): LearnedConvention[] {
  return file === undefined || order.length === 0
    ? []
    : [{ about: "order of a Kustomization", says: order.join(", "), from: lineOf(file) }];
}

/** The documents of a kind in a file. */
function documentsOf({ file, text }: Sample, kind: string): string[] {
  return text.split(/^---.*$/m).filter((document) => holds(kind)({ file, text: document }));
}

/** Keys of each spec of a kind, as they are written; read from the lines. `chart` and `chartRef` are one place. */
function specKeys(samples: readonly Sample[], kind: string): string[][] {
  return samples.flatMap((sample) =>
    documentsOf(sample, kind).flatMap((document) => {
      const body = /^spec:[ \t]*\n((?:[ \t#-].*\n|\n)+)/m.exec(`${document}\n`)?.[1];
      if (body === undefined) return [];
      const indent = /^ */.exec(body.replace(/^(?:[ \t]*(?:#.*)?\n)+/, ""))![0].length;
      const keys = [...body.matchAll(/^( +)([A-Za-z]+):/gm)].filter(([, lead]) => lead!.length === indent);
      return [[...new Set(keys.map(([, , key]) => (key === "chart" ? "chartRef" : key!)))]];
    }),
  );
}

/** Undefined where the path begins with a variable or leads nowhere below. */
function pathPrefix(path: unknown): string | undefined {
  return /^(\.\/)?\w/.test(text(path) ?? "") ? (/^\.\//.exec(String(path))?.[0] ?? "") : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isMost<T>(items: readonly T[], test: (item: T) => boolean): boolean {
  return items.filter(test).length * 2 > items.length;
}
