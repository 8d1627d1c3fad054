"""The roads to one live thread: analyze, analyze of the archive it left, and fetch with analyze of that archive."""

import hashlib

from command import WORK, rows, run
from verdict import check, same, same_keys


def key():
    path = WORK / "author.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("07" * 32 + "\n")
    return path


def paired(name, site, folder, public):
    """The rows of a comments.csv, each with what the server's database has under its id; the ids of the two compared."""
    table = {}
    with check(f"{site}-{name}-ids"):
        header, body = rows(folder / "comments.csv")
        table = {row["comment_id"]: row for row in (dict(zip(header, line)) for line in body)}
        same(len(table), len(body), "rows with an id of their own")
        assert len(public) >= 150, f"only {len(public)} public comments: the check itself is broken"
        same_keys(table, {f"c{number}" for number in public}, "comment ids")
        same({row["site"] for row in table.values()}, {site}, "site")
        assert len({row["thread_id"] for row in table.values()}) == 1, "one thread became several"
    return [(table[f"c{number}"], row) for number, row in public.items() if f"c{number}" in table]


def none_differ(known, what, got, expected):
    """For all pairs what the table says is what the database has."""
    wrong = [f"{row['comment_id']}: {got(row)!r} for {expected(stored)!r}" for row, stored in known
             if got(row) != expected(stored)]
    assert not wrong, f"{what}: {len(wrong)} of {len(known)} differ: " + "; ".join(wrong[:5])


def live(name, url, *options):
    """Analyzes an address into WORK/NAME/; whether there are tables."""
    folder = WORK / name
    with check(f"{name}-exit"):
        done = run("analyze", url, "--allow-private", "--interval", 0, "--authors", "keep", "--author-key", key(),
                   "--coder", "rules", "-o", f"{folder}/", *options)
        same(done.returncode, 0, f"exit code ({done.stderr.decode()[-400:]})")
        assert (folder / "comments.csv").is_file(), "no comments.csv"
    return (folder / "comments.csv").is_file()


def tables(folder):
    """Name → digest of every table of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))}


def compare_roads(name, url):
    """The archive beside the tables, and that of `fetch`, give the very table that the live run gave."""
    with check(f"{name}-archive-again"):
        first, again = WORK / f"{name}-live", WORK / f"{name}-again"
        archive = first / "archive.warc.gz"
        assert archive.is_file(), f"no archive among {sorted(path.name for path in first.iterdir())}"
        for policy in ("keep", "pseudonym"):
            if policy == "pseudonym":
                first, again = WORK / f"{name}-pseudonym", WORK / f"{name}-pseudonym-again"
                done = run("analyze", url, "--allow-private", "--interval", 0, "--author-key", key(), "--coder", "rules",
                           "-o", f"{first}/")
                same(done.returncode, 0, f"exit code of the live run ({done.stderr.decode()[-400:]})")
                archive = first / "archive.warc.gz"
            done = run("analyze", archive, "--authors", policy, "--author-key", key(), "--coder", "rules", "-o", f"{again}/")
            same(done.returncode, 0, f"exit code ({done.stderr.decode()[-400:]})")
            same(tables(again), tables(first), f"tables of the archive, authors {policy}")
    with check(f"{name}-fetch"):
        archive, from_archive = WORK / f"{name}-archive", WORK / f"{name}-from-archive"
        done = run("fetch", url, "--allow-private", "--interval", 0, "-o", archive)
        same(done.returncode, 0, f"exit code of fetch ({done.stderr.decode()[-400:]})")
        header, body = rows(archive / "addresses.csv")
        same([dict(zip(header, row))["state"] for row in body], ["done"], "states in addresses.csv")
        done = run("analyze", archive, "--authors", "keep", "--author-key", key(), "--coder", "rules", "-o",
                   f"{from_archive}/")
        same(done.returncode, 0, f"exit code of analyze ({done.stderr.decode()[-400:]})")
        header, there = rows(from_archive / "comments.csv")
        same(header, rows(WORK / f"{name}-live" / "comments.csv")[0], "columns")
        here = rows(WORK / f"{name}-live" / "comments.csv")[1]
        same(len(there), len(here), "rows")
        for live_row, row in zip(here, there):
            for column, before, after in zip(header, live_row, row):
                if column != "fetched_at":
                    same(after, before, f"{column} of {row[header.index('comment_id')]}")
