#!/usr/bin/env bash
# Runs the notebooks and the R script of notebooks/ on a study of the sample pages, as a reader of their README would.
#
# usage: tests/interop/notebook.sh STUDY_DIR
#
# Needs python3 (or $PYTHON) with venv, and a package index the first time: the environment is kept in the user's cache
# folder, one a requirements file. $CAUSERIE_BIN is the command that validation.ipynb calls; target/debug/causerie by default.
# What is checked of each notebook, and compared with R and with causerie describe: notebooks.py. Without R its script is skipped.
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 STUDY_DIR (the folder that 'causerie analyze data/pages/ -o STUDY_DIR/' wrote)" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/verdict.sh"
requirements=$root/notebooks/requirements.txt
python=${PYTHON:-python3}

if [ ! -f "$1/comments.csv" ]; then
    echo "$1/comments.csv is missing: run 'causerie analyze data/pages/ -o $1/' first" >&2
    exit 1
fi
study=$(cd "$1" && pwd)
export CAUSERIE_BIN=${CAUSERIE_BIN:-$root/target/debug/causerie}
if [ ! -x "$CAUSERIE_BIN" ]; then
    echo "$CAUSERIE_BIN is not there; run 'cargo build' first, or set CAUSERIE_BIN" >&2
    exit 1
fi

# An environment belongs to one interpreter and one list of packages; the mark says that the installation finished.
key=$({ cat "$requirements"; "$python" -VV; command -v "$python"; } | cksum | cut -d ' ' -f 1)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/causerie/notebook-$key
if [ ! -f "$venv/complete" ]; then
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    touch "$venv/complete"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

compared=()
if "$CAUSERIE_BIN" describe "$study" -q -o "$work/described/" >"$work/described.log" 2>&1; then
    compared+=(--described "$work/described")
else
    failed notebook-described "causerie describe ended with exit code $?"
    show "$work/described.log"
    status=1
fi
if ! command -v Rscript >/dev/null 2>&1; then
    skipped notebook-r "no Rscript here"
elif Rscript "$root/notebooks/first-look.R" "$study" "$work/r" >"$work/r.log" 2>&1; then
    compared+=(--r "$work/r")
else
    failed notebook-r "first-look.R ended with exit code $?"
    show "$work/r.log"
    status=1
fi

CAUSERIE_STUDY=$study IPYTHONDIR=$work/ipython JUPYTER_RUNTIME_DIR=$work/runtime JUPYTER_PREFER_ENV_PATH=1 TMPDIR=$work PATH=$venv/bin:$PATH \
    "$venv/bin/python" "$here/notebooks.py" "$root/notebooks" "${compared[@]}" || status=1
exit $status
