//! Asks the running daemon, through its admin API.

use std::path::Path;

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use serde::de::DeserializeOwned;

use crate::{
    config::Config,
    daemon::address_file::{Addresses, TOKEN_FILE},
    http::admin::ErrorView,
    setting::Secret,
};

/// A connection to the admin API of the daemon that owns a data folder.
pub struct AdminClient {
    base: String,
    token: Secret,
}

impl AdminClient {
    /// # Errors
    /// No daemon has started on this data folder, or its token cannot be read.
    pub fn new(data_dir: &Path, configured: Option<&Secret>) -> Result<Self, Report> {
        let addresses = Addresses::read(data_dir)?;
        let token = match configured {
            Some(token) => token.clone(),
            None => {
                let file = data_dir.join(TOKEN_FILE);
                let text = std::fs::read_to_string(&file)
                    .into_diagnostic()
                    .wrap_err_with(|| format!("the admin token {} cannot be read", file.display()))?;
                Secret::new(text.trim_end())
            }
        };
        Ok(Self { base: format!("http://{}", addresses.admin), token })
    }

    /// The client for the daemon of a configuration.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn of(config: &Config) -> Result<Self, Report> {
        Self::new(&config.data_dir, config.daemon.admin.token.as_ref())
    }

    /// `GET path`, read as JSON.
    ///
    /// # Errors
    /// The daemon does not answer, or refuses in its own words.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Report> {
        let body = self.call(Method::GET, path)?;
        serde_json::from_slice(&body).into_diagnostic().wrap_err("the clerk's answer could not be read")
    }

    /// `DELETE path`; its answer is read as JSON.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Report> {
        let body = self.call(Method::DELETE, path)?;
        serde_json::from_slice(&body).into_diagnostic().wrap_err("the clerk's answer could not be read")
    }

    /// `POST path` without a body.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post(&self, path: &str) -> Result<(), Report> {
        self.call(Method::POST, path).map(drop)
    }

    fn call(&self, method: Method, path: &str) -> Result<Bytes, Report> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().into_diagnostic()?;
        runtime.block_on(async {
            let request = Request::builder()
                .method(method)
                .uri(format!("{}{path}", self.base))
                .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()))
                .body(Full::<Bytes>::default())
                .into_diagnostic()?;
            let client = Client::builder(TokioExecutor::new()).build_http();
            let response = client.request(request).await.map_err(|error| {
                miette!(help = "is it running? start it with `nightclerk serve`", "the clerk does not answer: {error}")
            })?;
            let status = response.status();
            let body = response.into_body().collect().await.into_diagnostic()?.to_bytes();
            if status.is_success() {
                return Ok(body);
            }
            match serde_json::from_slice::<ErrorView>(&body) {
                Ok(ErrorView { error }) => Err(miette!("{error}")),
                Err(_) => Err(miette!("the clerk answered {status}")),
            }
        })
    }
}

/// Percent-encodes a path segment.
pub fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
