//! What the names of elements say of how they nest.

/// Facts of an element's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traits(u16);

impl Traits {
    /// Has no inside and no end tag.
    pub(super) const VOID: Self = Self(1);
    /// No reader sees what it holds.
    pub(super) const HIDDEN: Self = Self(1 << 1);
    /// Holds text only, whatever looks like tags in it.
    pub(super) const RAW: Self = Self(1 << 2);
    /// Is opened again in the next block where it was not closed.
    pub(super) const FORMATTING: Self = Self(1 << 3);
    /// What is inside does not end an item outside.
    pub(super) const BARRIER: Self = Self(1 << 4);
    /// Ends a paragraph.
    pub(super) const CLOSES_P: Self = Self(1 << 5);
    /// Is a paragraph.
    pub(super) const P: Self = Self(1 << 6);
    /// White space counts in it.
    pub(super) const PRE: Self = Self(1 << 7);
    /// Stands apart from the words around it, or holds none.
    const APART: Self = Self(1 << 15);
    /// Kinds of items, each of which ends one of its own kind.
    const ITEMS: Self = Self(0x7f00);
    const LI: Self = Self(1 << 8);
    const DT: Self = Self(1 << 9);
    const OPTION: Self = Self(1 << 10);
    const TD: Self = Self(1 << 11);
    const TR: Self = Self(1 << 12);
    const TBODY: Self = Self(1 << 13);
    const RUBY: Self = Self(1 << 14);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it ends an item of its kind that is open.
    pub(super) fn is_item(self) -> bool {
        self.has(Self::ITEMS)
    }

    /// Whether blanks beside it are not seen.
    pub(super) fn is_apart(self) -> bool {
        self.has(Self::APART.and(Self::CLOSES_P).and(Self::HIDDEN).and(Self::ITEMS)) && !self.has(Self::RUBY)
    }

    /// Whether both are items of one kind.
    pub(super) fn is_item_like(self, other: Self) -> bool {
        self.0 & other.0 & Self::ITEMS.0 != 0
    }
}

/// Longest name with traits.
const LONGEST: usize = 10;

/// The traits of a name, in any case.
pub(super) fn traits(name: &str) -> Traits {
    let mut buffer = [0; LONGEST];
    let Some(lower) = buffer.get_mut(..name.len()) else { return Traits::default() };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"area" | b"br" | b"embed" | b"img" | b"input" | b"wbr" | b"keygen" | b"image" => Traits::VOID,
        b"base" | b"col" | b"link" | b"meta" | b"param" | b"source" | b"track" | b"frame" | b"bgsound"
        | b"basefont" => Traits::VOID.and(Traits::APART),
        b"html" | b"head" | b"body" => Traits::APART,
        b"hr" => Traits::VOID.and(Traits::CLOSES_P),
        b"script" | b"style" | b"svg" | b"template" | b"math" => Traits::HIDDEN,
        b"textarea" | b"title" | b"xmp" | b"iframe" | b"noembed" | b"noframes" | b"plaintext" => Traits::RAW,
        b"a" | b"b" | b"big" | b"code" | b"em" | b"font" | b"i" | b"nobr" | b"s" | b"small" | b"strike" | b"strong"
        | b"tt" | b"u" => Traits::FORMATTING,
        b"p" => Traits::P.and(Traits::CLOSES_P),
        b"li" => Traits::LI,
        b"dt" | b"dd" => Traits::DT,
        b"option" | b"optgroup" => Traits::OPTION,
        b"td" | b"th" => Traits::TD,
        b"tr" => Traits::TR,
        b"thead" | b"tbody" | b"tfoot" => Traits::TBODY,
        b"rb" | b"rt" | b"rp" | b"rtc" => Traits::RUBY,
        b"ul" | b"ol" | b"dl" | b"menu" | b"table" | b"section" | b"article" | b"blockquote" | b"details" => {
            Traits::BARRIER.and(Traits::CLOSES_P)
        }
        b"select" => Traits::BARRIER,
        b"pre" | b"listing" => Traits::PRE.and(Traits::CLOSES_P),
        b"address" | b"aside" | b"center" | b"dir" | b"div" | b"fieldset" | b"figure" | b"footer" | b"form" | b"h1"
        | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"header" | b"main" | b"nav" => Traits::CLOSES_P,
        _ => Traits::default(),
    }
}

/// Whether an element has no inside and no end tag.
pub(in crate::site) fn is_void(name: &str) -> bool {
    traits(name).has(Traits::VOID)
}
