//! Answers that take a while, read with an eye on how far they are.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};

use super::{Client, Error, USER_AGENT, causes, check_target, failed};

impl Client {
    /// As [`Client::send`], for who waits: `tell` hears how many bytes of the answer are there, and how many there will be,
    /// where the server says.
    ///
    /// # Errors
    /// As for [`Client::send`].
    pub async fn download(
        &self,
        mut request: Request<Bytes>,
        allow_private: bool,
        timeout: Duration,
        tell: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Response<Bytes>, Error> {
        let host = check_target(request.uri(), allow_private)?;
        request.headers_mut().entry(header::USER_AGENT).or_insert(USER_AGENT);
        let connections = if allow_private { &self.open } else { &self.guarded };
        let limit = self.settings.max_response;
        let exchange = async {
            let response = connections.request(request.map(Full::new)).await.map_err(|error| failed(&host, &error))?;
            let (parts, body) = response.into_parts();
            let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
            let mut body = Limited::new(body, limit);
            let mut bytes = Vec::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
                    true => Error::TooLarge { host: host.clone(), limit },
                    false => Error::Uncertain(format!("{host}: {}", causes(&*error))),
                })?;
                if let Ok(data) = frame.into_data() {
                    bytes.extend_from_slice(&data);
                    tell(bytes.len() as u64, length);
                }
            }
            Ok(Response::from_parts(parts, bytes.into()))
        };
        let late = || Error::Uncertain(format!("{host}: no complete answer within {} s", timeout.as_secs_f64()));
        tokio::time::timeout(timeout, exchange).await.unwrap_or_else(|_| Err(late()))
    }
}
