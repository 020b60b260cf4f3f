//! Text that somebody else wrote, made fit to be shown.

/// The same text without what cannot be seen and changes how the rest is read: control characters and the marks that
/// turn the direction of what follows (Unicode UAX 9, section 2: embeddings, overrides, isolates).
///
/// Letters of every script stay, and so do the marks inside of words. Escaping is the templates' work.
pub fn plain(text: &str) -> String {
    let kept = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    kept.filter(|letter| !turns(*letter)).collect::<String>().trim().to_owned()
}

const fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_left_out_and_letters_stay() {
        assert_eq!(plain("Order \u{202e}1001A\u{2066}\u{2069}"), "Order 1001A");
        assert_eq!(plain("two\nlines\u{0}\u{7f}"), "two lines");
        assert_eq!(plain("قهوة · 咖啡 · नमस्\u{200d}ते"), "قهوة · 咖啡 · नमस्\u{200d}ते");
    }
}
