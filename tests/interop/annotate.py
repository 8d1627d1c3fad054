"""The page of `causerie annotate` in a real Chromium, as a person goes through it, and its server under kill -9 and at its limits.
The texts are machine-written.
"""

import contextlib
import html
import http.client
import itertools
import json
import random
import re
import subprocess
import threading
import time
import urllib.parse

from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.keys import Keys

from browser import Browser
from command import WORK, run, start
from servers import HOST, end_with_signal, page
from verdict import check, same

SCRIPT = "<script>alert(1)</script> Méfiance <b>totale</b>, voilà."
# Letters of two code points, of several UTF-16 units, and of both.
MIXED = "Cafe\u0301 👩‍👩‍👧‍👦 payé 👍🏽 : ils revendront nos données 🇫🇷 demain."
MARKED = "revendront nos données 🇫🇷"
TEXTS = (
    SCRIPT, MIXED, "Je ne crois pas un mot de cette charte.", "שלום עולם 🙂 et de gauche à droite.", "Bravo pour l'enquête.",
    "C'est combien, au juste ?", "Arnaque pure et simple, ils revendront plus cher.\n\nVous verrez.", "Mouais. On verra.",
    "Quelqu'un a lu l'article 7 ?", "Merci !", "Quatre euros, sérieusement ? 🙄", "Et les enfants, qui signe pour eux ?",
)
CLOSED = (
    "/", "/?token=", "/?token=guessed", "/page.js", "/code.js", "/style.css", "/api/form", "/api/work?coder=ana", "/api/unit?coder=ana&at=0",
    "/api/disagreements?coder=ana", "/favicon.ico", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
    "//etc/passwd", "/page.js/../../Cargo.toml",
)
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"


