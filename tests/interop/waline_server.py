"""A real Waline, its comments in a MariaDB, on loopback under an article page on another port: what causerie makes of it
against Waline's own database. The texts are machine-written.
"""

import contextlib
import getpass
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from command import WORK, rows
from reading import as_read, instant, words
from roads import compare_roads, live, none_differ, paired
from seeds import AUTHORS, texts
from servers import HOST, Server, answers, end_with_signal, free_port, not_there, program
from verdict import check, same, same_keys

HERE = pathlib.Path(__file__).resolve().parent
WALINE = pathlib.Path(os.environ["WALINE"]) / "node_modules" / "@waline" / "vercel"
PATH = "/2026/03/le-prix-des-donnees.html"
TITLE = "Le prix des données"
PASSWORD = "loopback-only"
PUBLIC = "status NOT IN ('waiting', 'spam')"


class Database:
    """A MariaDB of the check's own."""

    def __init__(self, sockets):
        self.socket, self.port = f"{sockets}/s", free_port()
        # `run` puts /usr/sbin on the path.
        self.server = shutil.which("mariadbd") or shutil.which("mysqld")
        self.client = shutil.which("mariadb") or shutil.which("mysql")
        installer = shutil.which("mariadb-install-db") or shutil.which("mysql_install_db")
        assert self.server and self.client and installer, "no MariaDB here: install mariadb-server"
        subprocess.run([installer, "--no-defaults", f"--datadir={WORK}/db", f"--user={getpass.getuser()}",
                        "--auth-root-authentication-method=normal", "--skip-test-db"],
                       check=True, capture_output=True, timeout=300)

    def running(self):
        command = [self.server, "--no-defaults", f"--datadir={WORK}/db", f"--user={getpass.getuser()}",
                   f"--socket={self.socket}", f"--pid-file={self.socket}.pid", f"--bind-address={HOST}",
                   f"--port={self.port}", "--character-set-server=utf8mb4", "--default-time-zone=+00:00",
                   "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"]
        return program(command, WORK / "mariadb.log", lambda: self.ask("SELECT 1", base="", quiet=True) == ["1"])

    def ask(self, statement, base="waline", quiet=False):
        """Lines of the answer."""
        done = subprocess.run([self.client, "--no-defaults", f"--socket={self.socket}", "-u", "root",
                               "--default-character-set=utf8mb4", "-N", "-r", *([base] if base else [])],
                              input=statement, capture_output=True, text=True, check=False, timeout=60)
        assert quiet or done.returncode == 0, f"{statement[:80]}: {done.stderr[-300:]}"
        return done.stdout.splitlines()

    def rows(self, columns, table, where="1"):
        """Rows as dictionaries; texts come in hexadecimal digits, so that nothing in them ends a line."""
        parts = ", ".join(f"IFNULL(HEX(CAST({column} AS CHAR CHARACTER SET utf8mb4)), '-')" for column in columns)
        lines = self.ask(f"SELECT {parts} FROM {table} WHERE {where} ORDER BY id")
        read = [[None if cell == "-" else bytes.fromhex(cell).decode() for cell in line.split("\t")] for line in lines]
        return [dict(zip((column.strip("`") for column in columns), line)) for line in read]


class Waline:
    """The API as a reader's browser uses it, and its owner."""

    def __init__(self, port):
        self.port = port
        self.token = None

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            got = answer.read()
        said = json.loads(got) if got[:1] == b"{" else {"errno": answer.status, "errmsg": got[:200]}
        assert answer.status == 200 and not said["errno"], f"{method} {path}: {answer.status} {said}"
        return said.get("data")

    def post(self, text, author, parent=None, root=None):
        body = {"comment": text, "nick": author or "", "mail": "", "link": "", "url": PATH, "ua": "Mozilla/5.0"}
        if parent:
            body |= {"pid": parent, "rid": root}
        return self.ask("POST", "/api/comment", body)["objectId"]

    def become_owner(self):
        """Who registers first owns the place."""
        who = {"email": "owner@example.org", "password": "a-password-for-loopback"}
        self.ask("POST", "/api/user", who | {"display_name": "Rédaction", "url": ""})
        self.token = self.ask("POST", "/api/token", who)["token"]

    def change(self, number, **fields):
        self.ask("PUT", f"/api/comment/{number}", fields)

    def delete(self, number):
        self.ask("DELETE", f"/api/comment/{number}")


