use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Population;
use crate::hand::{ADJUDICATED, Answer, Question};
use crate::model::{Drawn, DrawnBy};

/// What people said of the comments of a population.
#[derive(Debug)]
pub struct Answers {
    /// The questions that were answered.
    pub questions: Vec<Asked>,
    /// Who answered, by name; whoever adjudicated is not among them.
    pub coders: Vec<String>,
    /// How comments were drawn, by their places in the population, if that is known.
    design: Option<HashMap<usize, Drawn>>,
}

/// A question and its answers.
#[derive(Debug)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// Its place among the questions the machine answered.
    pub machine: Option<usize>,
    /// By place in the population: what each coder said, as places among the question's values.
    pub said: BTreeMap<usize, Vec<Option<usize>>>,
    /// What was settled where coders differed.
    adjudicated: BTreeMap<usize, usize>,
}

impl Answers {
    /// Joins answers with the comments they are on. Answers to other comments or questions are left out: whoever reads them refuses
    /// those before.
    pub fn of(population: &Population, questions: &[Question], answers: &[Answer], design: Option<Vec<Drawn>>) -> Self {
        let coders: BTreeSet<&str> =
            answers.iter().map(|answer| answer.coder.as_str()).filter(|coder| *coder != ADJUDICATED).collect();
        let coders: Vec<String> = coders.into_iter().map(str::to_owned).collect();
        let place_of: HashMap<&str, usize> =
            coders.iter().enumerate().map(|(at, coder)| (coder.as_str(), at)).collect();
        let mut asked: Vec<Asked> = questions
            .iter()
            .map(|question| Asked {
                machine: population.questions.iter().position(|known| known.name == question.name),
                question: question.clone(),
                said: BTreeMap::new(),
                adjudicated: BTreeMap::new(),
            })
            .collect();
        for answer in answers {
            let Some(place) = population.place(&answer.key) else { continue };
            let Some(asked) = asked.iter_mut().find(|asked| asked.question.name == answer.question) else { continue };
            let Some(value) = asked.question.values.iter().position(|value| *value == answer.value) else { continue };
            let said = asked.said.entry(place).or_insert_with(|| vec![None; coders.len()]);
            if let Some(coder) = place_of.get(answer.coder.as_str()) {
                said[*coder] = Some(value);
            } else {
                asked.adjudicated.insert(place, value);
            }
        }
        asked.retain(|asked| !asked.said.is_empty());
        let placed = |drawn: Drawn| Some((population.place(&drawn.key)?, drawn));
        let design = design.map(|design| design.into_iter().filter_map(placed).collect());
        Self { questions: asked, coders, design }
    }

    /// Whether it is known how the comments were drawn.
    pub fn has_design(&self) -> bool {
        self.design.is_some()
    }

    /// For the comments that were drawn by chance and of which people are of one opinion: how many of the population each stands for. See
    /// [`Self::weights_of`].
    pub fn weights(&self, asked: &Asked, population: &Population) -> BTreeMap<usize, f64> {
        self.weights_of(asked.said.keys().copied().filter(|place| asked.opinion(*place).is_some()), population)
    }

    /// For those of these comments that were drawn by chance: how many of the population each stands for. Comments drawn and not among them
    /// are taken to be like those of their stratum that are: the weight is the stratum's size over their number. Without a design, all are
    /// taken for a simple random sample.
    pub fn weights_of(&self, answered: impl Iterator<Item = usize>, population: &Population) -> BTreeMap<usize, f64> {
        let Some(design) = &self.design else {
            let places: Vec<usize> = answered.collect();
            let weight = population.comments.len() as f64 / places.len().max(1) as f64;
            return places.into_iter().map(|place| (place, weight)).collect();
        };
        let drawn: Vec<(usize, &Drawn)> = answered
            .filter_map(|place| Some((place, design.get(&place)?)))
            .filter(|(_, drawn)| drawn.by == DrawnBy::Random)
            .collect();
        let mut counts: HashMap<&str, f64> = HashMap::new();
        for (_, drawn) in &drawn {
            *counts.entry(&drawn.stratum).or_default() += 1.0;
        }
        let weight = |drawn: &Drawn| drawn.stratum_size as f64 / counts[drawn.stratum.as_str()];
        drawn.iter().map(|(place, drawn)| (*place, weight(drawn))).collect()
    }

    /// A number for the stratum each of these places was drawn from: the same for all where the design is not known.
    pub fn strata(&self, places: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut number = |place: usize| {
            let stratum =
                self.design.as_ref().and_then(|design| design.get(&place)).map_or("", |drawn| drawn.stratum.as_str());
            let next = numbers.len();
            *numbers.entry(stratum).or_insert(next)
        };
        places.map(&mut number).collect()
    }

    /// Comments drawn by chance that nobody answered.
    pub fn unanswered(&self, asked: &Asked) -> usize {
        let drawn = self.design.iter().flatten().filter(|(_, drawn)| drawn.by == DrawnBy::Random);
        drawn.filter(|(place, _)| !asked.said.contains_key(place)).count()
    }

