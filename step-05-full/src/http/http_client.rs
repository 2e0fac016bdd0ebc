//! The requests of a WHIP or WHEP client.

use std::time::Duration;

use ureq::http::{HeaderName, Method, Request, Response, StatusCode, header};
use ureq::{Agent, AsSendBody};
use url::Url;

use super::bearer_token::BearerToken;
use super::{offer, trickle_fragment};

/// How long an answer may take: the server gathers all of its candidates first (RFC 9725 §4.3.2).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long any other response may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The longest response that is read.
const MOST_BYTES: u64 = 64 * 1024;

/// An endpoint may redirect its clients to another server (RFC 9725 §4.5).
const MOST_REDIRECTS: usize = 3;

/// Sends the requests of one session: to its endpoint, and to the URL that the endpoint returned.
#[derive(Clone)]
pub struct HttpClient {
    agent: Agent,
    endpoint: Url,
    token: Option<BearerToken>,
}

/// The response to an offer.
#[derive(Debug, Clone)]
pub struct Created {
    /// The answer.
    pub answer: String,
    /// `Location`: the URL of the session, for `PATCH` and `DELETE`.
    pub session: Url,
    /// `ETag`: names the ICE session for `If-Match`; none if the server takes no later candidates.
    pub entity_tag: Option<String>,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// Not `http://…` or `https://…`.
    #[error(
        "{0:?} is not the URL of an endpoint: write http://HOST:PORT/PATH or https://HOST/PATH"
    )]
    Endpoint(String),
    /// There was no response.
    #[error("{0} does not answer: {1}: is the server running, and is the address right?")]
    Unreachable(Url, String),
    /// The server refused the request; its reason.
    #[error("{1} refused the {0}: {2}{hint}", hint = hint(.2, .3))]
    Refused(Method, Url, StatusCode, String),
    /// The server accepted the offer, but the response has no `Location` (RFC 9725 §4.2).
    #[error("{0} gave no URL of the session: it is no WHIP or WHEP endpoint")]
    NoLocation(Url),
    /// The servers redirect to each other.
    #[error("{0}: more than {MOST_REDIRECTS} redirections")]
    TooManyRedirects(Url),
}

/// The reason of the server, and what to do about it. Our own server gives both.
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

/// Parses the URL of an endpoint.
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
            .max_redirects_will_error(false);
        if is_loopback(&endpoint) {
            // A proxy of the environment cannot reach this machine's loopback.
            config = config.proxy(None);
        } else if token.is_some() && endpoint.scheme() == "http" {
            tracing::warn!(
                peer = "local",
                "the token is sent to {endpoint} unencrypted: prefer https"
            );
        }
        Self {
            agent: config.build().into(),
            endpoint,
            token,
        }
    }

    /// `POST`: sends the offer, returns the answer (RFC 9725 §4.2).
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub async fn offer(&self, sdp: &str) -> Result<Created, HttpClientError> {
        let mut url = self.endpoint.clone();
        for _ in 0..=MOST_REDIRECTS {
            let content = Some((offer::MEDIA_TYPE, sdp));
            let response = self.send(Method::POST, &url, None, content).await?;
            let location = header(&response, header::LOCATION);
            let location = location.and_then(|location| url.join(&location).ok());
            match (response.status().as_u16(), location) {
                (201, Some(session)) => {
                    return Ok(Created {
                        session,
                        entity_tag: header(&response, header::ETAG),
                        answer: response.into_body(),
                    });
                }
                (201, None) => return Err(HttpClientError::NoLocation(url)),
                (307 | 308, Some(location)) => url = location,
                _ => return Err(refused(Method::POST, &url, response)),
            }
        }
        Err(HttpClientError::TooManyRedirects(url))
    }

    /// `PATCH`: sends later candidates under the entity tag of their ICE session (RFC 9725 §4.3.2), or restarts ICE with
    /// `*` (§4.3.3). Returns the new entity tag and the fragment of the server, which a restart has.
    ///
    /// # Errors
    /// [`HttpClientError`]; servers need not support it.
    pub async fn patch(
        &self,
        session: &Url,
        if_match: &str,
        fragment: &str,
    ) -> Result<(Option<String>, String), HttpClientError> {
        let content = Some((trickle_fragment::MEDIA_TYPE, fragment));
        let response = self
            .send(Method::PATCH, session, Some(if_match), content)
            .await?;
        match response.status().is_success() {
            true => Ok((header(&response, header::ETAG), response.into_body())),
            false => Err(refused(Method::PATCH, session, response)),
        }
    }

    /// `DELETE`: ends the session (RFC 9725 §4.2).
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub async fn delete(&self, session: &Url) -> Result<(), HttpClientError> {
        let response = self.send(Method::DELETE, session, None, None).await?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(refused(Method::DELETE, session, response)),
        }
    }

    /// `OPTIONS`: whether the server still has the session. Only 404 and 410 say that it has not.
    ///
    /// # Errors
    /// [`HttpClientError::Unreachable`].
    pub async fn has_session(&self, session: &Url) -> Result<bool, HttpClientError> {
        let response = self.send(Method::OPTIONS, session, None, None).await?;
        Ok(!matches!(response.status().as_u16(), 404 | 410))
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        if_match: Option<&str>,
        content: Option<(&'static str, &str)>,
    ) -> Result<Response<String>, HttpClientError> {
        let limit = match method {
            Method::POST => ANSWER_TIMEOUT,
            _ => TIMEOUT,
        };
        let mut request = Request::builder().method(method).uri(url.as_str());
        // The token is for the origin of the endpoint, not for servers to which it redirects.
        if let Some(token) = &self.token
            && url.origin() == self.endpoint.origin()
        {
            request = request.header(header::AUTHORIZATION, token.header_value());
        }
        if let Some(if_match) = if_match {
            request = request.header(header::IF_MATCH, if_match);
        }
        let content = content.map(|(media_type, text)| (media_type, text.to_owned()));
        let agent = self.agent.clone();
        // The library blocks, so it runs on a thread that may wait.
        let sent = tokio::task::spawn_blocking(move || match content {
            Some((media_type, text)) => {
                let request = request.header(header::CONTENT_TYPE, media_type);
                exchange(&agent, request.body(text)?, limit)
            }
            None => exchange(&agent, request.body(())?, limit),
        });
        let response = match sent.await {
            Ok(response) => response.map_err(|error| error.to_string()),
            Err(panic) => Err(panic.to_string()),
        };
        response.map_err(|cause| HttpClientError::Unreachable(url.clone(), cause))
    }
}

fn exchange(
    agent: &Agent,
    request: Request<impl AsSendBody>,
    limit: Duration,
) -> Result<Response<String>, ureq::Error> {
    let request = agent.configure_request(request);
    let response = agent.run(request.timeout_global(Some(limit)).build())?;
    let (parts, mut body) = response.into_parts();
    let text = body.with_config().limit(MOST_BYTES).read_to_string()?;
    Ok(Response::from_parts(parts, text))
}

fn header(response: &Response<String>, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

fn refused(method: Method, url: &Url, response: Response<String>) -> HttpClientError {
    HttpClientError::Refused(method, url.clone(), response.status(), response.into_body())
}

/// Whether the host of a URL is this machine.
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
    fn a_hint_that_the_server_gave_is_not_repeated() {
        let full = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(hint(&full, "no place"), ": no place: try again later");
        let ours = "all 8 sessions are taken: try again later";
        assert_eq!(hint(&full, ours), format!(": {ours}"));
        assert_eq!(hint(&full, ""), ": try again later");
    }
}