# --- the command -------------------------------------------------------------------------------------------------
def article(texts):
    """A page whose comments have these texts, in order."""
    body = page("Vos données, un marché", 1, len(texts)).decode()
    paragraphs = ("".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n")) for text in texts)
    return re.sub(r"<p>[^<]*\(1\.\d+\)</p>", lambda _: next(paragraphs), body)


def table(name, texts):
    """A folder with the tables of a page of comments, and a sheet of all of them."""
    source, folder, sheet = WORK / f"{name}.html", WORK / name, WORK / f"{name}.csv"
    source.write_text(article(texts), encoding="utf-8")
    analyze = ("analyze", source, "-o", folder, "--coder", "rules")
    for arguments in (analyze, ("sample", folder, "-n", len(texts), "-o", sheet)):
        done = run(*arguments)
        assert done.returncode == 0, f"causerie {arguments[0]}: {done.stderr.decode(errors='replace')[-400:]}"
    return folder, sheet


class Annotate:
    """The command while it runs: where it serves, and the link it printed."""

    def __init__(self, folder, sheet, port=0):
        self.process = start("annotate", folder, sheet, "--port", port, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=open(WORK / "annotate.log", "ab"), text=True)
        self.link = self.process.stdout.readline().strip()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=[\w-]{22,}", self.link)
        assert found, f"the first line is no link: {self.link!r}, {(WORK / 'annotate.log').read_text()[-400:]}"
        self.port = int(found[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Browserless:
    """The page's server as a browser talks to it, without the browser; `link` lets it in."""

    def __init__(self, port, link=None):
        self.port, self.cookie = port, None
        self.connection = http.client.HTTPConnection(HOST, port, timeout=30)
        if link:
            status, headers, _ = self.ask("GET", link.partition(str(port))[2])
            same(status, 200, "opening the link")
            self.cookie = headers["Set-Cookie"].partition(";")[0]

    def ask(self, method, path, body=None, **headers):
        sent = {"Cookie": self.cookie} if self.cookie else {}
        if body is not None:
            sent |= {"Content-Type": "application/json", "Origin": f"http://{HOST}:{self.port}"}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, sent | headers)
        answer = self.connection.getresponse()
        status, headers, got = answer.status, answer.headers, answer.read()
        if status != 200:
            # Who is refused is not read to the end.
            self.connection.close()
        return status, headers, got

    def get(self, path, **values):
        status, _, body = self.ask("GET", f"{path}?{urllib.parse.urlencode(values)}")
        assert status == 200, f"GET {path}: {status} {body[:200]}"
        return json.loads(body)

    def post(self, path, **body):
        status, _, answer = self.ask("POST", path, body)
        assert status == 200, f"POST {path}: {status} {answer[:200]}"
        return json.loads(answer)

    def code(self, coder, at, questions, number):
        """Some answer that `number` tells from the others before it."""
        values = {question["name"]: question["values"][number // 3**place % len(question["values"])]
                  for place, question in enumerate(questions)}
        answers = [{"question": name, "value": value} for name, value in values.items()]
        self.post("/api/code", coder=coder, at=at, answers=answers)
        return values

    def said(self, coder, at):
        answers = self.get("/api/unit", coder=coder, at=at)["answers"]
        return answers and {answer["question"]: answer["value"] for answer in answers}


# --- the browser -------------------------------------------------------------------------------------------------
class Person(Browser):
    """Somebody who codes, in a browser of their own."""

    def __init__(self, link, name, language="fr-FR", width=1280, scheme="light"):
        self.name = name
        super().__init__(link, width, scheme, language)
        self.find("#name").send_keys(name, Keys.ENTER)
        self.find(".unit .text")

    def text(self):
        """The comment on the screen."""
        return self.js("return document.querySelector('.unit .text')?.textContent ?? null")

    def done(self):
        return int(self.js("return document.querySelector('#bar progress').value"))

    def save(self, *keys):
        """Codes the unit on the screen and waits for what comes next."""
        before = self.text()
        self.press(*keys, Keys.ENTER)
        self.wait(lambda: self.text() != before, f"the unit behind {before!r}")

    def select(self, words):
        """Draws the mouse over words of the comment."""
        ends = self.js("""
            const text = document.querySelector(".unit .text"), walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            const start = text.textContent.indexOf(arguments[0]), end = start + arguments[0].length;
            const range = document.createRange();
            for (let node, at = 0; (node = walker.nextNode()); at += node.length) {
              if (start >= at && start < at + node.length) range.setStart(node, start - at);
              if (end > at && end <= at + node.length) range.setEnd(node, end - at);
            }
            const boxes = [...range.getClientRects()], first = boxes[0], last = boxes.at(-1);
            return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2].map(Math.round);""", words)
        mouse = ActionBuilder(self.browser, mouse=PointerInput("mouse", "mouse"))
        mouse.pointer_action.move_to_location(*ends[:2]).pointer_down().move_to_location(*ends[2:]).pointer_up()
        mouse.perform()
        self.wait(lambda: self.all(".pending:not([hidden])"), "the words selected")

    def link(self):
        """A link for another browser, as the page makes it."""
        self.all("nav button")[1].click()
        link = self.find("input.link").get_attribute("value")
        self.find("dialog .close").click()
        return link

    def hosts(self):
        """Hosts the browser asked for this page."""
        return {urllib.parse.urlsplit(url).netloc for url in self.requests() if url.startswith(("http", "ws"))}


def decisions(sheet):
    """What is on the disk: the steps of the journal."""
    journal = sheet.with_suffix(".decisions.ndjson")
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()[1:]]


def answers_of(step):
    return {answer["question"]: answer for answer in step["answers"]}


# --- the checks --------------------------------------------------------------------------------------------------
def walk(folder, sheet):
    with Annotate(folder, sheet) as served, Person(served.link, "ana") as ana:
        api = Browserless(served.port, ana.link())
        questions = [question["name"] for question in api.get("/api/form")["questions"]]
        codes = [name for name in questions if name != "polarity"]
        seen = []

        with check("annotate-keyboard"):
            expected = []
            for number in range(10):
                text, key, code = ana.text(), "jkl"[number % 3], number % len(codes)
                ana.save(key, *([str(code + 1)] if number % 2 else []))
                seen.append(text)
                said = dict.fromkeys(codes, "0") | {"polarity": ("negative", "neutral", "positive")[number % 3]}
                expected.append(said | ({codes[code]: "1"} if number % 2 else {}))
            same(ana.done(), 10, "units done")
            got = [{name: answer["value"] for name, answer in answers_of(step).items()} for step in decisions(sheet)]
            same(got, expected, "answers on the disk")
            same(len(set(seen)), 10, "different comments shown")
        with check("annotate-enter-needs-a-sentiment"):
            before = ana.text()
            ana.press("1", Keys.ENTER)
            time.sleep(0.3)
            same((ana.text(), len(decisions(sheet))), (before, 10), "the unit on the screen and the decisions")
            ana.press("1")
        with check("annotate-undo"):
            ana.press("u")
            ana.wait(lambda: ana.done() == 9 and ana.text() == seen[-1], "the step taken back")
            last = decisions(sheet)[-1]
            same((last["kind"], {answer["value"] for answer in last["answers"]}), ("undo", {None}), "the last step on the disk")
            ana.save("k")
            same(ana.done(), 10, "units done")
        with check("annotate-resume"):
            waiting = ana.text()
            ana.browser.refresh()
            ana.wait(lambda: ana.text() == waiting, "the first unit that is not done")
            same((ana.done(), ana.browser.current_url), (10, f"http://{HOST}:{served.port}/"), "units done and address")
        with check("annotate-script-is-text"):
            to(ana, SCRIPT)
            assert not ana.all("main script, main b"), "the comment's markup became part of the page"
        with check("annotate-span"):
            to(ana, MIXED)
            ana.select(MARKED)
            ana.press("1")
            same([mark.text for mark in ana.all(".unit mark")], [MARKED], "marks on the screen")
            ana.press("k", Keys.ENTER)
            ana.wait(lambda: ana.text() != MIXED, "the next unit")
            answer = answers_of(decisions(sheet)[-1])[codes[0]]
            begin = MIXED.index(MARKED)
            same((answer["value"], answer["spans"]), ("1", [[begin, begin + len(MARKED)]]), "the span on the disk, in code points")
            to(ana, MIXED)
            ana.find(".chips .chip").click()
            same(len(ana.all(".unit mark")), 0, "marks left when taken away")
            ana.press("u")
            ana.wait(lambda: len(ana.all(".unit mark")) == 0 and ana.text() == MIXED, "the unit as it was before")

        with check("annotate-two-coders"), Person(ana.link(), "Ben", language="en-GB", scheme="dark") as ben:
            same(ben.find("nav button").text, "Differences", "the page's language")
            # Turn by turn, then the rest.
            for number in itertools.count():
                assert number < 40, "the units never end"
                for person in (ana, ben):
                    if person.all("main.plain"):
                        continue
                    if person is ben:
                        same(len(ben.all(".asked [aria-pressed=true], .unit mark")), 0, "choices of others on the screen")
                    person.save(*("j2" if person is ben and number == 0 else "l"))
                if ana.all("main.plain") and ben.all("main.plain"):
                    break
            same((ana.done(), ben.done()), (len(TEXTS), len(TEXTS)), "units done")
            units = [api.get("/api/unit", coder="Ben", at=at)["answers"] for at in range(len(TEXTS))]
            assert all(units), "answers of Ben are missing"
            same(ben.complaints(), [], "complaints of the second browser")
            same(ben.hosts(), {f"{HOST}:{served.port}"}, "hosts the second browser asked")

        with check("annotate-adjudicate"):
            ana.all("nav button")[0].click()
            ana.find("main.comparing table")
            apart = api.get("/api/disagreements", coder="ana")["units"]
            assert len(apart) >= 3, f"differences: {apart}"
            for left in range(len(apart), 0, -1):
                before = ana.text()
                open_rows = len(ana.all("tr.differs"))
                assert open_rows, "no question differs"
                ana.press(*"2" * open_rows, Keys.ENTER)
                ana.wait(lambda: ana.text() != before, "the next difference")
                same(len(api.get("/api/disagreements", coder="ana")["settled"]), len(apart) - left + 1, "settled")
            for at in apart:
                seen_by = api.get("/api/disagreement", coder="ana", at=at)
                # Coders stand in the order of their names, capitals first: the second is Ana.
                same([coding["coder"] for coding in seen_by["codings"]], ["Ben", "ana"], "coders, in order")
                final, hers = ([answer["value"] for answer in answers] for answers in (seen_by["settled"], seen_by["codings"][1]["answers"]))
                same(final, hers, f"final answers of unit {at}")
            final = [step for step in decisions(sheet) if step["kind"] == "adjudicate"]
            same({(step["coder"], step["by"]) for step in final}, {("adjudicated", "ana")}, "who is said to have decided")

        with check("annotate-quiet"):
            same(ana.complaints(), [], "complaints of the browser")
            same(ana.hosts(), {f"{HOST}:{served.port}"}, "hosts the browser asked")


def to(person, text):
    """Goes to the unit with this text by the arrow keys: back to the first, then forth."""
    while True:
        before = person.text()
        person.press(Keys.ARROW_LEFT)
        time.sleep(0.15)
        if person.text() == before:
            break
    for _ in range(len(TEXTS)):
        if person.text() == text:
            return
        before = person.text()
        person.press(Keys.ARROW_RIGHT)
        person.wait(lambda: person.text() != before, "the next unit")
    raise AssertionError(f"no unit is {text!r}")


def broken(folder, sheet):
    """The server goes away under the page, and comes back."""
    with check("annotate-retry"), Annotate(folder, sheet) as served, Person(served.link, "ana") as ana:
        ana.save("j")
        text = ana.text()
        ana.press("k", "1")
        served.kill()
        ana.press(Keys.ENTER)
        ana.wait(lambda: ana.find("#alarm").text, "the alarm")
        chosen = ana.all(".asked [aria-pressed=true]")
        same((ana.text(), len(chosen), len(decisions(sheet))), (text, 2, 1), "unit, choices and decisions")
        with Annotate(folder, sheet, served.port) as again:
            page, retry = ana.browser.current_window_handle, ana.find("#alarm button")
            ana.browser.switch_to.new_window("tab")
            ana.browser.get(again.link)
            ana.find("#name")
            ana.browser.switch_to.window(page)
            retry.click()
            ana.wait(lambda: ana.text() != text, "the unit saved")
            same(len(ana.find("#alarm").text), 0, "letters of the alarm")
            said = answers_of(decisions(sheet)[-1])
            same((len(decisions(sheet)), said["polarity"]["value"]), (2, "neutral"), "decisions and the last one")


def narrow(folder, sheet):
    with check("annotate-narrow"), Annotate(folder, sheet) as served, Person(served.link, "eve", width=360) as eve:
        eve.find(".unit .text")
        wide, room = eve.js("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= room, f"the page is {wide} px wide on a screen of {room}"
        small = eve.js("""return [...document.querySelectorAll("button, summary")].filter((one) => one.checkVisibility())
            .map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => Math.min(box.width, box.height) < 43.5)
            .map(([words]) => words)""")
        same(small, [], "buttons too small for a finger")
        eve.find(".ask").click()
        eve.find("dialog[open] .definition")
        same(eve.complaints(), [], "complaints of the browser")


def closed(folder, sheet):
    with Annotate(folder, sheet) as served:
        stranger = Browserless(served.port)
        with check("annotate-nothing-without-the-token"):
            for path in CLOSED:
                same(stranger.ask("GET", path)[0], 403, f"status of {path}")
            same(stranger.ask("POST", "/api/code", {"coder": "ana", "at": 0, "answers": []})[0], 403, "status of a post")
        with check("annotate-token-once"):
            known = Browserless(served.port, served.link)
            same(Browserless(served.port).ask("GET", served.link.partition(str(served.port))[2])[0], 403, "the link once more")
        with check("annotate-no-other-paths"):
            for path in (path for path in CLOSED if "passwd" in path or "Cargo" in path):
                same(known.ask("GET", path)[0], 404, f"status of {path}")
        with check("annotate-other-hosts"):
            for host in ("evil.example", f"evil.example:{served.port}"):
                same(known.ask("GET", "/api/form", Host=host)[0], 403, f"status for {host}")
            status, _, _ = known.ask("POST", "/api/link", {}, Origin="http://evil.example")
            same(status, 403, "status of a post from another page")
        with check("annotate-policy"):
            for who, path in ((known, "/"), (known, "/api/form"), (stranger, "/"), (known, "/nowhere")):
                headers = who.ask("GET", path)[1]
                assert headers["Content-Security-Policy"].startswith(POLICY), f"{path}: {headers['Content-Security-Policy']}"
                same((headers["X-Content-Type-Options"], headers["Cache-Control"]), ("nosniff", "no-store"), f"headers of {path}")


def kills(folder, sheet, times=20):
    """Two coders code without pause; the server is killed again and again; then all that was acknowledged must be there."""
    acknowledged, sent, numbers, lost = {}, {}, itertools.count(1), []
    dice = random.Random(6)

    def work(served, link, coder, questions, units):
        api = Browserless(served.port, link)
        with contextlib.suppress(OSError, http.client.HTTPException):
            for at in itertools.cycle(units):
                number = next(numbers)
                sent[coder, at] = number
                acknowledged[coder, at] = (number, api.code(coder, at, questions, number))

    with check("annotate-kills"):
        for turn in range(times + 1):
            with Annotate(folder, sheet) as served:
                api = Browserless(served.port, served.link)
                for (coder, at), (number, values) in acknowledged.items():
                    # What was sent last and not acknowledged may have come through, too.
                    if sent[coder, at] == number and api.said(coder, at) != values:
                        lost.append((turn, coder, at))
                if turn == times:
                    break
                questions = api.get("/api/form")["questions"]
                units = api.get("/api/work", coder="ana")["units"]
                links = {coder: api.post("/api/link")["link"] for coder in ("ana", "ben")}
                threads = [threading.Thread(target=work, args=(served, link, coder, questions, units))
                           for coder, link in links.items()]
                for thread in threads:
                    thread.start()
                time.sleep(dice.uniform(0.05, 0.5))
                served.kill()
                for thread in threads:
                    thread.join()
        steps = decisions(sheet)
        print(f"  {next(numbers) - 1} decisions sent over {times} kills, {len(steps)} on the disk")
        assert len(acknowledged) == 2 * len(TEXTS), f"too few decisions: {len(acknowledged)}"
        same([step["seq"] for step in steps], list(range(1, len(steps) + 1)), "numbers of the steps")
        same(lost, [], "acknowledged decisions lost")


def speed(count=5000, steps=300):
    with check("annotate-speed"):
        folder, sheet = table("many", [f"{TEXTS[number % len(TEXTS)]} ({number})" for number in range(count)])
        with Annotate(folder, sheet) as served:
            api = Browserless(served.port, served.link)
            questions = api.get("/api/form")["questions"]
            begun = time.perf_counter()
            same(len(api.get("/api/work", coder="ana")["units"]), count, "units")
            first = time.perf_counter() - begun
            taken = []
            for at in range(steps):
                begun = time.perf_counter()
                api.code("ana", at, questions, at)
                api.get("/api/unit", coder="ana", at=at + 1)
                taken.append(time.perf_counter() - begun)
            p95 = sorted(taken)[steps * 95 // 100]
            print(f"  {count} units: the list {first * 1000:.1f} ms, a step {min(taken) * 1000:.1f} to p95 {p95 * 1000:.1f} ms")
            assert p95 < 0.050, f"p95 of a step is {p95 * 1000:.1f} ms"


def main():
    walk(*table("walk", TEXTS))
    broken(*table("broken", TEXTS))
    narrow(*table("narrow", TEXTS))
    closed(*table("closed", TEXTS))
    kills(*table("kills", TEXTS))
    speed()


if __name__ == "__main__":
    end_with_signal()
    main()
