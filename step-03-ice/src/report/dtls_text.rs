//! The DTLS records of a datagram in words, for the ladder of the report.

/// What the ladder needs of a datagram of DTLS.
pub(crate) struct DtlsText {
    /// The messages, as in `ServerHello, Certificate`.
    pub(crate) name: String,
    /// The records, one a line.
    pub(crate) records: String,
}

/// Content type, version, epoch, sequence number, length (RFC 6347 §4.1).
const RECORD_HEADER: usize = 13;
/// Type, length, sequence number, offset and length of the fragment.
const HANDSHAKE_HEADER: usize = 12;

impl DtlsText {
    /// Reads as many records as there are.
    pub(crate) fn read(mut datagram: &[u8]) -> Self {
        let (mut names, mut records) = (Vec::new(), String::new());
        while let Some((header, rest)) = datagram.split_at_checked(RECORD_HEADER) {
            let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
            let Some((body, next)) = rest.split_at_checked(length) else {
                break;
            };
            let epoch = u16::from_be_bytes([header[3], header[4]]);
            let number = header[5..11]
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
            let name = record_name(header[0], epoch, body);
            records += &format!("epoch {epoch}, record {number}: {name}, {length} bytes\n");
            names.push(name);
            datagram = next;
        }
        names.dedup();
        let name = names.join(", ");
        Self { name, records }
    }
}

/// In the words of TLS 1.2 (RFC 5246). From epoch 1 on a record is encrypted: of a handshake message that is Finished.
fn record_name(content_type: u8, epoch: u16, body: &[u8]) -> String {
    match (content_type, epoch) {
        (20, _) => "ChangeCipherSpec".to_owned(),
        (21, 0) => "Alert".to_owned(),
        (21, _) => "Alert (encrypted)".to_owned(),
        (22, 0) => handshake_name(body),
        (22, _) => "Finished (encrypted)".to_owned(),
        (23, _) => "application data (encrypted)".to_owned(),
        (other, _) => format!("content type {other}"),
    }
}

fn handshake_name(body: &[u8]) -> String {
    let name = match body.first() {
        Some(0) => "HelloRequest",
        Some(1) => "ClientHello",
        Some(2) => "ServerHello",
        Some(3) => "HelloVerifyRequest",
        Some(11) => "Certificate",
        Some(12) => "ServerKeyExchange",
        Some(13) => "CertificateRequest",
        Some(14) => "ServerHelloDone",
        Some(15) => "CertificateVerify",
        Some(16) => "ClientKeyExchange",
        Some(20) => "Finished",
        _ => "handshake message",
    };
    let is_fragment = |header: &[u8]| header[1..4] != header[9..12];
    match body.get(..HANDSHAKE_HEADER) {
        Some(header) if is_fragment(header) => format!("{name} (fragment)"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::DtlsText;

    const LOOK: &str = "see step-03-ice/src/report/dtls_text.rs";

    fn record(content_type: u8, epoch: u8, body: &[u8]) -> Vec<u8> {
        let header = [
            content_type,
            254,
            253,
            0,
            epoch,
            0,
            0,
            0,
            0,
            0,
            7,
            0,
            body.len() as u8,
        ];
        [&header[..], body].concat()
    }

    #[test]
    fn the_messages_of_a_flight_are_named_and_what_is_encrypted_is_not_read() {
        let whole = [2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9];
        let fragment = [11, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 1, 9];
        let flight = [
            record(22, 0, &whole),
            record(22, 0, &fragment),
            record(20, 0, &[1]),
            record(22, 1, &[1; 40]),
        ];
        let text = DtlsText::read(&flight.concat());
        let expected =
            "ServerHello, Certificate (fragment), ChangeCipherSpec, Finished (encrypted)";
        assert_eq!(text.name, expected, "the names of RFC 5246; {LOOK}");
        assert_eq!(text.records.lines().count(), 4, "{LOOK}");
    }

    #[test]
    fn a_record_that_is_cut_off_is_left_out() {
        let mut flight = record(22, 0, &[14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        flight.extend([22, 254, 253, 0]);
        assert_eq!(DtlsText::read(&flight).name, "ServerHelloDone", "{LOOK}");
        assert_eq!(DtlsText::read(&[]).name, "", "{LOOK}");
    }
}