def seed(waline, database):
    """Writes the discussion; texts are those of `seeds`. Gives the ids of what is gone or hidden, by what became of it."""
    said = texts(260)
    # More roots than a page has, so that there are two.
    roots = [waline.post(next(said), AUTHORS[number % len(AUTHORS)]) for number in range(112)]
    chains = []
    for number in range(26):
        root = roots[number * 4]
        chain, above = [], root
        for level in range(4):
            above = waline.post(next(said), AUTHORS[(number + level * 3) % len(AUTHORS)], above, root)
            chain.append(above)
        chains.append((root, chain))
    for number in range(12):
        root, chain = chains[3]
        waline.post(next(said), AUTHORS[number % len(AUTHORS)], chain[0], root)
    for number in (2, 9, 9, 9):
        waline.change(roots[number], like=True)

    waline.become_owner()
    waline.post(next(said), None, chains[0][1][1], chains[0][0])
    for number in (60, 7):
        waline.change(roots[number], sticky=True)
    waline.change(chains[1][1][3], status="waiting")
    waline.change(roots[30], status="waiting")
    waline.change(roots[33], status="spam")
    # What answers a hidden root is counted and never sent.
    waline.change(chains[2][0], status="spam")
    # Waline deletes the answers to a comment, too, but not the answers to these: they answer a comment that is gone.
    waline.delete(chains[4][1][0])
    waline.delete(chains[5][1][0])
    # A reply to a hidden reply.
    waline.change(chains[6][1][1], status="spam")
    waline.delete(roots[35])
    waline.delete(chains[7][0])
    # As clean-ups by hand leave it: the root alone is gone.
    database.ask(f"DELETE FROM wl_Comment WHERE id = {chains[8][0]}")
    # All were written within seconds: spread over some months, summer time begins within them.
    database.ask("UPDATE wl_Comment SET insertedAt = TIMESTAMP('2026-03-01 09:00:00') + INTERVAL id * 31417 SECOND")


def truth(database):
    """What readers get, and what is counted: rows by id."""
    columns = ["id", "comment", "insertedAt", "nick", "pid", "rid", "sticky", "status", "`like`", "user_id"]
    every = database.rows(columns, "wl_Comment", f"url = '{PATH}'")
    names = {row["id"]: row["display_name"] for row in database.rows(["id", "display_name"], "wl_Users")}
    counted = [row for row in every if row["status"] not in ("waiting", "spam")]
    roots = {row["id"] for row in counted if row["rid"] is None}
    served = {row["id"]: row for row in counted if row["rid"] is None or row["rid"] in roots}
    for row in served.values():
        row["author"] = names.get(row["user_id"], row["nick"] or "")
    return len(counted), served, every


def as_served(waline):
    """The HTML of what Waline sends, by id."""
    sent, number, pages = {}, 1, 1
    while number <= pages:
        data = waline.ask("GET", f"/api/comment?path={PATH}&pageSize=50&page={number}")
        for root in data["data"]:
            sent |= {str(comment["objectId"]): comment["comment"] for comment in [root, *root["children"]]}
        number, pages = number + 1, data["totalPages"]
    return sent


def article_page(port):
    def answer(asked):
        if asked.path != PATH:
            return not_there(asked)
        body = f"""<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>{TITLE}</title><meta name="author" content="Rédaction">
<meta property="article:published_time" content="2026-03-01T08:00:00+01:00"></head>
<body><article><h1>{TITLE}</h1><p>Combien valent vos données, et qui les achète ?</p></article><div id="waline"></div>
<script type="module">
import {{ init }} from 'https://unpkg.com/@waline/client@v3/dist/waline.js';
init({{ el: '#waline', serverURL: 'http://{HOST}:{port}', lang: 'fr' }});
</script></body></html>"""
        return 200, {"Content-Type": "text/html; charset=utf-8"}, body.encode()
    return answer


