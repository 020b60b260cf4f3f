//! A request for an invoice, as merchants send it.

use domain::{
    buyer::Sender,
    chain::NetworkSpec,
    money::{Amount, Price},
    refusal::Refusal,
};
use utoipa::ToSchema;

use super::{
    codes::{self, Coin, Currency},
    details::{InvoiceDetails, InvoiceType},
    fields::{Fields, Problem, Problems},
    number::Number,
    sender,
    sentence::Rule,
};
use crate::{
    alphapo::{errors::ApiError, settings::Settings},
    field::{email, link},
};

/// The longest title, in characters.
const MAX_TITLE: usize = 50;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 1_000;
/// The longest name of an invoice or of a payer, in characters.
pub(crate) const MAX_ID: usize = 255;
/// Decimal places of the euro, in which the least amount is told.
const EURO_PLACES: u8 = 2;

/// An invoice to be made. Fields that are not named here are ignored.
#[derive(ToSchema)]
#[schema(as = NewInvoice)]
#[expect(
    dead_code,
    reason = "it describes; a body is read field by field, so that all its problems are told at once"
)]
pub(crate) struct NewInvoiceBody {
    /// Whether the invoice fails 15 minutes after its creation. `"1"`, `"0"`, 1 and 0 are taken as well.
    #[schema(examples(true))]
    timer: bool,
    /// What the buyer reads.
    #[schema(min_length = 1, max_length = 50, examples("Order A1001"))]
    title: String,
    /// The merchant's own id for the invoice: another one for each, for ever.
    #[schema(min_length = 1, max_length = 255, examples("order-a1001"))]
    foreign_id: String,
    /// What the amount is counted in: a fiat or a crypto code of `/currencies/list`.
    #[schema(examples("EUR"))]
    currency: String,
    /// What to ask for. A text with the number in it is taken as well, and no digit of either is lost.
    #[schema(value_type = f64, examples(106.75))]
    amount: String,
    /// Where the buyer goes once it is paid: absolute, http or https.
    #[schema(format = "uri", max_length = 2048, examples("https://merchant.example/success"))]
    url_success: String,
    /// Where the buyer goes otherwise: as `url_success`.
    #[schema(format = "uri", max_length = 2048, examples("https://merchant.example/failed"))]
    url_failed: String,
    /// The buyer's e-mail address.
    #[schema(format = Email, max_length = 254, examples("buyer@example.com"))]
    email_user: String,
    /// A lasting id of the payer.
    #[schema(max_length = 255, examples("12345"))]
    end_user_reference: Option<String>,
    /// Both take payment in parts until the deadline.
    #[schema(rename = "type")]
    kind: Option<InvoiceType>,
    /// What the buyer reads besides.
    #[schema(max_length = 1000, examples("Two coffees"))]
    description: Option<String>,
    /// The coin that the buyer is to pay with. With a timer, its address and amount are in the answer.
    #[schema(examples("BTC"))]
    sender_currency: Option<String>,
    /// Which data of the payer follow.
    sender_type: Option<sender::SenderType>,
    /// The payer's data. They are checked; where the operator wants payers to be asked, they are kept, sealed, and the
    /// page asks for those that are missing.
    sender_data: Option<sender::SenderData>,
}

/// An invoice to be made, checked.
#[derive(Debug)]
pub(crate) struct NewInvoice<'a> {
    pub(crate) foreign_id: String,
    pub(crate) price: Price,
    pub(crate) url_success: String,
    pub(crate) url_failed: String,
    pub(crate) email: Option<String>,
    /// Who pays.
    pub(crate) sender: Option<Sender>,
    /// The coin that was given.
    pub(crate) coin: Option<Coin<'a>>,
    /// What has to be given back, or shown.
    pub(crate) details: InvoiceDetails,
}

