use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PageKind;

/// In an address stands for a key of the user's own, with its name behind: `causerie-key-disqus`. Only what goes over the wire has
/// the key itself; archives, tables and messages have this.
pub const KEY: &str = "causerie-key-";

/// What is sent to a server for one page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// The address asked.
    pub url: String,
    /// What must come back, where anything else would be useless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<PageKind>,
    /// What is posted; without it the address is got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
    /// Headers the platform asks for, names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Post {
    /// Its media type.
    pub media: String,
    /// It.
    pub body: String,
}

impl Request {
    /// To get an address, whatever is there.
    pub fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), expect: None, post: None, headers: BTreeMap::new() }
    }

    /// To get what must be of this kind.
    pub fn expecting(url: impl Into<String>, kind: PageKind) -> Self {
        Self { expect: Some(kind), ..Self::get(url) }
    }

    /// To post JSON and be answered in JSON.
    pub fn posting(url: impl Into<String>, json: &impl ToString) -> Self {
        let post = Post { media: "application/json".to_owned(), body: json.to_string() };
        Self { post: Some(post), ..Self::expecting(url, PageKind::Json) }
    }
}
