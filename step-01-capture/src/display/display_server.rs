//! The program that owns the screen.

use std::time::{Duration, Instant};

#[cfg(all(unix, not(target_os = "macos")))]
use std::os::unix::net::UnixStream;

/// An X server hangs up on a client that has not introduced itself for 60 s, so the connection is made anew before.
const RENEW_AFTER: Duration = Duration::from_secs(20);

/// A connection on which nothing is ever said, to notice that the display server ended.
///
/// Xlib ends the process when its own connection breaks, with a message of its own and before anything can be put in
/// order. So this one is looked at before every call into it: one read that does not wait, less than a microsecond.
/// It is made before Xlib's, because a server that is killed closes its connections in the order of their age.
///
/// This does not catch every end: a server that dies in the milliseconds between this look and Xlib's answer takes the
/// process with it. Xlib then writes its own line, `X connection to :0 broken`, and the exit status is 1 as well.
pub(crate) struct DisplayServer {
    name: String,
    #[cfg(all(unix, not(target_os = "macos")))]
    path: std::path::PathBuf,
    #[cfg(all(unix, not(target_os = "macos")))]
    connection: UnixStream,
    connected_at: Instant,
}

impl DisplayServer {
    /// A name for people, as in `X display :0`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// macOS and Windows have no such server.
#[cfg(not(all(unix, not(target_os = "macos"))))]
impl DisplayServer {
    pub(crate) fn connect() -> Option<Self> {
        None
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        false
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
impl DisplayServer {
    /// Connects to the server that a window is about to open on; none when it is on another machine.
    pub(crate) fn connect() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let wayland = wayland_socket(variable("WAYLAND_DISPLAY"), variable("XDG_RUNTIME_DIR"));
        // minifb tries Wayland first, too.
        [wayland, x_socket(variable("DISPLAY"))]
            .into_iter()
            .flatten()
            .find_map(|(name, path)| Self::connect_to(name, path))
    }

    fn connect_to(name: String, path: std::path::PathBuf) -> Option<Self> {
        let connection = UnixStream::connect(&path).ok()?;
        connection.set_nonblocking(true).ok()?;
        Some(Self {
            name,
            path,
            connection,
            connected_at: Instant::now(),
        })
    }

    /// Whether the server hung up. Never blocks.
    pub(crate) fn has_ended(&mut self) -> bool {
        use std::io::{ErrorKind, Read};
        match self.connection.read(&mut [0; 64]) {
            // A server that speaks unasked is alive.
            Ok(1..) => {}
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Ok(0) | Err(_) => return true,
        }
        if self.connected_at.elapsed() > RENEW_AFTER {
            match Self::connect_to(self.name.clone(), self.path.clone()) {
                Some(renewed) => *self = renewed,
                // Busy, perhaps: the connection at hand tells when it is over.
                None => self.connected_at = Instant::now(),
            }
        }
        false
    }
}

/// `:1` and `unix:1.0` are the socket `/tmp/.X11-unix/X1` (Xlib §2.1); `host:1` is another machine.
#[cfg(all(unix, not(target_os = "macos")))]
fn x_socket(display: Option<String>) -> Option<(String, std::path::PathBuf)> {
    let display = display?;
    let (host, number) = display.rsplit_once(':')?;
    let number: u32 = number.split('.').next()?.parse().ok()?;
    let path = format!("/tmp/.X11-unix/X{number}").into();
    matches!(host, "" | "unix").then(|| (format!("X display {display}"), path))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn wayland_socket(
    display: Option<String>,
    runtime_directory: Option<String>,
) -> Option<(String, std::path::PathBuf)> {
    let display = display?;
    // An absolute path stays as it is.
    let path = std::path::Path::new(&runtime_directory?).join(&display);
    Some((format!("Wayland display {display}"), path))
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn x_path(display: &str) -> Option<String> {
        let (_, path) = x_socket(Some(display.to_owned()))?;
        Some(path.display().to_string())
    }

    #[test]
    fn a_local_x_display_is_a_socket() {
        assert_eq!(x_path(":1").as_deref(), Some("/tmp/.X11-unix/X1"));
        assert_eq!(x_path("unix:12.0").as_deref(), Some("/tmp/.X11-unix/X12"));
    }

    #[test]
    fn an_x_display_elsewhere_is_not_watched() {
        assert_eq!(x_path("localhost:10.0"), None);
        assert_eq!(x_path("nonsense"), None);
    }

    #[test]
    fn a_wayland_display_is_a_socket_of_the_session() {
        let socket = wayland_socket(Some("wayland-0".into()), Some("/run/user/1000".into()));
        let path = socket.map(|(_, path)| path);
        assert_eq!(path, Some("/run/user/1000/wayland-0".into()));
    }

    #[test]
    fn a_connection_is_made_anew_before_the_server_hangs_up_on_it() {
        let path = std::env::temp_dir().join(format!("old-server-{}", std::process::id()));
        let listener = UnixListener::bind(&path).expect("a socket in the temporary directory");
        listener
            .set_nonblocking(true)
            .expect("every system can do that");
        let server = DisplayServer::connect_to("X display :7".to_owned(), path.clone());
        let mut server = server.expect("the listener is there");
        let _young = listener
            .accept()
            .expect("the connection that was just made");
        assert!(!server.has_ended());
        assert!(listener.accept().is_err(), "a young connection is kept");
        let Some(long_ago) = Instant::now().checked_sub(RENEW_AFTER * 2) else {
            return; // This machine was started less than a minute ago: its clock has no such time.
        };
        server.connected_at = long_ago;
        assert!(!server.has_ended());
        assert!(listener.accept().is_ok(), "an old one is made anew");
        assert_eq!(server.name(), "X display :7", "to the same server");
        let _ = std::fs::remove_file(path);
    }

    #[test]
    fn a_server_that_hangs_up_has_ended() {
        let path = std::env::temp_dir().join(format!("display-server-{}", std::process::id()));
        let listener = UnixListener::bind(&path).expect("a socket in the temporary directory");
        let server = DisplayServer::connect_to("test".to_owned(), path.clone());
        let mut server = server.expect("the listener is there");
        let (accepted, _) = listener
            .accept()
            .expect("the connection that was just made");
        assert!(!server.has_ended(), "the server holds the connection");
        drop(accepted);
        assert!(server.has_ended(), "the server closed the connection");
        // The socket is a file; leaving it would do no harm to the next run.
        let _ = std::fs::remove_file(path);
    }
}
