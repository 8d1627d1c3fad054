use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::table::{Sheet, SheetError};

/// What other programs call what, from a file.
static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/text/tables.toml")).expect("a test reads the forms of tables")
});

#[derive(Deserialize)]
struct Known {
    form: Vec<Form>,
    names: HashMap<Field, Vec<String>>,
}

/// The table of one program.
#[derive(Deserialize)]
struct Form {
    name: String,
    /// Columns that all have to be there.
    needs: Vec<String>,
    columns: HashMap<Field, String>,
}

/// What a column of comments holds; each is called like causerie's own column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The comment.
    Text,
    /// What keeps the comments of one discussion together.
    ThreadId,
    /// What the comment is known by in its thread.
    CommentId,
    /// The comment it answers.
    ReplyTo,
    /// Who wrote it.
    Author,
    /// When.
    PostedAt,
    /// Votes or likes.
    Votes,
    /// The comment's own address.
    Permalink,
    /// Headline of the article.
    ArticleTitle,
    /// Address of the article.
    ArticleUrl,
}

impl Field {
    const ALL: [Self; 10] = [
        Self::Text,
        Self::ThreadId,
        Self::CommentId,
        Self::ReplyTo,
        Self::Author,
        Self::PostedAt,
        Self::Votes,
        Self::Permalink,
        Self::ArticleTitle,
        Self::ArticleUrl,
    ];

    /// Causerie's column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::ThreadId => "thread_id",
            Self::CommentId => "comment_id",
            Self::ReplyTo => "reply_to",
            Self::Author => "author",
            Self::PostedAt => "posted_at",
            Self::Votes => "votes",
            Self::Permalink => "permalink",
            Self::ArticleTitle => "article_title",
            Self::ArticleUrl => "article_url",
        }
    }
}

/// Which column of a table holds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The program whose table it is, if it is known: `4CAT`; `causerie` for one's own.
    pub form: Option<String>,
    /// How dates are written, where they are neither ISO 8601 nor seconds: as strftime has it, `%d/%m/%Y %H:%M`.
    pub date_format: Option<String>,
    /// Whether causerie's other columns (the article's body, the state of a comment …) mean what they mean in its own tables.
    pub(super) has_facts: bool,
    names: HashMap<Field, String>,
}

impl Columns {
    /// Those of causerie's own tables, the texts in a column of this name.
    pub fn ours(text: &str) -> Self {
        let mut names: HashMap<Field, String> =
            Field::ALL.into_iter().map(|field| (field, field.as_str().to_owned())).collect();
        names.insert(Field::Text, text.to_owned());
        Self { form: Some("causerie".to_owned()), date_format: None, has_facts: true, names }
    }

    /// Those of a table, by the names it has; `named` goes before what is recognised.
    ///
    /// # Errors
    /// [`SheetError::Missing`] if a named column is not there, [`SheetError::NoText`] if none is called as texts are.
    pub fn recognised(sheet: &Sheet, named: &[(Field, String)]) -> Result<Self, SheetError> {
        for (_, name) in named {
            sheet.check(name)?;
        }
        let is_ours = ["thread_id", "comment_id", "text", "own_text"].iter().all(|name| sheet.has(name));
        let form = KNOWN.form.iter().find(|form| form.needs.iter().all(|name| sheet.has(name)));
        let mut made = match form {
            _ if is_ours => Self::ours("text"),
            Some(form) => {
                let (form, names) = (Some(form.name.clone()), form.columns.clone());
                Self { form, date_format: None, has_facts: false, names }
            }
            None => Self { form: None, date_format: None, has_facts: false, names: by_likely_names(sheet, named) },
        };
        made.names.retain(|_, name| sheet.has(name));
        made.names.extend(named.iter().cloned());
        if !made.names.contains_key(&Field::Text) {
            return Err(SheetError::NoText { path: sheet.path().to_owned(), known: sheet.names().join(", ") });
        }
        // What has another article is another discussion, whether or not a column says so.
        let article =
            [Field::ArticleUrl, Field::ArticleTitle].into_iter().find_map(|field| made.names.get(&field).cloned());
        if let (None, false, Some(article)) = (&made.form, made.names.contains_key(&Field::ThreadId), article) {
            made.names.insert(Field::ThreadId, article);
        }
        Ok(made)
    }

    /// The same for a hand-coded table: where it is no other program's, columns of causerie's mean the same there; `others` (codes,
    /// whatever they are called) hold none of a comment's fields.
    #[must_use]
    pub fn with_facts(mut self, others: &[&str]) -> Self {
        self.has_facts |= self.form.is_none();
        self.names.retain(|_, name| !others.contains(&name.as_str()));
        self
    }

    /// Whether a field was found under another name than causerie's.
    pub fn has_other_names(&self) -> bool {
        self.names.iter().any(|(field, name)| field.as_str() != name)
    }

    /// The column that holds it.
    pub fn of(&self, field: Field) -> Option<&str> {
        self.names.get(&field).map(String::as_str)
    }

    /// Columns of the table of which nothing is made.
    pub fn unused(&self, sheet: &Sheet) -> Vec<String> {
        let taken = |name: &String| self.names.values().any(|known| known == name);
        sheet.names().into_iter().filter(|name| !taken(name)).collect()
    }

