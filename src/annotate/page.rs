/// A part of the page: its path, its media type and its bytes, which are compiled in.
pub(super) struct Part {
    pub(super) path: &'static str,
    pub(super) media_type: &'static str,
    pub(super) content: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// All there is.
pub(super) const PARTS: [Part; 10] = [
    Part { path: "/", media_type: HTML, content: include_str!("../../data/annotate/index.html") },
    Part { path: "/style.css", media_type: CSS, content: include_str!("../../data/annotate/style.css") },
    Part { path: "/screens.css", media_type: CSS, content: include_str!("../../data/annotate/screens.css") },
    Part { path: "/page.js", media_type: JS, content: include_str!("../../data/annotate/page.js") },
    Part { path: "/code.js", media_type: JS, content: include_str!("../../data/annotate/code.js") },
    Part { path: "/compare.js", media_type: JS, content: include_str!("../../data/annotate/compare.js") },
    Part { path: "/dom.js", media_type: JS, content: include_str!("../../data/annotate/dom.js") },
    Part { path: "/server.js", media_type: JS, content: include_str!("../../data/annotate/server.js") },
    Part { path: "/spans.js", media_type: JS, content: include_str!("../../data/annotate/spans.js") },
    Part { path: "/words.js", media_type: JS, content: include_str!("../../data/annotate/words.js") },
];