def check_table(name, folder, count, served, every, rendered):
    """Compares one comments.csv with the database."""
    known = paired(name, "waline", folder, served)
    if not known:
        return
    table = {row["comment_id"]: row for row, _ in known}

    def level(stored):
        if stored["pid"] is None:
            return 0
        above = served.get(stored["pid"])
        return None if above is None or level(above) is None else level(above) + 1

    with check(f"waline-{name}-reply-to"):
        same(max(level(stored) or 0 for stored in served.values()), 4, "deepest level of the check's own discussion")
        none_differ(known, "reply_to", lambda row: row["reply_to"], lambda stored: f"c{stored['pid']}" if stored["pid"] else "")
        none_differ(known, "depth", lambda row: row["depth"] if level(served[row["comment_id"][1:]]) is not None else None,
                    lambda stored: None if level(stored) is None else str(level(stored)))
    with check(f"waline-{name}-orphans"):
        orphans = {number for number, stored in served.items() if stored["pid"] and stored["pid"] not in served}
        assert len(orphans) >= 3, "no orphans: the check itself is broken"
        none_differ(known, "orphan", lambda row: row["orphan"] == "1", lambda stored: stored["id"] in orphans)
    with check(f"waline-{name}-author"):
        none_differ(known, "author", lambda row: row["author"], lambda stored: stored["author"])
    with check(f"waline-{name}-posted-at"):
        none_differ(known, "posted_at", lambda row: instant(row["posted_at"]),
                    lambda stored: instant(stored["insertedAt"].replace(" ", "T") + "+00:00"))
    with check(f"waline-{name}-text"):
        # Waline sends the Markdown beside what it was rendered to: a table of one or the other, not of both.
        if all(words(row["text"]) == words(as_read(rendered[stored["id"]])) for row, stored in known):
            print("  texts as rendered")
        else:
            none_differ(known, "text", lambda row: words(row["text"]), lambda stored: words(stored["comment"]))
            print("  texts as written, in Markdown")
    with check(f"waline-{name}-state"):
        same({row["state"] for row in table.values()}, {"visible"}, "states")
        hidden = [stored for stored in every if stored["status"] in ("waiting", "spam")]
        assert len(hidden) >= 4, "nothing is hidden: the check itself is broken"
    with check(f"waline-{name}-votes"):
        assert any(stored["like"] == "3" for stored in served.values()), "no votes: the check itself is broken"
        none_differ(known, "votes", lambda row: row["votes"], lambda stored: stored["like"] or "0")
    with check(f"waline-{name}-counts"):
        assert count > len(served), "nothing is counted and not sent: the check itself is broken"
        row = known[0][0]
        same((row["stated_count"], row["parsed_count"]), (str(count), str(len(served))), "stated and parsed count")
        header, body = rows(folder / "threads.csv")
        thread = dict(zip(header, body[0]))
        same((len(body), thread["completeness"]), (1, "partial"), "threads and their completeness")


def main():
    port = free_port()
    log = WORK / "waline.log"
    # A socket's path holds 107 bytes at most: the working folder may be too deep.
    with (
        tempfile.TemporaryDirectory(prefix="causerie-waline.", dir="/tmp") as sockets,
        Server(lambda _: (200, {"Content-Type": "application/json"}, b'{"services": []}')) as stub,
        Server(article_page(port)) as site,
    ):
        database = Database(sockets)
        with database.running():
            database.ask(
                f"CREATE DATABASE waline CHARACTER SET utf8mb4; USE waline; {(HERE / 'waline' / 'tables.sql').read_text()}"
                f"CREATE USER waline@'{HOST}' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON waline.* TO waline@'{HOST}';", base="")
            # A limit in the future: all comments come from one address, one behind the other.
            environment = os.environ | {
                "MYSQL_HOST": HOST, "MYSQL_PORT": str(database.port), "MYSQL_DB": "waline", "MYSQL_USER": "waline",
                "MYSQL_PASSWORD": PASSWORD, "JWT_TOKEN": "loopback", "OAUTH_URL": stub.url, "AKISMET_KEY": "false",
                "IPQPS": "-1000", "TZ": "UTC", "DISABLE_REGION": "true",
            }
            command = ["node", "-r", str(HERE / "waline" / "loopback.js"), str(WALINE / "vanilla.js"), str(port)]
            with program(command, log, lambda: answers(port, f"/api/comment?path={PATH}"), env=environment, cwd=WORK):
                seed(Waline(port), database)
                count, served, every = truth(database)
                rendered = as_served(Waline(port))
                same_keys(rendered, served, "what the database says is sent, and what is")
                print(f"  {len(every)} comments, {count} counted, {len(served)} sent")
                article = site.url + PATH
                before = log.stat().st_size
                if live("waline-live", article):
                    check_table("live", WORK / "waline-live", count, served, every, rendered)
                    with check("waline-live-requests"):
                        same(site.paths().count(PATH), 1, "requests for the article's page")
                        with open(log, encoding="utf-8", errors="replace") as file:
                            file.seek(before)
                            asked = re.findall(r"^asked: GET (/api/comment\?.*)$", file.read(), re.MULTILINE)
                        print(f"  {len(asked)} requests to Waline")
                        same(len(asked), 2, f"pages asked for ({asked})")
                compare_roads("waline", article)


if __name__ == "__main__":
    end_with_signal()
    main()
