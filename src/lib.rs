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

pub mod cli;
pub mod codebook;
pub mod coding;
pub mod export;
pub mod fetch;
pub mod input;
pub mod model;
pub mod site;
pub mod table;
pub mod text;
