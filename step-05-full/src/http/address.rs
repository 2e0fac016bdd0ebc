//! `--serve ADDRESS`: an address that other machines can reach requires a token.

use std::net::SocketAddr;

use super::bearer_token::BearerToken;

/// Other machines could receive the video of the camera.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} can be reached from other machines, and everyone who reaches it can see the camera: add --token SECRET, or use --serve 127.0.0.1:{port}",
    port = .0.port()
)]
pub struct OpenAddressError(pub SocketAddr);

/// Checks that there is a token, unless the address is a loopback address.
///
/// # Errors
/// [`OpenAddressError`], which is wrong usage.
pub fn check_address(
    address: SocketAddr,
    token: Option<&BearerToken>,
) -> Result<(), OpenAddressError> {
    match address.ip().is_loopback() || token.is_some() {
        true => Ok(()),
        false => Err(OpenAddressError(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_other_machines_reach_requires_a_token() {
        let token = "secret".parse().ok();
        for open in [
            "0.0.0.0:8080",
            "192.0.2.1:80",
            "[::]:8080",
            "[::ffff:127.0.0.1]:80",
        ] {
            let address = open.parse().expect("an address");
            assert_eq!(
                check_address(address, None),
                Err(OpenAddressError(address)),
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
}
