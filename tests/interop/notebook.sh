#!/usr/bin/env bash
# Runs notebooks/first-look.ipynb on a study folder, as a reader of the README would.
#
# usage: tests/interop/notebook.sh STUDY_DIR
#
# Needs python3 (or $PYTHON) with venv, and a package index the first time: the environment is kept in the user's cache
# folder, one a requirements file. Fails if a cell fails, if a chart is missing, or if the notebook in the repository
# carries outputs.
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 STUDY_DIR (the folder that 'causerie analyze … -o STUDY_DIR/' wrote)" >&2
    exit 2
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
notebook=$root/notebooks/first-look.ipynb
requirements=$root/notebooks/requirements.txt
python=${PYTHON:-python3}

if [ ! -f "$1/comments.csv" ]; then
    echo "$1/comments.csv is missing: run 'causerie analyze data/pages/ -o $1/' first" >&2
    exit 1
fi
study=$(cd "$1" && pwd)

"$python" - "$notebook" <<'CHECK'
import json, sys

cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
dirty = [c["id"] for c in cells if c["cell_type"] == "code" and (c["outputs"] or c["execution_count"] is not None)]
if dirty:
    sys.exit(f"{sys.argv[1]} carries outputs in cells {', '.join(dirty)}: clear them (see notebooks/README.md)")
CHECK

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
CAUSERIE_STUDY=$study IPYTHONDIR=$work/ipython JUPYTER_PREFER_ENV_PATH=1 PATH=$venv/bin:$PATH \
    "$venv/bin/jupyter" nbconvert --log-level WARN --to notebook --execute \
    --ExecutePreprocessor.timeout=120 --output-dir "$work" --output run.ipynb "$notebook"

"$python" - "$work/run.ipynb" <<'CHECK'
import json, sys

cells = [c for c in json.load(open(sys.argv[1], encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
unrun = [c["id"] for c in cells if c["execution_count"] is None]
if unrun:
    sys.exit(f"cells that did not run: {', '.join(unrun)}")


def specs(data):
    """The Vega-Lite specifications of an output: its own mime type, or the argument of the script in its HTML."""
    yield from (spec for mime, spec in data.items() if mime.startswith("application/vnd.vegalite."))
    page = "".join(data.get("text/html", ""))
    if "vega-lite" in page and "})({" in page:
        yield json.JSONDecoder().raw_decode(page, page.index("})({") + 3)[0]


charts = {}
for cell in cells:
    for output in cell["outputs"]:
        for spec in specs(output.get("data", {})):
            charts[cell["id"]] = sum(len(rows) for rows in spec.get("datasets", {}).values())
wanted = {"counts-chart", "sentiment", "themes"}
if missing := sorted(wanted - charts.keys()):
    sys.exit(f"no chart from cells: {', '.join(missing)}")
if empty := sorted(cell for cell in wanted if charts[cell] == 0):
    sys.exit(f"charts without data: {', '.join(empty)}")
print(f"notebook ran: {len(cells)} cells, {len(charts)} charts, rows drawn: {charts}")
CHECK
