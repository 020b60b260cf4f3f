//! What an operator may set.

use std::collections::BTreeMap;

use domain::{
    money::{Amount, Asset},
    time::Span,
};

use super::wire::details::Fees;

/// How long an invoice with a timer is open, and one without from the moment when its buyer has chosen a currency. The
/// vendor's, to the second.
pub(crate) const TIMER: Span = Span::minutes(15);

/// How long money that was seen in time may take to become final.
pub(crate) const CONFIRM_LIMIT: Span = Span::hours(24);

/// What an operator may set. A change binds later invoices only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the configuration")]
pub struct Settings {
    /// Whether what the vendor's newest page requires is required: `end_user_reference`.
    pub strict_2026: bool,
    /// Whether buyers are sent to `https` and names of hosts only.
    pub strict_urls: bool,
    /// Whether an invoice needs the buyer's e-mail address.
    pub require_email: bool,
    /// Whether payers are asked who they are, and what they or the shop say is kept.
    pub ask_sender: bool,
    /// The least that may be asked for, in euros; `None`: any amount.
    pub minimum: Option<Amount>,
    /// The codes whose callbacks say that an invoice expires a day after its money was seen. For others they go on
    /// saying when the timer ends, although money that was seen has the same day to become final.
    pub extended: Vec<String>,
    /// By code, the share of what was received that callbacks call a fee. Nothing is taken from anybody.
    pub deposit_fees: BTreeMap<String, Fee>,
    /// How long money that was seen in time, and lost its block, holds up expiry.
    pub seen_limit: Span,
    /// Requests of `exchange/calculate` in a minute from each address; 0: no limit.
    pub calculations_per_minute: u32,
}

/// A share of what was received, as decimal text and in millionths: `0.008` is 0.8 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fee {
    millionths: u32,
}

/// Decimal places of a share.
const SHARE_PLACES: u8 = 6;

impl Fee {
    /// The share that a decimal text writes, from 0 to below 1, with at most six places.
    pub fn parse(text: &str) -> Option<Self> {
        let share = Amount::parse(text, SHARE_PLACES).ok()?;
        let millionths = u32::try_from(share.minor()).ok().filter(|share| *share < 1_000_000)?;
        Some(Self { millionths })
    }

    /// The share as the vendor writes it.
    pub(crate) fn to_text(self) -> String {
        Amount::from_minor(self.millionths.into()).to_decimal(SHARE_PLACES)
    }
}

/// The currency of the least amount.
pub(crate) fn euro() -> Option<Asset> {
    Asset::currency("EUR").ok()
}

/// The least that may be asked for where nothing is set: ten euros, in cents.
pub const MINIMUM: Amount = Amount::from_minor(1_000);

impl Default for Settings {
    fn default() -> Self {
        Self {
            strict_2026: false,
            strict_urls: false,
            require_email: true,
            ask_sender: false,
            minimum: None,
            extended: ["BTC", "BCH"].map(str::to_owned).to_vec(),
            deposit_fees: BTreeMap::new(),
            seen_limit: Span::hours(1),
            calculations_per_minute: 30,
        }
    }
}

impl Settings {
    /// The share that is called a fee where this currency was received.
    pub(crate) fn deposit_fee(&self, code: &str) -> Fee {
        self.deposit_fees.get(code).copied().unwrap_or_default()
    }

    /// The shares that are not nothing, by code, as they are kept with what is made.
    pub(crate) fn fees(&self) -> Fees {
        let charged = self.deposit_fees.iter().filter(|(_, fee)| **fee != Fee::default());
        charged.map(|(code, fee)| (code.clone(), fee.millionths)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_a_share() {
        let text = |text: &str| Fee::parse(text).map(Fee::to_text);
        assert_eq!(text("0.008").as_deref(), Some("0.008000"));
        assert_eq!(text("0").as_deref(), Some("0.000000"));
        assert_eq!(text("0.999999").as_deref(), Some("0.999999"));
        for wrong in ["1", "0.0000001", "-0.1", "1%", ""] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
        assert_eq!(Settings::default().deposit_fee("BTC"), Fee::default());
    }
}
