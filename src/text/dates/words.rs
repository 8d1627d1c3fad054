use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::relative::Unit;

type WordSet = HashSet<String>;

pub(super) struct Words {
    pub(super) months: HashMap<String, i8>,
    pub(super) units: HashMap<String, Unit>,
    pub(super) weekdays: WordSet,
    pub(super) fillers: WordSet,
    pub(super) before_noon: WordSet,
    pub(super) after_noon: WordSet,
    pub(super) today: WordSet,
    pub(super) yesterday: WordSet,
    pub(super) now: WordSet,
    pub(super) ago: WordSet,
    pub(super) one: WordSet,
}

#[derive(Deserialize)]
struct File {
    months: HashMap<String, Vec<String>>,
    words: FileWords,
    units: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct FileWords {
    weekdays: WordSet,
    fillers: WordSet,
    before_noon: WordSet,
    after_noon: WordSet,
    today: WordSet,
    yesterday: WordSet,
    now: WordSet,
    ago: WordSet,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../data/text/dates.toml"))
        .expect("data/text/dates.toml is compiled in and read by a test");
    let mut months = HashMap::new();
    for (number, names) in file.months {
        for name in names {
            months.insert(name, number.parse().unwrap_or(0));
        }
    }
    let mut units = HashMap::new();
    let mut one = WordSet::new();
    for (unit, names) in file.units {
        let unit = match unit.as_str() {
            "second" => Unit::Second,
            "minute" => Unit::Minute,
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            "week" => Unit::Week,
            "month" => Unit::Month,
            "year" => Unit::Year,
            _ => {
                one.extend(names);
                continue;
            }
        };
        units.extend(names.into_iter().map(|name| (name, unit)));
    }
    let FileWords { weekdays, fillers, before_noon, after_noon, today, yesterday, now, ago } = file.words;
    Words { months, units, weekdays, fillers, before_noon, after_noon, today, yesterday, now, ago, one }
});
