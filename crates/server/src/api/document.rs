//! Answers: documents of the same shapes as the command line's `--json` prints. What a document is called and what it holds
//! is one type, so that what is answered and what is said of it can't come apart.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;

/// A kind of document.
pub(crate) trait Shape {
    /// What it is called, with its version: `lockstep.tokens/1`.
    const WORD: &'static str;
    /// What it holds.
    type Data: Serialize + JsonSchema;
}

/// Declares kinds of documents: `Tokens: Vec<Token> = "lockstep.tokens/1"`.
macro_rules! documents {
    ($($name:ident: $data:ty = $word:literal),+ $(,)?) => { $(
        #[doc = concat!("`", $word, "`.")]
        pub(crate) enum $name {}

        impl $crate::api::document::Shape for $name {
            const WORD: &'static str = $word;
            type Data = $data;
        }
    )+ };
}

pub(crate) use documents;

/// A document.
#[derive(Serialize)]
#[serde(bound = "")]
pub(crate) struct Document<S: Shape> {
    schema: &'static str,
    data: S::Data,
}

/// A document about what was made just now.
pub(crate) struct Made<S: Shape>(Document<S>);

/// A document that is a part of a longer one.
#[derive(Serialize)]
#[serde(bound = "")]
pub(crate) struct Page<S: Shape> {
    #[serde(flatten)]
    document: Document<S>,
    /// Where the next page begins: what `after` is for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) type Answer<S> = Result<Document<S>, Problem>;
pub(crate) type Making<S> = Result<Made<S>, Problem>;
pub(crate) type Paging<S> = Result<Page<S>, Problem>;

impl<S: Shape> Document<S> {
    pub(crate) fn new(data: S::Data) -> Self {
        Self { schema: S::WORD, data }
    }

    /// With where the next page begins, if there is one.
    pub(crate) fn next(self, next: Option<String>) -> Page<S> {
        Page { document: self, next }
    }
}

impl<S: Shape> Made<S> {
    pub(crate) fn new(data: S::Data) -> Self {
        Self(Document::new(data))
    }
}

impl<S: Shape> IntoResponse for Document<S> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}

impl<S: Shape> IntoResponse for Made<S> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, self.0).into_response()
    }
}

impl<S: Shape> IntoResponse for Page<S> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}
