//! The words around comments in copied text (`data/text/pasted.toml`).

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use serde::Deserialize;

use crate::model::CommentState;
use crate::text::dates::tells_membership;
use crate::text::fold;

#[derive(Deserialize)]
pub(super) struct Words {
    badges: HashSet<String>,
    answers: HashSet<String>,
    posted: HashSet<String>,
    sorters: HashSet<String>,
    card_labels: HashSet<String>,
    deleted: HashSet<String>,
    deleted_forms: Forms,
    hidden: HashSet<String>,
    hidden_forms: Forms,
    pending: HashSet<String>,
    pending_forms: Forms,
    reasons: Tails,
    nobody: HashSet<String>,
    footer_heads: Vec<String>,
    subjects: Vec<String>,
    sections: HashSet<String>,
    related: HashSet<String>,
    closed: HashSet<String>,
    ways_to_comments: HashSet<String>,
    navigation: HashSet<String>,
    navigation_forms: Forms,
    tallies: HashSet<String>,
    thousands: HashSet<String>,
}

pub(super) static PRINTED: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/text/pasted.toml"))
        .expect("data/text/pasted.toml is compiled in and read by a test")
});

/// Patterns of which one may describe a whole folded line.
#[derive(Deserialize)]
#[serde(try_from = "Vec<String>")]
struct Forms(RegexSet);

impl TryFrom<Vec<String>> for Forms {
    type Error = regex::Error;

    fn try_from(patterns: Vec<String>) -> Result<Self, regex::Error> {
        RegexSet::new(patterns.iter().map(|pattern| format!("^(?:{pattern})[.]?$"))).map(Self)
    }
}

/// Patterns of which one may describe the end of a folded line.
#[derive(Deserialize)]
#[serde(try_from = "Vec<String>")]
struct Tails(Regex);

impl TryFrom<Vec<String>> for Tails {
    type Error = regex::Error;

    fn try_from(patterns: Vec<String>) -> Result<Self, regex::Error> {
        Regex::new(&format!(",? (?:{})[.!]?$", patterns.join("|"))).map(Self)
    }
}

/// Without the marks around a word.
fn core(folded: &str) -> &str {
    folded.trim_matches(|c: char| !c.is_alphanumeric())
}

impl Words {
    /// Whether a whole line is a role or rank: "Modérateur", "Junior Member".
    pub(super) fn is_badge(&self, line: &str) -> bool {
        line.len() <= 40 && self.badges.contains(core(&fold(line)))
    }

