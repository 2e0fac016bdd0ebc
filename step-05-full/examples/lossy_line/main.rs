//! `cargo run -p step-05-full --example lossy_line -- A B`: a bad network for programs that know nothing of it.
//!
//! Makes two network devices, `A` and `B`, and carries every IP packet from one to the other, late, or not at all.
//! Moved into two network namespaces (`ip link set A netns …`), they are the only way between them. Not every kernel
//! has netem and tbf, which do the same. Needs Linux and root; `.ci/bad-lines/network.sh` shows all of it.
//!
//! Standard input changes the line while it runs. Each line of it names a direction, `there` (from A to B), `back` or
//! `both`, and then what changes in that direction:
//!
//! | setting     | unit         | meaning                                                                |
//! |-------------|--------------|------------------------------------------------------------------------|
//! | `delay=50`  | ms           | how long a packet is on its way                                        |
//! | `jitter=20` | ms           | up to so much longer, at random; packets do not overtake one another   |
//! | `loss=2`    | in 100       | packets that are lost, at random                                       |
//! | `burst=5`   | packets      | how many are lost in a row, on average; 0: each by itself              |
//! | `rate=300`  | 1000 bit/s   | the bandwidth; 0: no limit                                             |
//! | `queue=200` | ms           | how long a packet may wait for that bandwidth; what would wait longer is dropped |
//!
//! ```text
//! both delay=50 loss=2
//! there rate=300 queue=200
//! both loss=100
//! ```
//!
//! The end of standard input ends the line. Then it prints what became of the packets.

#[cfg(target_os = "linux")]
mod carrier;
#[cfg(any(target_os = "linux", test))]
mod setting;

use anyhow::{Context, Result};
use clap::Parser;

/// A bad network between two devices: standard input changes it, and its end ends it.
#[derive(Parser)]
struct Arguments {
    /// Name of the first device
    a: String,
    /// Name of the second device
    b: String,
    /// The same seed loses the same packets, if the same packets come
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[cfg(target_os = "linux")]
fn main() -> Result<()> {
    let Arguments { a, b, seed } = Arguments::parse();
    let line = carrier::Line::open(&a, &b, seed)?;
    println!("ready");
    for command in std::io::stdin().lines() {
        let command = command.context("standard input cannot be read")?;
        line.change(&command)?;
    }
    let (there, back) = line.counts();
    println!("{a} to {b}: {there}");
    println!("{b} to {a}: {back}");
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<()> {
    let Arguments { a, b, .. } = Arguments::parse();
    anyhow::bail!("{a} and {b} would be devices of Linux: start this there")
}
