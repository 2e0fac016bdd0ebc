//! The client's side of WHIP and WHEP: three requests.

use std::time::Duration;

use ureq::http::{Method, Request, Response, StatusCode, header};
use ureq::{Agent, Body};
use url::Url;

use super::bearer_token::BearerToken;
use super::{offer, request_body, trickle_fragment};

/// An endpoint that makes its peer needs some milliseconds; one behind a busy network some seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An endpoint may send its clients on to another machine (RFC 9725 §4.5).
const MOST_REDIRECTS: usize = 3;

/// Sends an offer to an endpoint, and knows how to end what came of it.
#[derive(Clone)]
pub struct HttpClient {
    agent: Agent,
    endpoint: Url,
    token: Option<BearerToken>,
}

/// What came of an offer.
#[derive(Debug, Clone)]
pub struct Created {
    /// The answer.
    pub answer: String,
    /// Where `PATCH` and `DELETE` go.
    pub session: Option<Url>,
    /// `ETag`: under which name candidates may be trickled, if they may.
    pub entity_tag: Option<String>,
}

/// Why a request had no success.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// Not `http://…` or `https://…`.
    #[error("{0:?} is no endpoint: write http://HOST:PORT/PATH or https://HOST/PATH")]
    Endpoint(String),
    /// There is no response.
    #[error("{url} does not answer: {cause}: is the server running, and is the address right?")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What went wrong.
        cause: String,
    },
    /// The server does not want to.
    #[error("{url} refused the {method}: {status}{}", hint(.status, .reason))]
    Refused {
        /// What was asked.
        url: String,
        /// How.
        method: Method,
        /// The status code.
        status: StatusCode,
        /// What the server said.
        reason: String,
    },
    /// From one server to the next and to the next.
    #[error("{0} leads nowhere: more than {MOST_REDIRECTS} redirections")]
    TooManyRedirects(String),
}

/// What the server said, and what to do about it. Our own server may have said both.
fn hint(status: &StatusCode, reason: &str) -> String {
    let reason: String = reason
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let hint = match status.as_u16() {
        401 | 403 => ": give it the right --token SECRET",
        404 => ": is this the path of a WHIP or WHEP endpoint?",
        503 => ": try again later",
        _ => "",
    };
    match reason.as_str() {
        "" => hint.to_owned(),
        reason if reason.ends_with(hint) => format!(": {reason}"),
        reason => format!(": {reason}{hint}"),
    }
}

/// Reads the URL of an endpoint.
///
/// # Errors
/// [`HttpClientError::Endpoint`].
pub fn endpoint(text: &str) -> Result<Url, HttpClientError> {
    let url = Url::parse(text).ok();
    let fits = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    url.filter(fits)
        .ok_or_else(|| HttpClientError::Endpoint(text.to_owned()))
}

