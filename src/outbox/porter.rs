//! Brings what somebody sent on one platform to where another takes it: fetched by the channel that knows it, told by its bytes,
//! then given on as bytes, or put into the data folder and lent out at an address.
//!
//! What a platform takes as bytes is kept nowhere. What goes by an address lies with its customer's pictures, and is forgotten and
//! expires with them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, Uri};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    ChannelHandle, Channels,
    token::{TokenError, Tokens},
};
use crate::{
    channel::{Fetched, File, Lies, Takes, webchat},
    clock::now_ms,
    egress::{self, EgressSettings},
    model::{Carried, Content, FileKind, FileName},
    pictures::{Kind, NotKept, Pictures, Place, Seal},
};

/// The most bytes of one picture or file.
const MOST: usize = 10 << 20;
/// They are held in memory while they are given on, twice where a form is made of them: no more than so many at once.
const AT_ONCE: usize = 4;
/// How often the source's token may turn out to be stale within one attempt.
const REFRESHES: u8 = 2;

/// What lies in the data folder, and how it is lent out.
#[derive(Clone)]
pub struct Folder {
    pub pictures: Arc<Pictures>,
    pub seal: Arc<Seal>,
}

pub struct Porter {
    client: egress::Client,
    folder: Folder,
    channels: Arc<dyn Channels>,
    timeout: Duration,
    hands: Semaphore,
    /// For who looks at a page; what is on its way does not wait behind them.
    eyes: Semaphore,
}

/// A message's content as its channel takes it.
pub struct Load<'a> {
    pub content: Content,
    pub file: Option<File>,
    /// The platform wants it uploaded before.
    pub is_uploaded: bool,
    /// Its share of memory.
    _hand: Option<SemaphorePermit<'a>>,
}

impl Load<'_> {
    /// What holds nothing that is not said in it.
    pub fn of(content: Content) -> Self {
        Self { content, file: None, is_uploaded: false, _hand: None }
    }
}

/// Why there is nothing to give on.
#[derive(Debug, PartialEq, Eq)]
pub enum NotHad {
    /// For now.
    Yet { after: Option<Duration>, error: String },
    /// For good.
    Ever(String),
}

impl Porter {
    pub fn new(folder: Folder, channels: Arc<dyn Channels>, timeout: Duration) -> Self {
        let client = egress::Client::new(EgressSettings { max_response: MOST, ..EgressSettings::default() });
        Self { client, folder, channels, timeout, hands: Semaphore::new(AT_ONCE), eyes: Semaphore::new(AT_ONCE) }
    }

