//! causerie turns the discussion under a news article into a table someone can study.
//!
//! ```text
//! input/  files, WARC, stdin ─┐
//!                             ├─► Page ─► site/ ─► Thread ─► coding/ ─► Coded ─► table/ ─► export/
//! fetch/  the live web       ─┘            │ next: requests
//!                             ◄────────────┘
//! ```
//!
//! `site` and `fetch` never see each other: a [`site::Site`] only *returns* the further requests a
//! thread needs, and whoever drives the road (the command, or you) joins them. So every parser is
//! pure, and a live thread and its saved pages take one path.
//!
//! # Examples
//!
//! The comments of a saved page, with their codes:
//!
//! ```
//! use causerie::codebook::Codebook;
//! use causerie::coding::{Rules, code_thread};
//! use causerie::input::{InputOptions, Item, plan};
//! use causerie::site;
//!
//! let coder = Rules::new(Codebook::builtin());
//! let plan = plan(&["data/pages/pasted-fr.txt".into()], &InputOptions::default())?;
//! for page in plan.items.iter().flat_map(Item::pages) {
//!     // A page that cannot be read, or holds no thread, is a `Failure` that says why.
//!     let fragment = page.and_then(|page| site::read(&page)).map_err(|failure| failure.message)?;
//!     // Here the thread is one page; `site::Assembly` finds out which pages belong together.
//!     let coded = code_thread(&coder, site::join(vec![fragment]));
//!     assert_eq!(coded.thread.stated_count, Some(coded.thread.parsed_count()));
//!     for (comment, unit) in coded.thread.comments.iter().zip(&coded.comments) {
//!         for coding in unit.coded.iter().flat_map(|coded| &coded.codings) {
//!             println!("{} {}: {}", comment.id, coding.code, coding.evidence.of(&comment.text));
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/` has whole programs.

pub mod annotate;
pub mod cli;
pub mod codebook;
pub mod coding;
pub mod encoder;
pub mod export;
pub mod fetch;
pub mod hand;
pub mod input;
pub mod model;
pub mod report;
pub mod site;
pub mod study;
pub mod table;
pub mod text;
