import type { LayoutModel } from "../../../src/cluster/types.ts";
import { cutEnd } from "../../../src/contract/cut.ts";
import type { DeliveredFluxObject, YamlData } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { elect, tell, votesOf } from "./evidence.ts";

/** How the owner calls the files and folders of an app. */
export interface PlaceHabits {
  /** `ks.yaml`, `kustomization-flux.yml`, … */
  fluxKustomizationFile: string;
  /** What stands behind the app where such files are called by it and lie in one folder: `-ks`, else `''`. */
  fileSuffix: string;
  /** Folder below an app that its FluxKustomization builds; `''` when it builds the app's folder itself. */
  appFolder: string;
}

export function learnPlaces(
  siblings: readonly DeliveredFluxObject[],
  layout: LayoutModel["kind"],
): { habits: PlaceHabits; learned: LearnedConvention[] } {
  const file = elect(votesOf(siblings, ({ file, name }) => genericFileName(file, name)));
  const suffix = electSuffix(siblings);
  const elected = elect(votesOf(siblings, appFolderOf));
  // One app alone in a folder of another name says what that app is, not how apps are kept: `addons/alerts`.
  const folder = elected && elected.count === 1 && !["app", ""].includes(elected.value) ? undefined : elected;
  const learned =
    layout === "apps"
      ? [
          ...tell("file of a Kustomization", file, `${file?.value}`),
          ...tell("folder of an app", folder, folder?.value ? `<app>/${folder.value}` : "<app>"),
        ]
      : tell("file of a Kustomization", suffix, `<app>${suffix?.value}`);
  const habits = {
    fluxKustomizationFile: file?.value ?? "ks.yaml",
    fileSuffix: suffix?.value ?? "",
    appFolder: folder?.value ?? "app",
  };
  return { habits, learned };
}

/** `ks.yaml` is generic, `<app>.yaml` is not: only generic names are copied. */
function genericFileName(file: string, name: string): string | undefined {
  const base = basename(file);
  return base.includes(name) ? undefined : base;
}

/** Words that say what a file is: `monitoring-ks.yaml`. Errs towards none. */
const SUFFIX = /^[-_.](?:flux[-_.]?)?(?:ks|kustomization|sync)$/i;

/**
 * What most file names have behind the name of the FluxKustomization in them, or of the folder that it builds; undefined
 * where most have nothing there.
 */
function electSuffix(siblings: readonly DeliveredFluxObject[]) {
  const suffixOf = (file: string, name: string) => {
    const stem = basename(file).replace(/\.ya?ml$/, "");
    const rest = name !== "" && stem.startsWith(name) ? stem.slice(name.length) : "";
    return SUFFIX.test(rest) ? rest : "";
  };
  const folderOf = (spec: YamlData) => basename(cutEnd(typeof spec?.path === "string" ? spec.path : "", "/"));
  const suffix = elect(
    votesOf(siblings, ({ file, name, data }) => suffixOf(file, name) || suffixOf(file, folderOf(data.spec))),
  );
  return suffix && suffix.value !== "" && suffix.count > 1 ? suffix : undefined;
}

function appFolderOf({ data, file }: DeliveredFluxObject["object"]): string | undefined {
  const path = cutEnd(String(data.spec?.path ?? ""), "/");
  const app = basename(dirname(file));
  if (path.endsWith(`/${app}`)) return "";
  const match = new RegExp(`/${escapeRegExp(app)}/([^/]+)$`).exec(path);
  // A folder named by a variable belongs to one cluster each; ours is literal.
  return match?.[1]?.includes("$") ? undefined : match?.[1];
}
