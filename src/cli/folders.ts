import { UsageError } from "../contract/errors.ts";
import { normalizePath } from "../delivery/paths.ts";
import type { Flags } from "./flags.ts";

/**
 * An absolute path counts from the top of the repository, as in Flux.
 * @throws UsageError for a folder that lies outside of the repository
 */
export function checkFolders({ artifactPath, root = [], path }: Pick<Flags, "artifactPath" | "root" | "path">): void {
  // `NAME=FOLDER,NAME=FOLDER`.
  const artifacts = artifactPath?.split(",").map((one) => one.slice(one.indexOf("=") + 1).trim()) ?? [];
  const named = [
    ...artifacts.map((folder) => ["--artifact-path", folder] as const),
    ...root.map((folder) => ["--root", folder] as const),
    ...(path === undefined ? [] : [["--path", path] as const]),
  ];
  const outside = named.find(([, folder]) => normalizePath(folder) === undefined);
  if (!outside) return;
  const hint = "Folders count from the top of the repository.";
  throw new UsageError("bad-folder", `${outside.join(" ")} leads out of the repository.`, hint);
}
