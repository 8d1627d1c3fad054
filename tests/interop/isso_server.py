"""A real Isso on loopback under an article page on another port: what causerie makes of it against Isso's own database.
The texts are machine-written.

usage: isso_server.py                       the check
       isso_server.py serve CONFIG          Isso itself, with the requests it gets in its messages
"""

import contextlib
import html
import http.client
import json
import logging
import re
import sqlite3
import sys
import urllib.parse

PATH = "/2026/03/donnees-a-vendre.html"
TITLE = "Vos données, un marché"


def serve(config):
    """Isso's own main program."""
    import isso

    logging.getLogger("werkzeug").setLevel(logging.INFO)
    sys.argv = ["isso", "-c", config, "run"]
    isso.main()


if __name__ == "__main__" and sys.argv[1:2] == ["serve"]:
    serve(sys.argv[2])
    sys.exit()

from command import WORK, rows  # noqa: E402
from reading import as_read, instant, words  # noqa: E402
from roads import compare_roads, live, none_differ, paired  # noqa: E402
from seeds import AUTHORS, texts  # noqa: E402
from servers import HOST, Server, answers, end_with_signal, free_port, not_there, program  # noqa: E402
from verdict import check, same  # noqa: E402

# Beginning of the discussion, in epoch seconds; behind the point a fraction, as Isso stores it.
BEGUN = 1772355600.25


def config(path, port, article, moderated):
    path.write_text(
        f"""[general]
dbpath = {WORK}/isso.db
host = {article}
max-age = 1h
notify = stdout
[moderation]
enabled = {"true" if moderated else "false"}
purge-after = 30d
[server]
listen = http://{HOST}:{port}
[guard]
enabled = false
[markup]
renderer = mistune
""",
        encoding="utf-8",
    )


class Isso:
    """The API as a reader's browser uses it."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Content-Type": "application/json"} | headers)
            answer = connection.getresponse()
            got = answer.read()
            assert answer.status < 300, f"{method} {path}: {answer.status} {got[:200]}"
            return (json.loads(got) if got else None), answer.headers

    def post(self, text, author=None, parent=None, website=None):
        body = {"text": text, "author": author, "parent": parent, "website": website, "title": TITLE}
        comment, headers = self.ask("POST", "/new?uri=" + urllib.parse.quote(PATH, safe=""), body)
        self.cookies[comment["id"]] = headers["Set-Cookie"].partition(";")[0]
        return comment["id"]

    def edit(self, number, text):
        self.ask("PUT", f"/id/{number}", {"text": text}, Cookie=self.cookies[number])

    def delete(self, number):
        # Isso signs the text: after an edit the cookie would be another one.
        self.ask("DELETE", f"/id/{number}", Cookie=self.cookies[number])

    def vote(self, number, how, voter):
        self.ask("POST", f"/id/{number}/{how}", {}, **{"X-Forwarded-For": voter})


def seed(isso):
    """Writes the discussion; texts are those of `seeds`."""
    said = texts(175)
    roots, replies = [], []
    for number in range(45):
        author = AUTHORS[number % len(AUTHORS)]
        roots.append(isso.post(next(said), author, website="https://example.org/moi" if number % 9 == 4 else None))
    # Isso keeps one level: an answer to an answer becomes one to the root.
    for number in range(110):
        root = roots[number * 7 % 40]
        above = replies[-1] if number % 3 == 2 else root
        replies.append(isso.post(next(said), AUTHORS[number * 5 % len(AUTHORS)], above))
    # One root with many answers, so that a page of them is not all.
    for number in range(12):
        replies.append(isso.post(next(said), AUTHORS[number % len(AUTHORS)], roots[3]))
    for number in (5, 50, 90):
        isso.edit((roots + replies)[number], next(said))
    for number in range(8):
        isso.vote(roots[2], "like", f"198.51.{number}.1")
    for number in range(3):
        isso.vote(roots[4], "dislike", f"198.51.{number}.1")
    isso.vote(roots[4], "like", "203.0.113.9")
    # With answers: the place is left. Without: nothing is.
    for number in (0, 7, 14):
        isso.delete(roots[number])
    for number in (41, 43):
        isso.delete(roots[number])
    for number in (replies[1], replies[20]):
        isso.delete(number)
    return roots


def spread(database):
    """Moves the comments, all written within seconds, over some months; summer time begins within them."""
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as base, base:
        for (number,) in base.execute("SELECT id FROM comments ORDER BY id").fetchall():
            created = BEGUN + number * 31_417.371
            base.execute("UPDATE comments SET created = ? WHERE id = ?", (created, number))
            base.execute("UPDATE comments SET modified = ? WHERE id = ? AND modified IS NOT NULL", (created + 600, number))


def truth(database, settings):
    """What readers get: id → row, the text rendered by Isso's own markup."""
    logging.disable(logging.INFO)
    from isso import config, html as markup

    render = markup.Markup(config.load(config.default_file(), str(settings))).render
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as base:
        base.row_factory = sqlite3.Row
        every = [dict(row) for row in base.execute("SELECT * FROM comments ORDER BY id")]
    public = {row["id"]: row for row in every if row["mode"] != 2}
    for row in public.values():
        row["html"] = render(row["text"])
    return every, public


def requests(log, since=0):
    """Requests for comments in Isso's messages."""
    return re.findall(r'"GET (/\?\S+) HTTP', log.read_text(encoding="utf-8", errors="replace")[since:])


