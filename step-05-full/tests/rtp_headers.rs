//! What single RTP packets say: their number in the stream, and what of H.264 they carry.

use bytes::Bytes;
use step_05_full::receive::h264_payload::{MalformedPayload, PayloadSummary};
use step_05_full::receive::sequence_number::{SequenceNumber, SequenceNumbers};

const SEE: &str = "see step-05-full/src/receive/h264_payload.rs";

fn read(payload: &[u8]) -> Result<PayloadSummary, MalformedPayload> {
    PayloadSummary::read(&Bytes::copy_from_slice(payload))
}

const WHOLE: PayloadSummary = PayloadSummary {
    sps: false,
    idr: false,
    continues: false,
    ends: true,
};
const WITH_SPS: PayloadSummary = PayloadSummary { sps: true, ..WHOLE };
const WITH_IDR: PayloadSummary = PayloadSummary { idr: true, ..WHOLE };

#[test]
fn a_single_nal_unit_says_what_it_is() {
    assert_eq!(
        read(&[0x41, 1, 2]),
        Ok(WHOLE),
        "a slice (RFC 6184 §5.6); {SEE}"
    );
    assert_eq!(
        read(&[0x09, 0x10]),
        Ok(WHOLE),
        "an access unit delimiter has two bytes (ITU-T H.264 §7.3.2.4); {SEE}"
    );
    assert_eq!(
        read(&[0x0a]),
        Ok(WHOLE),
        "an end of sequence has one (ITU-T H.264 §7.3.2.5); {SEE}"
    );
    assert_eq!(read(&[0x65, 1, 2]), Ok(WITH_IDR), "{SEE}");
    assert_eq!(read(&[0x67, 1, 2]), Ok(WITH_SPS), "{SEE}");
    for wrong in [
        &[][..],
        &[0x41],
        &[0x40, 1, 2],
        &[0x79, 1, 2],
        &[0x5f, 1, 2],
    ] {
        assert_eq!(read(wrong), Err(MalformedPayload), "{wrong:?}; {SEE}");
    }
}

#[test]
fn an_aggregate_has_all_of_its_nal_units_and_nothing_behind_them() {
    assert_eq!(
        read(&[24, 0, 2, 0x67, 1, 0, 1, 0x68]),
        Ok(WITH_SPS),
        "RFC 6184 §5.7.1; {SEE}"
    );
    assert_eq!(
        read(&[24, 0, 1, 0x68, 0, 2, 0x65, 1]),
        Ok(WITH_IDR),
        "{SEE}"
    );
    let both = PayloadSummary {
        sps: true,
        ..WITH_IDR
    };
    assert_eq!(
        read(&[24, 0, 1, 0x65, 0, 1, 0x67, 0, 1, 0x65]),
        Ok(both),
        "{SEE}"
    );
    assert_eq!(read(&[24, 0, 1, 0x41]), Ok(WHOLE), "{SEE}");
    for wrong in [
        &[24][..],
        &[24, 0],
        &[24, 0, 0],
        &[24, 0, 2, 0x67],
        &[24, 0, 1, 0x67, 9],
        &[24, 1, 0, 0x67],
    ] {
        assert_eq!(read(wrong), Err(MalformedPayload), "{wrong:?}; {SEE}");
    }
}

#[test]
fn a_fragment_is_the_beginning_the_middle_or_the_end() {
    let fragment = |sps, idr, continues, ends| {
        Ok(PayloadSummary {
            sps,
            idr,
            continues,
            ends,
        })
    };
    for (fu_header, expected) in [
        (0x85, fragment(false, true, false, false)),
        (0x05, fragment(false, true, true, false)),
        (0x45, fragment(false, true, true, true)),
        (0x81, fragment(false, false, false, false)),
        (0x41, fragment(false, false, true, true)),
        (0x87, fragment(true, false, false, false)),
        (0x07, fragment(false, false, true, false)),
    ] {
        assert_eq!(
            read(&[28, fu_header, 1]),
            expected,
            "{fu_header:#x}: RFC 6184 §5.8; {SEE}"
        );
    }
    assert_eq!(read(&[28, 0x85]), Err(MalformedPayload), "{SEE}");
}

fn extend(numbers: &mut SequenceNumbers, number: u16) -> u64 {
    match numbers.extend(number) {
        SequenceNumber::At(extended) => extended,
        other => panic!("{number} is near, so it belongs to the stream: {other:?}"),
    }
}

#[test]
fn sequence_numbers_go_on_where_they_wrap() {
    let mut numbers = SequenceNumbers::default();
    let first = extend(&mut numbers, 65_534);
    let extended = [65_535, 0, 1, 65_533, 2].map(|number| extend(&mut numbers, number));
    let expected = [1, 2, 3, -1, 4].map(|distance| first.wrapping_add_signed(distance));
    assert_eq!(
        extended, expected,
        "RFC 3550 §5.1; see step-05-full/src/receive/sequence_number.rs"
    );
}

#[test]
fn a_jump_of_3000_is_loss_and_a_further_one_must_be_confirmed() {
    for (near, far) in [(3100_u16, 3101_u16), (62_636, 62_634)] {
        let mut numbers = SequenceNumbers::default();
        extend(&mut numbers, 100);
        assert!(
            matches!(numbers.extend(near), SequenceNumber::At(_)),
            "{near}"
        );
        let mut numbers = SequenceNumbers::default();
        let first = extend(&mut numbers, 100);
        assert_eq!(
            numbers.extend(far),
            SequenceNumber::Stray,
            "RFC 3550 appendix A.1"
        );
        assert_eq!(
            extend(&mut numbers, 99),
            first - 1,
            "the stream goes on as it was"
        );
        assert_eq!(numbers.extend(far), SequenceNumber::Stray);
        assert_eq!(
            numbers.extend(far),
            SequenceNumber::Stray,
            "the next one confirms it, not the same"
        );
        let SequenceNumber::Restart(restart) = numbers.extend(far.wrapping_add(1)) else {
            panic!("two packets in a row confirm the jump");
        };
        assert!(restart > first + 3000, "always forward");
        assert_eq!(extend(&mut numbers, far.wrapping_add(2)), restart + 1);
    }
}
