#!/bin/sh
# The linters of the bench, below .cache/linters: yamllint (pip), prettier (npm), editorconfig-checker and kubeconform (Go).
set -eu
cd "$(dirname "$0")/../.."
into="$PWD/.cache/linters"
mkdir -p "$into/bin"
python3 -m venv "$into/python"
"$into/python/bin/pip" install --quiet yamllint==1.37.1
npm install --silent --no-audit --no-fund --no-save --prefix "$into" prettier@3.6.2
GOBIN="$into/bin" go install github.com/editorconfig-checker/editorconfig-checker/v3/cmd/editorconfig-checker@v3.4.0
GOBIN="$into/bin" go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0
