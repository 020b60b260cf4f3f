//! The colours of the pages: ink and paper, one accent, four meanings, in a light and a dark theme.
//!
//! The stylesheet takes its colours from here, so that what the tests measure is what people see.

use std::fmt::Write as _;

use crate::colour::{Colour, TEXT};

/// The accent of a shop that has chosen none.
pub const DEFAULT_ACCENT: Colour = Colour::rgb(0x24, 0x57, 0xd6);

/// Every colour of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The page.
    pub ground: Colour,
    /// What stands on it: cards, and the text on anything filled with the accent or a meaning.
    pub card: Colour,
    /// Text.
    pub ink: Colour,
    /// Text that is less important, and no less readable.
    pub soft: Colour,
    /// Lines that only part.
    pub line: Colour,
    /// The edge of a control.
    pub edge: Colour,
    /// What can be clicked, and the ring around what has the focus.
    pub accent: Colour,
    /// Done.
    pub good: Colour,
    /// On its way.
    pub wait: Colour,
    /// To be looked at.
    pub attention: Colour,
    /// Ended, and not well.
    pub bad: Colour,
}

impl Theme {
    /// The light theme with this accent, made darker until it can be read.
    pub fn light(accent: Colour) -> Self {
        let (ground, card) = (Colour::rgb(0xf4, 0xf5, 0xf7), Colour::WHITE);
        Self {
            ground,
            card,
            ink: Colour::rgb(0x15, 0x18, 0x1e),
            soft: Colour::rgb(0x55, 0x5c, 0x68),
            line: Colour::rgb(0xe1, 0xe4, 0xe9),
            edge: Colour::rgb(0x7d, 0x85, 0x92),
            accent: accent.shifted(Colour::BLACK, &[ground, card], TEXT),
            good: Colour::rgb(0x12, 0x6b, 0x3a),
            wait: Colour::rgb(0x1d, 0x5f, 0x75),
            attention: Colour::rgb(0x84, 0x4f, 0x00),
            bad: Colour::rgb(0xb0, 0x24, 0x1c),
        }
    }

    /// The dark theme with this accent, made lighter until it can be read.
    pub fn dark(accent: Colour) -> Self {
        let (ground, card) = (Colour::rgb(0x0f, 0x11, 0x15), Colour::rgb(0x19, 0x1c, 0x22));
        Self {
            ground,
            card,
            ink: Colour::rgb(0xec, 0xee, 0xf1),
            soft: Colour::rgb(0xa8, 0xaf, 0xba),
            line: Colour::rgb(0x2c, 0x31, 0x3a),
            edge: Colour::rgb(0x72, 0x7a, 0x87),
            accent: accent.shifted(Colour::WHITE, &[ground, card], TEXT),
            good: Colour::rgb(0x62, 0xc9, 0x8e),
            wait: Colour::rgb(0x73, 0xbb, 0xd2),
            attention: Colour::rgb(0xe6, 0xb0, 0x5c),
            bad: Colour::rgb(0xf4, 0x91, 0x88),
        }
    }

    /// The colours under the names that the stylesheet uses.
    pub const fn tokens(&self) -> [(&'static str, Colour); 11] {
        [
            ("ground", self.ground),
            ("card", self.card),
            ("ink", self.ink),
            ("soft", self.soft),
            ("line", self.line),
            ("edge", self.edge),
            ("accent", self.accent),
            ("good", self.good),
            ("wait", self.wait),
            ("attention", self.attention),
            ("bad", self.bad),
        ]
    }

    fn custom_properties(&self) -> String {
        self.tokens().into_iter().fold(String::new(), |mut text, (name, colour)| {
            // Writing to a string cannot fail.
            let _ = write!(text, "--{name}:{colour};");
            text
        })
    }
}

/// The head of the stylesheet: the colours of both themes.
pub(crate) fn stylesheet_head(accent: Colour) -> String {
    let (light, dark) = (Theme::light(accent).custom_properties(), Theme::dark(accent).custom_properties());
    format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::colour::CONTROL;

    /// Every pair of colours that meet on a page, and how well they must be told apart.
    fn pairs(theme: &Theme) -> Vec<(&'static str, &'static str, f64)> {
        let texts = ["ink", "soft", "accent", "good", "wait", "attention", "bad"];
        let mut pairs: Vec<_> =
            texts.iter().flat_map(|text| [(*text, "card", TEXT), (*text, "ground", TEXT)]).collect();
        pairs.extend([("edge", "card", CONTROL), ("edge", "ground", CONTROL)]);
        // Whatever is not a ground or a mere line meets one.
        for (name, _) in theme.tokens() {
            let is_ground = matches!(name, "ground" | "card" | "line");
            assert!(is_ground || pairs.iter().any(|(text, ..)| *text == name), "{name} is in no pair");
        }
        pairs
    }

    fn assert_readable(theme: &Theme) {
        let find = |name| theme.tokens().into_iter().find(|(known, _)| *known == name).unwrap().1;
        for (text, ground, least) in pairs(theme) {
            let contrast = find(text).contrast(find(ground));
            assert!(contrast >= least, "{text} on {ground}: {contrast:.2} of {least}");
        }
    }

    #[test]
    fn every_pair_of_tokens_can_be_told_apart_in_both_themes() {
        assert_readable(&Theme::light(DEFAULT_ACCENT));
        assert_readable(&Theme::dark(DEFAULT_ACCENT));
    }

    #[test]
    fn the_default_accent_is_used_as_it_is_in_the_light_theme() {
        assert_eq!(Theme::light(DEFAULT_ACCENT).accent, DEFAULT_ACCENT);
    }

    #[test]
    fn the_stylesheet_has_the_colours_of_both_themes() {
        insta::assert_snapshot!(stylesheet_head(DEFAULT_ACCENT));
    }

    proptest! {
        #[test]
        fn any_accent_is_shifted_until_it_can_be_read(red: u8, green: u8, blue: u8) {
            let accent = Colour::rgb(red, green, blue);
            assert_readable(&Theme::light(accent));
            assert_readable(&Theme::dark(accent));
        }
    }
}
