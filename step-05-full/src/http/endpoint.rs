//! `/whep` and `/whip`: the two endpoints, and the sessions below them.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_TYPE, ETAG, HeaderMap, IF_MATCH, LINK, LOCATION,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use step_01_capture::MediaStreamTrackState::Ended;

use super::connections::RequestAddresses;
use super::http_session::Answered;
use super::incoming_media::IncomingMedia;
use super::offer::{self, OfferedDirection};
use super::outgoing_media::OutgoingMedia;
use super::refusal::Refusal;
use super::request_body;
use super::server::Shared;
use super::session_media::SessionMedia;
use super::trickle_fragment::{self, TrickleFragment};

/// RFC 9725 §4.2: which media type a `POST` takes. No constant of the library names it.
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// RFC 5789 §3.1.
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// What an endpoint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The client watches the local video (draft-ietf-wish-whep).
    Whep,
    /// The client brings video (RFC 9725).
    Whip,
}

impl Endpoint {
    /// Its path, without the slash.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whep => "whep",
            Self::Whip => "whip",
        }
    }

    fn direction(self) -> OfferedDirection {
        match self {
            Self::Whep => OfferedDirection::Receives,
            Self::Whip => OfferedDirection::Sends,
        }
    }

    fn media(self, shared: &Shared) -> Result<Box<dyn SessionMedia>, Refusal> {
        match self {
            Self::Whep if shared.stream.video_track().ready_state() == Ended => {
                Err(Refusal::nothing_to_watch())
            }
            Self::Whep => Ok(Box::new(OutgoingMedia::new(Arc::clone(&shared.stream)))),
            Self::Whip => Ok(Box::new(IncomingMedia::new(shared.screen.clone(), false))),
        }
    }

    /// All that can be asked of the endpoint itself.
    ///
    /// # Errors
    /// [`Refusal`]: every status code that is not 201 or 204.
    pub async fn serve(
        self,
        State(shared): State<Arc<Shared>>,
        Extension(addresses): Extension<RequestAddresses>,
        method: Method,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Response, Refusal> {
        if method == Method::OPTIONS {
            // The question that a browser asks before the page's own request gets no servers (RFC 9725 §4.6).
            let is_preflight = headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
            let links = shared.ice_server_links.iter().filter(|_| !is_preflight);
            let links = links.map(|link| (LINK, link.clone()));
            return Ok(options(
                "GET, HEAD, OPTIONS, POST",
                ACCEPT_POST,
                offer::MEDIA_TYPE,
                links,
            ));
        }
        if is_read(&method) {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        if method != Method::POST {
            return Err(Refusal::method_not_allowed("GET, HEAD, OPTIONS, POST"));
        }
        shared.sessions.check_room()?;
        let text = request_body::read(&headers, body, offer::MEDIA_TYPE).await?;
        let offer = offer::check(&text, self.direction())?;
        let media = self.media(&shared)?;
        let (id, answered) = shared.sessions.open(self, offer, media, addresses).await?;
        Ok(self.created(&id, answered, &shared.ice_server_links))
    }

    fn created(self, id: &str, answered: Answered, links: &[HeaderValue]) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(offer::MEDIA_TYPE));
        insert(&mut headers, LOCATION, format!("/{}/{id}", self.name()));
        insert(&mut headers, ETAG, answered.entity_tag);
        let patch = HeaderValue::from_static(trickle_fragment::MEDIA_TYPE);
        headers.insert(ACCEPT_PATCH, patch);
        for link in links {
            headers.append(LINK, link.clone());
        }
        (StatusCode::CREATED, headers, answered.sdp).into_response()
    }

    /// All that can be asked of one session.
    ///
    /// # Errors
    /// [`Refusal`]: every status code that is not 200 or 204.
    pub async fn serve_session(
        self,
        State(shared): State<Arc<Shared>>,
        Path(id): Path<String>,
        method: Method,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Response, Refusal> {
        shared.sessions.find(self, &id)?;
        match method {
            Method::OPTIONS => Ok(options(
                "DELETE, GET, HEAD, OPTIONS, PATCH",
                ACCEPT_PATCH,
                trickle_fragment::MEDIA_TYPE,
                [],
            )),
            Method::DELETE => {
                shared.sessions.delete(self, &id).await?;
                // 200, not 204 (RFC 9725 §4.2).
                Ok(StatusCode::OK.into_response())
            }
            Method::PATCH => self.patch(&shared, &id, headers, body).await,
            method if is_read(&method) => Ok(StatusCode::NO_CONTENT.into_response()),
            _ => Err(Refusal::method_not_allowed(
                "DELETE, GET, HEAD, OPTIONS, PATCH",
            )),
        }
    }

    /// Trickle, or ICE restart (RFC 9725 §4.3).
    async fn patch(
        self,
        shared: &Shared,
        id: &str,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Response, Refusal> {
        let text = request_body::read(&headers, body, trickle_fragment::MEDIA_TYPE).await?;
        let fragment: TrickleFragment = text.parse().map_err(|error| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                format!("no trickle fragment: {error}"),
            )
        })?;
        let if_match = headers.get(IF_MATCH).and_then(|value| value.to_str().ok());
        let Some(if_match) = if_match else {
            let reason = "send If-Match with the ETag of the answer, or * to restart ICE";
            return Err(Refusal::new(StatusCode::PRECONDITION_REQUIRED, reason));
        };
        let patched = shared
            .sessions
            .patch(self, id, fragment, if_match.to_owned())
            .await?;
        let Some(answered) = patched else {
            return Ok(StatusCode::NO_CONTENT.into_response());
        };
        let mut headers = HeaderMap::new();
        let media_type = HeaderValue::from_static(trickle_fragment::MEDIA_TYPE);
        headers.insert(CONTENT_TYPE, media_type);
        insert(&mut headers, ETAG, answered.entity_tag);
        let fragment = TrickleFragment::of_description(&answered.sdp);
        Ok((StatusCode::OK, headers, fragment.to_string()).into_response())
    }
}

/// Neither an endpoint nor a session has a representation: whoever reads one gets nothing, successfully (RFC 9725 §4.1).
fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn options(
    allow: &'static str,
    accept: HeaderName,
    media_type: &'static str,
    links: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(allow));
    headers.insert(accept, HeaderValue::from_static(media_type));
    for (name, link) in links {
        headers.append(name, link);
    }
    response
}

/// Identifiers and entity tags are hexadecimal digits, so they are always valid; one that is not is left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}
