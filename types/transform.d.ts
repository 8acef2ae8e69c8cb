/** What the document of an object holds; a map, or anything where it is not what it should be. */
export declare function bodyOf(object: KubeObject): YamlData;

/** All results as one, in their order. */
export declare function combine(...parts: readonly OwnResult[]): OwnResult;

declare interface Common {
    interval?: string;
    suspend?: boolean;
    timeout?: string;
}

/** Declares a transform; for the types alone. */
export declare function defineTransform(transform: OwnTransform): OwnTransform;

/** Names an object the way findings do. */
export declare function describe(object: Pick<KubeObject, "kind" | "namespace" | "name">): string;

/** What a transform of your own writes; a new file may be any text. */
export declare type DraftEdit = EditAction<string> & Reasons;

declare type EditAction<New extends string> = {
    kind: "create";
    text: New;
    mode?: number;
} | {
    kind: "replace";
    ranges: TextRange[];
} | {
    kind: "delete";
} | {
    kind: "move";
    to: string;
};

/**
 * Turns operations on a YAML file into an edit of the bytes that change. What cannot be edited safely (templates, encrypted
 * files, anchors that reach elsewhere) becomes a blocker instead, and nothing is changed.
 * @param why one sentence for the reviewer
 * @param evidence where the edit was derived from
 */
export declare function editFile(tree: Tree, path: string, ops: readonly YamlOp[], why: string, evidence?: Loc[]): OwnResult;

/**
 * Changes a YAML file by splicing bytes; everything no operation names stays as it is. Operations apply in order, each to the
 * result of those before. After each, the text is parsed again and compared with the operation applied to plain data: a
 * text that means anything else is never returned.
 * Refused with a reason and a place: text that does not parse, templates, SOPS-encrypted files, values that are shared through
 * an anchor or reached only through an alias, paths that are not there.
 */
export declare function editYaml(text: string, ops: readonly YamlOp[]): YamlEdit;

/**
 * What a path holds, as far as fluxlift may use it. Only `text` is ever read as YAML or edited.
 * `binary` includes bytes that are not valid UTF-8; `encrypted` is git-crypt, whose bytes must not change.
 */
declare type FileStatus = "text" | "binary" | "huge" | "symlink" | "encrypted" | "unreadable";

/** Under this the folder stands that an artifact of its own is filled from, and that its path counts from: no field of a file. */
declare const FILLED_FROM: unique symbol;

/** `fluxcd.controlplane.io/v1` FluxInstance. */
declare interface FluxInstanceSpec {
    cluster?: {
        domain?: string;
        multitenant?: boolean;
        networkPolicy?: boolean;
        size?: string;
        type?: string;
    };
    commonMetadata?: unknown;
    components?: string[];
    distribution?: {
        artifact?: string;
        artifactPullSecret?: string;
        imagePullSecret?: string;
        registry?: string;
        variant?: string;
        version?: string;
    };
    kustomize?: {
        patches?: unknown[];
    };
    migrateResources?: boolean;
    sharding?: {
        key?: string;
        shards?: string[];
        storage?: string;
    };
    storage?: unknown;
    sync?: {
        interval?: string;
        kind?: string;
        name?: string;
        path?: string;
        provider?: string;
        pullSecret?: string;
        ref?: string;
        url?: string;
    };
    wait?: boolean;
}

/** `kustomize.toolkit.fluxcd.io/v1` Kustomization. */
declare interface FluxKustomizationSpec extends Common {
    [FILLED_FROM]?: string | undefined;
    commonMetadata?: {
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
    };
    components?: string[];
    decryption?: {
        provider?: string;
        secretRef?: SecretReference;
        serviceAccountName?: string;
    };
    deletionPolicy?: string;
    dependsOn?: (Reference & {
        readyExpr?: string;
    })[];
    force?: boolean;
    healthCheckExprs?: unknown[];
    healthChecks?: Reference[];
    ignoreMissingComponents?: boolean;
    images?: unknown[];
    kubeConfig?: {
        secretRef?: SecretReference;
        configMapRef?: SecretReference;
    };
    namePrefix?: string;
    nameSuffix?: string;
    patches?: unknown[];
    patchesJson6902?: unknown[];
    patchesStrategicMerge?: unknown[];
    path?: string;
    postBuild?: {
        substitute?: Record<string, unknown>;
        substituteFrom?: (Reference & {
            optional?: boolean;
        })[];
        substituteStrategy?: string;
    };
    prune?: boolean;
    retryInterval?: string;
    serviceAccountName?: string;
    sourceRef?: Reference;
    targetNamespace?: string;
    wait?: boolean;
}

