//! What clients may ask of the two endpoints and of the sessions below them.

use std::sync::Arc;

use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_TYPE, ETAG, IF_MATCH, LINK, LOCATION,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{patch, post};
use axum::{Extension, Router};
use step_01_capture::MediaStreamTrackState::Ended;
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::host_candidates::Connection;
use super::incoming_media::IncomingMedia;
use super::offer::{self, Offer};
use super::outgoing_media::OutgoingMedia;
use super::rejection::Rejection;
use super::server_state::ServerState;
use super::session_media::SessionMedia;
use super::trickle_fragment::{self, TrickleFragment};

/// RFC 9725 §4.2: the media type that a `POST` must have. The library has no constant for it.
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// RFC 5789 §3.1.
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

type Shared = State<Arc<ServerState>>;

/// The routes of an endpoint and of its sessions. The library answers other methods with 405 and `Allow`.
pub(super) fn routes(endpoint: Endpoint) -> Router<Arc<ServerState>> {
    let path = format!("/{}", endpoint.name());
    let to_endpoint =
        post(move |state, client, request| open_session(endpoint, state, client, request))
            .get(move || get_endpoint(endpoint))
            .options(endpoint_options);
    let to_session = patch(move |state, id, request| patch_session(endpoint, state, id, request))
        .get(move |state, id| get_session(endpoint, state, id))
        .delete(move |state, id| delete_session(endpoint, state, id))
        .options(move |state, id| session_options(endpoint, state, id));
    Router::new()
        .route(&path, to_endpoint)
        .route(&format!("{path}/{{id}}"), to_session)
}

/// `POST` to an endpoint: the offer, whose answer is the response (RFC 9725 §4.2).
async fn open_session(
    endpoint: Endpoint,
    State(state): Shared,
    Extension(client): Extension<Connection>,
    request: Request,
) -> Result<Response, Rejection> {
    state.sessions.check_room()?;
    let text = body(request, &state, offer::MEDIA_TYPE).await?;
    let offer = Offer::parse(&text, endpoint)?;
    let media = media(endpoint, &state)?;
    let (id, answer) = state.sessions.open(endpoint, client, offer, media).await?;
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(offer::MEDIA_TYPE)),
        (
            ACCEPT_PATCH,
            HeaderValue::from_static(trickle_fragment::MEDIA_TYPE),
        ),
        (LOCATION, header(format!("/{}/{id}", endpoint.name()))),
        (ETAG, header(answer.entity_tag)),
    ]);
    add_ice_servers(&mut headers, &state);
    Ok((StatusCode::CREATED, headers, answer.sdp).into_response())
}

fn media(endpoint: Endpoint, state: &ServerState) -> Result<Box<dyn SessionMedia>, Rejection> {
    match endpoint {
        Endpoint::Whep if state.stream.video_track().ready_state() == Ended => {
            Err(Rejection::nothing_to_watch())
        }
        Endpoint::Whep => Ok(Box::new(OutgoingMedia::new(
            &state.stream,
            Arc::clone(&state.encoder),
        ))),
        Endpoint::Whip => Ok(Box::new(IncomingMedia::new(
            state.display.clone(),
            false,
            state.playout,
            state.decoder_program.clone(),
        ))),
    }
}

/// `GET` and `HEAD` of an endpoint: success without content (RFC 9725 §4.1). A player recognizes a WHEP endpoint by the
/// media type (draft-ietf-wish-whep-03 §4.2).
async fn get_endpoint(endpoint: Endpoint) -> Response {
    match endpoint {
        Endpoint::Whep => ([(CONTENT_TYPE, offer::MEDIA_TYPE)], "").into_response(),
        Endpoint::Whip => StatusCode::NO_CONTENT.into_response(),
    }
}

