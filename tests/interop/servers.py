"""Servers of a check's own: programs that end with it, and an HTTP server that logs what it is asked and can misbehave."""

import contextlib
import http.client
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time

HOST = "127.0.0.1"


def end_with_signal():
    """SIGTERM ends the check by an exception, so that what it started is ended, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def free_port():
    with socket.socket() as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def program(command, log, ready, seconds=60, **options):
    """A program for as long as the block lasts; the block begins when `ready()` is true."""
    with open(log, "ab") as out:
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **options)
    try:
        until = time.monotonic() + seconds
        while not ready():
            assert running.poll() is None, f"{command[0]} ended with exit code {running.returncode}: {tail(log)}"
            assert time.monotonic() < until, f"{command[0]} is not ready after {seconds} s: {tail(log)}"
            time.sleep(0.05)
        yield running
    finally:
        # With what it started itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def tail(log, size=600):
    with open(log, encoding="utf-8", errors="replace") as file:
        return file.read()[-size:]


def answers(port, path="/"):
    """Whether a web server answers there, whatever it says."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


class Asked:
    """One request as it came."""

    def __init__(self, at, connection, method, path, headers):
        self.at, self.connection, self.method, self.path, self.headers = at, connection, method, path, headers


class Server:
    """HTTP on a port of loopback, one thread a connection.

    `answer(asked)` gives `(status, headers, body)`, or a function that is handed the socket and writes what it likes; the
    connection is closed behind that. Everything asked is in `log`, in order.
    """

    def __init__(self, answer):
        self.answer = answer
        self.log = []
        self.open = self.most_open = 0
        self._numbers = itertools.count()
        self._lock = threading.Condition()
        self._closing = False
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closing = True
        # A blocked accept sleeps on a closed socket: a last visitor wakes it.
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, self.port), 1).close()
        self._listener.close()

    def wait_for(self, count, what, seconds=60):
        """Waits until so many requests that `what(path)` holds for have come."""
        with self._lock:
            return self._lock.wait_for(lambda: sum(what(asked.path) for asked in self.log) >= count, seconds)

    def paths(self):
        with self._lock:
            return [asked.path for asked in self.log]

    def _accept(self):
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            threading.Thread(target=self._serve, args=(connection, next(self._numbers)), daemon=True).start()

    def _serve(self, connection, number):
        try:
            with connection, connection.makefile("rb") as lines:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while not self._closing and self._one(connection, number, lines):
                    pass
        except OSError:
            pass
        finally:
            with self._lock:
                self.open -= 1

    def _one(self, connection, number, lines):
        first = lines.readline(65536).decode("latin-1").split()
        if len(first) != 3:
            return False
        at, headers = time.time(), {}
        while (line := lines.readline(65536).decode("latin-1").strip()):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        lines.read(int(headers.get("content-length", 0)))
        asked = Asked(at, number, first[0], first[1], headers)
        with self._lock:
            self.log.append(asked)
            self._lock.notify_all()
        answer = self.answer(asked)
        if callable(answer):
            answer(connection)
            return False
        status, fields, body = answer
        chunked = fields.get("Transfer-Encoding") == "chunked"
        fields = fields if chunked else fields | {"Content-Length": str(len(body))}
        head = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}"]
        head += [f"{name}: {value}" for name, value in fields.items()]
        connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + (chunks(body) if chunked else body))
        return True


def chunks(body, size=1000):
    """A body in chunks, with the last, empty one."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def not_there(_):
    return 404, {"Content-Type": "text/plain"}, b"not here"


# Texts that stand in the pages below are machine-written.
SAYINGS = (
    "Je ne crois pas un mot de ce communiqué.", "Good article, thank you!", "Et nos données, qui les vend ?",
    "I sold mine for a coffee ☕", "« Confiance », disent-ils…", "They asked; I said no. Twice.",
    "Merci pour cette enquête 👏", "Il faudrait une loi, une vraie.", "Read the terms before you sign.",
)


def page(title, number, comments=3, filler=""):
    """An article with comments, in the markup of WordPress' classic themes."""
    items = "".join(
        f'<li class="comment even depth-1" id="comment-{number * 1000 + at}"><article class="comment-body">'
        f'<footer class="comment-meta"><div class="comment-author vcard"><b class="fn">Lecteur {at}</b> '
        '<span class="says">says:</span></div><div class="comment-metadata">'
        f'<a href="#comment-{number * 1000 + at}"><time datetime="2026-03-{at % 28 + 1:02}T10:{number % 60:02}:00+01:00">'
        f'{at % 28 + 1} March 2026</time></a></div></footer><div class="comment-content"><p>'
        f'{SAYINGS[(number + at) % len(SAYINGS)]} ({number}.{at})</p></div></article></li>'
        for at in range(1, comments + 1)
    )
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f'<article><h1>{title}</h1><p>Article {number}.</p>{filler}</article><div id="comments" class="comments-area">'
        f'<h2 class="comments-title">{comments} comments</h2><ol class="comment-list">{items}</ol></div></body></html>'
    ).encode()
