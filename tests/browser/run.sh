#!/usr/bin/env bash
# The tests that drive a browser, where there is one or one can be had; where there is none that is said, and no fault.
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=${BIN:-.venv/bin}

any() { for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v "$name" && return; done; return 1; }
left_out() { echo "make browser: $1, so that the tests that drive a browser are left out"; exit 0; }

if ! any >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  { timeout 120 apt-get update && timeout 300 apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 || true
fi
any >/dev/null || left_out "no chromium is here and none could be installed"
$UV pip install --quiet --python "$BIN/python" -r requirements-browser.lock || left_out "its packages could not be installed"
OPENBLAS_NUM_THREADS=1 "$BIN/python" -m pytest -q -m browser tests/browser
