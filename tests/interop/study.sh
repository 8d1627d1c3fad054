#!/usr/bin/env bash
# Codes the sample pages into a study and hands its folder to a script: study.sh SCRIPT
# Needs from `run`: CAUSERIE_BIN, ROOT, WORK. A script without verdicts of its own is judged by its exit code.
set -uo pipefail
. "$(cd "$(dirname "$0")" && pwd)/verdict.sh"
name=$(basename "$1" .sh)
"$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o "$WORK/study/" >"$WORK/study.log" 2>&1
status=$?
# 1 says that some page could not be read; the study is there all the same.
if [ $status -gt 1 ] || [ ! -f "$WORK/study/comments.csv" ]; then
    failed "$name-study" "the sample pages gave no study (exit code $status)"
    show "$WORK/study.log"
    exit 1
fi
# The script may keep what it installs: `run` has moved the user's own cache folder out of reach.
[ -n "${CAUSERIE_INTEROP_CACHE:-}" ] && export XDG_CACHE_HOME="$CAUSERIE_INTEROP_CACHE"
if bash "$1" "$WORK/study" >"$WORK/script.log" 2>&1; then
    grep -E '^(ok|FAILED|skipped) ' "$WORK/script.log" || ok "$name"
    ! grep -q '^FAILED ' "$WORK/script.log"
else
    status=$?
    grep -E '^(ok|FAILED|skipped) ' "$WORK/script.log"
    grep -q '^FAILED ' "$WORK/script.log" || failed "$name" "exit code $status"
    show "$WORK/script.log" 25
    exit 1
fi
