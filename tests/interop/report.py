"""The report in a real Chromium: offline, by keyboard, on paper, on a phone, for axe-core, and with 50,000 comments.
The texts are machine-written.
"""

import collections
import csv
import html
import itertools
import json
import random
import re
import shutil
import time
import unicodedata

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import Browser
from command import SAMPLES, WORK, analyze, run
from verdict import check, same

SCRIPT = "<script>document.title = 'run'</script> Méfiance <b>totale</b> <img src=x onerror=\"document.title='run'\">, voilà."
LONG = "Ils revendront nos données, et personne ne lira ce commentaire jusqu'à la fin. " * 500
TEXTS = (
    SCRIPT, "Cafe\u0301 👩‍👩‍👧‍👦 payé 👍🏽 : ils revendront nos données 🇫🇷 demain, quelle arnaque.", "Je ne crois pas un mot de cette charte.",
    "שלום עולם 🙂 et de gauche à droite.", "Bravo pour l'enquête, le cœur du sujet.", "C'est combien, au juste ? Quatre euros par mois ?",
    "Arnaque pure et simple, ils revendront plus cher.\n\nVous verrez.", "\u202eretourné\u202c puis droit.", "Quelqu'un a lu l'article 7 ?",
    LONG[:40_000], "mot" * 2_000, "Merci !", "=1+1", "</script><!-- {{title}} -->", "Et les enfants, qui signe pour eux ?",
)
SECTIONS = ("findings", "completeness", "themes", "sentiment", "time", "tree", "cooccurrence", "words", "reader", "reliability",
            "method", "run")
DATA = re.compile(r'(<script type="application/json" id="study-data">)(.*?)(</script>)', re.S)


# --- the command -------------------------------------------------------------------------------------------------
def discussion(texts, chance=0.6):
    """A page with these comments, in the markup of WordPress' classic themes: some answer the one before."""
    draw, level = random.Random(7), 0
    parts = []
    for number, text in enumerate(texts, 1):
        deeper = number > 1 and level < 5 and draw.random() < chance
        if number > 1:
            back = 0 if deeper else draw.randrange(level + 1)
            parts.append('<ol class="children">' if deeper else "</li>" + "</ol></li>" * back)
            level += 1 if deeper else -back
        body = "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n\n"))
        parts.append(
            f'<li class="comment depth-{level + 1}" id="comment-{number}"><article class="comment-body"><footer class="comment-meta">'
            f'<div class="comment-author vcard"><b class="fn">Lecteur {number % 997}</b></div><div class="comment-metadata">'
            f'<a href="#comment-{number}"><time datetime="2026-03-{number % 28 + 1:02}T{number % 24:02}:05:00+01:00">mars</time></a></div>'
            f'</footer><div class="comment-content">{body}</div></article>')
    parts.append("</li>" + "</ol></li>" * level)
    return (f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Vos données</title></head><body><article><h1>Vos données, un marché'
            f'</h1><p>Un article.</p></article><div id="comments" class="comments-area"><h2 class="comments-title">{len(texts)} comments</h2>'
            f'<ol class="comment-list">{"".join(parts)}</ol></div></body></html>')


def command(*arguments):
    done = run(*arguments, timeout=900)
    assert done.returncode == 0, f"causerie {arguments[0]}: {done.stderr.decode(errors='replace')[-400:]}"


def study(name, *discussions):
    """The tables of discussions, a page each."""
    pages, folder = WORK / f"{name}-pages", WORK / name
    pages.mkdir()
    for number, texts in enumerate(discussions, 1):
        (pages / f"page-{number}.html").write_text(discussion(texts), encoding="utf-8")
    command("analyze", pages, "-o", folder, "--coder", "rules")
    return folder


def report(folder, lang, *options):
    path = WORK / f"{folder.name}-{lang}.html"
    command("report", folder, "-o", path, "--lang", lang, *options)
    return path


