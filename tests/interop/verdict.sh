# shellcheck shell=bash
# How a shell check says what it found; `run` counts these lines.

ok() { printf 'ok %s\n' "$1"; }
failed() { printf 'FAILED %s: %s\n' "$1" "$2"; }
skipped() { printf 'skipped %s: %s\n' "$1" "$2"; }

# Prints the end of a log, indented, so that a failure can be read from the output of CI alone.
show() { [ -s "$1" ] && tail -n "${2:-15}" "$1" | sed 's/^/    | /'; return 0; }
