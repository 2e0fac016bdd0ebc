//! `--serve ADDRESS`: an address that other machines can reach requires a token.

use std::net::SocketAddr;

use super::bearer_token::BearerToken;

/// 8 random letters and digits have 47 bits: too many to try over a network.
const SHORTEST_TOKEN: usize = 8;

/// Why a server may not listen: other machines could receive the video of the camera.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// There is no token.
    #[error(
        "{0} can be reached from other machines, and everyone who reaches it can see the camera: add --token SECRET, or use --serve 127.0.0.1:{port}",
        port = .0.port()
    )]
    NoToken(SocketAddr),
    /// The token can be guessed.
    #[error("a token of fewer than {SHORTEST_TOKEN} letters can be guessed: use a longer --token")]
    ShortToken,
}

/// The address of `--serve`.
///
/// # Errors
/// One line that says what to write instead.
pub(crate) fn serve_address(text: &str) -> Result<SocketAddr, String> {
    let port = text
        .rsplit(':')
        .next()
        .filter(|it| it.parse::<u16>().is_ok());
    let example = format!("127.0.0.1:{}", port.unwrap_or("8080"));
    let instead = format!("not an IP address and a port: for this machine alone use {example}");
    text.parse().map_err(|_| instead)
}

/// Checks that there is a token that cannot be guessed, unless the address is a loopback address.
///
/// # Errors
/// [`AccessError`], which is wrong usage.
pub fn check_address(address: SocketAddr, token: Option<&BearerToken>) -> Result<(), AccessError> {
    match token {
        Some(token) if token.len() < SHORTEST_TOKEN => Err(AccessError::ShortToken),
        None if !address.ip().is_loopback() => Err(AccessError::NoToken(address)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_part_is_rejected_with_a_whole_one() {
        for (text, instead) in [("8099", "8099"), ("localhost:8097", "8097"), ("x", "8080")] {
            let error = serve_address(text).expect_err(text);
            assert!(error.ends_with(&format!("127.0.0.1:{instead}")), "{error}");
        }
    }

    #[test]
    fn an_address_that_other_machines_reach_requires_a_token() {
        let token = "a-secret".parse().ok();
        for open in [
            "0.0.0.0:8080",
            "192.0.2.1:80",
            "[::]:8080",
            "[::ffff:127.0.0.1]:80",
        ] {
            let address = open.parse().expect("an address");
            assert_eq!(
                check_address(address, None),
                Err(AccessError::NoToken(address)),
                "{open}"
            );
            assert_eq!(
                check_address(address, token.as_ref()),
                Ok(()),
                "{open} with a token"
            );
        }
        for own in ["127.0.0.1:8080", "127.1.2.3:0", "[::1]:8080"] {
            assert_eq!(
                check_address(own.parse().expect("an address"), None),
                Ok(()),
                "{own}"
            );
        }
    }

    #[test]
    fn a_token_that_can_be_guessed_is_refused() {
        for address in ["0.0.0.0:8080", "127.0.0.1:8080"] {
            let check = |token: &str| {
                let token = token.parse().ok();
                check_address(address.parse().expect("an address"), token.as_ref())
            };
            assert_eq!(check("x"), Err(AccessError::ShortToken));
            assert_eq!(check("7letter"), Err(AccessError::ShortToken));
            assert_eq!(check("8letters"), Ok(()));
        }
    }
}
