//! The offer that an ICE restart stands for.

use super::trickle_fragment::TrickleFragment;

/// Puts new ICE credentials into the offer with which a session began.
///
/// WHIP restarts ICE without a new offer: all but the credentials and the candidates stays as it was (RFC 9725
/// §4.3.3). For `setRemoteDescription()` a restart *is* a new offer (RFC 8829 §5.10), so here it is made.
pub fn restarted_offer(offer: &str, fragment: &TrickleFragment) -> String {
    let mut restarted = String::with_capacity(offer.len() + 64);
    for line in offer.lines().map(str::trim_end) {
        match line.split_once(':').map_or(line, |(name, _)| name) {
            // The old candidates belong to the old credentials.
            "a=candidate" | "a=end-of-candidates" => continue,
            "a=ice-ufrag" => restarted += &format!("a=ice-ufrag:{}", fragment.ufrag),
            "a=ice-pwd" => restarted += &format!("a=ice-pwd:{}", fragment.pwd),
            _ => restarted += line,
        }
        restarted += "\r\n";
    }
    restarted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_credentials_and_candidates_change() {
        let offer = "v=0\r\na=ice-ufrag:old1\r\na=ice-pwd:old\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=end-of-candidates\r\n";
        let fragment = TrickleFragment {
            ufrag: "new1".to_owned(),
            pwd: "new".to_owned(),
            ..TrickleFragment::default()
        };
        let expected = "v=0\r\na=ice-ufrag:new1\r\na=ice-pwd:new\r\na=mid:0\r\n";
        assert_eq!(restarted_offer(offer, &fragment), expected);
    }
}
