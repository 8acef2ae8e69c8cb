#!/bin/sh
# One phase of the migration in each repository of multi-gitter, which commits what it writes and opens the pull requests:
#   npm install --prefix fluxlift --no-save --ignore-scripts fluxlift@0.1.0
#   FLUXLIFT="$PWD/fluxlift/node_modules/fluxlift/dist/fluxlift.js" PHASE=install \
#     multi-gitter run "$PWD/deploy/multi-gitter/fluxlift.sh" -O ACME -B fluxlift/install -m "Add Flux Operator beside the old install"
# A repository with a blocker ends with 1 or 2: multi-gitter names it and opens no pull request there.
set -eu
: "${FLUXLIFT:?path of fluxlift.js}"
exec node "$FLUXLIFT" migrate --phase "${PHASE:-install}" --yes
