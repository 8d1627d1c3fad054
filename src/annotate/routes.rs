use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Json, Query, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::gate::{Gate, Pass};
use super::page::PARTS;
use super::view::{Desk, Given, Refusal};

/// Bytes of a request at most: answers to hundreds of questions, with their spans.
const BODY: usize = 1 << 18;

/// What browsers are told with every answer: run and load what this server sends and nothing else, keep nothing.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[derive(Deserialize)]
struct Who {
    coder: String,
}

#[derive(Deserialize)]
struct Which {
    coder: String,
    at: usize,
}

#[derive(Deserialize)]
struct Decision {
    coder: String,
    at: usize,
    answers: Vec<Given>,
}

#[derive(Deserialize)]
struct Undo {
    coder: String,
    /// Whether the last adjudication is taken back, not the coder's own last step.
    #[serde(default)]
    adjudicated: bool,
}

/// The body of a request that says nothing more; it is read, so that the connection can go on.
#[derive(Deserialize)]
struct Nothing {}

#[derive(Serialize)]
struct Link {
    link: String,
}

/// Every address the server knows; there are no others.
pub(super) fn router(gate: Arc<Gate>, desk: Arc<Desk>) -> Router {
    let api = Router::new()
        .route("/api/form", get(async |State(desk): State<Arc<Desk>>| Json(desk.form()).into_response()))
        .route("/api/work", get(work))
        .route("/api/unit", get(unit))
        .route("/api/code", post(code))
        .route("/api/undo", post(undo))
        .route("/api/disagreements", get(disagreements))
        .route("/api/disagreement", get(disagreement))
        .route("/api/adjudicate", post(adjudicate))
        .with_state(desk);
    let link = Router::new().route("/api/link", post(link)).with_state(Arc::clone(&gate));
    let page = PARTS.iter().fold(Router::new(), |page, part| {
        page.route(part.path, get(async || ([(header::CONTENT_TYPE, part.media_type)], part.content)))
    });
    page.merge(api)
        .merge(link)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(gate, guard))
        .layer(from_fn(protect))
}

/// Lets nobody by who is not known.
async fn guard(State(gate): State<Arc<Gate>>, request: Request<Body>, next: Next) -> Response {
    match gate.admit(request.method(), request.uri(), request.headers()) {
        Pass::Known => next.run(request).await,
        Pass::New(cookie) => {
            let mut response = next.run(request).await;
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Pass::No(reason) => (StatusCode::FORBIDDEN, format!("403: {reason}\n")).into_response(),
    }
}

async fn protect(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

async fn work(State(desk): State<Arc<Desk>>, Query(who): Query<Who>) -> Response {
    answer(desk.work(&who.coder))
}

async fn unit(State(desk): State<Arc<Desk>>, Query(which): Query<Which>) -> Response {
    answer(desk.unit(&which.coder, which.at))
}

async fn disagreements(State(desk): State<Arc<Desk>>, Query(who): Query<Who>) -> Response {
    answer(desk.disagreements(&who.coder))
}

async fn disagreement(State(desk): State<Arc<Desk>>, Query(which): Query<Which>) -> Response {
    answer(desk.disagreement(&which.coder, which.at))
}

async fn code(State(desk): State<Arc<Desk>>, Json(decision): Json<Decision>) -> Response {
    on_disk(move || answer(desk.code(&decision.coder, decision.at, decision.answers))).await
}

async fn adjudicate(State(desk): State<Arc<Desk>>, Json(decision): Json<Decision>) -> Response {
    on_disk(move || answer(desk.adjudicate(&decision.coder, decision.at, decision.answers))).await
}

async fn undo(State(desk): State<Arc<Desk>>, Json(undo): Json<Undo>) -> Response {
    on_disk(move || answer(desk.undo(&undo.coder, undo.adjudicated))).await
}

async fn link(State(gate): State<Arc<Gate>>, Json(Nothing {}): Json<Nothing>) -> Response {
    answer(gate.link().map(|link| Link { link }).map_err(|error| Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        reason: format!("no random bytes for a link: {error}"),
    }))
}

/// Waits for the disk where that keeps nobody else waiting.
async fn on_disk(write: impl FnOnce() -> Response + Send + 'static) -> Response {
    tokio::task::spawn_blocking(write).await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn answer<T: Serialize>(result: Result<T, Refusal>) -> Response {
    match result {
        Ok(made) => Json(made).into_response(),
        Err(refusal) => (refusal.status, refusal.reason).into_response(),
    }
}