impl HttpClient {
    /// A client of one endpoint.
    pub fn new(endpoint: Url, token: Option<BearerToken>) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIMEOUT));
        if is_loopback(&endpoint) {
            // A proxy of the environment cannot reach this machine's loopback.
            config = config.proxy(None);
        } else if token.is_some() && endpoint.scheme() == "http" {
            tracing::warn!(
                peer = "local",
                "the token goes to {endpoint} unencrypted: prefer https"
            );
        }
        Self {
            agent: config.build().into(),
            endpoint,
            token,
        }
    }

    /// `POST`: the offer goes, the answer comes (RFC 9725 §4.2).
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub async fn offer(&self, sdp: String) -> Result<Created, HttpClientError> {
        let mut url = self.endpoint.clone();
        for _ in 0..=MOST_REDIRECTS {
            let content = Some((offer::MEDIA_TYPE, sdp.clone()));
            let (response, text) = self.send(Method::POST, &url, content, None).await?;
            let text_of = |name| {
                response
                    .headers()
                    .get(name)
                    .and_then(|value| value.to_str().ok())
            };
            let location = text_of(header::LOCATION).and_then(|location| url.join(location).ok());
            match (response.status().as_u16(), location) {
                (201, session) => {
                    return Ok(Created {
                        answer: text,
                        session,
                        entity_tag: text_of(header::ETAG).map(str::to_owned),
                    });
                }
                (307 | 308, Some(location)) => url = location,
                _ => return Err(refused(Method::POST, &url, response.status(), text)),
            }
        }
        Err(HttpClientError::TooManyRedirects(self.endpoint.to_string()))
    }

    /// `PATCH`: candidates that were found later (RFC 9725 §4.3.1).
    ///
    /// # Errors
    /// [`HttpClientError`]; servers need not support it.
    pub async fn trickle(
        &self,
        session: &Url,
        entity_tag: &str,
        fragment: String,
    ) -> Result<(), HttpClientError> {
        let content = Some((trickle_fragment::MEDIA_TYPE, fragment));
        let (response, text) = self
            .send(Method::PATCH, session, content, Some(entity_tag))
            .await?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(refused(Method::PATCH, session, response.status(), text)),
        }
    }

    /// `DELETE`: hangs up (RFC 9725 §4.2).
    ///
    /// # Errors
    /// [`HttpClientError`]; the server notices the silence by itself then.
    pub async fn delete(&self, session: &Url) -> Result<(), HttpClientError> {
        let (response, text) = self.send(Method::DELETE, session, None, None).await?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(refused(Method::DELETE, session, response.status(), text)),
        }
    }

    /// `OPTIONS`: whether a session is still there. A server that refuses the question has one; a server that is gone
    /// has none.
    pub async fn is_there(&self, session: &Url) -> bool {
        match self.send(Method::OPTIONS, session, None, None).await {
            Ok((response, _)) => !matches!(response.status().as_u16(), 404 | 410),
            Err(_) => false,
        }
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        content: Option<(&'static str, String)>,
        if_match: Option<&str>,
    ) -> Result<(Response<()>, String), HttpClientError> {
        let unreachable = |cause: String| HttpClientError::Unreachable {
            url: url.to_string(),
            cause,
        };
        let mut request = Request::builder().method(method).uri(url.as_str());
        // The token is for the endpoint, not for whomever it points to.
        if let Some(token) = self
            .token
            .as_ref()
            .filter(|_| url.origin() == self.endpoint.origin())
        {
            request = request.header(header::AUTHORIZATION, token.header_value());
        }
        if let Some(if_match) = if_match {
            request = request.header(header::IF_MATCH, if_match);
        }
        let agent = self.agent.clone();
        // The client blocks, so it works on a thread that may wait.
        let sent = tokio::task::spawn_blocking(move || {
            let response = match content {
                Some((media_type, text)) => {
                    let request = request.header(header::CONTENT_TYPE, media_type).body(text);
                    agent.run(request.map_err(|error| error.to_string())?)
                }
                None => agent.run(request.body(()).map_err(|error| error.to_string())?),
            };
            read(response.map_err(|error| error.to_string())?)
        });
        sent.await
            .map_err(|error| unreachable(error.to_string()))?
            .map_err(unreachable)
    }
}

fn read(response: Response<Body>) -> Result<(Response<()>, String), String> {
    let (parts, mut body) = response.into_parts();
    let limited = body.with_config().limit(request_body::MAX_LENGTH as u64);
    let text = limited
        .read_to_string()
        .map_err(|error| error.to_string())?;
    Ok((Response::from_parts(parts, ()), text))
}

fn refused(method: Method, url: &Url, status: StatusCode, reason: String) -> HttpClientError {
    HttpClientError::Refused {
        url: url.to_string(),
        method,
        status,
        reason,
    }
}

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{StatusCode, hint};

    #[test]
    fn a_server_that_says_what_to_do_is_not_said_after() {
        let full = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(hint(&full, "no place"), ": no place: try again later");
        let ours = "all 8 sessions are taken: try again later";
        assert_eq!(hint(&full, ours), format!(": {ours}"));
        assert_eq!(hint(&full, ""), ": try again later");
    }
}
