// What `verify` says, word for word, of many objects in one change: those that it says nothing of stand beside those that it
// stops. Read the diff of a record before it is committed: `FLUXLIFT_RECORD=1 npx vitest run test/verify/said`.

import { CLAIMS } from "./claims.ts";
import { CRDS } from "./crds.ts";
import { FLAGS } from "./flags.ts";
import { INSTANCES } from "./instance.ts";
import { LEFT_PATCHES } from "./left-patches.ts";
import { LOGINS } from "./logins.ts";
import { LOSSES } from "./losses.ts";
import { NEEDS } from "./needs.ts";
import { NETWORK } from "./network.ts";
import { NOTIFIERS } from "./notifiers.ts";
import { POD_BUDGETS } from "./pod-budgets.ts";
import { PORTS } from "./ports.ts";
import { REFUSED_PODS } from "./refused-pods.ts";
import { RIGHTS } from "./rights.ts";
import { RISKS } from "./risks.ts";
import { compareSaid } from "./said.ts";
import { SECONDS } from "./seconds.ts";
import { SECRETS } from "./secrets.ts";
import { STANDSTILL } from "./standstill.ts";
import { STOPS } from "./stops.ts";
import { SUSPENDED } from "./suspended.ts";
import { VARIABLES } from "./variables.ts";

compareSaid("logins", LOGINS);
compareSaid("stops", STOPS);
compareSaid("suspended", SUSPENDED);
compareSaid("left-patches", LEFT_PATCHES);
compareSaid("flags", FLAGS);
compareSaid("refused-pods", REFUSED_PODS);
compareSaid("notifiers", NOTIFIERS);
compareSaid("network", NETWORK);
compareSaid("ports", PORTS);
compareSaid("pod-budgets", POD_BUDGETS);
compareSaid("rights", RIGHTS);
compareSaid("claims", CLAIMS);
compareSaid("crds", CRDS);
compareSaid("needs", NEEDS);
compareSaid("secrets", SECRETS);
compareSaid("seconds", SECONDS);
compareSaid("variables", VARIABLES);
compareSaid("instance", INSTANCES);
compareSaid("standstill", STANDSTILL);
compareSaid("losses", LOSSES, true);
compareSaid("risks", RISKS, true);
