//! A request for a payment, as merchants send it.

use domain::{
    buyer::Questions,
    merchant::Environment,
    money::{Amount, Price},
    payment::Order,
};
use sha2::{Digest, Sha256};
use utoipa::{
    ToSchema,
    openapi::{
        Object, Type,
        schema::{ObjectBuilder, SchemaType},
    },
};

use crate::{
    alpha::{
        errors::{ApiError, Code, Detail, DetailCode},
        settings::{CurrencyRule, Settings, WHOLE_DIGITS},
        wire::details::{Problems, Way},
    },
    field::{
        email,
        link::{self, LinkError},
    },
    http::json::{Json, JsonError},
};

/// The longest description, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 500;
/// The longest reference, in characters.
pub(crate) const MAX_REFERENCE: usize = 255;
/// The most members of an object in metadata.
const MAX_MEMBERS: usize = 50;
/// The longest name in metadata, in characters.
const MAX_NAME: usize = 40;
/// The longest text in metadata, in characters.
const MAX_TEXT: usize = 500;

/// A payment to be made. Fields that are not named here are ignored.
#[derive(ToSchema)]
#[schema(as = NewPayment)]
#[expect(
    dead_code,
    reason = "it describes; a body is read field by field, so that all its problems are told at once"
)]
pub(crate) struct NewPaymentBody {
    /// What to ask for: major units as a string, with at most the places of the currency.
    #[schema(pattern = "^[0-9]{1,12}(\\.[0-9]{1,4})?$", examples("25.00"))]
    amount: String,
    /// The currency: ISO 4217, upper case. USD, EUR, GBP and AED, unless the operator chose others.
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"))]
    currency: String,
    /// The buyer's e-mail address.
    #[schema(format = Email, max_length = 254, examples("buyer@example.com"))]
    customer_email: Option<String>,
    /// Where the buyer goes once it is paid: absolute, https, and plain http for this very machine in a sandbox.
    #[schema(format = "uri", max_length = 2048, examples("https://merchant.example/success"))]
    success_url: String,
    /// Where the buyer goes otherwise: as `success_url`.
    #[schema(format = "uri", max_length = 2048, examples("https://merchant.example/cancel"))]
    cancel_url: String,
    /// What the buyer reads.
    #[schema(max_length = 500, examples("Order A1001"))]
    description: Option<String>,
    /// The merchant's own id for the order. It need not be unique.
    #[schema(max_length = 255, examples("order-a1001"))]
    reference: Option<String>,
    #[schema(schema_with = metadata_schema, required = false)]
    metadata: Option<String>,
}

fn metadata_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(
            "Whatever else the merchant wants to find with the payment, but no payment credentials. Every object in \
             it has at most 50 members, names of at most 40 characters, and texts of at most 500.",
        ))
        .max_properties(Some(MAX_MEMBERS))
        .property_names(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_NAME)).build()))
        .examples([serde_json::json!({"cart": "c-77"})])
        .build()
}

/// A payment to be made, checked.
#[derive(Debug)]
pub(crate) struct NewPayment {
    pub(crate) price: Price,
    pub(crate) order: Order,
    /// SHA-256 of what was asked for, the same for every way to write it.
    pub(crate) fingerprint: [u8; 32],
}