    /// Has it as the target takes it.
    ///
    /// # Errors
    /// It cannot be had, or the target could not get at it.
    pub async fn bring<'a>(
        &'a self,
        target: &ChannelHandle,
        carried: &Carried,
        tokens: &Tokens,
    ) -> Result<Load<'a>, NotHad> {
        let reference = &carried.media.reference;
        if carried.channel == target.id && target.channel.knows_again() {
            return Ok(Load::of(shown(carried, as_said(carried), reference.clone())));
        }
        let by_address = |takes| matches!(takes, Takes::Address | Takes::Link);
        if reference.starts_with("https://") && by_address(target.channel.takes(as_said(carried), 0)) {
            return Ok(Load::of(shown(carried, as_said(carried), reference.clone())));
        }
        let hand = self.hands.acquire().await.map_err(|_| later("the clerk is leaving"))?;
        let what = carried.name();
        // An earlier attempt may have had it: then it is asked for no more.
        if let Some(place) = self.kept(carried, &what).await
            && let Some(takes) = self.lent_as(target, &place).await
        {
            return self.lend(target, carried, &place, takes);
        }
        let bytes = self.fetch(carried, tokens).await?;
        let kind = told(carried, &bytes);
        match target.channel.takes(kind, bytes.len()) {
            takes @ (Takes::Inside | Takes::Uploaded) => Ok(Load {
                content: shown(carried, kind, String::new()),
                file: Some(File { kind, bytes, name: called(carried, kind) }),
                is_uploaded: takes == Takes::Uploaded,
                _hand: Some(hand),
            }),
            takes => {
                if takes != Takes::Page {
                    self.public_url(target)?;
                }
                let place = Place::new(&carried.customer, &what, kind);
                self.keep(&place, bytes, called(carried, kind)).await?;
                self.lend(target, carried, &place, takes)
            }
        }
    }

    /// What it is, and its bytes.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub async fn look(&self, carried: &Carried, tokens: &Tokens) -> Result<(Kind, Bytes), String> {
        let _eye = self.eyes.acquire().await.map_err(|_| "the clerk is leaving".to_owned())?;
        match self.fetch(carried, tokens).await {
            Ok(bytes) => Ok((told(carried, &bytes), bytes)),
            Err(NotHad::Yet { error, .. } | NotHad::Ever(error)) => Err(error),
        }
    }

    async fn kept(&self, carried: &Carried, what: &str) -> Option<Place> {
        let (pictures, customer, what) = (self.folder.pictures.clone(), carried.customer.clone(), what.to_owned());
        tokio::task::spawn_blocking(move || pictures.find(&customer, &what)).await.ok().flatten()
    }

    /// How the target takes what is kept, where that is by an address or a page of ours.
    async fn lent_as(&self, target: &ChannelHandle, place: &Place) -> Option<Takes> {
        let (pictures, of) = (self.folder.pictures.clone(), place.clone());
        let bytes = tokio::task::spawn_blocking(move || pictures.size(&of)).await.ok().flatten()?;
        let takes = target.channel.takes(place.kind(), bytes);
        (!matches!(takes, Takes::Inside | Takes::Uploaded)).then_some(takes)
    }

    fn public_url(&self, target: &ChannelHandle) -> Result<String, NotHad> {
        self.channels.public_url().ok_or_else(|| {
            let words = "takes pictures and files by an address alone, and `public_url` is not set in nightclerk.toml";
            NotHad::Ever(format!("{} {words}", target.id))
        })
    }

    fn lend<'a>(
        &self,
        target: &ChannelHandle,
        carried: &Carried,
        place: &Place,
        takes: Takes,
    ) -> Result<Load<'a>, NotHad> {
        let kind = place.kind();
        let url = match takes {
            // The page has read it where it lies by the time it hears of it.
            Takes::Page => webchat::picture_at(place),
            _ => {
                let base = self.public_url(target)?;
                format!("{}{}", base.trim_end_matches('/'), self.folder.seal.path(place, now_ms()))
            }
        };
        let content = match takes {
            Takes::Link => {
                let name = called(carried, kind);
                Content::File { kind: FileKind::Document, url, caption: carried.caption.clone(), name }
            }
            _ => shown(carried, kind, url),
        };
        Ok(Load::of(content))
    }

    async fn keep(&self, place: &Place, bytes: Bytes, called: Option<FileName>) -> Result<(), NotHad> {
        let (pictures, place) = (self.folder.pictures.clone(), place.clone());
        match tokio::task::spawn_blocking(move || pictures.keep(&place, &bytes, called.as_ref())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(NotKept::Full)) => {
                Err(NotHad::Ever("the pictures of the customer, or of all, take all their room".to_owned()))
            }
            Ok(Err(NotKept::Failed(error))) => Err(later(format!("the data folder cannot be written: {error}"))),
            Err(_) => Err(later("the data folder cannot be written")),
        }
    }

    async fn fetch(&self, carried: &Carried, tokens: &Tokens) -> Result<Bytes, NotHad> {
        let source = self.channels.channel(&carried.channel);
        let source = source.ok_or_else(|| never("the channel it came by is not configured any more"))?;
        let reference = &carried.media.reference;
        if ["https://", "http://"].iter().any(|scheme| reference.starts_with(scheme)) {
            let url: Uri = reference.parse().map_err(|_| never("it has no address that can be asked"))?;
            let mut request = Request::new(Bytes::new());
            *request.uri_mut() = url;
            let response = self.ask(&source, request).await?;
            return whole(Fetched::plain(&response, now_ms()), response);
        }
        let mut refreshed = 0;
        loop {
            let token = tokens.get(&source).await.map_err(|error| match error {
                TokenError::NotNow(failed) => later(format!("{}: no access token: {}", source.id, failed.reason)),
                TokenError::Refused(reason) => later(format!("{}: no access token: {reason}", source.id)),
            })?;
            let mut request = match source.channel.find(&carried.media, token.as_deref()) {
                Lies::There(request) => *request,
                Lies::Here(place) => return self.read(place).await,
                Lies::Nowhere => return Err(never(format!("{} gives it to nobody", source.id))),
            };
            let mut is_second = false;
            loop {
                let response = self.ask(&source, request).await?;
                match source.channel.fetched(&response, is_second, now_ms()) {
                    Fetched::At(next) if !is_second => {
                        request = *next;
                        is_second = true;
                    }
                    Fetched::RefreshToken if refreshed < REFRESHES => {
                        refreshed += 1;
                        if let Some(token) = &token {
                            tokens.refused(&source, token).await;
                        }
                        break;
                    }
                    other => return whole(other, response),
                }
            }
        }
    }

    async fn ask(&self, source: &ChannelHandle, request: Request<Bytes>) -> Result<Response<Bytes>, NotHad> {
        let sent = self.client.send(request, source.allow_private_targets, self.timeout).await;
        sent.map_err(|error| match error {
            egress::Error::TooLarge { .. } => never(format!("it is larger than {} MB", MOST >> 20)),
            egress::Error::Refused(_) => never(error.to_string()),
            egress::Error::NotSent(_) | egress::Error::Uncertain(_) => later(error.to_string()),
        })
    }

    async fn read(&self, place: Place) -> Result<Bytes, NotHad> {
        let pictures = self.folder.pictures.clone();
        let read = tokio::task::spawn_blocking(move || pictures.read(&place)).await.ok().flatten();
        read.map(Bytes::from).ok_or_else(|| never("it is not in the data folder any more"))
    }
}

