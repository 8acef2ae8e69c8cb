import { type Loc, lineOf } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { type Claim, itemsOf, type YamlData } from "../../contract/objects.ts";
import { installedBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import {
  compareFluxVersions,
  type FluxVersion,
  formatFluxVersion,
  nearestFlux,
  newestEmbedded,
  parseFluxVersion,
} from "../../release/releases.ts";
import { runSources } from "../../release/simulate.ts";
import { positionAt } from "../../yaml/lines.ts";
import type { ImageReference, Install, LazyDocument } from "../types.ts";
import { isController } from "./detect.ts";
import { imageTags, releaseWithTags } from "./facts.ts";
import { KNOWN_REGISTRIES, readImage } from "./images.ts";

export interface GotkVersion {
  version?: Claim<string>;
  /** `# Components:` of the header; a set, Terraform sorts it (flux-facts 4.2). */
  headerComponents?: string[];
  findings: DraftFinding[];
}

const VERSION_LABEL = /^ {4}app\.kubernetes\.io\/version: ["']?(v\d[\w.+-]*)/m;

/**
 * The Flux version of a gotk file: header, else the version label, else the image tags (flux-facts 4.2). What
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
  const at = (offset: number): Loc => ({ file, line: positionAt(text, offset).line, col: 1 });
  const isAlone = header !== null && label !== undefined && label !== header[1] && label === `v${byImages}`;
  const named =
    header && !isAlone
      ? { value: header[1]!, at: at(header.index) }
      : label !== undefined && parseFluxVersion(label)
        ? { value: label, at: { file: labelled!.file, line: labelled!.line, col: 1 } }
        : byImages !== undefined
          ? { value: `v${byImages}`, at: images[0]!.at }
          : undefined;
  const findings: DraftFinding[] = [];
  if (header && label && label !== header[1]) {
    const place = isAlone ? at(header.index) : lineOf(labelled.file, labelled.line);
    const facts = { header: header[1]!, label, isAlone };
    findings.push({ rule: "gotk-version-differs", level: "caution", at: place, facts });
  }
  return { ...given({ version: named, headerComponents: components }), findings };
}

/**
 * Images that are not the ones of their release (Renovate bumps them alone) change with the migration.
 * @param written release that the file is of
 * @param planned release that the operator is asked for
 * @param install whose patches keep their controllers at images of their own
 */
export function checkTags(
  written: FluxVersion,
  planned: FluxVersion,
  all: readonly ImageReference[],
  install: Install,
): DraftFinding[] {
  const known = imageTags(written);
  if (!known) return [];
  const named = `v${formatFluxVersion(written)}`;
  const newest = newestEmbedded(planned);
  const target = newest ? imageTags(parseFluxVersion(newest)!) : undefined;
  const isOdd = all.some(({ component, tag }) => tag !== undefined && tag !== known.get(component));
  const held = isOdd ? findHeld(written, install) : [];
  const images = all.filter(({ component }) => !held.includes(component));
  const built = images.filter((image) => isBuilt(image, known));
  const others = images.filter((image) => !built.includes(image));
  const ofOthers = others.flatMap(({ component, tag, at }): DraftFinding[] => {
    const expected = known.get(component);
    if (tag === undefined || expected === undefined || tag === expected) return [];
    const [runs, next] = [parseFluxVersion(tag), parseFluxVersion(target?.get(component) ?? expected)];
    const isNewer = runs !== undefined && next !== undefined && compareFluxVersions(runs, next) > 0;
    const resource = `Deployment ${component}`;
    const facts = { component, tag, release: named, expected, next: target?.get(component) ?? expected };
    return [
      isNewer
        ? { rule: "gotk-image-newer", level: "blocker", resource, at, facts }
        : { rule: "gotk-image-differs", level: "caution", resource, at, facts },
    ];
  });
  const [first] = built;
  if (!first) return ofOthers;
  const { component, registry, tag = "", at } = first;
  const next = target?.get(component) ?? known.get(component)!;
  const facts = { components: built.map((image) => image.component), image: `${registry}/${component}`, tag, next };
  return [{ rule: "gotk-image-built", level: "blocker", at, facts }, ...ofOthers];
}

/** Controllers whose image a patch of the install sets: it comes along, and the tag below it runs nowhere. */
function findHeld(written: FluxVersion, { style, components, gotk, patches }: Install): string[] {
  const nearest = nearestFlux(written);
  const facts = nearest && readBaseFacts(nearest);
  if (!facts) return [];
  const build = () => installedBase(facts, style, components, gotk?.namespace ?? "flux-system");
  const [before, after] = [build(), build()];
  if (runSources(after, patches) !== undefined) return [];
  return after.flatMap(({ data, deleted }, index) => {
    const isSame = managerImage(data) === managerImage(before[index]!.data);
    return deleted || data.kind !== "Deployment" || isSame ? [] : [String(data.metadata.name)];
  });
}

function managerImage(data: YamlData): unknown {
  const containers: YamlData[] = itemsOf(data?.spec?.template?.spec?.containers);
  return containers.find((container) => container?.name === "manager")?.image;
}

/**
 * Whether a registry of one's own is asked for a tag that no release has, such as `v1.7.4-acme.3`: what is built there need not
 * be there by the tag of the release as well.
 */
function isBuilt({ component, registry, image, tag }: ImageReference, known: ReadonlyMap<string, string>): boolean {
  if (tag === undefined || image !== component || !known.has(component) || KNOWN_REGISTRIES.has(registry)) return false;
  return !/^v\d+\.\d+\.\d+$/.test(tag);
}
