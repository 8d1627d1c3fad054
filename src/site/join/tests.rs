use super::*;

fn fragment(origin: Origin, ids: &[(&str, Option<&str>)]) -> Fragment {
    let comments = ids
        .iter()
        .map(|(id, parent)| Comment {
            id: (*id).into(),
            reply_to: parent.map(str::to_owned),
            depth: parent.is_none().then_some(0),
            text: format!("text of {id}"),
            ..Comment::default()
        })
        .collect();
    Fragment { origin, comments, keys: vec!["url:x.org/a".into()], ..Fragment::default() }
}

#[test]
fn the_api_brings_parents_and_orphans_stay() {
    let page = fragment(Origin::Markup, &[("c1", None), ("c3", None)]);
    let api = fragment(Origin::Api, &[("c1", None), ("c3", Some("c1")), ("c7", Some("c2"))]);
    let thread = join(vec![page, api]);
    let tree: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.reply_to.as_deref(), c.depth)).collect();
    assert_eq!(tree, [("c1", None, Some(0)), ("c3", Some("c1"), Some(1)), ("c7", Some("c2"), None)]);
    assert!(thread.is_orphan(&thread.comments[2]));
}

#[test]
fn order_of_reading_does_not_matter() {
    let a = fragment(Origin::Markup, &[("c1", None)]);
    let b = fragment(Origin::Api, &[("c1", None), ("c2", Some("c1"))]);
    let (one, two) = (join(vec![a.clone(), b.clone()]), join(vec![b, a]));
    assert_eq!((one.comments, one.id), (two.comments, two.id));
}

#[test]
fn positions_are_renumbered_across_pages_and_repeats_dropped() {
    let a = fragment(Origin::Structure, &[("c1", None), ("c2", Some("c1"))]);
    let mut b = fragment(Origin::Structure, &[("c1", None), ("c2", None)]);
    b.comments[1].text = "new".into();
    let thread = join(vec![a, b]);
    let ids: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.text.as_str())).collect();
    assert_eq!(ids, [("c1", "text of c1"), ("c2", "text of c2"), ("c3", "new")]);
}

#[test]
fn circles_of_parents_end() {
    let thread = join(vec![fragment(Origin::Api, &[("c1", Some("c2")), ("c2", Some("c1"))])]);
    assert!(thread.comments.iter().all(|comment| comment.depth.is_none()));
}

