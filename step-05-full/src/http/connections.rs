//! The connections of the web server.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Between which addresses a request came.
#[derive(Debug, Clone, Copy)]
pub struct RequestAddresses {
    /// The address of this machine that the client knows how to reach.
    pub local: IpAddr,
    /// The client's, or that of a proxy before it.
    pub remote: IpAddr,
}

/// More than eight browsers open. Who comes later waits in the queue of the system.
const MOST_CONNECTIONS: usize = 128;

/// A connection that says nothing is closed: otherwise 128 silent ones would close the server to everyone else.
const SILENCE: Duration = Duration::from_secs(10);

/// Accepts connections until `stopped`, then drops those that are open.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    // Dropping the set ends its tasks.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // The semaphore is never closed, so there always is a permit to wait for.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let served = serve(stream, router.clone());
                connections.spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors: others will be closed soon.
                tracing::warn!(peer = "server", "no connection accepted: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router) {
    let (Ok(local), Ok(remote)) = (stream.local_addr(), stream.peer_addr()) else {
        return;
    };
    let router = router.layer(Extension(RequestAddresses {
        local: local.ip(),
        remote: remote.ip(),
    }));
    // An answer is a few kilobytes: it shall not wait to be joined by more.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = connection.await {
        tracing::debug!(peer = "server", "connection: {error}");
    }
}
