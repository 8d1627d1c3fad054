use super::format::{Language, drawable, share};

/// The coded comments of a level of reply or of a stretch of time, by the codes they carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByCode<'a> {
    /// All of them.
    pub(super) n: u64,
    pub(super) carrying: &'a [u64],
    pub(super) open: &'a [u64],
}

impl ByCode<'_> {
    pub(super) fn count(self, code: usize) -> u64 {
        self.carrying.get(code).copied().unwrap_or(0)
    }

    /// Those of which it was decided whether they carry the code: what its share is of.
    pub(super) fn decided(self, code: usize) -> u64 {
        self.n.saturating_sub(self.open.get(code).copied().unwrap_or(0))
    }

    pub(super) fn share(self, code: usize) -> f64 {
        drawable(share(self.count(code), self.decided(code)))
    }

    /// Count and share of each of the first `codes` codes, for a table.
    pub(super) fn cells(self, codes: usize, language: Language) -> impl Iterator<Item = String> {
        let of_code = move |code| [self.count(code), self.decided(code)];
        (0..codes).map(of_code).flat_map(move |[n, of]| [language.count(n), language.part(n, of)])
    }
}

/// Adds counts one by one; the shorter list is as if it ended in zeros.
pub(super) fn add_each(sums: &mut Vec<u64>, more: &[u64]) {
    sums.resize(sums.len().max(more.len()), 0);
    for (sum, n) in sums.iter_mut().zip(more) {
        *sum = sum.saturating_add(*n);
    }
}

/// What to say where some comments count neither for nor against a code.
pub(super) fn open_note<'a>(mut open: impl Iterator<Item = &'a u64>, language: Language) -> &'static str {
    if open.any(|&n| n > 0) { &language.words().open_note } else { "" }
}
