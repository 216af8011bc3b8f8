#!/bin/sh
# Brings a fresh machine (Debian, root, Node with npm) to where `lab` and `test` run: pnpm and Node into a cache outside the
# clone, the workspace's packages, Debian's packages. What is there already is not installed again.
set -eu
task=$1
shift
cd "$(dirname "$0")/.."
cache=${HERALD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/herald}
export HERALD_CACHE="$cache"
say() { printf 'herald: %s\n' "$*"; }

pnpm_version=$(sed -n 's/.*"packageManager": "pnpm@\([^"]*\)".*/\1/p' package.json)
pnpm_home=$cache/pnpm-$pnpm_version
if [ ! -x "$pnpm_home/node_modules/.bin/pnpm" ]; then
  say "installing pnpm $pnpm_version into the cache"
  mkdir -p "$pnpm_home.new"
  npm install --silent --no-audit --no-fund --prefix "$pnpm_home.new" "pnpm@$pnpm_version" >/dev/null
  rm -rf "$pnpm_home"
  mv "$pnpm_home.new" "$pnpm_home"
fi
PATH=$pnpm_home/node_modules/.bin:$PATH
export PATH

if [ ! -d node_modules/.pnpm ] || ! cmp -s pnpm-lock.yaml node_modules/.herald-lock; then
  say "installing the workspace's packages (npm)"
  pnpm install --frozen-lockfile --prefer-offline --reporter=silent || {
    say "npm's registry did not answer as hoped: trying the local store alone"
    pnpm install --frozen-lockfile --offline --reporter=append-only
  }
  cp pnpm-lock.yaml node_modules/.herald-lock
fi
PATH=$PWD/node_modules/.bin:$PATH
export PATH TURBO_TELEMETRY_DISABLED=1
exec node --conditions=@herald-lb/source "scripts/$task.ts" "$@"
