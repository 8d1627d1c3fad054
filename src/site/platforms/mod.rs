//! One file a platform: what its pages and answers look like.

mod next_ink;
mod wordpress;
mod wordpress_rest;

pub(in crate::site) use next_ink::NextInk;
pub(in crate::site) use wordpress::WordPress;
pub(in crate::site) use wordpress_rest::WordPressRest;
