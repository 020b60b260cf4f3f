//! Where a payment's page is.

use web::PublicUrl;

/// The page of one payment.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    public_url: PublicUrl,
    /// The token as the link has it, with the prefix of a dialect that writes one.
    name: String,
    /// What stands before the token in the link.
    folder: String,
}

/// Where pages are, and all that is done on them.
const FOLDER: &str = "/pay";

/// The longest prefix of a token.
const PREFIX_LENGTH: usize = 12;

impl Place {
    /// The page that a path names, and the bare token in it: what follows the last underscore. Nothing for a text that
    /// cannot be a link of ours, so that what is written into pages and headers is letters, digits and underscores.
    pub(crate) fn parse<'a>(public_url: &PublicUrl, name: &'a str) -> Option<(Self, &'a str)> {
        let (prefix, token) = name.rsplit_once('_').unwrap_or(("", name));
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fits = token.len() == engine::token::TOKEN_LENGTH && prefix.len() <= PREFIX_LENGTH;
        (fits && is_plain(prefix) && is_plain(token)).then(|| {
            let (public_url, name) = (public_url.clone(), name.to_owned());
            (Self { public_url, name, folder: FOLDER.to_owned() }, token)
        })
    }

    /// The same page, where its dialect shows it: `path` is that of the page, and ends in its token.
    #[must_use]
    pub(crate) fn shown_at(self, path: &str) -> Self {
        let folder = path.rsplit_once('/').map_or(FOLDER, |(folder, _)| folder).to_owned();
        Self { folder, ..self }
    }

    /// The token as the link has it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The path of the page.
    pub(crate) fn page(&self) -> String {
        self.public_url.path(&format!("{}/{}", self.folder, self.name))
    }

    /// The path of one of its forms.
    pub(crate) fn form(&self, act: &str) -> String {
        self.public_url.path(&format!("{FOLDER}/{}/{act}", self.name))
    }

    /// What the addresses of all pages begin with.
    pub(crate) const fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_kept_in_links_and_taken_off_the_token() {
        let public_url = PublicUrl::parse("https://pay.example/till").unwrap();
        let token = "0123456789abcdefABCDEF";
        for name in [token.to_owned(), format!("chk_{token}")] {
            let (place, bare) = Place::parse(&public_url, &name).unwrap();
            assert_eq!(bare, token);
            assert_eq!(place.form("quote"), format!("/till/pay/{name}/quote"));
        }
    }

    #[test]
    fn a_page_is_where_its_dialect_shows_it_and_its_forms_are_not() {
        let public_url = PublicUrl::parse("https://pay.example/till").unwrap();
        let token = "0123456789abcdefABCDEF";
        let (place, _) = Place::parse(&public_url, token).unwrap();
        assert_eq!(place.page(), format!("/till/pay/{token}"));
        let place = place.shown_at(&format!("/bill/{token}"));
        assert_eq!(place.page(), format!("/till/bill/{token}"));
        assert_eq!(place.form("quote"), format!("/till/pay/{token}/quote"));
    }

    #[test]
    fn what_cannot_be_a_link_of_ours_is_none() {
        let public_url = PublicUrl::parse("https://pay.example").unwrap();
        let token = "0123456789abcdefABCDEF";
        for name in [
            String::new(),
            "short".to_owned(),
            format!("{token}x"),
            format!("a\"b_{token}"),
            format!("a_b_{token}"),
            format!("averylongprefix_{token}"),
            format!("é_{token}"),
            "0123456789abcdefABCDE%".to_owned(),
        ] {
            assert!(Place::parse(&public_url, &name).is_none(), "{name}");
        }
    }
}
