//! `--token SECRET`: the bearer token of the server.

use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

/// A secret that both sides know (RFC 6750).
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

/// A text that cannot stand in the `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a token has 1 to 256 letters, digits or any of -._~+/=, and no blanks (RFC 6750 §2.1)")]
pub struct BearerTokenError;

impl FromStr for BearerToken {
    type Err = BearerTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        match (1..=256).contains(&text.len()) && text.chars().all(is_token) {
            true => Ok(Self(text.to_owned())),
            false => Err(BearerTokenError),
        }
    }
}

impl std::fmt::Debug for BearerToken {
    /// A secret must not be in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BearerToken(…)")
    }
}

impl BearerToken {
    /// Whether a request carries this token.
    ///
    /// The comparison takes the same time for a wrong first letter as for a wrong last one: otherwise the time would show
    /// how many letters are right. It shows how long the token is, which alone helps nobody.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let Some((scheme, token)) = sent.and_then(|sent| sent.split_at_checked("Bearer ".len()))
        else {
            return false;
        };
        // The name of the scheme is case-insensitive (RFC 9110 §11.1), and no secret.
        let matches: bool = token.ct_eq(self.0.as_bytes()).into();
        scheme.eq_ignore_ascii_case(b"Bearer ") && matches
    }

    /// How many letters it has.
    #[allow(clippy::len_without_is_empty, reason = "no token is empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of an `Authorization` header.
    pub fn header_value(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let value = value.parse().expect("the tests send valid headers");
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }

    #[test]
    fn only_the_whole_token_is_right() {
        let token: BearerToken = "s3cret".parse().expect("this is a token");
        assert!(token.is_in(&headers("Bearer s3cret")));
        assert!(token.is_in(&headers("bearer s3cret")), "RFC 9110 §11.1");
        for wrong in [
            "Bearer s3cre",
            "Bearer s3crets",
            "Bearer ",
            "s3cret",
            "Basic s3cret",
            "",
        ] {
            assert!(!token.is_in(&headers(wrong)), "{wrong:?} must be refused");
        }
        assert!(!token.is_in(&HeaderMap::new()));
    }

    #[test]
    fn a_token_is_not_printed() {
        let token: BearerToken = "s3cret".parse().expect("this is a token");
        assert_eq!(format!("{token:?}"), "BearerToken(…)");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_token() {
        for wrong in ["", "two words", "line\nend", "schlüssel"] {
            assert_eq!(wrong.parse::<BearerToken>(), Err(BearerTokenError));
        }
    }
}
