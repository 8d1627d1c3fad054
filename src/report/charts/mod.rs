//! The charts of the report: hand-written SVG, each with its numbers in a table beside it.
//!
//! Each function takes plain numbers and gives back one `<figure>` of HTML that is also well-formed XML. A figure holds its drawing
//! twice, once for wide pages (720 units) and once for phones (340 units, so that letters of 13 units stay above 11 pixels in a
//! column of 288 pixels); the page's style sheet shows one of the two. There is no script, no `style` attribute and no colour:
//! colours come from classes, and presentation attributes say geometry and opacity only.
//!
//! | class | of |
//! |---|---|
//! | `chart`, `chart-KIND`, `wide`, `narrow`, `data`, `scroll`, `note`, `empty` | the figure, its two drawings, its table, what is said below the title |
//! | `s-negative`, `s-neutral`, `s-positive`, `s-none` | marks by sentiment, and those without |
//! | `s-code-1` … `s-code-8` | marks by code |
//! | `machine`, `people` | the coder's share, the share corrected by hand codings with its whisker |
//! | `heat`, `cool` | cells above and below what chance would give |
//! | `line` | beside one of the above: the colour is of the stroke |
//! | `hollow`, `edge`, `axis`, `grid` | deleted comments, links of the tree, lines of the scale |
//! | `label`, `head`, `soft`, `strong`, `on` | text: names, column heads, lesser text, weighty text, text on a coloured mark |

mod authors;
mod by_code;
mod calendar;
mod co_occurrence;
mod depth;
mod figure;
mod format;
mod replies;
mod sentiment;
mod shares;
mod svg;
mod time;
mod tree;
mod vega;
mod words;

#[cfg(test)]
mod tests;

pub use authors::{Authors, authors};
pub use calendar::Step;
pub use co_occurrence::{CoOccurrence, co_occurrence};
pub use depth::{ByDepth, Level, by_depth};
pub use figure::Figure;
pub use format::Language;
pub use replies::{Replies, replies};
pub use sentiment::{SentimentByTheme, SentimentRow, Tally, Tone, sentiment_by_theme};
pub use shares::{Corrected, ShareRow, Shares, shares};
pub use time::{Bin, OverTime, codes_over_time, over_time};
pub use tree::{Mark, Node, ReplyTree, reply_tree};

pub(in crate::report) use svg::escape;
pub(in crate::report) use words::fill;
