//! The article above the comments of a plain text: its title, who wrote it and when.

use std::collections::HashMap;

use super::super::article::{before_date, byline};
use super::super::words::WORDS;
use super::Reader;
use super::lines::author_and_date;
use super::words::PRINTED;
use crate::model::{Article, Moment};
use crate::text::dates::{Printed, parse_printed};

impl Reader<'_> {
    /// What stands above the comments.
    pub(super) fn article(&self, until: usize) -> Article {
        let head = &self.lines[..until.min(self.lines.len())];
        let date_at =
            head.iter().position(|line| matches!(parse_printed(line, self.order), Some(Printed::Absolute(_))));
        let published_at = date_at.and_then(|at| match parse_printed(head[at], self.order) {
            Some(Printed::Absolute(moment)) => Some(moment),
            _ => None,
        });
        let author = date_at.and_then(|at| {
            let near = at.saturating_sub(2)..(at + 3).min(head.len());
            head[near].iter().map(|line| line.trim()).find_map(|line| {
                let name = WORDS.byline(line);
                let is_byline = name.len() < line.len() && name.chars().count() <= 60;
                is_byline.then(|| before_date(name, self.order).0.to_owned())
            })
        });
        let byline = head.iter().enumerate().find_map(|(at, line)| Some((at, self.whole_byline(line)?)));
        // "By Ruth Ames", and the date on the line below.
        let is_near_date = |at: usize| date_at.is_some_and(|date| date.abs_diff(at) <= 2);
        let writer_at = || head.iter().enumerate().position(|(at, line)| is_near_date(at) && is_writer(line.trim()));
        let byline_at = byline.as_ref().map(|(at, _)| *at).or_else(writer_at);
        let (said_by, said_at) = byline.map(|(_, said)| said).unzip();
        let title = self.title(head, byline_at);
        let paragraphs: Vec<&str> = head
            .iter()
            .map(|line| line.trim())
            .filter(|line| line.chars().count() >= 60 && Some(*line) != title.as_deref())
            .collect();
        Article {
            published_at: published_at.or(said_at),
            author: author.or(said_by),
            url: head
                .iter()
                .map(|line| line.trim())
                .find(|line| is_address(line))
                .and_then(super::super::address::canonical),
            body: (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n")),
            title,
        }
    }

    /// Who wrote the article and when, if one line says both: "12 mars 2024 par Zoé", "Par Zoé, le 12 mars 2024".
    fn whole_byline(&self, line: &str) -> Option<(String, Moment)> {
        let line = line.trim();
        if line.is_empty() || line.len() > 240 {
            return None;
        }
        let said = byline(line, self.order);
        if let (Some(author), Some(date)) = (said.author, said.date) {
            return Some((author, date));
        }
        let name_first = WORDS.byline(line);
        if name_first.len() == line.len() {
            return None;
        }
        match author_and_date(name_first, self.order)? {
            (author, Printed::Absolute(date)) => Some((author, date)),
            (_, Printed::Relative(_)) => None,
        }
    }

    /// The headline: pages print it more than once (tab, heading, share button); else the line above the byline; else
    /// the last line above the text that reads like one.
    fn title(&self, head: &[&str], byline_at: Option<usize>) -> Option<String> {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for line in self.lines {
            *times.entry(line.trim()).or_default() += 1;
        }
        let times = |line: &str| times.get(line).copied().unwrap_or(0);
        let is_headline = |line: &&str| {
            let words = line.split_whitespace().count();
            (3..=40).contains(&words)
                && line.chars().count() <= 250
                && parse_printed(line, self.order).is_none()
                && WORDS.stated_count(line).is_none()
                && !PRINTED.is_tally(line)
                && !PRINTED.is_navigation(line)
                && self.whole_byline(line).is_none()
                && !is_writer(line)
                && !line.contains("://")
                && !line.ends_with([',', ';', '<', '>'])
        };
        // Mastheads stand above the headline, and the headline stands right above the text.
        let text_at = head.iter().position(|line| line.trim().chars().count() >= 60 && times(line.trim()) == 1);
        let above: Vec<&str> =
            head[..text_at.unwrap_or(head.len())].iter().map(|line| line.trim()).filter(is_headline).collect();
        let repeated = above.iter().rev().find(|line| line.chars().count() >= 15 && times(line) > 1);
        let above_byline = byline_at
            .and_then(|at| head[..at].iter().rev().map(|line| line.trim()).find(|line| !line.is_empty()))
            .filter(|line| line.chars().count() <= 250);
        repeated
            .or_else(|| above_byline.as_ref().filter(|line| is_headline(line)))
            // What ends with a point is a sentence of the text rather.
            .or_else(|| above.iter().rev().find(|line| line.split_whitespace().count() >= 4 && !line.ends_with('.')))
            .or_else(|| above.iter().rev().find(|line| line.split_whitespace().count() >= 4))
            .or_else(|| above.last())
            .or(above_byline.as_ref())
            .map(|line| (*line).to_owned())
    }
}

/// "Par Jeanne Roux": nothing but a name behind the "by".
fn is_writer(line: &str) -> bool {
    let name = WORDS.byline(line);
    name.len() < line.len()
        && name.split_whitespace().count() <= 5
        && name.split_whitespace().all(|word| word.chars().count() <= 3 || word.starts_with(char::is_uppercase))
}

fn is_address(line: &str) -> bool {
    (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(char::is_whitespace)
}