/// `OPTIONS` of an endpoint (RFC 9725 §4.2).
async fn endpoint_options(State(state): Shared, request: HeaderMap) -> impl IntoResponse {
    let mut headers = HeaderMap::from_iter([
        (ALLOW, HeaderValue::from_static("GET,HEAD,OPTIONS,POST")),
        (ACCEPT_POST, HeaderValue::from_static(offer::MEDIA_TYPE)),
    ]);
    // Not for the preflight request of a browser, which the page cannot read (RFC 9725 §4.6).
    if !request.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        add_ice_servers(&mut headers, &state);
    }
    headers
}

/// RFC 9725 §4.6.
fn add_ice_servers(headers: &mut HeaderMap, state: &ServerState) {
    for link in &state.ice_server_links {
        headers.append(LINK, link.clone());
    }
}

/// `PATCH` of a session: trickle ICE, or an ICE restart (RFC 9725 §4.3).
async fn patch_session(
    endpoint: Endpoint,
    State(state): Shared,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Rejection> {
    state.sessions.find(endpoint, &id)?;
    let if_match = request.headers().get(IF_MATCH).cloned();
    let text = body(request, &state, trickle_fragment::MEDIA_TYPE).await?;
    let fragment: TrickleFragment = text.parse().map_err(|error| {
        let reason = format!("no trickle fragment: {error}");
        Rejection::new(StatusCode::BAD_REQUEST, reason)
    })?;
    let Some(if_match) = if_match.as_ref().and_then(|value| value.to_str().ok()) else {
        let reason = "send If-Match with the ETag of the answer, or * to restart ICE";
        return Err(Rejection::new(StatusCode::PRECONDITION_REQUIRED, reason));
    };
    let patched = state
        .sessions
        .patch(endpoint, &id, fragment, if_match.to_owned());
    let Some(answer) = patched.await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static(trickle_fragment::MEDIA_TYPE),
        ),
        (ETAG, header(answer.entity_tag)),
    ];
    let fragment = TrickleFragment::of_description(&answer.sdp);
    Ok((headers, fragment.to_string()).into_response())
}

/// `DELETE` of a session: 200, not 204 (RFC 9725 §4.2).
async fn delete_session(
    endpoint: Endpoint,
    State(state): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, Rejection> {
    state.sessions.delete(endpoint, &id).await?;
    Ok(StatusCode::OK)
}

/// `GET` and `HEAD` of a session: success without content (RFC 9725 §4.1).
async fn get_session(
    endpoint: Endpoint,
    State(state): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, Rejection> {
    state.sessions.find(endpoint, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `OPTIONS` of a session.
async fn session_options(
    endpoint: Endpoint,
    State(state): Shared,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Rejection> {
    state.sessions.find(endpoint, &id)?;
    Ok([
        (ALLOW, "DELETE,GET,HEAD,OPTIONS,PATCH"),
        (ACCEPT_PATCH, trickle_fragment::MEDIA_TYPE),
    ])
}

/// The text of a request.
///
/// # Errors
/// 415 for another media type, 408 for a body that does not come in time; 413 and 400 by the library.
async fn body(
    request: Request,
    state: &ServerState,
    media_type: &'static str,
) -> Result<String, Rejection> {
    let sent = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    // Parameters such as a charset may follow (RFC 9110 §8.3.1).
    let sent = sent
        .and_then(|sent| sent.split(';').next())
        .unwrap_or_default();
    if !sent.trim().eq_ignore_ascii_case(media_type) {
        let reason = format!("send the body as {media_type}");
        return Err(Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
    }
    match timeout(state.client_timeout, String::from_request(request, &())).await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(Rejection::new(error.status(), error.body_text())),
        Err(_) => {
            let reason = format!("the body did not come within {:?}", state.client_timeout);
            Err(Rejection::new(StatusCode::REQUEST_TIMEOUT, reason))
        }
    }
}

/// Identifiers and entity tags are hexadecimal digits, so they are always valid.
fn header(value: String) -> HeaderValue {
    value
        .parse()
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}
