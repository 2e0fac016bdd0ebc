//! The option of the capture.

use std::path::PathBuf;

use crate::capture::capture_file::{CaptureError, CaptureFile};

/// Where packets are captured, if they are. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CaptureArguments {
    /// Write the packets of the call for Wireshark: STUN and DTLS as they are, media before encryption
    #[arg(long, value_name = "FILE.pcapng", conflicts_with = "lab")]
    pub pcap: Option<PathBuf>,
}

impl CaptureArguments {
    /// Creates the file, if there is to be one.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn create(&self) -> Result<Option<CaptureFile>, CaptureError> {
        self.pcap.as_deref().map(CaptureFile::create).transpose()
    }
}
