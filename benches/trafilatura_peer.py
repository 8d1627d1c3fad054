#!/usr/bin/env python3
"""Processor time trafilatura takes for text and comments of a folder's pages: the peer of the README's speed figure.

usage: trafilatura_peer.py FOLDER      (pip install trafilatura==2.3.1 lxml_html_clean)
"""
import pathlib
import resource
import sys

import trafilatura

if len(sys.argv) != 2:
    sys.exit(__doc__)
pages = sorted(pathlib.Path(sys.argv[1]).glob("*.html"))
started = resource.getrusage(resource.RUSAGE_SELF)
found = sum(
    trafilatura.bare_extraction(page.read_text(encoding="utf-8"), include_comments=True) is not None for page in pages
)
ended = resource.getrusage(resource.RUSAGE_SELF)
seconds = ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime
print(f"{len(pages)} pages, text found in {found}, {seconds:.1f} s, {len(pages) / seconds:.0f} pages/s")
