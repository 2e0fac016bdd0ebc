//! `--pcap`: the packets of a call in a file for Wireshark.

pub mod capture_arguments;
pub mod capture_file;
mod ip_packet;
