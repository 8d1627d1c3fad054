"""The archive of `causerie fetch`, read by warcio: every record, its digests and fields, and what the server sent."""

import gzip
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict

import brotlicffi
from warcio.archiveiterator import ArchiveIterator

from command import WORK, rows, run
from servers import SAYINGS, Server, end_with_signal, page
from verdict import check, same, same_keys

HTML = {"Content-Type": "text/html; charset=utf-8"}
SECRET = "session-of-a-subscriber-4711"
TEXT = {f"/{name}": page(f"Article {name}", number, 20) for number, name in enumerate(
    ["plain", "gzip", "br", "chunked", "gzip-chunked", "latin1", "moved-to", "cookie"], 1)}
TEXT["/latin1"] = TEXT["/latin1"].decode().replace("utf-8", "iso-8859-1").encode("iso-8859-1", "xmlcharrefreplace")
CHUNKED = {"Transfer-Encoding": "chunked"}

# What goes over the wire, by path: status, headers, body before it is cut into chunks.
SENT = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /closed\n"),
    "/.well-known/tdmrep.json": (200, {"Content-Type": "application/json"}, b'[{"location": "/tdm", "tdm-reservation": 1}]'),
    "/plain": (200, HTML, TEXT["/plain"]),
    "/gzip": (200, HTML | {"Content-Encoding": "gzip"}, gzip.compress(TEXT["/gzip"], mtime=0)),
    "/br": (200, HTML | {"Content-Encoding": "br"}, brotlicffi.compress(TEXT["/br"])),
    "/chunked": (200, HTML | CHUNKED, TEXT["/chunked"]),
    "/gzip-chunked": (200, HTML | CHUNKED | {"Content-Encoding": "gzip"}, gzip.compress(TEXT["/gzip-chunked"], mtime=0)),
    "/latin1": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, TEXT["/latin1"]),
    "/moved": (301, {"Location": "/moved-to"}, b""),
    "/moved-to": (200, HTML, TEXT["/moved-to"]),
    "/cookie": (200, HTML | {"Set-Cookie": "seen=1; Path=/"}, TEXT["/cookie"]),
    "/gone": (410, HTML, "<p>Cette page n’est plus là.".encode()),
}
ASKED = ["/plain", "/gzip", "/br", "/chunked", "/gzip-chunked", "/latin1", "/moved", "/cookie", "/gone", "/closed",
         "/plain?page=2&q=%C3%A9"]

