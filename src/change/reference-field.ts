/** One field by which objects of a kind need another object. */
export interface ReferenceField {
  /** `group|Kind` of the objects that have it. */
  of: string;
  /** From the body down; `[]` stands for every item of a list. */
  field: string;
  /** Kind of what is named, where the reference does not say it. */
  kind?: string;
  /** The field is the name itself, or holds it under another key than `name`. */
  name?: "itself" | string;
  /** The reference may say a `namespace`; without this it is always that of the object. */
  far?: true;
  /** Only these kinds are looked for: what else it may name is often made by somebody else. */
  only?: readonly string[];
  not?: readonly string[];
  /** The group of what is named stands in its `apiVersion`, so that any kind can be looked for. */
  ofAnyGroup?: true;
  /** Flux waits for it, and looks for it as it is written: in no namespace where none is said, and for some not at all beside `wait: true`. */
  awaited?: "always" | "without-wait";
  /**
   * Looked for in the cluster that `spec.kubeConfig` names, where it names one. An account stands there for its name alone, which
   * needs no object (fluxcd/pkg/runtime, `impersonation`).
   */
  there?: "object" | "name";
  /** Charts and people make such things too: only what the change takes away, or misspells, is missing. */
  soft?: true;
  /** Nothing breaks where it is not there, as where a list names one of many: only a slip in it is told. */
  slip?: true;
}

export const soft = (of: string, field: string, more: Partial<ReferenceField> = {}): ReferenceField => ({
  ...{ of, field, soft: true },
  ...more,
});
