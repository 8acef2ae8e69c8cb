import type { Claim, KubeObject } from "../contract/objects.ts";
import { join, normalizePath, withoutEnd } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isDocs } from "./automation-files.ts";
import { commandLines, LONGEST_COMMAND } from "./command-lines.ts";
import { isCommentLine, readableText } from "./readable-text.ts";

/** Commands that make a bucket, or a part of it, hold what a folder holds. */
const TOOLS =
  "aws s3 sync,aws s3 cp,gsutil,gcloud storage rsync,gcloud storage cp,mc mirror,rclone sync,rclone copy,azcopy sync,azcopy copy".split(
    ",",
  );
/** What of a folder is uploaded is not all of it then. */
const PARTLY = /\s(?:--exclude|--include|--filter|-x)\b/;
/** Nothing of it reaches a cluster: the data of git, and jobs. */
const NO_MANIFESTS = /\s--exclude[= ]["']?(?:\*\/)?\.git(?:hub)?(?:\/\*{0,2})?["']?(?=\s|$)/g;
/** No flag, and no word of the command itself, behind which a download names the bucket. */
const FOLDER = /^(?!(?:sync|cp|rsync|mirror|copy)$)[\w./][\w./-]*$/;

/**
 * Folder of the repository that becomes the root of a Bucket's artifact, as the job says that uploads it: `deploy` for
 * `aws s3 sync ./deploy s3://home`, and for `aws s3 sync ./deploy/manifests s3://home/manifests`. Undefined where none or
 * several different ones fit, and where only a part of the folder is uploaded.
 */
export function findUpload(tree: Tree, { data }: Pick<KubeObject, "data">): Claim<string> | undefined {
  const bucket = data.spec?.bucketName;
  if (typeof bucket !== "string" || bucket === "") return undefined;
  const files = new Set(TOOLS.flatMap((tool) => tree.grep(tool)));
  const claims = [...files].flatMap((file) => {
    if (isArchived(file) || isDocs(file)) return [];
    return readUploads(file, readableText(tree, file) ?? "", bucket);
  });
  return new Set(claims.map(({ value }) => value)).size === 1 ? claims[0] : undefined;
}

function readUploads(file: string, text: string, bucket: string): Claim<string>[] {
  const target = new RegExp(
    String.raw`^(?:(?:s3|gs|azure):\/\/|[\w.-]+[:/]|https:\/\/[\w.-]+\/)${escapeRegExp(bucket)}(?:\/([\w./-]*))?(?:\?.*)?$`,
  );
  const lines = text.split("\n");
  return lines.flatMap((line, index): Claim<string>[] => {
    const tool = TOOLS.find((each) => line.includes(each));
    if (tool === undefined || isCommentLine(line)) return [];
    const call = joined(lines, index);
    const from = call.indexOf(tool);
    const words = (call.slice(from).match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/["']/g, ""));
    const end = words.findLastIndex((word) => target.test(word));
    const folder = words[end - 1];
    if (folder === undefined || !FOLDER.test(folder) || PARTLY.test(call.replace(NO_MANIFESTS, ""))) return [];
    const entered = /\bcd\s+["']?([\w./-]+)["']?\s*(?:&&|;)/.exec(call.slice(0, from))?.[1] ?? "";
    const [path, part] = [normalizePath(join(entered, folder)), normalizePath(target.exec(words[end]!)?.[1] ?? "")];
    // The folder that the whole bucket stands for, where a part of it gets a folder.
    const value = path === undefined || part === undefined ? undefined : withoutEnd(path, part);
    return value === undefined ? [] : [{ value, at: { file, line: index + 1, col: 1 } }];
  });
}

function joined(lines: readonly string[], index: number): string {
  let call = "";
  for (const line of commandLines(lines, index)) call += ` ${line.trim().replace(/\\$/, "")}`;
  return call.slice(0, LONGEST_COMMAND);
}
