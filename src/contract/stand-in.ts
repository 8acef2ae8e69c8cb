/**
 * What a template leaves for its owner to write: `<your-org>`, `YOUR_ORG`, `REPLACE_ME_BRANCH`. Errs towards none: what may
 * be a name, such as `my-org` or `your-app`, is one.
 */
const STAND_IN =
  /<[a-z][^<>]*>|(?<![a-z0-9])(?:(?:replace|change)[_-]?(?:me|this)|your[_-]?(?:account|branch|company|fork|git(?:hub|lab)?|org(?:ani[sz]ation)?|repo(?:sitory)?|user(?:name)?))(?![a-z0-9])[\w-]*/i;

export function findStandIn(text: string): string | undefined {
  return STAND_IN.exec(text)?.[0];
}