#[test]
fn articles_with_numbers_of_their_own_stay_apart() {
    let mut assembly = Assembly::default();
    for keys in [&["url:x/blog", "wp:x/1"][..], &["url:x/blog", "wp:x/2"], &["wp:x/2", "url:x/2"], &[EMPTY_ANSWER]] {
        assembly.add(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
    }
    assert_eq!(assembly.groups(), [vec![0], vec![1, 2]]);
    let mut alone = Assembly::default();
    alone.add(&[EMPTY_ANSWER.into()]);
    assert_eq!(alone.groups(), [vec![0]]);
}

fn snapshot(origin: Origin, day: u8, ids: &[(&str, Option<&str>)]) -> Fragment {
    Fragment {
        page_url: Some("http://x.org/a".into()),
        fetched_at: crate::text::dates::parse_machine(&format!("2024-05-0{day}T10:00:00Z")),
        stated_count: Some(ids.len() as u64),
        ..fragment(origin, ids)
    }
}

#[test]
fn of_two_snapshots_the_newest_is_believed() {
    let old = snapshot(Origin::Structure, 1, &[("c1", None), ("c2", None)]);
    let mut new = snapshot(Origin::Structure, 2, &[("c1", None)]);
    new.comments[0].text = "edited".into();
    for pair in [vec![old.clone(), new.clone()], vec![new, old]] {
        let thread = join(pair);
        assert_eq!((thread.comments.len(), thread.stated_count, thread.notes.len()), (1, Some(1), 1));
        assert_eq!(thread.comments[0].text, "edited");
    }
    let old = snapshot(Origin::Markup, 1, &[("c1", None), ("c2", None)]);
    let mut new = snapshot(Origin::Markup, 2, &[("c1", None)]);
    new.comments[0].text = "edited".into();
    for pair in [vec![old.clone(), new.clone()], vec![new, old]] {
        let thread = join(pair);
        assert_eq!((thread.comments.len(), thread.stated_count), (2, Some(1)));
        assert_eq!(thread.comments[0].text, "edited");
    }
}

#[test]
fn undated_pages_follow_their_numbers() {
    let page = |number: u64| Fragment {
        source: format!("page-{number}.html"),
        ..fragment(Origin::Markup, &[(format!("c{number}").as_str(), None)])
    };
    let thread = join(vec![page(10), page(9), page(2)]);
    assert_eq!(thread.comments.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["c2", "c9", "c10"]);
}

#[test]
fn a_comment_without_an_id_is_that_of_the_api() {
    let mut page = fragment(Origin::Markup, &[("cpabc", None), ("c9", Some("cpabc"))]);
    page.comments[0].text = "text of c1".into();
    let thread = join(vec![page, fragment(Origin::Api, &[("c1", None)])]);
    let tree: Vec<_> = thread.comments.iter().map(|c| (c.id.as_str(), c.reply_to.as_deref())).collect();
    assert_eq!(tree, [("c1", None), ("c9", Some("c1"))]);
}

#[test]
fn a_page_without_ids_adds_what_is_not_there_yet() {
    let numbered = fragment(Origin::Markup, &[("c901", None), ("c902", Some("c901"))]);
    let mut last = fragment(Origin::Structure, &[("c1", None), ("c2", None)]);
    last.comments[0].text = "text of c902".into();
    last.comments[1].text = "only here".into();
    let thread = join(vec![numbered, last]);
    let texts: Vec<_> = thread.comments.iter().map(|comment| comment.text.as_str()).collect();
    assert_eq!(texts, ["text of c901", "text of c902", "only here"]);
    assert!(thread.comments[2].id.starts_with("cp"));
}

#[test]
fn the_one_answered_may_stand_further_down() {
    let thread = join(vec![fragment(Origin::Structure, &[("c1", Some("c2")), ("c2", None)])]);
    assert_eq!(thread.comments[0].reply_to.as_deref(), Some("c2"));
}

#[test]
fn small_ids_are_the_sites_where_no_two_pages_share_one() {
    let page = |origin, small_ids, name: &str, ids: &[(&str, Option<&str>)]| Fragment {
        small_ids,
        source: name.to_owned(),
        ..fragment(origin, ids)
    };
    let ids = |fragments| join(fragments).comments.into_iter().map(|comment| comment.id).collect::<Vec<_>>();
    let first = page(Origin::Structure, true, "1.html", &[("c2", None), ("c3", Some("c2"))]);
    let second = page(Origin::Markup, false, "2.html", &[("c7", Some("c3"))]);
    assert_eq!(ids(vec![first.clone(), second.clone()]), ["c2", "c3", "c7"]);
    assert_eq!(ids(vec![second, first.clone()]), ["c2", "c3", "c7"]);
    // Alone, they may be places.
    assert_eq!(ids(vec![first.clone()]), ["c1", "c2"]);
    let mut again = page(Origin::Structure, true, "2.html", &[("c2", None), ("c3", None)]);
    again.comments.iter_mut().for_each(|comment| comment.text.push_str(" again"));
    assert_eq!(ids(vec![first, again]), ["c1", "c2", "c3", "c4"]);
}

/// A page of a forum where posts quote.
fn quoting(number: u64, ids: &[(&str, Option<&str>)]) -> Fragment {
    let mut page = fragment(Origin::Markup, ids);
    page.page_number = Some(number);
    for comment in &mut page.comments {
        comment.reply_basis = comment.reply_to.as_ref().map(|_| ReplyBasis::Quote);
        comment.depth = None;
    }
    page
}

fn answers(thread: &Thread) -> Vec<(Option<&str>, Option<ReplyBasis>, Option<u32>)> {
    thread.comments.iter().map(|c| (c.reply_to.as_deref(), c.reply_basis, c.depth)).collect()
}

#[test]
fn quotes_name_posts_of_other_pages_and_none_of_other_threads() {
    let first = quoting(1, &[("c1", None), ("c2", Some("c1")), ("c3", Some("c900"))]);
    let second = quoting(2, &[("c4", Some("c2")), ("c5", Some("c1"))]);
    let to = |id, depth| (Some(id), Some(ReplyBasis::Quote), Some(depth));
    let none = (None, None, None);
    assert_eq!(
        answers(&join(vec![second.clone(), first.clone()])),
        [none, to("c1", 1), none, to("c2", 2), to("c1", 1)]
    );
    // A thread of one page, too; and a site that states whom a comment answers may name one that is gone.
    assert_eq!(answers(&join(vec![first])), [none, to("c1", 1), none]);
    assert_eq!(answers(&join(vec![second.clone()])), [none, none]);
    let mut stated = second;
    stated.comments[0].reply_basis = Some(ReplyBasis::Stated);
    assert_eq!(join(vec![stated]).comments[0].reply_to.as_deref(), Some("c2"));
}

#[test]
fn only_what_came_earlier_is_answered_by_quoting_it() {
    let page = quoting(1, &[("c1", Some("c2")), ("c2", Some("c1"))]);
    assert_eq!(
        answers(&join(vec![page.clone()])),
        [(None, None, None), (Some("c1"), Some(ReplyBasis::Quote), Some(1))]
    );
    // Where the newest stand first, what is quoted stands below.
    let mut newest_first = page;
    for (comment, day) in newest_first.comments.iter_mut().zip(["02", "01"]) {
        comment.posted_at = crate::text::dates::parse_machine(&format!("2024-05-{day}T10:00:00Z"));
    }
    let thread = join(vec![newest_first]);
    assert_eq!(answers(&thread), [(Some("c2"), Some(ReplyBasis::Quote), Some(1)), (None, None, None)]);
}

#[test]
fn in_a_thread_sorted_by_votes_dates_tell_what_came_earlier() {
    let mut page = quoting(1, &[("c1", None), ("c2", Some("c3")), ("c3", None), ("c4", Some("c2"))]);
    for (comment, day) in page.comments.iter_mut().zip(["01", "20", "10", "05"]) {
        comment.posted_at = crate::text::dates::parse_machine(&format!("2024-05-{day}T10:00:00Z"));
    }
    let thread = join(vec![page]);
    let answered: Vec<_> = answers(&thread).into_iter().map(|(to, ..)| to).collect();
    assert_eq!(answered, [None, Some("c3"), None, None]);
}
