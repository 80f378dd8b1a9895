//! The page that a one-time link leads to: it takes a password, and nothing else.

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use lockstep_engine::error::EngineError;
use serde::Deserialize;

use crate::{
    caller::Errand,
    html::{escaped, page},
    problem::Problem,
};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:12vh auto;padding:0 1rem;color-scheme:light dark}\
label{display:block;margin:1rem 0}input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}\
button{font:inherit;padding:.4rem 1rem}[role=alert]{border-left:.25rem solid;padding-left:.75rem}";

#[derive(Deserialize)]
pub(crate) struct Chosen {
    /// Only the first admin says what they are called.
    #[serde(default)]
    name: String,
    password: String,
}

/// Asks for a password. Whether the link works is said once it is used: looking at it uses nothing up.
pub(crate) async fn ask() -> Response {
    page(StatusCode::OK, "Welcome", STYLE, &form("", ""))
}

/// Takes the password.
pub(crate) async fn take(
    Path(link): Path<String>,
    axum::Extension(errand): axum::Extension<Errand>,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Response {
    let Ok(Form(chosen)) = chosen else {
        return page(
            StatusCode::BAD_REQUEST,
            "Welcome",
            STYLE,
            &form("The form could not be read. Please try again.", ""),
        );
    };
    let name = Some(chosen.name.trim()).filter(|name| !name.is_empty());
    match errand.access.follow_link(&link, name, chosen.password).await {
        Ok(actor) => {
            let name = escaped(&actor.name);
            page(
                StatusCode::CREATED,
                "Welcome",
                STYLE,
                &format!("<p>Welcome, {name}. Your password is set, and this link works no more.</p>"),
            )
        }
        Err(error) => {
            let status = Problem::from_ref(&error).status();
            let shown = match &error {
                EngineError::Refused { message, hint, .. } => format!("{message}: {hint}."),
                _ => "The hub failed. Please try again in a moment.".to_owned(),
            };
            page(status, "Welcome", STYLE, &form(&shown, &chosen.name))
        }
    }
}

/// The form, with what was wrong with the last try, and the name that was given then.
fn form(complaint: &str, name: &str) -> String {
    let alert = match complaint {
        "" => String::new(),
        text => format!("<p role=\"alert\">{}</p>", escaped(text)),
    };
    let name = escaped(name);
    format!(
        "{alert}<form method=\"post\">\
         <label>Name <input name=\"name\" value=\"{name}\" autocomplete=\"username\" maxlength=\"64\"> \
         <small>only if you are the first here</small></label>\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"new-password\" minlength=\"12\" required> \
         <small>at least 12 characters</small></label>\
         <button>Set password</button></form>"
    )
}
