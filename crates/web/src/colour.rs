//! Colours, and how well one is read on another.

use std::fmt;

/// A colour of sRGB, opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// The least contrast of text against its ground (WCAG 2.2, success criterion 1.4.3).
pub const TEXT: f64 = 4.5;

/// The least contrast of the edge of a control, or of a mark that says something, against what is beside it (WCAG 2.2,
/// success criterion 1.4.11).
pub const CONTROL: f64 = 3.0;

/// Steps from a colour to black or white.
const STEPS: u32 = 64;

impl Colour {
    /// Black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self::rgb(0xff, 0xff, 0xff);

    /// The colour with these parts.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// The colour that `#rrggbb` names; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let mut parts = [0_u8; 3];
        const_hex::decode_to_slice(digits, &mut parts).ok()?;
        let [red, green, blue] = parts;
        Some(Self { red, green, blue })
    }

    /// How light it is, from 0 to 1 (WCAG 2.2, "relative luminance").
    pub fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// How well it is told from another, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The colour nearest to this one on the way to `goal` that has at least `least` contrast on every ground; `goal`
    /// itself where none on the way has.
    #[must_use]
    pub fn shifted(self, goal: Self, grounds: &[Self], least: f64) -> Self {
        let passes = |colour: &Self| grounds.iter().all(|ground| colour.contrast(*ground) >= least);
        (0..STEPS).map(|step| self.mixed(goal, step)).find(passes).unwrap_or(goal)
    }

    /// `step` of [`STEPS`] steps from this colour to another.
    fn mixed(self, other: Self, step: u32) -> Self {
        let part = |from: u8, to: u8| {
            let sum = u32::from(from) * (STEPS - step) + u32::from(to) * step;
            u8::try_from(sum / STEPS).unwrap_or(u8::MAX)
        };
        Self {
            red: part(self.red, other.red),
            green: part(self.green, other.green),
            blue: part(self.blue, other.blue),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.001);
        assert!((Colour::WHITE.contrast(Colour::WHITE) - 1.0).abs() < 0.001);
        // The lightest grey that passes for text on white.
        let grey = Colour::parse("#767676").unwrap();
        assert!(grey.contrast(Colour::WHITE) >= TEXT);
        assert!(Colour::parse("#777777").unwrap().contrast(Colour::WHITE) < TEXT);
    }

    #[test]
    fn only_six_digits_name_a_colour() {
        assert_eq!(Colour::parse("#2457d6").unwrap().to_string(), "#2457d6");
        for text in ["", "2457d6", "#2457d", "#2457d66", "#2457dg", "#+457d6", "red", "#246"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_colour_that_passes_is_left_alone() {
        let blue = Colour::parse("#2457d6").unwrap();
        assert_eq!(blue.shifted(Colour::BLACK, &[Colour::WHITE], TEXT), blue);
    }
}
