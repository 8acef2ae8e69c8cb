import type { Forge } from "./options.ts";

/** Nothing but the place. */
export type NoFacts = Record<string, never>;

/** Something that goes on reading Git, and through which source. */
export interface StayingFacts extends Record<"resource" | "kind" | "source", string> {
  secret?: string | undefined;
  /** What its commits say that keeps a forge from running jobs for them. */
  skips?: string | undefined;
}

/** What a place says about itself when it reports a rule of the move to OCI. */
export interface OciRuleFacts {
  /** `isApart`: Flux Operator runs it, by a FluxInstance that nothing here delivers. */
  "oci-before-operator": { cluster: string; isApart?: true };
  "oci-without-sync": NoFacts;
  "oci-not-from-git": NoFacts;
  "oci-ref-no-branch": { ref: string };
  "oci-registry-unknown": { given?: string | undefined; forge?: Forge | undefined; identity?: string | undefined };
  "oci-tag-unknown": { branch: string };
  "oci-tag-shared": { url: string } & Record<"own" | "other", { branch: string; tag: string; name: string }>;
  "oci-flags-unheard": { flags: readonly string[]; url: string; tag: string };
  "oci-git-secret": { secret: string };
  "oci-name-taken": { name: string };
  "oci-shared-file": { cluster: string; other: string; source: string };
  "oci-shared-blocked": { cluster: string; other: string };
  "oci-still-on-git": { resource: string; source: string } | { unread: string };
  "oci-path-outside": { builder: string; path: string; artifact: string; isMissing?: boolean };
  "oci-path-patched": { resource: string; artifact?: string };
  "oci-ignore": { artifact: string };
  "oci-include": NoFacts;
  "oci-field-dropped": { field: string; value?: string | undefined };
  "pull-secret-missing": { host: string; secret: string; namespace: string };
  "pull-secret-entry": { host: string; secret: string; store: string };
  "oci-forge-unknown": NoFacts;
  "publish-name-refused": { name: string; isBranch: boolean; isTrial?: boolean };
  "publisher-kept": { url: string; tag: string; path: string; branch?: string | undefined; open?: string | undefined };
  "publish-action-newer": { action: string; from: string; to: string };
  "publish-stage": { stage: string };
  "publish-hides": { folder: string; unread: string };
  "publish-replaces": { branch: string; others: readonly string[] };
  "publish-login": { forge: Forge; host: string; provider?: string | undefined };
  "publish-pipeline": { file: string };
  "publish-sign-key": { forge: Forge; secret: string; namespace: string };
  "publish-trial-left": NoFacts;
  "stays-on-git": StayingFacts;
  "oci-reader-unknown": StayingFacts;
  "oci-reader-lost": { resource: string; source: string; instead: string };
  "receiver-too-early": { type: string; interval: string };
  "notification-misses-artifact": { resource: string; source: string; field: string };
  "commit-status-needs-revision": { without?: string | undefined };
  "charts-can-move": { releases: number };
  "charts-upgrade-once": { releases: readonly string[] };
  "chart-from-registry": { resource: string; releases: readonly string[]; url: string; old: string; version: string };
  "chart-stays": { resource: string; repository: string; releases: readonly string[]; reason: string };
  "chart-not-published": { url: string; releases: readonly string[] };
  "chart-not-followed": { names: readonly string[] };
  "chart-version-moved": NoFacts;
  "renovate-misses-chart": { release: string; path: string };
  "chart-repository-kept": { resource: string; reason: string } | { isIdle: true };
}
