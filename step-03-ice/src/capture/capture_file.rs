//! The file of `--pcap`.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::{DataLink, PcapError};
use step_02_peer::PacketCapture;

use crate::capture::ip_packet::ip_packet;

/// Packets that may wait for the disk. More are left out, and counted: a call does not wait.
const WAITING: usize = 4096;
/// How late a packet may be handed over.
const SAME_TIME: Duration = Duration::from_millis(100);
/// The longest IP packet.
const LONGEST: u32 = 65_535;
/// Times are written in units of 10^-9 s.
const NANOSECONDS: u8 = 9;

/// The file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the packets cannot be written to {}: {cause}: choose a folder that is there and has room", .path.display())]
pub struct CaptureError {
    path: PathBuf,
    cause: io::Error,
}

/// A file that is written while the call goes on. It has its name when it is whole.
pub struct CaptureFile {
    path: PathBuf,
    unfinished: Unfinished,
    packets: Arc<CapturedPackets>,
    writer: JoinHandle<io::Result<()>>,
}

/// A file that is removed with this, unless it got another name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Where the peers send their packets.
struct CapturedPackets {
    /// None when the file is finished.
    queue: Mutex<Option<SyncSender<Packet>>>,
    /// The sockets of this program.
    sockets: Mutex<HashSet<SocketAddr>>,
    left_out: AtomicU64,
}

/// A time since 1970, and the packet with its headers.
type Packet = (Duration, Vec<u8>);

impl CaptureFile {
    /// Creates the file beside its final name, and starts to write.
    ///
    /// # Errors
    /// [`CaptureError`] when it cannot be created.
    pub fn create(path: &Path) -> Result<Self, CaptureError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(format!(".{}", std::process::id()));
        let unfinished = Unfinished(unfinished.into());
        let failed = |cause| CaptureError {
            path: path.to_owned(),
            cause,
        };
        let file = File::create(&unfinished.0).map_err(failed)?;
        let (queue, queued) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("capture".to_owned());
        let writer = thread.spawn(move || write(file, &queued)).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            packets: Arc::new(CapturedPackets {
                queue: Mutex::new(Some(queue)),
                sockets: Mutex::default(),
                left_out: AtomicU64::new(0),
            }),
            writer,
        })
    }

    /// What a peer's configuration takes.
    pub fn packets(&self) -> Arc<dyn PacketCapture> {
        Arc::clone(&self.packets) as Arc<dyn PacketCapture>
    }

    /// Writes what waits, and gives the file its name. Call it when the peers are closed.
    ///
    /// # Errors
    /// [`CaptureError`]; the file is gone then.
    pub fn finish(self) -> Result<(), CaptureError> {
        self.packets.queue.lock().take();
        let written = self.writer.join().unwrap_or(Ok(()));
        let finished = written.and_then(|()| fs::rename(&self.unfinished.0, &self.path));
        match finished {
            Ok(()) => {
                let left_out = self.packets.left_out.load(Ordering::Relaxed);
                if left_out > 0 {
                    tracing::warn!(
                        "the disk was too slow: {left_out} packets are not in the capture"
                    );
                }
                Ok(())
            }
            Err(cause) => Err(CaptureError {
                path: self.path,
                cause,
            }),
        }
    }
}

impl CapturedPackets {
    fn queue(&self, at: SystemTime, from: SocketAddr, to: SocketAddr, contents: &[u8]) {
        let at = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let packet = (at, ip_packet(from, to, contents));
        let queue = self.queue.lock();
        if let Some(queue) = &*queue
            && queue.try_send(packet).is_err()
        {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl PacketCapture for CapturedPackets {
    fn opened(&self, socket: SocketAddr) {
        self.sockets.lock().insert(socket);
    }

    fn sent(&self, at: SystemTime, from: SocketAddr, to: SocketAddr, contents: &[u8]) {
        self.queue(at, from, to, contents);
    }

    /// A packet between two peers of this program was captured when it was sent.
    fn received(&self, at: SystemTime, from: SocketAddr, to: SocketAddr, contents: &[u8]) {
        if !self.sockets.lock().contains(&from) {
            self.queue(at, from, to, contents);
        }
    }
}

fn write(file: File, packets: &Receiver<Packet>) -> io::Result<()> {
    let file = write_blocks(BufWriter::new(file), packets).map_err(|error| match error {
        PcapError::IoError(cause) => cause,
        other => io::Error::other(other),
    })?;
    // Some file systems report only now that the disk is full.
    file.into_inner()?.sync_all()
}

fn write_blocks<W: Write>(file: W, packets: &Receiver<Packet>) -> Result<W, PcapError> {
    let mut writer = PcapNgWriter::new(file)?;
    writer.write_pcapng_block(InterfaceDescriptionBlock {
        // Packets begin with the header of IP: there was no Ethernet.
        linktype: DataLink::RAW,
        snaplen: LONGEST,
        options: vec![InterfaceDescriptionOption::IfTsResol(NANOSECONDS)],
    })?;
    // Two sockets may hand over their packets in the wrong order: each waits until those of the same time are there.
    let (mut waiting, mut number) = (BTreeMap::new(), 0_u64);
    while let Ok((at, packet)) = packets.recv() {
        number += 1;
        waiting.insert((at, number), packet);
        while let Some(oldest) = waiting.first_entry()
            && oldest.key().0 + SAME_TIME < at
        {
            let ((at, _), packet) = oldest.remove_entry();
            write_packet(&mut writer, at, packet)?;
        }
    }
    for ((at, _), packet) in waiting {
        write_packet(&mut writer, at, packet)?;
    }
    Ok(writer.into_inner())
}

fn write_packet<W: Write>(
    writer: &mut PcapNgWriter<W>,
    timestamp: Duration,
    packet: Vec<u8>,
) -> Result<(), PcapError> {
    writer.write_pcapng_block(EnhancedPacketBlock {
        interface_id: 0,
        timestamp,
        original_len: packet.len() as u32,
        data: packet.into(),
        options: Vec::new(),
    })?;
    Ok(())
}
