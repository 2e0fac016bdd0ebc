//! The parameters of H.264 (RFC 6184 §8.1).

/// Also when the parameter is missing (RFC 6184 §6.2).
pub(super) const MODE_0: &str = "each packet contains one NAL unit (mode 0)";

pub(super) fn parameter(name: &str, value: &str) -> Option<String> {
    Some(match (name, value) {
        ("profile-level-id", _) => format!("{value} = {}", profile_and_level(value)?),
        ("packetization-mode", "0") => MODE_0.to_owned(),
        ("packetization-mode", "1") => {
            "packets can aggregate or fragment NAL units (mode 1)".to_owned()
        }
        ("packetization-mode", "2") => "NAL units can be interleaved (mode 2)".to_owned(),
        ("level-asymmetry-allowed", "1") => "each direction can have its own level".to_owned(),
        ("level-asymmetry-allowed", "0") => "both directions have the same level".to_owned(),
        ("sprop-parameter-sets", sets) => {
            let count = sets.split(',').count();
            format!(
                "{count} parameter sets (SPS, PPS) in base64, for decoding before the first frame"
            )
        }
        ("max-fs", _) => format!("frames of at most {value} macroblocks (16x16)"),
        ("max-mbps", _) => format!("at most {value} macroblocks a second"),
        ("max-br", _) => format!("at most {value} kbit/s"),
        _ => return None,
    })
}

/// The three bytes: profile_idc, constraint flags, level_idc (RFC 6184 §8.1, table 5).
fn profile_and_level(value: &str) -> Option<String> {
    if value.len() != 6 || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(value.get(at..at + 2)?, 16).ok();
    let (profile, flags, level) = (byte(0)?, byte(2)?, byte(4)?);
    let name = match profile {
        0x42 if flags & 0x40 != 0 => "constrained baseline",
        0x42 => "baseline",
        0x4d if flags & 0x80 != 0 => "constrained baseline",
        0x4d => "main",
        0x58 if flags & 0xc0 == 0xc0 => "constrained baseline",
        0x58 => "extended",
        0x64 if flags & 0x0c == 0x0c => "constrained high",
        0x64 => "high",
        0x6e => "high 10",
        0x7a => "high 4:2:2",
        0xf4 => "high 4:4:4",
        _ => "an unknown profile",
    };
    // Level 1b is level 1.1 with a flag (RFC 6184 §8.1).
    let level = match (level, level % 10) {
        (11, _) if flags & 0x10 != 0 && matches!(profile, 0x42 | 0x4d | 0x58) => "1b".to_owned(),
        (_, 0) => format!("{}", level / 10),
        (_, minor) => format!("{}.{minor}", level / 10),
    };
    let enough = match level.as_str() {
        "3" => " (720x480 at 30 frames a second)",
        "3.1" => " (1280x720 at 30 frames a second)",
        "4" => " (1920x1080 at 30 frames a second)",
        _ => "",
    };
    Some(format!("{name}, level {level}{enough}"))
}

#[cfg(test)]
mod tests {
    use super::profile_and_level;

    #[test]
    fn a_profile_level_id_has_a_profile_its_constraints_and_a_level() {
        let explained = |value| profile_and_level(value).unwrap_or_default();
        assert_eq!(
            explained("42e01f"),
            "constrained baseline, level 3.1 (1280x720 at 30 frames a second)"
        );
        assert_eq!(explained("42f00b"), "constrained baseline, level 1b");
        assert_eq!(
            explained("4d0028"),
            "main, level 4 (1920x1080 at 30 frames a second)"
        );
        assert_eq!(
            explained("640c1f"),
            "constrained high, level 3.1 (1280x720 at 30 frames a second)"
        );
        assert_eq!(explained("42e0"), "");
    }

    #[test]
    fn a_profile_level_id_has_three_bytes_and_no_more() {
        assert_eq!(profile_and_level("42e01f00"), None, "RFC 6184 §8.1");
        assert_eq!(profile_and_level("42e01g"), None, "g is no digit");
    }
}
