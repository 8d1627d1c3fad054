"""What a reader sees of a comment's HTML, and instants, as the checks compare them with the tables."""

import datetime
import html.parser
import re

BLOCKS = {"p", "div", "blockquote", "ul", "ol", "li", "pre", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}


class Reader(html.parser.HTMLParser):
    """A comment's HTML as a reader sees it: paragraphs apart, line breaks kept, pictures by their alt text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out = []
        self.kept = 0

    def handle_starttag(self, tag, attrs):
        if tag in BLOCKS:
            self.out.append("\n\n")
        elif tag == "br":
            self.out.append("\n")
        elif tag == "img":
            self.out.append(dict(attrs).get("alt") or "")
        self.kept += tag == "pre"

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self.out.append("\n\n")
        self.kept -= tag == "pre"

    def handle_data(self, data):
        # Line ends of the source are spaces; a reader sees breaks only where tags make them, and in <pre>.
        self.out.append(data if self.kept else re.sub(r"\s+", " ", data))


def plain(text):
    """Spaces of all kinds as one space, at most one empty line: what differs between two honest readers."""
    text = re.sub(r"[^\S\n]+", " ", text.replace("\r\n", "\n"))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", text)).strip()


def words(text):
    """The text without regard to where its lines break."""
    return " ".join(text.split())


def as_read(source):
    reader = Reader()
    reader.feed(source)
    reader.close()
    return plain("".join(reader.out))


def instant(text):
    """An ISO 8601 time with an offset as an instant."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    assert moment.tzinfo is not None, f"{text!r} has no offset"
    return moment.astimezone(datetime.timezone.utc)
