//! A gateway put together: store, engine, workers, and what is answered.

use std::{net::SocketAddr, num::NonZero, sync::Arc, time::Duration};

use axum::Router;
use domain::{
    delivery::TargetJudge,
    money::Rate,
    pair::Pair,
    refusal::{Failure, Refusal},
};
use engine::{Engine, Setup};
use outbound::{
    callback::Callbacks,
    client::Settings,
    rates::{self, RateSource, Source},
    target::{Target, TargetPolicy},
};
use store::Store;
use workers::{Plan, Workers, deliver::Deliverer, mail::Postman, rates::Asker, watch::Watcher};

use crate::{
    config::{BaseUrl, Config},
    failure::{CommandError, NO_ROOM},
    http::app::{self, App, Readiness},
    mail, master_key,
    networks::{Chain, Networks},
    served,
    system::{SystemClock, SystemEntropy},
};

/// Connections that only read: as many as cores, within these bounds.
const READERS: std::ops::RangeInclusive<usize> = 2..=8;

/// A gateway that works, and is not yet spoken to.
pub(crate) struct Gateway {
    /// The engine.
    pub(crate) engine: Engine,
    /// Everything that works in the background.
    pub(crate) workers: Workers,
    /// Whether it should be sent requests.
    pub(crate) readiness: Readiness,
    /// What is answered over TCP.
    pub(crate) app: Router,
    /// What is answered on the operator's socket.
    pub(crate) operator: Router,
    /// What links begin with.
    pub(crate) public_url: BaseUrl,
}

impl Gateway {
    /// Opens the database and starts the workers of a gateway that listens on `bound`.
    ///
    /// # Errors
    /// Whatever keeps it from working, with the cure.
    pub(crate) async fn open(config: &Config, bound: SocketAddr) -> Result<Self, CommandError> {
        let Networks { specs, chains } = Networks::new(config)?;
        let policy = TargetPolicy { allow_private: config.allows_private_targets() };
        let setup = Setup {
            environment: *config.environment,
            networks: specs,
            dialects: dialects::all(),
            targets: Arc::new(Judge(policy)),
            keyring: master_key::keyring(config, &SystemEntropy)?,
            pinned_keys: config.wallets.pinned.clone(),
            rates: config.rates.policy_in(*config.environment),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        };
        let engine = Engine::open(open_store(config)?, setup).await;
        let engine = engine.map_err(|error| match error {
            engine::installation::OpenError::Store(_) => CommandError::new(error.to_string()).cure(NO_ROOM),
            _ => CommandError::new(error.to_string()),
        })?;
        prepare(&engine, config).await?;
        let public_url = config.public_url(bound);
        let checkout_url = config.checkout_url(bound);
        let postman = mail::postman(&config.mail, engine.clone(), &checkout_url)?;
        let plan = plan(&engine, config, chains, policy, postman)?;
        let readiness = Readiness::new(engine.clone());
        let app = App {
            readiness: readiness.clone(),
            public_url: public_url.as_str().to_owned(),
            is_test: *config.environment == domain::merchant::Environment::Test,
            trusted_proxies: config.trusted_proxies.iter().map(|block| **block).collect(),
            routes: served::routes(config, &engine, &public_url, &checkout_url)?,
        };
        let api = operator::Api { engine: engine.clone(), checkout_url: checkout_url.as_str().to_owned() };
        Ok(Self {
            workers: workers::start(&engine, plan),
            readiness,
            app: app.router(),
            operator: app::operator(api),
            public_url,
            engine,
        })
    }
}

/// Whether callbacks may go to a URL, by the rules of the room that sends them.
struct Judge(TargetPolicy);

impl TargetJudge for Judge {
    fn allows(&self, url: &str) -> bool {
        Target::parse(url, self.0).is_ok()
    }
}

fn open_store(config: &Config) -> Result<Store, CommandError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let readers = cores.clamp(*READERS.start(), *READERS.end());
    Store::open(
        &config.database.settings(&config.data_dir, readers),
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )
    .map_err(|error| CommandError::new(error.to_string()))
}

/// What a process does before anybody is answered.
async fn prepare(engine: &Engine, config: &Config) -> Result<(), CommandError> {
    let failed =
        |failure: Failure| CommandError::new(format!("the database cannot be used: {failure}")).cure(NO_ROOM);
    let read = |(pair, rate): (String, String)| Ok((Pair::parse(&pair)?, Rate::parse(&rate)?));
    let table: Result<Vec<_>, Refusal> = config.fixed_rates().into_iter().map(read).collect();
    let table =
        table.map_err(|refusal| CommandError::new(format!("rates.fixed cannot be used: {refusal}")))?;
    engine.set_fixed_rates(table).await.map_err(failed)?;
    if engine.is_shared() {
        // Whoever holds a lease may well be at work.
        return Ok(());
    }
    let released = engine.release_deliveries().await.map_err(failed)?;
    engine.release_mails().await.map_err(failed)?;
    if released > 0 {
        tracing::info!(released, "deliveries that were on their way when the last process ended go again");
    }
    Ok(())
}

fn plan(
    engine: &Engine,
    config: &Config,
    chains: Vec<Chain>,
    policy: TargetPolicy,
    postman: Postman,
) -> Result<Plan, CommandError> {
    let timeout = Duration::from_millis(config.webhooks.timeout_ms);
    let settings = Settings { timeout, policy, ..Settings::default() };
    let callbacks = Callbacks::new(settings).map_err(|error| CommandError::new(error.to_string()))?;
    let simulated = engine.networks().iter().filter(|spec| spec.simulated);
    let mut watchers: Vec<Watcher> =
        simulated.map(|spec| Watcher::sandbox(engine.clone(), spec.network)).collect();
    for chain in chains {
        watchers.push(chain.watcher(engine.clone())?);
    }
    let deliverer = Deliverer::new(engine.clone(), callbacks, policy, timeout);
    Ok(Plan { watchers, deliverer, asker: asker(engine, config)?, postman })
}

/// Who asks the sources of rates, where there are any to ask.
fn asker(engine: &Engine, config: &Config) -> Result<Option<Asker>, CommandError> {
    let sources = config.rates.live_in(*config.environment);
    let source = |source: Source| {
        let elsewhere = config.rates.base_urls.get(source.name());
        // Whoever names another place than the source's own has chosen it, and may well have it at home.
        let policy = TargetPolicy { allow_private: elsewhere.is_some() };
        let settings = Settings { timeout: rates::REQUEST_TIMEOUT, policy, ..Settings::default() };
        match elsewhere {
            Some(base) => RateSource::at(source, base, settings),
            None => RateSource::new(source, settings),
        }
    };
    let sources: Result<Vec<RateSource>, _> = sources.into_iter().map(source).collect();
    let sources = sources.map_err(|error| CommandError::new(error.to_string()))?;
    let currencies = config.currencies().into_iter().collect();
    Ok((!sources.is_empty()).then(|| Asker::new(engine.clone(), sources, currencies)))
}
