//! QR codes, as markup of the page itself.

use fast_qr::{
    ECL, QRBuilder,
    convert::{Builder, Shape, svg::SvgBuilder},
};

use crate::html::Html;

/// Modules of quiet around the code (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// The code that says `text`, black on white in every theme, at error correction level M; nothing for a text that no
/// code holds. The page gives it a size and a name.
pub fn code(text: &str) -> Option<Html> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    Some(Html::own(SvgBuilder::default().margin(QUIET_ZONE).shape(Shape::Square).to_str(&code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_small_markup_without_styles() {
        let code = code("bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.00041667").unwrap();
        let markup = code.as_str();
        assert!(markup.starts_with("<svg viewBox=\"0 0 "), "{markup}");
        assert!(markup.contains(r##"fill="#ffffff""##) && markup.contains(r##"fill="#000000""##));
        assert!(!markup.contains("style") && !markup.contains("script"));
        assert!(markup.len() < 16_000, "{}", markup.len());
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        assert_eq!(code(&"x".repeat(3_000)), None);
    }
}
