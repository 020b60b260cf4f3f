//! Rust text taken apart just far enough for the rules: what is code, what is a comment, what is a string, and what
//! only tests compile.
//!
//! A parser would know more, and make the quickest check of the project the slowest to build. What this relies on
//! besides is rustfmt, whose check runs before.

use std::ops::Range;

/// A Rust file's text, taken apart.
pub(crate) struct Source {
    /// The text with every byte of a comment, a string or a character literal replaced by a blank. Line breaks stay,
    /// so that lines and offsets are those of the text.
    code: String,
    literals: Vec<Literal>,
    test_lines: Vec<bool>,
}

/// A string literal.
pub(crate) struct Literal {
    /// The line it starts on, from 1.
    pub(crate) line: usize,
    /// What stands between its quotes, escapes as written.
    pub(crate) text: String,
}

impl Source {
    /// Takes `text` apart.
    pub(crate) fn new(text: &str) -> Self {
        let mut code = String::with_capacity(text.len());
        let mut literals = Vec::new();
        let mut line = 1;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let (kind, length) = next_span(rest);
            let (span, _) = rest.split_at(length);
            if kind == Kind::Code {
                code.push_str(span);
            } else {
                code.extend(span.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            }
            if kind == Kind::Text {
                literals.push(Literal { line, text: unquoted(span).to_owned() });
            }
            line += span.bytes().filter(|byte| *byte == b'\n').count();
            at += length;
        }
        let test_lines = test_lines(&code);
        Self { code, literals, test_lines }
    }

    /// The code alone, at the offsets of the text.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The string literals, in order.
    pub(crate) fn literals(&self) -> &[Literal] {
        &self.literals
    }

    /// Whether line `number` (from 1) belongs to an item that only tests compile.
    pub(crate) fn is_test(&self, number: usize) -> bool {
        self.test_lines.get(number.saturating_sub(1)).copied().unwrap_or(false)
    }

    /// The line, from 1, that the byte at `offset` stands on.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        line_of(&self.code, offset)
    }

    /// Where `needle` stands in the code, as offsets.
    pub(crate) fn find<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.match_indices(needle).map(|(offset, _)| offset)
    }

    /// The attributes, in order.
    pub(crate) fn attributes(&self) -> Vec<Attribute<'_>> {
        attributes(&self.code)
    }
}

/// An attribute, as it stands in the code: `#[test]`, `#![expect(…)]`.
pub(crate) struct Attribute<'a> {
    /// Its text, strings blanked.
    pub(crate) text: &'a str,
    /// Where it begins.
    pub(crate) start: usize,
    /// What it applies to, itself included; the whole file for an inner attribute.
    pub(crate) covers: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Text,
}

/// The span that `rest` begins with, and its length in bytes, which is never zero.
fn next_span(rest: &str) -> (Kind, usize) {
    let first = rest.as_bytes().first().copied().unwrap_or_default();
    match first {
        b'/' if rest.starts_with("//") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        b'/' if rest.starts_with("/*") => (Kind::Comment, block_comment(rest)),
        b'"' => (Kind::Text, plain_string(rest)),
        b'\'' => match character(rest) {
            // A comment, as far as the rules go: it is not code, and too short to say anything.
            Some(length) => (Kind::Comment, length),
            None => (Kind::Code, 1),
        },
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => word_or_string(rest),
        _ => (Kind::Code, rest.chars().next().map_or(1, char::len_utf8)),
    }
}

