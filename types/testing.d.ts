/** `case.json`; beside it lie the folder `input`, a whole small repository, and `expected.patch` where something changes. */
export declare interface CaseFile {
    /** One sentence. */
    shows: string;
    /** Flags of `fluxlift plan`, such as `["--phase", "cutover"]`. */
    flags?: string[];
    /** Branch that is checked out (`main`). */
    branch?: string;
    /** URL of the remote `origin`. */
    remote?: string;
    /** Every finding of the plan, sorted by rule and place; `[]` when there is none. */
    findings: CaseFinding[];
}

export declare interface CaseFinding {
    rule: string;
    level: string;
    file?: string;
    line?: number;
}

/** What to run, and with what. */
export declare interface CaseSettings {
    /** The configuration that brings the transform. */
    config: string;
    /** Id of the transform; only that one runs. */
    transform: string;
    /** Folder with one folder a case. */
    cases: string;
    /** `test` of the runner at hand. */
    test: (name: string, run: () => void) => unknown;
}

/**
 * Declares a test a case. Each plans the transform alone on its input, compares the diff and the findings with what is
 * written down, applies the diff and plans again, which must change nothing. `UPDATE_FIXTURES=1` writes both anew.
 * @throws Error where there is no case that must not be touched
 */
export declare function testCases({ config, transform, cases, test }: CaseSettings): void;

export { }
