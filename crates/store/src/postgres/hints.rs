//! Hints between nodes.
//!
//! NOTIFY takes a lock of the whole database until its transaction ends, so hints have a connection of their own, go in
//! no transaction, and those of one moment go as one. A hint that is lost only costs time: each worker looks by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use futures_util::StreamExt;
use tokio::{
    runtime::Builder,
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_postgres::{AsyncMessage, Client};

use super::{gate, gate::Driver, session::PATIENCE, url::PostgresUrl};
use crate::OpenError;

/// How long hints are gathered before they go.
const GATHER: Duration = Duration::from_millis(20);

/// How long it waits before it tries to connect again.
const PAUSE: Duration = Duration::from_secs(1);

/// A set of hints: what each bit means is the engine's business.
#[derive(Default)]
struct Hints {
    bits: AtomicU8,
    given: Notify,
}

impl Hints {
    fn give(&self, bits: u8) {
        self.bits.fetch_or(bits, Ordering::AcqRel);
        self.given.notify_one();
    }

    async fn taken(&self) -> u8 {
        loop {
            match self.bits.swap(0, Ordering::AcqRel) {
                0 => self.given.notified().await,
                bits => return bits,
            }
        }
    }
}

#[derive(Default)]
struct Shared {
    outgoing: Hints,
    incoming: Hints,
    stop: Notify,
}

/// Tells other nodes what changed here, and hears what changed there.
pub(crate) struct Messenger {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Messenger {
    pub(crate) fn start(url: &PostgresUrl) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::default());
        let (its_url, its_share) = (url.clone(), Arc::clone(&shared));
        let failed = |error: std::io::Error| OpenError::Migration(format!("no thread for hints: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let thread = std::thread::Builder::new()
            .name("store-hints".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = its_share.stop.notified() => {}
                        () = carry(&its_url, &its_share) => {}
                    }
                });
            })
            .map_err(failed)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Tells the other nodes, soon.
    pub(crate) fn give(&self, bits: u8) {
        self.shared.outgoing.give(bits);
    }

    /// Waits for hints of other nodes.
    pub(crate) async fn heard(&self) -> u8 {
        self.shared.incoming.taken().await
    }
}

impl Drop for Messenger {
    fn drop(&mut self) {
        self.shared.stop.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// Carries hints for ever, over one connection after another.
async fn carry(url: &PostgresUrl, shared: &Shared) {
    loop {
        if let Ok((client, driver)) = gate::reach(url).await {
            tokio::select! {
                () = listen(driver, shared) => {}
                () = speak(&client, shared) => {}
            }
            tracing::debug!("the connection for hints ended, and is made again");
        }
        sleep(PAUSE).await;
    }
}

/// Hears until the connection ends. A node hears itself too, which does no more harm than any other needless look.
async fn listen(mut driver: Driver, shared: &Shared) {
    while let Some(Ok(message)) = driver.next().await {
        if let AsyncMessage::Notification(said) = message {
            shared.incoming.give(said.payload().parse().unwrap_or(u8::MAX));
        }
    }
}

/// Speaks until the connection ends.
async fn speak(client: &Client, shared: &Shared) {
    let mut said = timeout(PATIENCE, client.batch_execute("listen tillgate")).await;
    if matches!(said, Ok(Ok(()))) {
        // What was said before this moment nobody heard here.
        shared.incoming.give(u8::MAX);
    }
    while let Ok(Ok(())) = said {
        shared.outgoing.given.notified().await;
        sleep(GATHER).await;
        let bits = shared.outgoing.bits.swap(0, Ordering::AcqRel);
        let text = format!("notify tillgate, '{bits}'");
        said = timeout(PATIENCE, client.batch_execute(&text)).await;
    }
}
