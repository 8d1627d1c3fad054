"""Authors and texts of the discussions that the checks write into real servers. All are machine-written."""

import itertools

# None writes without a name.
AUTHORS = ["Léa Fontaine", "bob", None, "Zoé 🌻", "O'Brien & fils", "Jean-Michel D.", None, "Noël <3", "李雷", "anonyme",
           "Ångström", "Marie \"la Rousse\"", "x", "Дмитрий"]

OPENINGS = (
    "Franchement, je n'y crois pas une seconde.",
    "Thanks for this, it is the first article that names the buyers.",
    "Et le consentement, il est où ? Nulle part ! 😡",
    "I work in advertising and can confirm most of it.",
    "« Vos données sont en sécurité », qu'ils disent…",
    "My bank does the same, and calls it a service.",
    "Bravo pour l'enquête 👏👏 — on en veut d'autres.",
    "Two euros a month? For everything I read?",
    "J'ai demandé mes données : 400 pages, dont mes trajets.",
    "Nothing new here: we knew it in 2018.",
    "Ça coûte combien, un carnet d'adresses ?",
)

# What a writer may do in Markdown; `{n}` makes every text one of its own.
SHAPES = (
    "{opening} (n° {n})",
    "{opening}\n\nUn deuxième paragraphe, avec de l'**importance** et de l'*élégance* ({n}).",
    "> {opening}\n\nNot so. Number {n} says otherwise.",
    "{opening} Voir [le rapport](https://example.org/rapport?n={n}&lang=fr) pour les chiffres.",
    "{opening}\n\nhttps://example.com/source/{n}",
    "{opening} J'ai lancé `grep -c '<tracker>' page{n}.html` : 42.",
    "{opening}\n\n```\nfor site in {{1..{n}}}; do\n    curl -s \"$site\" | wc -c\ndone\n```",
    "{opening}\n\n- le prix\n- la date\n- numéro {n}",
    "{opening}\nSame paragraph, another line.\nEt une troisième ({n}).",
    "{opening} 5 < {n} && {n} > 3, & ça ne casse rien : <b>pas en gras</b>.",
    "{opening} 👩‍👩‍👧‍👦 🇫🇷 ✅ — ligature œuf, « guillemets » et espaces insécables ! {n}",
    "> > Le tout premier l'a dit.\n>\n> {opening}\n\nD'accord avec vous deux, {n} fois.",
    "{opening} ~~Non~~ Oui, {n} %.",
)


def texts(count):
    """So many texts, no two alike."""
    shapes, openings = itertools.cycle(SHAPES), itertools.cycle(OPENINGS)
    for number in range(1, count + 1):
        yield next(shapes).format(opening=next(openings), n=number)
