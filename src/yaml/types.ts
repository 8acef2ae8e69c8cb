import type { TextRange } from "../contract/edit.ts";
import type { RawYaml } from "./raw.ts";

/** Keys and indexes from the root of a YAML document to a node. */
export type YamlPath = readonly (string | number)[];

/**
 * One change to a YAML file. `doc` counts every document of the file, also empty ones.
 * - `set`: replace the value at `path`, or add the last key of `path` to its map (missing parents are made).
 * - `insert`: add an item to the sequence at `path` (`index` omitted = append).
 * - `delete`: remove the map entry or sequence item at `path`, with the comments that belong to it.
 * - `delete-document`: remove a document with its marker and its comments.
 * - `append-document`: add a document at the end; `text` holds its body without a `---` line.
 * A value that is a `RawYaml` is YAML text written for indent 0; it is re-indented and spliced in as it is, so comments and
 * quoting inside it survive. Every other value is printed, and reads back as that value.
 */
export type YamlOp =
  | { op: "set"; doc: number; path: YamlPath; value: unknown }
  | { op: "insert"; doc: number; path: YamlPath; index?: number; value: unknown }
  | { op: "delete"; doc: number; path: YamlPath }
  | { op: "delete-document"; doc: number }
  | { op: "append-document"; text: RawYaml };

/** An operation on what a document holds. */
export type NodeOp = Extract<YamlOp, { path: YamlPath }>;

export type YamlEdit =
  | { ok: true; text: string; ranges: TextRange[] }
  | { ok: false; reason: string; line: number; col: number };

/** How the owner writes YAML; learnt from sibling files, used to print new ones. */
export interface YamlStyle {
  /** Spaces a level. */
  indent: number;
  /** Whether `- ` under a key is indented. */
  indentSequences: boolean;
  documentStart: boolean;
  quote: "plain" | "double" | "single";
  eol: "\n" | "\r\n";
}

export interface ParsedDoc {
  index: number;
  /** Plain data: merge keys resolved, timestamps as strings. Undefined for an empty document. */
  data: unknown;
}

/** Outcome of reading a file as YAML. A failed parse names the first error. */
export type ParsedFile =
  | {
      ok: true;
      docs: ParsedDoc[];
      /** Where Go's decoder gives up all the same, and so kustomize: see `checkForGo`. */
      goRefuses?: Refusal;
    }
  | ({ ok: false } & Refusal);

/** Why a text cannot be read, and where. */
export interface Refusal extends Position {
  reason: string;
}

/** Line and column, from 1. */
interface Position {
  line: number;
  col: number;
}

export type TemplateKind = "jinja" | "go-template" | "makejinja";