impl NewPayment {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Code::InvalidJson`], [`Code::PaymentCredentialsNotAllowed`], and [`Code::ValidationFailed`] with everything
    /// that is wrong.
    pub(crate) fn read(body: &[u8], settings: &Settings, environment: Environment) -> Result<Self, ApiError> {
        let json = Json::parse(body).map_err(unreadable)?;
        let Json::Object(members) = &json else {
            let detail = Detail::new("", DetailCode::InvalidType, "the body has to be a JSON object");
            return Err(ApiError::about(Code::ValidationFailed, vec![detail]));
        };
        super::screen::check(&json)?;
        let fields = Fields { json: &json, settings, allow_local: !environment.is_live() };
        let mut problems = Problems::default();
        let currency = fields.currency();
        let amount = problems.take(fields.amount(currency.as_ref().ok().copied()));
        let currency = problems.take(currency);
        let customer_email = problems.take(fields.customer_email());
        let success_url = problems.take(fields.link("success_url"));
        let cancel_url = problems.take(fields.link("cancel_url"));
        let description = problems.take(fields.short_text("description", MAX_DESCRIPTION));
        let reference = problems.take(fields.short_text("reference", MAX_REFERENCE));
        fields.check_metadata(&mut problems);
        let (Some(amount), Some(rule)) = (amount, currency) else { return Err(problems.into()) };
        problems.none(Code::ValidationFailed)?;
        Ok(Self {
            price: Price { amount, currency: rule.currency },
            order: Order {
                reference: reference.flatten(),
                description: description.flatten(),
                questions: Questions::default(),
                customer_email: customer_email.flatten(),
                success_url,
                cancel_url,
                details: fields.given("metadata").map(Json::compact),
            },
            fingerprint: fingerprint(members, amount),
        })
    }
}

/// The error for a body that is not read as JSON.
pub(crate) fn unreadable(error: JsonError) -> ApiError {
    ApiError::worded(Code::InvalidJson, format!("The body cannot be read as JSON: {error}.").into())
}

/// The fields of a body.
struct Fields<'a> {
    json: &'a Json,
    settings: &'a Settings,
    allow_local: bool,
}

impl<'a> Fields<'a> {
    /// A field's value; a null is the same as nothing.
    fn given(&self, field: &str) -> Option<&'a Json> {
        self.json.get(field).filter(|value| **value != Json::Null)
    }

    fn text(&self, field: &str) -> Result<Option<&'a str>, Detail> {
        match self.given(field) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Detail::new(field, DetailCode::InvalidType, "it has to be a string")),
        }
    }

    fn required_text(&self, field: &str) -> Result<&'a str, Detail> {
        self.text(field)?.ok_or_else(|| Detail::new(field, DetailCode::Required, "it is missing"))
    }

    fn short_text(&self, field: &str, most: usize) -> Result<Option<String>, Detail> {
        match self.text(field)? {
            Some(text) if text.chars().count() > most => {
                Err(Detail::new(field, DetailCode::TooLong, format!("it has more than {most} characters")))
            }
            text => Ok(text.map(str::to_owned)),
        }
    }

    fn currency(&self) -> Result<&'a CurrencyRule, Detail> {
        let code = self.required_text("currency")?;
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let form = "it has to be the three upper-case letters of ISO 4217, such as USD";
            return Err(Detail::new("currency", DetailCode::Invalid, form));
        }
        self.settings.currency(code).ok_or_else(|| {
            let known: Vec<&str> =
                self.settings.currencies.iter().map(|rule| rule.currency.code.as_str()).collect();
            let message = format!("it is not taken here; it has to be one of {}", known.join(", "));
            Detail::new("currency", DetailCode::Unsupported, message)
        })
    }

    /// The amount, in minor units of its currency. Where the currency is not known, as much is checked as can be.
    fn amount(&self, rule: Option<&CurrencyRule>) -> Result<Amount, Detail> {
        let text = self.required_text("amount")?;
        let decimals = rule.map(|rule| rule.currency.decimals);
        let places = decimals.unwrap_or(MOST_PLACES);
        let whole = text.split('.').next().unwrap_or_default();
        let parsed = Amount::parse(text, places).ok().filter(|_| whole.len() <= usize::from(WHOLE_DIGITS));
        let amount = parsed.ok_or_else(|| {
            let places = decimals.map_or_else(String::new, |places| format!(" and {places} after it"));
            let form = format!("at most {WHOLE_DIGITS} digits before the point{places}");
            Detail::new("amount", DetailCode::Invalid, format!("it has to be a plain decimal number, {form}"))
        })?;
        let Some(rule) = rule else { return Ok(amount) };
        let beyond = |code, limit: Amount, word| {
            let limit = limit.to_decimal(rule.currency.decimals);
            Err(Detail::new("amount", code, format!("it is {word} than {limit}")))
        };
        if amount < rule.minimum {
            return beyond(DetailCode::TooSmall, rule.minimum, "less");
        }
        if amount > rule.maximum {
            return beyond(DetailCode::TooLarge, rule.maximum, "more");
        }
        Ok(amount)
    }

    fn customer_email(&self) -> Result<Option<String>, Detail> {
        match self.text("customer_email")? {
            Some(text) if text.len() > email::MAX_EMAIL => {
                let message = format!("it has more than {} bytes", email::MAX_EMAIL);
                Err(Detail::new("customer_email", DetailCode::TooLong, message))
            }
            Some(text) if !email::is_email(text) => {
                Err(Detail::new("customer_email", DetailCode::Invalid, "it has to be an e-mail address"))
            }
            text => Ok(text.map(str::to_owned)),
        }
    }

    fn link(&self, field: &str) -> Result<String, Detail> {
        let text = self.required_text(field)?;
        let (code, message) = match link::check(text, self.allow_local) {
            Ok(()) => return Ok(text.to_owned()),
            Err(LinkError::TooLong) => {
                let message = format!("it has more than {} characters", link::MAX_LINK);
                return Err(Detail::new(field, DetailCode::TooLong, message));
            }
            Err(LinkError::Malformed) => {
                (DetailCode::Invalid, "it has to be an absolute URL, percent-encoded")
            }
            Err(LinkError::Scheme) if self.allow_local => {
                (DetailCode::Invalid, "it has to begin with https:// (http:// for localhost only)")
            }
            Err(LinkError::Scheme) => (DetailCode::Invalid, "it has to begin with https://"),
            Err(LinkError::UserInfo) => (DetailCode::Invalid, "it may not name a user"),
        };
        Err(Detail::new(field, code, message))
    }

    fn check_metadata(&self, problems: &mut Problems) {
        match self.given("metadata") {
            None => {}
            Some(json @ Json::Object(_)) => {
                check_metadata(json, &Way::default().member("metadata"), problems);
            }
            Some(_) => {
                problems.note(Detail::new("metadata", DetailCode::InvalidType, "it has to be a JSON object"));
            }
        }
    }
}

/// The most places that a currency of ISO 4217 has.
const MOST_PLACES: u8 = 4;

fn check_metadata(json: &Json, way: &Way<'_>, problems: &mut Problems) {
    match json {
        Json::Object(members) => {
            if members.len() > MAX_MEMBERS {
                let message = format!("it has more than {MAX_MEMBERS} members");
                problems.note(Detail::new(*way, DetailCode::TooMany, message));
            }
            if members.iter().any(|(name, _)| name.chars().count() > MAX_NAME) {
                let message = format!("a name in it has more than {MAX_NAME} characters");
                problems.note(Detail::new(*way, DetailCode::TooLong, message));
            }
            for (name, value) in members {
                check_metadata(value, &way.member(name), problems);
            }
        }
        Json::List(values) => {
            for (index, value) in values.iter().enumerate() {
                check_metadata(value, &way.place(index), problems);
            }
        }
        Json::Text(text) if text.chars().count() > MAX_TEXT => {
            let message = format!("it has more than {MAX_TEXT} characters");
            problems.note(Detail::new(*way, DetailCode::TooLong, message));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
    }
}

/// SHA-256 of a request as it is compared: members in order, numbers by their value, nulls left out, the amount in
/// minor units.
///
/// Fields that we do not know are part of it. A later version may know them, and a request that is sent again across an
/// update still has to mean what it meant.
fn fingerprint(members: &[(String, Json)], amount: Amount) -> [u8; 32] {
    let given = members.iter().filter(|(_, value)| *value != Json::Null);
    let compared = given.map(|(name, value)| match name.as_str() {
        "amount" => (name.clone(), Json::Text(amount.minor().to_string())),
        _ => (name.clone(), value.clone()),
    });
    Sha256::digest(Json::Object(compared.collect()).canonical()).into()
}

#[cfg(test)]
mod tests;
