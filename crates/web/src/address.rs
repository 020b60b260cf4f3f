//! How addresses and transaction hashes are written: in full, in groups of four, the first and last six stronger.
//!
//! The groups stand apart by the stylesheet alone: there is no blank between them, so that what is marked and copied is
//! the value itself.

use askama::{Template, filters::HtmlSafe};

/// Characters of a group.
const GROUP: usize = 4;

/// Characters at either end by which people recognise an address.
const ENDS: usize = 6;

/// An address or a hash, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "address.html")]
pub struct Grouped {
    groups: Vec<Vec<Run>>,
}

impl HtmlSafe for Grouped {}

/// Characters of one group that look the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    text: String,
    is_end: bool,
}

impl Grouped {
    /// The groups of a value.
    pub fn new(value: &str) -> Self {
        let letters: Vec<char> = value.chars().collect();
        let is_end = |at: usize| at < ENDS || at + ENDS >= letters.len();
        let mut groups: Vec<Vec<Run>> = Vec::new();
        for (at, letter) in letters.iter().enumerate() {
            if at % GROUP == 0 {
                groups.push(Vec::new());
            }
            let Some(group) = groups.last_mut() else { continue };
            match group.last_mut().filter(|run| run.is_end == is_end(at)) {
                Some(run) => run.text.push(*letter),
                None => group.push(Run { text: letter.to_string(), is_end: is_end(at) }),
            }
        }
        Self { groups }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> String {
        Grouped::new(value).render().unwrap()
    }

    #[test]
    fn groups_of_four_with_stronger_ends() {
        let first = "<span><b>0x5F</b></span><wbr><span><b>bD</b>B2</span><wbr><span>3156</span><wbr>";
        let last = "<wbr><span>2f64</span><wbr><span><b>180a</b></span><wbr><span><b>a3</b></span>";
        let whole = written("0x5FbDB2315678afecb367f032d93F642f64180aa3");
        assert!(whole.starts_with(first) && whole.ends_with(last), "{whole}");
        assert_eq!(written(""), "");
        assert_eq!(written("abc"), "<span><b>abc</b></span>");
    }

    #[test]
    fn what_is_copied_from_the_page_is_the_value() {
        for value in
            ["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "é<b>é"]
        {
            let mut text = written(value);
            for tag in ["<span>", "</span>", "<b>", "</b>", "<wbr>"] {
                text = text.replace(tag, "");
            }
            assert_eq!(text.replace("&#60;", "<").replace("&#62;", ">"), value);
        }
    }
}
