//! What the documents show is what the command does: their `console` blocks are run, in order, in one place a document.
//!
//! A line `$ causerie …` is run, with quotes and `> FILE` as a shell reads them; the lines below it must stand in what it
//! prints. `…` alone on a line stands for any lines. Blocks marked `console no-run` are not run.

use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

use walkdir::WalkDir;

use super::workplace::Workplace;

/// Stands for lines that a document leaves out.
const LEFT_OUT: &str = "…";

/// A command of a document, and what it is said to print.
#[derive(Debug, Default, PartialEq)]
struct Example {
    line: usize,
    arguments: Vec<String>,
    to_file: Option<String>,
    shown: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and every document below docs/.
fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> = WalkDir::new(root().join("docs"))
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    documents.push(root().join("README.md"));
    documents
}

/// Lines with their numbers, each with the fence it stands in: its indentation and the words behind its ticks.
fn fenced(markdown: &str) -> Vec<(usize, &str, Option<&str>)> {
    let (mut fence, mut indentation) = (None, 0);
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(markdown.lines()) {
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(words), None) => {
                fence = Some(words.trim());
                indentation = line.len() - line.trim_start().len();
            }
            (Some(_), Some(_)) => fence = None,
            (None, _) => lines.push((number, line.get(indentation..).unwrap_or_default().trim_end(), fence)),
        }
        if fence.is_none() {
            indentation = 0;
        }
    }
    lines
}

/// The examples of a document that are to be run; a fault names its line.
fn examples(markdown: &str) -> Result<Vec<Example>, String> {
    let mut examples: Vec<Example> = Vec::new();
    for (line, text, fence) in fenced(markdown) {
        match fence.map(|words| words.split_whitespace().collect::<Vec<_>>()).as_deref() {
            Some(["console"]) => {}
            Some(["console", "no-run"]) | None => continue,
            Some(["console", ..]) => return Err(format!("{line}: a console block is marked no-run or not at all")),
            Some(_) => continue,
        }
        if let Some(command) = text.strip_prefix("$ ") {
            let (mut words, to_file) = split(command).map_err(|fault| format!("{line}: {fault}"))?;
            if words.first().is_none_or(|word| word != "causerie") {
                return Err(format!("{line}: only causerie is run; mark the block no-run"));
            }
            words.remove(0);
            examples.push(Example { line, arguments: words, to_file, shown: Vec::new() });
        } else if let Some(example) = examples.last_mut() {
            example.shown.push(text.to_owned());
        } else {
            return Err(format!("{line}: output without a command"));
        }
    }
    Ok(examples)
}

/// Words of a command line and the file its output goes to. What a shell would do more than that is a fault.
fn split(command: &str) -> Result<(Vec<String>, Option<String>), String> {
    let mut words: Vec<String> = Vec::new();
    let mut file = None;
    let mut rest = command.chars().peekable();
    loop {
        while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
        let to_file = rest.next_if_eq(&'>').is_some();
        while to_file && rest.next_if_eq(&' ').is_some() {}
        match (word(&mut rest)?, to_file) {
            (Some(word), false) => words.push(word),
            (Some(word), true) => file = Some(word),
            (None, true) => return Err("no file behind >".to_owned()),
            (None, false) => return Ok((words, file)),
        }
    }
}

/// The next word, its quotes taken off.
fn word(rest: &mut Peekable<Chars<'_>>) -> Result<Option<String>, String> {
    let mut word = None;
    while let Some(letter) = rest.next_if(|letter| !letter.is_whitespace() && *letter != '>') {
        let word: &mut String = word.get_or_insert_default();
        match letter {
            '\'' | '"' => loop {
                match rest.next().ok_or("a quote is left open")? {
                    end if end == letter => break,
                    special @ ('$' | '`' | '\\' | '!') if letter == '"' => return Err(format!("{special} in quotes")),
                    inner => word.push(inner),
                }
            },
            special if "|&;<*?$`\\(){}[]~#!".contains(special) => return Err(format!("{special} is for a shell")),
            letter => word.push(letter),
        }
    }
    Ok(word)
}

