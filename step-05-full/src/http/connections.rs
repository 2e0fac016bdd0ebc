//! The connections of the web server.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::Request;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

use super::host_candidates::Connection;

/// More than eight browsers open.
const MOST_CONNECTIONS: usize = 128;

/// A connection, and whether a request of its client is being answered now.
struct OpenConnection {
    task: AbortHandle,
    answering: Arc<AtomicBool>,
}

/// Accepts connections until `stopped`, then closes those that are open. A client that does not send its request, or does
/// not read the response, is disconnected after `client_timeout`.
///
/// One connection too many closes another one, instead of waiting for it: clients that only keep their connections open
/// cannot exclude others. A client whose idle connection was closed opens another one for its next request.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    client_timeout: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    // Dropping the set ends its tasks.
    let mut tasks = JoinSet::new();
    let mut open: VecDeque<OpenConnection> = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        while tasks.try_join_next().is_some() {}
        open.retain(|connection| !connection.task.is_finished());
        match accepted {
            Ok((stream, _)) => {
                if open.len() >= MOST_CONNECTIONS {
                    close_one(&mut open);
                }
                let answering = Arc::new(AtomicBool::new(false));
                let serving = serve(
                    stream,
                    router.clone(),
                    client_timeout,
                    Arc::clone(&answering),
                );
                let task = tasks.spawn(serving);
                open.push_back(OpenConnection { task, answering });
            }
            Err(error) => {
                // No file descriptors are left: others will be closed soon.
                tracing::warn!(peer = "server", "no connection accepted: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Closes the oldest connection whose client is not waiting for a response; if all are, the oldest.
fn close_one(open: &mut VecDeque<OpenConnection>) {
    let waiting = |connection: &OpenConnection| !connection.answering.load(Ordering::Acquire);
    let oldest = open.iter().position(waiting).unwrap_or(0);
    if let Some(connection) = open.remove(oldest) {
        connection.task.abort();
    }
}

async fn serve(
    stream: TcpStream,
    router: Router,
    client_timeout: Duration,
    answering: Arc<AtomicBool>,
) {
    let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else {
        // The client is gone.
        return;
    };
    // A response is sent at once, without waiting for more bytes (Nagle's algorithm).
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(client_timeout));
    let router = router.layer(Extension(Connection { remote, local }));
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        answering.store(true, Ordering::Release);
        let (response, answering) = (service.call(request), Arc::clone(&answering));
        async move {
            let response = response.await;
            answering.store(false, Ordering::Release);
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(client_timeout)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    if let Err(error) = connection.await {
        tracing::debug!(peer = "server", "connection: {error}");
    }
}