    /// What was recognised, causerie's name first: `text = body, author = user`.
    pub fn told(&self) -> String {
        let told = Field::ALL.into_iter().filter_map(|field| Some(format!("{} = {}", field.as_str(), self.of(field)?)));
        told.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn cells(&self, sheet: &Sheet, field: Field) -> Result<Vec<Option<String>>, SheetError> {
        self.of(field).map_or_else(|| Ok(vec![None; sheet.rows()]), |name| sheet.maybe(name))
    }
}

/// A name without case and accents; blanks, hyphens, full stops and apostrophes as `_`.
fn plain(name: &str) -> String {
    let letters = name.trim().nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    letters.map(|letter| if matches!(letter, ' ' | '\u{a0}' | '-' | '.' | '\'' | '’') { '_' } else { letter }).collect()
}

/// For each field the likeliest column that no other field has taken.
fn by_likely_names(sheet: &Sheet, named: &[(Field, String)]) -> HashMap<Field, String> {
    let there: Vec<(String, String)> = sheet.names().into_iter().map(|name| (plain(&name), name)).collect();
    let mut taken: Vec<&str> = named.iter().map(|(_, name)| name.as_str()).collect();
    let mut names = HashMap::new();
    for field in Field::ALL {
        let likely = KNOWN.names.get(&field).into_iter().flatten();
        let found = likely.filter_map(|name| there.iter().find(|(plain, _)| plain == name));
        if let Some((_, name)) = found.into_iter().find(|(_, name)| !taken.contains(&name.as_str())) {
            taken.push(name);
            names.insert(field, name.clone());
        }
    }
    names
}

/// The likeliest of some names for a field.
pub(crate) fn likeliest<'a>(field: Field, names: &[&'a str]) -> Option<&'a str> {
    let mut likely = KNOWN.names.get(&field).into_iter().flatten();
    likely.find_map(|known| names.iter().find(|name| plain(name) == *known).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(head: &str, named: &[(Field, String)]) -> Result<Columns, SheetError> {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), format!("{head}\n")).unwrap();
        Columns::recognised(&Sheet::read(file.path()).unwrap(), named)
    }

    #[test]
    fn tables_of_known_programs_are_recognised() {
        for (head, form, parent) in [
            ("id,thread_id,author,body,timestamp", "4CAT", None),
            (
                "video_id,comment_id,author_name,text,parent_comment_id",
                "minet, YouTube comments",
                Some("parent_comment_id"),
            ),
            ("tree_id,post_id,parent_id,author_id,text,created_at", "delab", Some("parent_id")),
            ("id,conversation_id,text,speaker,reply-to,timestamp", "ConvoKit", Some("reply-to")),
            ("thread_id,comment_id,reply_to,text,own_text", "causerie", Some("reply_to")),
        ] {
            let columns = recognised(head, &[]).unwrap();
            assert_eq!((columns.form.as_deref(), columns.of(Field::ReplyTo)), (Some(form), parent), "{head}");
        }
    }

    #[test]
    fn likely_names_do_where_no_form_fits() {
        let columns = recognised("Id,Auteur,Texte,Date", &[]).unwrap();
        assert_eq!(columns.form, None);
        assert_eq!(columns.told(), "text = Texte, comment_id = Id, author = Auteur, posted_at = Date");
        let columns = recognised("id,body,reply", &[(Field::ReplyTo, "reply".to_owned())]).unwrap();
        assert_eq!(columns.of(Field::ReplyTo), Some("reply"));
    }

    #[test]
    fn headers_in_the_languages_of_europe_are_known() {
        let fields = "text, thread_id, comment_id, reply_to, author, posted_at, article_title";
        for head in [
            "Numéro,Fil,En réponse à,Pseudo,Publié le,Titre de l’article,Commentaire",
            "N°,Discussion,Réponse à,Auteur,Date de publication,Titre,Message",
            "Identifiant,Fil de discussion,Répond à,Auteur,Date,Titre de l'article,Texte",
            "Nr.,Diskussion,Antwort auf,Verfasserin,Veröffentlicht am,Überschrift,Beitrag",
            "Número,Hilo,En respuesta a,Usuario,Fecha de publicación,Título del artículo,Comentario",
            "Numero,Discussione,In risposta a,Utente,Pubblicato il,Titolo dell'articolo,Commento",
            "Número,Discussão,Em resposta a,Autora,Publicado em,Título,Comentário",
        ] {
            let told = recognised(head, &[]).unwrap().told();
            let names: Vec<&str> = told.split(", ").filter_map(|pair| pair.split(" = ").next()).collect();
            assert_eq!(names.join(", "), fields, "{head}: {told}");
        }
        // What every name says is one thing only, and it is written as names are compared.
        let mut all: Vec<&String> = KNOWN.names.values().flatten().collect();
        assert!(all.iter().all(|name| plain(name) == **name));
        let many = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), many);
    }

    #[test]
    fn comments_under_several_headlines_are_several_discussions() {
        assert_eq!(recognised("id,text,title", &[]).unwrap().of(Field::ThreadId), Some("title"));
        assert_eq!(recognised("id,text,title,thread", &[]).unwrap().of(Field::ThreadId), Some("thread"));
        assert_eq!(recognised("id,text", &[]).unwrap().of(Field::ThreadId), None);
    }

    #[test]
    fn a_table_without_texts_is_refused_by_its_columns() {
        let error = recognised("id,when", &[]).unwrap_err().to_string();
        assert!(error.contains("--text") && error.contains("there are id, when"), "{error}");
        assert!(recognised("id,text", &[(Field::Author, "who".to_owned())]).is_err());
    }
}