/// A block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A string from its opening quote to its closing one, in which a backslash hides what follows it.
fn plain_string(rest: &str) -> usize {
    let mut hidden = false;
    for (index, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if hidden => hidden = false,
            b'\\' => hidden = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal; nothing for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut inside = rest.char_indices().skip(1);
    let (_, first) = inside.next()?;
    if first == '\\' {
        let (hidden, byte) = inside.next()?;
        return rest
            .get(hidden + byte.len_utf8()..)?
            .find('\'')
            .map(|end| hidden + byte.len_utf8() + end + 1);
    }
    inside.next().filter(|(_, second)| *second == '\'').map(|(end, _)| end + 1)
}

/// A word, or the string that it is the prefix of: `r"…"`, `br#"…"#`, `c"…"`.
fn word_or_string(rest: &str) -> (Kind, usize) {
    let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(word);
    if matches!(name, "b" | "c") && after.starts_with('"') {
        return (Kind::Text, word + plain_string(after));
    }
    if matches!(name, "r" | "br" | "cr") {
        let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
        if after.as_bytes().get(hashes) == Some(&b'"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = after.split_at(hashes + 1).1;
            let length = body.find(&close).map_or(after.len(), |end| hashes + 1 + end + close.len());
            return (Kind::Text, word + length);
        }
    }
    (Kind::Code, word)
}

/// What stands between the quotes of a literal.
fn unquoted(span: &str) -> &str {
    let open = span.find('"').map_or(0, |quote| quote + 1);
    let close = span.rfind('"').unwrap_or(span.len()).max(open);
    span.get(open..close).unwrap_or_default()
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn attributes(code: &str) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices('#') {
        let open = match code.get(start..).unwrap_or_default() {
            rest if rest.starts_with("#[") => start + 1,
            rest if rest.starts_with("#![") => start + 2,
            _ => continue,
        };
        let end = closing(code, open);
        let covers = if open == start + 1 { start..item_end(code, end) } else { 0..code.len() };
        found.push(Attribute { text: code.get(start..end).unwrap_or_default(), start, covers });
    }
    found
}

/// The offset behind the bracket that closes the one at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return offset + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Where the item that begins at `from` ends: behind its first semicolon or its first braces, whichever comes first
/// outside of other brackets. An attribute of a field covers the fields behind it too.
fn item_end(code: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = code.as_bytes().get(at) {
        match byte {
            b'{' => return closing(code, at),
            b'(' | b'[' => at = closing(code, at),
            b';' | b'}' | b')' | b']' => return at + 1,
            _ => at += 1,
        }
    }
    code.len()
}

/// Which lines belong to items that only tests compile.
fn test_lines(code: &str) -> Vec<bool> {
    let mut lines = vec![false; code.lines().count()];
    for attribute in attributes(code).iter().filter(|attribute| is_for_tests(attribute.text)) {
        let first = line_of(code, attribute.covers.start) - 1;
        let last = line_of(code, attribute.covers.end);
        lines.iter_mut().take(last).skip(first).for_each(|line| *line = true);
    }
    lines
}

fn is_for_tests(attribute: &str) -> bool {
    let inside = attribute.trim_start_matches(['#', '!', '[']);
    ["cfg(test)", "cfg(all(test,", "test]", "tokio::test"].iter().any(|start| inside.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let source = Source::new(text);
        assert_eq!(source.code().len(), text.len(), "{text}");
        assert_eq!(source.code().lines().count(), text.lines().count(), "{text}");
        source.code().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        for (text, left) in [
            ("a // b\nc", "a c"),
            ("a /* b /* é */ d */ e", "a e"),
            (r#"a("b\"c", d)"#, "a( , d)"),
            (r##"a(r#"b"c"#, d)"##, "a( , d)"),
            (r#"a(br"b\", c"d")"#, "a( , )"),
            ("a('b', '\\'', '\\u{e9}', 'é', '\"') c", "a( , , , , ) c"),
            ("fn a<'b>(c: &'b str) { 'd: loop {} }", "fn a<'b>(c: &'b str) { 'd: loop {} }"),
            ("r#type(barb, é)", "r#type(barb, é)"),
            ("\"never closed", ""),
        ] {
            assert_eq!(code(text), left, "{text}");
        }
    }

    #[test]
    fn literals_are_kept_with_their_lines() {
        let source = Source::new("a(\"b\",\n r#\"c\n\"d\"#, b\"\",\n\"e\")");
        let found: Vec<_> = source.literals().iter().map(|one| (one.line, one.text.as_str())).collect();
        assert_eq!(found, [(1, "b"), (2, "c\n\"d"), (3, ""), (4, "e")]);
    }

    #[test]
    fn test_items_are_marked_to_their_ends() {
        let text = "
fn a() {}
#[cfg(test)]
mod b;
fn c() {}
#[cfg(test)]
#[expect(d)]
mod tests {
    fn e() {}
}
fn f() {}
#[test]
fn g(_: [u8; 2]) {
}
fn h() {}
";
        let source = Source::new(text);
        let marked: Vec<_> = (1..=15).filter(|line| source.is_test(*line)).collect();
        assert_eq!(marked, [3, 4, 6, 7, 8, 9, 10, 12, 13, 14]);
    }

    #[test]
    fn an_attribute_covers_its_item_and_an_inner_one_the_file() {
        let source = Source::new("#![expect(a)]\n#[expect(b, reason = \"]\")]\nfn c() { d }\nfn e() {}");
        let covered: Vec<_> = source
            .attributes()
            .iter()
            .map(|one| source.code().get(one.covers.clone()).unwrap().lines().count())
            .collect();
        assert_eq!(covered, [4, 2]);
    }
}
