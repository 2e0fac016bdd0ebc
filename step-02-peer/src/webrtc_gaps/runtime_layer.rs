//! A runtime that changes a method or two of another one.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
};

/// A future of a [`Runtime`], which is used as `dyn` and so boxes what it returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a layer changes in the runtime below it. A method that it does not implement stays as it is there.
pub trait RuntimeLayer: fmt::Debug + Send + Sync + 'static {
    /// The runtime that does the work.
    fn below(&self) -> &Arc<dyn Runtime>;

    /// See [`Runtime::sleep`].
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.below().sleep(duration)
    }

    /// See [`Runtime::wrap_udp_socket`].
    ///
    /// # Errors
    /// The system's.
    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        self.below().wrap_udp_socket(socket)
    }

    /// See [`Runtime::resolve_host`].
    fn resolve_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.below().resolve_host(host)
    }

    /// The layer and what is below it, as one runtime.
    fn into_runtime(self) -> Arc<dyn Runtime>
    where
        Self: Sized,
    {
        Arc::new(LayeredRuntime(self))
    }
}

/// `impl<L: RuntimeLayer> Runtime for L` would be shorter, but the orphan rule forbids it: the trait is webrtc's.
struct LayeredRuntime<L>(L);

impl<L: RuntimeLayer> fmt::Debug for LayeredRuntime<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<L: RuntimeLayer> Runtime for LayeredRuntime<L> {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        self.0.wrap_udp_socket(socket)
    }

    fn resolve_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.0.resolve_host(host)
    }

    fn spawn(&self, future: BoxFuture<'static, ()>) -> Box<dyn JoinHandle> {
        self.0.below().spawn(future)
    }

    fn wrap_tcp_listener(
        &self,
        listener: std::net::TcpListener,
    ) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.0.below().wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(
        &'a self,
        address: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Arc<dyn AsyncTcpStream>>> {
        self.0.below().connect_tcp(address)
    }

    fn now(&self) -> Instant {
        self.0.below().now()
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.0.below().interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.0.below().block_on(future);
    }

    fn yield_now(&self) -> BoxFuture<'static, ()> {
        self.0.below().yield_now()
    }

    fn name(&self) -> &'static str {
        self.0.below().name()
    }
}
