import type { SecretHabit } from "../../../transforms/pull-secret/index.ts";
import type { Phase } from "../../contract/options.ts";

/** What the runbook says of a phase whatever stops it. */
export interface OciPhaseFacts {
  cluster: string;
  phase: Exclude<Phase, "install" | "cutover">;
  blockers: number;
  namespace: string;
  /** Of the generated source and root. */
  name: string;
}

/** All that the runbook of `oci` speaks of: values of this repository, found by the plan. */
export interface OciFacts extends OciPhaseFacts {
  /** All phases are planned in one go. */
  isAll: boolean;
  direct: boolean;
  /** Address of the artifact, without a tag. */
  url: string;
  tag: string;
  host: string;
  /** Folder of the repository that is the root of the artifact. */
  artifactPath: string;
  /** Repository that Flux clones today. */
  identity?: string;
  /** Secret to pull with. */
  pullSecret?: string;
  /** Secret with the public half of the key that signs. */
  keySecret?: string;
  readonly secrets: SecretHabit;
  /** Branch from which the publish job moves the tag before the merge, where it has one. */
  trialBranch?: string;
  /** What the publish job leaves out, where it says so: the CLI would leave out pictures and archives as well. */
  ignorePaths?: string;
  /** Whether Flux asks for a signature. */
  isSigned: boolean;
  instance: { name: string; file: string; isManifest: boolean };
}
