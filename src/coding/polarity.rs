use super::Unit;
use super::lexicon::{Lexicon, Lexicons};
use crate::model::{Basis, Confidence, Polarity, PolarityCoding, Span};
use crate::text::TokenKind;
use crate::text::negation::{is_negated, is_turn};

/// Total from which a text is positive, and below which it is negative.
const POSITIVE_FROM: f64 = 1.0;
const NEGATIVE_FROM: f64 = -0.4;
/// Share of its valence that a negated word keeps, turned around.
const NEGATED_GOOD: f64 = -0.7;
const NEGATED_BAD: f64 = -0.4;
/// Words before and behind a turn ("mais") weigh less and more.
const BEFORE_TURN: f64 = 0.6;
const AFTER_TURN: f64 = 1.3;
/// Each exclamation strengthens its sentence.
const EXCLAIMED: f64 = 1.15;
/// What praise counts beside a code that leans to the negative.
const MOCKED: f64 = 0.5;
/// How fast the score nears its limits.
const SOFTNESS: f64 = 4.0;

/// Sentiment of the writer's own words: the valences of words, smileys and codes (`leanings`: valence and
/// evidence), with negation, degree, turns and exclamation. `None` without a lexicon for the language.
pub(super) fn polarity(
    lexicons: &Lexicons,
    unit: &Unit<'_>,
    leanings: impl Iterator<Item = (f64, Span)>,
) -> Option<PolarityCoding> {
    let lexicon = lexicons.of(unit.language?)?;
    let mut weights = weights(lexicons, Some(lexicon), unit);
    let leanings: Vec<(f64, Span)> = leanings.collect();
    if leanings.iter().any(|(valence, _)| *valence < 0.0) {
        // Praise beside suspicion is mostly mockery.
        weights.iter_mut().filter(|(weight, _)| *weight > 0.0).for_each(|(weight, _)| *weight *= MOCKED);
    }
    weights.extend(leanings);
    Some(judge(&weights))
}

/// The words and smileys that weigh, each with what it weighs where it stands; of a text in a language without lexicon
/// the smileys only.
pub(super) fn weights(lexicons: &Lexicons, lexicon: Option<&Lexicon>, unit: &Unit<'_>) -> Vec<(f64, Span)> {
    let tokens = unit.tokens;
    let items = tokens.items();
    let exclaimed = exclaimed_sentences(unit);
    let mut turns: Vec<(u32, usize)> =
        (0..items.len()).filter(|&i| is_turn(tokens, i)).map(|i| (items[i].sentence, i)).collect();
    // The first turn of a sentence decides.
    turns.dedup_by_key(|(sentence, _)| *sentence);
    let mut weights: Vec<(f64, Span)> = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let token = &items[at];
        if let Some(valence) = lexicons.smiley(tokens, at) {
            weights.push((valence, token.span));
            at += 1;
            continue;
        }
        let known = lexicon.filter(|_| token.kind == TokenKind::Word);
        let Some((lexicon, (valence, length))) = known.and_then(|lexicon| Some((lexicon, lexicon.at(tokens, at)?)))
        else {
            at += 1;
            continue;
        };
        let mut weight = valence;
        for back in 1..=2 {
            let Some(before) = at.checked_sub(back).filter(|&i| items[i].clause == token.clause) else { break };
            if let Some(degree) = lexicon.degree(tokens.folded(before)) {
                weight *= 1.0 + degree / back as f64;
            }
        }
        if is_negated(tokens, at) {
            weight *= if weight > 0.0 { NEGATED_GOOD } else { NEGATED_BAD };
        }
        if let Ok(turn) = turns.binary_search_by_key(&token.sentence, |&(sentence, _)| sentence) {
            weight *= if at < turns[turn].1 { BEFORE_TURN } else { AFTER_TURN };
        }
        if exclaimed.binary_search(&token.sentence).is_ok() {
            weight *= EXCLAIMED;
        }
        let end = items[(at + length - 1).min(items.len() - 1)].span.end;
        weights.push((weight, Span::new(token.span.start, end)));
        at += length;
    }
    lone_praise(unit, &mut weights);
    weights
}

/// Numbers of the sentences that end with `!`.
fn exclaimed_sentences(unit: &Unit<'_>) -> Vec<u32> {
    let ends = unit.tokens.items().iter().filter(|t| t.kind == TokenKind::End);
    ends.filter(|t| unit.tokens.folded_of(t) == "!").map(|t| t.sentence).collect()
}

/// A sentence of nothing but praise ("Super.") behind a complaint, a question or no praise at all means the opposite.
fn lone_praise(unit: &Unit<'_>, weights: &mut [(f64, Span)]) {
    let items = unit.tokens.items();
    let sentences = items.last().map_or(0, |last| last.sentence as usize + 1);
    let (mut words, mut asks) = (vec![0_usize; sentences], vec![false; sentences]);
    for token in items {
        let sentence = token.sentence as usize;
        if token.kind == TokenKind::End {
            asks[sentence] |= unit.tokens.folded_of(token) == "?";
        } else {
            words[sentence] += 1;
        }
    }
    let mut before = 0.0;
    for (weight, span) in weights {
        let at = items.partition_point(|token| token.span.start < span.start);
        let sentence = items.get(at).map_or(0, |token| token.sentence as usize);
        let word = items.get(at).is_some_and(|token| token.kind == TokenKind::Word);
        if *weight > 0.0 && word && sentence > 0 {
            let alone = words[sentence] == 1 && (before <= 0.0 || asks[sentence - 1]);
            if alone || words[sentence] == 2 && before < NEGATIVE_FROM {
                *weight = -*weight;
            }
        }
        before += *weight;
    }
}

fn judge(weights: &[(f64, Span)]) -> PolarityCoding {
    let total: f64 = weights.iter().map(|(weight, _)| weight).sum();
    let polarity = if total >= POSITIVE_FROM {
        Polarity::Positive
    } else if total <= NEGATIVE_FROM {
        Polarity::Negative
    } else {
        Polarity::Neutral
    };
    let score = total / (total.abs() + SOFTNESS);
    let pulls = |weight: f64| match polarity {
        Polarity::Negative => -weight,
        Polarity::Positive => weight,
        Polarity::Neutral => weight.abs(),
    };
    let strongest = weights.iter().filter(|(weight, _)| pulls(*weight) > 0.0);
    let evidence = strongest.max_by(|a, b| pulls(a.0).total_cmp(&pulls(b.0))).map(|(_, span)| *span);
    // Far from the nearest border is sure; without any word at all neutral is only likely.
    let confidence = match polarity {
        Polarity::Neutral if weights.is_empty() => 0.6,
        Polarity::Neutral => 0.5,
        Polarity::Positive => 0.5 + 0.4 * (1.0 - POSITIVE_FROM / total),
        Polarity::Negative => 0.5 + 0.4 * (1.0 - NEGATIVE_FROM / total),
    };
    let rounded = |x: f64| (x * 1000.0).round() / 1000.0;
    PolarityCoding {
        polarity,
        score: rounded(score),
        confidence: Some(Confidence::grade(rounded(confidence), Basis::Patterns)),
        evidence,
    }
}
