//! Where a shop's events go.

use domain::{
    dialect::DialectName,
    event::Event,
    id::{DeliveryId, EndpointId, PaymentId, ShopId},
    merchant::{ALL_EVENTS, Endpoint},
    refusal::{Failure, Refusal},
    time::Span,
};
use store::{Abort, Rx, Tx, endpoints::EndpointRow};
use zeroize::Zeroizing;

use crate::{Engine, events, shops};

/// Subscriptions that an endpoint may name.
const MAX_SUBSCRIPTIONS: usize = 50;

/// How far ahead the cutover of a rotation may be: a secret is replaced because it must not be used for much longer.
pub const LONGEST_CUTOVER: Span = Span::hours(24);

/// Events of a payment, and payments of a shop, among which a test looks for something to send.
const TEST_DEPTH: u32 = 50;

/// An endpoint to be made.
#[derive(Clone, Debug)]
pub struct CreateEndpoint {
    /// The shop whose events it gets.
    pub shop: ShopId,
    /// The dialect that words them.
    pub dialect: DialectName,
    /// Where they are posted.
    pub url: String,
    /// Event names in the dialect's words; none: all that there are.
    pub subscriptions: Vec<String>,
}

impl Engine {
    /// Makes an endpoint, and gives its secret, which is shown this once. Nothing is signed with it in a dialect that
    /// signs with the shop's credential.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`], [`Refusal::DialectUnknown`], [`Refusal::EventUnknown`],
    /// [`Refusal::EndpointUrlInvalid`], [`Refusal::EndpointLimit`].
    pub async fn create_endpoint(&self, command: CreateEndpoint) -> Result<(Endpoint, String), Failure> {
        let moment = self.moment();
        let dialect = self.dialect(command.dialect)?;
        if !self.0.setup.targets.allows(&command.url) {
            return Err(Refusal::EndpointUrlInvalid.into());
        }
        let subscriptions = match command.subscriptions.len() {
            0 => vec![ALL_EVENTS.to_owned()],
            1..=MAX_SUBSCRIPTIONS => command.subscriptions,
            _ => return Err(Refusal::TooMany.into()),
        };
        let known = |name: &String| name == ALL_EVENTS || dialect.event_names().contains(&name.as_str());
        if !subscriptions.iter().all(known) {
            return Err(Refusal::EventUnknown.into());
        }
        let secret = self.new_secret(command.dialect)?;
        let (engine, sealing) = (self.clone(), secret.clone());
        let (shop, limit, dialect, url) =
            (command.shop, dialect.endpoint_limit(), command.dialect, command.url);
        let job = move |tx: &mut Tx<'_>| -> Result<Endpoint, Abort> {
            let now = moment.business(tx)?;
            // Two at once must not both be the last that fits.
            shops::lock(tx, shop)?;
            let there = store::endpoints::of_shop(tx, shop)?;
            if there.iter().filter(|row| row.endpoint.dialect == dialect).count() >= limit {
                return Err(Refusal::EndpointLimit.into());
            }
            let endpoint = Endpoint {
                id: moment.ids(now).make(),
                shop,
                dialect,
                url: url.clone(),
                subscriptions: subscriptions.clone(),
                created_at: now,
                failing_since: None,
                cutover_at: None,
            };
            let sealed_secret = engine.seal_secret(endpoint.id.bytes(), &sealing)?;
            let row = EndpointRow { endpoint: endpoint.clone(), sealed_secret, sealed_previous: None };
            store::endpoints::insert(tx, &row)?;
            Ok(endpoint)
        };
        let endpoint = self.store().transact("endpoints.create", job).await?;
        Ok((endpoint, secret))
    }

    /// A shop's endpoints, oldest first.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`].
    pub async fn list_endpoints(&self, shop: ShopId) -> Result<Vec<Endpoint>, Failure> {
        let job = move |rx: &mut Rx<'_>| -> Result<Vec<Endpoint>, Abort> {
            shops::find(rx, shop)?;
            Ok(store::endpoints::of_shop(rx, shop)?.into_iter().map(|row| row.endpoint).collect())
        };
        self.store().read("endpoints.list", job).await
    }

    /// Ends an endpoint. What waits for it is given up, and can still be read.
    ///
    /// # Errors
    /// [`Refusal::EndpointNotFound`].
    pub async fn delete_endpoint(&self, shop: ShopId, id: EndpointId) -> Result<(), Failure> {
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            let now = moment.business(tx)?;
            if !store::endpoints::delete(tx, shop, id, now)? {
                return Err(Refusal::EndpointNotFound.into());
            }
            store::deliveries::park(tx, id)?;
            Ok(())
        };
        self.store().transact("endpoints.delete", job).await
    }

    /// Gives an endpoint a new secret. The one that signs now goes on for as long as `cutover` says, so that the shop
    /// has time to bring the new one to its servers: a callback carries one signature, and so there is no time with
    /// both.
    ///
    /// # Errors
    /// [`Refusal::EndpointNotFound`]; [`Refusal::EndpointUnsigned`] in a dialect that signs with the shop's credential;
    /// [`Refusal::CutoverOutOfRange`] for a span that is negative or longer than [`LONGEST_CUTOVER`].
    pub async fn rotate_endpoint(
        &self,
        shop: ShopId,
        id: EndpointId,
        cutover: Span,
    ) -> Result<(Endpoint, String), Failure> {
        if cutover < Span::ZERO || cutover > LONGEST_CUTOVER {
            return Err(Refusal::CutoverOutOfRange.into());
        }
        let moment = self.moment();
        let dialect = self.endpoint(shop, id).await?.dialect;
        if self.dialect(dialect)?.signs_with_credential() {
            return Err(Refusal::EndpointUnsigned.into());
        }
        let secret = self.new_secret(dialect)?;
        let (engine, sealing) = (self.clone(), secret.clone());
        let job = move |tx: &mut Tx<'_>| -> Result<Endpoint, Abort> {
            let now = moment.business(tx)?;
            let mut row = store::endpoints::lock(tx, shop, id)?.ok_or(Refusal::EndpointNotFound)?;
            // A secret whose own cutover has not come never signed anything: the one before it still does.
            row.sealed_previous = (cutover > Span::ZERO).then(|| row.signing(now).to_vec());
            row.sealed_secret = engine.seal_secret(id.bytes(), &sealing)?;
            row.endpoint.cutover_at = Some(now + cutover);
            store::endpoints::set_secrets(tx, &row)?;
            Ok(row.into_inner().endpoint)
        };
        let endpoint = self.store().transact("endpoints.rotate", job).await?;
        Ok((endpoint, secret))
    }

    /// Sends an endpoint the newest event of its shop that it listens to, as a delivery of its own.
    ///
    /// # Errors
    /// [`Refusal::EndpointNotFound`]; [`Refusal::EventNotFound`] while nothing has happened that it listens to.
    pub async fn test_endpoint(&self, shop: ShopId, id: EndpointId) -> Result<DeliveryId, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<DeliveryId, Abort> {
            let now = moment.business(tx)?;
            let endpoint = find(tx, shop, id)?.endpoint;
            let dialect = engine.dialect(endpoint.dialect)?;
            let newest = PaymentId::from_bytes([0xff; 16]);
            let oldest = PaymentId::from_bytes([0; 16]);
            for payment in store::payments::list(tx, shop, newest, oldest, TEST_DEPTH)? {
                if payment.dialect != endpoint.dialect {
                    continue;
                }
                let trail = store::events::trail(tx, shop, payment.events.last, TEST_DEPTH as usize)?;
                let heard = |event: &Event| {
                    dialect.event_name(event.kind, &event.state).filter(|name| endpoint.listens_to(name))
                };
                if let Some((event, name)) = trail.iter().find_map(|event| Some((event, heard(event)?))) {
                    let mut delivery = events::new_delivery(&mut moment.ids(now), event, name, id, now);
                    delivery.manual = true;
                    store::deliveries::insert(tx, &delivery)?;
                    return Ok(delivery.id);
                }
            }
            Err(Refusal::EventNotFound.into())
        };
        let delivery = self.store().transact("endpoints.test", job).await?;
        self.hints().deliver.notify_one();
        Ok(delivery)
    }

    async fn endpoint(&self, shop: ShopId, id: EndpointId) -> Result<Endpoint, Failure> {
        let job = move |rx: &mut Rx<'_>| -> Result<Endpoint, Abort> { Ok(find(rx, shop, id)?.endpoint) };
        self.store().read("endpoints.get", job).await
    }

    fn new_secret(&self, dialect: DialectName) -> Result<String, Refusal> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        self.entropy().fill(&mut *bytes);
        Ok(self.dialect(dialect)?.endpoint_secret(&bytes))
    }
}

fn find(rx: &mut Rx<'_>, shop: ShopId, id: EndpointId) -> Result<EndpointRow, Abort> {
    let found = store::endpoints::get(rx, id)?.filter(|row| row.endpoint.shop == shop);
    Ok(found.ok_or(Refusal::EndpointNotFound)?)
}