    /// Comments drawn by chance on which no opinion prevails.
    pub fn disputed(&self, asked: &Asked) -> Vec<usize> {
        let by_chance = |place: &usize| {
            self.design.as_ref().is_none_or(|design| design.get(place).is_some_and(|drawn| drawn.by == DrawnBy::Random))
        };
        asked.said.keys().copied().filter(|place| asked.opinion(*place).is_none()).filter(by_chance).collect()
    }

    /// Strata of the design of which no comment was answered: nothing stands for their comments.
    pub fn silent_strata(&self, asked: &Asked) -> Vec<&str> {
        let drawn = self.design.iter().flatten().filter(|(_, drawn)| drawn.by == DrawnBy::Random);
        let (mut all, mut heard) = (BTreeSet::new(), BTreeSet::new());
        for (place, drawn) in drawn {
            all.insert(drawn.stratum.as_str());
            if asked.opinion(*place).is_some() {
                heard.insert(drawn.stratum.as_str());
            }
        }
        all.difference(&heard).copied().collect()
    }
}

impl Asked {
    /// What people hold of a comment: what was settled by adjudication, or else what more of them said than anything else.
    pub fn opinion(&self, place: usize) -> Option<usize> {
        if let Some(value) = self.adjudicated.get(&place) {
            return Some(*value);
        }
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        for value in self.said.get(&place)?.iter().flatten() {
            *votes.entry(*value).or_default() += 1;
        }
        let most = *votes.values().max()?;
        let mut first = votes.iter().filter(|(_, count)| **count == most);
        match (first.next(), first.next()) {
            (Some((value, _)), None) => Some(*value),
            _ => None,
        }
    }

    /// What was settled by adjudication.
    pub fn adjudication(&self, place: usize) -> Option<usize> {
        self.adjudicated.get(&place).copied()
    }

    /// Comments on which no opinion prevails.
    pub fn undecided(&self) -> usize {
        self.said.keys().filter(|place| self.opinion(**place).is_none()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Key;
    use crate::table::Sheet;

    fn population() -> Population {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        let rows: Vec<String> = (0..10).map(|at| format!("t1,c{at},mot,{}", at % 2)).collect();
        std::fs::write(file.path(), format!("thread_id,comment_id,text,hope\n{}\n", rows.join("\n"))).unwrap();
        Population::of(Sheet::read(file.path()).unwrap()).unwrap()
    }

    fn answer(id: &str, coder: &str, value: &str) -> Answer {
        let key = Key { thread_id: "t1".into(), comment_id: id.into() };
        Answer { key, coder: coder.into(), question: "hope".into(), value: value.into(), spans: Vec::new() }
    }

    fn drawn(id: &str, stratum: &str, size: u64) -> Drawn {
        let key = Key { thread_id: "t1".into(), comment_id: id.into() };
        Drawn { key, stratum: stratum.into(), stratum_size: size, stratum_drawn: 2, ..Drawn::default() }
    }

    #[test]
    fn opinions_are_what_prevails_or_was_settled() {
        let population = population();
        let said = [
            answer("c0", "anne", "1"),
            answer("c0", "ben", "1"),
            answer("c1", "anne", "1"),
            answer("c1", "ben", "0"),
            answer("c2", "anne", "1"),
            answer("c2", "ben", "0"),
            answer("c2", ADJUDICATED, "0"),
        ];
        let hand = Answers::of(&population, &[Question::named("hope")], &said, None);
        let asked = &hand.questions[0];
        assert_eq!((hand.coders.len(), asked.machine, asked.undecided()), (2, Some(0), 1));
        assert_eq!([0, 1, 2, 3].map(|place| asked.opinion(place)), [Some(1), None, Some(0), None]);
        assert_eq!(hand.weights(asked, &population), BTreeMap::from([(0, 5.0), (2, 5.0)]));
    }

    #[test]
    fn what_was_drawn_and_not_coded_is_stood_for_by_its_stratum() {
        let population = population();
        let said = [
            answer("c0", "anne", "1"),
            answer("c1", "anne", "0"),
            answer("c3", "anne", "0"),
            answer("c4", "anne", "1"),
        ];
        let mut doubtful = drawn("c4", "", 0);
        doubtful.by = DrawnBy::Uncertain;
        let design = vec![drawn("c0", "0", 4), drawn("c2", "0", 4), drawn("c1", "1", 6), drawn("c3", "1", 6), doubtful];
        let hand = Answers::of(&population, &[Question::named("hope")], &said, Some(design));
        let asked = &hand.questions[0];
        assert_eq!(hand.weights(asked, &population), BTreeMap::from([(0, 4.0), (1, 3.0), (3, 3.0)]));
        assert_eq!((hand.unanswered(asked), hand.silent_strata(asked)), (1, Vec::new()));
    }
}
