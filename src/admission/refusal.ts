/** Something for which the API server refuses an object. */
export interface Refusal {
  path: readonly (string | number)[];
  /** Goes on from the name of the field. */
  what: string;
  /** The field that is meant. */
  near?: string | undefined;
  /** What stands there, where the CRD lists the words that may. */
  word?: string;
  /** A newer release than fluxlift knows may take it. */
  doubtful?: true;
  /** It is not refused: kustomize-controller leaves out this part of the object, or all of it, without a word. */
  drops?: "labels" | "field" | "values" | "object";
}