def data_of(path):
    return json.loads(DATA.search(path.read_text(encoding="utf-8"))[2])


def with_data(path, name, change):
    """The report with other comments: the policy holds scripts and styles, not data."""
    data = data_of(path)
    change(data)
    said = json.dumps(data).replace("<", "\\u003c")
    other = WORK / f"{name}.html"
    other.write_text(DATA.sub(lambda found: found[1] + said + found[3], path.read_text(encoding="utf-8")), encoding="utf-8")
    return other


def folded(text):
    flat = unicodedata.normalize("NFD", text.lower()).replace("œ", "oe").replace("’", "'")
    return "".join(letter for letter in flat if not "\u0300" <= letter <= "\u036f")


# --- the browser -------------------------------------------------------------------------------------------------
class Reader(Browser):
    """Somebody before a report."""

    name, patience = "a reader", 60

    def __init__(self, path, width=1280, scheme="light", scripts=True, fragment=""):
        super().__init__(path.as_uri() + fragment, width, scheme, scripts=scripts)
        if scripts:
            self.find("#reader-app[data-ready]")

    def counted(self):
        """The number of comments that match, as the reader says it."""
        return int(re.sub(r"\D", "", re.split(r" (?:of|sur) ", self.find(".counted").text)[0]))

    def focused(self):
        """The id of the comment that has the focus."""
        return self.js("""return document.activeElement.closest("article")?.querySelector(".when").hash.replace(/^.*\\//, "") ?? null""")

    def at(self):
        """The place of that comment among all."""
        return int(self.js("return document.activeElement.dataset.at"))

    def shown(self):
        return self.js("""return [...document.querySelectorAll(".list article .when")].map((link) => decodeURIComponent(link.hash.replace(/^.*\\//, "")))""")

    def tick(self, name, on=True):
        """Ticks the box that is labelled so."""
        self.js("""for (const label of document.querySelectorAll(".filters label")) {
              const box = label.querySelector("input");
              if (label.querySelector(".name")?.textContent === arguments[0] && box.checked !== arguments[1]) box.click();
            }""", name, on)

    def choose(self, value):
        """Chooses what only one of the selections offers."""
        self.js("""const field = document.querySelector(`select:has(option[value="${arguments[0]}"])`);
            field.value = arguments[0]; field.dispatchEvent(new Event("change"));""", value)

    def search(self, words):
        before = self.counted()
        self.press(Keys.ESCAPE, "/", words)
        self.wait(lambda: self.counted() != before, f"matches of {words!r}")

    def clear(self):
        self.js("""document.querySelector(".filters .clear").click()""")


# --- the checks --------------------------------------------------------------------------------------------------
def quiet(paths):
    for lang, path in paths.items():
        with check(f"report-quiet-{lang}"), Reader(path) as reader:
            time.sleep(0.5)
            same(reader.complaints(), [], "complaints of the browser")
            same(reader.requests(), {path.as_uri()}, "what the browser asked for")
            same(reader.js("return document.documentElement.lang"), lang, "the page's language")
    path = paths["fr"]
    with check("report-policy"), Reader(path) as reader:
        policy = reader.js("""return document.querySelector("meta[http-equiv=Content-Security-Policy]").content""")
        for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "script-src 'sha256-", "style-src 'sha256-"):
            assert part in policy, f"{part} is not in {policy}"
        assert "unsafe" not in policy and "http" not in policy, policy
        reader.js("""const script = document.createElement("script"); script.textContent = "document.title = 'run'"; document.body.append(script);
            const style = document.createElement("style"); style.textContent = "body { display: none }"; document.head.append(style);""")
        assert reader.js("return document.title !== 'run' && getComputedStyle(document.body).display !== 'none'"), "a foreign script or style worked"
    with check("report-without-scripts"), Reader(path, scripts=False) as reader:
        shown = [section.get_attribute("id") for section in reader.all("main > section") if section.is_displayed()]
        same(shown, list(SECTIONS), "sections")
        assert reader.find("#reader noscript .note").is_displayed(), "nothing says that the reader is missing"
        for figure in reader.all("figure.chart"):
            drawn = figure.find_elements(By.CSS_SELECTOR, "svg[role=img] > title, p.empty")
            assert drawn, f"a chart without a name: {figure.get_attribute('outerHTML')[:120]}"
        same(len(reader.all("figure.chart:has(svg) > details.data table")), len(reader.all("figure.chart:has(svg)")), "tables beside charts")


