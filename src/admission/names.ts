const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const LONGEST_NAME = 253;
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LONGEST_LABEL = 63;

/** Whether it may be the name of most objects; errs towards yes. */
export const isPlainName = (name: string): boolean => name.length <= LONGEST_NAME && NAME.test(name);
/** Whether it may be a label of a host name, as the names of some kinds are. */
export const isHostLabel = (name: string): boolean => name.length <= LONGEST_LABEL && LABEL.test(name);
