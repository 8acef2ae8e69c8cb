/** Writes the files of a new transform below `root`; returns their paths. @throws Error when the id is bad or taken. */
export function scaffoldTransform(root: string, id: string, isOci?: boolean): string[];