/** The spec of an object whose kind the reader has looked at. */
declare type FluxObjectSpec = FluxKustomizationSpec & HelmReleaseSpec & SourceSpec & FluxInstanceSpec;

/** `install` and `upgrade` of a HelmRelease. */
declare interface HelmAction {
    crds?: string;
    disableWait?: boolean;
    remediation?: Remediation;
    strategy?: {
        name?: string;
    };
}

/** `helm.toolkit.fluxcd.io/v2` HelmRelease. */
declare interface HelmReleaseSpec extends Common {
    chart?: {
        metadata?: unknown;
        spec?: {
            chart?: string;
            ignoreMissingValuesFiles?: boolean;
            interval?: string;
            reconcileStrategy?: string;
            sourceRef?: Reference;
            valuesFile?: string;
            valuesFiles?: string[];
            verify?: unknown;
            version?: string;
        };
    };
    chartRef?: Reference;
    dependsOn?: Reference[];
    driftDetection?: unknown;
    install?: HelmAction & {
        createNamespace?: boolean;
    };
    postRenderers?: unknown[];
    releaseName?: string;
    storageNamespace?: string;
    targetNamespace?: string;
    uninstall?: unknown;
    upgrade?: HelmAction & {
        chartNameChangeStrategy?: string;
    };
    values?: Record<string, unknown>;
    valuesFrom?: ValuesReference[];
    waitStrategy?: {
        name?: string;
    };
}

export declare const isFluxInstance: (object: Typed) => boolean;

export declare const isFluxKustomization: (object: Typed) => boolean;

export declare const isHelmRelease: (object: Typed) => boolean;

export declare function isSource(object: Typed): boolean;

/** A Kubernetes object as parsed: its head, and the spec if it is Flux's. */
declare interface KubeData {
    apiVersion?: string;
    kind?: string;
    metadata?: {
        annotations?: Record<string, string>;
        generateName?: string;
        labels?: Record<string, string>;
        name?: string;
        namespace?: string;
    };
    spec?: FluxObjectSpec;
}

/** One Kubernetes object as a YAML document of a file. */
export declare interface KubeObject {
    file: string;
    /** Index of the document in its file, counting every document, also empty ones. */
    doc: number;
    apiVersion: string;
    kind: string;
    name: string;
    /** As written; `''` when the document leaves it out. */
    namespace: string;
    data: KubeData;
}

export declare type Level = "info" | "caution" | "blocker";

/** A place in a text file of the repository; line and col count from 1. */
export declare interface Loc {
    file: string;
    line: number;
    col: number;
}

/**
 * Text of a medium. Only what escapes values for that medium makes one, so that a plain string does not compile where such
 * text goes. When it runs it is a string like any other.
 */
declare type Made<Medium extends string = string> = string & {
    readonly [MEDIUM]: Medium;
};

declare const MEDIUM: unique symbol;

declare interface ObjectScan {
    objects: KubeObject[];
    /** What stands in the way of reading a file that mentions Flux. */
    broken: {
        file: string;
        line: number;
        col: number;
        reason: string;
    }[];
}

/** One root of reconciliation, as far as a transform of your own may rely on it. */
export declare interface OwnCluster {
    /** As `fluxlift scan` shows it. */
    name: string;
    /** Of the Flux controllers. */
    namespace: string;
    source?: KubeObject;
    root: KubeObject;
    /** FluxKustomizations reached from the root, the root first. `object` is as it is written. */
    kustomizations: readonly {
        object: KubeObject;
    }[];
    /** Every other Flux object that is delivered. */
    objects: readonly {
        object: KubeObject;
    }[];
    /** Files that some FluxKustomization of this cluster reads. */
    files: ReadonlySet<string>;
    /** Branch that the source names. */
    branch?: string;
}

