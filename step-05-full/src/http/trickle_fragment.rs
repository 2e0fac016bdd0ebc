//! `application/trickle-ice-sdpfrag`: the part of a description that ICE needs (RFC 8840 §9).

use std::fmt;
use std::str::FromStr;

use step_03_ice::Candidate;

/// The media type of a [`TrickleFragment`] (RFC 8840 §12.2).
pub const MEDIA_TYPE: &str = "application/trickle-ice-sdpfrag";

/// More candidates than a machine with many interfaces has.
const MOST_CANDIDATES: usize = 64;

/// Candidates, and the ICE credentials that say to which generation they belong. Everything is bundled on one
/// transport (RFC 9725 §4.4.1), so there is one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrickleFragment {
    /// `a=ice-ufrag` (RFC 8839 §5.4).
    pub ufrag: String,
    /// `a=ice-pwd` (RFC 8839 §5.4).
    pub pwd: String,
    /// `a=mid` of the section that carries the candidates.
    pub mid: String,
    /// The `candidate:…` attributes, without their `a=`.
    pub candidates: Vec<String>,
    /// Whether there will be no more of them.
    pub end_of_candidates: bool,
}

/// Why a text is no fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrickleFragmentError {
    /// Not of the form `<type>=<value>`, or not of a kind that stands in a fragment.
    #[error("line {0}: expected a=…, m=… or an end (RFC 8840 §9)")]
    Line(usize),
    /// Credentials that RFC 8839 §5.4 does not permit.
    #[error("a fragment needs a=ice-ufrag (4 to 256 letters) and a=ice-pwd (22 to 256 letters)")]
    Credentials,
    /// Not a candidate.
    #[error("line {0}: {1}")]
    Candidate(usize, step_03_ice::candidate::CandidateError),
    /// Somebody wants to fill the memory.
    #[error("a fragment has at most {MOST_CANDIDATES} candidates")]
    TooManyCandidates,
}

impl FromStr for TrickleFragment {
    type Err = TrickleFragmentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut fragment = Self::default();
        for (index, line) in text.lines().enumerate() {
            fragment.read(index + 1, line.trim())?;
        }
        let is_ice = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "+/".contains(c))
        };
        let (ufrag, pwd) = (&fragment.ufrag, &fragment.pwd);
        let lengths = (4..=256).contains(&ufrag.len()) && (22..=256).contains(&pwd.len());
        match lengths && is_ice(ufrag) && is_ice(pwd) {
            true => Ok(fragment),
            false => Err(TrickleFragmentError::Credentials),
        }
    }
}

impl TrickleFragment {
    fn read(&mut self, number: usize, line: &str) -> Result<(), TrickleFragmentError> {
        let attribute = match line.split_once('=') {
            Some(("a", attribute)) => attribute,
            // The section only has to be named; what it carries does not change any more.
            Some(("m", _)) => return Ok(()),
            None if line.is_empty() => return Ok(()),
            _ => return Err(TrickleFragmentError::Line(number)),
        };
        match attribute.split_once(':').unwrap_or((attribute, "")) {
            ("ice-ufrag", value) => self.ufrag = value.to_owned(),
            ("ice-pwd", value) => self.pwd = value.to_owned(),
            // With BUNDLE only the first section has candidates (RFC 9725 §4.3.2).
            ("mid", value) if self.mid.is_empty() => self.mid = value.to_owned(),
            ("end-of-candidates", _) => self.end_of_candidates = true,
            ("candidate", _) => self.add_candidate(number, attribute)?,
            // ice-options, ice-lite, rtcp-mux, group: nothing that could change here.
            _ => {}
        }
        Ok(())
    }

    fn add_candidate(
        &mut self,
        number: usize,
        attribute: &str,
    ) -> Result<(), TrickleFragmentError> {
        let read = attribute.parse::<Candidate>();
        read.map_err(|error| TrickleFragmentError::Candidate(number, error))?;
        if self.candidates.len() == MOST_CANDIDATES {
            return Err(TrickleFragmentError::TooManyCandidates);
        }
        self.candidates.push(attribute.to_owned());
        Ok(())
    }