def texts(folder, path):
    data = data_of(path)["comments"]
    with check("report-text-is-text"), Reader(path) as reader:
        reader.search("totale")
        same([element.text for element in reader.all(".list .text")][-1], SCRIPT, "the text on the screen")
        same((len(reader.all(".list script, .list b:not(.labels b), .list img")), reader.js("return document.title === 'run'")), (0, False), "markup of a comment")
        assert reader.js("""return [...document.querySelectorAll(".list .text")].every((text) => text.dir === "auto")"""), "a text without dir=auto"
        reader.clear()
        folded_text = lambda: reader.js("""return document.querySelector(".fold").closest(".text").textContent.length""")
        assert folded_text() < 2_000, f"{folded_text()} letters of the longest comment are shown at once"
        reader.find(".fold").click()
        assert folded_text() > 39_000, f"only {folded_text()} letters of it are shown at all"
    with check("report-evidence"), Reader(path) as reader:
        with open(folder / "codings.csv", encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["evidence"] and row["code"] not in ("polarity", "irony") and row["value"] == "1"]
        expected = collections.Counter(row["evidence"] for row in rows)
        cut = lambda text, start, end: text.encode("utf-16-le")[2 * start:2 * end].decode("utf-16-le")
        got = collections.Counter(cut(text, coding[1], coding[2]) for text, codings in zip(data["text"], data["codings"]) for coding in codings or []
                                  if coding[1] < coding[2])
        same(got, expected, "evidence of the data against the tables")
        marked = {mark.text for mark in reader.all(".list mark[class*=hue-]")}
        assert marked and all(any(part in evidence for evidence in expected) for part in marked), f"marks: {marked}"


def keyboard(path):
    with check("report-keyboard"), Reader(path) as reader:
        reader.search("donnees")
        hits = [at for at, text in enumerate(data_of(path)["comments"]["text"]) if "donnees" in folded(text)]
        same(reader.counted(), len(hits), "matches of a search without accents")
        reader.press(Keys.ESCAPE, "j")
        first = reader.focused()
        reader.press("j")
        second = reader.focused()
        reader.press("k")
        same((reader.focused(), first != second, None in (first, second)), (first, True, False), "comments by j, j, k")
        seen = reader.js("""const box = document.activeElement.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight""")
        assert seen, "the match is not in the window"
        reader.clear()
        before = reader.counted()
        reader.press("]")
        assert reader.counted() < before, "] does not go to a thread"
        reader.press("[")
        same(reader.counted(), before, "comments after [")
        reader.press("?")
        reader.find("dialog[open] kbd")
        reader.press(Keys.ESCAPE)
        reader.wait(lambda: not reader.all("dialog"), "the help closed")
    with check("report-reasons"), Reader(path) as reader:
        mark = reader.find(".list mark[tabindex]")
        reader.js("arguments[0].scrollIntoView({ block: 'center' }); arguments[0].focus()", mark)
        reader.press(Keys.ENTER)
        reader.wait(lambda: reader.all("#reason:popover-open"), "a reason by keyboard")
        assert reader.find("#reason .reason-head").text, "a reason without a name"
        same(mark.get_attribute("aria-describedby"), "reason", "what describes the mark")
        reader.press(Keys.ESCAPE)
        reader.wait(lambda: not reader.all("#reason:popover-open"), "the reason closed")
        webdriver.ActionChains(reader.browser).move_to_element(reader.find(".list .why")).perform()
        reader.wait(lambda: reader.all("#reason:popover-open"), "a reason by mouse")
    with check("report-permalink"), Reader(path) as reader:
        link = reader.all(".list .when")[5]
        fragment, identity = reader.js("return [arguments[0].hash, arguments[0].closest('article').dataset.at]", link)
        with Reader(path, fragment=fragment) as other:
            same(other.js("return document.activeElement.dataset.at"), identity, "the comment of the link")
        reader.search("données")
        address, counted = reader.js("return location.hash"), reader.counted()
        with Reader(path, fragment=address) as other:
            same(other.counted(), counted, "matches of the address")


