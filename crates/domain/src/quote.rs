//! What one method asks for what is still due, and what money that came for it is worth.

use crate::{
    chain::{Method, Script},
    id::QuoteId,
    money::{Amount, Asset, Price, Rate, Rounding, SignedAmount, mul_div},
    pair::Pair,
    refusal::Refusal,
    time::Timestamp,
};

/// A promise to a buyer: `asks` of an asset, sent in time, settles `covers` of the price, whatever the market does.
///
/// Money that no live quote was made for gets a quote of its own when it is first seen: it asks what came, covers what
/// that was worth then, and was never open to anybody. So all money is valued by one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its id.
    pub id: QuoteId,
    /// The method.
    pub method: Method,
    /// Where the money has to go.
    pub script: Script,
    /// Minor units of the price's currency that it settles.
    pub covers: Amount,
    /// Minor units of the method's asset that it asks for; never nothing.
    pub asks: Amount,
    /// Confirmations that make its money final.
    pub depth: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last moment at which money counts by it; `None` for one that was made for money that had come already.
    pub valid_until: Option<Timestamp>,
    /// Where its rate came from.
    pub provenance: Provenance,
}

/// The rate of a quote, and the answers that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Units of the price's currency for one unit of the asset, less the payment's spread.
    pub rate: Rate,
    /// What each source said that the rate was made from, before the spread. None where the price is in the asset.
    pub sources: Vec<SourcedRate>,
}

/// What one source said, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcedRate {
    /// The source: `kraken`, `ecb`, [`FIXED`](crate::rates::FIXED), [`SIMULATED`](crate::rates::SIMULATED).
    pub source: String,
    /// The pair.
    pub pair: Pair,
    /// What it said.
    pub rate: Rate,
    /// When it said so, or was asked where it does not tell.
    pub at: Timestamp,
}

impl Quote {
    /// Whether money that moved at `moment` counts by this quote.
    pub fn is_live(&self, moment: Timestamp) -> bool {
        self.valid_until.is_some_and(|last| moment <= last)
    }

    /// What `received` in all is worth by this quote, rounded down. At least what it asks is worth at least what it
    /// covers, exactly so where it is the same; the rest counts at the same ratio.
    pub fn worth(&self, received: Amount) -> Amount {
        // Only an absurd sum does not fit, and every such sum is above the price.
        mul_div(received.minor(), self.covers.minor(), self.asks.minor(), Rounding::Down)
            .map_or(Amount::from_minor(u128::MAX), Amount::from_minor)
    }

    /// What is still to be sent by this quote where `received` came already and `remaining` of the price is open:
    /// rounded up to what the asset can be quoted in, nothing where nothing is open.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn due(&self, received: Amount, remaining: SignedAmount, asset: &Asset) -> Result<Amount, Refusal> {
        let open = remaining.positive();
        if open.is_zero() || self.covers.is_zero() {
            return Ok(Amount::ZERO);
        }
        let target = self.worth(received).saturating_add(open);
        let total = mul_div(target.minor(), self.asks.minor(), self.covers.minor(), Rounding::Up)?;
        asset.round_up(Amount::from_minor(total).saturating_sub(received))
    }
}

/// What a quote is made of.
pub struct NewQuote {
    /// Its id.
    pub id: QuoteId,
    /// Where the money has to go.
    pub script: Script,
    /// What it settles, in the price's currency; never nothing.
    pub covers: Price,
    /// Confirmations that make its money final.
    pub depth: u32,
    /// The moment.
    pub now: Timestamp,
    /// The last moment at which money counts by it.
    pub valid_until: Timestamp,
    /// The rate.
    pub provenance: Provenance,
}

impl NewQuote {
    /// The quote for `asset` on the method's network.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where the amount does not fit.
    pub fn make(self, method: Method, asset: &Asset) -> Result<Quote, Refusal> {
        let asks = self.provenance.rate.asks(self.covers, asset)?;
        Ok(Quote {
            id: self.id,
            method,
            script: self.script,
            covers: self.covers.amount,
            asks,
            depth: self.depth,
            created_at: self.now,
            valid_until: Some(self.valid_until),
            provenance: self.provenance,
        })
    }
}
