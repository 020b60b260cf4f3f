//! A buyer with a browser that runs no script: reads the page, presses its buttons, copies amount and address.

use reqwest::Client;
use testkit::until::until;

/// Somebody at the page of a payment.
pub(crate) struct Buyer {
    http: Client,
    origin: String,
    path: String,
    /// The chain that the tests are about.
    network: &'static str,
}

/// A page, as it was sent.
pub(crate) struct Page {
    pub(crate) html: String,
    network: &'static str,
}

/// A button that chooses a method, and the form around it.
pub(crate) struct Offer {
    action: String,
    fields: Vec<(String, String)>,
    /// What would have to be sent, or else why it cannot be chosen.
    pub(crate) amount: Result<String, String>,
}

impl Buyer {
    /// Follows the link to the checkout.
    pub(crate) fn new(http: Client, link: &str, network: &'static str) -> Self {
        let at = link.find("/pay/").unwrap_or_else(|| panic!("a link to a checkout, not {link}"));
        let (origin, path) = link.split_at(at);
        Self { http, origin: origin.to_owned(), path: path.to_owned(), network }
    }

    /// The same page where the gateway listens now.
    pub(crate) fn moved_to(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    pub(crate) async fn page(&self) -> Page {
        let response = self.http.get(format!("{}{}", self.origin, self.path)).send().await.expect("a page");
        assert_eq!(response.status(), 200);
        self.shown(response).await
    }

    async fn shown(&self, response: reqwest::Response) -> Page {
        Page { html: response.text().await.expect("a page"), network: self.network }
    }

    /// Waits until a method on the chain can be chosen.
    pub(crate) async fn is_offered(&self, asset: &str) {
        until(&format!("{asset} can be chosen"), async || match self.page().await.offer(asset) {
            Some(offer) => offer.amount,
            None => Err("it is not shown".to_owned()),
        })
        .await;
    }

    /// Waits until a method on the chain is shown with this reason why it cannot be chosen.
    pub(crate) async fn is_refused(&self, asset: &str, reason: &str) {
        until(&format!("{asset} cannot be chosen"), async || {
            let offer = self.page().await.offer(asset).expect("a method is shown, whatever its chain does");
            match offer.amount {
                Err(found) if found == reason => Ok(()),
                Err(other) | Ok(other) => Err(other),
            }
        })
        .await;
    }

    /// Presses the button of a method on the chain, and sees the page that follows.
    pub(crate) async fn choose(&self, asset: &str) -> Page {
        let page = self.page().await;
        let offer = page.offer(asset).unwrap_or_else(|| panic!("no {asset} on offer: {}", page.html));
        assert!(offer.amount.is_ok(), "{asset}: {:?}", offer.amount);
        self.press(&offer).await
    }

    /// Sends the form of a method that the page does not let one press.
    pub(crate) async fn choose_anyway(&self, asset: &str) -> Page {
        let offer = self.page().await.offer(asset).expect("a method");
        self.press(&offer).await
    }

    /// Sends the form of an offer, and follows the answer.
    async fn press(&self, offer: &Offer) -> Page {
        let pairs: Vec<_> = offer.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self
            .http
            .post(format!("{}{}", self.origin, offer.action))
            .header("Origin", &self.origin)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(pairs.join("&"));
        let response = request.send().await.expect("an answer to a form");
        assert_eq!(response.status(), 200, "{}", offer.action);
        self.shown(response).await
    }
}

impl Page {
    /// The name of what it shows.
    pub(crate) fn state(&self) -> &str {
        between(&self.html, "data-state=\"", "\"").unwrap_or_else(|| panic!("no state: {}", self.html))
    }

    /// What the button beside the amount copies.
    pub(crate) fn amount(&self) -> &str {
        self.copied("amount")
    }

    /// What the button beside the address copies.
    pub(crate) fn address(&self) -> &str {
        self.copied("address")
    }

    fn copied(&self, from: &str) -> &str {
        let end = format!("\" data-from=\"{from}\"");
        let button = self.html.split_once(&end).and_then(|(before, _)| before.rsplit_once("data-copy=\""));
        let Some((_, value)) = button else { panic!("no {from} to copy: {}", self.html) };
        value
    }

    /// The button of a method on the chain.
    pub(crate) fn offer(&self, asset: &str) -> Option<Offer> {
        self.offers().find(|offer| {
            let has = |name: &str, value: &str| offer.fields.contains(&(name.to_owned(), value.to_owned()));
            has("network", self.network) && has("asset", asset)
        })
    }

    fn offers(&self) -> impl Iterator<Item = Offer> {
        let forms = self.html.split("<form ").skip(1).filter_map(|rest| rest.split_once("</form>"));
        forms.map(|(form, _)| form).filter(|form| form.contains("class=\"method\"")).map(|form| {
            let fields = form.split("<input type=\"hidden\" ").skip(1).filter_map(|input| {
                let name = between(input, "name=\"", "\"")?;
                Some((name.to_owned(), between(input, "value=\"", "\"")?.to_owned()))
            });
            let amount = match between(form, "<span class=\"why\">", "</span>") {
                Some(reason) => Err(reason.to_owned()),
                None => {
                    Ok(between(form, "<span class=\"number\">", "</span>").expect("an amount").to_owned())
                }
            };
            assert_eq!(amount.is_err(), form.contains(" disabled>"), "{form}");
            Offer {
                action: between(form, "action=\"", "\"").expect("where it goes").to_owned(),
                fields: fields.collect(),
                amount,
            }
        })
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}