impl<'a> NewInvoice<'a> {
    /// Reads the fields of a body.
    ///
    /// # Errors
    /// One sentence for each field that is not what it has to be.
    pub(crate) fn read(
        fields: Fields<'_>,
        settings: &Settings,
        networks: &'a [NetworkSpec],
    ) -> Result<Self, ApiError> {
        let reader = Reader { fields, settings, networks };
        let mut problems = Problems::default();
        let timer = problems.take(fields.required("timer", fields.flag("timer")));
        let title = problems.take(fields.required("title", fields.text("title", MAX_TITLE)));
        let foreign_id = problems.take(fields.required("foreign_id", fields.name("foreign_id", MAX_ID)));
        let currency = problems.take(reader.currency());
        let amount = problems.take(reader.amount(currency.as_ref()));
        let url_success = problems.take(reader.link("url_success"));
        let url_failed = problems.take(reader.link("url_failed"));
        let email = problems.take(reader.email());
        let end_user_reference = problems.take(reader.end_user_reference());
        let kind = problems.take(fields.word("type", InvoiceType::WORDS));
        let description = problems.take(fields.text("description", MAX_DESCRIPTION));
        let coin = problems.take(reader.coin()).flatten();
        let sender = sender::read(fields, settings.strict_2026, &mut problems);
        let (
            Some(timer),
            Some(title),
            Some(foreign_id),
            Some(currency),
            Some(Some(amount)),
            Some(url_success),
            Some(url_failed),
            true,
        ) = (timer, title, foreign_id, currency, amount, url_success, url_failed, problems.is_empty())
        else {
            return Err(problems.into());
        };
        Ok(Self {
            foreign_id,
            price: Price { amount, currency: currency.asset() },
            url_success,
            url_failed,
            email: email.flatten(),
            sender,
            coin,
            details: InvoiceDetails {
                coin: coin.map(|coin| coin.row.code.to_owned()),
                timer,
                title: title.to_owned(),
                description: description.flatten().map(str::to_owned),
                currency: currency.code().to_owned(),
                end_user_reference: end_user_reference.flatten(),
                kind: kind.flatten().unwrap_or_default(),
                extended: settings.extended.clone(),
                fees: settings.fees(),
            },
        })
    }
}

/// The error for an amount below the least that the operator takes.
pub(crate) fn too_small(minimum: Amount) -> ApiError {
    let minimum = minimum.to_decimal(EURO_PLACES);
    ApiError::worded("amount", format!("The amount is too small. The minimum amount is {minimum} EUR."))
}

/// Reads fields that need more than themselves.
struct Reader<'f, 's, 'a> {
    fields: Fields<'f>,
    settings: &'s Settings,
    networks: &'a [NetworkSpec],
}

impl<'a> Reader<'_, '_, 'a> {
    fn currency(&self) -> Result<Currency<'a>, Problem> {
        let code = self.fields.required("currency", self.fields.text("currency", usize::MAX))?;
        codes::currency(code, self.networks).ok_or_else(|| self.fields.problem("currency", &Rule::In))
    }

    /// The amount; nothing where its currency is not known, and so only as much is checked as can be.
    fn amount(&self, currency: Option<&Currency<'_>>) -> Result<Option<Amount>, Problem> {
        let number = self.fields.required("amount", self.fields.number("amount"))?;
        let Some(currency) = currency else { return Ok(None) };
        read_amount(self.fields, "amount", &number, currency).map(Some)
    }

    fn link(&self, field: &str) -> Result<String, Problem> {
        let text = self.fields.required(field, self.fields.text(field, usize::MAX))?;
        let url = link::mended(text).ok().filter(|url| !self.settings.strict_urls || link::is_strict(url));
        url.map(String::from).ok_or_else(|| self.fields.problem(field, &Rule::Format))
    }

    fn email(&self) -> Result<Option<String>, Problem> {
        match self.fields.text("email_user", usize::MAX)? {
            Some(text) if email::is_email(text) => Ok(Some(text.to_owned())),
            Some(_) => Err(self.fields.problem("email_user", &Rule::Email)),
            None if self.settings.require_email => Err(self.fields.problem("email_user", &Rule::Required)),
            None => Ok(None),
        }
    }

    fn end_user_reference(&self) -> Result<Option<String>, Problem> {
        let given = self.fields.name("end_user_reference", MAX_ID)?;
        if given.is_none() && self.settings.strict_2026 {
            return Err(self.fields.problem("end_user_reference", &Rule::Required));
        }
        Ok(given)
    }

    fn coin(&self) -> Result<Option<Coin<'a>>, Problem> {
        let Some(code) = self.fields.text("sender_currency", usize::MAX)? else { return Ok(None) };
        let coin = codes::coin(code, self.networks);
        coin.map(Some).ok_or_else(|| self.fields.problem("sender_currency", &Rule::In))
    }
}

/// The most decimal places of an amount, however many its coin has: those that are written.
const MAX_PLACES: usize = 8;

/// The amount of a currency that a number writes.
///
/// # Errors
/// A sentence for nothing, and for more places than the currency has.
pub(crate) fn read_amount(
    fields: Fields<'_>,
    field: &str,
    number: &Number,
    currency: &Currency<'_>,
) -> Result<Amount, Problem> {
    let asset = currency.asset();
    if number.places() > MAX_PLACES {
        return Err(fields.problem(field, &Rule::Format));
    }
    number.amount(&asset).map_err(|refusal| {
        let rule = match refusal {
            Refusal::AmountZero => Rule::Min(Amount::from_minor(1).to_decimal(asset.decimals)),
            _ => Rule::Format,
        };
        fields.problem(field, &rule)
    })
}

#[cfg(test)]
mod tests;