/// The first lines shown that are not in the output where they should be.
fn missing<'a>(shown: &'a [String], output: &str) -> Option<&'a [String]> {
    let real: Vec<&str> = output.lines().map(str::trim_end).collect();
    let mut from = 0;
    for piece in shown.split(|line| line == LEFT_OUT) {
        let blank = |line: &String| line.is_empty();
        let begin = piece.iter().position(|line| !blank(line)).unwrap_or(piece.len());
        let end = piece.iter().rposition(|line| !blank(line)).map_or(begin, |last| last + 1);
        let piece = &piece[begin..end];
        let found = (from..=real.len()).find(|at| {
            real[*at..].len() >= piece.len() && real[*at..].iter().zip(piece).all(|(real, line)| real == line)
        });
        match found {
            Some(at) => from = at + piece.len(),
            None => return Some(piece),
        }
    }
    None
}

/// A place with what a clone has: the sample pages and the files the documents work with.
fn clone() -> Workplace {
    let place = Workplace::new();
    for folder in ["data/pages", "docs/examples"] {
        for entry in WalkDir::new(root().join(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(root()).unwrap();
                place.write(name.to_str().unwrap(), fs::read(entry.path()).unwrap());
            }
        }
    }
    place
}

/// What is wrong with an example in its place.
fn fault(place: &Workplace, example: &Example) -> Option<String> {
    let ran = place.run(&example.arguments);
    if ran.code != 0 {
        return Some(format!("exit code {}\n{}{}", ran.code, ran.err, ran.out));
    }
    let orders = match &example.to_file {
        Some(file) => {
            place.write(file, &ran.out);
            vec![ran.err]
        }
        // Which of the two a terminal shows first is the command's own business.
        None => vec![format!("{}{}", ran.err, ran.out), ran.out + &ran.err],
    };
    let lines = orders.iter().map(|output| missing(&example.shown, output)).min_by_key(Option::is_some)??;
    Some(format!("shown, but not printed (there):\n{}\nprinted:\n{}", lines.join("\n"), orders[0]))
}

#[test]
fn examples_do_what_is_shown() {
    let mut faults = Vec::new();
    let mut run = 0;
    for document in documents() {
        let name = document.strip_prefix(root()).unwrap().display().to_string();
        let examples = examples(&fs::read_to_string(&document).unwrap()).unwrap_or_else(|fault| {
            faults.push(format!("{name}:{fault}"));
            Vec::new()
        });
        let place = if examples.is_empty() { continue } else { clone() };
        run += examples.len();
        let found = examples.iter().filter_map(|example| {
            let Example { line, arguments, .. } = example;
            fault(&place, example).map(|fault| format!("{name}:{line}: causerie {}: {fault}", arguments.join(" ")))
        });
        faults.extend(found);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(run > 20, "{run} examples");
}

#[test]
fn links_lead_to_files() {
    for document in documents() {
        for (line, text, fence) in fenced(&fs::read_to_string(&document).unwrap()) {
            let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            for link in links.filter(|link| fence.is_none() && !link.is_empty() && !link.contains(':')) {
                let path = document.parent().unwrap().join(link);
                assert!(path.exists(), "{}:{line}: {link}", document.display());
            }
        }
    }
}

#[test]
fn only_marked_commands_are_taken() {
    let text = "```\n$ causerie a\n```\n```console no-run\n$ rm x\n```\n  ```console\n  $ causerie 'b c' d>e.txt\n  f\n\n    …\n  ```\n";
    let one = Example {
        line: 8,
        arguments: vec!["b c".to_owned(), "d".to_owned()],
        to_file: Some("e.txt".to_owned()),
        shown: ["f", "", "  …"].map(str::to_owned).into(),
    };
    assert_eq!(examples(text).unwrap(), [one]);
    for fault in ["$ ls", "$ causerie a | b", "$ causerie a *.csv", "$ causerie 'a", "$ causerie a >", "output"] {
        assert!(examples(&format!("```console\n{fault}\n```")).is_err(), "{fault}");
    }
    assert!(examples("```console later\n```").unwrap().is_empty() && examples("```console later\nx\n```").is_err());
}

#[test]
fn what_is_not_printed_is_seen() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let output = "one\ntwo  \nthree\nfour\n";
    for right in ["", "one\ntwo", "two\nthree\n\n", "one\n…\nfour", "…\nthree\n…", "one\n…\ntwo"] {
        assert_eq!(missing(&shown(right), output), None, "{right}");
    }
    for wrong in ["five", "one\nthree", "four\n…\none", "tw", "one\n…\none", "three\nfour\nfive"] {
        assert!(missing(&shown(wrong), output).is_some(), "{wrong}");
    }
}
