//! What words mean in dates (`data/text/dates.toml`).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::relative::Unit;

/// All a word may mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Word {
    pub(super) month: Option<i8>,
    /// Monday is 1.
    pub(super) weekday: Option<i8>,
    pub(super) unit: Option<Unit>,
    pub(super) count: Option<i64>,
    pub(super) zone: Option<Zone>,
    roles: u32,
}

/// What the name of a time zone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Minutes east of Greenwich.
    Offset(i32),
    /// The name has several: CST is American, Cuban and Chinese.
    Unsure,
}

impl Zone {
    pub(super) fn offset(self) -> Option<i32> {
        match self {
            Self::Offset(minutes) => Some(minutes),
            Self::Unsure => None,
        }
    }
}

/// A role of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Opener,
    Filler,
    Label,
    By,
    HourMark,
    BeforeHours,
    BeforeNoon,
    AfterNoon,
    Today,
    Yesterday,
    BeforeYesterday,
    Before,
    Ago,
    About,
    Few,
    Last,
    Elsewhere,
    Edited,
    EditCount,
}

impl Word {
    pub(super) fn is(self, role: Role) -> bool {
        self.roles & (1 << role as u32) != 0
    }

    /// Whether the word may stand in a date that is a whole line without being part of it.
    pub(super) fn is_beside(self) -> bool {
        [Role::Opener, Role::Filler, Role::Label].into_iter().any(|role| self.is(role))
    }
}

pub(super) struct Words {
    meanings: HashMap<String, Word>,
    pub(super) now: HashSet<String>,
    /// Longest first.
    pub(super) edits: Vec<String>,
    pub(super) edit_acts: Vec<String>,
}

impl Words {
    pub(super) fn get(&self, folded: &str) -> Option<Word> {
        self.meanings.get(folded).copied()
    }
}

#[derive(Deserialize)]
struct File {
    months: HashMap<String, Vec<String>>,
    weekdays: HashMap<String, Vec<String>>,
    units: HashMap<Unit, Vec<String>>,
    counts: HashMap<String, Vec<String>>,
    words: Roles,
    phrases: Phrases,
    zones: HashMap<String, i32>,
    unsure_zones: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Roles {
    openers: Vec<String>,
    fillers: Vec<String>,
    labels: Vec<String>,
    by: Vec<String>,
    hour_marks: Vec<String>,
    before_hours: Vec<String>,
    before_noon: Vec<String>,
    after_noon: Vec<String>,
    today: Vec<String>,
    yesterday: Vec<String>,
    before_yesterday: Vec<String>,
    before: Vec<String>,
    ago: Vec<String>,
    about: Vec<String>,
    few: Vec<String>,
    last: Vec<String>,
    elsewhere: Vec<String>,
    edited: Vec<String>,
}

#[derive(Deserialize)]
struct Phrases {
    now: HashSet<String>,
    edits: Vec<String>,
    edit_acts: Vec<String>,
    edit_counts: Vec<String>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../data/text/dates.toml"))
        .expect("data/text/dates.toml is compiled in and read by a test");
    let mut words: HashMap<String, Word> = HashMap::new();
    let mut numbered = |groups: HashMap<String, Vec<String>>, set: fn(&mut Word, i8)| {
        for (number, names) in groups {
            let number = number.parse().unwrap_or(0);
            for name in names {
                set(words.entry(name).or_default(), number);
            }
        }
    };
    numbered(file.months, |word, number| word.month = Some(number));
    numbered(file.weekdays, |word, number| word.weekday = Some(number));
    numbered(file.counts, |word, number| word.count = Some(i64::from(number)));
    for (unit, names) in file.units {
        for name in names {
            words.entry(name).or_default().unit = Some(unit);
        }
    }
    for (name, offset) in file.zones {
        words.entry(name).or_default().zone = Some(Zone::Offset(offset));
    }
    for name in file.unsure_zones.into_values().flatten() {
        words.entry(name).or_default().zone = Some(Zone::Unsure);
    }
    let (roles, phrases) = (file.words, file.phrases);
    let roles = [
        (Role::Opener, roles.openers),
        (Role::Filler, roles.fillers),
        (Role::Label, roles.labels),
        (Role::By, roles.by),
        (Role::HourMark, roles.hour_marks),
        (Role::BeforeHours, roles.before_hours),
        (Role::BeforeNoon, roles.before_noon),
        (Role::AfterNoon, roles.after_noon),
        (Role::Today, roles.today),
        (Role::Yesterday, roles.yesterday),
        (Role::BeforeYesterday, roles.before_yesterday),
        (Role::Before, roles.before),
        (Role::Ago, roles.ago),
        (Role::About, roles.about),
        (Role::Few, roles.few),
        (Role::Last, roles.last),
        (Role::Elsewhere, roles.elsewhere),
        (Role::Edited, roles.edited),
        (Role::EditCount, phrases.edit_counts),
    ];
    for (role, names) in roles {
        for name in names {
            words.entry(name).or_default().roles |= 1 << role as u32;
        }
    }
    let mut edits = phrases.edits;
    edits.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    Words { meanings: words, now: phrases.now, edits, edit_acts: phrases.edit_acts }
});
