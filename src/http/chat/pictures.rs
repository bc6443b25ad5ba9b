//! Pictures that visitors send: looked at by their first bytes, kept in the data folder under a quota, shown to the
//! visitor who sent them and to the operator.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
    sync::PoisonError,
    time::{Duration, SystemTime},
};

use axum::{
    Extension,
    extract::{self, Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

use super::{
    guest::{Guest, refuse},
    inbound::{admit, keep, stranger},
};
use crate::{
    atomic_file, clock,
    http::{Public, ingress},
    in_force::Intake,
    model::Address,
    webhook::Refusal,
};

/// Bytes of one picture.
const MOST: usize = 5 << 20;
/// Bytes of one visitor's pictures, and of all.
const MOST_OF_VISITOR: u64 = 30 << 20;
const MOST_OF_ALL: u64 = 2 << 30;
/// Where they are fetched from, behind the daemon's own address.
const PREFIX: &str = "/chat/pictures";

/// The folder of pictures; one folder in it for each visitor.
pub struct Pictures {
    dir: PathBuf,
    /// Bytes of all, as far as they are counted.
    bytes: Mutex<u64>,
}

/// What a picture is, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP];

    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// Why a picture is not kept.
#[derive(Debug)]
enum NotKept {
    Full,
    Failed(io::Error),
}

impl Pictures {
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        let mut bytes = 0;
        for visitor in fs::read_dir(&dir)? {
            bytes += size(&visitor?.path())?;
        }
        Ok(Self { dir, bytes: Mutex::new(bytes) })
    }

    /// Keeps a picture, and says under which name. The same message's picture has the same name, however often it is
    /// sent.
    fn keep(&self, folder: &str, id: &str, kind: Kind, picture: &[u8]) -> Result<String, NotKept> {
        let name = format!("{}.{}", hash(id), kind.extension());
        let of_visitor = self.dir.join(folder);
        let path = of_visitor.join(&name);
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if path.exists() {
            return Ok(name);
        }
        let size_of_visitor = if of_visitor.exists() { size(&of_visitor).map_err(NotKept::Failed)? } else { 0 };
        let added = picture.len() as u64;
        if size_of_visitor + added > MOST_OF_VISITOR || *bytes + added > MOST_OF_ALL {
            return Err(NotKept::Full);
        }
        fs::create_dir_all(&of_visitor)
            .and_then(|()| atomic_file::replace_durably(&path, picture))
            .map_err(NotKept::Failed)?;
        *bytes += added;
        Ok(name)
    }

    /// A picture by its place; `None` where there is none.
    pub fn read(&self, folder: &str, name: &str) -> Option<Response> {
        let (stem, extension) = name.split_once('.')?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.extension() == extension)?;
        // Both were made here, so whatever else is asked for leads nowhere else.
        if !is_hash(folder) || !is_hash(stem) {
            return None;
        }
        let bytes = fs::read(self.dir.join(folder).join(name)).ok()?;
        let headers = [
            (header::CONTENT_TYPE, kind.content_type()),
            (header::CACHE_CONTROL, "private, max-age=3600"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        ];
        Some((headers, bytes).into_response())
    }

    /// Removes all pictures of one conversation: how many there were.
    pub fn forget(&self, address: &Address) -> u64 {
        self.remove(&self.dir.join(folder_of(address)), |_| true)
    }

    /// Removes what was kept long enough.
    pub fn expire(&self, kept: Duration) -> u64 {
        let Some(before) = SystemTime::now().checked_sub(kept) else { return 0 };
        let visitors = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        visitors.map(|visitor| self.remove(&visitor.path(), |written| written < before)).sum()
    }

    fn remove(&self, of_visitor: &Path, goes: impl Fn(SystemTime) -> bool) -> u64 {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = 0;
        for file in fs::read_dir(of_visitor).into_iter().flatten().flatten() {
            let Ok(about) = file.metadata() else { continue };
            if about.modified().is_ok_and(&goes) && fs::remove_file(file.path()).is_ok() {
                *bytes = bytes.saturating_sub(about.len());
                count += 1;
            }
        }
        // Stays where something is left in it.
        let _ = fs::remove_dir(of_visitor);
        count
    }
}

fn size(dir: &Path) -> io::Result<u64> {
    fs::read_dir(dir)?.try_fold(0, |sum, file| Ok(sum + file?.metadata()?.len()))
}

/// A name that tells nothing, and fits a folder whatever it is made of.
fn hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}

fn folder_of(address: &Address) -> String {
    hash(&address.to_string())
}

fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Takes one picture as the whole body; the header `message-id` holds the page's id of the message.
pub async fn receive(State(public): State<Public>, Extension(guest): Extension<Guest>, request: Request) -> Response {
    let visitor = match admit(&public, &guest) {
        Ok(visitor) => visitor,
        Err(refused) => return *refused,
    };
    let channel = &guest.channel;
    let refused = |status, why| refuse(&public, channel.id(), Refusal { status, why, detail: None });
    let id = request.headers().get("message-id").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    // A picture that a foreign page's form could send has none of these types either.
    let is_picture = request.headers().get(header::CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"image/"));
    if !is_picture {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a picture's content type is its own\n");
    }
    let intake = Intake { body_limit: MOST, ..public.in_force.load().intake };
    let body = match ingress::read_body(request.into_body(), intake).await {
        Ok(body) => body,
        Err(refusal) => return refuse(&public, channel.id(), refusal),
    };
    let Some(kind) = Kind::of(&body) else {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "only JPEG, PNG, GIF and WebP pictures are taken\n");
    };
    let now_ms = clock::now_ms();
    let folder = folder_of(&channel.address(visitor));
    let name = format!("{}.{}", hash(&id), kind.extension());
    let event = match channel.pictured(visitor, &id, format!("{PREFIX}/{folder}/{name}"), now_ms) {
        Ok(event) => event,
        Err(refusal) => return refuse(&public, channel.id(), refusal),
    };
    let pictures = public.chat.pictures.clone();
    let kept = tokio::task::spawn_blocking(move || pictures.keep(&folder, &id, kind, &body)).await;
    match kept {
        Ok(Ok(_)) => keep(&public, &guest, event, now_ms).await,
        Ok(Err(NotKept::Full)) => {
            refused(StatusCode::INSUFFICIENT_STORAGE, "the pictures of a visitor, or of all, take all their room\n")
        }
        Ok(Err(NotKept::Failed(error))) => {
            tracing::error!(%error, "a visitor's picture could not be kept");
            ingress::try_again().into_response()
        }
        Err(_) => ingress::try_again().into_response(),
    }
}

/// A picture, for the visitor who sent it.
pub async fn shown(
    State(public): State<Public>,
    Extension(guest): Extension<Guest>,
    extract::Path((folder, name)): extract::Path<(String, String)>,
) -> Response {
    let Some(visitor) = &guest.visitor else { return refuse(&public, guest.channel.id(), stranger()) };
    if folder_of(&guest.channel.address(visitor)) != folder {
        return StatusCode::NOT_FOUND.into_response();
    }
    let pictures = public.chat.pictures.clone();
    let read = tokio::task::spawn_blocking(move || pictures.read(&folder, &name)).await;
    read.ok().flatten().unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n rest";

    fn pictures() -> (tempfile::TempDir, Pictures) {
        let dir = tempfile::tempdir().unwrap();
        let pictures = Pictures::open(dir.path().join("pictures")).unwrap();
        (dir, pictures)
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        assert_eq!(Kind::of(PNG), Some(Kind::Png));
        assert_eq!(Kind::of(b"\xff\xd8\xff\xe0"), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"GIF89a"), Some(Kind::Gif));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(Kind::WebP));
        for other in [&b"<svg xmlns="[..], b"<html>", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7", b"", b"\x89PNG"] {
            assert_eq!(Kind::of(other), None);
        }
    }

    #[test]
    fn a_picture_sent_twice_is_kept_once_and_forgotten_with_its_visitor() {
        let (_dir, pictures) = pictures();
        let ana = folder_of(&Address::new("chat", "ana"));
        let first = pictures.keep(&ana, "1", Kind::Png, PNG).unwrap();
        assert_eq!(pictures.keep(&ana, "1", Kind::Png, PNG).unwrap(), first);
        pictures.keep(&hash("ben"), "1", Kind::Png, PNG).unwrap();
        assert_eq!(*pictures.bytes.lock().unwrap(), 2 * PNG.len() as u64);
        assert!(pictures.read(&ana, &first).is_some());
        assert_eq!(pictures.forget(&Address::new("chat", "ana")), 1);
        assert!(pictures.read(&ana, &first).is_none());
        assert!(pictures.read(&hash("ben"), &first).is_some(), "others lose nothing");
        assert_eq!(*pictures.bytes.lock().unwrap(), PNG.len() as u64);
        assert_eq!((pictures.expire(Duration::from_secs(60)), pictures.expire(Duration::ZERO)), (0, 1));
    }

    #[test]
    fn one_visitor_cannot_fill_the_house_and_the_count_outlives_a_restart() {
        let (dir, pictures) = pictures();
        let large = [PNG, &vec![0; MOST - PNG.len()]].concat();
        let kept = (0..20).filter(|n| pictures.keep(&hash("ana"), &n.to_string(), Kind::Png, &large).is_ok()).count();
        assert_eq!(kept as u64, MOST_OF_VISITOR / MOST as u64);
        assert!(pictures.keep(&hash("ben"), "1", Kind::Png, PNG).is_ok());
        let again = Pictures::open(dir.path().join("pictures")).unwrap();
        assert_eq!(*again.bytes.lock().unwrap(), *pictures.bytes.lock().unwrap());
        *again.bytes.lock().unwrap() = MOST_OF_ALL;
        assert!(matches!(again.keep(&hash("eve"), "1", Kind::Png, PNG), Err(NotKept::Full)));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (dir, pictures) = pictures();
        fs::write(dir.path().join("secret.png"), PNG).unwrap();
        for (folder, name) in [("..", "secret.png"), ("", "../secret.png"), (".", "..png"), ("a", "b.png")] {
            assert!(pictures.read(folder, name).is_none(), "{folder}/{name}");
        }
    }
}
