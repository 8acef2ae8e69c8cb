/** Forges that an answer can be brought to. Apart from all else, because the flags name them at every start. */
export const FORGES = ["github", "gitea", "forgejo", "gitlab", "azure", "bitbucket"] as const;
export type ForgeName = (typeof FORGES)[number];
