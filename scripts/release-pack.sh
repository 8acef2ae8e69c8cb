#!/usr/bin/env bash
# The files of a release: the package, its SBOM and their sums. Use: scripts/release-pack.sh FOLDER
# On a tag the version of the package has to be that of the tag.
set -euo pipefail
folder=${1:?name a folder}
version=$(node -p 'require("./package.json").version')
if [ "${GITHUB_REF_TYPE:-}" = tag ] && [ "${GITHUB_REF_NAME:-}" != "v${version}" ]; then
  echo "✗ The tag is ${GITHUB_REF_NAME}, and package.json says ${version}: change one of them." >&2
  exit 1
fi
[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
npm run --silent build
mkdir -p "${folder}"
npm pack --ignore-scripts --silent --pack-destination "${folder}" >/dev/null
npm sbom --sbom-format cyclonedx --sbom-type application >"${folder}/sbom.cdx.json"
cd "${folder}"
sha256sum ./*.tgz sbom.cdx.json >SHA256SUMS
echo "✔ ${folder}: $(ls | tr '\n' ' ')"
