use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

use super::exit::Stop;

/// How often what waits looks whether it was interrupted.
pub(super) const CHECK_EVERY: Duration = Duration::from_millis(100);

/// Ctrl-C, and the request to end that systems send: the run stops at the next page and writes nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt {
    asked: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Interrupt {
    /// Listens from now on. A second request ends the process at once.
    pub(super) fn listen(runtime: &Runtime) -> Self {
        let interrupt = Self::default();
        let heard = interrupt.clone();
        runtime.spawn(async move {
            while wait().await {
                if heard.asked.swap(true, Ordering::SeqCst) {
                    std::process::exit(130);
                }
                heard.notify.notify_waiters();
            }
        });
        interrupt
    }

    /// Stops the run if it was asked to.
    pub(super) fn check(&self) -> Result<(), Stop> {
        if self.asked.load(Ordering::SeqCst) { Err(Stop::interrupted()) } else { Ok(()) }
    }

    /// Does what may wait for somebody (a silent standard input, a pipe) on a thread of its own, so that waiting can be
    /// interrupted.
    pub(super) fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stop> {
        let (sender, receiver) = mpsc::sync_channel(1);
        // Nobody listens any more where the run was stopped.
        thread::spawn(move || drop(sender.send(work())));
        loop {
            match receiver.recv_timeout(CHECK_EVERY) {
                Ok(done) => return Ok(done),
                Err(RecvTimeoutError::Timeout) => self.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(Stop::reading_broke_off()),
            }
        }
    }

    /// Resolves when the run is asked to stop.
    pub(super) async fn asked(&self) {
        let notified = self.notify.notified();
        if !self.asked.load(Ordering::SeqCst) {
            notified.await;
        }
    }
}

#[cfg(unix)]
async fn wait() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return false;
    };
    tokio::select! {
        heard = interrupt.recv() => heard.is_some(),
        heard = terminate.recv() => heard.is_some(),
    }
}

#[cfg(not(unix))]
async fn wait() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