def answers(path):
    """Links to what a comment answers, within a search and out of it."""
    comments = data_of(path)["comments"]

    def reply(word, answers_one):
        """How many comments have the word, and one of them in answer to one that has it, or to one that has not."""
        hits = {at for at, text in enumerate(comments["text"]) if word in folded(text)}
        return len(hits), *next((at, above) for at in sorted(hits) if (above := comments["parent"][at]) >= 0 and (above in hits) == answers_one)

    def follow(reader, at, above):
        link = reader.find(f"article[data-at='{at}'] a.answers")
        reader.js("arguments[0].scrollIntoView({ block: 'center' })", link)
        link.click()
        reader.wait(lambda: reader.at() == above, "the comment answered")

    with check("report-answers-within"), Reader(path) as reader:
        hits, at, above = reply("deuxieme", True)
        reader.search("deuxième")
        threads = reader.js("return document.querySelector('.threads select').value")
        follow(reader, at, above)
        same((reader.counted(), reader.js("return document.querySelector('#search').value")), (hits, "deuxième"), "matches and the search behind the link")
        same(reader.js("return document.querySelector('.threads select').value"), threads, "the thread chosen")
        with Reader(path, fragment=reader.js("return location.hash")) as other:
            same((other.counted(), other.at()), (hits, above), "matches of the address and its comment")
        reader.browser.back()
        reader.wait(lambda: reader.at() == at, "the comment before")
        same(reader.counted(), hits, "matches, back again")
    with check("report-answers-back"), Reader(path) as reader:
        everything = reader.counted()
        at = next(at for at, above in enumerate(comments["parent"]) if above >= 0)
        follow(reader, at, comments["parent"][at])
        reader.search("arnaque")
        assert reader.counted() != everything, "the search leaves all: the check itself is broken"
        reader.browser.back()
        reader.wait(lambda: reader.counted() == everything, "all comments, where nothing had been searched for yet")
    with check("report-answers-beyond"), Reader(path) as reader:
        hits, at, above = reply("arnaque", False)
        reader.search("arnaque")
        follow(reader, at, above)
        same(reader.counted(), hits, "matches behind the link to what stands among them")
        reader.find(".above .check input").click()
        follow(reader, at, above)
        same(reader.counted(), comments["thread"].count(comments["thread"][above]), "comments where the search would hide the one answered")


