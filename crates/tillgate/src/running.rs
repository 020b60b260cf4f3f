//! A gateway that is spoken to, until it is told to stop.

use std::time::Duration;

use tokio::{
    net::{TcpListener, UnixListener},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use workers::Workers;

use crate::{
    gateway::Gateway,
    http::{DRAIN, LISTENER_GRACE, app::Readiness, serve},
    signals::StopSignals,
};

/// How a process ends that was told to stop a second time.
const CUT_OFF: i32 = 1;

/// A gateway that is spoken to.
pub(crate) struct Running {
    workers: Workers,
    readiness: Readiness,
    doors: JoinSet<()>,
    close: CancellationToken,
}

impl Running {
    /// Opens both doors.
    pub(crate) fn start(gateway: Gateway, listener: TcpListener, socket: UnixListener) -> Self {
        let Gateway { workers, readiness, app, operator, .. } = gateway;
        let close = CancellationToken::new();
        let mut doors = JoinSet::new();
        doors.spawn(serve(listener, app, close.clone()));
        doors.spawn(serve(socket, operator, close.clone()));
        Self { workers, readiness, doors, close }
    }

    /// Waits for the signal to stop, and stops. A second signal ends the process at once: whatever was answered is on
    /// the disk, and the next start goes on from there.
    pub(crate) async fn until_stopped(self, signals: &mut StopSignals) {
        let signal = signals.next().await;
        tracing::info!(signal, "stopping: what runs is finished");
        tokio::select! {
            () = self.stop() => {}
            signal = signals.next() => {
                tracing::warn!(signal, "stopped at once");
                std::process::exit(CUT_OFF);
            }
        }
    }

    /// Readiness first, then the doors, then what is behind them; workers meanwhile. All of it takes at most
    /// [`DRAIN`].
    async fn stop(mut self) {
        self.readiness.drain();
        let close = async {
            sleep(LISTENER_GRACE).await;
            self.close.cancel();
            let finished = async { while self.doors.join_next().await.is_some() {} };
            if timeout(DRAIN.saturating_sub(LISTENER_GRACE), finished).await.is_err() {
                tracing::warn!("some requests were cut off; what they had begun in the database is whole");
            }
            self.doors.shutdown().await;
        };
        tokio::join!(close, self.workers.stop(DRAIN.saturating_sub(Duration::from_millis(500))));
    }
}