/** What a transform may look at. It never reads the disk, the clock or the network. */
export declare interface OwnContext {
    /** With the edits of the transforms before this one. Ask it for the bytes that you edit. */
    tree: Tree;
    /** As the phase began; findings point here. */
    before: Tree;
    /** Every Flux object of the repository, read from `before`. */
    model: {
        objects: readonly KubeObject[];
    };
    /** The cluster that is planned; read from `before`. */
    cluster: OwnCluster;
    phase: Phase;
    /** What the run was asked for. */
    options: {
        sync: "adopt" | "rename" | "keep";
        direct: boolean;
        layout: "apps" | "manifests" | "auto";
        fluxVersion?: string;
        operatorVersion?: string;
    };
    /** Paths that transforms before this one have edited for this cluster in this phase. */
    edited: ReadonlySet<string>;
}

/** Something that a person should know. `what` says what Flux will do; `next` says what to do about it. */
export declare interface OwnFinding {
    /** `<package>/<rule>`; those of `editFile` are fluxlift's. */
    rule: string;
    /** A blocker stops the phase for its cluster. */
    level: Level;
    /** `Kind namespace/name`. */
    resource?: string;
    at?: Loc;
    what: string;
    why: string;
    next: string;
}

/** What a transform comes to; what is left out is empty. */
export declare interface OwnResult {
    edits?: DraftEdit[];
    findings?: OwnFinding[];
}

/** What `fluxlift explain` says of a rule of your own; the configuration lists them by name. */
export declare interface OwnRule {
    title: string;
    levels: Level[];
    meaning: string;
    next: string;
}

/** A transform of your own; it runs after those of fluxlift. */
export declare interface OwnTransform {
    /** `<package>/<name>`, for `--only` and `--skip`. */
    id: string;
    /** One line for lists. */
    title: string;
    /** Phases in which it may edit. */
    phases: readonly Phase[];
    /** Whether there is anything to do; cheap. By default always. */
    applies?(context: OwnContext): boolean;
    /** Pure: the same context gives the same result, and the result of a second run is empty. */
    run(context: OwnContext): OwnResult;
}

declare interface ParsedDoc {
    index: number;
    /** Plain data: merge keys resolved, timestamps as strings. Undefined for an empty document. */
    data: unknown;
}

/** Outcome of reading a file as YAML. A failed parse names the first error. */
declare type ParsedFile = {
    ok: true;
    docs: ParsedDoc[];
    /** Where Go's decoder gives up all the same, and so kustomize: see `checkForGo`. */
    goRefuses?: Refusal;
} | ({
    ok: false;
} & Refusal);

/** Phases of `fluxlift migrate` and, with the same `cleanup` at the end, of `fluxlift oci`. */
export declare type Phase = "install" | "cutover" | "prepare" | "switch" | "cleanup";

/** An object as findings name it, and the place of it or of one of its fields. */
export declare function pointAt(tree: Tree, object: KubeObject, path?: readonly (string | number)[]): {
    resource: string;
    at: Loc;
};

/** Line and column, from 1. */
declare interface Position {
    line: number;
    col: number;
}

/** YAML text written for indent 0, spliced in as it is. A value of a repository is never one, whatever it looks like. */
declare class RawYaml {
    readonly source: Yaml;
    /** Own-line comments before the value. */
    readonly comments: readonly Yaml[];
    /** The value's lines. */
    readonly lines: readonly Yaml[];
    constructor(source: Yaml);
    /** `block`: a map or sequence that needs lines of its own; otherwise the value starts on the line of its key. */
    get shape(): "block-map" | "block-seq" | "inline";
}

/**
 * A value or a document for an operation that is YAML already, written for indent 0: it goes in as it is, with its comments and
 * quotes. Only for text that you write yourself: what a repository says is given as a value, which is printed.
 */
export declare function rawYaml(text: string): RawYaml;

/** The Kubernetes objects of one file; empty when it does not parse (the error is in `broken`). */
export declare function readObjects(tree: Tree, file: string): ObjectScan;

