import type { DraftFinding } from "../../engine/transform.ts";
import type { Loc } from "../../errors.ts";
import { compareFluxVersions, type FluxVersion, newestEmbedded, parseFluxVersion } from "../releases.ts";
import type { Claim } from "../types.ts";
import { isController } from "./detect.ts";
import type { LazyDocument } from "./documents.ts";
import { imageTags, releaseWithTags } from "./facts.ts";
import { type ImageReference, readImage } from "./images.ts";

export interface GotkVersion {
  version?: Claim<string>;
  /** `# Components:` of the header; a set, Terraform sorts it (flux-semantics 4.2). */
  headerComponents?: string[];
  findings: DraftFinding[];
}

const VERSION_LABEL = /^ {4}app\.kubernetes\.io\/version: ["']?(v\d[\w.+-]*)/m;

/**
 * The Flux version of a gotk file: header, else the version label, else the image tags (flux-semantics 4.2). What
 * disagrees with it is reported: a header nobody updated when images were bumped hides what really runs. Where labels
 * and images name the same other release, the header is the one that was edited alone: it is a comment, they are what runs.
 */
export function readGotkVersion(text: string, file: string, documents: readonly LazyDocument[]): GotkVersion {
  const head = text.slice(0, 2000);
  const header = /^# Flux [Vv]ersion: (v\S+)/m.exec(head);
  const components = /^# Components: (\S+)/m.exec(head)?.[1]?.split(",");
  const labelled = documents.find((document) => VERSION_LABEL.test(document.text));
  const label = labelled && VERSION_LABEL.exec(labelled.text)![1];
  const images = documents
    .filter(isController)
    .map(readImage)
    .filter((image) => image !== undefined);
  const byImages = releaseWithTags(new Map(images.map(({ component, tag }) => [component, tag ?? ""])));
  const at = (offset: number): Loc => ({ file, line: text.slice(0, offset).split("\n").length, col: 1 });
  const isAlone = header && label !== undefined && label !== header[1] && label === `v${byImages}`;
  const named =
    header && !isAlone
      ? { value: header[1]!, at: at(header.index) }
      : label !== undefined && parseFluxVersion(label)
        ? { value: label, at: { file: labelled!.file, line: labelled!.line, col: 1 } }
        : byImages !== undefined
          ? { value: `v${byImages}`, at: images[0]!.at }
          : undefined;
  const findings: DraftFinding[] = [];
  if (isAlone) findings.push(headerAlone(header[1]!, label, at(header.index)));
  else if (named && header && label && label !== header[1]) findings.push(labelDiffers(named, label, labelled!));
  return {
    ...(named ? { version: named } : {}),
    ...(components ? { headerComponents: components } : {}),
    findings,
  };
}

function headerAlone(header: string, label: string, at: Loc): DraftFinding {
  return {
    rule: "gotk-version-differs",
    level: "caution",
    at,
    what: `The header of the install says Flux ${header}, labels and images of its objects are those of ${label}; fluxlift goes by the objects.`,
    why: "The header is a comment that was changed alone; what Flux applies, and so what runs, are the objects.",
    next: `Nothing to do if \`flux version\` says ${label}; else pass --flux-version vX.Y.Z.`,
  };
}

function labelDiffers(named: Claim<string>, label: string, document: LazyDocument): DraftFinding {
  return {
    rule: "gotk-version-differs",
    level: "caution",
    at: { file: document.file, line: document.line, col: 1 },
    what: `The header of the install says Flux ${named.value}, its objects are labelled ${label}; fluxlift goes by the header.`,
    why: "The file was edited by hand or put together from two versions; the operator installs one whole release.",
    next: "Check with `flux version` and pass --flux-version vX.Y.Z if the header is wrong.",
  };
}

/** Images that are not the ones of the installed release (Renovate bumps them alone) change with the migration. */
export function checkTags(version: FluxVersion, images: readonly ImageReference[]): DraftFinding[] {
  const known = imageTags(version);
  if (!known) return [];
  const named = `v${version.major}.${version.minor}.${version.patch}`;
  const newest = newestEmbedded(version);
  const target = newest ? imageTags(parseFluxVersion(newest)!) : undefined;
  return images.flatMap(({ component, tag, at }): DraftFinding[] => {
    const expected = known.get(component);
    if (tag === undefined || expected === undefined || tag === expected) return [];
    const [runs, next] = [parseFluxVersion(tag), parseFluxVersion(target?.get(component) ?? expected)];
    const isNewer = runs !== undefined && next !== undefined && compareFluxVersions(runs, next) > 0;
    return [
      {
        rule: isNewer ? "gotk-image-newer" : "gotk-image-differs",
        level: isNewer ? "blocker" : "caution",
        resource: `Deployment ${component}`,
        at,
        what: `${component} runs ${tag}, while the operator knows Flux ${named} with ${expected}; it will run ${target?.get(component) ?? expected}.`,
        why: isNewer
          ? "That would downgrade a running controller below CRDs it may already have written (trap 16)."
          : "The operator pins the images of one whole release (flux-semantics 1.4); a tag bumped alone does not come along.",
        next: isNewer
          ? "Bring the whole install to one Flux release first (flux install --export), or pass the release that really runs: --flux-version vX.Y.Z."
          : "Nothing to do if the release's own image is wanted; else keep it with an instance patch on the image.",
      },
    ];
  });
}