    /// Whether a whole line is part of a writer's card: "Messages : 12", "Joined: Mar 2010", a rank.
    pub(super) fn is_card(&self, line: &str) -> bool {
        let line = line.trim();
        if line.is_empty() || line.len() > 80 {
            return false;
        }
        let folded = fold(line);
        let label = folded.split([':', '\t']).next().unwrap_or_default();
        let label = label.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || matches!(c, ',' | '.'));
        let has_value = folded.contains(':') || folded.bytes().any(|b| b.is_ascii_digit());
        self.badges.contains(core(&folded))
            || (has_value && self.card_labels.contains(label))
            || (has_value && tells_membership(line))
    }

    /// Whether a line holds a button that answers a comment, perhaps among others: "J’aime · Répondre · 3 sem".
    pub(super) fn answers(&self, line: &str) -> bool {
        line.len() <= 80
            && fold(line)
                .split(['·', '•', '|', '\t'])
                .any(|piece| self.answers.contains(piece.trim_matches(|c: char| !c.is_alphabetic())))
    }

    /// Whether words stand before "by": "Posté", "Message".
    pub(super) fn is_posted(&self, words: &str) -> bool {
        words.len() <= 40 && self.posted.contains(core(&fold(words)))
    }

    /// Whether a whole line says how comments are sorted: "Newest", "Sort by: best".
    pub(super) fn is_sorter(&self, line: &str) -> bool {
        line.len() <= 60
            && fold(line).split(':').map(core).all(|piece| piece.is_empty() || self.sorters.contains(piece))
            && line.contains(char::is_alphabetic)
    }

    /// Whether a whole line is a label of a card whose value stands on the next: "Joined", "Messages".
    pub(super) fn is_card_label(&self, line: &str) -> bool {
        line.len() <= 40 && self.card_labels.contains(fold(line).trim_matches(|c: char| c.is_whitespace() || c == ':'))
    }

    /// A name without the badge glued to it, as "Gaëlle42Épinglé".
    pub(super) fn without_glued_badge<'a>(&self, name: &'a str) -> &'a str {
        let capitals = name.char_indices().skip(1).filter(|(_, c)| c.is_uppercase());
        for (at, _) in capitals {
            let after_lower = name[..at].ends_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
            if after_lower && self.badges.contains(fold(&name[at..]).as_str()) {
                return &name[..at];
            }
        }
        name
    }

    /// What became of a comment of which only this is printed.
    pub(super) fn state(&self, text: &str) -> CommentState {
        if text.len() > 200 {
            return CommentState::Visible;
        }
        let folded = fold(text.trim());
        // Longer ones go on with the rules of the house.
        let begins = |phrases: &HashSet<String>| {
            phrases.iter().any(|phrase| phrase.len() > 30 && folded.starts_with(phrase.as_str()))
        };
        let bare = self.reasons.0.find(&folded).map_or(folded.as_str(), |reason| &folded[..reason.start()]);
        let is = |phrases: &HashSet<String>, forms: &Forms| {
            phrases.contains(&folded) || [folded.as_str(), bare].iter().any(|said| forms.0.is_match(said))
        };
        if is(&self.deleted, &self.deleted_forms) || begins(&self.deleted) {
            CommentState::Deleted
        } else if is(&self.hidden, &self.hidden_forms) {
            CommentState::Hidden
        } else if self.is_pending(text) {
            CommentState::Pending
        } else {
            CommentState::Visible
        }
    }

    /// Whether a whole line says that the comment awaits moderation.
    pub(super) fn is_pending(&self, line: &str) -> bool {
        let folded = fold(line.get(..line.floor_char_boundary(200)).unwrap_or_default().trim());
        line.len() <= 200 && (self.pending.contains(&folded) || self.pending_forms.0.is_match(&folded))
    }

    /// Whether a name says that there is none.
    pub(super) fn is_nobody(&self, name: &str) -> bool {
        self.nobody.contains(fold(name.trim()).as_str())
    }

    /// Whether a line begins as those of a page's foot do.
    pub(super) fn is_foot(&self, line: &str) -> bool {
        let folded = fold(line.get(..line.floor_char_boundary(60)).unwrap_or_default().trim());
        self.footer_heads.iter().any(|head| folded.starts_with(head.as_str()))
    }

    /// Whether a whole line says that comments follow: "Comments section".
    pub(super) fn is_section(&self, line: &str) -> bool {
        line.len() <= 60 && self.sections.contains(core(&fold(line)))
    }

    /// Whether a whole line says that other articles follow: "À lire aussi".
    pub(super) fn is_related(&self, line: &str) -> bool {
        line.len() <= 60 && self.related.contains(core(&fold(line)))
    }

    /// Whether a whole line says that no more comments are taken.
    pub(super) fn is_closed(&self, line: &str) -> bool {
        line.len() <= 80 && self.closed.contains(core(&fold(line)))
    }

    /// Whether a whole line leads to the comments: "Go to comments".
    pub(super) fn is_way_to_comments(&self, line: &str) -> bool {
        line.len() <= 60 && self.ways_to_comments.contains(core(&fold(line)))
    }

    /// Whether a whole line leads around the page, or says which part of it this is.
    pub(super) fn is_navigation(&self, line: &str) -> bool {
        line.len() <= 80 && {
            let folded = fold(line.trim());
            self.navigation.contains(core(&folded)) || self.navigation_forms.0.is_match(&folded)
        }
    }

    /// Whether a line counts shares, views or readers, perhaps in thousands, or is a number in thousands: "88 partages",
    /// "88K views", "1.1K"; a date may follow.
    pub(super) fn is_tally(&self, line: &str) -> bool {
        let line = line.trim();
        if line.len() > 60 || !line.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let folded = fold(line);
        let rest =
            folded.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ','));
        let mut words = rest.split_whitespace().peekable();
        let in_thousands = words.next_if(|word| self.thousands.contains(*word)).is_some();
        match words.next_if(|word| !matches!(*word, "de" | "di")).or_else(|| words.nth(1)) {
            Some(noun) => self.tallies.contains(core(noun)),
            None => in_thousands,
        }
    }

    /// Whether a line is an answer's subject: "Re: Titre".
    pub(super) fn is_subject(&self, line: &str) -> bool {
        let head = fold(line.get(..line.floor_char_boundary(12)).unwrap_or_default().trim_start());
        line.len() <= 200 && self.subjects.iter().any(|subject| head.starts_with(subject.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_and_navigation() {
        for line in [
            "88 partages",
            "88K views",
            "1.1K",
            "5,2 k",
            "1,2 mil",
            "212,004 views  Mar 4, 2022",
            "3 Mio. Aufrufe",
            "1 M de vues",
        ] {
            assert!(PRINTED.is_tally(line), "{line}");
        }
        for line in ["42", "12 mars", "3 ans de vues", "2 000 euros", "6K mais en vrai", "vues", "", "1984"] {
            assert!(!PRINTED.is_tally(line), "{line}");
        }
        for line in ["Skip to main content", "3 messages • Page 1 sur 1", "Page 2 of 14", "Seite 1 von 3"] {
            assert!(PRINTED.is_navigation(line), "{line}");
        }
        for line in ["Page 12 of the report is missing", "A page of one’s own"] {
            assert!(!PRINTED.is_navigation(line), "{line}");
        }
    }

    #[test]
    fn sentences_of_moderators_are_told_from_what_people_write() {
        for (text, state) in [
            ("Ce commentaire a été supprimé par un modérateur.", CommentState::Deleted),
            ("Commentaire supprimé par la modération", CommentState::Deleted),
            ("This comment was deleted by its author", CommentState::Deleted),
            ("Dieser Kommentar wurde von der Redaktion entfernt.", CommentState::Deleted),
            ("Este comentario ha sido borrado por un moderador.", CommentState::Deleted),
            ("Il commento è stato rimosso dalla moderazione.", CommentState::Deleted),
            ("O comentário foi removido pelo moderador.", CommentState::Deleted),
            ("Ce commentaire a été modéré.", CommentState::Hidden),
            ("Votre commentaire est en attente de modération.", CommentState::Pending),
            ("Ce commentaire a été supprimé par un modérateur, c’est honteux.", CommentState::Visible),
            ("Mon commentaire a été supprimé par la modération.", CommentState::Visible),
            ("Message supprimé par qui ?", CommentState::Visible),
            ("Le message a été compris.", CommentState::Visible),
            ("The post was deleted!", CommentState::Visible),
            ("The message was deleted because the minister fears the reports.", CommentState::Visible),
            ("Le message a été retiré car le ministre connaît les règles.", CommentState::Visible),
            ("Der Beitrag wurde gelöscht, weil die Partei keine Regeln kennt.", CommentState::Visible),
            ("Publication retirée pour avoir dit que les règles sont absurdes", CommentState::Visible),
            ("Ce commentaire est censuré", CommentState::Visible),
            ("Le message est caché.", CommentState::Visible),
            ("Ce commentaire a été supprimé car il ne respecte pas la charte.", CommentState::Deleted),
            ("Message retiré pour non-respect des règles de la communauté.", CommentState::Deleted),
            ("Commentaire retiré par son auteur", CommentState::Deleted),
            ("Contenu masqué par la modération", CommentState::Hidden),
            ("This comment was removed because it didn't follow our community guidelines.", CommentState::Deleted),
            ("This comment has been hidden due to low rating.", CommentState::Hidden),
            ("Entfernt. Bitte verzichten Sie auf Unterstellungen. Die Redaktion/cb", CommentState::Deleted),
            ("Dieser Kommentar wurde entfernt, weil er gegen die Netiquette verstößt.", CommentState::Deleted),
            ("comentario oculto por votos negativos", CommentState::Hidden),
            ("Comentario eliminado por incumplir las normas de participación.", CommentState::Deleted),
            ("Il commento è stato rimosso perché viola il regolamento.", CommentState::Deleted),
            ("O comentário foi removido por violar as regras da comunidade.", CommentState::Deleted),
            ("En attente de modération", CommentState::Pending),
            ("Ce commentaire a été supprimé car il dérangeait.", CommentState::Visible),
            ("Ce commentaire a été supprimé car il citait la charte, bande de lâches.", CommentState::Visible),
            ("Mon commentaire a été supprimé car il ne respecte pas la charte.", CommentState::Visible),
            ("This comment was removed because you are afraid of it.", CommentState::Visible),
            ("The post was deleted for no reason, read the rules: nothing forbids it", CommentState::Visible),
            ("Entfernt. Bitte, warum?", CommentState::Visible),
            ("Entfernt die Bäume, dann sieht man die Regeln.", CommentState::Visible),
            ("El comentario oculto por todos es que no hay dinero.", CommentState::Visible),
            ("En attente de modération depuis trois jours, bravo.", CommentState::Visible),
            ("Contenu masqué par la fumée", CommentState::Visible),
        ] {
            assert_eq!(PRINTED.state(text), state, "{text}");
        }
    }
}
