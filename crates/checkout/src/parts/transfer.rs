//! Where to send how much: a code for another device's wallet, a link for this one's, and both values to copy.

use askama::{Template, filters::HtmlSafe};
use domain::chain::AddressForm;
use engine::checkout::Instruction;
use web::{Html, amount, copy::Copyable, qr};

use crate::wallet_link;

/// How to pay an instruction.
#[derive(Template)]
#[template(path = "parts/transfer.html")]
pub(crate) struct Transfer {
    /// The code, unless its text is too long for any.
    code: Option<Html>,
    /// The link that opens a wallet, and whether the code says the same.
    link: Option<String>,
    due: String,
    asset: String,
    network: String,
    address: String,
    rows: [Copyable; 2],
}

impl HtmlSafe for Transfer {}

impl Transfer {
    /// How to pay, where that is done at an address: a card has none.
    pub(crate) fn at_address(instruction: &Instruction) -> Option<Self> {
        (instruction.network.form != AddressForm::Session).then(|| Self::new(instruction))
    }

    pub(crate) fn new(instruction: &Instruction) -> Self {
        let asset = &instruction.asset.asset;
        let number = amount::number(instruction.due, asset);
        Self {
            code: qr::code(&wallet_link::code_text(instruction)),
            link: wallet_link::wallet_link(instruction),
            due: amount::with_code(instruction.due, asset),
            asset: asset.code.to_string(),
            network: instruction.network.label.clone(),
            address: instruction.address.clone(),
            rows: [
                Copyable::number("amount", "Amount", number, asset.code.as_str()),
                Copyable::address("address", "Address", &instruction.address),
            ],
        }
    }
}
