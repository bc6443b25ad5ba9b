//! Asks the running daemon, through its admin API.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::de::DeserializeOwned;

use crate::{
    config::Reading,
    daemon::address_file::{Addresses, TOKEN_FILE},
    http::admin::{ErrorView, OPERATOR_HEADER},
    setting::Secret,
};

/// A connection to the admin API of the daemon that owns a data folder.
pub struct AdminClient {
    base: String,
    token: Secret,
}

/// Why the daemon did not do what it was asked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum AdminError {
    #[error("no clerk runs on {}", .0.display())]
    #[diagnostic(help("start it with `nightclerk serve`"))]
    NotRunning(PathBuf),
    #[error("the clerk does not answer: {0}")]
    #[diagnostic(help("is it running? start it with `nightclerk serve`"))]
    NoAnswer(String),
    #[error("{0}")]
    Refused(String),
    #[error("the clerk answered {0}")]
    Failed(StatusCode),
    #[error("{what} cannot be read: {why}")]
    Unreadable { what: String, why: String },
}

impl AdminError {
    /// Whether there is no daemon that could be asked.
    pub fn nobody_is_there(&self) -> bool {
        matches!(self, Self::NotRunning(_) | Self::NoAnswer(_))
    }
}

impl AdminClient {
    /// # Errors
    /// No daemon runs on this data folder, or its token cannot be read.
    pub fn new(data_dir: &Path, configured: Option<&Secret>) -> Result<Self, AdminError> {
        let unreadable = |file: &Path, why: String| AdminError::Unreadable { what: file.display().to_string(), why };
        let file = data_dir.join(Addresses::FILE);
        if !file.exists() {
            return Err(AdminError::NotRunning(data_dir.to_owned()));
        }
        let addresses = Addresses::read(data_dir).map_err(|error| unreadable(&file, error.to_string()))?;
        let token = match configured {
            Some(token) => token.clone(),
            None => {
                let file = data_dir.join(TOKEN_FILE);
                let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, error.to_string()))?;
                Secret::new(text.trim_end())
            }
        };
        Ok(Self { base: format!("http://{}", addresses.admin), token })
    }

    /// The client for the daemon of a folder, whatever mistakes were found in it: with them, one asks the daemon all the more.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn of(reading: &Reading) -> Result<Self, AdminError> {
        Self::new(&reading.data_dir, reading.daemon.admin.token.as_ref())
    }

    /// The client for the daemon of a folder, as [`Self::of`].
    ///
    /// # Errors
    /// There is no such folder, or as for [`Self::new`].
    pub fn of_folder(dir: &Path) -> Result<Self, miette::Report> {
        Ok(Self::of(&Reading::of(dir)?)?)
    }

    /// `GET path`, read as JSON.
    ///
    /// # Errors
    /// The daemon does not answer, or refuses in its own words.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, AdminError> {
        read(&self.call(Method::GET, path)?)
    }

    /// `DELETE path`; its answer is read as JSON.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, AdminError> {
        read(&self.call(Method::DELETE, path)?)
    }

    /// `DELETE path`, for a deed that has no answer.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn remove(&self, path: &str) -> Result<(), AdminError> {
        self.call(Method::DELETE, path).map(drop)
    }

    /// `POST path` without a body, for a deed that has no answer.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post(&self, path: &str) -> Result<(), AdminError> {
        self.call(Method::POST, path).map(drop)
    }

    /// `POST path` with a body.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post_json(&self, path: &str, body: &serde_json::Value) -> Result<(), AdminError> {
        self.call_with(Method::POST, path, body.to_string().into()).map(drop)
    }

    /// `POST path` without a body; what came of it is read as JSON.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post_for<T: DeserializeOwned>(&self, path: &str) -> Result<T, AdminError> {
        read(&self.call(Method::POST, path)?)
    }

    /// `POST path` with a body of JSON; what came of it is read as JSON.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post_json_for<T: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T, AdminError> {
        self.post_text(path, "application/json", body.to_string().into_bytes())
    }

    /// `POST path` with a body of this kind; what came of it is read as JSON.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post_text<T: DeserializeOwned>(&self, path: &str, kind: &str, body: Vec<u8>) -> Result<T, AdminError> {
        read(&self.send(Method::POST, path, kind, body.into())?)
    }

    /// `GET path`, as text.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn get_text(&self, path: &str) -> Result<String, AdminError> {
        let body = self.call(Method::GET, path)?;
        String::from_utf8(body.into())
            .map_err(|error| AdminError::Unreadable { what: "the clerk's answer".to_owned(), why: error.to_string() })
    }

    fn call(&self, method: Method, path: &str) -> Result<Bytes, AdminError> {
        self.send(method, path, "application/json", Bytes::new())
    }

    /// `body`: JSON, or nothing.
    fn call_with(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, AdminError> {
        self.send(method, path, "application/json", body)
    }

    fn send(&self, method: Method, path: &str, kind: &str, body: Bytes) -> Result<Bytes, AdminError> {
        let no_answer = |error: &dyn std::error::Error| AdminError::NoAnswer(error.to_string());
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| no_answer(&error))?;
        runtime.block_on(async {
            let request = Request::builder()
                .method(method)
                .uri(format!("{}{path}", self.base))
                .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()))
                .header(OPERATOR_HEADER, operator())
                .header(header::CONTENT_TYPE, kind)
                .body(Full::new(body))
                .map_err(|error| no_answer(&error))?;
            let client = Client::builder(TokioExecutor::new()).build_http();
            let response = client.request(request).await.map_err(|error| no_answer(&error))?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(|error| no_answer(&error))?.to_bytes();
            if status.is_success() {
                return Ok(body);
            }
            Err(match serde_json::from_slice::<ErrorView>(&body) {
                Ok(ErrorView { error }) => AdminError::Refused(error),
                Err(_) => AdminError::Failed(status),
            })
        })
    }
}

/// Who runs the command on this machine, for the audit.
fn operator() -> HeaderValue {
    let name = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|it| std::env::var(it).ok());
    let name = name.and_then(|it| HeaderValue::from_str(it.trim()).ok()).filter(|it| !it.is_empty());
    name.unwrap_or_else(|| HeaderValue::from_static("operator"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AdminError> {
    serde_json::from_slice(body)
        .map_err(|error| AdminError::Unreadable { what: "the clerk's answer".to_owned(), why: error.to_string() })
}

/// Percent-encodes a path segment or the value of a query.
pub fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