URN = re.compile(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
SHA256 = re.compile(r"sha256:[A-Z2-7]{52}={0,4}")


def answer(asked):
    return SENT.get(asked.path.partition("?")[0], (404, HTML, b"<p>not here"))


class Kept:
    """A record as warcio read it."""

    def __init__(self, record):
        self.kind = record.rec_type
        self.fields = {name.lower(): value for name, value in record.rec_headers.headers}
        self.names = [name.lower() for name, _ in record.rec_headers.headers]
        self.version = record.rec_headers.protocol
        self.http = record.http_headers
        self.raw = record.raw_stream.read()
        self.digest = record.digest_checker

    def __getitem__(self, name):
        return self.fields.get(name)


def main():
    folder = WORK / "archive"
    with Server(answer) as server:
        (WORK / "urls.txt").write_text("".join(f"{server.url}{path}\n" for path in ASKED), encoding="utf-8")
        (WORK / "cookies.txt").write_text(
            "# Netscape HTTP Cookie File\n"
            f"127.0.0.1\tFALSE\t/\tFALSE\t{int(time.time()) + 3600}\tsession\t{SECRET}\n", encoding="utf-8")
        done = run("fetch", "-i", WORK / "urls.txt", "-o", folder, "--interval", 0, "--cookies", WORK / "cookies.txt")
        log = list(server.log)
    files = sorted(folder.glob("*.warc.gz"))

    with check("archive-fetched"):
        # The page that is gone and the one that robots.txt closes.
        same(done.returncode, 1, f"exit code ({done.stderr.decode()[-300:]})")
        same([path.name for path in files], ["pages-00001.warc.gz"], "files of the archive")
    if not files:
        return

    records = []
    with check("archive-parses"):
        with open(files[0], "rb") as stream:
            # Fails at a record that is not a gzip member of its own, and at any line that is no header.
            iterator = ArchiveIterator(stream, no_record_parse=False, check_digests=True)
            records = [Kept(record) for record in iterator]
            same(iterator.err_count, 0, "errors of warcio")
        kinds = Counter(record.kind for record in records)
        same_keys(kinds, {"warcinfo", "request", "response", "metadata"}, "types of records")
        same(kinds["request"], kinds["response"], "requests and responses")
    with check("archive-digests"):
        for record in records:
            assert record["warc-block-digest"], f"a {record.kind} without WARC-Block-Digest"
            assert record.digest.passed, f"{record.kind} of {record['warc-target-uri']}: {record.digest.problems}"
        assert all(record["warc-payload-digest"] for record in records if record.kind == "response"), "no payload digest"
    with check("archive-warcio-check"):
        # The program itself, which also says what it could not verify.
        judged = subprocess.run([sys.executable, "-m", "warcio.cli", "check", "-v", str(files[0])],
                                capture_output=True, text=True, check=False, timeout=120)
        said = judged.stdout + judged.stderr
        same(judged.returncode, 0, f"exit code of warcio check ({said[-300:]})")
        assert "fail" not in said.lower() and said.count("digest pass") >= len(records) - 1, said[-600:]

    with check("archive-fields"):
        first = records[0]
        same(first.kind, "warcinfo", "type of the first record")
        same(first["content-type"], "application/warc-fields", "Content-Type of the warcinfo")
        same(first["warc-filename"], files[0].name, "WARC-Filename")
        assert b"software: causerie/" in first.raw and b"format: WARC" in first.raw, first.raw
        same(sum(record.kind == "warcinfo" for record in records), 1, "warcinfo records")
        ids = [record["warc-record-id"] for record in records]
        same(len(set(ids)), len(ids), "record ids")
        for record in records:
            what = f"{record.kind} {record['warc-record-id']}"
            same(record.version, "WARC/1.1", f"version of {what}")
            same(len(set(record.names)), len(record.names), f"fields of {what}, each once")
            assert URN.fullmatch(record["warc-record-id"]), what
            assert DATE.fullmatch(record["warc-date"]), f"{what}: WARC-Date {record['warc-date']}"
            assert SHA256.fullmatch(record["warc-block-digest"]), f"{what}: {record['warc-block-digest']}"
            assert int(record["content-length"]) >= 0 and record["content-type"], what
        for kind in ("request", "response"):
            for record in (record for record in records if record.kind == kind):
                same(record["content-type"], f"application/http; msgtype={kind}", f"Content-Type of a {kind}")
                same(record["warc-ip-address"], "127.0.0.1", f"WARC-IP-Address of a {kind}")
                assert record["warc-target-uri"].startswith(server.url), record["warc-target-uri"]
    by_id = {record["warc-record-id"]: record for record in records}
    with check("archive-pairs"):
        for record in (record for record in records if record.kind in ("request", "response")):
            other = by_id.get(record["warc-concurrent-to"])
            assert other, f"a {record.kind} of {record['warc-target-uri']} is concurrent to nothing that is there"
            same({record.kind, other.kind}, {"request", "response"}, "kinds of a pair")
            same(other["warc-concurrent-to"], record["warc-record-id"], "what the other is concurrent to")
            same(other["warc-target-uri"], record["warc-target-uri"], "WARC-Target-URI of a pair")
        for record in (record for record in records if record["warc-refers-to"]):
            same(by_id[record["warc-refers-to"]].kind, "response", "type of the record that metadata refer to")
    with check("archive-all-that-was-asked"):
        asked = Counter(server.url + one.path for one in log)
        kept = Counter(record["warc-target-uri"] for record in records if record.kind == "response")
        same(kept, asked, "requests in the archive and in the server's log")
    with check("archive-requests"):
        seen = {server.url + one.path: one for one in log}
        pages = [one for one in log if one.path.partition("?")[0] in (*ASKED, "/moved-to")]
        assert all(SECRET in one.headers.get("cookie", "") for one in pages), "the cookie never reached the server"
        for record in (record for record in records if record.kind == "request"):
            one = seen[record["warc-target-uri"]]
            same(record.http.statusline.split(), [one.method, one.path, "HTTP/1.1"][1:], f"request line of {one.path}")
            sent = {name: value for name, value in one.headers.items() if name != "cookie"}
            same({name.lower(): value for name, value in record.http.headers}, sent, f"headers of {one.path}")
    with check("archive-no-cookies"):
        with gzip.open(files[0], "rb") as stream:
            whole = stream.read()
        assert SECRET.encode() not in whole, "the subscriber's cookie stands in the archive"
        for record in (record for record in records if record.kind == "request"):
            assert record.http.get_header("cookie") is None, f"a cookie in the request for {record['warc-target-uri']}"
    with check("archive-payloads"):
        payloads = defaultdict(set)
        for record in (record for record in records if record.kind == "response"):
            path = record["warc-target-uri"].removeprefix(server.url)
            status, headers, body = answer_of(path)
            same(record.http.get_statuscode(), str(status), f"status of {path}")
            for name, value in headers.items():
                # In the archive the chunks are joined again.
                # The body is joined again, and a session is the reader's own.
                expected = None if name in ("Transfer-Encoding", "Set-Cookie") else value
                same(record.http.get_header(name), expected, f"{name} of {path}")
            payloads[path].add(record.raw == body)
        assert all(good == {True} for good in payloads.values()), payloads
    with check("archive-payloads-decoded"):
        with open(files[0], "rb") as stream:
            for record in ArchiveIterator(stream):
                path = (record.rec_headers.get_header("WARC-Target-URI") or "").removeprefix(server.url)
                if record.rec_type == "response" and path in TEXT:
                    body = record.raw_stream.read() if path == "/br" else record.content_stream().read()
                    same(brotlicffi.decompress(body) if path == "/br" else body, TEXT[path], f"page of {path}")
    with check("archive-read-again"):
        tables = WORK / "tables"
        read = run("analyze", folder, "--coder", "rules", "-o", f"{tables}/")
        same(read.returncode, 1, f"exit code of analyze ({read.stderr.decode()[-300:]})")
        header, body = rows(tables / "comments.csv")
        found = defaultdict(dict)
        for row in (dict(zip(header, row)) for row in body):
            found[row["article_title"]][row["comment_id"]] = row["text"]
        same_keys(found, {f"Article {name[1:]}" for name in TEXT}, "articles read")
        for number, name in enumerate(TEXT, 1):
            expected = {f"c{number * 1000 + at}": f"{SAYINGS[(number + at) % len(SAYINGS)]} ({number}.{at})"
                        for at in range(1, 21)}
            same(found[f"Article {name[1:]}"], expected, f"comments of {name}")


def logins():
    """User name and password in an address go to its server and nowhere else."""
    def guarded(asked):
        if asked.path != "/guarded":
            return 404, HTML, b"<p>not here"
        if "authorization" not in asked.headers:
            return 401, HTML | {"WWW-Authenticate": "Basic"}, b"<p>who are you?"
        return 200, HTML, page("Guarded", 9)

    with Server(guarded) as server:
        address = f"http://reader:{SECRET}@127.0.0.1:{server.port}/guarded"
        done = run("fetch", address, "-o", WORK / "login", "--interval", 0)
        asked = len(server.log)
        again = run("fetch", "--resume", "-o", WORK / "login", "--interval", 0)
        with check("archive-login-resume"):
            same([done.returncode, again.returncode], [0, 0], f"exit codes ({done.stderr.decode()[-300:]})")
            same([one.path for one in server.log[asked:]], [], "asked again by --resume of a run that is done")
    with check("archive-login-kept-out"):
        for path in sorted((WORK / "login").iterdir()):
            kept = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
            assert SECRET.encode() not in kept, f"{path.name} holds the password"
    with check("archive-login-read-again"):
        read = run("analyze", WORK / "login", "--coder", "rules", "-o", f"{WORK / 'login-tables'}/")
        same(read.returncode, 0, f"exit code of analyze ({read.stderr.decode()[-300:]})")
        same(len(rows(WORK / "login-tables" / "comments.csv")[1]), 3, "comments")


def answer_of(path):
    return SENT[path.partition("?")[0]]


if __name__ == "__main__":
    end_with_signal()
    main()
    logins()
