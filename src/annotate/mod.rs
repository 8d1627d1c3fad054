//! A web page on this machine to code comments by hand: one unit at a time, in its thread, with the codebook beside it.
//!
//! The server listens on one address, loopback unless asked otherwise. A link with a token lets one browser in, once; from then on
//! a cookie does. Everything the page needs is compiled in, and nothing is read from files by name. A decision is in the
//! [`Journal`] before the page is told so.

mod gate;
mod page;
mod routes;
mod view;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use crate::hand::{Form, Journal};
use crate::model::Key;
use gate::Gate;
use view::Desk;

/// What is coded, and where the codes go.
#[derive(Debug)]
pub struct Session {
    /// Questions and units.
    pub form: Form,
    /// What stands around the units in their threads; a unit without an entry is shown with the comment it answers alone.
    pub threads: HashMap<Key, Around>,
    /// The log of decisions, opened for this form.
    pub journal: Arc<Journal>,
}

/// What stands around a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Who wrote the unit, as a pseudonym.
    pub author: Option<String>,
    /// The comments it hangs below, the first of the thread first.
    pub ancestors: Vec<Remark>,
    /// The comments that answer it, in order.
    pub replies: Vec<Remark>,
}

/// A comment that is read and not coded.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Remark {
    /// Who wrote it, as a pseudonym.
    pub author: Option<String>,
    /// When, as in the table.
    pub posted_at: Option<String>,
    /// Its words.
    pub text: String,
}

/// Where the page is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// One address of this machine.
    pub host: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
}

impl Default for Options {
    /// Loopback, any port.
    fn default() -> Self {
        Self { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 0 }
    }
}

/// Why the page is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody can listen there.
    #[error("the page cannot be served on {address}: {source}. Choose another port, or 0 for any that is free")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// All addresses at once: links could not name one, nor requests be held against one.
    #[error("{host} stands for all addresses of this machine: name the one that the other device reaches it by")]
    Unspecified {
        /// The address asked for.
        host: IpAddr,
    },
    /// The system gives no random bytes.
    #[error("no random bytes for the link: {source}")]
    NoRandomness {
        /// Why.
        source: getrandom::Error,
    },
    /// The server broke off.
    #[error("the page is no longer served: {source}. What was saved is in the journal")]
    Broken {
        /// Why.
        source: io::Error,
    },
}

/// A page that is about to be served: the address is taken, nobody is answered yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    link: String,
    router: Router,
}

/// Takes an address for the page.
///
/// # Errors
/// [`ServeError::Bind`], [`ServeError::Unspecified`] or [`ServeError::NoRandomness`].
pub async fn serve(session: Session, options: Options) -> Result<Server, ServeError> {
    let Options { host, port } = options;
    if host.is_unspecified() {
        return Err(ServeError::Unspecified { host });
    }
    let bind = |source| ServeError::Bind { address: (host, port).into(), source };
    let listener = TcpListener::bind((host, port)).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let gate = Gate::new(address);
    let link = gate.link().map_err(|source| ServeError::NoRandomness { source })?;
    let router = routes::router(Arc::new(gate), Arc::new(Desk::new(session)));
    Ok(Server { listener, address, link, router })
}

impl Server {
    /// Where the page is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The link that lets one browser in, once.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Serves until `stop` is ready and the requests begun by then are answered.
    ///
    /// # Errors
    /// [`ServeError::Broken`].
    pub async fn until(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        axum::serve(self.listener, self.router)
            .with_graceful_shutdown(stop)
            .await
            .map_err(|source| ServeError::Broken { source })
    }
}

#[cfg(test)]
mod tests;
