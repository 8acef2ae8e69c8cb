export declare function buildBundle(outfile: string): Promise<void>;
