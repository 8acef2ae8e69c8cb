/** Numbers of the steps by which a write changes the disk. */
export const STEPS = Array.from({ length: 30 }, (_, index) => index + 1);

const CODES = ["ENOSPC", "EACCES", "EROFS", "EDQUOT", "EMFILE", "EIO"];

/** What a disk may say at each of them, in turn. */
export const FAULTS = STEPS.map((step) => ({ step, code: CODES[step % CODES.length]! }));
