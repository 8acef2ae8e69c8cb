import { CLI_INSTALLS } from "../../src/cluster/automation-files.ts";
import { PROGRAM_WORDS } from "../../src/cluster/program-installs.ts";
import { basename } from "../../src/delivery/paths.ts";
import type { Target } from "../shared/automation/targets.ts";

/** Words of lines that install Flux the old way, wherever they stand; see `findInstallers`. */
const INSTALLS =
  "fluxcd/flux2,/flux2 ,fluxcd-community,flux_bootstrap_git,flux_install,flux_sync,#fluxcd -- ,fluxcd/flux-cli,enable flux,gotk-components,gotk-sync,Flux Version:,gitrepositories.source.toolkit.fluxcd.io".split(
    ",",
  );

/** What begins a list of arguments for the flux CLI, or for a function that runs it. */
const LISTS = [
  '"flux",',
  "'flux',",
  '"bootstrap",',
  "'bootstrap',",
  "argv:",
  "flux, bootstrap",
  "flux, install",
  'run-external "flux"',
];

/** Beginnings of commands that call objects of Flux by their names. */
const NAMING = ["flux reconcile", "flux suspend", "flux resume", "flux-local"];

/**
 * Text that a file of no known kind must contain to be looked at: the last two segments of each path, or one behind a
 * variable; at the top, where the name alone says little, what shows that a path is meant.
 */
export function needlesFor(targets: readonly Target[], own: readonly string[] = []): string[] {
  const ends = targets.flatMap(({ path, isFile }) => {
    if (path === "") return [];
    if (!path.includes("/")) return isFile ? fileNeedles(path) : [`./${path}`, `-k ${path}`, `--kustomize ${path}`];
    const last = path.split("/").slice(-2);
    const name = basename(path);
    // Where the command runs in the folder above it.
    const built = isFile ? [] : [`-k ${name}`, `-k ./${name}`];
    return [last.join("/"), last.join("\\"), `}/${name}`, `)/${name}`, ...built];
  });
  return [...new Set([...ends, ...INSTALLS, ...PROGRAM_WORDS, ...CLI_INSTALLS, ...LISTS, ...NAMING, ...own])];
}

/** A file at the top as an argument, alone in a list, or from a folder below: `-f boot.yaml`, `- boot.yaml`, `/../boot.yaml`. */
function fileNeedles(path: string): string[] {
  const flags = ["-f", "--filename"].flatMap((flag) => [`${flag} ${path}`, `${flag}=${path}`, `${flag}, ${path}`]);
  return [...flags, `./${path}`, `}/${path}`, `- ${path}`, `"${path}"`, `'${path}'`];
}
