#!/usr/bin/env bash
# A disk that fills up while the tables are written: the output appears whole or not at all.
# Needs from `run`: CAUSERIE_BIN, ROOT, WORK, PYTHON. The small file system lives in a mount namespace of this script.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/verdict.sh"

full='[Nn]o space|[Dd]isk.*full|[Ss]pace left'

# judge NAME STATUS LOG FOLDER: a failure that says why, and nothing left to be taken for a result
judge() {
    local left
    left=$(cd "$4" && find . -type f | sort | tr '\n' ' ')
    if grep -q panicked "$3"; then
        failed "$1" "it panicked"
    elif [ "$2" -eq 0 ] || [ "$2" -ge 101 ]; then
        failed "$1" "exit code $2"
    elif ! grep -qE "$full" "$3"; then
        failed "$1" "the message does not say that the disk is full (exit code $2)"
    elif [ -n "$left" ]; then
        failed "$1" "left behind: $left"
    else
        ok "$1"
        return
    fi
    show "$3"
}

if [ "${1:-}" = inside ]; then
    small="$WORK/small"
    mkdir -p "$small"
    if ! mount -t tmpfs -o size=16k tmpfs "$small" 2>"$WORK/mount.log"; then
        skipped disk-tmpfs "a small file system cannot be mounted here ($(head -n 1 "$WORK/mount.log"))"
        exit 0
    fi
    timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o "$WORK/large.csv" >"$WORK/large.log" 2>&1
    size=$(stat -c %s "$WORK/large.csv" 2>/dev/null || echo 0)
    if [ "$size" -le 16384 ]; then
        failed disk-sample "the sample pages give $size bytes, too few to fill 16 KB"
        show "$WORK/large.log"
        exit 1
    fi
    timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o "$small/thread.csv" >"$WORK/file.log" 2>&1
    judge disk-file $? "$WORK/file.log" "$small"
    find "$small" -mindepth 1 -delete
    timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o "$small/study/" >"$WORK/folder.log" 2>&1
    judge disk-folder $? "$WORK/folder.log" "$small"
    find "$small" -mindepth 1 -delete
    # What was there before a failed run is there after it.
    echo yesterday >"$small/thread.csv"
    timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o "$small/thread.csv" >"$WORK/kept.log" 2>&1
    if [ "$(cat "$small/thread.csv")" = yesterday ]; then
        ok disk-keeps-old
    else
        failed disk-keeps-old "the file of an earlier run is gone or changed"
    fi
    umount "$small" 2>/dev/null
    exit 0
fi

namespace=(unshare --mount)
[ "$(id -u)" -eq 0 ] || namespace=(unshare --user --map-root-user --mount)
if "${namespace[@]}" true 2>/dev/null; then
    "${namespace[@]}" bash "$0" inside
else
    skipped disk-tmpfs "no mount namespace is permitted here"
fi

if [ -c /dev/full ]; then
    mkdir -p "$WORK/nothing"
    timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o - >/dev/full 2>"$WORK/stdout.log"
    judge disk-stdout $? "$WORK/stdout.log" "$WORK/nothing"
    timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" >/dev/full 2>"$WORK/summary.log"
    judge disk-summary $? "$WORK/summary.log" "$WORK/nothing"
else
    skipped disk-stdout "there is no /dev/full"
fi

timeout 120 "$CAUSERIE_BIN" analyze "$ROOT/data/pages/" -o "$WORK/no/such/folder/thread.csv" >"$WORK/nowhere.log" 2>&1
status=$?
if [ $status -eq 0 ] && [ -s "$WORK/no/such/folder/thread.csv" ]; then
    ok disk-no-folder # made it: fine as well
elif [ $status -ne 0 ] && [ $status -lt 101 ] && grep -q "no/such/folder" "$WORK/nowhere.log"; then
    ok disk-no-folder
else
    failed disk-no-folder "exit code $status, or a message that does not name the folder"
    show "$WORK/nowhere.log"
fi
exit 0