def article_page(port):
    def answer(asked):
        if asked.path != PATH:
            return not_there(asked)
        body = f"""<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>{TITLE}</title><meta name="author" content="Rédaction">
<meta property="article:published_time" content="2026-03-01T08:00:00+01:00">
<script data-isso="http://{HOST}:{port}/" data-isso-lang="fr" src="http://{HOST}:{port}/js/embed.min.js"></script></head>
<body><article><h1>{TITLE}</h1><p>Combien valent vos données, et qui les achète ?</p></article>
<section id="isso-thread"><noscript>Les commentaires demandent JavaScript.</noscript></section></body></html>"""
        return 200, {"Content-Type": "text/html; charset=utf-8"}, body.encode()
    return answer


def check_table(name, folder, every, public):
    """Compares one comments.csv with the database."""
    known = paired(name, "isso", folder, public)
    if not known:
        return
    table = {row["comment_id"]: row for row, _ in known}

    with check(f"isso-{name}-reply-to"):
        none_differ(known, "reply_to", lambda row: row["reply_to"], lambda stored: f"c{stored['parent']}" if stored["parent"] else "")
        none_differ(known, "depth", lambda row: row["depth"], lambda stored: "1" if stored["parent"] else "0")
    with check(f"isso-{name}-author"):
        none_differ(known, "author", lambda row: row["author"], lambda stored: html.unescape(stored["author"] or ""))
    with check(f"isso-{name}-posted-at"):
        none_differ(known, "posted_at", lambda row: int(instant(row["posted_at"]).timestamp()), lambda stored: int(stored["created"]))
        none_differ(known, "edited", lambda row: row["edited"] == "1", lambda stored: stored["modified"] is not None)
        none_differ(known, "edited_at", lambda row: row["edited_at"] and int(instant(row["edited_at"]).timestamp()),
                    lambda stored: stored["modified"] and int(stored["modified"]) or "")
    with check(f"isso-{name}-text"):
        none_differ(known, "text", lambda row: words(row["text"]), lambda stored: words(as_read(stored["html"])))
    with check(f"isso-{name}-links"):
        assert sum("href=" in stored["html"] for stored in public.values()) >= 5, "no links: the check itself is broken"
        none_differ(known, "links", lambda row: row["links"],
                    lambda stored: " ".join(map(html.unescape, re.findall(r'<a [^>]*href="([^"]*)"', stored["html"]))))
    with check(f"isso-{name}-state"):
        deleted = sum(stored["mode"] == 4 for stored in public.values())
        assert deleted >= 2, "no deleted comments: the check itself is broken"
        none_differ(known, "state", lambda row: row["state"], lambda stored: "deleted" if stored["mode"] == 4 else "visible")
    with check(f"isso-{name}-votes"):
        assert sum(stored["modified"] is not None for stored in public.values()) >= 2, "no edits: the check itself is broken"
        assert any(stored["likes"] for stored in public.values()), "no votes: the check itself is broken"
        none_differ(known, "votes", lambda row: row["votes"] or "0", lambda stored: str(
            0 if stored["mode"] == 4 and not table[f"c{stored['id']}"]["votes"] else stored["likes"] - stored["dislikes"]))
    with check(f"isso-{name}-counts"):
        row = known[0][0]
        same((row["stated_count"], row["parsed_count"]), (str(len(public)), str(len(public))), "stated and parsed count")
        header, body = rows(folder / "threads.csv")
        thread = dict(zip(header, body[0]))
        same((len(body), thread["completeness"]), (1, "complete"), "threads and their completeness")
        same(thread["deleted_count"], str(deleted), "deleted_count")
    with check(f"isso-{name}-pending"):
        pending = [stored for stored in every if stored["mode"] == 2]
        assert pending, "nothing is pending: the check itself is broken"
        for stored in pending:
            assert f"c{stored['id']}" not in table, f"the pending comment c{stored['id']} has a row"


def main():
    port = free_port()
    log, settings = WORK / "isso.log", WORK / "isso.cfg"
    command = [sys.executable, __file__, "serve", str(settings)]
    database = WORK / "isso.db"
    with Server(article_page(port)) as site:
        config(settings, port, site.url, moderated=False)
        with program(command, log, lambda: answers(port, "/config")):
            roots = seed(Isso(port))
        # From now on new comments await moderation.
        config(settings, port, site.url, moderated=True)
        with program(command, log, lambda: answers(port, "/config")):
            isso = Isso(port)
            for number, parent in enumerate([None, roots[1], None, roots[3], roots[0]]):
                isso.post(f"J'attends qu'on me lise. Waiting in line, number {number}.", AUTHORS[number], parent)
            spread(database)
            every, public = truth(database, settings)
            site.log.clear()
            before = log.stat().st_size

            article = site.url + PATH
            if live("isso-live", article):
                check_table("live", WORK / "isso-live", every, public)
                with check("isso-live-requests"):
                    same(site.paths().count(PATH), 1, "requests for the article's page")
                    got = requests(log, before)
                    print(f"  {len(got)} requests to Isso")
                    assert got, "Isso was not asked"
            # The list as Isso's own script asks for it: ten roots at first, of each three answers.
            before = log.stat().st_size
            paged = f"http://{HOST}:{port}/?uri={urllib.parse.quote(PATH, safe='')}&limit=10&nested_limit=3"
            if live("isso-paged", paged):
                check_table("paged", WORK / "isso-paged", every, public)
                with check("isso-paged-requests"):
                    got = requests(log, before)
                    print(f"  {len(got)} requests to Isso")
                    assert len(got) > 2, f"later pages were not asked for: {got}"
            compare_roads("isso", article)


if __name__ == "__main__":
    end_with_signal()
    main()
