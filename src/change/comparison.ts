import type { ObjectKey } from "../admission/key.ts";
import type { Loc } from "../contract/errors.ts";
import type { FluxSpec, Gap, Harm, OpenPoint, Outcome, OwnedObject, RefusedObject, StuckField } from "./types.ts";

/** What `compareSnapshots` finds between two trees. */
export interface Comparison {
  outcomes: Outcome[];
  /** What the change touches and cannot be read; never assumed safe. */
  open: OpenPoint[];
  /** What builds on neither side, as far as nothing is open about it. */
  gaps: Gap[];
  /** FluxKustomizations that build today, or are new, and fail after the change: Flux does not apply them. */
  broken: BrokenBuild[];
  /** FluxKustomizations that Flux leaves in the cluster, where each goes on by itself, and releases that do not; `reason` where it fails from then on. */
  adrift: { key: ObjectKey; finalizes: boolean; reason: string | undefined }[];
  /** Fields that change and cannot, without `force`. */
  stuck: StuckField[];
  /** What the API server refuses and did not before. */
  refusals: RefusedObject[];
  /** FluxKustomizations that become a second owner of what another one goes on applying. */
  shared: Harm[];
  /** Objects that a FluxKustomization did not deliver before, and that ask something of it. */
  joined: JoinedObject[];
  /** Objects whose protection something else of Git sets back. */
  unprotected: Harm[];
  /** What uses a chart of another place that renders something else afterwards. */
  charts: Pick<OwnedObject, "key" | "at" | "doc">[];
  /** FluxKustomizations that exist today and stay, where anything of what they build may change. */
  touched: { key: ObjectKey; name: string; before: FluxSpec[]; after: FluxSpec[] }[];
  /** FluxKustomizations whose spec is another one in the end. */
  respecced: { key: ObjectKey; name: string; before: FluxSpec[]; after: FluxSpec[] }[];
}

export interface BrokenBuild {
  key: ObjectKey;
  name: string;
  reason: string;
  isNew: boolean;
  /** It is suspended, so that nothing comes of it for now. */
  idle?: true;
  at?: Loc;
  sourceless?: true;
  /** Where its folder is now, said by a file that nothing reads any more. */
  unread?: { path: string; file: string };
  /** Names of those that get to their new folders once this one does. */
  below?: readonly string[];
}

/** An object that comes to a FluxKustomization and is encrypted, or holds variables. */
export interface JoinedObject {
  /** `namespace/name` of the FluxKustomization. */
  name: string;
  spec: FluxSpec;
  file: string;
  needs: "decryption" | "postBuild";
}
