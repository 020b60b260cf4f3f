//! What a buyer filled in before he is told where to pay, and what is wrong with it.

use domain::{
    buyer::{Answers, BirthDate, Country, PersonalName, Questions, Sender},
    chain::{Method, Network},
    mail::MailAddress,
    money::AssetCode,
};
use serde::Deserialize;

/// The form as it was sent. What the page does not ask is absent.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Typed {
    pub(crate) version: u32,
    /// `network/asset`.
    pub(crate) way: Option<String>,
    #[serde(default)]
    pub(crate) email: String,
    pub(crate) payer: Option<Payer>,
    #[serde(default)]
    pub(crate) first_name: String,
    #[serde(default)]
    pub(crate) last_name: String,
    #[serde(default)]
    pub(crate) born: String,
    #[serde(default)]
    pub(crate) company: String,
    #[serde(default)]
    pub(crate) country: String,
}

/// Which kind of payer filled the form in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Payer {
    #[default]
    Person,
    Company,
}

/// Where something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Email,
    FirstName,
    LastName,
    Born,
    Company,
    Country,
}

impl Typed {
    /// The method that was chosen; nothing where the page offers none, or for what no page of ours has.
    pub(crate) fn method(&self) -> Option<Method> {
        let (network, asset) = self.way.as_deref()?.split_once('/')?;
        Some(Method { network: Network::parse(network).ok()?, asset: AssetCode::parse(asset).ok()? })
    }

    /// What the buyer says to these questions.
    ///
    /// # Errors
    /// Every field that is not what it has to be.
    pub(crate) fn answers(&self, asked: Questions) -> Result<Answers, Vec<Field>> {
        let mut wrong = Vec::new();
        let mut answers = Answers::default();
        if asked.email {
            answers.email = noted(MailAddress::parse(self.email.trim()), Field::Email, &mut wrong);
        }
        if asked.sender {
            answers.sender = self.sender(&mut wrong);
        }
        if wrong.is_empty() { Ok(answers) } else { Err(wrong) }
    }

    fn sender(&self, wrong: &mut Vec<Field>) -> Option<Sender> {
        match self.payer.unwrap_or_default() {
            Payer::Person => {
                let first_name = noted(PersonalName::parse(&self.first_name), Field::FirstName, wrong);
                let last_name = noted(PersonalName::parse(&self.last_name), Field::LastName, wrong);
                let born = noted(BirthDate::parse(self.born.trim()), Field::Born, wrong);
                Some(Sender::Person { first_name: first_name?, last_name: last_name?, born })
            }
            Payer::Company => {
                let name = noted(PersonalName::parse(&self.company), Field::Company, wrong);
                let code = self.country.trim().to_ascii_uppercase();
                let country = noted(Country::parse(&code), Field::Country, wrong);
                Some(Sender::Company { name: name?, country: country? })
            }
        }
    }
}

fn noted<T>(read: Option<T>, field: Field, wrong: &mut Vec<Field>) -> Option<T> {
    if read.is_none() {
        wrong.push(field);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Questions = Questions { email: true, sender: true };

    #[test]
    fn what_is_wrong_is_named_all_at_once() {
        assert_eq!(
            Typed::default().answers(ALL),
            Err(vec![Field::Email, Field::FirstName, Field::LastName, Field::Born])
        );
        let company =
            Typed { payer: Some(Payer::Company), country: "Germany".to_owned(), ..Typed::default() };
        assert_eq!(company.answers(ALL), Err(vec![Field::Email, Field::Company, Field::Country]));
    }

    #[test]
    fn only_what_is_asked_is_read() {
        assert_eq!(Typed::default().answers(Questions::default()), Ok(Answers::default()));
        let typed = Typed { email: " buyer@example.com ".to_owned(), ..Typed::default() };
        let answers = typed.answers(Questions { email: true, sender: false }).unwrap();
        assert_eq!(answers.email.unwrap().as_str(), "buyer@example.com");
    }

    #[test]
    fn blanks_and_small_letters_are_taken() {
        let typed = Typed {
            email: "a@b.example".to_owned(),
            payer: Some(Payer::Company),
            company: " Ada & Co ".to_owned(),
            country: " gbr".to_owned(),
            ..Typed::default()
        };
        let Some(Sender::Company { name, country }) = typed.answers(ALL).unwrap().sender else {
            panic!("no company")
        };
        assert_eq!((name.as_str(), country.as_str()), ("Ada & Co", "GBR"));
    }

    #[test]
    fn a_way_that_no_page_has_is_none() {
        let way = |text: &str| Typed { way: Some(text.to_owned()), ..Typed::default() }.method();
        assert_eq!(way("ethereum/USDT").unwrap().asset.as_str(), "USDT");
        for wrong in ["", "ethereum", "ethereum/", "/USDT", "ETHEREUM/usdt/x"] {
            assert_eq!(way(wrong), None, "{wrong}");
        }
    }
}
