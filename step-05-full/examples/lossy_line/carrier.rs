//! The packets on their way, from the device of one side to that of the other.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use step_05_full::labs::line::{Counts, Direction, Fate, LineSettings};
use tappers::{Interface, Tun};

use crate::setting::set;

/// So many packets may be on their way: at 30 Mbit/s, for 5 s.
const PACKETS: usize = 16_384;

/// A device cannot have a larger MTU.
const LARGEST_PACKET: usize = 65_535;

/// Two devices, and the four threads between them, which end with the program.
pub(crate) struct Line {
    there: Arc<Mutex<Direction>>,
    back: Arc<Mutex<Direction>>,
}

struct Packet {
    arrives: Instant,
    bytes: Vec<u8>,
}

impl Line {
    /// Makes the devices and passes everything on at once, until it is changed.
    ///
    /// # Errors
    /// There is no `/dev/net/tun`, or no right to use it.
    pub(crate) fn open(a: &str, b: &str, seed: u64) -> Result<Self> {
        let (device_a, device_b) = (open_device(a)?, open_device(b)?);
        let there = Arc::new(Mutex::new(Direction::new(LineSettings::default(), seed)));
        let back = Arc::new(Mutex::new(Direction::new(
            LineSettings::default(),
            seed + 1,
        )));
        carry(&there, &device_a, &device_b)?;
        carry(&back, &device_b, &device_a)?;
        Ok(Self { there, back })
    }

    /// Carries out a line of standard input.
    ///
    /// # Errors
    /// It cannot be understood.
    pub(crate) fn change(&self, command: &str) -> Result<()> {
        let mut words = command.split_whitespace();
        let directions = match words.next() {
            None => return Ok(()),
            Some("there") => vec![&self.there],
            Some("back") => vec![&self.back],
            Some("both") => vec![&self.there, &self.back],
            Some(word) => bail!("{word:?} is none of there, back and both"),
        };
        for setting in words {
            for direction in &directions {
                set(&mut direction.lock().settings, setting)?;
            }
        }
        Ok(())
    }

    /// What became of the packets of each direction.
    pub(crate) fn counts(&self) -> (Counts, Counts) {
        (self.there.lock().counts(), self.back.lock().counts())
    }
}

fn open_device(name: &str) -> Result<Arc<Tun>> {
    let device = Interface::new(name).and_then(Tun::new_named);
    let device = device.with_context(|| {
        format!("no TUN device {name}: this needs root, /dev/net/tun, and a name that is free")
    })?;
    Ok(Arc::new(device))
}

/// Starts the two threads of one direction.
fn carry(direction: &Arc<Mutex<Direction>>, from: &Arc<Tun>, to: &Arc<Tun>) -> io::Result<()> {
    let (line, packets) = sync_channel(PACKETS);
    let (direction, from, to) = (Arc::clone(direction), Arc::clone(from), Arc::clone(to));
    thread::Builder::new()
        .name("departures".to_owned())
        .spawn(move || take(&direction, &from, &line))?;
    thread::Builder::new()
        .name("arrivals".to_owned())
        .spawn(move || deliver(&packets, &to))?;
    Ok(())
}

fn take(direction: &Mutex<Direction>, from: &Tun, line: &SyncSender<Packet>) {
    let mut buffer = vec![0; LARGEST_PACKET];
    loop {
        let length = match from.recv(&mut buffer) {
            Ok(length) => length,
            Err(error) => return eprintln!("the line ends: {error}"),
        };
        let fate = direction.lock().carry(length, Instant::now());
        if let Fate::Arrives(arrives) = fate {
            let bytes = buffer[..length].to_vec();
            // Waits when too many are on their way; the device drops what comes meanwhile.
            if line.send(Packet { arrives, bytes }).is_err() {
                return;
            }
        }
    }
}

fn deliver(packets: &Receiver<Packet>, to: &Tun) {
    for Packet { arrives, bytes } in packets {
        thread::sleep(arrives.saturating_duration_since(Instant::now()));
        // Refused while the device is not up.
        let _ = to.send(&bytes);
    }
}