    /// A description with the credentials and the candidates of this fragment in the place of its own.
    ///
    /// WHIP restarts ICE without a new offer: all but the credentials and the candidates stays as it was (RFC 9725
    /// §4.3.3). For `setRemoteDescription()` a restart *is* a new description (RFC 9429 §5.10), so this makes one.
    pub fn replace_ice_of(&self, description: &str) -> String {
        let mut replaced = String::with_capacity(description.len() + 64);
        let mut candidates = self.candidates.iter();
        for line in description.lines().map(str::trim_end) {
            match line.split_once(':').map_or(line, |(name, _)| name) {
                // The old candidates belong to the old credentials.
                "a=candidate" | "a=end-of-candidates" => continue,
                "a=ice-ufrag" => replaced += &format!("a=ice-ufrag:{}", self.ufrag),
                "a=ice-pwd" => replaced += &format!("a=ice-pwd:{}", self.pwd),
                _ => replaced += line,
            }
            replaced += "\r\n";
            // With BUNDLE only the first section has candidates (RFC 9725 §4.3.2).
            if line.starts_with("a=mid:") {
                for candidate in candidates.by_ref() {
                    replaced += &format!("a={candidate}\r\n");
                }
            }
        }
        replaced
    }

    /// The fragment of a whole description. What cannot stand in a fragment is left out, and so are the candidates of other
    /// sections than the first one that has any: with BUNDLE there are none.
    pub fn of_description(sdp: &str) -> Self {
        let mut fragment = Self::default();
        for section in sdp.split("\nm=") {
            let has_candidates = !fragment.candidates.is_empty();
            for line in section.lines().map(str::trim) {
                if !has_candidates || !line.starts_with("a=candidate:") {
                    let _ = fragment.read(0, line);
                }
            }
        }
        fragment.candidates.dedup();
        fragment
    }
}

impl fmt::Display for TrickleFragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n",
            self.ufrag, self.pwd
        )?;
        // Port 9 stands for "see the candidates" (RFC 8840 §4.1.1).
        write!(f, "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:{}\r\n", self.mid)?;
        for candidate in &self.candidates {
            write!(f, "a={candidate}\r\n")?;
        }
        match self.end_of_candidates {
            true => write!(f, "a=end-of-candidates\r\n"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAGMENT: &str = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
        m=audio 9 RTP/AVP 0\r\na=mid:0\r\n\
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n\
        a=end-of-candidates\r\n";

    #[test]
    fn the_example_of_the_rfc_is_read_and_written() {
        let fragment: TrickleFragment = FRAGMENT.parse().expect("RFC 9725 §4.3.2");
        assert_eq!(fragment.ufrag, "EsAw");
        assert_eq!(fragment.candidates.len(), 1);
        assert!(fragment.end_of_candidates);
        assert_eq!(fragment.to_string().parse(), Ok(fragment));
    }

    #[test]
    fn an_ice_restart_changes_only_credentials_and_candidates() {
        let offer = "v=0\r\na=ice-ufrag:old1\r\na=ice-pwd:old\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=end-of-candidates\r\n";
        let fragment = TrickleFragment {
            ufrag: "new1".to_owned(),
            pwd: "new".to_owned(),
            candidates: vec!["candidate:2 1 udp 1 192.0.2.2 2 typ host".to_owned()],
            ..TrickleFragment::default()
        };
        let expected = "v=0\r\na=ice-ufrag:new1\r\na=ice-pwd:new\r\na=mid:0\r\na=candidate:2 1 udp 1 192.0.2.2 2 typ host\r\n";
        assert_eq!(fragment.replace_ice_of(offer), expected);
    }

    #[test]
    fn what_is_no_fragment_is_refused_with_its_line() {
        let refused = |text: &str| text.parse::<TrickleFragment>().expect_err(text).to_string();
        insta::assert_snapshot!(refused("v=0\r\n"), @"line 1: expected a=…, m=… or an end (RFC 8840 §9)");
        insta::assert_snapshot!(refused(""), @"a fragment needs a=ice-ufrag (4 to 256 letters) and a=ice-pwd (22 to 256 letters)");
        insta::assert_snapshot!(refused(&FRAGMENT.replace("61764", "port")), @r#"line 5: no candidate: port "port" is not possible"#);
        let many = "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\n".repeat(65);
        insta::assert_snapshot!(refused(&(FRAGMENT.to_owned() + &many)), @"a fragment has at most 64 candidates");
    }
}
