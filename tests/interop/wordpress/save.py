"""Saves the pages of one WordPress discussion into a folder: HTML pages and, if asked, REST answers.

usage: save.py TRUTH.json FOLDER with-rest|html-only
       save.py TRUTH.json page NUMBER
FOLDER.urls lists the addresses, one a line. The second form only prints the address of one page of comments.
"""

import json
import pathlib
import re
import sys
import urllib.request

# Loopback only: no proxy of the environment may get in between.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url):
    with OPENER.open(url, timeout=60) as answer:
        return answer.read(), answer.headers


def page_address(url, number):
    if "?" in url:
        return f"{url}&cpage={number}"
    return f"{url.rstrip('/')}/comment-page-{number}/"


def main(truth_path, folder, mode):
    truth = json.loads(pathlib.Path(truth_path).read_text(encoding="utf-8"))
    if folder == "page":
        print(page_address(truth["url"], mode))
        return
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    urls = []

    def keep(name, url):
        body, headers = get(url)
        (folder / name).write_bytes(body)
        urls.append(url)
        return body, headers

    keep("article.html", truth["url"])
    seen = set()
    for number in range(1, 30):
        body, _ = get(page_address(truth["url"], number))
        ids = set(re.findall(rb'id="comment-(\d+)"', body))
        # Past the last page WordPress serves an empty or the last page again.
        if not ids or ids <= seen:
            break
        seen |= ids
        keep(f"article-page-{number}.html", page_address(truth["url"], number))
    if mode == "with-rest":
        join = "&" if "?" in truth["rest"] else "?"
        number, pages = 1, 1
        while number <= pages:
            url = f"{truth['rest']}{join}post={truth['post']}&per_page=10&page={number}&order=asc&orderby=id"
            _, headers = keep(f"comments-{number}.json", url)
            pages = int(headers["X-WP-TotalPages"])
            number += 1
    folder.with_name(folder.name + ".urls").write_text("".join(u + "\n" for u in urls), encoding="utf-8")
    print(f"{len(urls)} pages saved, {len(seen)} comments in the HTML")


main(*sys.argv[1:])
