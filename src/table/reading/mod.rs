//! Tables as threads again: those that causerie wrote, with their codes, and those that people bring from elsewhere.

mod columns;
mod moments;
mod study;
mod threads;
mod typed;

pub(crate) use columns::likeliest;
pub use columns::{Columns, Field};
pub use study::{StudySheets, study};
pub use threads::{ReadThreads, Ungrouped};
