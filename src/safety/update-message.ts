/** The Flux whose image-automation-controller stalls at a message with `.Updated` (its API reference, “Removal Note”). */
export const UPDATED_WENT = "2.7";

/** Whether the message of an ImageUpdateAutomation uses what later releases do not fill in. */
export const usesUpdated = (template: unknown): boolean =>
  typeof template === "string" &&
  template
    .split("{{")
    .slice(1)
    .some((part) => /\.Updated\b/.test(part.split("}}", 1)[0]!));