def people():
    """The filters on what people said, against the tables: what the machine left undecided differs from nothing."""
    folder, bare, sheet = WORK / "decided", WORK / "bare", WORK / "people.csv"
    analyze(SAMPLES, "-o", folder, "--coder", "linear", "--min-confidence", "0.97")
    bare.mkdir()
    for name in ("comments.csv", "codings.csv"):
        shutil.copy(folder / name, bare)
    with open(folder / "comments.csv", encoding="utf-8", newline="") as file:
        machine = [row for row in csv.DictReader(file) if row["text"].strip()]
    columns = list(machine[0])
    questions = ["polarity", *columns[columns.index("polarity_score") + 1:columns.index("irony") + 1]]
    # Every third comment is left to the machine alone.
    said = {at: {question: ("negative", "neutral", "positive")[at // 3 % 3] if question == "polarity" else str(int((at + place) % 5 == 0))
                 for place, question in enumerate(questions)} for at in range(len(machine)) if at % 3}
    with open(sheet, "w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, ["thread_id", "comment_id", "coder", *questions])
        lines.writeheader()
        lines.writerows({name: machine[at][name] for name in ("thread_id", "comment_id")} | {"coder": "ana"} | values for at, values in said.items())
    unlike = {at for at, values in said.items() if any(machine[at][name] not in ("", value) for name, value in values.items())}
    undecided = {at for at, values in said.items() if at not in unlike and any(machine[at][name] == "" and value == "1" for name, value in values.items())}
    for source in (folder, bare):
        with check(f"report-people-{source.name}"), Reader(report(source, "en", "--hand", sheet, "--simple-random")) as reader:
            assert unlike and undecided and len(unlike) < len(said), "the study lacks what is checked here"
            reader.choose("coded")
            same(reader.counted(), len(said), "comments that people coded")
            reader.choose("differ")
            same(reader.counted(), len(unlike), "comments of which machine and people say different things")


def unsure(path):
    """A table without its codings: nobody knows how sure the coder was, nor what by."""
    def forget(data):
        for values, places in ((data["comments"]["codings"], (3, 4)), ([[one] for one in data["comments"]["feeling"] if one], (2,))):
            for coding, place in itertools.product(itertools.chain.from_iterable(filter(None, values)), places):
                coding[place] = None

    with check("report-confidence-unknown"), Reader(with_data(path, "unsure", forget)) as reader:
        words = data_of(path)["words"]
        for order in ("sure", "unsure", "thread"):
            reader.choose(order)
            same((reader.counted(), len(reader.all(".list .percent"))), (len(data_of(path)["comments"]["id"]), 0), f"comments and shares, {order}")
        for mark in reader.all(".list .why")[:8]:
            reader.js("arguments[0].scrollIntoView({ block: 'center' }); arguments[0].click()", mark)
            told = [line.text for line in reader.all("#reason:popover-open p.soft")]
            assert told and all(line.startswith(words["coder"].split("{")[0]) for line in told), f"a reason says {told}"
        same(reader.complaints(), [], "complaints of the browser")


def filters(path):
    """The reader's counts against those made here."""
    data = data_of(path)
    comments, labels = data["comments"], [code["label"] for code in data["codes"]]
    of = lambda at: {coding[0] for coding in comments["codings"][at] or []}
    every = range(len(comments["id"]))
    with check("report-filters"), Reader(path) as reader:
        same(reader.counted(), len(every), "comments")
        for code, label in enumerate(labels):
            reader.tick(label)
            same(reader.counted(), sum(code in of(at) for at in every), f"comments with {label}")
            reader.clear()
        one, other = (code for code, _ in collections.Counter(code for at in every for code in of(at)).most_common(2))
        reader.tick(labels[one])
        reader.tick(labels[other])
        same(reader.counted(), sum(bool({one, other} & of(at)) for at in every), "comments with one of two codes")
        reader.js("""document.querySelector(".how input[value=true]").click()""")
        same(reader.counted(), sum({one, other} <= of(at) for at in every), "comments with both codes")
        reader.clear()
        reader.tick(data["words"]["negative"])
        same(reader.counted(), sum(comments["polarity"][at] == -1 for at in every), "negative comments")
        reader.clear()
        author = reader.find(".list button.author")
        name = author.text
        author.click()
        same(reader.counted(), comments["author"].count(name), "comments by one author")
        reader.find(".only button").click()
        same(reader.counted(), len(every), "comments of all authors again")
        shown = reader.shown()
        while reader.all(".pager:not([hidden]) .step:last-child:enabled"):
            reader.js("""document.querySelector(".pager .step:last-child").click()""")
            shown += reader.shown()
        same(sorted(shown), sorted(comments["id"]), "comments on all pages")
    bare = [at for at in every if not of(at) and comments["codings"][at] is not None]

    def uncoded(data):
        data["comments"]["codings"][bare[0]] = None
        data["comments"]["id"][bare[0]] = "c77777"
        data["comments"]["posted"] = ["2024-04-03T06:55:00+02:00" if at == bare[0] else "2024-04-03T06:55:00Z" for at in every]

    with check("report-never-coded"), Reader(with_data(path, "uncoded", uncoded)) as reader:
        reader.tick(data["words"]["noCode"])
        same(reader.counted(), len(bare) - 1, "comments that were coded and carry no code")
        reader.clear()
        reader.search("c77777")
        # What it answers stands above it.
        time = reader.js("""return [...document.querySelectorAll(".list article")]
            .find((article) => article.querySelector(".when").hash.endsWith("c77777")).querySelector("time").textContent""")
        same((reader.counted(), time[-9:]), (1, "UTC+02:00"), "the comment with an id, and its time")


def seen_by_axe(paths):
    with check("report-axe"):
        for (lang, path), width, scheme in itertools.product(paths.items(), (1280, 390), ("light", "dark")):
            with Reader(path, width, scheme) as reader:
                same(reader.axe(), [], f"violations, {lang}, {width} px, {scheme}")
                reader.js("""for (const open of document.querySelectorAll("details")) open.open = true;
                    document.querySelector(".open-filters").click(); document.querySelectorAll(".filters input")[0].click();""")
                same(reader.axe(), [], f"violations with filters and tables open, {lang}, {width} px, {scheme}")


def narrow(path):
    with check("report-phone"), Reader(path, 390) as reader:
        wide, room = reader.js("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= room, f"the page is {wide} px wide on a screen of {room}"
        small = reader.js("""document.querySelector(".open-filters").click();
            return [...document.querySelectorAll("button, select, .check, [type=search]")].filter((one) => one.checkVisibility())
            .map((one) => [one.textContent, one.getBoundingClientRect()]).filter(([, box]) => Math.min(box.width, box.height) < 24)
            .map(([words]) => words)""")
        same(small, [], "buttons too small for a finger")
        same(reader.complaints(), [], "complaints of the browser")


def paper(path):
    with check("report-print"), Reader(path, 794) as reader:
        reader.js("""dispatchEvent(new Event("beforeprint"))""")
        reader.show("light", "print")
        rows = len(data_of(path)["comments"]["id"])
        same(len(reader.all(".list article")), min(rows, 200), "comments on paper")
        assert reader.find(".printed").is_displayed(), "nothing says what is printed"
        same([one.get_attribute("class") for one in reader.all(".contents, .toolbar, .filters, .pager, .cite") if one.is_displayed()], [], "controls on paper")
        wide, room = reader.js("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= room, f"the page is {wide} px wide on paper of {room}"
    with check("report-print-light"), Reader(path) as reader:
        colours = {}
        for scheme, medium in itertools.product(("light", "dark"), ("", "print")):
            reader.show(scheme, medium)
            colours[scheme, medium] = reader.js("""const all = getComputedStyle(document.documentElement), named = [...document.styleSheets[0].cssRules[0].style];
                return [all.backgroundColor, all.color, all.colorScheme, ...named.filter((name) => name.startsWith("--")).map((name) => all.getPropertyValue(name))]""")
        assert colours["light", ""] != colours["dark", ""], "the screen knows no dark"
        same(colours["dark", "print"], colours["light", "print"], "colours on paper of a dark screen")
        same(colours["dark", "print"][:2], ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], "paper and ink")


def odd_threads(path):
    """Chains a hundred thousand deep, and replies in a circle."""
    deep, ring = 100_000, {0: 2, 1: 0, 2: 1}

    def chain(data):
        data["threads"] = [data["threads"][0] | {"id": "t1", "first": 0, "count": deep}]
        for name, values in data["comments"].items():
            data["comments"][name] = (values * (deep // len(values) + 1))[:deep]
        data["comments"] |= {"thread": [0] * deep, "parent": list(range(-1, deep - 1)), "id": [f"c{at}" for at in range(deep)],
                             "text": [f"Réponse {at}" for at in range(deep)], "codings": [[]] * deep, "feeling": [None] * deep}

    def circle(data):
        data["comments"]["parent"][:3] = ring.values()

    with check("report-deep"), Reader(with_data(path, "deep", chain), fragment="#t1/c99990") as reader:
        same((reader.counted(), reader.focused()), (deep, "c99990"), "comments and the one of the link")
        same(reader.complaints(), [], "complaints of the browser")
    with check("report-circle"), Reader(with_data(path, "circle", circle)) as reader:
        ids = data_of(path)["comments"]["id"]
        shown = set(reader.shown())
        assert set(ids[:3]) <= shown, f"of {ids[:3]} in a circle are shown {sorted(shown)}"
        same(reader.counted(), len(ids), "comments")


def many(count=50_000):
    """Times as a reader feels them: until the first paint, and until a filter has changed what is drawn."""
    sayings = itertools.cycle(TEXTS[:7] + TEXTS[11:])
    path = report(study("many", [f"{next(sayings)} ({number})" for number in range(count)]), "fr")
    with check("report-50000"), Reader(path) as reader:
        same(reader.counted(), count, "comments")
        paint = reader.js("""return performance.getEntriesByName("first-contentful-paint")[0].startTime""")
        # Texts are folded behind the first view.
        time.sleep(5)
        took = reader.js("""
            const took = {}, change = (field, value) => { field.value = value; field.dispatchEvent(new Event("change")); };
            const time = (name, act) => { const from = performance.now(); act(); document.body.offsetHeight; took[name] = performance.now() - from; };
            const boxes = document.querySelectorAll(".filters [type=checkbox]"), order = document.querySelector(".above select");
            const clear = () => document.querySelector(".filters .clear").click();
            time("code", () => boxes[0].click()); time("second code", () => boxes[1].click()); time("clear", clear);
            for (const value of ["new", "sure", "thread"]) time(value, () => change(order, value));
            for (const field of document.querySelectorAll(".selects select")) { time(field.labels[0].textContent, () => change(field, field.options[1].value)); clear(); }
            return took;""")
        searched = reader.js("""
            const field = document.querySelector("#search"), counted = document.querySelector(".counted"), from = performance.now();
            return new Promise((done) => {
              new MutationObserver(() => setTimeout(() => done(performance.now() - from))).observe(counted, { childList: true, characterData: true, subtree: true });
              field.value = "coeur revendront"; field.dispatchEvent(new Event("input"));
            });""")
        took |= {"search": searched - 120}
        print(f"# first paint {paint:.0f} ms, " + ", ".join(f"{name[:24]} {spent:.0f} ms" for name, spent in took.items()), flush=True)
        assert paint < 2_000, f"the first paint came after {paint:.0f} ms"
        slow = {name: round(spent) for name, spent in took.items() if spent >= 200}
        same(slow, {}, "filters that take 200 ms or more")
        same(reader.complaints(), [], "complaints of the browser")


def main():
    folder = study("study", TEXTS, [f"{text} Deuxième fil." for text in TEXTS[1:9]], [f"{text} ({number})" for number in range(20) for text in TEXTS[11:]])
    paths = {lang: report(folder, lang) for lang in ("fr", "en")}
    quiet(paths)
    texts(folder, paths["fr"])
    keyboard(paths["fr"])
    answers(paths["fr"])
    people()
    unsure(paths["fr"])
    filters(paths["fr"])
    seen_by_axe(paths)
    narrow(paths["fr"])
    paper(paths["fr"])
    odd_threads(paths["fr"])
    many()


if __name__ == "__main__":
    main()
