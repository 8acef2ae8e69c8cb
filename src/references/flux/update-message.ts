/** The Flux whose image-automation-controller stalls at a message with `.Updated` (its API reference, “Removal Note”). */
export const UPDATED_WENT = "2.7";

/** Whether the message of an ImageUpdateAutomation uses what later releases do not fill in. */
export const usesUpdated = (template: unknown): boolean => isInAction(template, /\.Updated\b/);

/**
 * Whether it uses what no release fills in: `.Updated` had a list of images, `.Changed` has FileChanges, Objects and Changes, and a
 * template fails at any other field.
 */
export const usesChangedImages = (template: unknown): boolean => isInAction(template, /\.Changed\.Images\b/);

const isInAction = (template: unknown, field: RegExp): boolean =>
  typeof template === "string" &&
  template
    .split("{{")
    .slice(1)
    .some((part) => field.test(part.split("}}", 1)[0]!));
