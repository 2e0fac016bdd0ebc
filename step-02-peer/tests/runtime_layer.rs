//! A layer changes the methods that it implements, and no others.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use step_02_peer::RuntimeLayer;
use webrtc::runtime::{MockRuntime, Runtime, TokioRuntime};

/// The file to open when a test fails.
const LOOK: &str = "see step-02-peer/src/webrtc_gaps/runtime_layer.rs";

/// Changes nothing.
#[derive(Debug)]
struct Plain(Arc<dyn Runtime>);

impl RuntimeLayer for Plain {
    fn below(&self) -> &Arc<dyn Runtime> {
        &self.0
    }
}

/// A runtime with a virtual clock and a network in memory, and the same below a layer.
fn layered() -> (Arc<dyn Runtime>, Arc<MockRuntime>) {
    let below = Arc::new(MockRuntime::new());
    (Plain(below.clone()).into_runtime(), below)
}

/// The error of the runtime below for what it cannot do.
fn rejection<T>(result: io::Result<T>) -> String {
    let error = result.err().map(|error| error.to_string());
    error.unwrap_or_else(|| format!("the runtime below was not called; {LOOK}"))
}

#[tokio::test]
async fn time_is_the_time_of_the_runtime_below() {
    let (layer, below) = layered();
    let sleep = layer.sleep(Duration::from_secs(30));
    let mut interval = layer.interval(Duration::from_secs(60));
    interval.tick().await;
    below.clock().advance(Duration::from_secs(60));
    assert_eq!(layer.now(), below.now(), "one clock for all; {LOOK}");
    sleep.await;
    // Counted from here: the second tick comes 60 s after it was asked for.
    let tick = interval.tick();
    below.clock().advance(Duration::from_secs(60));
    tick.await;
}

#[tokio::test]
async fn sockets_are_those_of_the_runtime_below() {
    let (layer, below) = layered();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let address = socket.local_addr().expect("it is bound");
    let socket = layer.wrap_udp_socket(socket);
    let socket = socket.expect("the network below accepts it");
    assert_eq!(socket.local_addr().ok(), Some(address), "{LOOK}");
    let taken = below.network().bind(address).map(drop);
    assert_eq!(
        taken.map_err(|error| error.kind()),
        Err(io::ErrorKind::AddrInUse),
        "the socket is in the network below; {LOOK}"
    );

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let rejected = rejection(layer.wrap_tcp_listener(listener));
    assert!(rejected.contains("wrap_tcp_listener"), "{rejected}; {LOOK}");
    let rejected = rejection(layer.connect_tcp(address).await);
    assert!(rejected.contains("connect_tcp"), "{rejected}; {LOOK}");
}

#[tokio::test]
async fn names_are_looked_up_by_the_runtime_below() {
    let (layer, _below) = layered();
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, 1).into();
    let found = layer.resolve_host("127.0.0.1:1").await;
    assert_eq!(found.ok(), Some(vec![address]), "{LOOK}");
    let rejected = rejection(layer.resolve_host("peer.example:1").await);
    assert!(rejected.contains("resolve_host"), "{rejected}; {LOOK}");
}

#[test]
fn work_is_done_by_the_runtime_below() {
    let (layer, _below) = layered();
    let (done, finished) = mpsc::channel();
    let also_done = done.clone();
    let work = async move { also_done.send("spawn").expect("the test listens") };
    layer.spawn(Box::pin(work)).detach();
    assert_eq!(finished.recv(), Ok("spawn"), "{LOOK}");
    layer.block_on(Box::pin(async {
        layer.yield_now().await;
        done.send("block_on").expect("the test listens");
    }));
    assert_eq!(finished.try_recv(), Ok("block_on"), "{LOOK}");
}

#[test]
fn a_layer_has_the_name_of_the_runtime_below_and_a_debug_text_of_its_own() {
    let (layer, _below) = layered();
    assert_eq!(layer.name(), "mock", "{LOOK}");
    let shown = format!("{:?}", Plain(Arc::new(TokioRuntime)).into_runtime());
    assert_eq!(shown, "Plain(TokioRuntime)", "{LOOK}");
}