fn later(error: impl Into<String>) -> NotHad {
    NotHad::Yet { after: None, error: error.into() }
}

fn never(error: impl Into<String>) -> NotHad {
    NotHad::Ever(error.into())
}

fn whole(fetched: Fetched, response: Response<Bytes>) -> Result<Bytes, NotHad> {
    let status = response.status().as_u16();
    match fetched {
        Fetched::Whole if response.body().is_empty() => Err(never("where it lay is nothing")),
        Fetched::Whole => Ok(response.into_body()),
        Fetched::Later(after_ms) => Err(NotHad::Yet {
            after: after_ms.map(Duration::from_millis),
            error: format!("the platform it came by answered HTTP {status}"),
        }),
        Fetched::Gone(why) => Err(never(format!("the platform it came by gives it no more ({why})"))),
        Fetched::At(_) => Err(never("the platform it came by sends round in circles")),
        Fetched::RefreshToken => Err(later("the platform it came by refuses the access token")),
    }
}

/// What it is, where only the platform's word for it is known.
fn as_said(carried: &Carried) -> Kind {
    match carried.media.kind.as_str() {
        "image" => Kind::Jpeg,
        "video" => Kind::Mp4,
        "audio" => Kind::M4a,
        _ => Kind::Other,
    }
}

/// What it is by its bytes. Sound alone may lie in a container that holds films too.
fn told(carried: &Carried, bytes: &[u8]) -> Kind {
    match Kind::of(bytes) {
        Kind::Mp4 if carried.media.kind == "audio" => Kind::M4a,
        kind => kind,
    }
}

/// What its sender called it.
fn called(carried: &Carried, kind: Kind) -> Option<FileName> {
    carried.media.name.as_ref().and_then(|name| kind.named(name))
}

fn shown(carried: &Carried, kind: Kind, url: String) -> Content {
    let caption = carried.caption.clone();
    match kind.as_file() {
        None => Content::Image { url, caption },
        Some(of) => Content::File { kind: of, url, caption, name: called(carried, kind) },
    }
}
