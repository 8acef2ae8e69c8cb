import type { InstallWay } from "./install-ways.ts";

/** A line that applies a FluxInstance, and what of it is not as it is wanted; `isOpen`: it may be for another cluster. */
export interface AppliedInstance {
  file: string;
  line: number;
  isOpen: boolean;
  fields: string[];
}

/** A line that applies what the migration takes away. */
export interface ApplyFacts {
  path: string;
  /** What the folder no longer holds; undefined where all of it is gone. */
  lost?: string | undefined;
  /** The folder stays, and nothing comes of it. */
  isEmptied?: true;
  /** Set where a later phase takes it: what that one finds of it. */
  later?: "all" | "rest";
  /** Paths of other clusters that the line may mean as well. */
  others: readonly string[];
  /** Other clusters that are started from this very path. */
  sharers?: readonly string[];
  /** The path is the default of a variable. */
  byDefault?: true;
  /** The line looks for it by its name alone, wherever it lies. */
  bySearch?: true;
  isCertain: boolean;
  /** What to run instead; empty where the lines around it do it already. */
  commands: readonly string[];
  /** A module of Ansible runs the line without a shell, which the commands want. */
  byCommand?: true;
  /** The job of the line runs with each push, as long as the cluster is up. */
  onPush?: true | undefined;
  /** The line deletes what the folder no longer holds (`kubectl apply --prune`). */
  prunes?: true | undefined;
}

/** What runs outside Flux and names what goes: tasks, scripts, workflows, Renovate, documents, programs. */
export interface AutomationRuleFacts {
  "automation-applies-removed": ApplyFacts;
  "automation-shared-line": ApplyFacts;
  "automation-installs-flux": {
    how: InstallWay;
    commands: readonly string[];
    of?: string | undefined;
    /** Where the same file creates source and root by hand. */
    creates?: readonly string[];
    /** What `flux bootstrap` makes of its key or token, and the source logs in with. */
    secret?: string | undefined;
    /** Whether lines beside it install operator and instance. */
    isDoneBeside?: boolean;
    /** The file makes the cluster itself, which may be one for tests. */
    isTrial?: true;
    /** The job runs with each push, as long as the cluster is up. */
    onPush?: true;
  };
  /** `isOpen`: the path is one that fits what its generators fill in. */
  "argo-applies-flux": { name: string; path: string; file: string; isOpen?: true };
  /** `isOpen`: only a run knows the path, and the file is one that may lie there. */
  "pruner-applies-flux": { program: string; path: string; file: string; isOpen?: true };
  "automation-waits-early": Record<string, never>;
  "automation-names-removed": {
    phase: string;
    mentions: readonly string[];
    isRule?: boolean;
    /** The migration is through, and nothing of it is left. */
    isGone?: boolean;
    /** What knows what it has applied from there, and deletes, or may delete, what it no longer finds. */
    owner?: "Terraform" | "Pulumi" | "AWS CDK" | "Kluctl" | "Garden" | "DevSpace" | "KubeOne" | "kOps" | "helmfile";
    /** Folder that flux-local and flate are to begin at. */
    begins?: string;
  };
  /** `rival`: a cluster with an object of that name as well, which it calls `itsName` from now on. */
  "automation-names-renamed": Record<"what" | "from", string> &
    Partial<Record<"to" | "rival" | "itsName", string | undefined>>;
  /** `files`: of source and root, where nothing delivers them, so that what a command has set stays until the install phase. */
  "automation-changes-sync": { places: readonly string[]; namespace: string; files?: readonly string[] };
  "automation-uninstalls-flux": { places: readonly string[]; namespace: string };
  "automation-tests-sync": {
    places: readonly string[];
    folder: string;
    ref: string;
    file: string;
    /** The controllers alone were applied there. */
    isInstalled?: boolean;
    /** Nothing says whether the cluster is for tests or one of the repository. */
    isOpen?: true;
  };
  "template-regenerates": { places: readonly string[]; by?: "vendir" };
  "image-marker-idle": { fields: readonly string[] };
  "file-not-searched": { files: readonly string[] };
  "line-not-searched": { places: readonly string[]; most: number };
  "docs-name-removed": { mentions: readonly string[] };
  "renovate-names-removed": { name: string; charts: readonly string[]; isUsed?: true };
  "renovate-ignores-charts": { file: string; pattern: string };
  "renovate-ignores-helmfile": { helmfile: string; pattern: string };
  "program-changed": { becomes: string; phase: string };
  "program-left": { text: string; reason: string; becomes: string };
  "program-cluster-unknown": { forbidden: string; becomes: string };
}
