//! The sample a sheet is of: how its comments were drawn, and by which command.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::exit::Stop;
use super::provenance::Run;
use super::sample::Sample;
use super::{Command, parse};
use crate::model::{Drawn, DrawnBy, Key};
use crate::study::Population;
use crate::table::Sheet;

/// End of a design's name.
const DESIGN: &str = ".design.csv";

/// The file that says how a sample was drawn: NAME.design.csv.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Design(PathBuf);

impl Design {
    /// The one of that path.
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The one of the sample a sheet is of: the file itself if it is one, or NAME.design.csv beside NAME.xlsx or NAME.anne.xlsx.
    pub(super) fn beside(sheet: &Path) -> Option<Self> {
        let name = sheet.file_name()?.to_string_lossy().into_owned();
        if name.ends_with(DESIGN) && sheet.is_file() {
            return Some(Self::at(sheet));
        }
        let stems = name.match_indices('.').map(|(at, _)| &name[..at]).rev();
        let mut beside = stems.map(|stem| sheet.with_file_name(format!("{stem}{DESIGN}")));
        beside.find(|path| path.is_file()).map(Self)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The file beside it that is called NAME and this.
    pub(super) fn companion(&self, ending: &str) -> PathBuf {
        self.0.with_extension("").with_extension(ending)
    }

    /// The command that drew the sample; nothing where its record is not there.
    pub(super) fn command(&self) -> Result<Option<Box<Sample>>, Stop> {
        let record = self.companion("run.json");
        if !record.is_file() {
            return Ok(None);
        }
        match parse(&Run::load(&record)?.arguments)? {
            Command::Sample(sample) => Ok(Some(sample)),
            _ => Err(Stop::usage(format!("{} is the record of another command", record.display()))),
        }
    }

    /// How the comments were drawn.
    pub(super) fn read(&self) -> Result<Vec<Drawn>, Stop> {
        let sheet = Sheet::read(&self.0).map_err(Stop::usage)?;
        let column = |name: &str| sheet.column(name).map_err(Stop::usage);
        let (by, strata, coders) = (column("drawn_by")?, column("stratum")?, column("coders")?);
        let (sizes, drawn, chances) =
            (column("stratum_size")?, column("stratum_drawn")?, column("inclusion_probability")?);
        let number = |cell: &Option<String>| cell.as_deref().and_then(|cell| cell.parse::<u64>().ok());
        let row = |(at, key): (usize, Key)| {
            let wrong = |what: &str| {
                let path = self.0.display();
                Stop::usage(format!("{path}, row {}: {what}; the design was changed since it was drawn", at + 1))
            };
            let drawn = Drawn {
                key,
                by: match by[at].as_deref() {
                    Some("random") => DrawnBy::Random,
                    Some("uncertain") => DrawnBy::Uncertain,
                    _ => return Err(wrong("drawn_by is neither random nor uncertain")),
                },
                stratum: strata[at].clone().unwrap_or_default(),
                stratum_size: number(&sizes[at]).ok_or_else(|| wrong("stratum_size is no number"))?,
                stratum_drawn: number(&drawn[at]).ok_or_else(|| wrong("stratum_drawn is no number"))?,
                coders: coders[at].as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            };
            let told = chances[at].as_deref().map(|cell| cell.parse::<f64>().unwrap_or(f64::NAN));
            match (drawn.probability(), told) {
                (None, None) => Ok(drawn),
                (Some(is), Some(told)) if is > 0.0 && is <= 1.0 && (is - told).abs() < 1e-6 => Ok(drawn),
                _ => Err(wrong("inclusion_probability is not stratum_drawn / stratum_size")),
            }
        };
        sheet.keys().map_err(Stop::usage)?.into_iter().enumerate().map(row).collect()
    }
}

/// The designs of all sheets as one: that of the largest random sample, which has to hold the smaller ones, and the comments drawn for
/// their doubts. Probabilities of samples drawn apart do not add up.
pub(super) fn whole(designs: &[Design]) -> Result<Option<Vec<Drawn>>, Stop> {
    let mut read = designs.iter().map(|design| Ok((design, design.read()?))).collect::<Result<Vec<_>, Stop>>()?;
    let chance = |design: &[Drawn]| design.iter().filter(|drawn| drawn.by == DrawnBy::Random).count();
    read.sort_by_key(|(_, drawn)| std::cmp::Reverse(chance(drawn)));
    let mut read = read.into_iter();
    let Some((largest, mut whole)) = read.next() else { return Ok(None) };
    let mut known: HashSet<Key> = whole.iter().map(|drawn| drawn.key.clone()).collect();
    for (design, drawn) in read {
        for drawn in drawn.into_iter().filter(|drawn| !known.contains(&drawn.key)).collect::<Vec<_>>() {
            if drawn.by == DrawnBy::Random {
                return Err(Stop::usage(format!(
                    "the sheets are of two samples drawn apart ({}, {}), whose probabilities do not add up; draw one larger sample with the seed \
                     and strata of the first, which it then holds, or name the design to go by with --design",
                    largest.path().display(),
                    design.path().display()
                )));
            }
            known.insert(drawn.key.clone());
            whole.push(drawn);
        }
    }
    Ok(Some(whole))
}

/// Refuses a table other than the one that was drawn from: shares of other comments would be told.
pub(super) fn check_table(design: &[Drawn], population: &Population) -> Result<(), Stop> {
    let random = design.iter().filter(|drawn| drawn.by == DrawnBy::Random);
    let strata: HashMap<&str, u64> = random.map(|drawn| (drawn.stratum.as_str(), drawn.stratum_size)).collect();
    let (then, now) = (strata.values().sum::<u64>(), population.comments.len() as u64);
    let lacking = design.iter().filter(|drawn| population.place(&drawn.key).is_none()).count();
    if lacking == 0 && (strata.is_empty() || now == then) {
        return Ok(());
    }
    Err(Stop::usage(format!(
        "{}: not the table the sample was drawn from: it has {now} comments that can be coded, that one had {then}, and {lacking} of those drawn \
         are not in it. Give the table as it was then, or draw a sample from this one",
        population.sheet().path().display()
    )))
}
