//! How unsure a coder is: which comments a person should code next.

use super::{Learned, Place, Way, fit, likeness, output};
use crate::coding::{Coder, Setting, Unit};

/// Comments read at a time.
const AT_A_TIME: usize = 512;

impl Learned {
    /// How unsure the coder is of one output (`polarity`, `irony`, a code) for each unit of a thread: near 1 where it could as well
    /// have decided otherwise, near 0 where it is sure; empty for units that are not coded. Nothing for an output it finds by
    /// patterns, or does not know: these have no doubts.
    pub fn doubt(&self, setting: &Setting, units: &[Unit<'_>], of: &str) -> Option<Vec<Option<f64>>> {
        let way = self.codebook().codes.iter().position(|code| code.name == of).map(|at| &self.ways[at]);
        let place = match way {
            Some(Way::Model(place)) => Some(*place),
            Some(Way::Examples(_)) => None,
            Some(Way::Patterns | Way::Nothing) => return None,
            None => Some(output(&self.models, of)?),
        };
        let wanted: Vec<usize> = (0..units.len()).filter(|at| units[*at].codable).collect();
        let mut doubts = vec![None; units.len()];
        for wanted in wanted.chunks(AT_A_TIME) {
            for (at, reading) in wanted.iter().zip(self.read(setting, units, wanted)) {
                doubts[*at] = match (place, way) {
                    (Some(place), _) => {
                        self.can_read(place, &reading).then(|| self.doubt_of(place, &reading.scores[place.model]))
                    }
                    (None, Some(Way::Examples(examples))) => {
                        Some(1.0 - (examples.grade(&reading.plain) - likeness::APPLIES).abs().min(1.0))
                    }
                    _ => None,
                };
            }
        }
        Some(doubts)
    }

    fn doubt_of(&self, place: Place, scores: &[f32]) -> f64 {
        let known = &self.models[place.model].facts.outputs[place.output];
        let mut p: Vec<f64> =
            scores[place.column..place.column + known.columns].iter().map(|score| f64::from(*score)).collect();
        fit::probabilities(&mut p);
        if let [p] = p[..] {
            let logit = |p: f64| (p.clamp(1e-9, 1.0 - 1e-9) / (1.0 - p.clamp(1e-9, 1.0 - 1e-9))).ln();
            return 1.0 / (1.0 + (logit(p) - logit(known.threshold)).abs());
        }
        p.sort_by(|a, b| b.total_cmp(a));
        1.0 - (p[0] - p[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;
    use crate::coding::{Discussion, Reads};
    use crate::model::{Comment, Thread};

    #[test]
    fn clear_words_leave_less_doubt_than_vague_ones() {
        let texts =
            ["C'est une arnaque totale, honteux, à fuir !", "Hum, bof, à voir.", "Merci, super article, bravo !", ""];
        let comment =
            |(at, text): (usize, &&str)| Comment { id: format!("c{at}"), text: (*text).into(), ..Comment::default() };
        let discussion =
            Discussion::of(Thread { comments: texts.iter().enumerate().map(comment).collect(), ..Thread::default() });
        let coder = Learned::builtin(Reads::Linear, Codebook::builtin());
        let units = discussion.units();
        let of = |output: &str| coder.doubt(&coder.setting(discussion.article()), &units, output);
        let doubts = of("polarity").unwrap();
        assert!(
            doubts[..3].iter().all(|doubt| (0.0..=1.0).contains(&doubt.unwrap())) && doubts[3].is_none(),
            "{doubts:?}"
        );
        assert!(doubts[2] < doubts[1], "{doubts:?}");
        assert!(of("distrust").unwrap()[0].is_some());
        assert!(of("hope").is_none());
    }
}
