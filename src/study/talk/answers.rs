use crate::model::{Coded, IRONY, POLARITY, Polarity, Study};

/// What comments were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question<'a> {
    Polarity,
    Irony,
    Code(&'a str),
}

impl<'a> Question<'a> {
    pub(super) fn name(self) -> &'a str {
        match self {
            Self::Polarity => POLARITY,
            Self::Irony => IRONY,
            Self::Code(name) => name,
        }
    }

    /// The values there are, in order.
    pub(super) fn values(self) -> &'static [&'static str] {
        match self {
            Self::Polarity => &["negative", "neutral", "positive"],
            Self::Irony | Self::Code(_) => &["0", "1"],
        }
    }

    /// The place of a comment's value; `None` where it was left open.
    fn answer(self, coded: &Coded) -> Option<u8> {
        if coded.undecided.iter().any(|open| open == self.name()) {
            return None;
        }
        match self {
            Self::Polarity => coded.polarity.as_ref().map(|coding| match coding.polarity {
                Polarity::Negative => 0,
                Polarity::Neutral => 1,
                Polarity::Positive => 2,
            }),
            Self::Irony => coded.irony.as_ref().map(|(ironic, _)| u8::from(*ironic)),
            Self::Code(name) => Some(u8::from(coded.codings.iter().any(|coding| coding.code == name))),
        }
    }
}

/// A value of a question, counted against its others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Case<'a> {
    /// Place of the question.
    pub(super) at: usize,
    pub(super) question: Question<'a>,
    /// Place of the value.
    pub(super) value: u8,
}

impl Case<'_> {
    pub(super) fn value(self) -> &'static str {
        self.question.values().get(usize::from(self.value)).copied().unwrap_or("")
    }

    /// `distrust`, `polarity=negative`.
    pub(super) fn label(self) -> String {
        match self.question {
            Question::Polarity => format!("polarity={}", self.value()),
            Question::Irony | Question::Code(_) => self.question.name().to_owned(),
        }
    }
}

/// What was said of each comment of a study, thread by thread, one after the other.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    pub(super) questions: Vec<Question<'a>>,
    /// For each question the place of each comment's value.
    given: Vec<Vec<Option<u8>>>,
}

impl<'a> Answers<'a> {
    pub(super) fn of(study: &'a Study) -> Self {
        let coded: Vec<Option<&Coded>> = study
            .threads
            .iter()
            .flat_map(|thread| (0..thread.thread.comments.len()).map(|at| thread.comments.get(at)?.coded.as_ref()))
            .collect();
        let tells_irony = coded.iter().flatten().any(|coded| coded.irony.is_some());
        let mut questions = vec![Question::Polarity];
        questions.extend(tells_irony.then_some(Question::Irony));
        questions.extend(study.codes.iter().map(|code| Question::Code(&code.name)));
        let given = questions
            .iter()
            .map(|question| coded.iter().map(|coded| coded.and_then(|coded| question.answer(coded))).collect())
            .collect();
        Self { questions, given }
    }

    /// Comments of the study.
    pub(super) fn comments(&self) -> usize {
        self.given.first().map_or(0, Vec::len)
    }

    /// The values given to a question, comment by comment.
    pub(super) fn to(&self, question: usize) -> &[Option<u8>] {
        &self.given[question]
    }

    /// Whether a comment has this value; `None` where it has no answer.
    pub(super) fn is(&self, case: Case, comment: usize) -> Option<bool> {
        self.given[case.at][comment].map(|value| value == case.value)
    }

    /// The values worth counting: each sentiment, and each code that applies.
    pub(super) fn cases(&self) -> Vec<Case<'a>> {
        let of_question = |(at, question): (usize, &Question<'a>)| {
            let question = *question;
            let first = u8::from(question != Question::Polarity);
            (first..question.values().len() as u8).map(move |value| Case { at, question, value })
        };
        self.questions.iter().enumerate().flat_map(of_question).collect()
    }
}
