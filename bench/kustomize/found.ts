import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import yaml from "js-yaml";
import type { Case } from "./case.ts";
import type { Answer } from "./compare.ts";

/** A case that once failed, made small, with what the real kustomize says of it. */
export interface Found extends Pick<Case, "files"> {
  /** What goes on in it, in a few words. */
  shows: string;
  /** What is built; none where kustomize refuses the case. */
  objects?: unknown[];
  /** Whether it is left open here. */
  unknown?: true;
}

/** Where they are kept, one a file, the folder `app` being built. */
const folder = resolve(import.meta.dirname, "../../test/kustomize/found");

export function readFound(): Found[] {
  return readdirSync(folder).map((name) => yaml.load(readFileSync(join(folder, name), "utf8")) as Found);
}

export function caseOf({ files }: Found): Case {
  return { files, folder: "app" };
}

export function answerOf({ objects }: Found): Answer {
  return objects === undefined ? { ok: false, error: "" } : { ok: true, objects };
}

/** The file of a case that was found. */
export function printFound({ files }: Case, answer: Answer): string {
  const found: Found = { shows: "", files, ...(answer.ok ? { objects: answer.objects } : {}) };
  return yaml.dump(found, { lineWidth: -1, noRefs: true });
}