/**
 * Parses a whole file to plain data, one entry a document, empty documents included.
 * Document indexes are those of `editYaml` and of the `yaml` library's `parseAllDocuments`: a file of comments only has none.
 * Duplicate keys, syntax errors, self-references and alias bombs give `ok: false` with a position counted from 1.
 * Data reached through aliases is shared, not copied: never change it.
 */
export declare function readYaml(text: string): ParsedFile;

declare interface Reasons {
    path: string;
    /** One sentence for the reviewer. */
    why: string;
    /** Where in the old tree the edit was derived from. */
    evidence?: Loc[];
}

/** `sourceRef`, `chartRef`, `dependsOn[]`, a Receiver's resource. */
declare interface Reference {
    apiVersion?: string;
    kind?: string;
    name?: string;
    namespace?: string;
}

/** Why a text cannot be read, and where. */
declare interface Refusal extends Position {
    reason: string;
}

declare interface Remediation {
    remediateLastFailure?: boolean;
    retries?: number;
    strategy?: string;
}

declare interface SecretReference {
    name?: string;
}

/** `source.toolkit.fluxcd.io/v1` GitRepository, OCIRepository, Bucket and HelmRepository: what each of them may say. */
declare interface SourceSpec extends Common {
    bucketName?: string;
    certSecretRef?: SecretReference;
    endpoint?: string;
    ignore?: string;
    include?: {
        repository?: SecretReference;
        fromPath?: string;
        toPath?: string;
    }[];
    insecure?: boolean;
    layerSelector?: {
        mediaType?: string;
        operation?: string;
    };
    passCredentials?: boolean;
    prefix?: string;
    provider?: string;
    proxySecretRef?: SecretReference;
    recurseSubmodules?: boolean;
    ref?: {
        branch?: string;
        commit?: string;
        digest?: string;
        name?: string;
        semver?: string;
        semverFilter?: string;
        tag?: string;
    };
    secretRef?: SecretReference;
    serviceAccountName?: string;
    sparseCheckout?: string[];
    type?: string;
    url?: string;
    verify?: unknown;
}

/** Half-open range of UTF-16 offsets in the text the edit was made against. */
export declare interface TextRange {
    start: number;
    end: number;
    text: string;
}

/**
 * An immutable view of a repository tree: the checked-out files, a git commit, or either with pending edits.
 * Paths are POSIX, relative to the root, without a leading `./`; the root itself is `''`.
 */
export declare interface Tree {
    /** Every file (symlinks included, `.git` and ignored files excluded), sorted. */
    readonly paths: readonly string[];
    has(path: string): boolean;
    isDir(path: string): boolean;
    /** Names of files and folders directly inside `dir`, sorted; empty when `dir` is no folder. */
    entries(dir: string): readonly string[];
    status(path: string): FileStatus | undefined;
    /** Whether the owner may execute the file; false for what is no regular file of the tree. */
    executable(path: string): boolean;
    /** The text of a file with its BOM and line endings as they are; undefined unless its status is `text`. */
    read(path: string): string | undefined;
    /** Paths of text files that contain the literal `needle`, in sorted order. Cheap: git does the search where it can. */
    grep(needle: string): readonly string[];
}

declare type Typed = Pick<KubeObject, "apiVersion" | "kind">;

declare interface ValuesReference extends Reference {
    optional?: boolean;
    targetPath?: string;
    valuesKey?: string;
}

/** A file of YAML, or a part of one. */
declare type Yaml = Made<"YAML">;

declare type YamlData = any;

export declare type YamlEdit = {
    ok: true;
    text: string;
    ranges: TextRange[];
} | {
    ok: false;
    reason: string;
    line: number;
    col: number;
};

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
export declare type YamlOp = {
    op: "set";
    doc: number;
    path: YamlPath;
    value: unknown;
} | {
    op: "insert";
    doc: number;
    path: YamlPath;
    index?: number;
    value: unknown;
} | {
    op: "delete";
    doc: number;
    path: YamlPath;
} | {
    op: "delete-document";
    doc: number;
} | {
    op: "append-document";
    text: RawYaml;
};

/** Keys and indexes from the root of a YAML document to a node. */
export declare type YamlPath = readonly (string | number)[];

export { }
