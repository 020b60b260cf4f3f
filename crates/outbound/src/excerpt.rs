//! The first of an answer, fit to be stored and shown.

use domain::delivery::EXCERPT_BYTES;

/// Gathers the first [`EXCERPT_BYTES`] of an answer. It never holds more, however much arrives.
#[derive(Default)]
pub(crate) struct Excerpt {
    bytes: Vec<u8>,
    cut: bool,
}

impl Excerpt {
    /// Takes what there is room for.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        let taken = chunk.len().min(EXCERPT_BYTES - self.bytes.len());
        self.bytes.extend(chunk.iter().take(taken));
        self.cut |= taken < chunk.len();
    }

    /// Whether more arrived than there was room for.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The text, at most [`EXCERPT_BYTES`] long: what is no UTF-8 is replaced, which may make it longer than the bytes;
    /// what would steer a terminal or a page is left out.
    pub(crate) fn text(&self) -> String {
        let mut length = 0;
        let mut chunks = self.bytes.utf8_chunks().peekable();
        let mut characters = String::new();
        while let Some(chunk) = chunks.next() {
            characters.push_str(chunk.valid());
            // Where the cut went through a character, its first half is no fault of the sender's.
            let halved = self.cut && chunks.peek().is_none();
            if !chunk.invalid().is_empty() && !halved {
                characters.push(char::REPLACEMENT_CHARACTER);
            }
        }
        let fits = |character: &char| {
            length += character.len_utf8();
            length <= EXCERPT_BYTES
        };
        characters.chars().filter_map(harmless).take_while(fits).collect()
    }
}

/// The character as it is shown: white space as a space, control characters not at all, and with them the marks that
/// turn the direction of text or end its line (Unicode Bidirectional Algorithm, UAX #9).
fn harmless(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ if character.is_control() => None,
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(bytes: &[u8]) -> Excerpt {
        let mut excerpt = Excerpt::default();
        excerpt.push(bytes);
        excerpt
    }

    #[test]
    fn it_holds_so_many_bytes_and_no_more_however_they_arrive() {
        let exact = excerpt(&[b'a'; EXCERPT_BYTES]);
        assert_eq!((exact.text().len(), exact.is_cut()), (EXCERPT_BYTES, false));
        let mut more = Excerpt::default();
        for _ in 0..10_000 {
            more.push(b"abcdefg");
        }
        assert_eq!((more.text().len(), more.is_cut()), (EXCERPT_BYTES, true));
        assert_eq!(more.bytes.len(), EXCERPT_BYTES);
        assert!(more.text().starts_with("abcdefgabc"));
    }

    #[test]
    fn it_is_cut_between_characters() {
        for length in 1..=4 {
            let character = ["a", "ä", "€", "😀"][length - 1];
            let text = excerpt(format!("x{}", character.repeat(EXCERPT_BYTES)).as_bytes()).text();
            let whole = (EXCERPT_BYTES - 1) / length;
            assert_eq!(text, format!("x{}", character.repeat(whole)));
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_the_result_still_fits() {
        assert_eq!(excerpt(b"caf\xe9 \xff\xfe ok").text(), "caf\u{fffd} \u{fffd}\u{fffd} ok");
        // An end that was sent like this, not cut by us.
        assert_eq!(excerpt(b"ok\xe2\x82").text(), "ok\u{fffd}");
        let noise = excerpt(&[0xff; EXCERPT_BYTES * 2]).text();
        assert_eq!(noise.len(), EXCERPT_BYTES / 3 * 3);
        assert!(noise.chars().all(|character| character == char::REPLACEMENT_CHARACTER));
    }

    #[test]
    fn nothing_in_it_steers_a_terminal_or_turns_the_text() {
        let text = excerpt("a\u{1b}[31m\r\nb\tc\0\u{7f}\u{9b}d\u{202e}e\u{2066}f\u{2028}g".as_bytes()).text();
        assert_eq!(text, "a[31m  b cdef g");
    }
}
